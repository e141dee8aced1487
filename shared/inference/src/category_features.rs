//! The rows of the category model's table that a name has. `infra/models/category_model.py` finds the same; the
//! golden names hold the two together.

use unicode_normalization::{UnicodeNormalization, char::canonical_combining_class};

pub(crate) const BUCKETS: u16 = 1 << 15;
pub(crate) const SHORTEST: usize = 3;
pub(crate) const LONGEST: usize = 5;
pub(crate) const MOST_WORDS: usize = 8;
pub(crate) const MOST_LETTERS: usize = 20;
pub(crate) const MOST_ROWS: usize = 128;

/// The rows of `name`, each once, filled up with the row of zeros.
pub(crate) fn rows(name: &str) -> [i64; MOST_ROWS] {
    let words = words(name);
    let mut rows = Rows { rows: [i64::from(BUCKETS); MOST_ROWS], met: 0, seen: [0; SEEN] };
    if let Some(last) = words.last() {
        rows.add(hash(START, last.iter().chain(b"$")));
    }
    for pair in words.windows(2) {
        if let [one, next] = pair {
            rows.add(hash(START, one.iter().chain(b" ").chain(next)));
        }
    }
    for word in &words {
        rows.add_runs(word);
    }
    rows.rows
}

struct Rows {
    rows: [i64; MOST_ROWS],
    met: usize,
    /// A bit for each row of the table.
    seen: [u64; SEEN],
}

const SEEN: usize = BUCKETS as usize / 64;

impl Rows {
    fn add(&mut self, hash: u32) {
        let row = hash % u32::from(BUCKETS);
        let bit = 1 << (row % 64);
        let new = self.seen.get_mut(row as usize / 64).filter(|bits| **bits & bit == 0);
        if let (Some(bits), Some(place)) = (new, self.rows.get_mut(self.met)) {
            *bits |= bit;
            *place = i64::from(row);
            self.met += 1;
        }
    }

    /// The word with its ends, and every run of letters in it.
    fn add_runs(&mut self, word: &[u8]) {
        let mut bounded = [0; MOST_LETTERS + 2];
        for (place, letter) in bounded.iter_mut().zip(b"<".iter().chain(word).chain(b">")) {
            *place = *letter;
        }
        let bounded = bounded.get(..word.len() + 2).unwrap_or_default();
        self.add(hash(START, bounded));
        for start in 0..bounded.len() {
            let mut value = START;
            for (length, letter) in (1..=LONGEST).zip(bounded.iter().skip(start)) {
                value = hash(value, [letter]);
                if length >= SHORTEST {
                    self.add(value);
                }
            }
        }
    }
}

/// FNV-1a, 32 bits.
const START: u32 = 0x811c_9dc5;

fn hash<'a>(start: u32, bytes: impl IntoIterator<Item = &'a u8>) -> u32 {
    bytes.into_iter().fold(start, |value, byte| (value ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

/// The first words of letters a to z, each cut to its first letters: no accents, apostrophes, digits and "and".
fn words(name: &str) -> Vec<Vec<u8>> {
    let plain = if name.is_ascii() { name.bytes().filter_map(plain).collect() } else { decomposed(name) };
    let mut words = Vec::with_capacity(MOST_WORDS);
    let mut word = Vec::with_capacity(MOST_LETTERS);
    let mut before = None;
    for (at, byte) in plain.iter().enumerate() {
        match byte {
            b'a'..=b'z' => word.push(*byte),
            b'&' if [before, plain.get(at + 1)].iter().all(|side| side.is_some_and(u8::is_ascii_alphanumeric)) => {}
            _ => end(&mut word, &mut words),
        }
        before = Some(byte);
    }
    end(&mut word, &mut words);
    words.truncate(MOST_WORDS);
    words
}

fn end(word: &mut Vec<u8>, words: &mut Vec<Vec<u8>>) {
    if !word.is_empty() && word != b"and" {
        words.push(word.iter().take(MOST_LETTERS).copied().collect());
    }
    word.clear();
}

/// The letters of `name` without their accents.
fn decomposed(name: &str) -> Vec<u8> {
    let letters = name.nfkd().filter(|&character| canonical_combining_class(character) == 0);
    let ascii = letters.flat_map(char::to_lowercase).map(|character| match character {
        '\u{2018}' | '\u{2019}' => b'\'',
        _ => u8::try_from(character).unwrap_or(b' '),
    });
    ascii.filter_map(plain).collect()
}

/// Lower case; nothing for an apostrophe, and a space for what is neither a letter a to z, a digit nor an ampersand.
const fn plain(byte: u8) -> Option<u8> {
    match byte {
        b'\'' | b'`' => None,
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'&' => Some(byte.to_ascii_lowercase()),
        _ => Some(b' '),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Golden {
        cases: Vec<Case>,
    }

    #[derive(Deserialize)]
    struct Case {
        name: String,
        rows: Vec<i64>,
    }

    #[test]
    fn a_name_has_the_rows_that_the_training_script_finds() {
        let golden = include_str!("../../../infra/models/category/golden.json");
        let cases = serde_json::from_str::<Golden>(golden).unwrap().cases;
        assert!(cases.iter().any(|case| case.rows.is_empty()));
        assert!(cases.iter().any(|case| case.rows.len() == MOST_ROWS));
        for case in cases {
            let found = rows(&case.name);
            let (met, rest) = found.split_at(case.rows.len());
            assert_eq!(met, case.rows, "{}", case.name);
            assert!(rest.iter().all(|row| *row == i64::from(BUCKETS)));
        }
    }
}
