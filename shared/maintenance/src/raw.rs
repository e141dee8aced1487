//! A reading as a client sent it.

use std::{borrow::Cow, collections::BTreeMap};

use jiff::{SignedDuration, Timestamp, Unit};
use kernel::{Identifier, InvalidIdentifier, Violation, parse_timestamp};
use schemars::JsonSchema;
use serde::Deserialize;
use validator::{Validate, ValidationErrors};

use crate::{
    reading::{Reading, SensorType},
    time::nanoseconds,
};

/// How far a client's clock may be ahead of ours.
const AHEAD: SignedDuration = SignedDuration::from_mins(10);
/// The longest metadata key and value, in characters.
pub(crate) const LONGEST_NOTE: usize = 256;
/// The longest location, in characters.
pub(crate) const LONGEST_LOCATION: usize = 128;
/// The longest unit, in characters.
pub(crate) const LONGEST_UNIT: usize = 16;
/// The most metadata pairs.
pub(crate) const MOST_NOTES: usize = 16;
/// The longest metadata key, in characters, that a pointer repeats.
const LONGEST_POINTED: usize = 64;

/// One measurement of one sensor.
#[derive(Clone, Debug, Deserialize, Validate, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Reading")]
pub struct RawReading {
    /// Which sensor measured.
    #[schemars(with = "Identifier")]
    pub sensor_id: String,
    /// What was measured; a finite number.
    pub value: f64,
    /// What the sensor measures.
    #[schemars(with = "SensorType")]
    pub sensor_type: String,
    /// The unit of the value, without control characters.
    #[validate(length(min = 1, max = 16, message = "must be 1 to 16 characters long"))]
    #[schemars(extend("pattern" = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$"))]
    pub unit: String,
    /// When it was measured: RFC 3339 with an offset, to the nanosecond, not before 1970 and not
    /// more than ten minutes ahead. When absent, the time of arrival.
    #[schemars(extend("format" = "date-time"))]
    pub timestamp: Option<String>,
    /// How good the measurement is, from 0 to 1.
    #[validate(range(min = 0.0, max = 1.0, code = "out_of_range", message = "must be from 0 to 1"))]
    pub quality: Option<f64>,
    /// Where the sensor is.
    #[validate(length(max = 128, code = "too_long", message = "must be at most 128 characters long"))]
    pub location: Option<String>,
    /// Anything else worth keeping with the reading.
    #[validate(length(max = 16, code = "too_many", message = "must have at most 16 entries"))]
    #[schemars(extend(
        "maxProperties" = MOST_NOTES,
        "propertyNames" = {"minLength": 1, "maxLength": LONGEST_NOTE},
        "additionalProperties" = {"type": "string", "maxLength": LONGEST_NOTE},
    ))]
    pub metadata: Option<BTreeMap<String, String>>,
}

impl RawReading {
    /// Makes it a reading; `now` is the time of arrival.
    ///
    /// # Errors
    /// Every rule it breaks, in the order of the fields. Pointers start at the reading; no
    /// violation repeats a value.
    pub fn accept(self, now: Timestamp) -> Result<Reading, Vec<Violation>> {
        let mut broken = Vec::new();
        let sensor_id = noted(identifier(&self.sensor_id), &mut broken);
        if !self.value.is_finite() {
            broken.push(not_finite("/value"));
        }
        let sensor_type = noted(sensor_type(&self.sensor_type), &mut broken);
        if self.unit.chars().any(char::is_control) {
            broken.push(Violation::new("/unit", "invalid", "must not contain control characters"));
        }
        let timestamp = noted(timestamp(self.timestamp.as_deref(), now), &mut broken);
        if self.quality.is_some_and(|quality| !quality.is_finite()) {
            broken.push(not_finite("/quality"));
        }
        if let Err(errors) = self.validate() {
            derived(&self, &errors, &mut broken);
        }
        let metadata = self.metadata.unwrap_or_default();
        notes(&metadata, &mut broken);
        match (sensor_id, sensor_type, timestamp) {
            (Some(sensor_id), Some(sensor_type), Some(timestamp)) if broken.is_empty() => Ok(Reading {
                sensor_id,
                sensor_type,
                unit: self.unit,
                timestamp,
                value: self.value,
                quality: self.quality,
                location: self.location,
                metadata,
            }),
            _ => {
                broken.sort_by_key(|violation| FIELDS.iter().position(|field| violation.pointer.starts_with(field)));
                Err(broken)
            }
        }
    }
}

/// The fields in the order in which clients read about them. None is a prefix of another.
const FIELDS: [&str; 8] =
    ["/sensor_id", "/value", "/sensor_type", "/unit", "/timestamp", "/quality", "/location", "/metadata"];

/// Keeps what was accepted and writes down what was not.
fn noted<T>(outcome: Result<T, Violation>, broken: &mut Vec<Violation>) -> Option<T> {
    outcome.map_err(|violation| broken.push(violation)).ok()
}

fn not_finite(pointer: &str) -> Violation {
    Violation::new(pointer, "not_finite", "must be a finite number")
}

fn identifier(text: &str) -> Result<Identifier, Violation> {
    Identifier::parse(text)
        .map_err(|error: InvalidIdentifier| Violation::new("/sensor_id", "invalid", error.to_string()))
}

fn sensor_type(text: &str) -> Result<SensorType, Violation> {
    SensorType::parse(text)
        .ok_or_else(|| Violation::new("/sensor_type", "invalid", "must be one of the documented sensor types"))
}

fn timestamp(text: Option<&str>, now: Timestamp) -> Result<Timestamp, Violation> {
    let violation = |code, message: &'static str| Err(Violation::new("/timestamp", code, message));
    let Some(text) = text else {
        // Rounding a time that is in range leaves it in range.
        let arrival = jiff::TimestampRound::new().smallest(Unit::Millisecond).mode(jiff::RoundMode::Trunc);
        return Ok(now.round(arrival).unwrap_or(now));
    };
    let Some(timestamp) = parse_timestamp(text) else {
        return violation("invalid", "must be an RFC 3339 time with an offset and at most nine decimals");
    };
    // Segments count nanoseconds in an `i64`, which ends in the year 2262.
    if timestamp.duration_since(now) > AHEAD || nanoseconds(timestamp) == i64::MAX {
        return violation("in_the_future", "must not be more than ten minutes ahead");
    }
    if timestamp < Timestamp::UNIX_EPOCH {
        return violation("too_old", "must not be before 1970-01-01T00:00:00Z");
    }
    Ok(timestamp)
}

/// What the derived validation found. It cannot tell a text too short from one too long, and it
/// calls an infinite quality out of range although [`not_finite`] already said more.
fn derived(raw: &RawReading, errors: &ValidationErrors, broken: &mut Vec<Violation>) {
    for (field, errors) in errors.field_errors() {
        for error in errors {
            let code = match field.as_ref() {
                "unit" if raw.unit.is_empty() => Cow::Borrowed("too_short"),
                "unit" => Cow::Borrowed("too_long"),
                "quality" if raw.quality.is_some_and(f64::is_infinite) => continue,
                _ => error.code.clone(),
            };
            let message = error.message.clone().unwrap_or(Cow::Borrowed("is not valid"));
            broken.push(Violation { pointer: format!("/{field}"), code, message });
        }
    }
}

/// What is wrong with metadata pairs. When there are too many, that has been said and is enough.
fn notes(metadata: &BTreeMap<String, String>, broken: &mut Vec<Violation>) {
    if metadata.len() > MOST_NOTES {
        return;
    }
    for (key, value) in metadata {
        if key.is_empty() {
            broken.push(Violation::new("/metadata/", "too_short", "the key must not be empty"));
        }
        if longer(key, LONGEST_NOTE) {
            broken.push(Violation::new("/metadata", "too_long", "a key must be at most 256 characters long"));
        }
        if longer(value, LONGEST_NOTE) {
            broken.push(Violation::new(pointer(key), "too_long", "must be at most 256 characters long"));
        }
    }
}

fn longer(text: &str, limit: usize) -> bool {
    text.chars().nth(limit).is_some()
}

/// The pointer at a metadata entry, or at all of them when its key is too long to repeat.
fn pointer(key: &str) -> String {
    if longer(key, LONGEST_POINTED) {
        return "/metadata".to_owned();
    }
    format!("/metadata/{}", key.replace('~', "~0").replace('/', "~1"))
}
