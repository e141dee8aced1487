//! Names given by clients and operators.

use std::{borrow::Cow, fmt, ops::Deref};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de};

/// The longest identifier, in bytes.
const LONGEST: usize = 64;

/// An identifier: 1 to 64 characters of `[A-Za-z0-9._:-]`.
///
/// The alphabet leaves out `#`, so identifiers can be joined with it in a database key without
/// one tenant's key ever spelling another's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Identifier(Box<str>);

/// The text is not 1 to 64 characters of `[A-Za-z0-9._:-]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidIdentifier;

impl fmt::Display for InvalidIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("must be 1 to 64 characters of A-Z a-z 0-9 . _ : -")
    }
}

impl std::error::Error for InvalidIdentifier {}

impl Identifier {
    /// Accepts `text` when it is an identifier.
    ///
    /// # Errors
    /// [`InvalidIdentifier`] when it is empty, longer than 64 characters or has another character.
    pub fn parse(text: &str) -> Result<Self, InvalidIdentifier> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b':' | b'-');
        if text.is_empty() || text.len() > LONGEST || !text.bytes().all(allowed) {
            return Err(InvalidIdentifier);
        }
        Ok(Self(text.into()))
    }
}

impl Deref for Identifier {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Identifier {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

impl JsonSchema for Identifier {
    fn schema_name() -> Cow<'static, str> {
        "Identifier".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": "^[A-Za-z0-9._:-]{1,64}$"})
    }

    fn inline_schema() -> bool {
        true
    }
}

macro_rules! named {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Identifier);

        impl $name {
            /// Accepts `text` when it is an identifier.
            ///
            /// # Errors
            /// [`InvalidIdentifier`] when it is not.
            pub fn parse(text: &str) -> Result<Self, InvalidIdentifier> {
                Identifier::parse(text).map(Self)
            }
        }

        impl Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl From<$name> for Identifier {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

named! {
    /// The organisation whose data a request may touch. It comes from the API key, never from the request.
    Tenant
}

named! {
    /// The public name of a credential: of an API key, of a subject of tokens, of their issuer. It may be logged; the
    /// secret part of a key may not.
    KeyId
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_one_to_sixty_four_plain_characters() {
        for good in ["a", "pump-7", "line:3.axis_2", &"x".repeat(64)] {
            assert!(Identifier::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "a b", "a#b", "a/b", "é", "a\n", &"x".repeat(65)] {
            assert_eq!(Identifier::parse(bad), Err(InvalidIdentifier), "{bad:?}");
        }
    }
}
