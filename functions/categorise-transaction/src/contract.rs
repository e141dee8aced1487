//! What clients send.

use kernel::Identifier;
use ledger::Category;
use schemars::JsonSchema;
use serde::Deserialize;

/// What a payment was for.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CategoryRequest {
    /// Whose transaction it is.
    #[schemars(with = "Identifier")]
    pub user_id: String,
    /// What it was for. The person's later transactions with the same merchant get the same category.
    pub category: Category,
}
