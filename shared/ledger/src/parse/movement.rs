//! Which words say that money has moved, how much, and which way.
//!
//! A verb counts when nothing before it makes it a plan, a condition or a failure. The verb and the amount that stand
//! closest belong together, and the person's own side decides the direction: `A/c XX1 debited; CAFE credited` is a
//! debit.

use super::{
    amount::{Amount, Role},
    token::{Kind, Tokens},
    words::Word,
};

/// A movement of money.
#[derive(Clone, Copy, Debug)]
pub(super) struct Movement {
    /// The token of its verb or name.
    pub(super) verb: usize,
    /// Its place in the list of amounts.
    pub(super) amount: usize,
    /// Whether to the person.
    pub(super) credit: bool,
    /// Whether a verb in the past says it, not just a name.
    pub(super) told: bool,
}

/// How many tokens before a verb are looked at.
const REACH: usize = 8;
/// What a name costs more than a verb, and a verb of many meanings.
const NAME: usize = 8;
const VAGUE: usize = 2;
/// What the end of a sentence costs, or a new line.
const SENTENCE: usize = 12;
/// What costs more belongs to something else.
const FARTHEST: usize = 34;

/// The movement that `tokens` tell, if they tell one.
pub(super) fn movement(tokens: &Tokens<'_>, amounts: &[Amount]) -> Option<Movement> {
    let mut best: Option<(usize, Movement)> = None;
    let mut next = 0;
    let mut first = None;
    for verb in 0..tokens.len() {
        while amounts.get(next).is_some_and(|amount| amount.tokens.end <= verb) {
            next += 1;
        }
        let word = tokens.word(verb);
        let thanked = word == Word::Using && tokens.before(verb, 1) == Word::For && tokens.before(verb, 2) == Word::You;
        if !(word.moved() || word.movement() || thanked) || !happened(tokens, verb) {
            continue;
        }
        if word.moved() && first.is_none() {
            first = Some(verb);
        }
        for at in [next.checked_sub(1), Some(next)].into_iter().flatten() {
            let Some(amount) = amounts.get(at).filter(|amount| amount.role == Role::Moved) else { continue };
            let cost = cost(tokens, verb, amount);
            if cost <= FARTHEST && best.is_none_or(|(least, _)| cost < least) {
                let credit = credits(tokens, verb);
                best = Some((
                    cost,
                    Movement {
                        verb,
                        amount: at,
                        credit,
                        told: word.moved() || thanked || matches!(word, Word::Dr | Word::Cr),
                    },
                ));
            }
        }
    }
    let (_, mut movement) = best?;
    if let Some(own) = first.filter(|_| movement.told).and_then(|first| own_side(tokens, first, movement.verb)) {
        (movement.verb, movement.credit) = (own, credits(tokens, own));
    }
    Some(movement)
}

fn cost(tokens: &Tokens<'_>, verb: usize, amount: &Amount) -> usize {
    let (from, to) = if verb < amount.tokens.start { (verb, amount.tokens.start) } else { (amount.tokens.end, verb) };
    let between = (from..to.min(from + FARTHEST)).filter(|&at| tokens.ends_sentence(at)).count();
    let word = tokens.word(verb);
    let kind = match word {
        Word::Txn | Word::Transfer | Word::Credit | Word::Fee | Word::Charges => NAME + 2,
        _ if word.movement() => NAME,
        Word::Received | Word::Paid | Word::Used | Word::Added | Word::Cleared => VAGUE,
        _ => 0,
    };
    let unmarked = if amount.marked { 0 } else { 6 };
    (to - from) + between * SENTENCE + kind + unmarked
}

/// Of two verbs that say opposite things, the one that is said of the person's side: the one with `your`, else the
/// first.
fn own_side(tokens: &Tokens<'_>, first: usize, chosen: usize) -> Option<usize> {
    let opposite = |at: usize| -> Option<bool> {
        match tokens.word(at) {
            Word::Debited => Some(false),
            Word::Credited => Some(true),
            _ => None,
        }
    };
    let (one, other) = (opposite(first)?, opposite(chosen)?);
    if one == other {
        return None;
    }
    let yours = |verb: usize| {
        (verb.saturating_sub(6)..verb + 5)
            .filter(|&at| at == verb || !tokens.word(at).moved())
            .any(|at| tokens.word(at) == Word::Your && at > if verb == chosen { first } else { 0 })
    };
    (yours(first) || !yours(chosen)).then_some(first)
}

/// Whether what the word at `verb` says has happened.
fn happened(tokens: &Tokens<'_>, verb: usize) -> bool {
    let word = tokens.word(verb);
    if word.movement() && !names_movement(tokens, verb) {
        return false;
    }
    // What was added is an amount, and what was received is no letter.
    if word == Word::Added && !(1..=5).any(|back| at_amount(tokens, verb, back)) {
        return false;
    }
    if word == Word::Received && tokens.word(verb + 1) == Word::Your && tokens.word(verb + 2) != Word::Payment {
        return false;
    }
    if word == Word::Used && !(0..6).any(|ahead| matches!(tokens.word(verb + ahead), Word::For | Word::At)) {
        return false;
    }
    // `Debited? No.`
    if tokens.mark(verb + 1, b'?') {
        return false;
    }
    for back in 1..=3 * REACH {
        let Some(at) = verb.checked_sub(back) else { break };
        if tokens.ends_sentence(at) {
            break;
        }
        let close = back <= 4;
        match tokens.word(at) {
            Word::Never if back <= 2 * REACH => return false,
            // `Your request to ... is received`.
            Word::Request if word == Word::Received && tokens.before(at, 1) == Word::Your => return false,
            _ if back > REACH => {}
            Word::Will | Word::May | Word::If | Word::Pending => return false,
            // `get Rs.500 credited`.
            Word::Get if matches!(tokens.kind(at + 1), Kind::Currency(_)) => return false,
            Word::Be if tokens.before(at, 1) != Word::Is => return false,
            Word::Not | Word::Get | Word::Request | Word::Unable | Word::Initiated if close => {
                return false;
            }
            Word::Declined if close && !word.moved() => return false,
            Word::Due if close && tokens.word(at + 1) != Word::To => return false,
            Word::Mandate | Word::Statement if close && word.movement() => return false,
            _ => {}
        }
    }
    if word.movement() {
        return named_happened(tokens, verb);
    }
    let ahead = (verb + 1..verb + 6).take_while(|&at| !tokens.ends_sentence(at));
    if ahead.into_iter().any(|at| tokens.word(at) == Word::May) {
        return false;
    }
    !(tokens.word(verb + 1) == Word::Request || word == Word::Sent && tokens.word(verb + 2) == Word::Clearing)
}

/// Whether an amount ends `back` tokens before `at`.
fn at_amount(tokens: &Tokens<'_>, at: usize, back: usize) -> bool {
    at.checked_sub(back).is_some_and(|at| tokens.number(at))
}

/// Whether the name at `at` is that of a movement, not a part of another name such as `credit card`.
fn names_movement(tokens: &Tokens<'_>, at: usize) -> bool {
    let next = tokens.word(at + 1);
    let previous = tokens.before(at, 1);
    match tokens.word(at) {
        Word::Credit | Word::Debit => {
            !matches!(next, Word::Card | Word::Limit | Word::Update | Word::Cr)
                && previous != Word::Auto
                && !(tokens.mark(at + 1, b'/') && matches!(tokens.word(at + 2), Word::Credit | Word::Debit))
                && tokens.before(at, 2) != Word::Auto
                && !tokens.str(at + 1).eq_ignore_ascii_case("score")
        }
        // `1,234.00 Cr` is a balance, `Dr Rao` a person.
        Word::Cr | Word::Dr => {
            let after_amount = at.checked_sub(1).is_some_and(|at| tokens.number(at));
            let points = matches!(next, Word::From | Word::To) || matches!(tokens.word(at + 2), Word::From | Word::To);
            let of =
                matches!(next, Word::By | Word::With | Word::For) && matches!(tokens.kind(at + 2), Kind::Currency(_));
            after_amount && points || of || matches!(tokens.kind(at + 1), Kind::Currency(_))
        }
        Word::Deposit => previous != Word::Fixed,
        Word::Fee => previous != Word::Mode,
        Word::Transfer if previous == Word::By => false,
        Word::Payment if previous == Word::For => false,
        Word::Payment | Word::Txn | Word::Transfer => !matches!(next, Word::Request | Word::Mode | Word::BankName),
        _ => true,
    }
}

/// Whether nothing after the name of a movement says that it is none yet.
fn named_happened(tokens: &Tokens<'_>, verb: usize) -> bool {
    for at in verb + 1..verb + 1 + REACH * 2 {
        let turns = tokens.word(at) == Word::Not && (tokens.line(at) || tokens.word(at + 1) == Word::You);
        if tokens.ends_sentence(at) && !tokens.mark(at, b'!') || tokens.get(at).is_none() || turns {
            break;
        }
        match tokens.word(at) {
            Word::Will
            | Word::Be
            | Word::Declined
            | Word::Initiated
            | Word::Pending
            | Word::Request
            | Word::Not
            | Word::Mandate
            | Word::Due => {
                return false;
            }
            _ => {}
        }
    }
    true
}

/// Whether the word at `verb` says that money came to the person.
fn credits(tokens: &Tokens<'_>, verb: usize) -> bool {
    let near = |word: Word, back: usize, ahead: usize| {
        (verb.saturating_sub(back)..verb).chain(verb + 1..=verb + ahead).any(|at| tokens.word(at) == word)
    };
    match tokens.word(verb) {
        Word::Credited
        | Word::Received
        | Word::Deposited
        | Word::Refunded
        | Word::Reversed
        | Word::Added
        | Word::Credit
        | Word::Cr
        | Word::Refund
        | Word::Reversal
        | Word::Cashback
        | Word::Deposit => true,
        Word::Sent | Word::Paid => {
            to_own(tokens, verb) && !near(Word::You, 2, 0) && !near(Word::From, 0, 8) && verb > 0
                || tokens.word(verb + 1) == Word::You
                || tokens.word(verb + 1) == Word::In && tokens.word(verb + 2) == Word::Your
                || tokens.word(verb + 1) == Word::By && !near(Word::Your, 4, 0)
                || tokens.word(verb + 1) == Word::To && tokens.word(verb + 2) == Word::You
        }
        Word::Transferred | Word::Transfer => {
            to_own(tokens, verb) || tokens.word(verb + 1) == Word::From && to_own(tokens, verb)
        }
        Word::Cleared => near(Word::Deposited, 6, 6) || to_own(tokens, verb),
        Word::Payment => {
            let to_card = |at: usize| {
                matches!(tokens.word(at), Word::Towards | Word::On | Word::For)
                    && (at + 1..at + 7).any(|at| tokens.word(at) == Word::Card)
            };
            let out = (verb + 1..verb + 14).any(|at| matches!(tokens.word(at), Word::From | Word::At | Word::Using));
            !out && (verb + 1..verb + 10).any(to_card) || tokens.word(verb + 1) == Word::From
        }
        _ => false,
    }
}

/// Whether what follows says `to your account`.
fn to_own(tokens: &Tokens<'_>, verb: usize) -> bool {
    (verb + 1..verb + 8).any(|at| {
        matches!(tokens.word(at), Word::To | Word::In)
            && (tokens.word(at + 1) == Word::Your || tokens.word(at + 1) == Word::You)
    })
}
