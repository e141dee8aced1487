//! A text as tokens: words by their meaning, numbers, dates, times, masked numbers, payment addresses and marks.
//!
//! How they are cut is in [`scanner`](super::scanner).

use std::ops::Range;

use super::{clock, scanner::Scanner, words::Word};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A word, maybe of no meaning here.
    Word(Word),
    /// Digits, with points, commas and apostrophes between them.
    Number,
    /// Digits of which the first are hidden, such as `XX1234`.
    Masked,
    /// Letters and digits, such as a reference.
    Code,
    /// A date, packed: see [`clock::Day`].
    Date(clock::Day),
    /// A time of day, in seconds.
    Time(u32),
    /// A payment or e-mail address.
    Address,
    /// An address of the web.
    Link,
    /// A currency, as a code of three letters.
    Currency([u8; 3]),
    /// Any other character; what is not ASCII is 0.
    Mark(u8),
}

/// A piece of the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether white space comes before it.
    pub(super) spaced: bool,
    /// Whether a new line begins before it.
    pub(super) line: bool,
}

/// A text and its tokens. What is asked of a place that is not there is answered as of a text that has ended.
pub(super) struct Tokens<'t> {
    pub(super) text: &'t str,
    list: Vec<Token>,
}

impl<'t> Tokens<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        Self { text, list: Scanner::new(text).run() }
    }

    pub(super) const fn len(&self) -> usize {
        self.list.len()
    }

    pub(super) fn get(&self, at: usize) -> Option<&Token> {
        self.list.get(at)
    }

    pub(super) fn kind(&self, at: usize) -> Kind {
        self.list.get(at).map_or(Kind::Mark(b'\n'), |token| token.kind)
    }

    pub(super) fn word(&self, at: usize) -> Word {
        if let Kind::Word(word) = self.kind(at) { word } else { Word::None }
    }

    /// The word `back` tokens before `at`.
    pub(super) fn before(&self, at: usize, back: usize) -> Word {
        at.checked_sub(back).map_or(Word::None, |at| self.word(at))
    }

    pub(super) fn mark(&self, at: usize, mark: u8) -> bool {
        self.kind(at) == Kind::Mark(mark)
    }

    pub(super) fn number(&self, at: usize) -> bool {
        self.kind(at) == Kind::Number
    }

    pub(super) fn str(&self, at: usize) -> &'t str {
        self.list.get(at).and_then(|token| self.text.get(token.start..token.end)).unwrap_or_default()
    }

    /// The bytes of the tokens in `range`.
    pub(super) fn span(&self, range: &Range<usize>) -> Range<usize> {
        let start = self.list.get(range.start).map_or(self.text.len(), |token| token.start);
        let end = range.end.checked_sub(1).and_then(|last| self.list.get(last)).map_or(start, |token| token.end);
        start..end.max(start)
    }

    /// Whether a new line begins before the token.
    pub(super) fn line(&self, at: usize) -> bool {
        self.list.get(at).is_none_or(|token| token.line)
    }

    /// Whether nothing comes between the token and the one before.
    pub(super) fn glued(&self, at: usize) -> bool {
        at > 0 && self.list.get(at).is_some_and(|token| !token.spaced)
    }

    /// Whether the token is letters in capitals.
    pub(super) fn loud(&self, at: usize) -> bool {
        let text = self.str(at);
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_uppercase())
    }

    /// Whether a sentence ends with the token.
    pub(super) fn ends_sentence(&self, at: usize) -> bool {
        match self.kind(at) {
            Kind::Mark(b'!' | b'?' | b';' | b'|') => true,
            Kind::Mark(b'.') => {
                let abbreviated = matches!(
                    self.before(at, 1),
                    Word::Number
                        | Word::Ref
                        | Word::Title
                        | Word::Available
                        | Word::Balance
                        | Word::Dr
                        | Word::Cr
                        | Word::Account
                        | Word::Amount
                        | Word::Txn
                        | Word::Minimum
                        | Word::Limit
                        | Word::Cheque
                        | Word::Mobile
                ) || matches!(at.checked_sub(1).map(|at| self.kind(at)), Some(Kind::Currency(_)));
                let Some(next) = self.list.get(at + 1) else { return true };
                const DOMAINS: [&str; 7] = ["com", "in", "net", "org", "co", "io", "ai"];
                let domain = |text: &str| DOMAINS.iter().any(|one| one.eq_ignore_ascii_case(text));
                if !next.spaced && self.glued(at) && domain(self.str(at + 1)) {
                    return false;
                }
                let capital = self.str(at + 1).starts_with(|first: char| first.is_uppercase());
                !abbreviated && (next.spaced || capital)
                    || abbreviated && next.spaced && capital && self.before(at, 1) == Word::Cr
            }
            _ => false,
        }
    }
}
