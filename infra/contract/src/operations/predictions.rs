//! What the bundled model says of the machines of the examples. A test asks it.

use serde_json::{Value, json};

use crate::json::set;

/// The answers for one machine and for several.
pub(super) fn answers() -> (Value, Value) {
    let model = json!({
        "name": "machine-failure",
        "version": "1.0.0",
        "sha256": "42585eed1439f119ae087acb5cae9ea2b8a73a6689afe4f8ae1f39d04a63d3a1",
    });
    let failing = json!({
        "failure_probability": 0.988103,
        "will_fail": true,
        "threshold": 0.4,
        "failure_modes": {
            "tool_wear": 0.000072,
            "heat_dissipation": 0.988087,
            "power": 0.000068,
            "overstrain": 0.000068,
        },
        "contributions": {
            "machine_type": 0.00145,
            "air_temperature_k": 0.400169,
            "process_temperature_k": 0.09625,
            "rotational_speed_rpm": 0.255972,
            "torque_nm": 0.220122,
            "tool_wear_min": -0.022916,
        },
        "baseline_probability": 0.037055,
        "in_distribution": true,
    });
    let healthy = json!({
        "failure_probability": 0.001447,
        "will_fail": false,
        "threshold": 0.4,
        "failure_modes": {
            "tool_wear": 0.000072,
            "heat_dissipation": 0.000068,
            "power": 0.000068,
            "overstrain": 0.000068,
        },
        "contributions": {
            "machine_type": -0.004221,
            "air_temperature_k": -0.02009,
            "process_temperature_k": 0.023174,
            "rotational_speed_rpm": 0.026047,
            "torque_nm": -0.050797,
            "tool_wear_min": -0.009721,
        },
        "baseline_probability": 0.037055,
        "in_distribution": true,
    });
    let mut unexplained = failing.clone();
    let mut one = failing;
    if let Some(members) = unexplained.as_object_mut() {
        members.remove("contributions");
        members.remove("baseline_probability");
    }
    set(&mut one, "model", model.clone());
    set(&mut one, "request_id", json!("01JNB1Q2W3E4R5T6Y7U8I9O0PC"));
    let many = json!({
        "predictions": [unexplained, healthy],
        "model": model,
        "request_id": "01JNB1Q2W3E4R5T6Y7U8I9O0PD",
    });
    (one, many)
}
