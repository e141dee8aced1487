//! Strict JSON, against a lenient reader and a count of brackets and colons.

use gate::json::{DEEPEST, canonical};
use kernel::Code;
use serde_json::Value;

/// Exactly the objects that every reader understands alike are taken; bodies that mean the same have one canonical
/// form, which is not much longer; what is refused is refused in words of ours.
pub fn json(bytes: &[u8]) -> bool {
    let lenient = serde_json::from_slice::<Value>(bytes).ok().filter(Value::is_object);
    // serde_json gives a meaning of its own to this name when it makes a tree; nothing here does.
    if bytes.windows(12).any(|window| window == b"$serde_json:") {
        return canonical(bytes).is_ok();
    }
    let strict = lenient.as_ref().filter(|tree| {
        let Shape { depth, members } = shape(bytes);
        bytes.first() == Some(&b'{') && depth <= DEEPEST && members == count(tree)
    });
    match (canonical(bytes), strict) {
        (Ok(form), Some(tree)) => {
            assert!(form.len() <= 8 * bytes.len() + 8);
            assert_eq!(canonical(&serde_json::to_vec_pretty(tree).unwrap()).unwrap(), form);
            let spaced = [bytes, b" \n"].concat();
            assert_eq!(canonical(&spaced).unwrap(), form);
            assert!(canonical(&[bytes, b"{}"].concat()).is_err());
            true
        }
        (Err(fault), None) => {
            assert_eq!((fault.code, fault.errors.len(), fault.cause()), (Code::InvalidRequest, 0, None));
            let words: String = fault.detail.chars().filter(|char| !char.is_ascii_digit()).collect();
            assert!(REFUSALS.contains(&words.as_str()), "{words}");
            false
        }
        (outcome, strict) => panic!("{:?} read as {outcome:?}, should be {strict:?}", String::from_utf8_lossy(bytes)),
    }
}

/// All that is ever said of a body that is no strict JSON, without the numbers.
const REFUSALS: [&str; 5] = [
    "The body must be a JSON object and nothing before it.",
    "The body cannot be read: an object repeats a key (line , column ).",
    "The body cannot be read: more than  levels of nesting (line , column ).",
    "The body cannot be read: a number is not finite (line , column ).",
    "The body cannot be read: not valid JSON (line , column ).",
];

struct Shape {
    depth: usize,
    members: usize,
}

/// How deep valid JSON is, and how many members are written in it.
fn shape(bytes: &[u8]) -> Shape {
    let (mut depth, mut deepest, mut members) = (0_usize, 0, 0);
    let (mut in_text, mut escaped) = (false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_text,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b':' => members += 1,
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    Shape { depth: deepest, members }
}

/// How many members a tree has, where of equal names only one is left.
fn count(tree: &Value) -> usize {
    match tree {
        Value::Array(elements) => elements.iter().map(count).sum(),
        Value::Object(members) => members.len() + members.values().map(count).sum::<usize>(),
        _ => 0,
    }
}
