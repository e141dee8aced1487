//! Messages become transactions, each once.

use std::collections::HashMap;

use jiff::Timestamp;
use kernel::{Fault, Identifier, Secret};
use ledger::{
    Categorised, Category, Guess, Message, Parsed, Reason, Transaction, categorise, same_merchant, same_message,
};
use store::{Lookup, UnitOfWork};
use ulid::Ulid;

use crate::{
    book::{Book, milliseconds, read_facts},
    rows::{CorrectionFacts, MESSAGE, MessageFacts, Plain, SealedMessage, TRANSACTION},
};

/// A message that tells of a transaction, not yet stored.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// What arrived.
    pub message: Message,
    /// What it says.
    pub parsed: Parsed,
    /// Which one it is of several that are equal and all meant; 1 unless said.
    pub occurrence: u32,
    /// Which row it is of what is sent in one piece; that, sent again, is no duplicate.
    pub origin: Option<Origin>,
}

/// Which row of what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The bulk request or import.
    pub whole: String,
    /// The row, from 0.
    pub index: u64,
}

/// What became of a candidate.
#[derive(Debug)]
pub enum Filed {
    /// It is in the unit of work.
    New(Box<Transaction>),
    /// It was stored by an earlier attempt at the same row.
    Again(Identifier),
    /// The message is stored already.
    Duplicate(Identifier),
}

impl Filed {
    /// The transaction, new or old.
    #[must_use]
    pub const fn transaction_id(&self) -> &Identifier {
        match self {
            Self::New(transaction) => &transaction.facts.transaction_id,
            Self::Again(id) | Self::Duplicate(id) => id,
        }
    }
}

impl Book<'_> {
    /// The most candidates of one unit of work: each needs two items there, and two keys where it is looked up.
    pub const MOST_AT_ONCE: usize = 45;

    /// Files candidates: what is new goes into `work`. `guess` is asked for merchants that no rule knows.
    ///
    /// A commit that conflicts means that somebody stored one of the messages meanwhile: file again.
    ///
    /// # Errors
    /// 503 when the table does not answer.
    pub async fn file(
        &self,
        work: &mut UnitOfWork,
        candidates: &[Candidate],
        now: Timestamp,
        guess: impl Fn(&str) -> Option<Guess>,
    ) -> Result<Vec<Filed>, Fault> {
        let mut names = Vec::with_capacity(candidates.len());
        for candidate in candidates {
            names.push(self.names(candidate)?);
        }
        let (mut known, corrections) = self.known(&names).await?;
        let mut filed = Vec::with_capacity(candidates.len());
        for (candidate, names) in candidates.iter().zip(names) {
            let origin = candidate.origin.as_ref().map(|origin| self.origin_token(origin)).transpose()?;
            if let Some(found) = known.get(&names.message) {
                let again = origin.is_some() && found.origin == origin;
                let id = found.transaction_id.clone();
                filed.push(if again { Filed::Again(id) } else { Filed::Duplicate(id) });
                continue;
            }
            let correction = names.correction.as_ref().and_then(|sort| corrections.get(sort)).copied();
            let categorised = match correction {
                Some(category) => {
                    Categorised { category, subcategories: Vec::new(), confidence: 1.0, reason: Reason::Correction }
                }
                None => categorise(candidate.message.text.reveal(), &candidate.parsed, &guess),
            };
            let facts = MessageFacts { transaction_id: names.transaction.clone(), origin };
            let transaction = self.store(work, candidate, &names, &facts, &categorised, now)?;
            known.insert(names.message, facts);
            filed.push(Filed::New(Box::new(transaction)));
        }
        Ok(filed)
    }

    fn store(
        &self,
        work: &mut UnitOfWork,
        candidate: &Candidate,
        names: &Names,
        facts: &MessageFacts,
        categorised: &Categorised,
        now: Timestamp,
    ) -> Result<Transaction, Fault> {
        let Candidate { message, parsed, .. } = candidate;
        let plain = Plain::from([("message", sealed_message(message, candidate.occurrence)?)]);
        let row = self.row(names.message.clone(), facts, &plain, Vec::new(), 0)?;
        self.people.write(work, &self.subject, row)?;
        let id = names.transaction.clone();
        let transaction = Transaction::new(id, parsed, categorised, message.channel, now);
        let particulars = &transaction.particulars;
        let balance = particulars.balance.as_ref().map(serde_json::to_string).transpose().map_err(Fault::internal)?;
        let values = [
            ("account", particulars.account.clone()),
            ("merchant", particulars.merchant.clone()),
            ("counterparty", particulars.counterparty.clone()),
            ("reference", particulars.reference.clone()),
            ("balance", balance.map(Secret::new)),
        ];
        let plain: Plain = values.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        let mut found_by = Vec::new();
        if let Some(account) = &particulars.account {
            found_by.push((Lookup::Account, self.account_token(account)?));
        }
        if let Some(merchant) = &particulars.merchant {
            found_by.push((Lookup::Merchant, self.merchant_token(merchant)?));
        }
        let sort = format!("{TRANSACTION}{}", transaction.facts.transaction_id);
        let row = self.row(sort, &transaction.facts, &plain, found_by, 0)?;
        self.people.write(work, &self.subject, row)?;
        work.touch(format!("transaction/{}/{}", self.subject.user, transaction.facts.transaction_id));
        Ok(transaction)
    }

    /// What is known of the messages and merchants, by the sort keys of their rows.
    async fn known(
        &self,
        names: &[Names],
    ) -> Result<(HashMap<String, MessageFacts>, HashMap<String, Category>), Fault> {
        let mut sorts: Vec<String> = names.iter().map(|names| names.message.clone()).collect();
        sorts.extend(names.iter().filter_map(|names| names.correction.clone()));
        sorts.sort_unstable();
        sorts.dedup();
        let (mut messages, mut corrections) = (HashMap::new(), HashMap::new());
        for row in self.people.get_all(&self.subject, &sorts).await? {
            if row.sort.starts_with(MESSAGE) {
                let facts: MessageFacts = read_facts(&row)?;
                messages.insert(row.sort, facts);
            } else {
                let facts: CorrectionFacts = read_facts(&row)?;
                corrections.insert(row.sort, facts.category);
            }
        }
        Ok((messages, corrections))
    }

    /// A client may call a request anything, so its name is not stored in clear.
    fn origin_token(&self, origin: &Origin) -> Result<String, Fault> {
        self.token("origin", format!("{}#{}", origin.index, origin.whole).as_bytes())
    }

    fn names(&self, candidate: &Candidate) -> Result<Names, Fault> {
        let Candidate { message, parsed, occurrence, .. } = candidate;
        let same = same_message(message.text.reveal());
        let value = format!("{occurrence}\n{}", same.reveal());
        let token = self.token("message", value.as_bytes())?;
        // The id tells the time and nothing else: its other part is made of the token.
        let id = Ulid::from_parts(milliseconds(parsed.time), self.number("transaction", token.as_bytes())?).to_string();
        let merchant = parsed.merchant.as_ref().map(|found| &found.value);
        let merchant = merchant.filter(|merchant| !same_merchant(merchant.reveal()).reveal().is_empty());
        Ok(Names {
            message: format!("{MESSAGE}{token}"),
            transaction: Identifier::parse(&id).map_err(Fault::internal)?,
            correction: merchant.map(|merchant| self.correction_sort(merchant)).transpose()?,
        })
    }
}

/// What a candidate's rows are called.
struct Names {
    message: String,
    transaction: Identifier,
    correction: Option<String>,
}

fn sealed_message(message: &Message, occurrence: u32) -> Result<Secret<String>, Fault> {
    let sealed = SealedMessage {
        channel: message.channel,
        text: message.text.reveal().clone(),
        sender: message.sender.as_ref().map(|sender| sender.reveal().clone()),
        received_at: message.received_at,
        occurrence,
    };
    serde_json::to_string(&sealed).map(Secret::new).map_err(Fault::internal)
}
