//! What clients send and are answered.

use gate::Revised;
use maintenance::work::{Alert, AlertStatus};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The query parameters.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AlertQuery {
    /// Only alerts of this status; all when absent.
    pub status: Option<AlertStatus>,
    /// The most alerts to answer; 50 when absent.
    #[schemars(range(min = 1, max = gate::LARGEST_PAGE))]
    pub limit: Option<u16>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// A page of alerts, the newest first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AlertPage {
    /// The alerts.
    pub alerts: Vec<Revised<Alert>>,
    /// Where the list goes on; `null` at its end.
    pub next_cursor: Option<String>,
}
