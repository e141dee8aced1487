//! The grammar of bank messages.
//!
//! A message is made plain ([`text`], [`html`]), cut into tokens ([`scanner`], [`token`], [`clock`], [`words`]) and read by what
//! stands next to what, not by its bank's template: amounts and what they are of ([`amount`]), the verb that moves one
//! ([`movement`]), accounts ([`account`]), the other side ([`party`], [`name`]), references ([`reference`]). What speaks against
//! a transaction ([`signs`], [`sender`]) is weighed ([`evidence`]) first: to miss one is better than to book what is none.
//!
//! Every rule looks at a bounded number of tokens around a place, so that time is linear in the length of the message.

mod account;
mod amount;
mod clock;
mod evidence;
mod html;
mod movement;
mod name;
mod party;
mod reference;
mod scanner;
mod sender;
mod signs;
mod text;
mod token;
mod words;

use std::ops::Range;

use jiff::{Timestamp, tz::TimeZone};
use kernel::{Money, Secret};

use crate::{Channel, Found, Instrument, Kind, Message, Outcome, Parsed, Reading, TimeSource};
use account::Account;
use amount::{Amount, Role};
use clock::Now;
use evidence::Evidence;
use movement::Movement;
use signs::Signs;
use text::Text;
use token::Tokens;
use words::Word;

/// Reads a message.
pub(crate) fn read(message: &Message, now: Timestamp, zone: &TimeZone) -> Reading {
    let text = match message.channel {
        Channel::Sms => Text::plain(message.text.reveal()),
        Channel::Email => Text::email(message.text.reveal()),
    };
    let tokens = Tokens::of(&text.clean);
    let amounts = amount::amounts(&tokens);
    let signs = signs::signs(&tokens, &amounts);
    let sender = sender::sender(message.sender.as_ref().map(|sender| sender.reveal().as_str()), &tokens);
    let movement = movement::movement(&tokens, &amounts);
    if let Some(movement) = movement
        && let Some(amount) = amounts.get(movement.amount)
    {
        let body = body(&tokens, movement.verb.max(amount.tokens.end));
        let accounts = account::accounts(&tokens, body);
        let own = account::own(&accounts, movement.credit);
        let evidence = Evidence { tokens: &tokens, signs, sender, movement, amount, own };
        if let Some(confidence) = evidence.transaction() {
            let now = Now { received_at: message.received_at, now, zone };
            let fields = Fields { text: &text, tokens: &tokens, amounts: &amounts, movement, amount, body, confidence };
            let parsed = fields.parsed(&accounts, own, &signs, &now);
            return Reading { outcome: Outcome::Transaction, confidence, parsed: Some(parsed) };
        }
    }
    let (outcome, confidence) = otherwise(&signs, &amounts);
    Reading { outcome, confidence, parsed: None }
}

/// The first token, not before `from`, that is no longer about the payment but about what to do.
fn body(tokens: &Tokens<'_>, from: usize) -> usize {
    let turns = |at: usize| match tokens.word(at) {
        Word::Sms => !matches!(tokens.word(at + 1), Word::Charges | Word::Fee | Word::Update),
        Word::Call | Word::Never => true,
        // `SHOPPERS STOP` is a name.
        Word::Click | Word::Dispute | Word::Visit => {
            !(tokens.loud(at) && at.checked_sub(1).is_some_and(|at| tokens.loud(at)) && !tokens.line(at))
        }
        Word::Not => matches!(tokens.word(at + 1), Word::You | Word::Made),
        Word::If => tokens.ends_sentence(at.saturating_sub(1)) || tokens.line(at) || tokens.word(at + 1) == Word::Not,
        _ => matches!(tokens.kind(at), token::Kind::Link),
    };
    let end = (from..tokens.len()).find(|&at| turns(at)).unwrap_or(tokens.len());
    if tokens.before(end, 1) == Word::To { end - 1 } else { end }
}

/// What a message is that tells of no movement.
fn otherwise(signs: &Signs, amounts: &[Amount]) -> (Outcome, f32) {
    let asked = amounts.iter().any(|amount| matches!(amount.role, Role::Moved | Role::Due));
    if signs.otp || signs.otp_named && !signs.balance {
        (Outcome::Otp, 0.95)
    } else if signs.declined {
        (Outcome::Declined, 0.9)
    } else if signs.request && asked {
        (Outcome::Request, 0.9)
    } else if signs.promotion >= 2 && !signs.due || signs.promotion >= 3 {
        (Outcome::Promotion, 0.8)
    } else if signs.due && !amounts.is_empty() {
        (Outcome::Reminder, 0.85)
    } else if signs.balance {
        (Outcome::Balance, 0.8)
    } else if signs.promotion > 0 {
        (Outcome::Promotion, 0.5)
    } else {
        (Outcome::Unrecognised, 0.5)
    }
}

/// A transaction, to be put into fields.
struct Fields<'a> {
    text: &'a Text<'a>,
    tokens: &'a Tokens<'a>,
    amounts: &'a [Amount],
    movement: Movement,
    amount: &'a Amount,
    body: usize,
    confidence: f32,
}

impl Fields<'_> {
    fn parsed(&self, accounts: &[Account], own: Option<&Account>, signs: &Signs, now: &Now<'_>) -> Parsed {
        let (tokens, body) = (self.tokens, self.body);
        let (verb, credit) = (self.movement.verb, self.movement.credit);
        let amount = self.amount.tokens.clone();
        let setting = party::Setting { tokens, body, credit, verb, amount: amount.clone(), own, accounts };
        let counterparty = party::counterparty(tokens, body, accounts, own);
        let said = clock::said(tokens, body, amount.start, now);
        let (time, time_source) = match (&said, now.received_at) {
            (Some((time, _)), _) => (*time, TimeSource::Message),
            (None, Some(time)) => (time, TimeSource::ReceivedAt),
            (None, None) => (now.now, TimeSource::Request),
        };
        let rail = reference::rail(tokens, body);
        Parsed {
            amount: self.found(self.amount.money, &amount, if self.amount.marked { 0.97 } else { 0.7 }),
            kind: self.found(self.kind(signs), &(verb..verb + 1), self.confidence),
            account: own.map(|own| self.account(own)),
            instrument: self.instrument(own),
            rail: rail.map(|(rail, at)| self.found(rail, &(at..at + 1), 0.9)),
            merchant: setting.name().and_then(|party| self.named(&party)),
            counterparty: counterparty.map(|at| self.secret(tokens.span(&(at..at + 1)), 0.85)),
            reference: reference::reference(tokens, body).map(|(span, sure)| self.secret(span, sure)),
            time,
            time_source,
            time_span: said.map(|(_, range)| self.text.origin(&tokens.span(&range))),
            balance: self.remaining(Role::Balance),
            limit: self.remaining(Role::Limit),
        }
    }

    fn found<T>(&self, value: T, range: &Range<usize>, confidence: f32) -> Found<T> {
        Found { value, span: self.text.origin(&self.tokens.span(range)), confidence }
    }

    /// What the clean text says in `span`.
    fn secret(&self, span: Range<usize>, confidence: f32) -> Found<Secret<String>> {
        let value = self.tokens.text.get(span.clone()).unwrap_or_default().to_owned();
        Found { value: Secret::new(value), span: self.text.origin(&span), confidence }
    }

    fn account(&self, own: &Account) -> Found<Secret<String>> {
        let whole = self.tokens.span(&(own.number..own.number + 1));
        let shown = account::shown(self.tokens.str(own.number));
        let span = whole.start + shown.start..whole.end;
        let digits = self.tokens.text.get(span.clone()).unwrap_or_default();
        let value = digits.chars().filter(char::is_ascii_digit).collect();
        Found { value: Secret::new(value), span: self.text.origin(&span), confidence: 0.95 }
    }

    fn named(&self, party: &party::Party) -> Option<Found<Secret<String>>> {
        let text = self.tokens.text.get(party.span.clone())?;
        let name = text.split(|c: char| c.is_whitespace() || c == '_').filter(|part| !part.is_empty());
        let name = name.collect::<Vec<_>>().join(" ");
        let span = self.text.origin(&party.span);
        Some(Found { value: Secret::new(name), span, confidence: party.confidence })
    }

    fn remaining(&self, role: Role) -> Option<Found<Money>> {
        let amount = self.amounts.iter().find(|amount| amount.role == role)?;
        Some(self.found(amount.money, &amount.tokens, 0.9))
    }

    fn kind(&self, signs: &Signs) -> Kind {
        if self.movement.credit {
            return Kind::Credit;
        }
        let tokens = self.tokens;
        let words = || (0..self.body).map(|at| tokens.word(at));
        // A merchant may be called so too: the bank's service is not paid `at` a shop.
        let service = words().any(|word| word == Word::Charges)
            || (0..self.body).any(|at| tokens.word(at) == Word::Fee && self.fee(at));
        if service && !words().any(|word| word == Word::At) {
            Kind::Fee
        } else if signs.bill && words().any(|word| word == Word::Bill) {
            Kind::Bill
        } else {
            Kind::Debit
        }
    }

    /// Whether the fee named at `at` is one that a bank takes.
    fn fee(&self, at: usize) -> bool {
        const KINDS: [&str; 14] = [
            "annual",
            "late",
            "joining",
            "renewal",
            "maintenance",
            "service",
            "processing",
            "sms",
            "card",
            "amc",
            "convenience",
            "overlimit",
            "withdrawal",
            "membership",
        ];
        let kind = |back: usize| {
            at.checked_sub(back)
                .is_some_and(|at| KINDS.iter().any(|kind| kind.eq_ignore_ascii_case(self.tokens.str(at))))
        };
        kind(1) || kind(2) || self.tokens.word(self.movement.verb) == Word::Charged
    }

    fn instrument(&self, own: Option<&Account>) -> Option<Found<Instrument>> {
        let tokens = self.tokens;
        if let Some(own) = own {
            let instrument = if own.wallet {
                Instrument::Wallet
            } else if own.card {
                Instrument::Card
            } else {
                Instrument::Account
            };
            return Some(self.found(instrument, &own.tokens, 0.95));
        }
        let found = (0..self.body).find_map(|at| match tokens.word(at) {
            Word::Card => Some((Instrument::Card, at)),
            Word::Account => Some((Instrument::Account, at)),
            Word::Wallet | Word::Fastag => Some((Instrument::Wallet, at)),
            Word::Upi | Word::Vpa => Some((Instrument::Upi, at)),
            _ => None,
        });
        found.map(|(instrument, at)| self.found(instrument, &(at..at + 1), 0.7))
    }
}
