//! What clients send and are answered.

use books::GoalAnswer;
use kernel::Identifier;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The query parameters.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GoalQuery {
    /// Whose goals.
    #[schemars(with = "Identifier")]
    pub user_id: String,
}

/// The goals of a person.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Goals {
    /// By id.
    pub goals: Vec<GoalAnswer>,
}
