//! The second net under the types: whatever text reaches a log line, what looks personal in it does not.
//!
//! Personal data live in types that cannot be printed. This is for what slips past them: an error that quotes its
//! input, a request id that a client makes of an account number. [`line`] is the one way to a log line, and it looks
//! at every string in it except those under the key `kid`, which are names that we gave. In a string,
//!
//! | what | for example |
//! |---|---|
//! | nine digits or more, in one or with spaces, dashes, dots or brackets between | accounts, phones, references |
//! | a card's 13 to 19 digits with a right check digit, whatever stands between | `4111/1111/1111/1111` |
//! | digits behind what hides others | `XX1234`, `xxxx-1234`, `*1234` |
//! | what has an `@` inside | e-mail addresses, UPI handles |
//!
//! becomes [`MASK`], with the words it is part of. The text is [folded](fold) first, so that it does not matter how
//! digits are written. What the operator needs and has as many digits is [spared]. A name, a place or an amount is not
//! recognised: only types keep those out.

mod fold;
mod spared;
#[cfg(test)]
mod tests;

use std::{
    borrow::Cow,
    io,
    ops::{Range, RangeInclusive},
};

use serde::Serialize;
use serde_json::ser::{CharEscape, Formatter, Serializer};

use fold::{decode, fold};
use spared::spared;

/// What stands for what was masked.
const MASK: &str = "***";

/// As many digits are an account, a phone or a reference.
const TELLING: usize = 9;

/// As many digits behind hidden ones tell which account is meant.
const TAIL: usize = 3;

/// The digits of a card.
const CARD: RangeInclusive<usize> = 13..=19;

/// As many characters may stand between two groups of digits.
const GAP: usize = 3;

/// After as many words without a result a sequence is given up, so that no text takes long.
const PATIENCE: usize = 24;

/// `value` as one line of JSON without anything that looks personal.
///
/// # Errors
/// When it cannot be JSON.
pub fn line(value: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    let mut line = Vec::with_capacity(1024);
    value.serialize(&mut Serializer::with_formatter(&mut line, Scrubbing::default()))?;
    line.push(b'\n');
    Ok(line)
}

/// Writes JSON as serde_json does, but every string value as a whole and scrubbed.
#[derive(Default)]
struct Scrubbing {
    text: String,
    in_key: bool,
    ours: bool,
}

impl Formatter for Scrubbing {
    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.in_key = true;
        if first { Ok(()) } else { writer.write_all(b",") }
    }

    fn end_object_key<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.in_key = false;
        Ok(())
    }

    fn begin_string<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.text.clear();
        Ok(())
    }

    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, _: &mut W, fragment: &str) -> io::Result<()> {
        self.text.push_str(fragment);
        Ok(())
    }

    fn write_char_escape<W: ?Sized + io::Write>(&mut self, _: &mut W, escape: CharEscape) -> io::Result<()> {
        self.text.push(match escape {
            CharEscape::Quote => '"',
            CharEscape::ReverseSolidus => '\\',
            CharEscape::Solidus => '/',
            CharEscape::Backspace => '\u{8}',
            CharEscape::FormFeed => '\u{c}',
            CharEscape::LineFeed => '\n',
            CharEscape::CarriageReturn => '\r',
            CharEscape::Tab => '\t',
            CharEscape::AsciiControl(byte) => char::from(byte),
        });
        Ok(())
    }

    fn end_string<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        let text = if self.in_key || self.ours { Cow::Borrowed(&*self.text) } else { scrub(&self.text) };
        serde_json::to_writer(writer, &*text)?;
        self.ours = self.in_key && self.text == "kid";
        Ok(())
    }
}

/// `text` without what looks personal.
pub(crate) fn scrub(text: &str) -> Cow<'_, str> {
    let (digits, others) = text.bytes().fold((0_usize, false), |(digits, others), byte| {
        (digits + usize::from(byte.is_ascii_digit()), others | matches!(byte, b'@' | b'%' | 0x7F..))
    });
    if digits < TAIL && !others {
        return Cow::Borrowed(text);
    }
    let text = then(fold(text), mask_numbers);
    // Before too, because what looks like a code may be part of a number.
    let text = if text.contains('%') { then(then(text, decode), mask_numbers) } else { text };
    if text.contains('@') { then(text, mask_addresses) } else { text }
}

fn then<'a>(text: Cow<'a, str>, mask: fn(&str) -> Cow<'_, str>) -> Cow<'a, str> {
    match text {
        Cow::Borrowed(text) => mask(text),
        Cow::Owned(text) => match mask(&text) {
            Cow::Borrowed(_) => Cow::Owned(text),
            Cow::Owned(masked) => Cow::Owned(masked),
        },
    }
}

/// Masks every token with an `@` inside, and the quoted text before it if it begins with one.
fn mask_addresses(text: &str) -> Cow<'_, str> {
    let ends = |char: char| char.is_whitespace() || char.is_control() || "<>()[],;:\"\\".contains(char);
    let mut out = String::with_capacity(text.len());
    for piece in text.split_inclusive(ends) {
        let token = piece.strip_suffix(ends).unwrap_or(piece);
        let quoted = out.strip_suffix('"').filter(|_| token.starts_with('@') && token.len() > 1);
        if let Some(opening) = quoted.and_then(|before| before.rfind('"')) {
            out.truncate(opening + 1);
            out.push_str(MASK);
        } else if quoted.is_some() || token.trim_matches('@').contains('@') {
            out.push_str(MASK);
        } else {
            out.push_str(token);
        }
        out.push_str(piece.get(token.len()..).unwrap_or_default());
    }
    Cow::Owned(out)
}

fn mask_numbers(text: &str) -> Cow<'_, str> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.as_bytes().get(at..).filter(|rest| !rest.is_empty()) {
        let first = word(rest);
        if first.is_empty() {
            at += 1;
            continue;
        }
        let spared = spared(text.as_bytes(), at, first);
        if spared > 0 {
            at += spared;
        } else if let Some(Number { last, end }) = number(rest, first) {
            match found.last_mut().filter(|before| before.end > at) {
                Some(before) => before.end = before.end.max(at + end),
                None => found.push(at..at + end),
            }
            // The last word may begin something else too.
            at += if last > 0 { last } else { end };
        } else {
            at += first.len();
        }
    }
    if found.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut copied = 0;
    for Range { start, end } in found {
        out.push_str(text.get(copied..start).unwrap_or_default());
        out.push_str(MASK);
        copied = end;
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    Cow::Owned(out)
}

/// Digits that look personal: where the last word of them begins, and where it ends.
struct Number {
    last: usize,
    end: usize,
}

/// What looks personal and begins with the first word of `rest`.
fn number(rest: &[u8], first: &[u8]) -> Option<Number> {
    let digits = first.iter().filter(|byte| byte.is_ascii_digit()).count();
    let tail = tail(first);
    if digits == 0 && tail.is_empty() || first == MASK.as_bytes() {
        return None;
    }
    let has_run = || first.split(|byte| !byte.is_ascii_digit()).any(|run| run.len() >= TELLING);
    let alone = || (digits >= TELLING && has_run()).then_some(Number { last: 0, end: first.len() });
    grouped(rest, first, tail).or_else(|| card(rest, first, tail)).or_else(alone)
}

/// Digits, some of them perhaps hidden, in groups with separators between.
fn grouped(rest: &[u8], first: &[u8], tail: &[u8]) -> Option<Number> {
    let mut seen = Seen::new(tail)?;
    let mut number = Number { last: 0, end: first.len() };
    let mut words = 0;
    while words < PATIENCE || seen.is_personal() {
        words += 1;
        let Some((gap, next)) = following(rest, number.end, is_separator) else { break };
        let head = head(next);
        if head.is_empty() {
            break;
        }
        seen.add(head);
        number.last = number.end + gap;
        number.end = number.last + next.len();
        if head.len() < next.len() {
            break;
        }
    }
    seen.is_personal().then_some(number)
}

/// The digits of a card, whatever stands between their groups.
fn card(rest: &[u8], first: &[u8], tail: &[u8]) -> Option<Number> {
    let mut check = Check::default();
    let mut found = None;
    let (mut group, mut last, mut end) = (tail, 0, first.len());
    while !group.is_empty() && group.iter().all(u8::is_ascii_digit) && check.digits + group.len() <= *CARD.end() {
        group.iter().for_each(|digit| check.add(*digit));
        if CARD.contains(&check.digits) && check.holds() {
            found = Some(Number { last, end });
        }
        if last > 0 && group.len() < end - last {
            break;
        }
        let Some((gap, next)) = following(rest, end, |_| true) else { break };
        last = end + gap;
        end = last + next.len();
        group = head(next);
    }
    found
}

/// Of an account or a card: how many digits are seen, and how many are hidden.
#[derive(Default)]
struct Seen {
    digits: usize,
    hidden: usize,
    /// Digits since the last hidden one.
    behind: usize,
    is_account: bool,
}

impl Seen {
    /// The first group; none when it is empty. One star hides an account, and one letter when four digits follow.
    fn new(group: &[u8]) -> Option<Self> {
        let (sign, digits) = group.split_first()?;
        let digits = prefix(digits, u8::is_ascii_digit).len();
        let is_account = match sign {
            b'*' => digits >= TAIL,
            b'X' | b'x' => digits > TAIL,
            _ => false,
        };
        let mut seen = Self { is_account, ..Self::default() };
        seen.add(group);
        Some(seen)
    }

    fn add(&mut self, group: &[u8]) {
        for byte in group {
            if byte.is_ascii_digit() {
                self.digits += 1;
                self.behind += 1;
            } else {
                self.hidden += 1;
                self.behind = 0;
            }
            self.is_account |= self.behind >= TAIL && self.hidden > 1;
        }
    }

    const fn is_personal(&self) -> bool {
        self.digits >= TELLING || self.is_account
    }
}

/// The word that `bytes` begin with; empty when they begin with something else.
fn word(bytes: &[u8]) -> &[u8] {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'*' || !byte.is_ascii();
    prefix(bytes, is_part)
}

/// The next word and how many bytes are between, unless that is too many or the word is spared.
fn following(rest: &[u8], end: usize, between: fn(u8) -> bool) -> Option<(usize, &[u8])> {
    let after = rest.get(end..)?;
    let gap = after.iter().take(GAP + 1).take_while(|byte| between(**byte) && word(&[**byte]).is_empty()).count();
    let next = after.get(gap..).filter(|_| (1..=GAP).contains(&gap))?;
    let word = word(next);
    (!word.is_empty() && word != MASK.as_bytes() && spared(rest, end + gap, word) == 0).then_some((gap, word))
}

/// The sums over digits of which the last may be a check digit (ISO/IEC 7812-1, annex B).
#[derive(Default)]
struct Check {
    digits: usize,
    /// With the last digit counted once, and with it doubled.
    sums: (u32, u32),
}

impl Check {
    fn add(&mut self, digit: u8) {
        let value = u32::from(digit - b'0');
        let doubled = value * 2 % 10 + value / 5;
        self.sums = (self.sums.1 + value, self.sums.0 + doubled);
        self.digits += 1;
    }

    const fn holds(&self) -> bool {
        self.sums.0.is_multiple_of(10)
    }
}

const fn is_separator(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'-' | b'.' | b'(' | b')' | b'+' | b'_' | b'%')
}

const fn is_shown_or_hidden(byte: &u8) -> bool {
    byte.is_ascii_digit() || matches!(*byte, b'*' | b'X' | b'x')
}

/// The digits, shown and hidden, that a word ends with. A letter at its end hides none, nor does a single one.
fn tail(word: &[u8]) -> &[u8] {
    let length = word.iter().rev().take_while(|byte| is_shown_or_hidden(byte)).count();
    let tail = word.get(word.len() - length..).unwrap_or_default();
    let letters = prefix(tail, |byte| matches!(byte, b'X' | b'x')).len();
    let rest = tail.get(letters..).unwrap_or_default();
    let hides = letters > 1 && rest.first().is_some_and(u8::is_ascii_digit);
    if tail.len() == word.len() || hides { tail } else { rest }
}

/// The digits, shown and hidden, that a word begins with.
fn head(word: &[u8]) -> &[u8] {
    let head = prefix(word, is_shown_or_hidden);
    if head.len() == word.len() {
        return head;
    }
    let letters = head.iter().rev().take_while(|byte| matches!(byte, b'X' | b'x')).count();
    head.get(..head.len() - letters).unwrap_or_default()
}

fn prefix(bytes: &[u8], is_part: impl Fn(&u8) -> bool) -> &[u8] {
    let length = bytes.iter().take_while(|byte| is_part(byte)).count();
    bytes.get(..length).unwrap_or_default()
}
