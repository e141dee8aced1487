//! A batch on its way: what an attempt made of it, and what becomes of it then.

use super::answer;
use super::stream::Record;
use crate::provision::StreamMapping;
use serde_json::{Value as Json, json};
use std::time::Duration;

/// Records that are handed over together.
#[derive(Clone, Debug)]
pub(super) struct Work {
    /// In order, never empty.
    pub(super) records: Vec<Record>,
    /// How often they, as they are, were handed over.
    pub(super) attempts: u32,
}

/// What a function made of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Done,
    /// The records before this one are done.
    DoneBefore(usize),
    /// Nothing is known to be done.
    Failed,
}

/// What remains of a batch after an attempt.
pub(super) enum Rest {
    Nothing,
    /// These, in this order.
    Again(Vec<Work>),
    /// These were tried often enough.
    GivenUp(Work),
}

impl Work {
    pub(super) fn new(records: Vec<Record>) -> Self {
        Self { records, attempts: 0 }
    }

    /// The event that the function gets.
    pub(super) fn event(&self) -> String {
        let records: Vec<&Json> = self.records.iter().map(|record| &record.json).collect();
        json!({ "Records": records }).to_string()
    }

    /// Takes off the records that are too old by now, which are the first ones.
    pub(super) fn expire(&mut self, oldest: Option<Duration>, now: i64) -> Option<Self> {
        let oldest = i64::try_from(oldest?.as_secs()).ok()?;
        let expired = self.records.iter().take_while(|record| now - record.created > oldest).count();
        let fresh = self.records.split_off(expired);
        let expired = std::mem::replace(&mut self.records, fresh);
        (!expired.is_empty()).then_some(Self { records: expired, attempts: self.attempts })
    }

    /// What Lambda does next, and the number of the last record that is done with.
    pub(super) fn after(mut self, outcome: Outcome, mapping: &StreamMapping) -> (Option<String>, Rest) {
        let number = |records: &[Record]| records.last().map(|record| record.number.clone());
        self.attempts += 1;
        match outcome {
            Outcome::Done => (number(&self.records), Rest::Nothing),
            // Progress: what follows is another batch, with attempts of its own.
            Outcome::DoneBefore(first) if first > 0 => {
                let rest = self.records.split_off(first);
                (number(&self.records), Rest::Again(vec![Self::new(rest)]))
            }
            // Halving is not an attempt, so that every record that is alone in the end has all of them.
            Outcome::Failed if mapping.bisects && self.records.len() > 1 => {
                let second = self.records.split_off(self.records.len() / 2);
                (None, Rest::Again(vec![Self::new(self.records), Self::new(second)]))
            }
            _ if mapping.retries.is_some_and(|retries| self.attempts > retries) => {
                (number(&self.records), Rest::GivenUp(self))
            }
            _ => (None, Rest::Again(vec![self])),
        }
    }
}

impl Outcome {
    /// Reads an answer. Only a function that reports failures is read; what it answers must then be right.
    pub(super) fn of(answer: &[u8], records: &[Record], reports: bool) -> Self {
        if !reports {
            return Self::Done;
        }
        let numbers: Vec<&str> = records.iter().map(|record| record.number.as_str()).collect();
        match answer::failures(answer, &numbers) {
            Some(places) => places.into_iter().min().map_or(Self::Done, Self::DoneBefore),
            None => Self::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{Json, Record, Work};
    use std::time::Duration;

    fn work(created: &[i64]) -> Work {
        let record = |created: &i64| Record { number: String::new(), created: *created, json: Json::Null, bytes: 0 };
        Work::new(created.iter().map(record).collect())
    }

    #[test]
    fn records_that_are_too_old_are_taken_off() {
        let mut some = work(&[30, 40, 50]);
        let expired = some.expire(Some(Duration::from_secs(60)), 101).unwrap();
        assert_eq!((expired.records.len(), some.records.len()), (2, 1));
        assert!(some.expire(Some(Duration::from_secs(60)), 101).is_none());
        let mut all = work(&[30]);
        assert_eq!(all.expire(Some(Duration::from_secs(60)), 101).unwrap().records.len(), 1);
        assert!(all.records.is_empty());
    }

    #[test]
    fn without_an_age_no_record_is_too_old() {
        assert!(work(&[0]).expire(None, i64::MAX).is_none());
    }
}
