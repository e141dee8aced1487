//! What an operator does on the day, and what would go wrong unseen.

use aws_sdk_dynamodb::types::AttributeValue;
use ledger::ErasureStatus;
use serde_json::{Value, json};

use crate::system::{System, Told};

impl Told {
    /// The report of a run after which the tables may be used.
    fn good(self) -> Value {
        assert_eq!((self.code, self.failure.as_str()), (Some(0), ""), "{}", self.report);
        assert_eq!(self.report["findings"], json!([]));
        self.report
    }

    /// The findings of a run that found something.
    fn bad(self) -> Value {
        assert_eq!(self.code, Some(1), "{} {}", self.report, self.failure);
        self.report["findings"].clone()
    }
}

#[tokio::test]
async fn a_restored_system_is_whole_and_its_audit_trail_is_as_it_was_written() {
    let system = System::start().await;
    system.live("ann").await;
    system.enter("sensor/pump").await;
    system.checkpoint().await;
    let report = system.restore(&[]).good();
    assert_eq!((&report["receipts"], &report["unreadable"]), (&json!(0), &json!(0)));
    assert_eq!(report["tables"].as_array().unwrap().len(), 5);
    for table in ["audit", "issuers", "ledger", "requests", "telemetry"] {
        assert_eq!(system.items(&system.beside(table)).await, system.items(&system.table(table)).await);
        let [live, recovery, protection, stream] = system.settings(&system.beside(table)).await;
        let expires = if ["audit", "issuers"].contains(&table) { "" } else { "expires" };
        let shows = if table == "telemetry" { "NEW_AND_OLD_IMAGES" } else { "" };
        assert_eq!((&*live, &*stream), (expires, shows), "{table}");
        assert_eq!((&*recovery, &*protection), ("ENABLED", "Some(true)"), "{table}");
    }
    assert_eq!(system.readable(&system.beside("ledger"), "ann").await, (3, 3));
    let verified = system.verify(&[]).good();
    assert_eq!((&verified["entries"], &verified["checkpoints"]), (&json!(4), &json!(1)));
    // Once more changes nothing, and goes on at the same moment.
    assert_eq!(system.restore(&[]).good()["moment"], report["moment"]);
}

#[tokio::test]
async fn who_was_erased_since_stays_erased_in_the_restored_ledger() {
    let system = System::start().await;
    system.live("ann").await;
    system.live("bob").await;
    system.restore(&[]).good();
    let ledger = system.beside("ledger");
    assert_eq!(system.readable(&ledger, "ann").await, (3, 3));

    system.erase("ann").await;
    assert_eq!(system.readable(&ledger, "ann").await, (3, 0), "the key is gone, and the rows are there");
    let report = system.restore(&[]).good();
    assert_eq!((&report["receipts"], &report["unreadable"]), (&json!(1), &json!(3)));
    assert_eq!(system.receipts(&ledger).await, [ErasureStatus::Erased]);

    system.clock(&ledger, 5).await;
    assert_eq!(system.receipts(&ledger).await, [ErasureStatus::Verified]);
    assert_eq!(system.readable(&ledger, "ann").await, (0, 0));
    assert_eq!(system.readable(&ledger, "bob").await, (3, 3));
    let report = system.restore(&[]).good();
    assert_eq!((&report["receipts"], &report["unreadable"]), (&json!(0), &json!(0)));
}

#[tokio::test]
async fn rows_that_nobody_can_read_and_no_receipt_accounts_for_are_found() {
    let system = System::start().await;
    system.live("ann").await;
    system.live("bob").await;
    system.restore(&[]).good();
    system.lose_key("ann").await;
    let findings = system.restore(&[]).bad();
    let [finding] = findings.as_array().unwrap().as_slice() else { panic!("{findings}") };
    assert_eq!((&finding["finding"], &finding["rows"]), (&json!("no_receipt"), &json!(3)));
}

#[tokio::test]
async fn an_entry_that_is_missing_from_the_restored_trail_is_named() {
    for (seq, found) in [(1, "removed"), (3, "cut_off")] {
        let system = System::start().await;
        for sensor in ["one", "two", "three", "four"] {
            system.enter(sensor).await;
        }
        system.checkpoint().await;
        system.restore(&[]).good();
        system.verify(&[]).good();
        let chain = system.items(&system.beside("audit")).await[0]["pk"].clone();
        let delete = system.dynamo.delete_item().table_name(system.beside("audit"));
        let delete = delete.key("pk", chain.clone()).key("seq", AttributeValue::N(seq.to_string()));
        delete.send().await.unwrap();
        let chain = chain.as_s().unwrap();
        assert_eq!(system.verify(&[]).bad(), json!([{"finding": found, "chain": chain, "entry": seq}]));
    }
}

#[tokio::test]
async fn a_trail_of_an_earlier_moment_is_judged_by_what_was_signed_until_then() {
    let system = System::start().await;
    system.enter("one").await;
    system.checkpoint().await;
    system.restore(&[]).good();
    system.enter("two").await;
    system.checkpoint().await;
    let now = jiff::Timestamp::now();
    let findings = system.verify(&[]).bad();
    assert_eq!((&findings[0]["finding"], &findings[0]["entry"]), (&json!("cut_off"), &json!(1)));
    system.verify(&["--at", &now.to_string()]).good();
    let later = now + jiff::SignedDuration::from_mins(16);
    assert_eq!(system.verify(&["--at", &later.to_string()]).bad(), findings);
}

#[tokio::test]
async fn a_table_that_was_not_restored_or_to_another_moment_is_not_taken_for_one_that_was() {
    let system = System::start().await;
    let moment = system.restore(&[]).good()["moment"].as_str().unwrap().to_owned();
    system.restore(&["--at", &moment]).good();
    let other = system.restore(&["--at", "2026-01-01T00:00:00Z"]);
    assert_eq!(other.code, Some(3));
    assert!(other.failure.contains("take another label"), "{}", other.failure);

    let system = System::start().await;
    crate::template::create(&system.dynamo, "AuditTable", &system.beside("audit"), "another").await;
    let refused = system.restore(&[]);
    assert_eq!(refused.code, Some(3));
    assert!(refused.failure.contains("was not restored from the table in use"), "{}", refused.failure);
}
