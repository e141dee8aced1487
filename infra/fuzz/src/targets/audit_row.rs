//! Entries of the audit chain, as they are stored.

use std::collections::HashMap;

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use store::AuditRow;
use vault::KeySet;

const KEYS: &str = r#"{"1":"of the seeds, and of nothing else"}"#;
const WRITER: &str = "01JV8ZQ4X1234567890ABCDEFG";

type Item = HashMap<String, AttributeValue>;

/// The bytes are an entry. Signed by us and stored in its place it is authentic, if it is an entry at all; with any
/// attribute changed, moved or missing it is not. What it says it follows is a chain of the same tenant.
pub fn audit_row(bytes: &[u8]) -> bool {
    let keys = KeySet::parse(KEYS).unwrap();
    let entry = String::from_utf8_lossy(bytes);
    // The first of a chain is in one index more.
    let seq = bytes.len() as u64 % 3;
    let mut item = unindexed(&keys, seq, &entry);
    let row = AuditRow::read(&item).unwrap();
    assert!(!row.is_authentic(&keys), "an entry without a place in the indexes");
    if let Some((chain, _)) = row.follows() {
        assert!(chain.starts_with("acme#"));
    }
    let Some(time) = row.time() else { return false };
    let last = WRITER.bytes().next_back().unwrap();
    item.insert("shard".to_owned(), text(&format!("acme#{}", last % 8)));
    item.insert("at".to_owned(), text(&format!("{time:.9}#{WRITER}#{seq:012}")));
    if seq == 0 {
        item.insert("began".to_owned(), text(&time.strftime("%F").to_string()));
    }
    assert!(AuditRow::read(&item).unwrap().is_authentic(&keys));
    for name in item.keys() {
        let mut changed = item.clone();
        let other = other(&item[name]);
        changed.insert(name.clone(), other);
        refused(&keys, &changed, name);
        changed.remove(name);
        refused(&keys, &changed, name);
    }
    true
}

fn refused(keys: &KeySet, item: &Item, name: &str) {
    assert!(!AuditRow::read(item).is_ok_and(|row| row.is_authentic(keys)), "with another {name}");
}

/// An entry signed as the layout in `store` says, written down a second time here.
fn unindexed(keys: &KeySet, seq: u64, entry: &str) -> Item {
    let chain = format!("acme#{WRITER}");
    let previous = [9; 32];
    let signed: [&[u8]; 7] =
        [b"palisade-audit-1", b"\0", chain.as_bytes(), b"\0", &seq.to_be_bytes(), &previous, entry.as_bytes()];
    let tag = keys.sign(&signed);
    let attributes = [
        ("pk", text(&chain)),
        ("seq", AttributeValue::N(seq.to_string())),
        ("entry", text(entry)),
        ("previous", AttributeValue::B(Blob::new(previous))),
        ("key", AttributeValue::N(tag.version.to_string())),
        ("mac", AttributeValue::B(Blob::new(tag.bytes))),
    ];
    attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn other(value: &AttributeValue) -> AttributeValue {
    match value {
        AttributeValue::S(text) => AttributeValue::S(format!("{text} ")),
        AttributeValue::N(number) => AttributeValue::N((number.parse::<u64>().unwrap() + 1).to_string()),
        AttributeValue::B(bytes) => AttributeValue::B(Blob::new([bytes.as_ref(), &[0]].concat())),
        other => panic!("{other:?}"),
    }
}
