//! Amounts of money, and what each is the amount of.

use std::ops::Range;

use kernel::{Currency, Money};
use rust_decimal::Decimal;

use super::{
    token::{Kind, Tokens},
    words::Word,
};

/// What an amount is the amount of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Of what moved, as far as its surroundings say.
    Moved,
    Balance,
    Limit,
    /// Of what will have to be paid.
    Due,
    /// Of an offer or a threshold.
    Offered,
}

/// An amount.
#[derive(Clone, Debug)]
pub(super) struct Amount {
    pub(super) money: Money,
    pub(super) role: Role,
    /// Its tokens.
    pub(super) tokens: Range<usize>,
    /// Whether its currency is written.
    pub(super) marked: bool,
}

/// How far before an amount the word is looked for that says what it is.
const REACH: usize = 12;

/// All amounts.
pub(super) fn amounts(tokens: &Tokens<'_>) -> Vec<Amount> {
    let mut out: Vec<Amount> = Vec::new();
    for at in 0..tokens.len() {
        if !tokens.number(at) || out.last().is_some_and(|last| at < last.tokens.end) {
            continue;
        }
        let Some((currency, range, marked)) = written(tokens, at) else { continue };
        let Some(value) = value(tokens.str(at), currency) else { continue };
        if value.is_zero() && !marked {
            continue;
        }
        let Ok(money) = Money::new(value, currency) else { continue };
        let floor = out.last().map_or(0, |last| last.tokens.end);
        let role = role(tokens, &range, floor);
        out.push(Amount { money, role, tokens: range, marked });
    }
    out
}

/// The currency of the number at `at`, its tokens with the currency's, and whether the currency is written.
fn written(tokens: &Tokens<'_>, at: usize) -> Option<(Currency, Range<usize>, bool)> {
    // `15,OOO`: letters in the place of digits are no amount.
    let forged = tokens.mark(at + 1, b',') && tokens.glued(at + 1) && tokens.glued(at + 2) && letters_o(tokens, at + 2);
    if forged {
        return None;
    }
    let code = |code: [u8; 3]| str::from_utf8(&code).ok()?.parse().ok();
    for back in 1..=4 {
        let Some(before) = at.checked_sub(back) else { break };
        match tokens.kind(before) {
            Kind::Currency(found) => return Some((code(found)?, before..end_of(tokens, at), true)),
            Kind::Mark(b'.' | b':' | b'-' | b'=' | b'~' | b'+' | b'(') => {}
            _ => break,
        }
    }
    if let Kind::Currency(found) = tokens.kind(at + 1)
        && !matches!(tokens.kind(at + 2), Kind::Number)
        && !tokens.line(at + 1)
    {
        return Some((code(found)?, at..at + 2, true));
    }
    if tokens.mark(at + 1, b'/') && tokens.mark(at + 2, b'-') && tokens.glued(at + 1) {
        return Some((Currency::INR, at..at + 3, true));
    }
    bare(tokens, at).then(|| (Currency::INR, at..at + 1, false))
}

fn end_of(tokens: &Tokens<'_>, at: usize) -> usize {
    let slash = tokens.mark(at + 1, b'/') && tokens.mark(at + 2, b'-') && tokens.glued(at + 1);
    at + if slash { 3 } else { 1 }
}

fn letters_o(tokens: &Tokens<'_>, at: usize) -> bool {
    let text = tokens.str(at);
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, b'o' | b'O' | b'0'))
}

/// Whether the number at `at` looks like money though no currency says so.
fn bare(tokens: &Tokens<'_>, at: usize) -> bool {
    let text = tokens.str(at);
    let cents = text.rsplit_once('.').is_some_and(|(_, cents)| cents.len() <= 2) && text.matches('.').count() == 1;
    let mut before = at;
    for _ in 0..2 {
        let Some(previous) = before.checked_sub(1) else { return false };
        before = previous;
        match tokens.word(before) {
            Word::By
            | Word::Of
            | Word::For
            | Word::With
            | Word::Amount
            | Word::Balance
            | Word::Limit
            | Word::Available => return cents || text.contains(',') || tokens.word(before) == Word::Amount,
            Word::Debited | Word::Credited | Word::Withdrawn | Word::Spent | Word::Paid | Word::Is => return cents,
            _ if matches!(tokens.kind(before), Kind::Mark(b':' | b'-' | b'.')) => {}
            _ => return false,
        }
    }
    false
}

/// The value of digits with marks between them. The last mark is the decimal point when marks differ, or when it
/// alone does not group; the currencies of the continent group with points.
fn value(text: &str, currency: Currency) -> Option<Decimal> {
    let last = text.rfind(['.', ',', '\'']);
    let decimal = last.filter(|&last| {
        let mark = text.as_bytes().get(last).copied().unwrap_or(0);
        let after = text.len() - last - 1;
        let before = text.get(..last).unwrap_or_default();
        let other = before.contains(['.', ',', '\'']) && !before.as_bytes().contains(&mark);
        let repeated = before.as_bytes().contains(&mark);
        let continental = matches!(currency.as_str(), "EUR" | "IDR" | "VND" | "BRL" | "ARS" | "DKK" | "TRY");
        match mark {
            b'.' => other || !(repeated || continental && after == 3),
            b',' => other || after < 3 && !repeated,
            _ => false,
        }
    });
    let mut digits = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        if Some(at) == decimal {
            digits.push('.');
        } else if character.is_ascii_digit() {
            digits.push(character);
        }
    }
    (digits.len() <= 24).then(|| Decimal::from_str_exact(&digits).ok()).flatten()
}

/// What the amount in `range` is of: the nearest word before it that tells, not before the token `floor`; else the
/// word after it.
fn role(tokens: &Tokens<'_>, range: &Range<usize>, floor: usize) -> Role {
    let after = |back: usize| tokens.word(range.end + back);
    match (after(0), after(1)) {
        (Word::Off, _) => return Role::Offered,
        (Word::Promo, _) if tokens.glued(range.end) || !tokens.line(range.end) => return Role::Offered,
        (Word::Is, Word::Due) | (Word::Due | Word::Minimum, _) => return Role::Due,
        (Word::Limit, _) => return Role::Limit,
        (Word::Balance, _) | (Word::Available, Word::Balance) => return Role::Balance,
        (Word::And, Word::Upto) => return Role::Offered,
        _ => {}
    }
    let from = range.start.saturating_sub(REACH).max(floor);
    for at in (from..range.start).rev() {
        if tokens.ends_sentence(at) && !tokens.mark(at, b';') {
            break;
        }
        let word = tokens.word(at);
        match word {
            Word::Limit => return Role::Limit,
            Word::Balance => return Role::Balance,
            Word::Available if range.start - at <= 3 => {
                return if tokens.word(at + 1) == Word::Limit { Role::Limit } else { Role::Balance };
            }
            Word::Due | Word::Minimum => return Role::Due,
            Word::Upto if range.start - at <= 3 => return Role::Offered,
            Word::To if at.checked_sub(1).is_some_and(|at| tokens.str(at).eq_ignore_ascii_case("up")) => {
                return Role::Offered;
            }
            Word::Credit | Word::Debit if matches!(tokens.word(at + 1), Word::Card | Word::Limit) => {}
            _ if word.moved() || word.movement() => break,
            _ => {}
        }
    }
    Role::Moved
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn first(text: &str) -> Option<String> {
        amounts(&Tokens::of(text)).first().map(|amount| amount.money.to_string())
    }

    #[test]
    fn amounts_are_read_with_indian_and_western_grouping() {
        for (text, money) in [
            ("Rs.1,250.00 debited", "INR 1250.00"),
            ("INR 1,00,000.5 debited", "INR 100000.50"),
            ("Rs:147.5", "INR 147.50"),
            ("Rs. 45/- paid", "INR 45.00"),
            ("\u{20b9}2,340", "INR 2340.00"),
            ("USD 45.20", "USD 45.20"),
            ("$1,045.20", "USD 1045.20"),
            ("EUR 1.234,56", "EUR 1234.56"),
            ("\u{20ac}1.234", "EUR 1234.00"),
            ("45,20 EUR at", "EUR 45.20"),
            ("CHF 1'234.50", "CHF 1234.50"),
            ("\u{a3}12", "GBP 12.00"),
            ("KWD 1.234", "KWD 1.234"),
            ("JPY 500", "JPY 500"),
            ("Debited with Rs.500.00,01-01-2024 12:00", "INR 500.00"),
            ("debited by 20.0 on", "INR 20.00"),
            ("Rs 500 spent", "INR 500.00"),
            ("Rs300.0 on", "INR 300.00"),
        ] {
            assert_eq!(first(text).as_deref(), Some(money), "{text}");
        }
    }

    #[test]
    fn what_is_no_amount_is_not_read_as_one() {
        for text in ["Rs.15,OOO/-", "call 18000000000", "on 12.05.2024", "INR 12345678901234567890", "Rs", "5 items"] {
            assert_eq!(first(text), None, "{text}");
        }
    }
}
