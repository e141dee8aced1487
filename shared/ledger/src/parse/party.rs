//! The other side: who was paid or who paid, by name and by address.
//!
//! A name stands in a slot: after `at`, `to`, `from`, `towards`, `by`, after `Info`, in a path such as
//! `UPI/P2M/4012/NAME`, before `credited` or `refund`, or alone on its line. Slots are ranked by how well they fit the
//! direction, and a name ends where the sentence goes on to something else.

use std::ops::Range;

use super::{
    account::Account,
    token::{Kind, Tokens},
    words::Word,
};

/// Where a name was found: the bytes of the text, and how surely it is one.
#[derive(Clone, Debug)]
pub(super) struct Party {
    pub(super) span: Range<usize>,
    pub(super) confidence: f32,
}

/// The longest name, in tokens.
const LONGEST: usize = 24;

/// What is known when the other side is looked for.
pub(super) struct Setting<'a> {
    pub(super) tokens: &'a Tokens<'a>,
    /// The first token that is no longer about the payment.
    pub(super) body: usize,
    pub(super) credit: bool,
    pub(super) verb: usize,
    pub(super) amount: Range<usize>,
    pub(super) own: Option<&'a Account>,
    pub(super) accounts: &'a [Account],
}

impl Setting<'_> {
    /// The other side's name.
    pub(super) fn name(&self) -> Option<Party> {
        let mut best: Option<(u8, Range<usize>)> = None;
        for at in 0..self.body {
            let Some((rank, from)) = self.slot(at) else { continue };
            if best.as_ref().is_some_and(|(had, _)| *had >= rank) {
                continue;
            }
            if let Some(span) = self.filled(at, from) {
                best = Some((rank, span));
            }
        }
        let named = self.credited().or_else(|| self.leading());
        if let Some(span) = named
            && best.as_ref().is_none_or(|(had, _)| *had < 70)
        {
            best = Some((85, span));
        }
        let best = best.or_else(|| self.lone_line().map(|span| (60, span)));
        let best = best.or_else(|| self.purpose().map(|span| (20, span)));
        best.map(|(rank, span)| Party { span, confidence: f32::from(rank) / 100.0 })
    }

    /// Whether a name may begin after the token at `at`: how well that fits, and the name's first token.
    fn slot(&self, at: usize) -> Option<(u8, usize)> {
        let tokens = self.tokens;
        let rank = match (tokens.word(at), self.credit) {
            (Word::Merchant | Word::Name, _) if tokens.mark(at + 1, b':') => return Some((96, at + 2)),
            (Word::At, false) => 92,
            (Word::From, true) => 90,
            (Word::To, false) => 88,
            (Word::With, false) if tokens.before(at, 1) == Word::Txn || at == self.amount.end => 85,
            (Word::Of, false) if self.favours(at) => 87,
            (Word::Towards, _) => 80,
            (Word::Info, _) => 78,
            (word, _) if word.rail() && tokens.mark(at + 1, b'/') => return Some((76, at)),
            (Word::Vpa, _) => 74,
            (Word::By, _) if tokens.before(at, 1) == Word::For => return None,
            (Word::By, _) if tokens.word(at + 1) == Word::Transfer || tokens.word(at + 1).rail() => 15,
            (Word::By, true) => 79,
            (Word::For, _) => 64,
            (Word::At, true) => 60,
            (Word::As, true) => 58,
            (Word::On, false) => 56,
            (Word::By, false) => 50,
            _ if tokens.mark(at, b'@') => 90,
            _ if self.paid(at) => 86,
            _ if self.posted(at) => 19,
            _ => return None,
        };
        Some((rank, at + 1))
    }

    /// `in favour of NAME`.
    fn favours(&self, at: usize) -> bool {
        let before = at.checked_sub(1).map_or("", |at| self.tokens.str(at));
        ["favour", "favor", "favouring"].iter().any(|word| word.eq_ignore_ascii_case(before))
    }

    /// `on 05-03-26 LOCKER RENT`, as a line of the book is told.
    fn posted(&self, at: usize) -> bool {
        let tokens = self.tokens;
        let mode = tokens.word(at + 1) == Word::Mode && tokens.mark(at + 2, b'-');
        let first = if mode { at + 3 } else { at + 1 };
        let named = self.loud(first) && (mode || tokens.str(first).len() > 3);
        matches!(tokens.kind(at), Kind::Date(_) | Kind::Time(_)) && named
    }

    /// Whether the word at `at` has no meaning here and is in capitals.
    fn loud(&self, at: usize) -> bool {
        self.tokens.word(at) == Word::None && self.tokens.str(at).len() >= 3 && self.tokens.loud(at)
    }

    /// `You paid NAME`.
    fn paid(&self, at: usize) -> bool {
        !self.credit && self.tokens.word(at) == Word::Paid && self.tokens.before(at, 1) == Word::You
    }

    /// The name that begins at the token `from`, after the slot at `at`.
    fn filled(&self, at: usize, from: usize) -> Option<Range<usize>> {
        let tokens = self.tokens;
        let slot = tokens.word(at);
        let mut from = from;
        while from < self.body {
            let skip = match tokens.kind(from) {
                Kind::Mark(b':' | b'-' | b'.' | b'~' | b'"' | b'\'' | b'+' | b',' | b'*' | b'_') => true,
                Kind::Word(Word::Vpa) => true,
                Kind::Word(Word::The) => tokens.str(from).starts_with(|first: char| first.is_lowercase()),
                Kind::Word(Word::Upi) => tokens.mark(from + 1, b'_') || slot == Word::By && self.loud(from + 1),
                Kind::Word(Word::Account | Word::Linked | Word::Of | Word::To | Word::Mobile | Word::Merchant) => {
                    self.linked(from)
                }
                Kind::Word(Word::Mode) => {
                    tokens.mark(from + 1, b'-') && self.posted(at) || slot == Word::At && self.loud(from + 1)
                }
                Kind::Word(Word::Transfer) => matches!(tokens.word(from + 1), Word::From | Word::To),
                _ => false,
            };
            if !skip {
                break;
            }
            from += 1;
        }
        if from > at + 1 {
            from = self.past_number(from);
        }
        let path = tokens.word(from).rail() && tokens.mark(from + 1, b'/') && tokens.glued(from + 1);
        if path {
            return self.in_path(from);
        }
        if !self.begins(slot, from) {
            return None;
        }
        let mut end = from;
        while end < self.body && end - from < LONGEST && !self.ends(slot, from, end) {
            end += 1;
        }
        // `on NAMED Card XX1234`.
        if self.own.is_some_and(|own| (from..end).contains(&own.tokens.start)) {
            return None;
        }
        self.trimmed(from..end)
    }

    /// `by a/c linked to mobile 98XXX-NAME`: nothing of it is a name but what follows.
    fn linked(&self, at: usize) -> bool {
        let ahead = |word: Word| (at..at + 5).any(|at| self.tokens.word(at) == word);
        match self.tokens.word(at) {
            Word::Account => ahead(Word::Linked) || self.tokens.word(at + 1) == Word::Of,
            Word::Of => self.tokens.before(at, 1) == Word::Account,
            Word::Linked | Word::Merchant => true,
            Word::To => self.tokens.before(at, 1) == Word::Linked,
            _ => self.tokens.before(at, 2) == Word::Linked,
        }
    }

    /// After a telephone number and its dash, if a name follows.
    fn past_number(&self, at: usize) -> usize {
        let tokens = self.tokens;
        let number = matches!(tokens.kind(at), Kind::Number | Kind::Masked | Kind::Code);
        if number && tokens.mark(at + 1, b'-') && matches!(tokens.kind(at + 2), Kind::Word(_)) { at + 2 } else { at }
    }

    /// The name in a path such as `UPI/P2M/4012/NAME/BANK`.
    fn in_path(&self, from: usize) -> Option<Range<usize>> {
        let tokens = self.tokens;
        let mut part = from;
        let mut number = None;
        let mut address = None;
        for at in from..(from + 2 * LONGEST).min(self.body + 1) {
            let over = at >= self.body
                || at > from && tokens.line(at)
                || tokens.ends_sentence(at)
                || self.closes(at)
                || tokens.mark(at, b'(')
                || matches!(tokens.word(at), Word::On | Word::By) && at > part;
            if !over && !tokens.mark(at, b'/') {
                continue;
            }
            if let Some(span) = self.named_part(part..at) {
                return Some(span);
            }
            match tokens.kind(part) {
                Kind::Number if tokens.str(part).len() >= 8 => number = number.or(Some(part)),
                Kind::Address => address = address.or(Some(part)),
                _ => {}
            }
            part = at + 1;
            if over {
                break;
            }
        }
        if let Some(address) = address {
            return self.trimmed(address..address + 1);
        }
        let number = number.filter(|_| {
            self.tokens.before(from, 1) == Word::To
                || tokens.mark(from.saturating_sub(1), b':') && tokens.before(from, 2) == Word::To
        })?;
        Some(tokens.span(&(number..number + 1)))
    }

    /// A part of a path, if it is a name.
    fn named_part(&self, part: Range<usize>) -> Option<Range<usize>> {
        let first = self.tokens.kind(part.start);
        let plain = match first {
            Kind::Word(Word::None | Word::BankName) => part.len() > 1 || self.tokens.str(part.start).len() > 2,
            Kind::Word(word) => {
                !word.rail()
                    && !matches!(
                        word,
                        Word::P2
                            | Word::Cr
                            | Word::Dr
                            | Word::Credit
                            | Word::Debit
                            | Word::Txn
                            | Word::Payment
                            | Word::Number
                    )
            }
            _ => false,
        };
        if plain { self.trimmed(part) } else { None }
    }

    /// `; NAME credited`, `and NAME credited`, `and credited to NAME` of a debit.
    fn credited(&self) -> Option<Range<usize>> {
        if self.credit {
            return None;
        }
        let tokens = self.tokens;
        let verb =
            (self.verb + 1..self.body).find(|&at| tokens.word(at) == Word::Credited || tokens.word(at) == Word::Cr)?;
        let from = (self.verb + 1..verb).rev().find(|&at| {
            tokens.mark(at, b';') || tokens.word(at) == Word::And || tokens.ends_sentence(at) || tokens.mark(at, b'&')
        })? + 1;
        let from = (from..verb).find(|&at| !self.linked(at)).unwrap_or(from);
        let mut end = verb;
        while end > from && tokens.word(end - 1) == Word::Is {
            end -= 1;
        }
        if end > from && self.begins(Word::None, from) { self.trimmed(from..end) } else { None }
    }

    /// `NAME refund of Rs`, `NAME has sent you`, `NAME paid you` of a credit.
    fn leading(&self) -> Option<Range<usize>> {
        if !self.credit {
            return None;
        }
        let tokens = self.tokens;
        let end = (0..self.body).find(|&at| match tokens.word(at) {
            Word::Refund => true,
            Word::Sent | Word::Paid => at == self.verb || tokens.word(at + 1) == Word::You,
            _ => false,
        })?;
        let from =
            (0..end).rev().find(|&at| tokens.ends_sentence(at) || matches!(tokens.kind(at), Kind::Mark(b',' | b':')));
        let from = from.map_or(0, |at| at + 1);
        let mut end = end;
        while end > from && tokens.word(end - 1) == Word::Is {
            end -= 1;
        }
        let plain = end > from && end - from <= 8 && self.begins(Word::None, from) && !self.amount.contains(&(end - 1));
        let named = matches!(tokens.kind(from), Kind::Word(Word::None | Word::BankName) | Kind::Code);
        if plain && named && self.amount.start > from { self.trimmed(from..end) } else { None }
    }

    /// A line that holds nothing but a name.
    fn lone_line(&self) -> Option<Range<usize>> {
        let tokens = self.tokens;
        let mut from = 0;
        for at in 1..=self.body {
            if at < self.body && !tokens.line(at) {
                continue;
            }
            let plain = (from..at).all(|at| match tokens.kind(at) {
                Kind::Word(word) => matches!(
                    word,
                    Word::None
                        | Word::In
                        | Word::And
                        | Word::Title
                        | Word::The
                        | Word::Of
                        | Word::Bill
                        | Word::My
                        | Word::Pending
                        | Word::Receipt
                ),
                Kind::Code | Kind::Number | Kind::Mark(b'*' | b'.' | b'&' | b'-' | b'_') => true,
                _ => false,
            });
            if plain && from > 0 && matches!(tokens.kind(from), Kind::Word(Word::None) | Kind::Code) {
                return self.trimmed(from..at);
            }
            from = at;
        }
        None
    }

    /// What the movement itself is called, when nobody is named.
    fn purpose(&self) -> Option<Range<usize>> {
        let tokens = self.tokens;
        if let Some(other) = self.accounts.iter().find(|account| {
            self.own.is_none_or(|own| own.number != account.number)
                && account.preposition == if self.credit { Word::From } else { Word::To }
        }) {
            return Some(tokens.span(&other.tokens));
        }
        let found = (0..self.body).find(|&at| match tokens.word(at) {
            Word::Salary
            | Word::Interest
            | Word::Dividend
            | Word::Cashback
            | Word::Reversal
            | Word::Emi
            | Word::Charges
            | Word::Bill
            | Word::Withdrawal
            | Word::Cash => true,
            Word::Fee => !tokens.str(at).eq_ignore_ascii_case("charge"),
            Word::Refund | Word::Payment | Word::Deposit => self.credit,
            _ => false,
        })?;
        let mut from = found;
        while let Some(before) = from.checked_sub(1)
            && found - before <= 3
            && matches!(tokens.kind(before), Kind::Word(Word::None | Word::Atm | Word::Cheque | Word::Interest))
        {
            from = before;
        }
        self.trimmed(from..found + 1)
    }
}

/// The other side's address: a payment address, else the number of an account that is not the person's.
pub(super) fn counterparty(
    tokens: &Tokens<'_>,
    body: usize,
    accounts: &[Account],
    own: Option<&Account>,
) -> Option<usize> {
    let address = (0..body).find(|&at| tokens.kind(at) == Kind::Address);
    address.or_else(|| {
        let other =
            accounts.iter().find(|account| own.is_none_or(|own| own.number != account.number) && !account.yours);
        other.map(|account| account.number).filter(|_| own.is_some())
    })
}
