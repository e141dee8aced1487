//! Everything that is stored about a person, opened.

use kernel::{Fault, Secret};
use serde_json::{Map, Value};
use store::{Order, PersonRow, PersonRows, Span};

use crate::{
    Book, SEALED,
    book::read_facts,
    rows::{CORRECTION, GOAL, MESSAGE, TRANSACTION},
};

/// How many rows are read at once.
const PAGE: u16 = 200;

impl Book<'_> {
    /// Hands every row to `see`, opened, with the kind it is of, until `see` has enough. Gives where to go on.
    ///
    /// # Errors
    /// 503 when the table does not answer, 500 when a row cannot be opened.
    pub async fn export(
        &self,
        after: Option<&str>,
        mut see: impl FnMut(&'static str, Map<String, Value>) -> Result<bool, Fault>,
    ) -> Result<Option<String>, Fault> {
        let mut position = after.map(str::to_owned);
        loop {
            let after = position.as_deref();
            let span = Span { from: "!", to: "~", found_by: None, order: Order::Ascending, after, limit: PAGE };
            let PersonRows { rows, next } = self.people.list(&self.subject, &span).await?;
            for row in rows.into_iter().filter(|row| self.owns(row)) {
                let kind = kind(&row)?;
                if !see(kind, self.opened(kind, &row)?)? {
                    return Ok(Some(row.sort));
                }
            }
            match next {
                Some(next) => position = Some(next),
                None => return Ok(None),
            }
        }
    }

    fn opened(&self, kind: &str, row: &PersonRow) -> Result<Map<String, Value>, Fault> {
        let mut record: Map<String, Value> = read_facts(row)?;
        let sealed =
            SEALED.iter().find(|(name, _)| *name == kind).map(|(_, attributes)| *attributes).unwrap_or_default();
        for attribute in sealed {
            if let Some(value) = self.open(row, attribute)? {
                record.insert((*attribute).to_owned(), plain(attribute, &value)?);
            }
        }
        Ok(record)
    }
}

/// A message and a balance are sealed as JSON, all else as it is: a name may look like JSON.
fn plain(attribute: &str, value: &Secret<String>) -> Result<Value, Fault> {
    if !matches!(attribute, "message" | "balance") {
        return Ok(Value::String(value.reveal().clone()));
    }
    // The message of serde's error quotes what it read.
    serde_json::from_str(value.reveal()).map_err(|_| Fault::internal("a sealed value is no JSON"))
}

fn kind(row: &PersonRow) -> Result<&'static str, Fault> {
    let kinds = [(MESSAGE, "message"), (TRANSACTION, "transaction"), (CORRECTION, "correction"), (GOAL, "goal")];
    let found = kinds.iter().find(|(prefix, _)| row.sort.starts_with(prefix)).map(|(_, kind)| *kind);
    found.ok_or_else(|| Fault::internal("a row is of no known kind"))
}
