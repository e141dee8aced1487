//! The audit trail as its readers see it: over HTTP, in checkpoints, and by the operator's command.

use crate::evidence::{dynamo, ingest, text, timed};
use crate::pipeline::an_episode;
use crate::readings::ingest_all;
use crate::world::{READ, STAGE, World};
use aws_sdk_dynamodb::types::AttributeValue;
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use checkpoint_audit::{Checkpoint, CheckpointAudit, Statement};
use futures_util::future::join_all;
use gate::Deadline;
use palisade_audit::{Evidence, Finding, Sources};
use palisade_local::{Fault, Service, When};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use store::{AuditEntry, AuditLog, AuditRow, AuditTrail, Decision};
use vault::{Moment, SecretCache};

const WHEN: &str = "2026-01-01T00:00:00Z";

async fn store(world: &World, times: usize) {
    for number in 0..times {
        ingest(world, &format!("k{number}"), &timed("pump", 1.0, WHEN)).send().await.expect(200);
    }
}

async fn trail(world: &World, query: &str) -> Value {
    world.get(&format!("/v1/audit{query}")).key(&world.keys.all).send().await.expect(200)
}

async fn checkpoint(world: &World) -> bool {
    world.host.events().run_schedule("CheckpointAuditFunction").await.is_ok()
}

fn bucket() -> String {
    format!("palisade-{STAGE}-audit-000000000000-us-east-1")
}

/// What the operator's command looks at.
async fn gather(world: &World) -> Evidence {
    let sources = Sources { stage: STAGE.to_owned(), table: None, bucket: bucket(), public_key: None };
    Evidence::gather(&world.cloud.sdk_config(), sources).await.unwrap()
}

fn statement(checkpoint: &Checkpoint) -> Statement {
    serde_json::from_str(&checkpoint.statement).unwrap()
}

#[tokio::test]
async fn a_tenant_reads_its_trail_page_by_page_the_newest_first() {
    let world = World::start().await;
    store(&world, 5).await;
    let elsewhere = world.post("/v1/ingest").key(&world.keys.other_tenant).json(&timed("pump", 1.0, WHEN));
    elsewhere.send().await.expect(200);
    let mut entries: Vec<Value> = Vec::new();
    let mut query = "?limit=2".to_owned();
    let mut sizes = Vec::new();
    loop {
        let page = trail(&world, &query).await;
        sizes.push(page["entries"].as_array().unwrap().len());
        entries.extend(page["entries"].as_array().unwrap().clone());
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        query = format!("?limit=2&cursor={cursor}");
    }
    assert_eq!(sizes, [2, 2, 1]);
    let numbers: Vec<u64> = entries.iter().map(|entry| entry["sequence"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [4, 3, 2, 1, 0]);
    for entry in &entries {
        assert_eq!((&entry["authentic"], &entry["decision"]), (&json!(true), &json!("stored")));
        assert_eq!((&entry["route"], &entry["objects"]), (&json!("ingest"), &json!(["sensor/pump"])));
    }

    let (newest, oldest) = (entries[0]["time"].as_str().unwrap(), entries[4]["time"].as_str().unwrap());
    let since = trail(&world, &format!("?from={newest}")).await;
    assert_eq!(since["entries"].as_array().unwrap().len(), 1);
    let until = trail(&world, &format!("?to={oldest}")).await;
    assert_eq!(until["entries"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn entries_of_several_writers_come_in_the_order_of_their_times() {
    let world = World::start().await;
    for number in 0..12 {
        // Every process is a writer of its own.
        world.function("ingest").restart();
        ingest(&world, &format!("k{number}"), &timed("pump", 1.0, WHEN)).send().await.expect(200);
    }
    let entries = trail(&world, "?limit=7").await;
    let next = entries["next_cursor"].as_str().unwrap();
    let rest = trail(&world, &format!("?limit=7&cursor={next}")).await;
    let both = [entries["entries"].as_array().unwrap().as_slice(), rest["entries"].as_array().unwrap()].concat();
    let times: Vec<&str> = both.iter().map(|entry| entry["time"].as_str().unwrap()).collect();
    let mut sorted: Vec<jiff::Timestamp> = times.iter().map(|time| time.parse().unwrap()).collect();
    sorted.sort();
    sorted.reverse();
    assert_eq!(times.iter().map(|time| time.parse().unwrap()).collect::<Vec<jiff::Timestamp>>(), sorted);
    let writers: std::collections::BTreeSet<&str> = both.iter().map(|one| one["writer"].as_str().unwrap()).collect();
    assert_eq!((times.len(), writers.len()), (12, 12));
}

#[tokio::test]
async fn an_entry_that_was_changed_in_the_table_is_shown_as_not_authentic() {
    let world = World::start().await;
    store(&world, 2).await;
    let rows = crate::evidence::items(&world, "audit").await;
    let row = rows.iter().find(|row| crate::evidence::number(row, "seq") == 0).unwrap();
    let forged = text(row, "entry").replace("sensor/pump", "sensor/fan");
    let update = dynamo(&world).update_item().table_name(format!("palisade-{STAGE}-audit"));
    let update = update.key("pk", row["pk"].clone()).key("seq", row["seq"].clone());
    let update = update.update_expression("SET entry = :entry");
    update.expression_attribute_values(":entry", AttributeValue::S(forged)).send().await.unwrap();
    let page = trail(&world, "").await;
    let told: Vec<_> = page["entries"].as_array().unwrap().iter().map(|entry| entry["authentic"].clone()).collect();
    assert_eq!(told, [json!(true), json!(false)]);
}

#[tokio::test]
async fn the_trail_refuses_what_it_cannot_understand_and_a_key_without_its_scope() {
    let world = World::start().await;
    let read_only = world.mint("demo", READ).await;
    let read_only = crate::world::text(&read_only);
    world.get("/v1/audit").key(&read_only).send().await.refused(403, "forbidden");
    for (query, pointer) in [
        ("from=yesterday", "/from"),
        ("from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z", "/to"),
        ("limit=0", "/limit"),
    ] {
        let answer = world.get(&format!("/v1/audit?{query}")).key(&world.keys.all).send().await;
        assert_eq!(answer.refused(422, "validation_failed")["errors"][0]["pointer"], pointer);
    }
    store(&world, 3).await;
    let cursor = trail(&world, "?limit=1").await["next_cursor"].as_str().unwrap().to_owned();
    let path = format!("/v1/audit?limit=1&from={WHEN}&cursor={cursor}");
    world.get(&path).key(&world.keys.all).send().await.refused(400, "invalid_request");
    let path = format!("/v1/audit?limit=1&cursor={cursor}");
    world.get(&path).key(&world.keys.other_tenant).send().await.refused(400, "invalid_request");
}

#[tokio::test]
async fn a_checkpoint_signs_the_head_of_every_chain_and_the_checkpoint_before() {
    let world = World::start().await;
    store(&world, 3).await;
    assert!(checkpoint(&world).await);
    store(&world, 1).await;
    ingest(&world, "later", &timed("pump", 1.0, WHEN)).send().await.expect(200);
    assert!(checkpoint(&world).await);
    let evidence = gather(&world).await;
    let [first, second] = evidence.checkpoints.as_slice() else { panic!("{:?}", evidence.checkpoints) };
    let (one, two) = (first.open(&evidence.public_key).unwrap(), second.open(&evidence.public_key).unwrap());
    assert_eq!((one.number, one.previous.as_deref(), one.stage.as_str()), (0, None, STAGE));
    assert_eq!((two.number, two.previous.as_deref()), (1, Some(first.signature.as_str())));
    let heads = |statement: &Statement| statement.heads.iter().map(|head| head.seq).collect::<Vec<_>>();
    assert_eq!((heads(&one), heads(&two)), (vec![2], vec![3]));
    let report = evidence.verify();
    assert_eq!((report.entries, report.chains, report.checkpoints, report.unseen), (4, 1, 2, 0));
    assert_eq!(report.findings, []);
}

#[tokio::test]
async fn whatever_is_done_to_the_trail_the_first_broken_entry_is_named() {
    let world = World::start().await;
    store(&world, 5).await;
    assert!(checkpoint(&world).await);
    assert!(checkpoint(&world).await);
    let mut evidence = gather(&world).await;
    assert_eq!(evidence.verify().findings, []);
    let whole = evidence.chains.clone();
    let checkpoints = evidence.checkpoints.clone();
    let chain = whole.keys().next().unwrap().clone();
    let mut found = |change: &dyn Fn(&mut Vec<AuditRow>)| {
        evidence.chains.clone_from(&whole);
        change(evidence.chains.get_mut(&chain).unwrap());
        evidence.verify().findings
    };
    let changed = |entry| vec![Finding::Changed { chain: chain.clone(), entry }];
    assert_eq!(found(&|rows| rows[1].entry = rows[1].entry.replace("stored", "denied")), changed(1));
    assert_eq!(found(&|rows| rows[3].mac[0] ^= 1), changed(3));
    let reordered = |rows: &mut Vec<AuditRow>| {
        rows.swap(1, 2);
        (rows[1].seq, rows[2].seq) = (1, 2);
    };
    assert_eq!(found(&reordered), changed(1));
    assert_eq!(found(&|rows| drop(rows.remove(2))), [Finding::Removed { chain: chain.clone(), entry: 2 }]);
    assert_eq!(found(&|rows| rows.truncate(3)), [Finding::CutOff { chain: chain.clone(), entry: 3 }]);
    assert_eq!(found(&Vec::clear), [Finding::CutOff { chain: chain.clone(), entry: 0 }]);
    assert_eq!(found(&|_| ()), []);

    // Checkpoints that were replaced, swapped, or taken away in the middle.
    let mut found = |change: &dyn Fn(&mut Vec<Checkpoint>)| {
        evidence.chains.clone_from(&whole);
        evidence.checkpoints.clone_from(&checkpoints);
        change(&mut evidence.checkpoints);
        evidence.verify().findings
    };
    let bad = |number| Finding::Checkpoint { checkpoint: number };
    let moved = |checkpoints: &mut Vec<Checkpoint>| {
        let mut statement = statement(&checkpoints[1]);
        statement.heads[0].seq = 2;
        checkpoints[1].statement = serde_json::to_string(&statement).unwrap();
    };
    assert_eq!(found(&moved), [bad(1)]);
    assert_eq!(found(&|checkpoints| checkpoints.swap(0, 1)), [bad(0), bad(1)]);
    assert_eq!(found(&|checkpoints| drop(checkpoints.remove(0))), [bad(0)]);
}

#[tokio::test]
async fn who_has_the_audit_key_cannot_rewrite_what_a_checkpoint_has_seen() {
    let world = World::start().await;
    store(&world, 2).await;
    assert!(checkpoint(&world).await);
    let mut evidence = gather(&world).await;
    let chain = evidence.chains.keys().next().unwrap().clone();
    let rows = evidence.chains.get_mut(&chain).unwrap();
    let last = rows.last_mut().unwrap();
    last.entry = last.entry.replace("sensor/pump", "sensor/fan");
    let seq = last.seq.to_be_bytes();
    let parts: [&[u8]; 7] =
        [b"palisade-audit-1", b"\0", chain.as_bytes(), b"\0", &seq, &last.previous, last.entry.as_bytes()];
    last.mac = evidence.keys.sign(&parts).bytes.to_vec();
    assert_eq!(evidence.verify().findings, [Finding::Rewritten { chain, entry: 1, checkpoint: 0 }]);
}

#[tokio::test]
async fn a_tail_that_no_checkpoint_has_seen_is_missed_when_a_later_chain_follows_it() {
    let world = World::start().await;
    store(&world, 2).await;
    let lost = world.cloud.faults().inject(When::call(Service::DynamoDb, "TransactWriteItems"), Fault::ResetAfter);
    ingest(&world, "two", &timed("pump", 2.0, WHEN)).send().await.expect(200);
    lost.stop();
    ingest(&world, "three", &timed("pump", 3.0, WHEN)).send().await.expect(200);
    let mut evidence = gather(&world).await;
    assert_eq!(evidence.verify().findings, []);
    // What followed a moment ago may have followed after the other chain was read.
    evidence.began += jiff::SignedDuration::from_mins(16);
    assert_eq!(evidence.verify().findings, []);
    let longest = evidence.chains.values().max_by_key(|rows| rows.len()).unwrap()[0].chain.clone();
    evidence.chains.get_mut(&longest).unwrap().truncate(1);
    assert_eq!(evidence.verify().findings, [Finding::CutOff { chain: longest, entry: 1 }]);
}

#[tokio::test]
async fn an_entry_that_is_written_later_than_it_says_is_found() {
    let world = World::start().await;
    store(&world, 1).await;
    assert!(checkpoint(&world).await);
    // Whoever has the audit key and may add to the table.
    let secrets = aws_sdk_secretsmanager::Client::new(&world.cloud.sdk_config());
    let keys = SecretCache::key_set(secrets, format!("palisade/{STAGE}/audit"));
    let trail = AuditTrail::new(dynamo(&world), format!("palisade-{STAGE}-audit"), keys);
    let now = Moment::now();
    let then = Moment { wall: now.wall - jiff::SignedDuration::from_hours(72), ..now };
    let entry = AuditEntry {
        time: then.wall,
        tenant: kernel::Tenant::parse("demo").unwrap(),
        kid: None,
        scope: None,
        route: "ingest",
        decision: Decision::Stored,
        objects: Vec::new(),
        fingerprint: None,
        request_id: kernel::RequestId::mint(),
    };
    trail.record(&entry, then).await.unwrap();
    assert!(checkpoint(&world).await);
    let report = gather(&world).await.verify();
    assert_eq!(report.unseen, 1);
    assert!(matches!(report.findings.as_slice(), [Finding::Unsigned { entry: 0, .. }]), "{:?}", report.findings);
}

#[tokio::test]
async fn an_entry_of_what_no_client_asked_for_names_neither_key_nor_scope() {
    let mut world = World::start().await;
    world.flow().await;
    ingest_all(&world, &an_episode("fan")).await;
    world.settled().await;
    let entries = trail(&world, "?limit=100").await["entries"].as_array().unwrap().clone();
    let (asked, unattended): (Vec<&Value>, Vec<&Value>) = entries.iter().partition(|entry| entry["route"] == "ingest");
    assert!(!unattended.is_empty() && !asked.is_empty(), "{entries:#?}");
    for entry in unattended {
        assert_eq!((entry.get("kid"), entry.get("scope")), (None, None), "{entry}");
    }
    for entry in asked {
        assert!(entry["kid"].is_string() && entry["scope"] == "data:ingest", "{entry}");
    }
}

#[tokio::test]
async fn a_row_that_is_no_entry_is_named_and_stops_nobody() {
    let world = World::start().await;
    store(&world, 2).await;
    let chain = gather(&world).await.chains.keys().next().unwrap().clone();
    let put = dynamo(&world).put_item().table_name(format!("palisade-{STAGE}-audit"));
    let put = put.item("pk", AttributeValue::S(chain.clone())).item("seq", AttributeValue::N("1".to_owned()));
    put.item("shard", AttributeValue::S("demo#0".to_owned()))
        .item("at", AttributeValue::S("2026-11-22T00:00:00.000000000Z#x".to_owned()))
        .send()
        .await
        .unwrap();
    let entries = trail(&world, "").await;
    let told: Vec<_> = entries["entries"].as_array().unwrap().iter().map(|one| one["authentic"].clone()).collect();
    assert_eq!(told.iter().filter(|authentic| **authentic == json!(false)).count(), 1, "{entries}");
    assert!(checkpoint(&world).await);
    assert_eq!(gather(&world).await.verify().findings, [Finding::Changed { chain, entry: 1 }]);
}

#[tokio::test]
async fn checkpoints_that_were_not_made_for_more_than_an_hour_are_missed() {
    let world = World::start().await;
    store(&world, 1).await;
    let mut evidence = gather(&world).await;
    evidence.began += jiff::SignedDuration::from_mins(61);
    assert_eq!(evidence.verify().findings, [Finding::Overdue]);
    assert!(checkpoint(&world).await);
    let mut evidence = gather(&world).await;
    let last = evidence.verify().last_checkpoint.unwrap();
    evidence.began = last + jiff::SignedDuration::from_hours(1);
    assert_eq!(evidence.verify().findings, []);
    evidence.began += jiff::SignedDuration::from_nanos(1);
    assert_eq!(evidence.verify().findings, [Finding::Overdue]);
}

#[tokio::test]
async fn a_checkpoint_that_fails_is_not_half_made_and_the_next_one_goes_on() {
    let world = World::start().await;
    store(&world, 1).await;
    let calls =
        [(Service::DynamoDb, "Query"), (Service::Kms, "Sign"), (Service::S3, "HeadObject"), (Service::S3, "PutObject")];
    for (service, operation) in calls {
        for fault in [Fault::Throttle, Fault::InternalError, Fault::Reset] {
            let rule = world.cloud.faults().inject(When::call(service, operation), fault);
            assert!(!checkpoint(&world).await, "{operation} {fault:?}");
            rule.stop();
        }
    }
    assert_eq!(gather(&world).await.checkpoints.len(), 0);
    assert!(checkpoint(&world).await);
    // The object is there, and nobody heard of it: the next run goes on after it.
    let rule = world.cloud.faults().inject(When::call(Service::S3, "PutObject"), Fault::ResetAfter);
    checkpoint(&world).await;
    rule.stop();
    assert!(checkpoint(&world).await);
    let evidence = gather(&world).await;
    assert_eq!((evidence.checkpoints.len(), evidence.verify().findings), (3, vec![]));
}

#[tokio::test]
async fn checkpoints_made_at_the_same_time_never_share_a_number() {
    let world = World::start().await;
    store(&world, 1).await;
    let config = world.cloud.sdk_config();
    let kms = aws_sdk_kms::Client::new(&config);
    let signing_key = format!("alias/palisade-{STAGE}-audit");
    let runner = || CheckpointAudit {
        stage: STAGE.to_owned(),
        log: AuditLog::new(dynamo(&world), format!("palisade-{STAGE}-audit")),
        kms: kms.clone(),
        signing_key: signing_key.clone(),
        s3: aws_sdk_s3::Client::new(&config),
        bucket: bucket(),
    };
    // None writes before all have looked for the last number.
    let runners: Vec<CheckpointAudit> = (0..4).map(|_| runner()).collect();
    let runs = runners.iter().map(|runner| runner.run(Moment::now(), Deadline::default()));
    let made = join_all(runs).await.into_iter().filter(Result::is_ok).count();
    assert!(checkpoint(&world).await);
    let evidence = gather(&world).await;
    assert_eq!(evidence.checkpoints.len(), made + 1, "whoever says that it made one has made one");
    assert_eq!(evidence.verify().findings, []);
}

#[tokio::test]
async fn the_command_says_whether_everything_is_as_it_was_written_and_exits_so() {
    let world = World::start().await;
    store(&world, 2).await;
    assert!(checkpoint(&world).await);
    let run = |arguments: &[&str]| {
        let binary = palisade_local::host::binaries().unwrap().join("palisade-audit");
        let mut command = std::process::Command::new(binary);
        command.env_clear().args(["verify", "--stage", STAGE]).args(arguments);
        command.env("AWS_ENDPOINT_URL", world.cloud.endpoint()).env("AWS_REGION", "us-east-1");
        command.env("AWS_ACCESS_KEY_ID", "local").env("AWS_SECRET_ACCESS_KEY", "local");
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let bucket = bucket();
    let (code, told, _) = run(&["--bucket", &bucket]);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("2 entries in 1 chains, 1 checkpoints"), "{told}");

    let evidence = gather(&world).await;
    let chain = evidence.chains.keys().next().unwrap().clone();
    let delete = dynamo(&world).delete_item().table_name(format!("palisade-{STAGE}-audit"));
    let delete = delete.key("pk", AttributeValue::S(chain.clone())).key("seq", AttributeValue::N("1".to_owned()));
    delete.send().await.unwrap();
    let (code, told, _) = run(&["--bucket", &bucket, "--json"]);
    assert_eq!(code, Some(1));
    let report: BTreeMap<String, Value> = serde_json::from_str(&told).unwrap();
    assert_eq!(report["findings"], json!([{"finding": "cut_off", "chain": chain, "entry": 1}]));

    // A public key that was kept elsewhere is believed more than KMS.
    let file = std::env::temp_dir().join(format!("palisade-{}.der", ulid::Ulid::generate()));
    let other = BASE64.decode("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==").unwrap();
    std::fs::write(&file, other).unwrap();
    let (code, told, _) = run(&["--bucket", &bucket, "--json", "--public-key", file.to_str().unwrap()]);
    std::fs::remove_file(&file).unwrap();
    assert_eq!(code, Some(1));
    assert!(told.contains(r#""finding": "checkpoint""#), "{told}");

    let (code, told, failed) = run(&["--bucket", "nowhere-at-all"]);
    assert_eq!((code, told.as_str()), (Some(3), ""));
    assert!(failed.starts_with("palisade-audit: "), "{failed}");
}
