//! DynamoDB: the tables, their keys, and the one unit of work that commits a request.
//!
//! - [`Telemetry`]: segments of readings and the sensors that have them.
//! - [`Beside`]: what is kept beside a sensor's segments: the state of its detector, summaries of its hours.
//! - [`Entities`]: objects that change over time, such as alerts and tasks, each at its own revision.
//! - [`Documents`]: texts that are too large for one item, such as reports.
//! - [`People`]: what is stored about people, most of it sealed.
//! - [`Requests`]: idempotency records and the windows of the exact rate limit.
//! - [`Tenants`]: who has anything stored.
//! - [`Issuers`]: who may sign bearer tokens, and with which keys.
//! - [`SubjectKeys`]: the wrapped keys of data subjects, whose loss makes what they sealed unreadable.
//! - [`AuditTrail`]: the audit chain of this writer. [`AuditLog`]: what all writers wrote.
//! - [`UnitOfWork`]: what a request wants stored; it is stored whole, once, or not at all.
//!
//! `gate` and the functions depend on this crate. It stores bytes and names and knows neither
//! HTTP nor what a reading or a transaction is. It never scans, and it keeps no state that two requests share in
//! one item: on AWS such an item would make their transactions conflict.

mod audit;
mod audit_log;
mod beside;
mod documents;
mod entities;
mod issuers;
mod item;
mod people;
mod read;
mod requests;
mod stream;
mod subject_keys;
mod telemetry;
mod tenants;
mod unit_of_work;
mod write;

pub use audit::{AuditEntry, AuditTrail, Decision};
pub use audit_log::{AuditLog, AuditPage, AuditRow};
pub use beside::{Beside, Note};
pub use documents::Documents;
pub use entities::{Entities, Listed, Stored};
pub use issuers::Issuers;
pub use people::{Lookup, People, PersonRow, PersonRows, Span, Subject};
pub use requests::{Begun, Claim, Requests, StoredAnswer, Window};
pub use stream::{ReadingsStored, SegmentStored, StreamRecord};
pub use subject_keys::{Kept, SubjectKeys};
pub use telemetry::{NewSegment, Order, SegmentPager, StoredSegment, Telemetry};
pub use tenants::Tenants;
pub use unit_of_work::{Attempt, CommitError, UnitOfWork};

use std::fmt;

use aws_sdk_dynamodb::error::SdkError;
use vault::aws::reason;

/// A table does not answer, or answers nonsense. `Display` is for the log.
#[derive(Clone, Debug)]
pub struct StoreError(String);

impl StoreError {
    fn new(what: impl fmt::Display) -> Self {
        Self(what.to_string())
    }
}

impl<E: std::error::Error + 'static, R: fmt::Debug + 'static> From<SdkError<E, R>> for StoreError {
    fn from(error: SdkError<E, R>) -> Self {
        Self(reason(&error))
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StoreError {}

impl From<StoreError> for kernel::Fault {
    fn from(error: StoreError) -> Self {
        Self::unavailable(error)
    }
}
