//! Erasure whatever fails, and whatever else runs: files that are read meanwhile, calls that are not answered.

use crate::evidence::{items, text};
use crate::people::{
    age_erasures, erase, erasures, finish_erasures, payment, record, record_all, rows, transactions, upload, wrapped,
};
use crate::world::World;
use palisade_local::{Fault, Service, When};
use serde_json::{Value, json};

fn file(messages: usize) -> Vec<String> {
    (1..=messages).map(|rupees| payment(rupees, "TUCK SHOP", "07-03-26")).collect()
}

/// How many items and files of imports there are.
async fn imports(world: &World) -> (usize, usize) {
    let stored = items(world, "ledger").await;
    let count = stored.iter().filter(|item| text(item, "pk").contains("#!import")).count();
    (count, world.cloud.objects("ImportsBucket").unwrap().len())
}

#[tokio::test]
async fn a_person_of_whom_only_a_file_is_there_is_exported_and_erased() {
    let mut world = World::start().await;
    let key = world.keys.all.clone();
    let import = upload(&world, &key, "ann", &file(3)).await;
    let export = world.get("/v1/users/ann/export").key(&key).send().await.expect(200);
    let [record] = export["records"].as_array().unwrap().as_slice() else { panic!("{export}") };
    assert_eq!((&record["kind"], &record["import_id"]), (&json!("import"), &json!(import)));
    let receipt = erase(&world, &key, "ann").await.expect(200);
    assert_eq!((&receipt["status"], &receipt["files_removed"]), (&json!("erased"), &json!(1)), "{receipt}");
    world.flow().await;
    assert_eq!(imports(&world).await, (0, 0));
    assert!(rows(&world, "demo", "ann").await.is_empty() && wrapped(&world, "demo", "ann").await.is_none());
    world.get("/v1/users/ann/export").key(&key).send().await.refused(404, "not_found");
    erase(&world, &key, "ann").await.refused(404, "not_found");
}

#[tokio::test]
async fn a_file_that_is_read_while_its_person_is_erased_begins_no_new_life() {
    let moments = [
        // Before files are looked for, after they are stopped, and when the key is destroyed.
        (true, When::call(Service::DynamoDb, "Query").containing("#!import")),
        (false, When::call(Service::DynamoDb, "Query").containing("#!import")),
        (false, When::call(Service::DynamoDb, "PutItem").containing("!tenants")),
        (true, When::call(Service::S3, "DeleteObject")),
        (false, When::call(Service::S3, "DeleteObject")),
    ];
    for (known, moment) in moments {
        let case = format!("{known} {moment:?}");
        let mut world = World::start().await;
        let key = world.keys.all.clone();
        if known {
            record(&world, &key, "ann", &payment(900, "CHAI POINT", "07-03-26")).await;
        }
        upload(&world, &key, "ann", &file(100)).await;
        let gate = world.cloud.faults().hold(moment.times(1));
        let deletion = world.call(reqwest::Method::DELETE, "/v1/users/ann").key(&key).send();
        let deletion = tokio::spawn(deletion);
        gate.arrived(1).await;
        world.flow().await;
        gate.release();
        assert_eq!(deletion.await.unwrap().expect(200)["status"], "erased");
        world.settled().await;
        assert_eq!(transactions(&world, &key, "ann").await, Vec::<Value>::new(), "{case}");
        assert_eq!(left(&world).await, (0, (0, 0), false), "{case}");
    }
}

#[tokio::test]
async fn a_file_that_is_half_read_when_its_person_is_erased_is_not_read_to_its_end() {
    let mut world = World::start().await;
    let key = world.keys.all.clone();
    upload(&world, &key, "ann", &file(100)).await;
    // The second piece, about to be stored.
    let piece = When::call(Service::DynamoDb, "TransactWriteItems").containing("T#").skip(1).times(1);
    let gate = world.cloud.faults().hold(piece);
    let deletion = world.call(reqwest::Method::DELETE, "/v1/users/ann").key(&key);
    let deletion = async {
        gate.arrived(1).await;
        let receipt = deletion.send().await;
        gate.release();
        receipt
    };
    let (receipt, ()) = tokio::join!(deletion, world.flow());
    let receipt = receipt.expect(200);
    assert_eq!((&receipt["files_removed"], &receipt["items_removed"]), (&json!(1), &json!(90)), "{receipt}");
    assert_eq!((left(&world).await, transactions(&world, &key, "ann").await.len()), ((0, (0, 0), false), 0));
}

#[tokio::test]
async fn a_file_of_a_next_life_is_left_alone_by_what_finishes_the_erasure_of_the_former_one() {
    let mut world = World::start().await;
    let key = world.keys.all.clone();
    record(&world, &key, "ann", &payment(900, "CHAI POINT", "07-03-26")).await;
    erase(&world, &key, "ann").await.expect(200);
    let import = upload(&world, &key, "ann", &file(3)).await;
    age_erasures(&world, "demo").await;
    assert!(finish_erasures(&world).await);
    assert_eq!(erasures(&world, "demo").await[0].1["status"], "verified");
    world.flow().await;
    let read = world.get(&format!("/v1/transactions/imports/{import}")).key(&key).send().await.expect(200);
    assert_eq!((&read["status"], &read["stored"]), (&json!("completed"), &json!(3)), "{read}");
    assert_eq!(transactions(&world, &key, "ann").await.len(), 3);
}

/// What is left of a person: rows, imports, files, keys.
async fn left(world: &World) -> (usize, (usize, usize), bool) {
    (rows(world, "demo", "ann").await.len(), imports(world).await, wrapped(world, "demo", "ann").await.is_some())
}

#[tokio::test]
async fn whichever_call_fails_a_person_is_not_said_to_be_erased_until_nothing_is_left() {
    let mut world = World::start().await;
    let key = world.keys.all.clone();
    let live = async |world: &World| {
        // More than one batch of rows.
        assert_eq!(record_all(world, &key, "ann", &file(20)).await, 20);
        upload(world, &key, "ann", &file(2)).await;
    };
    live(&world).await;
    world.function("erase-person").restart();
    world.cloud.reset_counts();
    erase(&world, &key, "ann").await.expect(200);
    let calls: Vec<((Service, String), u64)> = world.cloud.calls().into_iter().collect();
    let mut cases = 0;
    for ((service, operation), count) in calls {
        for turn in 0..count {
            live(&world).await;
            let case = format!("{service:?} {operation} {turn}");
            // So that nothing is remembered from the case before.
            world.function("erase-person").restart();
            let when = When::call(service, &operation).skip(usize::try_from(turn).unwrap());
            let failing = world.cloud.faults().inject(when, Fault::InternalError);
            let first = erase(&world, &key, "ann").await;
            assert!(failing.fired() > 0, "{case}");
            failing.stop();
            if first.status == 200 {
                assert_eq!(left(&world).await, (0, (0, 0), false), "{case}");
            } else {
                first.refused(503, "unavailable");
                // A secret that was not there is not asked for again at once.
                world.function("erase-person").restart();
                let receipt = erase(&world, &key, "ann").await;
                assert_eq!((receipt.status, &receipt.json()["status"]), (200, &json!("erased")), "{case}");
                assert_eq!(left(&world).await, (0, (0, 0), false), "{case}");
            }
            cases += 1;
        }
    }
    assert!(cases >= 12, "{cases}");
    world.flow().await;
    assert_eq!(left(&world).await, (0, (0, 0), false));
    let unfinished = erasures(&world, "demo").await.into_iter().filter(|(_, erasure)| erasure["status"] == "erasing");
    assert_eq!(unfinished.count(), 0);
}
