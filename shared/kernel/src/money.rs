//! Money: a decimal and a currency, never a float.

use std::{borrow::Cow, fmt, str::FromStr};

use rust_decimal::Decimal;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The most digits before the decimal point.
const MOST_DIGITS: usize = 15;
/// The most digits after it.
const MOST_PLACES: u32 = 4;

/// An ISO 4217 code: three capital letters. Whether a country still uses it is not checked.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// The Indian rupee.
    pub const INR: Self = Self(*b"INR");

    /// The code, as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The digits after the decimal point that amounts of it are written with, at least.
    const fn places(self) -> u32 {
        match &self.0 {
            b"JPY" | b"KRW" | b"VND" | b"CLP" | b"ISK" | b"UGX" | b"XAF" | b"XOF" | b"XPF" | b"PYG" | b"RWF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            _ => 2,
        }
    }
}

/// The text is no amount or no currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidMoney;

impl fmt::Display for InvalidMoney {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("must be a decimal number of at most 15 digits and 4 decimal places, with a code of three capitals")
    }
}

impl std::error::Error for InvalidMoney {}

impl FromStr for Currency {
    type Err = InvalidMoney;

    fn from_str(text: &str) -> Result<Self, InvalidMoney> {
        let code = <[u8; 3]>::try_from(text.as_bytes()).map_err(|_| InvalidMoney)?;
        if code.iter().all(u8::is_ascii_uppercase) { Ok(Self(code)) } else { Err(InvalidMoney) }
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for Currency {
    fn schema_name() -> Cow<'static, str> {
        "Currency".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": "^[A-Z]{3}$"})
    }

    fn inline_schema() -> bool {
        true
    }
}

/// An amount of a currency. It may be negative; sums of different currencies do not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    value: Decimal,
    currency: Currency,
}

impl Money {
    /// An amount, written with as many decimal places as the currency has, or as many more as it needs.
    ///
    /// # Errors
    /// [`InvalidMoney`] when it has more than 15 digits before or 4 after the decimal point.
    pub fn new(value: Decimal, currency: Currency) -> Result<Self, InvalidMoney> {
        let mut value = value.normalize();
        let whole = value.trunc().abs().to_string();
        if value.scale() > MOST_PLACES || whole.len() > MOST_DIGITS {
            return Err(InvalidMoney);
        }
        if value.scale() < currency.places() {
            value.rescale(currency.places());
        }
        Ok(Self { value, currency })
    }

    /// How much, in units of the currency.
    #[must_use]
    pub const fn value(&self) -> Decimal {
        self.value
    }

    /// Of what.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.currency
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.currency, self.value)
    }
}

/// Money as it is written: the amount is text, because JSON numbers are floats to many readers.
#[derive(Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Money")]
#[serde(deny_unknown_fields)]
struct Written<'a> {
    /// The amount, decimal.
    #[schemars(regex(pattern = r"^-?[0-9]{1,15}(\.[0-9]{1,4})?$"))]
    value: Cow<'a, str>,
    /// ISO 4217.
    currency: Currency,
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Written { value: self.value.to_string().into(), currency: self.currency }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Written { value, currency } = Written::deserialize(deserializer)?;
        let digits = value.strip_prefix('-').unwrap_or(&value);
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let whole = digits.starts_with(|first: char| first.is_ascii_digit()) && !digits.ends_with('.');
        if !plain || !whole {
            return Err(de::Error::custom(InvalidMoney));
        }
        let value = Decimal::from_str_exact(&value).map_err(|_| de::Error::custom(InvalidMoney))?;
        Self::new(value, currency).map_err(de::Error::custom)
    }
}

impl JsonSchema for Money {
    fn schema_name() -> Cow<'static, str> {
        "Money".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Written::json_schema(generator)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        let money: Money = serde_json::from_str(text).ok()?;
        Some(serde_json::to_string(&money).unwrap())
    }

    #[test]
    fn money_is_written_with_the_places_its_currency_has() {
        for (given, written) in [("1234.5", "1234.50"), ("12", "12.00"), ("0.125", "0.125"), ("-3.10", "-3.10")] {
            let text = |value: &str| format!(r#"{{"value":"{value}","currency":"INR"}}"#);
            assert_eq!(read(&text(given)), Some(text(written)), "{given}");
        }
        let yen = r#"{"value":"500","currency":"JPY"}"#;
        assert_eq!(read(yen).as_deref(), Some(yen));
    }

    #[test]
    fn what_is_no_decimal_or_no_currency_is_refused() {
        for value in ["", "1e5", "1,000", "+1", ".5", "5.", "1.2.3", "1.23456", "1000000000000000", "٣", "1_0", "--1"]
        {
            assert_eq!(read(&format!(r#"{{"value":"{value}","currency":"INR"}}"#)), None, "{value}");
        }
        for currency in ["inr", "IN", "RUPEE", "₹"] {
            assert_eq!(read(&format!(r#"{{"value":"1","currency":"{currency}"}}"#)), None, "{currency}");
        }
        assert_eq!(read(r#"{"value":1,"currency":"INR"}"#), None);
    }
}
