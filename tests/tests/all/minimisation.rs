//! What is stored about people is what `docs/personal-data.md` says, field by field, and no more.

use crate::evidence::{Item, items, text};
use crate::people::{correct, erase, message, payment, record, set_goal, upload};
use crate::world::{World, root};
use books::{CorrectionFacts, MessageFacts, SEALED};
use ledger::{Erasure, Goal, Import, Settings, TransactionFacts};
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What is stored of an import and not answered.
const UNANSWERED: &str = "import.skipping";

/// The fields of the tables of the page, and how each is kept.
fn documented() -> BTreeMap<String, String> {
    let page = std::fs::read_to_string(root().join("docs/personal-data.md")).unwrap();
    let mut fields = BTreeMap::new();
    for line in page.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [name, what, _, how, until] = cells.as_slice() else { panic!("{line}") };
        assert!(![what, how, until].iter().any(|cell| cell.is_empty()), "{line}");
        let twice = fields.insert(name.trim_matches('`').to_owned(), (*how).to_owned());
        assert_eq!(twice, None, "{line}");
    }
    fields
}

/// The fields of a type, as `<of>.<field>`.
fn fields<T: JsonSchema>(of: &str) -> Vec<String> {
    let schema = SchemaGenerator::default().into_root_schema_for::<T>();
    let properties = schema.get("properties").and_then(Value::as_object).unwrap();
    properties.keys().map(|name| format!("{of}.{name}")).collect()
}

#[test]
fn the_page_names_every_field_that_is_stored_and_no_other() {
    let documented = documented();
    let clear: BTreeSet<String> = [
        fields::<MessageFacts>("message"),
        fields::<TransactionFacts>("transaction"),
        fields::<CorrectionFacts>("correction"),
        fields::<Goal>("goal"),
        fields::<Import>("import"),
        fields::<Erasure>("erasure"),
        fields::<Settings>("settings"),
        vec![UNANSWERED.to_owned()],
    ]
    .concat()
    .into_iter()
    .collect();
    let names = |(kind, attributes): &(&str, &[&str])| -> Vec<String> {
        attributes.iter().map(|attribute| format!("{kind}.{attribute}")).collect()
    };
    let sealed: BTreeSet<String> = SEALED.iter().flat_map(names).collect();
    assert!(clear.is_disjoint(&sealed));
    let tables = ["row", "object", "subject_key", "request", "audit"];
    let is_of_type = |name: &&String| !tables.contains(&name.split_once('.').unwrap().0);
    let named: BTreeSet<String> = documented.keys().filter(is_of_type).cloned().collect();
    assert_eq!(named, clear.union(&sealed).cloned().collect());
    for (name, how) in documented.iter().filter(|(name, _)| is_of_type(name)) {
        assert_eq!(how == "sealed", sealed.contains(name), "{name} is {how}");
    }
}

/// The names of what an item holds.
fn seen(table: &str, item: &Item) -> Vec<String> {
    let names = |of: &str, json: &Value| -> Vec<String> {
        json.as_object().unwrap().keys().map(|name| format!("{of}.{name}")).collect()
    };
    let group = match table {
        "ledger" if item.contains_key("facts") => "row",
        "ledger" => "object",
        "subject-keys" => "subject_key",
        "requests" => "request",
        _ => table,
    };
    let mut seen: Vec<String> = item.keys().map(|name| format!("{group}.{name}")).collect();
    if group == "row" {
        let kind = match &text(item, "sk")[..2] {
            "M#" => "message",
            "T#" => "transaction",
            "C#" => "correction",
            "G#" => "goal",
            other => panic!("{other}"),
        };
        seen.extend(names(kind, &serde_json::from_str(text(item, "facts")).unwrap()));
        seen.extend(item["sealed"].as_m().unwrap().keys().map(|name| format!("{kind}.{name}")));
    } else if group == "object" && item.contains_key("body") {
        seen.extend(names(text(item, "kind"), &serde_json::from_str(text(item, "body")).unwrap()));
    }
    seen
}

#[tokio::test]
async fn the_tables_hold_the_fields_that_the_page_names_and_no_other() {
    let mut world = World::start().await;
    let key = world.keys.all.clone();
    let chai = "Rs.450.00 debited from A/c XX4321 on 07-03-26 to VPA teashop@okfake CHAI POINT. UPI Ref 123456789012. \
                Avl Bal Rs.5,550.25";
    let call = world.post("/v1/transactions").key(&key).header("idempotency-key", "one");
    let stored = call.json(&message("ann", chai)).send().await.expect(201);
    correct(&world, &key, "ann", &stored, "travel").await.expect(200);
    let budget = json!({
        "user_id": "ann", "type": "budget", "name": "Less", "target": {"value": "10", "currency": "INR"},
        "category": "travel",
    });
    let call = world.put("/v1/goals/g").key(&key).header("idempotency-key", "two");
    call.json(&budget).send().await.expect(201);
    let save = json!({
        "user_id": "ann", "type": "savings", "target": {"value": "10", "currency": "INR"}, "starts": "2026-12-01",
        "ends": "2026-12-31", "already": {"value": "1", "currency": "INR"},
    });
    set_goal(&world, &key, "s", &save).await.expect(201);
    world.put("/v1/settings").key(&key).json(&json!({"time_zone": "Asia/Kolkata"})).send().await.expect(200);
    upload(&world, &key, "ann", &[payment(3, "TUCK SHOP", "07-03-26"), "Hello.".to_owned()]).await;
    world.flow().await;
    record(&world, &key, "bob", &payment(5, "TUCK SHOP", "07-03-26")).await;
    erase(&world, &key, "bob").await.expect(200);

    let documented: BTreeSet<String> = documented().into_keys().collect();
    let mut found = BTreeSet::new();
    for table in ["ledger", "subject-keys", "requests", "audit"] {
        for item in items(&world, table).await {
            found.extend(seen(table, &item));
        }
    }
    assert_eq!(found.difference(&documented).collect::<Vec<_>>(), Vec::<&String>::new());
    let rare = ["request.lease", "request.hits", UNANSWERED];
    let missing: Vec<_> = documented.difference(&found).filter(|name| !rare.contains(&name.as_str())).collect();
    assert_eq!(missing, Vec::<&String>::new(), "the page names what is not stored");
    for item in items(&world, "ledger").await.iter().filter(|item| text(item, "pk").contains("#!import")) {
        assert!(item.contains_key("expires"), "an import is kept for ever: {item:?}");
    }
}
