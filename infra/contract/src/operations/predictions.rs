//! What the bundled model says of the machines of the examples. A test asks it.

use serde_json::{Value, json};

/// The answers for one machine and for several.
pub(super) fn answers() -> (Value, Value) {
    let model = json!({
        "name": "machine-failure",
        "version": "1.0.0",
        "sha256": "a90d35a2487a33de2dc546f7cb8f82f63de76846ffad4553b30c361b86dd949d",
    });
    let failing = json!({});
    let healthy = json!({});
    let mut unexplained = failing.clone();
    let mut one = failing;
    if let Some(members) = unexplained.as_object_mut() {
        members.remove("contributions");
        members.remove("baseline_probability");
    }
    one["model"] = model.clone();
    one["request_id"] = json!("01JNB1Q2W3E4R5T6Y7U8I9O0PC");
    let many = json!({
        "predictions": [unexplained, healthy],
        "model": model,
        "request_id": "01JNB1Q2W3E4R5T6Y7U8I9O0PD",
    });
    (one, many)
}
