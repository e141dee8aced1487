//! What clients send and are answered.

use gate::Revised;
use maintenance::work::{NotificationRecord, NotificationStatus};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The query parameters.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NotificationQuery {
    /// Only notifications of this status; all when absent.
    pub status: Option<NotificationStatus>,
    /// The most notifications to answer; 50 when absent.
    #[schemars(range(min = 1, max = gate::LARGEST_PAGE))]
    pub limit: Option<u16>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// A page of notifications, those of the newest alerts and tasks first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct NotificationPage {
    /// The notifications.
    pub notifications: Vec<Revised<NotificationRecord>>,
    /// Where the list goes on; `null` at its end.
    pub next_cursor: Option<String>,
}
