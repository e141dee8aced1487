//! What clients send and are answered.

use kernel::Identifier;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The query parameters.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GoalOwner {
    /// Whose goal it is.
    #[schemars(with = "Identifier")]
    pub user_id: String,
}

/// A goal that is no more.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DeletedGoal {
    /// Its id.
    pub goal_id: Identifier,
    /// Always true.
    pub deleted: bool,
}
