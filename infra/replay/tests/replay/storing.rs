//! Telemetry: nothing lost, nothing twice.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    time::{Duration, Instant},
};

use crate::{
    KEY,
    api::{Act, Api},
    folder, readings, replay, said, value,
};

/// Every row is stored once, and every idempotency key had one body.
fn assert_whole(api: &Api, rows: usize) {
    let stored = api.readings();
    assert_eq!(stored.len(), rows);
    for (row, (time, (times, stored))) in stored.iter().enumerate() {
        assert_eq!((*times, stored.to_bits()), (1, value(row).to_bits()), "{time}");
    }
    let mut bodies = BTreeMap::new();
    for call in api.calls() {
        assert_eq!(*bodies.entry(call.key).or_insert_with(|| call.body.clone()), call.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_and_lost_answers_cost_no_reading_and_double_none() {
    let api = Api::start(&[
        Act::Refuse(429, Some(1)),
        Act::Answer,
        Act::LoseAnswer,
        Act::Answer,
        Act::Refuse(503, None),
        Act::Refuse(409, Some(0)),
    ])
    .await;
    let folder = folder(23);
    let began = Instant::now();
    let output = readings(folder.path(), &api.base, &["--batch", "5"]);
    let said = said(&output);
    assert!(output.status.success(), "{said}");
    assert!(began.elapsed() >= Duration::from_secs(1), "Retry-After counts");
    for line in ["sent       23 rows in 5 batches", "accepted   23 readings", "replayed   1 batches", "retries    4"] {
        assert!(said.contains(line), "{line}\n{said}");
    }
    assert_whole(&api, 23);
    assert_eq!(api.calls().iter().map(|call| &call.key).collect::<BTreeSet<_>>().len(), 5);
    assert!(!said.contains(KEY));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_run_goes_on_where_it_ended() {
    let api = Api::start(&[Act::Answer, Act::Answer, Act::StoreAndFail]).await;
    let folder = folder(23);
    let first = readings(folder.path(), &api.base, &["--batch", "5"]);
    assert_eq!(first.status.code(), Some(1));
    assert!(said(&first).contains("refused with 500"), "{}", said(&first));
    let before = api.calls();
    assert_eq!(before.len(), 3);
    let remembered = fs::read_dir(folder.path().join(".local/replay")).unwrap().count();
    assert_eq!(remembered, 1);

    let second = readings(folder.path(), &api.base, &["--batch", "5", "--verify"]);
    let said = said(&second);
    assert!(second.status.success(), "{said}");
    assert!(said.contains("going on at row 11 of 23") && said.contains("replayed   1 batches"), "{said}");
    let after = api.calls();
    assert_eq!(after.len(), 6);
    assert_eq!(after[3].key, before[2].key);
    assert_whole(&api, 23);
    assert_eq!(fs::read_dir(folder.path().join(".local/replay")).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finished_run_sent_again_is_replayed_and_not_stored_again() {
    let api = Api::start(&[]).await;
    let folder = folder(12);
    assert!(readings(folder.path(), &api.base, &["--batch", "5"]).status.success());
    let again = said(&readings(folder.path(), &api.base, &["--batch", "5"]));
    assert!(again.contains("replayed   3 batches"), "{again}");
    assert_whole(&api, 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_back_proves_equality_and_finds_a_changed_bit() {
    let api = Api::start(&[]).await;
    let folder = folder(23);
    let file = folder.path().join("telemetry.csv");
    // The same time a second time: the last row counts.
    fs::write(&file, fs::read_to_string(&file).unwrap() + "2020-01-01 00:03:00,-0.0\n").unwrap();
    let output = readings(folder.path(), &api.base, &["--verify"]);
    let told = said(&output);
    assert!(output.status.success(), "{told}");
    for line in [
        "read back  23 readings in 4 pages",
        "expected   23 times; 1 rows repeat one",
        "verified   every time and every value is equal, bit by bit",
    ] {
        assert!(told.contains(line), "{line}\n{told}");
    }

    api.tamper("2020-01-01T00:05:00Z");
    let output = readings(folder.path(), &api.base, &["--verify"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("DIFFERENT  1 readings:\n  Value(2020-01-01T00:05:00Z)"), "{}", said(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stays_wrong_is_said_once_and_not_tried_again() {
    let api = Api::start(&[Act::Refuse(401, None)]).await;
    let folder = folder(3);
    let output = readings(folder.path(), &api.base, &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("refused with 401 some_code: The detail."), "{}", said(&output));
    assert_eq!(api.calls().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_cannot_be_read_ends_the_run_before_anything_is_sent() {
    let api = Api::start(&[]).await;
    let folder = folder(3);
    let file = folder.path().join("telemetry.csv");
    fs::write(&file, fs::read_to_string(&file).unwrap() + "2020-01-01 01:00:00,NaN\n").unwrap();
    let output = readings(folder.path(), &api.base, &["--batch", "1"]);
    assert!(said(&output).contains("telemetry.csv, line 5: the value is not a finite number"), "{}", said(&output));
    assert!(api.calls().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_make_dev_wrote_down_is_used_when_nothing_is_given() {
    let api = Api::start(&[]).await;
    let folder = folder(3);
    fs::create_dir(folder.path().join(".local")).unwrap();
    let dev = serde_json::json!({"base": api.base, "keys": {"all": KEY, "read_only": "", "other_tenant": ""}});
    fs::write(folder.path().join(".local/dev.json"), dev.to_string()).unwrap();
    let arguments = ["readings", "telemetry.csv", "--sensor", "machine-1", "--sensor-type", "level", "--unit", "m"];
    let output = replay(folder.path(), &arguments);
    assert!(output.status.success(), "{}", said(&output));
    assert_whole(&api, 3);
}
