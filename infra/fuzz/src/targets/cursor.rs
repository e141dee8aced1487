//! Cursors.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use gate::cursor::{open, seal};
use jiff::Timestamp;
use kernel::Tenant;
use vault::{KeySet, Moment};

const KEYS: &str = r#"{"1":"of the seeds, and of nothing else","2":"also of the seeds and nothing else"}"#;
/// Before the newer key was added.
const OLDER: &str = r#"{"1":"of the seeds, and of nothing else"}"#;
const QUERY: &str = "limit=10&sensor_id=pump-7";

/// What opens is what we would have made, for this tenant and query and in its time; and what is made of any position
/// opens so, and no longer when any byte of it is another.
pub fn cursor(bytes: &[u8]) -> bool {
    let keys = KeySet::parse(KEYS).unwrap();
    let (tenant, other) = (Tenant::parse("acme").unwrap(), Tenant::parse("acme2").unwrap());
    let now = Moment { wall: Timestamp::from_second(1_780_000_000).unwrap(), ..Moment::now() };
    let text = String::from_utf8_lossy(bytes);
    let opened = open(&keys, &tenant, QUERY, &text, now);
    if let Some(position) = &opened {
        let raw = BASE64.decode(&*text).unwrap();
        let expiry = i64::from_be_bytes(raw[5..13].try_into().unwrap());
        assert!(expiry > now.wall.as_second());
        let version = u32::from_be_bytes(raw[1..5].try_into().unwrap());
        let signer = KeySet::parse(if version == 1 { OLDER } else { KEYS }).unwrap();
        assert_eq!((signer.current(), seal(&signer, &tenant, QUERY, position, expiry)), (version, text.to_string()));
    }
    let expiry = now.wall.as_second() + 1;
    let made = seal(&keys, &tenant, QUERY, &text, expiry);
    assert_eq!(open(&keys, &tenant, QUERY, &made, now).as_deref(), Some(&*text));
    assert_eq!(open(&keys, &other, QUERY, &made, now), None);
    assert_eq!(open(&keys, &tenant, &QUERY[1..], &made, now), None);
    let later = Moment { wall: Timestamp::from_second(expiry).unwrap(), ..now };
    assert_eq!(open(&keys, &tenant, QUERY, &made, later), None);
    let mut changed = BASE64.decode(&made).unwrap();
    let place =
        bytes.iter().fold(7_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(*byte))) % changed.len();
    changed[place] ^= bytes.first().copied().unwrap_or_default() | 1;
    assert_eq!(open(&keys, &tenant, QUERY, &BASE64.encode(&changed), now), None);
    opened.is_some()
}
