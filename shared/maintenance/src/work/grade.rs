//! The two scales of the workshop, both from 1 to 5 and both worst at 5.

use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de};

macro_rules! grades {
    ($($(#[$doc:meta])* $name:ident,)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(u8);

        impl $name {
            /// The mildest.
            pub const MIN: Self = Self(1);
            /// The worst.
            pub const MAX: Self = Self(5);
            /// Every grade, mildest first.
            pub const ALL: [Self; 5] = [Self(1), Self(2), Self(3), Self(4), Self(5)];

            /// The grade `number`, when it is 1 to 5.
            #[must_use]
            pub fn new(number: i64) -> Option<Self> {
                Self::ALL.into_iter().find(|grade| i64::from(grade.0) == number)
            }

            /// The grade nearest to `number`.
            #[must_use]
            pub fn saturating(number: i64) -> Self {
                Self::new(number.clamp(1, 5)).unwrap_or(Self::MAX)
            }

            /// The grade as a number, 1 to 5.
            #[must_use]
            pub const fn get(self) -> u8 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let number = i64::deserialize(deserializer)?;
                Self::new(number).ok_or_else(|| de::Error::custom("must be from 1 to 5"))
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({"type": "integer", "minimum": 1, "maximum": 5})
            }

            fn inline_schema() -> bool {
                true
            }
        }
    )+};
}

grades! {
    /// How far a sensor is from what was expected: 1 is barely worth a look, 5 is the worst.
    Severity,
    /// How soon work must be done: 1 can wait for weeks, 5 is next. The direction is that of
    /// [`Severity`], so the two compare at a glance.
    Priority,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_grade_is_a_whole_number_from_one_to_five() {
        for number in 1..=5_i64 {
            assert_eq!(serde_json::to_string(&Severity::new(number).unwrap()).unwrap(), number.to_string());
            assert_eq!(serde_json::from_str::<Priority>(&number.to_string()).unwrap(), Priority::saturating(number));
        }
        for text in ["0", "6", "-1", "2.5", "\"3\"", "null"] {
            assert!(serde_json::from_str::<Severity>(text).is_err(), "{text}");
        }
        assert_eq!((Priority::saturating(i64::MIN), Priority::saturating(i64::MAX)), (Priority::MIN, Priority::MAX));
    }
}
