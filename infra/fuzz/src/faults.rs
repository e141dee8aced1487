//! What holds of every refusal.

use kernel::{Code, Fault, Violation};
use serde_json::Value;

/// A refused body: 400 or 422, every place named, and nothing of what was sent but names of fields.
pub(crate) fn check(fault: &Fault, body: &[u8]) {
    match fault.code {
        Code::InvalidRequest => {}
        Code::ValidationFailed => assert!(!fault.errors.is_empty(), "{fault:?}"),
        _ => panic!("{fault:?}"),
    }
    assert!(!fault.detail.is_empty());
    fault.errors.iter().for_each(well_formed);
    repeats_nothing(&format!("{fault:?}"), body);
}

/// What breaks rules: at least one place, and nothing of what was sent but names of fields.
pub(crate) fn check_all(violations: &[Violation], body: &[u8]) {
    assert!(!violations.is_empty());
    violations.iter().for_each(well_formed);
    assert!(violations.iter().all(|violation| !violation.pointer.is_empty()), "{violations:?}");
    repeats_nothing(&format!("{violations:?}"), body);
}

fn well_formed(violation: &Violation) {
    let Violation { pointer, code, message } = violation;
    assert!(pointer.is_empty() || pointer.starts_with('/') && pointer.len() <= 512, "{violation:?}");
    assert!(!code.is_empty() && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{violation:?}");
    assert!(!message.is_empty() && message.len() < 512, "{violation:?}");
}

/// No value of the body, if it is one that is not also a name in it and could not be said by ourselves.
fn repeats_nothing(said: &str, body: &[u8]) {
    let Ok(body) = serde_json::from_slice::<Value>(body) else { return };
    let (mut names, mut values) = (Vec::new(), Vec::new());
    collect(&body, &mut names, &mut values);
    for value in values {
        let telling = value.len() >= 8 && value.bytes().filter(u8::is_ascii_digit).count() >= 4;
        let named = names.iter().any(|name| name.contains(value));
        // Limits and dates of ours have digits, too.
        assert!(!telling || named || OURS.iter().any(|ours| ours.contains(value)) || !said.contains(value), "{said}");
    }
}

const OURS: [&str; 2] = ["1970-01-01T00:00:00Z", "must be from 2000-01-01 to 2099-12-31"];

fn collect<'a>(value: &'a Value, names: &mut Vec<&'a str>, values: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => values.push(text),
        Value::Array(elements) => elements.iter().for_each(|element| collect(element, names, values)),
        Value::Object(members) => {
            for (name, value) in members {
                names.push(name);
                collect(value, names, values);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
