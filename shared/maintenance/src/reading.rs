//! A reading that was accepted.

use std::collections::BTreeMap;

use jiff::Timestamp;
use kernel::Identifier;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! sensor_types {
    ($($name:ident = $code:literal $text:literal,)+) => {
        /// What a sensor measures.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum SensorType {
            // One plain enum in the document, so the variants carry no text of their own.
            $(#[allow(missing_docs, reason = "the names say it")] #[serde(rename = $text)] $name,)+
        }

        impl SensorType {
            /// Every type there is.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The type as clients spell it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }

            /// The type in stored segments; a code is never given to another type.
            pub(crate) const fn code(self) -> u8 {
                match self { $(Self::$name => $code),+ }
            }
        }
    };
}

sensor_types! {
    Temperature = 0 "temperature",
    Vibration = 1 "vibration",
    Pressure = 2 "pressure",
    Humidity = 3 "humidity",
    Current = 4 "current",
    Voltage = 5 "voltage",
    RotationalSpeed = 6 "rotational_speed",
    Torque = 7 "torque",
    Flow = 8 "flow",
    Level = 9 "level",
    Other = 10 "other",
}

impl SensorType {
    /// The type that clients spell `text`, exactly.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text)
    }

    pub(crate) fn from_code(code: u8) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }
}

/// One measurement of one sensor, as accepted by [`RawReading::accept`](crate::RawReading::accept):
/// outside this crate nothing else makes one.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Reading {
    /// Which sensor, within its tenant.
    pub sensor_id: Identifier,
    /// What it measures.
    pub sensor_type: SensorType,
    /// The unit of `value`; 1 to 16 characters.
    pub unit: String,
    /// When it was measured; not before 1970.
    pub timestamp: Timestamp,
    /// What was measured; finite.
    pub value: f64,
    /// How good the measurement is, 0 to 1.
    pub quality: Option<f64>,
    /// Where the sensor was; at most 128 characters.
    pub location: Option<String>,
    /// What else the client noted; at most 16 pairs of at most 256 characters each.
    pub metadata: BTreeMap<String, String>,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_sensor_type_has_one_spelling_and_one_code() {
        for kind in SensorType::ALL {
            assert_eq!(SensorType::parse(kind.as_str()), Some(*kind));
            assert_eq!(SensorType::from_code(kind.code()), Some(*kind));
            assert_eq!(serde_json::to_string(kind).unwrap(), format!("{:?}", kind.as_str()));
        }
        for spelling in ["", "Temperature", "temperature ", "heat"] {
            assert_eq!(SensorType::parse(spelling), None, "{spelling:?}");
        }
    }
}
