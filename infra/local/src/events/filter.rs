//! Which records a function wants: the part of Lambda's event filtering that the product uses.

use serde_json::Value as Json;

/// What a record must look like.
#[derive(Clone, Debug)]
pub(crate) enum Pattern {
    /// All these members must fit.
    Members(Vec<(String, Pattern)>),
    /// One of these must hold.
    AnyOf(Vec<Rule>),
}

#[derive(Clone, Debug)]
pub(crate) enum Rule {
    Is(Json),
    Prefix(String),
    Exists(bool),
}

impl Pattern {
    /// Reads a pattern as templates have it: JSON in a text. A rule that is not known here is an error.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let pattern = serde_json::from_str(text).map_err(|error| format!("is not JSON: {error}"))?;
        match Self::of(&pattern)? {
            Self::AnyOf(_) => Err("is not an object".to_owned()),
            members => Ok(members),
        }
    }

    fn of(pattern: &Json) -> Result<Self, String> {
        match pattern {
            Json::Object(members) => {
                let members = members.iter().map(|(name, member)| Ok((name.clone(), Self::of(member)?)));
                members.collect::<Result<_, String>>().map(Self::Members)
            }
            Json::Array(rules) => rules.iter().map(Rule::of).collect::<Result<_, _>>().map(Self::AnyOf),
            other => Err(format!("has {other} where an object or a list of rules belongs")),
        }
    }

    /// Whether a value fits; `None` is a member that is not there.
    pub(crate) fn fits(&self, value: Option<&Json>) -> bool {
        match self {
            Self::Members(members) => {
                members.iter().all(|(name, pattern)| pattern.fits(value.and_then(|value| value.get(name))))
            }
            Self::AnyOf(rules) => rules.iter().any(|rule| rule.holds(value)),
        }
    }
}

impl Rule {
    fn of(rule: &Json) -> Result<Self, String> {
        let Json::Object(members) = rule else {
            return Ok(Self::Is(rule.clone()));
        };
        let only = members.iter().next().filter(|_| members.len() == 1);
        match only.map(|(name, argument)| (name.as_str(), argument)) {
            Some(("prefix", Json::String(prefix))) => Ok(Self::Prefix(prefix.clone())),
            Some(("exists", Json::Bool(exists))) => Ok(Self::Exists(*exists)),
            _ => Err(format!("has the rule {rule}, which the local cloud does not know")),
        }
    }

    fn holds(&self, value: Option<&Json>) -> bool {
        let of_one = |value: &Json| match self {
            Self::Is(expected) => value == expected,
            Self::Prefix(prefix) => value.as_str().is_some_and(|text| text.starts_with(prefix)),
            Self::Exists(_) => true,
        };
        match (self, value) {
            (Self::Exists(exists), value) => value.is_some() == *exists,
            (_, Some(Json::Array(values))) => values.iter().any(of_one),
            (_, value) => value.is_some_and(of_one),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::Pattern;
    use serde_json::json;

    #[test]
    fn all_members_must_fit_and_one_rule_of_each() {
        let pattern = r#"{"eventName":["INSERT","MODIFY"],"dynamodb":{"Keys":{"sk":{"S":[{"prefix":"R#"}]}}}}"#;
        let pattern = Pattern::parse(pattern).unwrap();
        let record = |name: &str, sk: &str| json!({"eventName": name, "dynamodb": {"Keys": {"sk": {"S": sk}}}});
        assert!(pattern.fits(Some(&record("INSERT", "R#1"))) && pattern.fits(Some(&record("MODIFY", "R#"))));
        assert!(!pattern.fits(Some(&record("REMOVE", "R#1"))) && !pattern.fits(Some(&record("INSERT", "A#1"))));
        assert!(!pattern.fits(Some(&json!({"eventName": "INSERT"}))));
    }

    #[test]
    fn what_must_not_exist_may_have_no_parent_either() {
        let absent = Pattern::parse(r#"{"dynamodb":{"NewImage":{"gone":{"S":[{"exists":false}]}}}}"#).unwrap();
        assert!(absent.fits(Some(&json!({}))));
        assert!(!absent.fits(Some(&json!({"dynamodb": {"NewImage": {"gone": {"S": "x"}}}}))));
    }

    #[test]
    fn a_list_fits_if_one_of_its_values_does() {
        let pattern = Pattern::parse(r#"{"SS":["b"]}"#).unwrap();
        assert!(pattern.fits(Some(&json!({"SS": ["a", "b"]}))) && !pattern.fits(Some(&json!({"SS": ["a"]}))));
    }

    #[test]
    fn a_rule_that_is_not_known_is_refused() {
        for text in [r#"{"a":[{"numeric":["=",1]}]}"#, r#"{"a":"b"}"#, r#"["a"]"#, "nonsense"] {
            assert!(Pattern::parse(text).is_err(), "{text}");
        }
    }
}
