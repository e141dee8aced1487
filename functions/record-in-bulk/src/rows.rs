//! Filing rows of several people, each person's in pieces.

use std::collections::BTreeMap;

use books::{Book, Books, Candidate, Filed, Origin};
use gate::{Call, Route, again, commit_part};
use intake::{Reader, RowDefaults, sort_element, sort_line};
use jiff::tz::TimeZone;
use kernel::{Fault, Identifier};
use ledger::Rejected;
use store::{AuditTrail, CommitError, Subject, UnitOfWork};

use crate::contract::{BulkAnswer, BulkResult};

/// How often a piece is filed when others store the same messages meanwhile.
const MOST_ATTEMPTS: u32 = 5;

/// What rows are filed with.
pub struct Shelves {
    /// What reads messages.
    pub reader: Reader,
    /// Where transactions are.
    pub books: Books,
    /// What commits.
    pub client: aws_sdk_dynamodb::Client,
    /// Where every piece is entered.
    pub audit: AuditTrail,
}

/// A row as it was sent.
#[derive(Clone, Copy)]
pub enum RowText<'a> {
    /// A line, of which nothing is known yet.
    Line(&'a [u8]),
    /// An element of a body that is known to be strict JSON.
    Element(&'a str),
}

/// Rows on their way.
pub struct Filing<'a> {
    shelves: &'a Shelves,
    route: &'a Route,
    call: &'a Call,
    defaults: &'a RowDefaults,
    whole: &'a str,
    zone: TimeZone,
    /// The row that comes next.
    next: u64,
    /// Each person's rows that are read and not yet stored.
    pending: BTreeMap<Identifier, Vec<(u64, Candidate)>>,
    results: Vec<BulkResult>,
    rejected: Vec<Rejected>,
    /// The time was up before all rows were done.
    stopped: bool,
}

impl<'a> Filing<'a> {
    /// Begins with the first row.
    ///
    /// # Errors
    /// 503 when it cannot be told by which clock messages tell the time.
    pub async fn begin(
        shelves: &'a Shelves,
        route: &'a Route,
        call: &'a Call,
        defaults: &'a RowDefaults,
        whole: &'a str,
    ) -> Result<Self, Fault> {
        let zone = shelves.reader.zone(&call.principal.tenant, call.now).await?;
        let (pending, results, rejected) = (BTreeMap::new(), Vec::new(), Vec::new());
        Ok(Self { shelves, route, call, defaults, whole, zone, next: 0, pending, results, rejected, stopped: false })
    }

    /// Takes the next row. Tells whether there is time for another one.
    ///
    /// # Errors
    /// 503 when a piece cannot be stored; what was stored before it stays.
    pub async fn take(&mut self, row: RowText<'_>) -> Result<bool, Fault> {
        if self.call.deadline.is_near() {
            self.stopped = true;
            return Ok(false);
        }
        let index = self.next;
        self.next += 1;
        let origin = Origin { whole: self.whole.to_owned(), index };
        let (zone, now) = (&self.zone, self.call.now);
        let sorted = match row {
            RowText::Line(line) => sort_line(line, origin, self.defaults, zone, now),
            RowText::Element(json) => sort_element(json, origin, self.defaults, zone, now),
        };
        match sorted {
            Err(code) => self.rejected.push(Rejected { index, code: code.to_owned() }),
            Ok((user, candidate)) => {
                let pending = self.pending.entry(user.clone()).or_default();
                pending.push((index, candidate));
                if pending.len() == Book::MOST_AT_ONCE {
                    self.store(&user).await?;
                }
            }
        }
        Ok(true)
    }

    /// Stores what is left, as far as the time goes, and says what became of all.
    ///
    /// # Errors
    /// As [`Self::take`].
    pub async fn finish(mut self) -> Result<BulkAnswer, Fault> {
        let users: Vec<Identifier> = self.pending.keys().cloned().collect();
        for user in users {
            if self.call.deadline.is_near() {
                self.stopped = true;
                break;
            }
            self.store(&user).await?;
        }
        let undone = self.pending.values().filter_map(|rows| rows.first()).map(|(index, _)| *index).min();
        let next = undone.unwrap_or(self.next);
        // What is done beyond the first row that is not will be found when it is sent again.
        self.results.retain(|result| result.index < next);
        self.rejected.retain(|rejected| rejected.index < next);
        self.results.sort_unstable_by_key(|result| result.index);
        let processed = usize::try_from(next).unwrap_or(usize::MAX);
        let duplicates = self.results.iter().filter(|result| result.duplicate).count();
        Ok(BulkAnswer {
            processed,
            stored: self.results.len() - duplicates,
            duplicates,
            rejected: self.rejected,
            results: self.results,
            complete: !self.stopped,
            next_index: self.stopped.then_some(processed),
        })
    }

    async fn store(&mut self, user: &Identifier) -> Result<(), Fault> {
        let Some(rows) = self.pending.remove(user) else { return Ok(()) };
        let (indices, candidates): (Vec<u64>, Vec<Candidate>) = rows.into_iter().unzip();
        let Shelves { reader, books, client, audit } = self.shelves;
        let subject = Subject { tenant: self.call.principal.tenant.clone(), user: user.clone() };
        let book = books.open_or_begin(subject, self.call.now).await?;
        let mut attempt = 0;
        let filed = loop {
            attempt += 1;
            let mut work = UnitOfWork::default();
            let filed = book.file(&mut work, &candidates, self.call.now.wall, |name| reader.guess(name)).await?;
            if !filed.iter().any(|filed| matches!(filed, Filed::New(_))) {
                break filed;
            }
            match commit_part(self.route, self.call, work, (client, audit)).await {
                Ok(()) => break filed,
                // Somebody stored one of the messages meanwhile; then it is a duplicate.
                Err(CommitError::Conflict | CommitError::Contended) if attempt < MOST_ATTEMPTS => {}
                Err(error) => return Err(again(error)),
            }
        };
        self.results.extend(indices.into_iter().zip(filed).map(|(index, filed)| BulkResult {
            index,
            duplicate: matches!(filed, Filed::Duplicate(_)),
            transaction_id: filed.transaction_id().clone(),
        }));
        Ok(())
    }
}
