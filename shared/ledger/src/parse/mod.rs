//! The grammar of bank messages.
//!
//! A message is made plain ([`text`], [`html`]), cut into tokens ([`scanner`], [`token`], [`clock`], [`words`]) and read by what
//! stands next to what, not by its bank's template: amounts and what they are of ([`amount`]), the verb that moves one
//! ([`movement`]), accounts ([`account`]), the other side ([`party`], [`name`]), references ([`reference`]). What speaks against
//! a transaction ([`signs`], [`sender`]) is weighed first: to miss one is better than to book what is none.
//!
//! Every rule looks at a bounded number of tokens around a place, so that time is linear in the length of the message.

mod account;
mod amount;
mod clock;
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
use movement::Movement;
use sender::Sender;
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
    let sender = sender::sender(message.sender.as_ref().map(|sender| sender.reveal().as_str()));
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
        Word::Call | Word::Click | Word::Dispute | Word::Visit | Word::Never => true,
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

/// What speaks for and against a transaction.
struct Evidence<'a> {
    tokens: &'a Tokens<'a>,
    signs: Signs,
    sender: Sender,
    movement: Movement,
    amount: &'a Amount,
    own: Option<&'a Account>,
}

impl Evidence<'_> {
    /// How sure it is that this is a transaction; nothing when it is not sure enough to be booked.
    fn transaction(&self) -> Option<f32> {
        let Self { signs, movement, .. } = self;
        let verb = self.tokens.word(movement.verb);
        let own = self.own.filter(|own| !own.wallet);
        let reversal = movement.told && matches!(verb, Word::Credited | Word::Refunded | Word::Reversed);
        let named_only = !movement.told;
        let against = signs.otp
            || signs.otp_named && named_only
            || signs.declined && !reversal
            || signs.clearing && self.movement.credit
            || (signs.request || signs.open || signs.statement) && (named_only || own.is_none() && !signs.yours)
            || signs.request && (own.is_none() || !matches!(verb, Word::Debited | Word::Credited))
            || signs.mandate && named_only
            || signs.due && named_only && own.is_none()
            || named_only && !self.settled()
            || self.advice()
            || signs.foreign > 0 && own.is_none() && !(self.sender == Sender::Bank && signs.foreign == 1)
            || signs.promotion >= 2 && own.is_none()
            || signs.wallet && own.is_none() && self.sender != Sender::Bank
            || self.amount.money.value().is_zero();
        if against || !self.personal() {
            return None;
        }
        let mut confidence: f32 = if movement.told { 0.9 } else { 0.75 };
        confidence += if own.is_some() { 0.08 } else { -0.1 };
        confidence -= if self.amount.marked { 0.0 } else { 0.1 };
        confidence -= if signs.promotion + signs.foreign > 0 { 0.1 } else { 0.0 };
        Some(confidence.clamp(0.4, 0.99))
    }

    /// Whether the person's own side is told, or a bank tells it.
    fn personal(&self) -> bool {
        let signs = &self.signs;
        match (self.sender, self.own) {
            (Sender::Bank, _) => true,
            (Sender::Unknown | Sender::Other | Sender::Person, Some(own)) => {
                !own.wallet && (self.sender == Sender::Unknown || self.movement.told)
            }
            (Sender::Unknown, None) => {
                let payment = signs.yours || signs.you || signs.bank || signs.rail;
                self.amount.marked && payment
            }
            (Sender::Other | Sender::Person, None) => false,
            (Sender::App, _) => false,
        }
    }

    /// Whether a movement that is only named is told as one that is over: it was `made`, the account `has` it, or the
    /// sentence begins with it or is about a card at a shop.
    fn settled(&self) -> bool {
        let tokens = self.tokens;
        let verb = self.movement.verb;
        let from = (verb.saturating_sub(24)..verb).rev().find(|&at| tokens.ends_sentence(at));
        let from = from.map_or(verb.saturating_sub(24), |at| at + 1);
        let to =
            (verb..tokens.len().min(verb + 40)).find(|&at| at >= self.amount.tokens.end && tokens.ends_sentence(at));
        let to = to.unwrap_or(tokens.len().min(verb + 40));
        let within = |wanted: &[Word]| (from..to).any(|at| wanted.contains(&tokens.word(at)));
        // `Not you?` asks nothing of the payment.
        if tokens.mark(to, b'?') && !within(&[Word::Not]) {
            return false;
        }
        let done = within(&[Word::Made, Word::Success]);
        let had = (1..=5).any(|back| tokens.before(verb, back) == Word::Is);
        let begins = (from..verb).all(|at| {
            let word = tokens.word(at);
            let told =
                matches!(word, Word::Dear | Word::Cash | Word::Update | Word::BankName | Word::Bank | Word::Your)
                    || matches!(word, Word::Atm | Word::Card | Word::Debit | Word::Credit | Word::In | Word::Account);
            told || word.rail()
                || self.own.is_some_and(|own| own.tokens.contains(&at))
                || matches!(tokens.kind(at), token::Kind::Mark(_))
        });
        let own = self.own.is_some();
        let shop = within(&[Word::At]) && (from..to).any(|at| matches!(tokens.kind(at), token::Kind::Date(_)));
        done || own && (had || begins || shop) || begins && self.signs.yours && within(&[Word::At])
    }

    /// Whether it tells that another's account was credited: `deposited to NAME`, `credited to the beneficiary`.
    fn advice(&self) -> bool {
        let tokens = self.tokens;
        let verb = tokens.word(self.movement.verb);
        if self.signs.beneficiary && self.movement.credit {
            return true;
        }
        if verb == Word::Received && self.own.is_none() {
            let at = self.movement.verb;
            let near =
                |range: Range<usize>, words: &[Word]| range.into_iter().any(|at| words.contains(&tokens.word(at)));
            let money = near(
                at.saturating_sub(8)..at,
                &[Word::You, Word::Payment, Word::Refund, Word::Transfer, Word::Account],
            );
            return !money && !near(at + 1..at + 10, &[Word::From, Word::Payment]);
        }
        if !matches!(verb, Word::Credited | Word::Deposited) || self.own.is_some() || self.signs.yours {
            return false;
        }
        let from = self.movement.verb.max(self.amount.tokens.end.saturating_sub(1));
        (self.movement.verb..from + 5).any(|at| {
            let mine =
                |at: usize| matches!(tokens.word(at), Word::Your | Word::You | Word::My | Word::Account | Word::Card);
            tokens.word(at) == Word::To && !(at + 1..at + 6).any(mine)
        })
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
