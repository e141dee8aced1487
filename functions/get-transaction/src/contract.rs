//! What clients send.

use kernel::Identifier;
use schemars::JsonSchema;
use serde::Deserialize;

/// The query parameters.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonQuery {
    /// Whose transaction it is.
    #[schemars(with = "Identifier")]
    pub user_id: String,
}
