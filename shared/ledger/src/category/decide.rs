//! The order in which a category is looked for, and how sure each way of finding one is.

use super::{
    Categorised, Category, Guess, Reason,
    name::Name,
    person::is_person,
    phrases::{Match, words},
    rules,
    tables::{DICTIONARY, Label, TRADES, WHOLE_NAMES},
};
use crate::{Instrument, Kind, Parsed, Rail};

/// From this confidence on a guess of the model is told: it is then more likely right than wrong.
pub const SURE_ENOUGH: f32 = 0.5;

const BY_RULE: f32 = 0.95;
const BY_DICTIONARY: f32 = 0.95;
const BY_NAME_OF_PERSON: f32 = 0.8;
const BY_ADDRESS_OF_PERSON: f32 = 0.85;
const BY_TRADE: f32 = 0.85;
const BY_WORD_TRANSFER: f32 = 0.7;

/// What a payment was for: by the rules and the dictionary, else, for a merchant, by what `guess` says of its name.
///
/// `text` is the message. `guess` gets the words of the name that say who it is, in the spelling of [`words`], and is
/// asked at most once.
pub fn categorise(text: &str, parsed: &Parsed, guess: impl FnOnce(&str) -> Option<Guess>) -> Categorised {
    let payment = Payment::new(text, parsed);
    payment
        .by_message()
        .or_else(|| payment.by_dictionary())
        .or_else(|| payment.by_person())
        .or_else(|| payment.by_trade())
        .or_else(|| payment.by_bill())
        .or_else(|| payment.by_account())
        .or_else(|| payment.by_word_transfer())
        .unwrap_or_else(|| payment.by_model(guess))
}

struct Payment<'a> {
    parsed: &'a Parsed,
    /// The words of the message.
    said: String,
    /// The other side's name and address, as far as there are any.
    names: Vec<Name>,
    /// Money that comes in, and does not come back.
    income: bool,
    refund: bool,
    card: bool,
}

impl<'a> Payment<'a> {
    fn new(text: &str, parsed: &'a Parsed) -> Self {
        let said = words(text);
        let inward = parsed.kind.value == Kind::Credit;
        let refund = inward && rules::is_refund(&said);
        let sides = [&parsed.merchant, &parsed.counterparty].into_iter().flatten();
        let names = sides.map(|found| Name::of(found.value.reveal())).collect();
        let card = parsed.instrument.as_ref().is_some_and(|instrument| instrument.value == Instrument::Card);
        Self { parsed, said, names, income: inward && !refund, refund, card }
    }

    fn found(&self, (category, kind): Label, confidence: f32, reason: Reason) -> Categorised {
        let kinds = if self.refund { vec![kind, "refund"] } else { vec![kind] };
        Categorised { category, subcategories: kinds, confidence, reason }
    }

    fn bare(&self, category: Category, confidence: f32, reason: Reason) -> Categorised {
        let kinds = if self.refund && category != Category::Other { vec!["refund"] } else { Vec::new() };
        Categorised { category, subcategories: kinds, confidence, reason }
    }

    fn rail(&self) -> Option<Rail> {
        self.parsed.rail.as_ref().map(|rail| rail.value)
    }

    /// The first of the names that says who it is.
    fn named(&self) -> Option<&Name> {
        self.names.iter().find(|name| !name.core.is_empty())
    }

    fn by_message(&self) -> Option<Categorised> {
        if self.refund {
            return None;
        }
        let said = rules::of_message(&self.said, self.income);
        let label = match (self.parsed.kind.value, self.rail()) {
            (Kind::Fee, _) => {
                Some(said.filter(|(category, _)| *category == Category::Fee).unwrap_or((Category::Fee, "bank_charges")))
            }
            (_, Some(Rail::Cash)) if self.income => Some((Category::Cash, "cash_deposit")),
            (_, Some(Rail::Cash)) => Some((Category::Cash, "atm_withdrawal")),
            _ => said,
        };
        label.map(|label| self.found(label, BY_RULE, Reason::Rule))
    }

    fn by_dictionary(&self) -> Option<Categorised> {
        self.names.iter().find_map(merchant).map(|label| self.found(label, BY_DICTIONARY, Reason::Dictionary))
    }

    fn trade(&self) -> Option<Label> {
        self.names.iter().find_map(|name| TRADES.among(&name.words).last()).map(|found| found.value)
    }

    /// Nobody pays a person by card, and a person does not call himself by a trade.
    fn by_person(&self) -> Option<Categorised> {
        let person = !self.card && self.trade().is_none() && self.names.iter().any(|name| is_person(&name.core));
        person.then(|| self.found((Category::Transfer, "person"), BY_NAME_OF_PERSON, Reason::Person))
    }

    fn by_trade(&self) -> Option<Categorised> {
        self.trade().map(|label| self.found(label, BY_TRADE, Reason::Rule))
    }

    fn by_bill(&self) -> Option<Categorised> {
        (self.parsed.kind.value == Kind::Bill).then(|| self.bare(Category::Bills, BY_RULE, Reason::Rule))
    }

    /// The other side is told by a telephone, or by an account and nothing else.
    fn by_account(&self) -> Option<Categorised> {
        let account = match self.named() {
            Some(name) => name.telephone,
            None => self.names.iter().any(|name| name.telephone || name.account),
        };
        let person = account && !self.card;
        person.then(|| self.found((Category::Transfer, "person"), BY_ADDRESS_OF_PERSON, Reason::Person))
    }

    fn by_word_transfer(&self) -> Option<Categorised> {
        let transfer = match self.named() {
            Some(name) => rules::is_transfer(&name.words),
            None => matches!(self.rail(), Some(Rail::Imps | Rail::Neft | Rail::Rtgs)) || rules::is_transfer(&self.said),
        };
        transfer.then(|| self.bare(Category::Transfer, BY_WORD_TRANSFER, Reason::Rule))
    }

    /// A shop does not pay its customers: of money that comes in and does not come back, a name says nothing.
    fn by_model(&self, guess: impl FnOnce(&str) -> Option<Guess>) -> Categorised {
        match self.named().filter(|_| !self.income).and_then(|name| guess(&name.core)) {
            None => self.bare(Category::Other, 0.0, Reason::Unsure),
            Some(Guess { category, confidence }) => {
                let possible = !(self.card && category == Category::Transfer);
                if possible && confidence >= SURE_ENOUGH {
                    self.bare(category, confidence, Reason::Model)
                } else {
                    self.bare(Category::Other, confidence, Reason::Unsure)
                }
            }
        }
    }
}

/// The merchant of the dictionary that the name is, or names; of several the one with the longest name.
fn merchant(name: &Name) -> Option<Label> {
    let longer =
        |best: Match<Label>, next: Match<Label>| if next.phrase.len() > best.phrase.len() { next } else { best };
    let longest = || DICTIONARY.among(&name.words).reduce(longer).map(|found| found.value);
    WHOLE_NAMES.get(&name.core).or_else(longest)
}
