//! The format of API keys, against a second reading of its description.

use vault::{ApiKey, looks_like_a_key, shard_of, usage_identifier};

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const KID: usize = 12;
const TAIL: usize = 49;

/// Exactly the keys of the format are keys, in their own stage alone, with the text and the name that they have; and
/// wherever one stands in other bytes it is seen.
pub fn api_key(bytes: &[u8]) -> bool {
    assert_eq!(looks_like_a_key(bytes), (0..bytes.len()).any(|at| begins_with_a_key(&bytes[at..])));
    let Ok(text) = str::from_utf8(bytes) else { return false };
    let taken = check(text);
    // A checksum is rarely guessed, so it is also put right.
    if let Some((signed, _)) = text.len().checked_sub(6).and_then(|at| text.split_at_checked(at)) {
        check(&format!("{signed}{}", checksum(signed)));
    }
    taken
}

fn check(text: &str) -> bool {
    let stage = text.split('_').nth(1).unwrap_or_default();
    let key = ApiKey::parse(text, stage);
    assert_eq!(key.is_some(), is_key(text), "{text}");
    let Some(key) = key else { return false };
    assert_eq!(&**key.text().reveal(), text);
    assert_eq!(text.split('_').nth(2), Some(&**key.kid()));
    assert!(key.shard() < DIGITS.len() && key.shard() == shard_of(key.kid()));
    let identifier = usage_identifier(key.kid());
    assert!((20..=128).contains(&identifier.len()) && identifier.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    for other in [format!("{stage}0"), format!("0{stage}"), stage[..stage.len() / 2].to_owned()] {
        assert!(other == stage || ApiKey::parse(text, &other).is_none(), "{text} in {other}");
    }
    let seen = (1..=16).contains(&stage.len()) && stage.bytes().all(|byte| byte.is_ascii_alphanumeric());
    assert_eq!(looks_like_a_key(format!("a={text}&b").as_bytes()), seen);
    true
}

fn is_key(text: &str) -> bool {
    let parts: Vec<&str> = text.split('_').collect();
    let [prefix, _, kid, tail] = parts[..] else { return false };
    let plain = |part: &str, length| part.len() == length && part.bytes().all(|byte| DIGITS.contains(&byte));
    prefix == "pal" && plain(kid, KID) && plain(tail, TAIL) && text.ends_with(&checksum(&text[..text.len() - 6]))
}

fn begins_with_a_key(bytes: &[u8]) -> bool {
    let Some(rest) = bytes.strip_prefix(b"pal_") else { return false };
    let plain = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_alphanumeric);
    let Some(stage) = rest.iter().position(|byte| *byte == b'_').filter(|length| (1..=16).contains(length)) else {
        return false;
    };
    let Some(kid) = rest.get(stage + 1..stage + 1 + KID) else { return false };
    let Some(tail) = rest.get(stage + 2 + KID..stage + 2 + KID + TAIL) else { return false };
    rest[stage + 1 + KID] == b'_' && plain(&rest[..stage]) && plain(kid) && plain(tail)
}

/// CRC-32 bit by bit (polynomial 0xEDB88320), in base 62.
fn checksum(text: &str) -> String {
    let mut crc = u32::MAX;
    for byte in text.bytes() {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = crc >> 1 ^ if crc & 1 == 1 { 0xEDB8_8320 } else { 0 };
        }
    }
    let crc = u64::from(!crc);
    (0..6).rev().map(|place| char::from(DIGITS[(crc / 62_u64.pow(place) % 62) as usize])).collect()
}
