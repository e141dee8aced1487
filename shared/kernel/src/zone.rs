//! Where a clock is.

use std::borrow::Cow;

use jiff::tz::TimeZone;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A time zone, by its name in the IANA database that is built in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// Finds the zone `name`, in any case.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        // The library knows a zone for what has none, which would pass for UTC.
        TimeZone::get(name).ok().filter(|zone| !zone.is_unknown() && zone.iana_name().is_some()).map(Self)
    }

    /// The zone of Coordinated Universal Time.
    pub const UTC: Self = Self(TimeZone::UTC);

    /// Its rules.
    #[must_use]
    pub const fn rules(&self) -> &TimeZone {
        &self.0
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&name).ok_or_else(|| de::Error::custom("must be a time zone of the IANA database"))
    }
}

impl JsonSchema for Zone {
    fn schema_name() -> Cow<'static, str> {
        "Zone".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "minLength": 1, "maxLength": 64, "description": "A name of the IANA time zone database."})
    }

    fn inline_schema() -> bool {
        true
    }
}
