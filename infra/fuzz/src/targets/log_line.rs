//! What reaches the log.

use gate::scrubbed_line;
use serde_json::{Value, json};

/// A card of nobody: 16 digits with a right check digit.
const CARD: &str = "4000001234567899";
/// As many digits are an account, a phone or a reference.
const TELLING: usize = 9;

/// Whatever the text, it is one line of JSON with the same shape, in which no number of nine digits or more is left but
/// within what operators look things up by, nor an address, nor a card that was in the text.
pub fn log_line(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let plain = scrubbed(&text);
    assert_eq!(leftover(&plain), None, "{text:?} became {plain:?}");
    let address = |token: &str| token.trim_matches('@').contains('@');
    let ends = |char: char| char.is_whitespace() || char.is_control() || "<>()[],;:\"\\".contains(char);
    assert!(!plain.split(ends).any(address), "{text:?} became {plain:?}");
    for planted in [format!("{text}\n{CARD}\n{text}"), format!("{text}: {CARD}; {text}"), format!("{text} {CARD}")] {
        let masked = scrubbed(&planted);
        assert!(!masked.contains(CARD), "{planted:?} became {masked:?}");
    }
    plain != text
}

/// What becomes of a text in a line, after a look at the line.
fn scrubbed(text: &str) -> String {
    let line = scrubbed_line(&json!({"cause": text, "kid": text, "list": [text, 123_456_789_012_u64]})).unwrap();
    let line = String::from_utf8(line).unwrap();
    assert!(line.ends_with('\n') && line.bytes().filter(|byte| *byte < b' ').count() == 1, "{line:?}");
    let value: Value = serde_json::from_str(&line).unwrap();
    let cause = value["cause"].as_str().unwrap();
    assert_eq!(value, json!({"cause": cause, "kid": text, "list": [cause, 123_456_789_012_u64]}));
    cause.to_owned()
}

/// A run of nine digits or more that is in no word of a known kind.
fn leftover(text: &str) -> Option<&str> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let run = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if run >= TELLING && !is_known(bytes, at, run) {
            return text.get(at..at + run);
        }
        at += run.max(1);
    }
    None
}

/// Whether the digits are in a ULID, a digest, the id of a trace or a request or a UUID, or are nine decimals.
fn is_known(bytes: &[u8], at: usize, run: usize) -> bool {
    let part = |byte: &u8| byte.is_ascii_alphanumeric();
    let start = bytes[..at].iter().rposition(|byte| !part(byte)).map_or(0, |before| before + 1);
    let length = bytes[start..].iter().take_while(|byte| part(byte)).count();
    let lettered = bytes[start..start + length].iter().any(u8::is_ascii_alphabetic);
    let decimals = run == TELLING && start > 1 && bytes[start - 1] == b'.' && bytes[start - 2].is_ascii_digit();
    let uuid = length == 12 && start >= 24 && bytes[start - 1] == b'-' && bytes[start - 6] == b'-';
    decimals || uuid || lettered && matches!(length, 16 | 26 | 32 | 40 | 52 | 64)
}
