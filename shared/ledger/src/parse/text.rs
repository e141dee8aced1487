//! The text that is read, and where each byte of it comes from.
//!
//! Look-alikes are written one way (NFKC, one dash, one apostrophe), what cannot be seen is dropped, and of HTML only
//! what a reader would see is left. Every byte remembers the bytes it came from, so that a span of what is read is a
//! span of what arrived.

use std::{borrow::Cow, ops::Range};

use unicode_normalization::{UnicodeNormalization, char::canonical_combining_class};

use super::html;

/// A text to read.
pub(super) struct Text<'a> {
    /// What is read.
    pub(super) clean: Cow<'a, str>,
    /// For every byte of `clean` the bytes it came from; empty when they are the same.
    origins: Vec<(usize, usize)>,
}

impl<'a> Text<'a> {
    /// A short message.
    pub(super) fn plain(text: &'a str) -> Self {
        Self { clean: Cow::Borrowed(text), origins: Vec::new() }.normalised()
    }

    /// An e-mail.
    pub(super) fn email(text: &'a str) -> Self {
        if text.bytes().any(|byte| byte == b'<' || byte == b'&') {
            html::seen(text).normalised()
        } else {
            Self::plain(text)
        }
    }

    /// Nothing yet, to be written with [`push`](Self::push).
    pub(super) fn empty(capacity: usize) -> Self {
        Self { clean: Cow::Owned(String::with_capacity(capacity)), origins: Vec::with_capacity(capacity) }
    }

    /// Adds a piece that came from the bytes `origin`.
    pub(super) fn push(&mut self, piece: &str, origin: &Range<usize>) {
        self.clean.to_mut().push_str(piece);
        self.origins.resize(self.clean.len(), (origin.start, origin.end));
    }

    /// The bytes that `span` of the clean text came from.
    pub(super) fn origin(&self, span: &Range<usize>) -> Range<usize> {
        if self.origins.is_empty() {
            return span.clone();
        }
        let start = self.origins.get(span.start).map_or(0, |origin| origin.0);
        let end = span.end.checked_sub(1).and_then(|last| self.origins.get(last)).map_or(start, |origin| origin.1);
        start..end.max(start)
    }

    fn normalised(self) -> Self {
        if self.clean.is_ascii() {
            return self;
        }
        let mut out = Self::empty(self.clean.len());
        let mut rest = self.clean.char_indices().peekable();
        while let Some((start, first)) = rest.next() {
            let mut end = start + first.len_utf8();
            while let Some(&(at, next)) = rest.peek() {
                if next.is_ascii() || canonical_combining_class(next) == 0 {
                    break;
                }
                end = at + next.len_utf8();
                rest.next();
            }
            let Some(cluster) = self.clean.get(start..end) else { continue };
            let origin = self.origin(&(start..end));
            match look_alike(first) {
                Some(written) => out.push(written, &origin),
                None if first.is_ascii() && cluster.len() == 1 => out.push(cluster, &origin),
                None => cluster.nfkc().for_each(|part| out.push(part.encode_utf8(&mut [0; 4]), &origin)),
            }
        }
        out
    }
}

/// What is written instead of a character that NFKC leaves alone.
const fn look_alike(character: char) -> Option<&'static str> {
    Some(match character {
        '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2032}' | '\u{ff07}' => "'",
        '\u{201c}' | '\u{201d}' | '\u{201e}' => "\"",
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{ff0d}' => "-",
        '\u{2022}' | '\u{25cf}' | '\u{2219}' | '\u{00b7}' | '\u{2217}' => "*",
        '\u{00ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => "",
        '\u{20a8}' => "Rs",
        '\u{2028}' | '\u{2029}' => "\n",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin_of<'a>(text: &'a Text<'_>, arrived: &'a str, part: &str) -> Option<&'a str> {
        let at = text.clean.find(part)?;
        arrived.get(text.origin(&(at..at + part.len())))
    }

    #[test]
    fn what_looks_alike_is_read_alike_and_points_to_what_arrived() {
        let arrived = "Rs\u{a0}\u{ff15}\u{ff10}\u{ff10} deb\u{200b}ited \u{2013} cafe\u{301} \u{2022}\u{2022}12";
        let text = Text::plain(arrived);
        assert_eq!(text.clean, "Rs 500 debited - caf\u{e9} **12");
        assert_eq!(origin_of(&text, arrived, "500"), Some("\u{ff15}\u{ff10}\u{ff10}"));
        assert_eq!(origin_of(&text, arrived, "debited"), Some("deb\u{200b}ited"));
        assert_eq!(origin_of(&text, arrived, "caf\u{e9}"), Some("cafe\u{301}"));
    }

    #[test]
    fn a_character_that_expands_is_one_place() {
        let arrived = "x \u{fdfa} y";
        let text = Text::plain(arrived);
        let middle = text.clean.find(' ').map_or(0, |at| at + 3);
        assert_eq!(arrived.get(text.origin(&(middle..middle + 1))), Some("\u{fdfa}"));
    }
}
