//! One message of many.

use std::panic::{AssertUnwindSafe, catch_unwind};

use books::{Candidate, Origin};
use jiff::tz::TimeZone;
use kernel::Identifier;
use ledger::{Channel, RawMessage, read};
use schemars::JsonSchema;
use serde::Deserialize;
use vault::Moment;

/// The most equal messages of a person that are all meant.
const MOST_OCCURRENCES: u32 = 1_000;

/// A message as it stands among many. What it leaves out is as said for all of them.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Whose it is.
    #[schemars(with = "Option<Identifier>")]
    pub user_id: Option<String>,
    /// How it arrived.
    pub channel: Option<Channel>,
    /// What it says; of an e-mail the subject and the body, which may be HTML. At most 4096 characters.
    #[schemars(length(min = 1, max = ledger::LONGEST_MESSAGE))]
    pub message: String,
    /// Who sent it: a header such as `AD-BANKNM`, a number or an address.
    #[schemars(length(min = 1, max = ledger::LONGEST_SENDER))]
    pub sender: Option<String>,
    /// When it arrived, RFC 3339.
    #[schemars(extend("format" = "date-time"))]
    pub received_at: Option<String>,
    /// Which one it is of several messages that are equal and all meant; 1 when absent.
    #[schemars(range(min = 1, max = MOST_OCCURRENCES))]
    pub occurrence: Option<u32>,
}

/// A row, or its text alone where all else is said for all of them.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub enum AnyRow {
    /// The text.
    Text(String),
    /// The row.
    Row(Row),
}

/// What is said for all rows.
#[derive(Clone, Debug, Default)]
pub struct RowDefaults {
    /// Whose they are.
    pub user: Option<Identifier>,
    /// How they arrived.
    pub channel: Option<Channel>,
}

/// What the row's code says of one that cannot be read.
const INVALID: &str = "invalid";

impl AnyRow {
    /// The transaction that a row tells of, and whose it is.
    ///
    /// # Errors
    /// The code of why there is nothing to store: `invalid`, or what the message is taken for.
    pub fn sort(
        self,
        origin: Origin,
        defaults: &RowDefaults,
        zone: &TimeZone,
        now: Moment,
    ) -> Result<(Identifier, Candidate), &'static str> {
        let row = match self {
            Self::Row(row) => row,
            Self::Text(message) => {
                Row { user_id: None, channel: None, message, sender: None, received_at: None, occurrence: None }
            }
        };
        let user = match row.user_id {
            Some(user) => Identifier::parse(&user).map_err(|_| INVALID)?,
            None => defaults.user.clone().ok_or(INVALID)?,
        };
        let channel = row.channel.or(defaults.channel).ok_or(INVALID)?;
        let occurrence = row.occurrence.unwrap_or(1);
        if !(1..=MOST_OCCURRENCES).contains(&occurrence) {
            return Err(INVALID);
        }
        let raw = RawMessage { channel, message: row.message, sender: row.sender, received_at: row.received_at };
        let message = raw.accept(now.wall).map_err(|_| INVALID)?;
        // Whatever a message makes of the reader, the other rows are not to suffer from it.
        let reading = catch_unwind(AssertUnwindSafe(|| read(&message, now.wall, zone))).map_err(|_| INVALID)?;
        let parsed = reading.parsed.ok_or_else(|| reading.outcome.as_str())?;
        Ok((user, Candidate { message, parsed, occurrence, origin: Some(origin) }))
    }
}

/// The transaction that a line of a file tells of: strict JSON, an object.
///
/// # Errors
/// As [`AnyRow::sort`].
pub fn sort_line(
    line: &[u8],
    origin: Origin,
    defaults: &RowDefaults,
    zone: &TimeZone,
    now: Moment,
) -> Result<(Identifier, Candidate), &'static str> {
    gate::json::canonical(line).map_err(|_| INVALID)?;
    let row: Row = gate::json::parse(line, "").map_err(|_| INVALID)?;
    AnyRow::Row(row).sort(origin, defaults, zone, now)
}

/// The transaction that an element of a list tells of: strict JSON, an object or a text.
///
/// # Errors
/// As [`AnyRow::sort`].
pub fn sort_element(
    element: &str,
    origin: Origin,
    defaults: &RowDefaults,
    zone: &TimeZone,
    now: Moment,
) -> Result<(Identifier, Candidate), &'static str> {
    let row = if element.starts_with('"') {
        gate::json::parse(element.as_bytes(), "").map(AnyRow::Text)
    } else {
        gate::json::parse(element.as_bytes(), "").map(AnyRow::Row)
    };
    row.map_err(|_| INVALID)?.sort(origin, defaults, zone, now)
}
