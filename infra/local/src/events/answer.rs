//! What a function answers that reports which items of its batch failed.

use serde_json::Value as Json;

/// The places of the items that the answer names as failed; `None` if the answer is wrong.
pub(super) fn failures(answer: &[u8], ids: &[&str]) -> Option<Vec<usize>> {
    if answer.trim_ascii().is_empty() {
        return Some(Vec::new());
    }
    let failures = match serde_json::from_slice(answer).ok()? {
        Json::Null => return Some(Vec::new()),
        Json::Object(members) if members.is_empty() => return Some(Vec::new()),
        Json::Object(mut members) => members.remove("batchItemFailures")?,
        _ => return None,
    };
    let place = |failure: &Json| {
        let id = failure.get("itemIdentifier")?.as_str()?;
        ids.iter().position(|known| *known == id)
    };
    match failures {
        Json::Null => Some(Vec::new()),
        Json::Array(failures) => failures.iter().map(place).collect(),
        _ => None,
    }
}
