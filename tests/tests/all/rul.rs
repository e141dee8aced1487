//! `POST /v1/rul`: how long an engine lasts, and what is no engine.

use crate::world::{SHAPES, World};
use serde_json::{Value, json};

/// A cycle of an engine whose wear, 0 to 1, moves its sensors as that of the training data does.
fn cycle(number: u32, wear: f64) -> Value {
    let worn = |new: f64, old: f64| new + (old - new) * wear;
    json!({
        "cycle": number,
        "settings": [0.0, 0.0, 100.0],
        "sensors": [
            518.67, worn(642.2, 644.0), worn(1585.0, 1605.0), worn(1400.0, 1430.0), 14.62, 21.61, worn(554.0, 551.5),
            worn(2388.02, 2388.25), worn(9050.0, 9070.0), 1.3, worn(47.2, 48.3), worn(522.0, 519.5),
            worn(2388.02, 2388.25), worn(8135.0, 8150.0), worn(8.41, 8.53), 0.03, worn(391.0, 397.0), 2388.0, 100.0,
            worn(38.95, 38.4), worn(23.37, 23.0),
        ],
    })
}

fn engine(first: u32, wear: f64) -> Value {
    json!({"cycles": (first..first + 30).map(|number| cycle(number, wear)).collect::<Vec<_>>()})
}

#[tokio::test]
async fn a_worn_engine_has_less_life_left_than_a_new_one_behind_every_gateway() {
    for shape in SHAPES {
        let world = World::behind(shape).await;
        let body = json!({"instances": [engine(1, 0.0), engine(160, 0.9)]});
        let found = world.post("/v1/rul").key(&world.keys.all).json(&body).send().await.expect(200);
        let [new, worn] = [0, 1].map(|index| found["predictions"][index].clone());
        let number = |prediction: &Value, name: &str| prediction[name].as_f64().unwrap();
        assert!(number(&new, "remaining_cycles") > 90.0, "{new}");
        assert!(number(&worn, "remaining_cycles") < 40.0, "{worn}");
        for prediction in [&new, &worn] {
            assert_eq!(prediction["coverage"], 0.9);
            assert!(number(prediction, "low") <= number(prediction, "remaining_cycles"));
            assert!(number(prediction, "remaining_cycles") <= number(prediction, "high"));
        }
        assert_eq!(found["model"]["name"], "remaining-life");
    }
}

#[tokio::test]
async fn what_is_no_engine_is_named() {
    let world = World::start().await;
    let refused = async |body: Value| {
        let problem = world.post("/v1/rul").key(&world.keys.all).json(&body).send().await;
        let problem = problem.refused(422, "validation_failed");
        problem["errors"][0]["pointer"].as_str().unwrap().to_owned()
    };
    assert_eq!(refused(json!({"instances": []})).await, "/instances");
    assert_eq!(refused(json!({"instances": [{"cycles": []}]})).await, "/instances/0/cycles");
    let mut hot = engine(1, 0.0);
    hot["cycles"][3]["sensors"][2] = json!(1e9);
    assert_eq!(refused(json!({"instances": [engine(1, 0.0), hot]})).await, "/instances/1/cycles/3/sensors/2");
    let backwards = json!({"cycles": [cycle(7, 0.0), cycle(6, 0.0)]});
    assert_eq!(refused(json!({"instances": [backwards]})).await, "/instances/0/cycles/1/cycle");
    let unknown = json!({"instances": [engine(1, 0.0)], "explain": true});
    world.post("/v1/rul").key(&world.keys.all).json(&unknown).send().await.refused(400, "invalid_request");
}
