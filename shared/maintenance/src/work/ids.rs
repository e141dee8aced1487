//! Names that the same cause always gets again.
//!
//! A stream delivers an event at least once, and a function may stop between any two steps. Whatever
//! the pipeline creates is therefore named after its cause, so that a repeated step writes the same
//! item instead of a second one.

use jiff::Timestamp;
use kernel::Identifier;
use sha2::{Digest, Sha256};

use super::{AlertKind, NotificationEvent};

/// The name of the alert of an episode: of this sensor, watched in this way, starting at this time.
///
/// Spikes, shifts, drifts and flatlines of one sensor are one episode; a change of its distribution
/// is another, because another stage finds it at its own pace.
#[must_use]
pub fn alert_id(sensor_id: &Identifier, kind: AlertKind, opened_at: Timestamp) -> Identifier {
    derive("alert", &[sensor_id, kind.watch(), &opened_at.as_nanosecond().to_string()])
}

/// The name of the task that an alert makes. An alert makes at most one.
#[must_use]
pub fn task_id(alert_id: &Identifier) -> Identifier {
    derive("task", &[alert_id])
}

/// The name of the notification that `event` of `subject` causes. `turn` tells repeated events of one
/// subject apart, such as the severity an alert rose to.
pub(crate) fn notification_id(event: NotificationEvent, subject: &Identifier, turn: &str) -> Identifier {
    derive("note", &[event.as_str(), subject, turn])
}

/// Who acts when nobody in particular does: the creator of an alert's task, and who resolves the alert
/// when the task is completed.
#[must_use]
pub fn pipeline() -> Identifier {
    sure("pipeline")
}

/// `kind-` and 128 bits of SHA-256 in hexadecimal. Each part is preceded by its length, so no two
/// lists of parts are hashed as the same bytes.
fn derive(kind: &str, parts: &[&str]) -> Identifier {
    let mut hash = Sha256::new();
    for part in [kind].iter().chain(parts) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let digest: String = hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    sure(&format!("{kind}-{digest}"))
}

/// For texts written here, all of which are identifiers.
fn sure(text: &str) -> Identifier {
    let Ok(id) = Identifier::parse(text) else { unreachable!("short, and of letters, digits and dashes") };
    id
}
