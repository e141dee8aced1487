//! The rights of the people that the ledger is about.

use erase_person::ErasePerson;
use export_person::{
    ExportPerson,
    contract::{ExportQuery, ExportedPerson},
};
use kernel::{Code, Identifier};
use ledger::Erasure;
use serde_json::{Value, json};

use super::{
    Operation, Query, answer,
    ledger::{CURSOR, ID, NOW, TEXT, USER, now, person},
};
use crate::{json::set, schemas::Schemas};

const TAG: &str = "Privacy";
const KEY: &str = "01JN0A1B2C3D4E5F6G7H8J9K0M";

pub(super) fn operations(schemas: &mut Schemas) -> Vec<Operation> {
    vec![export(schemas), erase(schemas)]
}

fn export(schemas: &mut Schemas) -> Operation {
    let records = json!([
        {"kind": "message", "transaction_id": ID, "message": {"channel": "sms", "text": TEXT, "received_at": NOW, "occurrence": 1}},
        {"kind": "correction", "category": "groceries", "merchant": "CHAI POINT"},
    ]);
    Operation {
        path_parameters: vec![person(schemas)],
        query: Some(Query { schema: schemas.query::<ExportQuery>(), example: json!({"cursor": CURSOR}) }),
        answers: answer(
            200,
            "What is stored, or a part of it.",
            schemas.answer::<ExportedPerson>(),
            json!({"user_id": USER, "exported_at": NOW, "records": records, "next_cursor": null}),
        ),
        ..Operation::of::<ExportPerson>(
            TAG,
            "Export a person",
            "Everything that is stored about the person, with nothing masked, in parts of about 4.5 MB. Each part is \
             entered in the audit trail before it is answered.",
        )
    }
}

fn erase(schemas: &mut Schemas) -> Operation {
    let receipt = |status: &str, items: u64| {
        let (Ok(user), Ok(key)) = (Identifier::parse(USER), Identifier::parse(KEY)) else { return Value::Null };
        let mut receipt = serde_json::to_value(Erasure::new(user, key, now())).unwrap_or_default();
        for (name, value) in
            [("status", json!(status)), ("key_destroyed_at", json!(NOW)), ("items_removed", json!(items))]
        {
            set(&mut receipt, name, value);
        }
        receipt
    };
    let mut done = receipt("erased", 214);
    set(&mut done, "completed_at", json!(NOW));
    let schema = schemas.answer::<Erasure>();
    let mut answers = answer(200, "The receipt: nothing is left.", schema.clone(), done);
    answers.extend(answer(
        202,
        "Nothing can be read any more; the rest is still being removed.",
        schema,
        receipt("erasing", 9_000),
    ));
    Operation {
        path_parameters: vec![person(schemas)],
        answers,
        further_refusals: &[Code::Conflict],
        ..Operation::of::<ErasePerson>(
            TAG,
            "Erase a person",
            "Destroys the person's data key first, so that nothing sealed under it can be read any more, in no backup \
             either; then removes what is stored. What is not removed when the time is up is removed within minutes, and a \
             minute later it is looked once more.",
        )
    }
}
