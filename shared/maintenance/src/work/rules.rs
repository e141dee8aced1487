//! The rules that several kinds of requests share. Each notes a [`Violation`] that repeats no value.

use std::{borrow::Cow, ops::RangeInclusive};

use jiff::{Timestamp, civil::Date};
use kernel::{Identifier, Violation, parse_timestamp};

/// The longest reason that an operator gives, in characters.
pub(crate) const LONGEST_REASON: usize = 1000;
/// What a line of text is made of: anything but control characters.
pub(crate) const LINE: &str = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$";
/// The same for text of several lines.
pub(crate) const TEXT: &str = "^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f]*$";
/// The longest text of several lines, in characters.
pub(crate) const LONGEST_TEXT: usize = 4000;
/// The longest work that is planned at a stretch, in minutes.
pub(crate) const LONGEST_WORK: u32 = 1440;
/// The shortest.
pub(crate) const SHORTEST_WORK: u32 = 5;

/// What is wrong with a request, found place by place.
#[derive(Debug, Default)]
pub(crate) struct Broken(Vec<Violation>);

impl Broken {
    /// Notes a broken rule.
    pub(crate) fn note(
        &mut self,
        pointer: impl Into<String>,
        code: &'static str,
        message: impl Into<Cow<'static, str>>,
    ) {
        self.0.push(Violation::new(pointer, code, message));
    }

    /// What was made of the request, when no rule is broken.
    pub(crate) fn or<T>(self, made: Option<T>) -> Result<T, Vec<Violation>> {
        match made {
            Some(made) if self.0.is_empty() => Ok(made),
            _ => Err(self.0),
        }
    }

    /// A whole number within `range`.
    pub(crate) fn whole(&mut self, pointer: &str, number: i64, range: RangeInclusive<u32>) -> Option<u32> {
        let accepted = u32::try_from(number).ok().filter(|number| range.contains(number));
        if accepted.is_none() {
            self.note(pointer, "out_of_range", format!("must be from {} to {}", range.start(), range.end()));
        }
        accepted
    }

    /// A number within `range`. NaN is in none.
    pub(crate) fn number(&mut self, pointer: &str, number: f64, range: RangeInclusive<f64>) -> Option<f64> {
        if range.contains(&number) {
            return Some(number);
        }
        self.note(pointer, "out_of_range", format!("must be from {} to {}", range.start(), range.end()));
        None
    }

    /// A grade from 1 to 5, made by `new`.
    pub(crate) fn grade<T>(&mut self, pointer: &str, number: i64, new: fn(i64) -> Option<T>) -> Option<T> {
        let grade = new(number);
        if grade.is_none() {
            self.note(pointer, "out_of_range", "must be from 1 to 5");
        }
        grade
    }

    /// One of several words, found by `parse`.
    pub(crate) fn word<T>(&mut self, pointer: &str, text: &str, parse: fn(&str) -> Option<T>) -> Option<T> {
        let word = parse(text);
        if word.is_none() {
            self.note(pointer, "invalid", "must be one of the documented words");
        }
        word
    }

    /// An identifier.
    pub(crate) fn identifier(&mut self, pointer: &str, text: &str) -> Option<Identifier> {
        Identifier::parse(text).map_err(|error| self.note(pointer, "invalid", error.to_string())).ok()
    }

    /// An RFC 3339 time.
    pub(crate) fn time(&mut self, pointer: &str, text: &str) -> Option<Timestamp> {
        let time = parse_timestamp(text);
        if time.is_none() {
            self.note(pointer, "invalid", "must be an RFC 3339 time with an offset and at most nine decimals");
        }
        time
    }

    /// A date as `YYYY-MM-DD`. The library's own parser takes more spellings.
    pub(crate) fn date(&mut self, pointer: &str, text: &str) -> Option<Date> {
        let date = text.parse::<Date>().ok().filter(|date| date.to_string() == text);
        if date.is_none() {
            self.note(pointer, "invalid", "must be a date as YYYY-MM-DD");
        }
        date
    }

    /// A line of text of 1 to `longest` characters.
    pub(crate) fn line(&mut self, pointer: &str, text: String, longest: usize) -> Option<String> {
        let one_line = !text.chars().any(char::is_control);
        if !one_line {
            self.note(pointer, "invalid", "must not contain control characters");
        }
        self.length(pointer, &text, longest).filter(|()| one_line).map(|()| text)
    }

    /// Text of 1 to `longest` characters, in which lines may end and words be set apart by tabs.
    pub(crate) fn text(&mut self, pointer: &str, text: String, longest: usize) -> Option<String> {
        let plain = !text.chars().any(|character| character.is_control() && !matches!(character, '\n' | '\r' | '\t'));
        if !plain {
            self.note(pointer, "invalid", "must not contain control characters other than line ends and tabs");
        }
        self.length(pointer, &text, longest).filter(|()| plain).map(|()| text)
    }

    fn length(&mut self, pointer: &str, text: &str, longest: usize) -> Option<()> {
        if text.trim().is_empty() {
            self.note(pointer, "too_short", "must not be empty");
            return None;
        }
        if text.chars().nth(longest).is_some() {
            self.note(pointer, "too_long", format!("must be at most {longest} characters long"));
            return None;
        }
        Some(())
    }

    /// At most `most` entries. When there are more, that is said once and they are not looked at.
    pub(crate) fn entries<T>(&mut self, pointer: &str, entries: Vec<T>, most: usize) -> Vec<T> {
        if entries.len() > most {
            self.note(pointer, "too_many", format!("must have at most {most} entries"));
            return Vec::new();
        }
        entries
    }
}
