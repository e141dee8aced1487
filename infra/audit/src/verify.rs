//! The verification.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use checkpoint_audit::Statement;
use jiff::{SignedDuration, Timestamp};
use store::AuditRow;

use crate::{Evidence, Finding, Report, evidence::UNDER_WAY};

/// Without a checkpoint for longer than this, four in a row are missing.
const PATIENCE: SignedDuration = SignedDuration::from_hours(1);

/// What a checkpoint has seen of a chain: the number of the checkpoint, and the entry.
struct Seen {
    checkpoint: u64,
    seq: u64,
    mac: Vec<u8>,
}

impl Evidence {
    /// Verifies everything.
    #[must_use]
    pub fn verify(&self) -> Report {
        let (statements, mut findings) = self.statements();
        let last_checkpoint = statements.last().map(|statement| statement.time);
        let mut seen: BTreeMap<&str, Vec<Seen>> = BTreeMap::new();
        for statement in &statements {
            for head in &statement.heads {
                let mac = BASE64.decode(&head.mac).unwrap_or_default();
                let list = seen.entry(&head.chain).or_default();
                list.push(Seen { checkpoint: statement.number, seq: head.seq, mac });
            }
        }
        let followed = self.followed();
        let names = self.chains.keys().map(String::as_str).chain(seen.keys().copied());
        let names = names.chain(followed.keys().map(String::as_str)).collect::<BTreeSet<_>>();
        for chain in names {
            let rows = self.chains.get(chain).map_or(&[][..], Vec::as_slice);
            let followed = followed.get(chain).copied().unwrap_or_default();
            let seen = seen.get(chain).map_or(&[][..], Vec::as_slice);
            let finding = self.chain(chain, rows, seen, followed);
            findings.extend(finding.or_else(|| unsigned(chain, rows, seen, last_checkpoint)));
        }
        let waiting = self.chains.values().flatten().filter_map(AuditRow::time).min();
        if let Some(since) = last_checkpoint.or(waiting)
            && self.began.duration_since(since) > PATIENCE
        {
            findings.push(Finding::Overdue);
        }
        let count = |rows: &[AuditRow]| u64::try_from(rows.len()).unwrap_or(u64::MAX);
        let unseen = |(chain, rows): (&String, &Vec<AuditRow>)| {
            let last =
                seen.get(chain.as_str()).and_then(|seen| seen.last()).map_or(0, |seen| seen.seq.saturating_add(1));
            count(rows).saturating_sub(last)
        };
        Report {
            chains: self.chains.len(),
            entries: self.chains.values().map(|rows| count(rows)).sum(),
            checkpoints: self.checkpoints.len(),
            last_checkpoint,
            unseen: self.chains.iter().map(unseen).sum(),
            findings,
        }
    }

    /// What the checkpoints state that were signed with the key, and which were not, or are not in their places.
    fn statements(&self) -> (Vec<Statement>, Vec<Finding>) {
        let mut statements = Vec::new();
        let mut findings = Vec::new();
        let mut previous = None;
        for (number, checkpoint) in (0..).zip(&self.checkpoints) {
            let stated = checkpoint.open(&self.public_key).filter(|statement| {
                statement.number == number && statement.previous == previous && statement.stage == self.stage
            });
            match stated {
                Some(statement) => statements.push(statement),
                None => findings.push(Finding::Checkpoint { checkpoint: number }),
            }
            previous = Some(checkpoint.signature.clone());
        }
        (statements, findings)
    }

    /// How many entries the chains have that other chains follow. What began to follow while the entries were read may
    /// have followed after the other was read.
    fn followed(&self) -> BTreeMap<String, u64> {
        let firsts = self.chains.values().filter_map(|rows| rows.first());
        let is_settled = |row: &AuditRow| row.time().is_some_and(|time| self.began.duration_since(time) > UNDER_WAY);
        let settled = firsts.filter(|row| row.is_authentic(&self.keys) && is_settled(row));
        settled.filter_map(AuditRow::follows).collect()
    }

    /// The first entry of a chain that is not as it was written.
    fn chain(&self, chain: &str, rows: &[AuditRow], seen: &[Seen], followed: u64) -> Option<Finding> {
        let chain = chain.to_owned();
        let mut previous: &[u8] = &[0; 32];
        for (entry, row) in (0..).zip(rows) {
            if row.seq != entry {
                return Some(Finding::Removed { chain, entry });
            }
            if row.previous != previous || !row.is_authentic(&self.keys) {
                return Some(Finding::Changed { chain, entry });
            }
            if let Some(other) = seen.iter().find(|seen| seen.seq == entry && seen.mac != row.mac) {
                return Some(Finding::Rewritten { chain, entry, checkpoint: other.checkpoint });
            }
            previous = &row.mac;
        }
        let there = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        let known = seen.iter().map(|seen| seen.seq.saturating_add(1)).max().unwrap_or_default().max(followed);
        (there < known).then_some(Finding::CutOff { chain, entry: there })
    }
}

/// The first entry that was there long before the last checkpoint, and that none has seen. There was a pause of more than
/// twelve hours, or it was written later than it says.
fn unsigned(chain: &str, rows: &[AuditRow], seen: &[Seen], last_checkpoint: Option<Timestamp>) -> Option<Finding> {
    let last = last_checkpoint?;
    let first = seen.iter().map(|seen| seen.seq.saturating_add(1)).max().unwrap_or_default();
    let row = rows.iter().find(|row| row.seq == first)?;
    let is_old = last.duration_since(row.time()?) > PATIENCE;
    is_old.then(|| Finding::Unsigned { chain: chain.to_owned(), entry: first })
}
