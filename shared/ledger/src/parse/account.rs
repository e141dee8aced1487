//! The accounts and cards of a message: the person's own, and the other side's.

use std::ops::Range;

use super::{
    token::{Kind, Tokens},
    words::Word,
};

/// An account or card.
#[derive(Clone, Debug)]
pub(super) struct Account {
    /// Its number, as a token.
    pub(super) number: usize,
    /// From its first word to its number.
    pub(super) tokens: Range<usize>,
    pub(super) card: bool,
    pub(super) wallet: bool,
    /// Whether digits of its number are hidden.
    pub(super) hidden: bool,
    /// Whether it is said to be the person's.
    pub(super) yours: bool,
    /// The preposition before it.
    pub(super) preposition: Word,
}

/// How far before a number its noun may be.
const REACH: usize = 6;

/// All accounts and cards among the first `body` tokens.
pub(super) fn accounts(tokens: &Tokens<'_>, body: usize) -> Vec<Account> {
    (0..body).filter_map(|at| account(tokens, at)).collect()
}

fn account(tokens: &Tokens<'_>, at: usize) -> Option<Account> {
    let masked = match tokens.kind(at) {
        Kind::Masked => true,
        Kind::Code => hidden_by_letters(tokens, at),
        Kind::Number => {
            let text = tokens.str(at);
            let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (3..=18).contains(&text.len());
            if !plain || tokens.mark(at + 1, b'/') {
                return None;
            }
            false
        }
        _ => return None,
    };
    if !masked && tokens.kind(at) == Kind::Code {
        return None;
    }
    let mut noun = None;
    let mut ending = false;
    let mut from = at;
    for back in 1..=REACH {
        let Some(before) = at.checked_sub(back) else { break };
        let word = tokens.word(before);
        match tokens.kind(before) {
            Kind::Word(Word::Account | Word::Card | Word::Wallet | Word::Fastag) => {
                noun.get_or_insert(word);
                from = before;
            }
            Kind::Word(Word::Ending | Word::Number | Word::With) => ending = true,
            Kind::Word(
                Word::Mobile | Word::Invest | Word::Receipt | Word::Ref | Word::Otp | Word::Call | Word::Sms,
            ) if noun.is_none() => {
                return None;
            }
            Kind::Word(
                Word::Bank | Word::BankName | Word::Credit | Word::Debit | Word::In | Word::Linked | Word::Is,
            ) => {}
            Kind::Word(Word::None) if noun.is_some() || back <= 2 && masked => {}
            Kind::Mark(b':' | b'.' | b'-' | b'#' | b'(' | b'*') => {}
            Kind::Code | Kind::Masked if ending => {}
            _ => break,
        }
    }
    let noun = noun.or_else(|| noun_after(tokens, at));
    let noun = match noun {
        Some(noun) => noun,
        None if masked && (ending || stands_for_account(tokens, from)) => Word::Account,
        None => return None,
    };
    // A bare number is one right after its noun, or after words that say so.
    let direct = (1..=2).any(|back| matches!(tokens.before(at, back), Word::Account | Word::Card)) || ending;
    if !(masked || ending || direct && tokens.str(at).len() != 6) {
        return None;
    }
    let (preposition, yours) = setting(tokens, from);
    Some(Account {
        number: at,
        tokens: from..at + 1,
        card: noun == Word::Card,
        hidden: masked || tokens.str(at).len() <= 5,
        wallet: matches!(noun, Word::Wallet | Word::Fastag),
        yours,
        preposition,
    })
}

/// `NN01234`: a letter that hides digits, right after the noun.
fn hidden_by_letters(tokens: &Tokens<'_>, at: usize) -> bool {
    let text = tokens.str(at);
    let digits = text.trim_start_matches(['N', 'n']);
    digits.len() < text.len() && (3..=6).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn noun_after(tokens: &Tokens<'_>, at: usize) -> Option<Word> {
    (at + 1..at + 4).map(|at| tokens.word(at)).find(|word| matches!(word, Word::Account | Word::Card))
}

/// Whether a masked number without a noun is an account: `from HDFC Bank XX1234`, `XX1234 debited`.
fn stands_for_account(tokens: &Tokens<'_>, at: usize) -> bool {
    let bank = (1..=2).any(|back| matches!(tokens.before(at, back), Word::Bank | Word::BankName));
    let pointed = (1..=3).any(|back| matches!(tokens.before(at, back), Word::From | Word::To | Word::In | Word::On));
    bank || pointed || tokens.word(at + 1).moved() || tokens.word(at + 2).moved()
}

/// The preposition before the account at `from`, and whether it is called the person's.
fn setting(tokens: &Tokens<'_>, from: usize) -> (Word, bool) {
    let mut yours = false;
    for back in 1..=9 {
        let Some(at) = from.checked_sub(back) else { break };
        let word = tokens.word(at);
        match word {
            Word::Your | Word::My => yours = true,
            _ if word.preposition() && word != Word::Of && word != Word::With => return (word, yours),
            _ if word.moved() || tokens.ends_sentence(at) => break,
            _ if matches!(tokens.kind(at), Kind::Currency(_) | Kind::Date(_)) => break,
            Word::And => break,
            _ => {}
        }
    }
    (Word::None, yours)
}

/// The person's own of `accounts`.
pub(super) fn own(accounts: &[Account], credit: bool) -> Option<&Account> {
    let rank = |account: &Account| {
        let away =
            if credit { matches!(account.preposition, Word::From | Word::By) } else { account.preposition == Word::To };
        let linked = account.preposition == Word::For && credit;
        match (account.yours, away, linked) {
            (true, false, _) => 0,
            (false, false, false) => 1,
            (true, true, _) | (_, _, true) => 2,
            (false, true, _) => 3,
        }
    };
    accounts.iter().min_by_key(|account| rank(account)).filter(|account| rank(account) < 3)
}

/// The digits that a number shows, after what hides the others, and where they are in it.
pub(super) fn shown(number: &str) -> Range<usize> {
    let hidden = number.rfind(|c: char| !c.is_ascii_digit() && c != ' ' && c != '-');
    let start =
        hidden.map_or(0, |at| at + number.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8));
    let start = start + number.get(start..).map_or(0, |rest| rest.len() - rest.trim_start_matches([' ', '-']).len());
    start..number.len()
}
