//! What clients send and are answered.

use gate::Revised;
use maintenance::work::{Task, TaskStatus};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The query parameters.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskQuery {
    /// Only tasks of this status; all when absent.
    pub status: Option<TaskStatus>,
    /// The most tasks to answer; 50 when absent.
    #[schemars(range(min = 1, max = gate::LARGEST_PAGE))]
    pub limit: Option<u16>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// A page of tasks, the newest first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TaskPage {
    /// The tasks.
    pub tasks: Vec<Revised<Task>>,
    /// Where the list goes on; `null` at its end.
    pub next_cursor: Option<String>,
}
