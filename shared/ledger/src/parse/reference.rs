//! By which system money went, and what the payment is called by.

use std::ops::Range;

use super::{
    token::{Kind, Tokens},
    words::Word,
};
use crate::Rail;

/// A reference: the bytes of the text, and how surely it is one.
pub(super) type Reference = (Range<usize>, f32);

/// How far after the word that announces it a reference may be.
const REACH: usize = 7;

/// The reference among the first `body` tokens.
pub(super) fn reference(tokens: &Tokens<'_>, body: usize) -> Option<Reference> {
    let mut best: Option<(u8, usize)> = None;
    for at in 0..body {
        let rank = match tokens.word(at) {
            Word::Ref => 9,
            Word::Utr => 8,
            Word::Upi | Word::Imps | Word::Neft | Word::Rtgs => 7,
            Word::Txn | Word::Cheque => 6,
            Word::Info => 3,
            Word::Ach => 2,
            _ => continue,
        };
        if best.is_some_and(|(had, _)| had >= rank) {
            continue;
        }
        if let Some(found) = announced(tokens, at, body) {
            best = Some((rank, found));
        }
    }
    let (rank, at) = match best {
        Some(best) => best,
        None => (1, (0..body).find(|&at| tokens.kind(at) == Kind::Code && called(tokens.str(at)))?),
    };
    let span = tokens.span(&(at..at + 1));
    Some((span, if rank >= 6 { 0.95 } else { 0.7 }))
}

/// The reference that the word at `at` announces.
fn announced(tokens: &Tokens<'_>, at: usize, body: usize) -> Option<usize> {
    let named = matches!(tokens.word(at), Word::Ref | Word::Utr);
    let mut numbered = false;
    for next in at + 1..(at + 1 + REACH).min(body) {
        match tokens.kind(next) {
            Kind::Number => {
                let text = tokens.str(next);
                let plain = text.bytes().all(|byte| byte.is_ascii_digit());
                let least = if numbered || named {
                    4
                } else if tokens.word(at) == Word::Cheque {
                    5
                } else {
                    9
                };
                return (plain && text.len() >= least).then_some(next);
            }
            Kind::Code => {
                let text = tokens.str(next);
                let digits = text.bytes().filter(u8::is_ascii_digit).count();
                let least = if named || numbered { 5 } else { 10 };
                return (text.len() >= least && digits >= 3 || called(text)).then_some(next);
            }
            Kind::Word(Word::Number) => numbered = true,
            Kind::Word(Word::Ref | Word::Utr | Word::Cr | Word::Dr | Word::P2 | Word::Txn | Word::Is) => {}
            Kind::Word(word) if word.rail() || matches!(word, Word::Credit | Word::Debit) => {}
            Kind::Word(Word::None) if tokens.glued(next) && next <= at + 3 => {}
            Kind::Mark(b':' | b'/' | b'-' | b'.' | b'#' | b'*' | b'(' | b'~') => {}
            _ => return None,
        }
    }
    None
}

/// Whether a code looks like that of a bank transfer: `HDFCN52025...`, `SBINR5...`.
fn called(text: &str) -> bool {
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    text.len() >= 14 && (3..=6).contains(&letters) && digits >= 9
}

/// The rail among the first `body` tokens, and the token that says so.
pub(super) fn rail(tokens: &Tokens<'_>, body: usize) -> Option<(Rail, usize)> {
    let mut weaker = None;
    for at in 0..body {
        let rail = match tokens.word(at) {
            Word::Upi => Rail::Upi,
            Word::Neft => Rail::Neft,
            Word::Imps => Rail::Imps,
            Word::Rtgs => Rail::Rtgs,
            Word::Ach => Rail::Ach,
            Word::Vpa => Rail::Upi,
            Word::Cheque if cheque(tokens, at) => Rail::Cheque,
            Word::Atm => Rail::Cash,
            Word::Cash if tokens.word(at + 1) != Word::Cashback => {
                weaker.get_or_insert((Rail::Cash, at));
                continue;
            }
            Word::Withdrawn | Word::Withdrawal => {
                weaker.get_or_insert((Rail::Cash, at));
                continue;
            }
            _ if tokens.kind(at) == Kind::Address => {
                weaker.get_or_insert((Rail::Upi, at));
                continue;
            }
            _ => continue,
        };
        return Some((rail, at));
    }
    weaker
}

/// `Cheque deposits are subject to clearing` is a footer.
fn cheque(tokens: &Tokens<'_>, at: usize) -> bool {
    tokens.word(at + 1) != Word::Deposit
}
