//! Where the name of the other side begins, where it ends, and what of it is no name.

use std::ops::Range;

use super::{party::Setting, token::Kind, words::Word};

impl Setting<'_> {
    /// Whether what begins at `at` may be a name in the slot.
    pub(super) fn begins(&self, slot: Word, at: usize) -> bool {
        let tokens = self.tokens;
        if at >= self.body || self.amount.contains(&at) || self.own.is_some_and(|own| own.tokens.contains(&at)) {
            return false;
        }
        let address = matches!(slot, Word::To | Word::From | Word::By | Word::Vpa | Word::At | Word::For | Word::None);
        match tokens.kind(at) {
            Kind::Currency(_) | Kind::Date(_) | Kind::Time(_) | Kind::Link | Kind::Mark(_) => false,
            Kind::Address => address || slot == Word::Towards,
            Kind::Masked => slot == Word::For && tokens.mark(at + 1, b'-'),
            Kind::Number => self.numeric(slot, at),
            Kind::Code => !matches!(slot, Word::On | Word::With | Word::Vpa),
            Kind::Word(word) => self.word_begins(slot, word, at),
        }
    }

    fn numeric(&self, slot: Word, at: usize) -> bool {
        let followed = matches!(self.tokens.kind(at + 1), Kind::Word(Word::None)) && !self.tokens.line(at + 1);
        let dashed = self.tokens.mark(at + 1, b'-')
            && self.tokens.glued(at + 2)
            && matches!(self.tokens.kind(at + 2), Kind::Word(Word::None))
            && slot == Word::At;
        let handle = self.tokens.mark(at + 1, b'_') && self.tokens.glued(at + 1);
        let long = self.tokens.str(at).len() >= 8;
        handle
            || dashed
            || followed && self.tokens.str(at).len() <= 5 && matches!(slot, Word::At | Word::To | Word::From)
            || long && matches!(slot, Word::At)
    }

    fn word_begins(&self, slot: Word, word: Word, at: usize) -> bool {
        let tokens = self.tokens;
        let next = tokens.word(at + 1);
        match word {
            Word::Your
            | Word::You
            | Word::My
            | Word::Account
            | Word::Linked
            | Word::Ending
            | Word::Using
            | Word::Ref
            | Word::Utr
            | Word::Number
            | Word::Available
            | Word::Total
            | Word::Amount
            | Word::Will
            | Word::If
            | Word::Be
            | Word::Due
            | Word::Call
            | Word::Sms
            | Word::Dispute
            | Word::Beneficiary
            | Word::Of
            | Word::In
            | Word::On
            | Word::Via
            | Word::At
            | Word::From
            | Word::Limit
            | Word::Visit
            | Word::Is
            | Word::Never
            | Word::Dear
            | Word::Mobile
            | Word::And => false,
            Word::To | Word::By | Word::For | Word::With | Word::As | Word::Towards => {
                slot == Word::For && word == Word::By
            }
            Word::Card | Word::Credit | Word::Debit => {
                let service = |at: usize| {
                    matches!(tokens.word(at), Word::Charges | Word::Fee | Word::Bill | Word::Payment | Word::Emi)
                };
                matches!(slot, Word::Towards | Word::For) && (at..at + 7).any(service)
            }
            Word::Balance | Word::Wallet => false,
            Word::Bank | Word::BankName => {
                // A bank may be the other side, but not where the account is told.
                let clause = (at..at + 6).take_while(|&at| !tokens.word(at).preposition() && !tokens.ends_sentence(at));
                let hidden = |at: usize| matches!(tokens.kind(at), Kind::Masked | Kind::Number);
                let account = clause.into_iter().any(hidden);
                !account && !(slot == Word::On) && !(slot == Word::Via)
            }
            Word::Upi | Word::Imps | Word::Neft | Word::Rtgs | Word::Ach => match slot {
                Word::Info => true,
                Word::For | Word::Towards => !matches!(next, Word::To | Word::Ref | Word::From),
                Word::By => word != Word::Upi,
                Word::At => tokens.mark(at + 1, b'-'),
                _ => false,
            },
            Word::Cash | Word::Cheque | Word::Transfer => {
                matches!(slot, Word::By | Word::Towards | Word::For | Word::Info) && next != Word::Of
            }
            Word::Withdrawn | Word::Paid | Word::Credited | Word::Debited | Word::Used | Word::Made => false,
            Word::Otp | Word::Password | Word::Code => false,
            Word::Reversal | Word::Refund => matches!(slot, Word::As | Word::Towards | Word::For | Word::Info),
            _ => !(slot == Word::On && word != Word::None || slot == Word::As && word == Word::None),
        }
    }

    /// Whether a name that began at `from` is over before the token at `at`.
    pub(super) fn ends(&self, slot: Word, from: usize, at: usize) -> bool {
        let tokens = self.tokens;
        if self.amount.start == at || at > from && tokens.line(at) {
            return true;
        }
        let next = tokens.word(at + 1);
        let free = matches!(slot, Word::Info);
        match tokens.kind(at) {
            Kind::Date(_) | Kind::Time(_) | Kind::Link | Kind::Currency(_) => true,
            Kind::Address => at > from,
            Kind::Mark(b'(' | b')' | b';' | b'|' | b'~' | b'!' | b'?' | b'[' | b']' | b'{' | b'}' | b'"') => true,
            Kind::Mark(b'.') => tokens.ends_sentence(at) || tokens.mark(at + 1, b'.') || self.closes(at + 1),
            Kind::Mark(b',') => !free && (tokens.get(at + 1).is_some_and(|token| token.spaced)) || self.closes(at + 1),
            Kind::Mark(b'-') => self.closes(at + 1) || tokens.get(at + 1).is_none() || self.signature(at + 1),
            Kind::Mark(b':') => true,
            Kind::Word(_) if at == from => false,
            // `E-mandate`.
            Kind::Word(Word::None) if tokens.mark(at + 1, b'-') && tokens.word(at + 2) == Word::Mandate => true,
            Kind::Word(word) => match word {
                Word::Available | Word::Balance | Word::Total | Word::Limit | Word::Minimum => self.told(at),
                Word::Mandate => true,
                Word::On
                | Word::Via
                | Word::Using
                | Word::Ref
                | Word::Utr
                | Word::If
                | Word::Not
                | Word::Your
                | Word::Linked
                | Word::Call
                | Word::Sms => true,
                Word::From | Word::To | Word::With | Word::For | Word::By | Word::At | Word::Towards => !free,
                Word::Is | Word::Will => true,
                Word::Credited | Word::Debited | Word::Received | Word::Spent | Word::Made => true,
                Word::Upi => {
                    matches!(next, Word::Ref | Word::Number | Word::Txn)
                        || tokens.mark(at + 1, b':')
                        || self.number_follows(at)
                }
                Word::Imps | Word::Neft | Word::Rtgs => {
                    !free
                        && !tokens.glued(at)
                        && (self.number_follows(at) || next == Word::Ref || tokens.mark(at + 1, b':'))
                }
                Word::Txn => matches!(next, Word::Number | Word::Ref) || tokens.mark(at + 1, b':'),
                Word::Of => matches!(tokens.kind(at + 1), Kind::Currency(_)),
                Word::And => next.moved() || tokens.word(at + 2).moved() || next == Word::Credit,
                Word::Info => !free,
                Word::As => true,
                _ => false,
            },
            Kind::Number | Kind::Code | Kind::Masked => false,
            Kind::Mark(_) => false,
        }
    }

    fn number_follows(&self, at: usize) -> bool {
        let next = if matches!(self.tokens.kind(at + 1), Kind::Mark(_)) { at + 2 } else { at + 1 };
        self.tokens.number(next) && self.tokens.str(next).len() >= 9
    }

    /// Whether a word of what remains is followed by an amount, so that it is no part of a name.
    fn told(&self, at: usize) -> bool {
        let clause = (at + 1..at + 7).take_while(|&at| {
            !self.tokens.ends_sentence(at) && !matches!(self.tokens.word(at), Word::Charges | Word::Fee)
        });
        clause.into_iter().any(|at| matches!(self.tokens.kind(at), Kind::Currency(_) | Kind::Number))
    }

    /// Whether something other than a name begins at `at`.
    pub(super) fn closes(&self, at: usize) -> bool {
        at >= self.body
            || matches!(self.tokens.word(at), Word::Ref | Word::Not | Word::If | Word::Utr)
            || matches!(self.tokens.word(at), Word::Available | Word::Balance | Word::Total | Word::Limit)
                && self.told(at)
            || matches!(self.tokens.kind(at), Kind::Link | Kind::Date(_))
    }

    /// Whether the message is signed at `at`: `-SBI`, `- Canara Bank`.
    fn signature(&self, at: usize) -> bool {
        let bank = matches!(self.tokens.word(at), Word::Bank | Word::BankName)
            || (1..3).any(|ahead| self.tokens.word(at + ahead) == Word::Bank && !self.tokens.line(at + ahead));
        bank && at + 4 >= self.body.min(self.tokens.len())
    }

    /// A name without what surrounds it.
    pub(super) fn trimmed(&self, range: Range<usize>) -> Option<Range<usize>> {
        let tokens = self.tokens;
        let mut range = range;
        // A masked number before a dash is how the bank writes whose account it is.
        if tokens.kind(range.start) == Kind::Masked && tokens.mark(range.start + 1, b'-') {
            range.start += 2;
        }
        let span = tokens.span(&range);
        let text = tokens.text.get(span.clone())?;
        let text =
            if tokens.kind(range.start) == Kind::Address { text.split('@').next().unwrap_or(text) } else { text };
        let edge = |c: char| {
            c.is_whitespace()
                || matches!(c, '.' | ',' | '-' | '_' | ':' | ';' | '*' | '/' | '\'' | '"' | '+' | '~' | '&' | '#')
        };
        let ahead = text.len() - text.trim_start_matches(edge).len();
        let text = text.trim_matches(edge);
        let gateways = ["RAZ*", "RAZP*", "RAZORPAY*", "PYU*", "PAYU*", "CCA*", "CAS*", "SQ *", "TST*", "TST* ", "UPI_"];
        let strip = gateways
            .iter()
            .filter(|gateway| text.get(..gateway.len()).is_some_and(|start| start.eq_ignore_ascii_case(gateway)));
        let gateway = strip.map(|gateway| gateway.len()).max().unwrap_or(0);
        let text = text.get(gateway..)?;
        let start = span.start + ahead + gateway;
        let letters = text.chars().any(char::is_alphanumeric);
        (letters && text.len() <= 160).then(|| start..start + text.len())
    }
}
