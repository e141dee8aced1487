//! The name of one request.

use std::{fmt, ops::Deref};

use serde::Serialize;
use ulid::Ulid;

/// What a request is called in its answer, its log line and its audit entry: the caller's
/// `X-Request-ID` when it is 1 to 64 characters of `[A-Za-z0-9._-]`, else a fresh ULID.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct RequestId(Box<str>);

impl RequestId {
    /// Takes over the caller's name for the request when it is well formed.
    #[must_use]
    pub fn accept(text: &str) -> Option<Self> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        ((1..=64).contains(&text.len()) && text.bytes().all(allowed)).then(|| Self(text.into()))
    }

    /// A fresh name.
    #[must_use]
    pub fn mint() -> Self {
        Self(Ulid::generate().to_string().into())
    }
}

impl Deref for RequestId {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callers_name_is_kept_only_when_it_is_harmless() {
        assert_eq!(RequestId::accept("abc-1.2_3").as_deref(), Some("abc-1.2_3"));
        for bad in ["", "a b", "a\r\nb", "a:b", "\u{2028}", &"x".repeat(65)] {
            assert_eq!(RequestId::accept(bad), None, "{bad:?}");
        }
    }
}
