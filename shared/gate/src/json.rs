//! Step 6: strict JSON.
//!
//! [`canonical`] reads the bytes once, without building a tree, and refuses what two programs
//! could read differently: repeated keys at any depth, numbers that are not finite, more than
//! [`DEEPEST`] levels, anything after the object. [`parse`] then reads the same bytes into a type
//! whose fields must be all there are, an object for each struct and a text for each name. Neither
//! ever repeats what the client sent.

use std::{borrow::Cow, fmt};

use kernel::{Code, Fault, Identifier, Violation};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::{scrub::scrub, shape::Shape};

/// The deepest nesting of objects and arrays.
pub const DEEPEST: usize = 32;

/// The canonical form of the JSON object in `bytes`: members sorted by name, no white space. Two
/// bodies that mean the same have the same canonical form.
///
/// # Errors
/// 400 when it is not one strict JSON object.
pub fn canonical(bytes: &[u8]) -> Result<Vec<u8>, Fault> {
    if bytes.first() != Some(&b'{') {
        return Err(Fault::new(Code::InvalidRequest, "The body must be a JSON object and nothing before it."));
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    Canonical { depth: 0, out: &mut out }
        .deserialize(&mut reader)
        .and_then(|()| reader.end())
        .map_err(|error| malformed(&error))?;
    Ok(out)
}

/// Reads `bytes`, which are strict JSON, into `T`; `prefix` is their pointer in the body.
///
/// # Errors
/// 400 for a field that is not known, 422 for one that is missing or of the wrong type.
pub fn parse<'a, T: Deserialize<'a>>(bytes: &'a [u8], prefix: &str) -> Result<T, Fault> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    serde_path_to_error::deserialize(Shape(&mut reader)).map_err(|error| explain(&error, prefix))
}

/// One value, or the list of them under `many`: the two forms of the routes that take batches.
pub enum OneOrMany<One, Many> {
    /// The single form.
    One(One),
    /// The batch form.
    Many(Many),
}

/// Reads a body in its single form, or in its batch form when it has the member `many`.
///
/// # Errors
/// As [`parse`].
pub fn one_or_many<'a, One, Many>(bytes: &'a [u8], many: &str) -> Result<OneOrMany<One, Many>, Fault>
where
    One: Deserialize<'a>,
    Many: Deserialize<'a>,
{
    let members: std::collections::BTreeMap<Cow<'a, str>, &'a RawValue> = parse(bytes, "")?;
    if members.contains_key(many) {
        parse(bytes, "").map(OneOrMany::Many)
    } else {
        parse(bytes, "").map(OneOrMany::One)
    }
}

struct Canonical<'a> {
    depth: usize,
    out: &'a mut Vec<u8>,
}

impl Canonical<'_> {
    fn inner<'b>(&self, out: &'b mut Vec<u8>) -> Canonical<'b> {
        Canonical { depth: self.depth + 1, out }
    }

    fn write<E: serde::de::Error>(self, value: impl serde::Serialize) -> Result<(), E> {
        serde_json::to_writer(self.out, &value).map_err(E::custom)
    }

    fn enter<E: serde::de::Error>(&self) -> Result<(), E> {
        if self.depth < DEEPEST { Ok(()) } else { Err(E::custom("too deep")) }
    }
}

impl<'de> DeserializeSeed<'de> for Canonical<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Canonical<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<(), E> {
        self.write(value)
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<(), E> {
        self.write(value)
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<(), E> {
        self.write(value)
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<(), E> {
        self.write(value)
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<(), E> {
        self.write(value)
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.write(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        self.enter()?;
        self.out.push(b'[');
        while elements.next_element_seed(Canonical { depth: self.depth + 1, out: self.out })?.is_some() {
            self.out.push(b',');
        }
        self.out.push(b']');
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        self.enter()?;
        let mut members: Vec<(String, Vec<u8>)> = Vec::new();
        while let Some(name) = entries.next_key::<String>()? {
            let mut value = Vec::new();
            entries.next_value_seed(self.inner(&mut value))?;
            members.push((name, value));
        }
        members.sort_unstable_by(|one, other| one.0.cmp(&other.0));
        if members.windows(2).any(|pair| matches!(pair, [one, other] if one.0 == other.0)) {
            return Err(A::Error::custom("repeated key"));
        }
        self.out.push(b'{');
        for (name, value) in members {
            serde_json::to_writer(&mut *self.out, &name).map_err(A::Error::custom)?;
            self.out.push(b':');
            self.out.extend(value);
            self.out.push(b',');
        }
        self.out.push(b'}');
        Ok(())
    }
}

/// Says where strict reading stopped, and the two reasons that are ours.
fn malformed(error: &serde_json::Error) -> Fault {
    let text = error.to_string();
    let reason = if text.starts_with("repeated key") {
        "an object repeats a key"
    } else if text.starts_with("too deep") {
        "more than 32 levels of nesting"
    } else if text.starts_with("number out of range") {
        "a number is not finite"
    } else {
        "not valid JSON"
    };
    let place = format!("line {}, column {}", error.line(), error.column());
    Fault::new(Code::InvalidRequest, format!("The body cannot be read: {reason} ({place})."))
}

/// Makes a deserialisation error a fault that names the place and the rule, never the value.
///
/// serde has one kind for all these errors and tells them apart by text alone, so the text is
/// matched; what follows the first word of interest is dropped, because it may quote the client.
pub(crate) fn explain<E: fmt::Display>(error: &serde_path_to_error::Error<E>, prefix: &str) -> Fault {
    let text = error.inner().to_string();
    let mut pointer = pointer(prefix, error.path());
    let name = text.split('`').nth(1).unwrap_or_default();
    if text.starts_with("unknown field") {
        if is_harmless(name) && !pointer.ends_with(&format!("/{name}")) {
            pointer = format!("{pointer}/{name}");
        }
        let violation = Violation::new(pointer, "unknown", "is not known here");
        let mut fault = Fault::new(Code::InvalidRequest, "The request has a field or parameter that is not known.");
        fault.errors = vec![violation];
        return fault;
    }
    if text.starts_with("duplicate field") {
        return Fault::new(Code::InvalidRequest, "The request repeats a field or parameter.");
    }
    let violation = if text.starts_with("missing field") {
        Violation::new(format!("{pointer}/{name}"), "required", "is required")
    } else if let (true, Some((_, expected))) = (text.starts_with("unknown variant"), text.split_once("`, expected ")) {
        let expected = expected.split(" at line ").next().unwrap_or_default();
        Violation::new(pointer, "invalid", format!("must be {}", expected.replace('`', "")))
    } else if text.starts_with("invalid type") {
        Violation::new(pointer, "type", "has the wrong JSON type")
    } else {
        Violation::new(pointer, "invalid", "is not valid")
    };
    Fault::validation(vec![violation])
}

fn pointer(prefix: &str, path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;

    path.iter().fold(prefix.to_owned(), |pointer, segment| match segment {
        Segment::Seq { index } => format!("{pointer}/{index}"),
        Segment::Map { key } if is_harmless(key) => format!("{pointer}/{key}"),
        Segment::Map { .. } | Segment::Enum { .. } | Segment::Unknown => pointer,
    })
}

/// Whether a name that the client gave may be repeated: it is an identifier and no number or address of anybody.
fn is_harmless(name: &str) -> bool {
    Identifier::parse(name).is_ok() && scrub(name) == name
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bodies_that_mean_the_same_have_one_canonical_form() {
        let one = canonical(br#"{"b": [1, 2.5, "x"], "a": {"d": null, "c": true}}"#).unwrap();
        let other = canonical(br#"{"a":{"c":true,"d":null},"b":[1,2.5,"\u0078"]}"#).unwrap();
        assert_eq!(one, other);
        assert_ne!(one, canonical(br#"{"a":{"c":true,"d":null},"b":[2.5,1,"x"]}"#).unwrap());
    }

    #[test]
    fn what_two_programs_could_read_differently_is_refused() {
        let deep = |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
        assert!(canonical(deep(31).as_bytes()).is_ok());
        for bad in [
            "",
            " {}",
            "[]",
            "null",
            "{} {}",
            "{}x",
            r#"{"a":1,"a":1}"#,
            r#"{"a":{"b":1,"\u0062":2}}"#,
            r#"{"a":1e999}"#,
            r#"{"a":NaN}"#,
            r#"{"a":Infinity}"#,
            r#"{"a":01}"#,
            r#"{"a":1,}"#,
            "{\"a\":\"\u{1}\"}",
            "{\"a\":\"\\ud800\"}",
            &deep(32),
            &deep(100_000),
        ] {
            let fault = canonical(bad.as_bytes()).unwrap_err();
            assert_eq!(fault.code, Code::InvalidRequest, "{bad:.40}");
        }
    }

    #[test]
    fn an_error_names_the_place_and_never_the_value() {
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[allow(dead_code, reason = "only read into")]
        struct Inner {
            number: f64,
        }
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[allow(dead_code, reason = "only read into")]
        struct Outer {
            list: Vec<Inner>,
        }
        for (body, code, pointer) in [
            (r#"{"list":[{"number":"hunter2"}]}"#, Code::ValidationFailed, "/list/0/number"),
            (r#"{"list":[{"number":1},{}]}"#, Code::ValidationFailed, "/list/1/number"),
            (r#"{"list":[{"number":1,"extra":2}]}"#, Code::InvalidRequest, "/list/0/extra"),
            (r#"{"list":[],"<script>":2}"#, Code::InvalidRequest, ""),
            (r#"{"list":[],"4000001234567899":2}"#, Code::InvalidRequest, ""),
        ] {
            let fault = parse::<Outer>(body.as_bytes(), "").unwrap_err();
            assert_eq!((fault.code, fault.errors[0].pointer.as_str()), (code, pointer), "{body}");
            assert!(!format!("{fault:?}").contains("hunter2") && !format!("{fault:?}").contains("script"));
        }
    }

    #[test]
    fn an_array_is_no_object_and_an_object_is_no_name() {
        #[derive(Debug, Deserialize, PartialEq)]
        #[serde(deny_unknown_fields)]
        struct Reading {
            value: Option<f64>,
            kind: Option<Kind>,
        }
        #[derive(Debug, Deserialize, PartialEq)]
        #[serde(rename_all = "snake_case")]
        enum Kind {
            Spike,
        }
        #[derive(Debug, Deserialize, PartialEq)]
        #[serde(deny_unknown_fields)]
        struct Batch {
            readings: Vec<Reading>,
            last: Option<Reading>,
        }
        let good = r#"{"readings":[{"value":1,"kind":"spike"},{}],"last":null}"#;
        let one = Reading { value: Some(1.0), kind: Some(Kind::Spike) };
        let expected = Batch { readings: vec![one, Reading { value: None, kind: None }], last: None };
        assert_eq!(parse::<Batch>(good.as_bytes(), "").unwrap(), expected);
        for (body, pointer) in [
            (r#"{"readings":[[1,"spike"]]}"#, "/readings/0"),
            (r#"{"readings":[[null,null]]}"#, "/readings/0"),
            (r#"{"readings":[],"last":[1,null]}"#, "/last"),
            (r#"{"readings":[],"last":[]}"#, "/last"),
            (r#"{"readings":[{"kind":{"spike":null}}]}"#, "/readings/0/kind"),
            (r#"{"readings":[{"kind":0}]}"#, "/readings/0/kind"),
        ] {
            let fault = parse::<Batch>(body.as_bytes(), "").unwrap_err();
            let found = &fault.errors[0];
            assert_eq!((found.pointer.as_str(), &*found.code), (pointer, "type"), "{body}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_strict_reading_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = canonical(&bytes);
        }
    }
}
