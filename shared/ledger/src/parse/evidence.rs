//! What speaks for a transaction and what against it.
//!
//! A bank that tells of the person's own account is believed; somebody else has to show that a bank speaks; an app or a
//! shop is not believed at all, for the bank tells of its payments too.

use std::ops::Range;

use super::{
    account::Account,
    amount::Amount,
    movement::Movement,
    sender::Sender,
    signs::Signs,
    token::{Kind, Tokens},
    words::Word,
};

/// What speaks for and against a transaction.
pub(super) struct Evidence<'a> {
    pub(super) tokens: &'a Tokens<'a>,
    pub(super) signs: Signs,
    pub(super) sender: Sender,
    pub(super) movement: Movement,
    pub(super) amount: &'a Amount,
    pub(super) own: Option<&'a Account>,
}

impl Evidence<'_> {
    /// How sure it is that this is a transaction; nothing when it is not sure enough to be booked.
    pub(super) fn transaction(&self) -> Option<f32> {
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
            || signs.foreign > 0
                && matches!(self.sender, Sender::Other | Sender::Person)
                && !(verb == Word::Debited && signs.balance)
            || signs.promotion + usize::from(signs.link) >= 2 && own.is_none()
            || signs.wallet && own.is_none()
            || signs.on_app && self.sender != Sender::Bank && self.elsewhere()
            || signs.link && self.sender == Sender::Person
            || signs.mistake && self.sender != Sender::Bank
            || signs.link && own.is_none() && self.sender != Sender::Bank
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

    /// Whether the verb is not one of those by which a bank tells of a purchase on an app.
    fn elsewhere(&self) -> bool {
        let verb = self.tokens.word(self.movement.verb);
        !matches!(verb, Word::Spent | Word::Debited | Word::Used | Word::Charged | Word::Purchase | Word::Txn)
    }

    /// Whether the person's own side is told, or a bank tells it.
    fn personal(&self) -> bool {
        let signs = &self.signs;
        match (self.sender, self.own) {
            (Sender::Bank, _) => true,
            (Sender::App, _) => false,
            (_, Some(own)) if own.wallet || signs.any_bank => false,
            (Sender::Unknown, Some(_)) => true,
            (Sender::Other | Sender::Person, Some(own)) => {
                let verb = self.tokens.word(self.movement.verb);
                let named = matches!(verb, Word::Purchase | Word::Withdrawal | Word::Txn | Word::Debit | Word::Credit);
                (self.movement.told || signs.balance || named)
                    && (signs.bank || signs.balance || own.hidden && (own.yours || signs.rail || verb == Word::Debited))
            }
            (Sender::Unknown, None) => {
                let payment = signs.yours || signs.you || signs.bank || signs.rail;
                self.amount.marked && payment && !signs.any_bank
            }
            (Sender::Other | Sender::Person, None) => false,
        }
    }

    /// Whether a movement that is only named is told as one that is over: it was `made`, the account `has` it, or the
    /// sentence begins with it or is about a card at a shop.
    fn settled(&self) -> bool {
        let tokens = self.tokens;
        let verb = self.movement.verb;
        let from = (verb.saturating_sub(24)..verb).rev().find(|&at| tokens.ends_sentence(at));
        let from = from.map_or(verb.saturating_sub(24), |at| at + 1);
        // `NAMED BANK: ...`
        let from = (from..verb.min(from + 4)).find(|&at| tokens.mark(at, b':')).unwrap_or(from);
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
        let taken = matches!(tokens.word(verb), Word::Withdrawal | Word::Purchase | Word::Debit)
            && !matches!(tokens.word(verb + 1), Word::Limit | Word::Charges | Word::Fee);
        let begins = (from..verb).all(|at| {
            let word = tokens.word(at);
            let told =
                matches!(word, Word::Dear | Word::Cash | Word::Update | Word::BankName | Word::Bank | Word::Your)
                    || matches!(word, Word::Atm | Word::Card | Word::Debit | Word::Credit | Word::In | Word::Account);
            told || word.rail()
                || self.own.is_some_and(|own| own.tokens.contains(&at))
                || taken && self.amount.tokens.contains(&at)
                || matches!(tokens.kind(at), Kind::Mark(_))
        });
        let own = self.own.is_some();
        let shop = within(&[Word::At]) && (from..to).any(|at| matches!(tokens.kind(at), Kind::Date(_)));
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
