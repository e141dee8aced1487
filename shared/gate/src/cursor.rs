//! Cursors: where a list goes on.
//!
//! `base64url(version | key version | expiry | position | mac)`: one byte, 1; the version of the
//! cursor key and the expiry in epoch seconds, 4 and 8 bytes, big endian; what the endpoint wants
//! to know; HMAC-SHA-256 over a domain string, the tenant, the query and all that precedes it. So a
//! cursor is good for the tenant and the query it was given for, and for a day.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use kernel::{Code, Fault, Tenant};
use vault::{KeySet, Moment, SecretCache, Tag};

const DOMAIN: &[u8] = b"palisade-cursor-1";
const VERSION: u8 = 1;
/// Version, key version, expiry.
const HEADER: usize = 1 + 4 + 8;
const MAC: usize = 32;
/// How long a cursor is good for, in seconds.
const LIFETIME: i64 = 24 * 60 * 60;

/// Makes and opens cursors.
pub struct Cursors {
    keys: SecretCache<KeySet>,
}

impl Cursors {
    /// Cursors signed with `keys`.
    #[must_use]
    pub const fn new(keys: SecretCache<KeySet>) -> Self {
        Self { keys }
    }

    /// A cursor to `position` in the list that `query` of `tenant` describes.
    ///
    /// # Errors
    /// 503 when the key cannot be had.
    pub async fn seal(&self, tenant: &Tenant, query: &str, position: &str, now: Moment) -> Result<String, Fault> {
        let keys = self.keys.get(now.monotonic).await.map_err(Fault::unavailable)?;
        Ok(seal(&keys, tenant, query, position, now.wall.as_second() + LIFETIME))
    }

    /// The position a cursor points to.
    ///
    /// # Errors
    /// 400 when it was not made for this tenant and query, or is older than a day; 503 when the key cannot be had.
    pub async fn open(&self, tenant: &Tenant, query: &str, cursor: &str, now: Moment) -> Result<String, Fault> {
        let keys = self.keys.get(now.monotonic).await.map_err(Fault::unavailable)?;
        open(&keys, tenant, query, cursor, now).ok_or_else(|| {
            Fault::new(Code::InvalidRequest, "The cursor is not good for this query. Begin again without it.")
        })
    }
}

/// What [`Cursors::seal`] does with the keys at hand; `expiry` in seconds since 1970.
#[must_use]
pub fn seal(keys: &KeySet, tenant: &Tenant, query: &str, position: &str, expiry: i64) -> String {
    let mut payload = vec![VERSION];
    payload.extend(keys.current().to_be_bytes());
    payload.extend(expiry.to_be_bytes());
    payload.extend(position.as_bytes());
    let tag = keys.sign(&parts(tenant, query, &payload));
    payload.extend(tag.bytes);
    BASE64.encode(payload)
}

/// What [`Cursors::open`] does with the keys at hand.
#[must_use]
pub fn open(keys: &KeySet, tenant: &Tenant, query: &str, cursor: &str, now: Moment) -> Option<String> {
    let bytes = BASE64.decode(cursor).ok()?;
    let (payload, mac) = bytes.split_at_checked(bytes.len().checked_sub(MAC)?)?;
    let (header, position) = payload.split_at_checked(HEADER)?;
    let version = u32::from_be_bytes(header.get(1..5)?.try_into().ok()?);
    let tag = Tag { version, bytes: mac.try_into().ok()? };
    if header.first() != Some(&VERSION) || !keys.verify(&parts(tenant, query, payload), &tag) {
        return None;
    }
    let expiry = i64::from_be_bytes(header.get(5..13)?.try_into().ok()?);
    (now.wall.as_second() < expiry).then(|| String::from_utf8(position.to_vec()).ok())?
}

fn parts<'a>(tenant: &'a Tenant, query: &'a str, payload: &'a [u8]) -> [&'a [u8]; 7] {
    // Neither a tenant nor an encoded query contains a zero byte.
    [DOMAIN, b"\0", tenant.as_bytes(), b"\0", query.as_bytes(), b"\0", payload]
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEYS: &str = r#"{"1":"0123456789abcdef0123456789abcdef"}"#;

    proptest! {
        #[test]
        fn a_cursor_opens_for_its_own_tenant_and_query_and_time_only(position in "\\PC{0,80}", query in "[a-z=&]{0,40}") {
            let keys = KeySet::parse(KEYS).unwrap();
            let (mine, other) = (Tenant::parse("acme").unwrap(), Tenant::parse("acme2").unwrap());
            let now = Moment::now();
            let cursor = seal(&keys, &mine, &query, &position, now.wall.as_second() + 1);
            prop_assert_eq!(open(&keys, &mine, &query, &cursor, now), Some(position.clone()));
            prop_assert_eq!(open(&keys, &other, &query, &cursor, now), None);
            let other_query = format!("{query}x");
            prop_assert_eq!(open(&keys, &mine, &other_query, &cursor, now), None);
            let old = seal(&keys, &mine, &query, &position, now.wall.as_second());
            prop_assert_eq!(open(&keys, &mine, &query, &old, now), None);
        }

        #[test]
        fn a_changed_or_invented_cursor_does_not_open(at in any::<prop::sample::Index>(), with in "[A-Za-z0-9_-]", junk in "\\PC{0,120}") {
            let keys = KeySet::parse(KEYS).unwrap();
            let tenant = Tenant::parse("acme").unwrap();
            let now = Moment::now();
            let mut cursor = seal(&keys, &tenant, "q", "position", now.wall.as_second() + 60);
            let at = at.index(cursor.len());
            prop_assume!(cursor[at..=at] != with);
            cursor.replace_range(at..=at, &with);
            prop_assert_eq!(open(&keys, &tenant, "q", &cursor, now), None);
            prop_assert_eq!(open(&keys, &tenant, "q", &junk, now), None);
        }
    }
}
