//! What clients are answered.

use schemars::JsonSchema;
use serde::Serialize;

/// How one dependency answered.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct Health {
    /// Whether it answered well.
    pub ok: bool,
    /// How long it took, in milliseconds.
    pub latency_ms: f64,
}

/// How each dependency answered. The status is 503 when one did not.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct Readiness {
    /// The tables.
    pub dynamodb: Health,
    /// The secrets.
    pub secrets: Health,
    /// The application key.
    pub kms: Health,
    /// The bundled models: signed, whole, recent enough and allowed.
    pub models: Health,
}

impl Readiness {
    /// Whether all answered well.
    #[must_use]
    pub const fn all_ok(&self) -> bool {
        self.dynamodb.ok && self.secrets.ok && self.kms.ok && self.models.ok
    }
}
