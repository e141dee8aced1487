//! Calls of AWS fail: of each kind that a function makes the first and the last, in every way but one. Never to be
//! answered takes long, and is tried once for each operation of a function.
//!
//! Nothing here is listed by hand: each operation of the contract is asked once while all is well, and the calls that
//! it made are those that fail next. Whatever fails, the answer is one that the contract has for it, in time; what is
//! said to be done is stored; and asked again, all is as if nothing had failed. The results are written to
//! `target/fault-matrix.md`.
//!
//! | room | what is there |
//! |---|---|
//! | `calls` | which calls were made, and in which ways each may fail |
//! | `state` | what is stored: how it differs from what was, and how it is brought back |
//! | `engine` | a case: fail, answer, heal, ask again |
//! | `requests` | the operations of the contract |
//! | `unattended` | functions that nobody asks |
//! | `rotation` | the rotation of the pepper |
//! | `report` | the table |

mod calls;
mod engine;
mod report;
mod requests;
mod rotation;
mod state;
mod unattended;

use crate::clock::{PATIENCE, SOON, deferred};
use crate::evidence::{audit, ingest, timed};
use crate::imports;
use crate::people::{age_erasures, erase, payment, record, upload};
use crate::pipeline::{an_episode, calendar, decide};
use crate::readings::{after, ingest_all};
use crate::tokens::Trusted;
use crate::transactions;
use crate::world::World;
use engine::{Outcome, Seen, Subject, plans, quick, run, slow};
use futures_util::future::join_all;
use kernel::Scope;
use palisade_local::{Fault, Service, When};
use requests::Furnished;
use serde_json::{Value, json};
use state::State;
use tokio::time::timeout;
use unattended::{Pass, changes, invoked, message, scheduled};

async fn every_call_of(part: &str, wanted: impl AsyncFn(&Furnished) -> Vec<Subject>) {
    let furnished = Furnished::start().await;
    let subjects = wanted(&furnished).await;
    let mut base = State::take(&furnished.world).await;
    let plans = plans(&subjects, &furnished.world, &mut base).await;
    assert!(!plans.is_empty());
    report::conclude(part, &run(&subjects, &furnished.world, &mut base, quick(&plans)).await);
}

/// How many worlds wait at the same time.
const WORLDS: usize = 10;

#[tokio::test]
async fn whatever_call_is_never_answered_a_request_is_answered_in_time_and_asked_again_succeeds() {
    let worlds = join_all((0..WORLDS).map(|_| Furnished::start())).await;
    let everything = async |furnished: &Furnished| {
        let mut subjects = furnished.subjects(|_| true).await;
        subjects.extend(furnished.larger().await);
        subjects.extend(furnished.others());
        subjects
    };
    let (first, mut base) = (&worlds[0].world, State::take(&worlds[0].world).await);
    let subjects = everything(&worlds[0]).await;
    let plans = plans(&subjects, first, &mut base).await;
    base.restore(first).await;
    let cases = slow(&subjects, &plans, &mut Seen::new());
    let each = worlds.iter().enumerate().map(async |(number, furnished)| {
        let subjects = everything(furnished).await;
        let mine = cases.iter().copied().skip(number).step_by(WORLDS).collect();
        run(&subjects, &furnished.world, &mut State::take(&furnished.world).await, mine).await
    });
    let lines: Vec<_> = join_all(each).await.into_iter().flatten().collect();
    report::conclude("no answer", &lines);
}

/// What of the contract each of the tests below is about; the last has what no other has.
const PARTS: [(&str, &[&str]); 4] = [
    ("work", &["/v1/tasks", "/v1/decisions", "/v1/alerts", "/v1/calendar", "/v1/policy", "/v1/notifications"]),
    ("ledger", &["/v1/transactions"]),
    ("people", &["/v1/users", "/v1/goals", "/v1/settings", "/v1/audit"]),
    ("readings", &[]),
];

async fn every_call_of_part(name: &str) {
    let part = PARTS.iter().position(|(part, _)| *part == name).unwrap();
    let belongs = |path: &str| {
        let of = PARTS.iter().position(|(_, begins)| begins.iter().any(|begin| path.starts_with(begin)));
        of.unwrap_or(PARTS.len() - 1) == part
    };
    every_call_of(name, async |furnished: &Furnished| furnished.subjects(&belongs).await).await;
}

#[tokio::test]
async fn whatever_call_fails_work_is_changed_once_or_not_at_all_and_asked_again_succeeds() {
    every_call_of_part("work").await;
}

#[tokio::test]
async fn whatever_call_fails_transactions_are_stored_once_or_not_at_all_and_asked_again_succeed() {
    every_call_of_part("ledger").await;
}

#[tokio::test]
async fn whatever_call_fails_people_are_served_once_or_not_at_all_and_asked_again_succeed() {
    every_call_of_part("people").await;
}

#[tokio::test]
async fn whatever_call_fails_readings_are_answered_for_once_or_not_at_all_and_asked_again_succeed() {
    every_call_of_part("readings").await;
}

#[tokio::test]
async fn whatever_call_fails_requests_that_are_stored_in_parts_are_stored_whole_in_the_end() {
    every_call_of("larger", async |furnished: &Furnished| furnished.larger().await).await;
}

#[tokio::test]
async fn whatever_call_fails_people_with_tokens_and_other_ways_are_served() {
    every_call_of("others", async |furnished: &Furnished| furnished.others()).await;
}

fn is_kind(image: &Value, kind: &str) -> bool {
    image["kind"]["S"] == kind
}

#[tokio::test]
async fn whatever_call_fails_the_pipeline_loses_nothing_and_does_nothing_twice() {
    Pass::both("pipeline", async |pass: &mut Pass| {
        let world = World::start().await;
        ingest_all(&world, &an_episode("press")).await;
        let is_segment = |image: &Value| image["sk"]["S"].as_str().is_some_and(|sk| sk.starts_with("R#"));
        let readings = changes(&world, 2, is_segment).await;
        pass.over(&world, invoked("detect-on-stream", "detect-on-stream", readings)).await;
        let alerts = changes(&world, 1, |image| is_kind(image, "alert")).await;
        let name = "work-on-stream, an alert";
        pass.over(&world, invoked(name, "work-on-stream", alerts)).await;
        let messages = world.cloud.messages("NotificationsQueue").unwrap();
        let told = message(&messages.last().unwrap().body);
        // Each attempt to tell is written down.
        let subject = Subject { repeats: &["audit "], ..invoked("notify", "notify", told) };
        pass.over(&world, subject).await;

        world.put("/v1/calendar").key(&world.keys.all).json(&calendar(&["ann"])).send().await.expect(200);
        let tasks = world.get("/v1/tasks").key(&world.keys.all).send().await.expect(200);
        decide(&world, &tasks["tasks"][0], "approve").await;
        let decided = changes(&world, 1, |image| is_kind(image, "task") && image["status"]["S"] == "approved").await;
        let name = "work-on-stream, an approved task";
        pass.over(&world, invoked(name, "work-on-stream", decided)).await;
    })
    .await;
}

#[tokio::test]
async fn whatever_call_fails_a_file_is_worked_off_to_its_end_each_row_once() {
    Pass::both("imports", async |pass: &mut Pass| {
        let world = World::start().await;
        transactions::post(&world, &world.keys.all, &transactions::sms("u1", &transactions::payment(1)))
            .send()
            .await
            .expect(201);
        imports::begin(&world, imports::file("u1", 1, 60)).await;
        let told = imports::event(&imports::told(&world));
        pass.over(&world, invoked("process-import", "process-import", told)).await;
    })
    .await;
}

#[tokio::test]
async fn whatever_call_fails_erasures_are_finished() {
    Pass::both("erasures", async |pass: &mut Pass| {
        let world = World::start().await;
        let key = world.keys.all.clone();
        for user in ["ann", "bob"] {
            record(&world, &key, user, &payment(450, "CHAI POINT", "07-03-26")).await;
        }
        erase(&world, &key, "bob").await.expect(200);
        age_erasures(&world, "demo").await;
        upload(&world, &key, "ann", &[payment(70, "BOOK SHOP", "09-03-26")]).await;
        let stuck = world.cloud.faults().inject(When::call(Service::S3, "DeleteObject"), Fault::InternalError);
        erase(&world, &key, "ann").await.refused(503, "unavailable");
        stuck.stop();
        let subject = Subject { repeats: &["audit "], ..scheduled("finish-erasures", "FinishErasuresFunction") };
        pass.over(&world, subject).await;
    })
    .await;
}

/// A sensor that is watched, and has measured otherwise in the last hour.
async fn watched(world: &World) {
    let checks = json!([{"sensor_id": "oven", "window_minutes": 60}]);
    // So insensitive that the readings alone raise no alert.
    let policy = json!({"drift_checks": checks, "detection": {"sensitivity": 0.0}});
    world.put("/v1/policy").key(&world.keys.all).json(&policy).send().await.expect(200);
    let value = |minute: i64| 70.0 + ((minute * 37) % 60) as f64 / 30.0 + if minute >= 13 * 60 { 4.0 } else { 0.0 };
    let readings: Vec<Value> = (0..14 * 60).map(|minute| after("oven", minute * 60, value(minute))).collect();
    for part in readings.chunks(500) {
        ingest_all(world, part).await;
    }
}

/// A task whose decision was put off until now.
async fn due(world: &World, resume: &Subject) {
    deferred(world, SOON).await;
    let mut base = State::take(world).await;
    let until_resumed = async {
        while audit(world, "demo").await.iter().all(|entry| entry["route"] != "resume-tasks") {
            assert_eq!((resume.act)(world).await, Outcome::Done("done".to_owned()));
        }
    };
    timeout(PATIENCE, until_resumed).await.unwrap();
    base.restore(world).await;
}

#[tokio::test]
async fn whatever_call_fails_what_is_done_by_the_clock_is_done_once() {
    Pass::both("clock", async |pass: &mut Pass| {
        let mut world = World::start().await;
        watched(&world).await;
        world.flow().await;
        let _pause = world.host.events().pause();
        pass.over(&world, scheduled("watch-drift", "WatchDriftFunction")).await;
        let resume = scheduled("resume-tasks", "ResumeTasksFunction");
        due(&world, &resume).await;
        pass.over(&world, resume).await;
    })
    .await;
}

#[tokio::test]
async fn whatever_call_fails_the_heads_of_all_chains_are_signed_in_the_end() {
    Pass::both("checkpoints", async |pass: &mut Pass| {
        let world = World::start().await;
        ingest(&world, "one", &timed("pump", 1.0, "2026-01-01T00:00:00Z")).send().await.expect(200);
        // Each run signs once more.
        let subject =
            Subject { repeats: &["CheckpointsBucket "], ..scheduled("checkpoint-audit", "CheckpointAuditFunction") };
        pass.over(&world, subject).await;
    })
    .await;
}

#[tokio::test]
async fn whatever_call_fails_the_keys_of_issuers_are_renewed_in_the_end() {
    Pass::both("issuers", async |pass: &mut Pass| {
        let world = World::start().await;
        let trusted = Trusted::by(&world, Scope::ALL).await;
        let _root = trusted.reachable(&world);
        pass.over(&world, scheduled("refresh-issuers", "RefreshIssuersFunction")).await;
    })
    .await;
}

#[tokio::test]
async fn whatever_call_fails_a_rotation_of_the_pepper_adds_one_version_and_takes_none_away() {
    let world = World::start().await;
    let lines = rotation::every_call_fails(&world).await;
    world.function("list-sensors").restart();
    world.get("/v1/sensors").key(&world.keys.all).send().await.expect(200);
    report::conclude("rotation", &lines);
}

/// Whatever of the keyring or the pepper cannot be had, API Gateway answers for the authorizer, and lets nobody in.
#[tokio::test]
async fn whatever_call_fails_the_authorizer_lets_nobody_in_who_is_not_known() {
    Pass::both("authorizer", async |pass: &mut Pass| {
        let world = World::start().await;
        // What the function behind it keeps is not asked for again.
        world.get("/v1/sensors").key(&world.keys.all).send().await.expect(200);
        pass.over(&world, requests::authorized()).await;
        // What is left is its own.
        pass.lines.retain(|line| line.site.service == Service::SecretsManager);
        assert!(pass.lines.iter().all(|line| line.told.starts_with("503")), "{:?}", pass.lines);
    })
    .await;
}
