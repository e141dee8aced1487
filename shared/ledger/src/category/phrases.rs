//! Words of messages and names in one spelling, and tables of phrases to find among them.

use std::{
    borrow::Cow,
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The words of `text` in lower case, with one space between them.
///
/// What Unicode holds to be the same is the same (NFKD), accents are left off, and so are apostrophes; an ampersand
/// inside a word (`h&m`) too. A change between letters and digits ends a word. The word `and` is left out, because
/// names are written with it, with an ampersand, and without either.
pub fn words(text: &str) -> String {
    let mut words = Words { text: String::with_capacity(text.len() + 8), start: 0, digits: false };
    if text.is_ascii() {
        let bytes = text.as_bytes();
        for (at, &byte) in bytes.iter().enumerate() {
            match byte {
                b'a'..=b'z' => words.letter(char::from(byte), false),
                b'A'..=b'Z' => words.letter(char::from(byte.to_ascii_lowercase()), false),
                b'0'..=b'9' => words.letter(char::from(byte), true),
                _ => words.other(char::from(byte), || bytes.get(at + 1).is_some_and(u8::is_ascii_alphanumeric)),
            }
        }
    } else {
        let mut characters = text.nfkd().filter(|&c| !is_combining_mark(c)).flat_map(char::to_lowercase).peekable();
        while let Some(character) = characters.next() {
            if character.is_alphanumeric() {
                words.letter(character, character.is_numeric());
            } else {
                words.other(character, || characters.peek().is_some_and(|next| next.is_alphanumeric()));
            }
        }
    }
    words.end();
    words.text
}

struct Words {
    text: String,
    /// Where the word that is being written begins.
    start: usize,
    digits: bool,
}

impl Words {
    #[inline]
    fn letter(&mut self, letter: char, digit: bool) {
        if digit != self.digits {
            self.end();
            self.digits = digit;
        }
        self.text.push(letter);
    }

    #[inline]
    fn other(&mut self, character: char, letter_follows: impl FnOnce() -> bool) {
        match character {
            '\'' | '`' | '\u{2018}' | '\u{2019}' => {}
            '&' if self.text.len() > self.start && letter_follows() => {}
            _ => self.end(),
        }
    }

    #[inline]
    fn end(&mut self) {
        match self.text.as_bytes().get(self.start..) {
            Some([]) => {}
            Some(b"and") => self.text.truncate(self.start),
            _ => {
                self.text.push(' ');
                self.start = self.text.len();
            }
        }
    }
}

/// FNV-1a. Keys come from this crate's own tables, so nobody can choose them to collide.
#[derive(Clone, Copy)]
pub(super) struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

type Map<V> = HashMap<&'static str, V, BuildHasherDefault<Fnv>>;

/// Phrases of whole words, each with what it says.
pub(super) struct Phrases<V> {
    phrases: Map<V>,
    /// How many words the longest phrase has that begins with a word.
    longest: Map<usize>,
}

/// A phrase among words.
pub(super) struct Match<V> {
    pub(super) phrase: &'static str,
    pub(super) value: V,
}

impl<V: Copy> Phrases<V> {
    /// A table of phrases as [`words`] spells them.
    pub(super) fn new(entries: impl IntoIterator<Item = (&'static str, V)>) -> Self {
        let mut table = Self { phrases: Map::default(), longest: Map::default() };
        for (phrase, value) in entries {
            let first = phrase.split(' ').next().unwrap_or_default();
            let longest = table.longest.entry(first).or_default();
            *longest = phrase.split(' ').count().max(*longest);
            table.phrases.insert(phrase, value);
        }
        table
    }

    /// What the phrase says that is all of `words`.
    pub(super) fn get(&self, words: &str) -> Option<V> {
        self.phrases.get(words).copied()
    }

    /// The phrases among `words`, as [`words`] spells them: from left to right, the longest at each place, none
    /// overlapping another.
    pub(super) fn among(&self, words: &str) -> impl Iterator<Item = Match<V>> {
        let mut rest = words;
        std::iter::from_fn(move || {
            while !rest.is_empty() {
                let end = word_end(rest, 0);
                let found = self.at_start(rest, end);
                let end = found.as_ref().map_or(end, |found| found.phrase.len());
                rest = rest.get(end + 1..).unwrap_or_default();
                if found.is_some() {
                    return found;
                }
            }
            None
        })
    }

    /// The longest phrase at the start of `words`, whose first word is as long as `end`.
    fn at_start(&self, words: &str, mut end: usize) -> Option<Match<V>> {
        let most = *self.longest.get(words.get(..end)?)?;
        let mut longest = None;
        for _ in 0..most {
            longest = words.get(..end).and_then(|phrase| self.phrases.get_key_value(phrase)).or(longest);
            if end >= words.len() {
                break;
            }
            end = word_end(words, end + 1);
        }
        longest.map(|(phrase, value)| Match { phrase, value: *value })
    }
}

/// Where the word ends that begins at `start`.
fn word_end(words: &str, start: usize) -> usize {
    let length = words.as_bytes().iter().skip(start).position(|byte| *byte == b' ');
    length.map_or(words.len(), |length| start + length)
}

/// `words` without those that `unwanted` names.
pub(super) fn without<'a>(words: &'a str, unwanted: impl Fn(&str) -> bool) -> Cow<'a, str> {
    let words = words.trim_end();
    if !words.split(' ').any(&unwanted) {
        return Cow::Borrowed(words);
    }
    let mut kept = String::with_capacity(words.len());
    for word in words.split(' ').filter(|word| !unwanted(word)) {
        if !kept.is_empty() {
            kept.push(' ');
        }
        kept.push_str(word);
    }
    Cow::Owned(kept)
}
