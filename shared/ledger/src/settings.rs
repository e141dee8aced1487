//! What a tenant says about its ledger.

use std::sync::LazyLock;

use kernel::{Entity, Identifier, Zone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A tenant's settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// By which clock messages without an offset tell the time, and months begin. UTC unless said.
    pub time_zone: Zone,
}

impl Default for Settings {
    fn default() -> Self {
        Self { time_zone: Zone::UTC }
    }
}

/// The id under which a tenant's settings are stored.
#[must_use]
pub fn settings_id() -> &'static Identifier {
    #[allow(clippy::expect_used, reason = "the text is an identifier")]
    static ID: LazyLock<Identifier> = LazyLock::new(|| Identifier::parse("current").expect("an identifier"));
    &ID
}

impl Entity for Settings {
    const KIND: &'static str = "settings";

    fn id(&self) -> &Identifier {
        settings_id()
    }

    fn status(&self) -> Option<&'static str> {
        None
    }
}
