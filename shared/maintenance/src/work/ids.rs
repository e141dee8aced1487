//! Names that the same cause always gets again.
//!
//! A stream delivers an event at least once, and a function may stop between any two steps. Whatever
//! the pipeline creates is therefore named after its cause, so that a repeated step writes the same
//! item instead of a second one.

use jiff::{Timestamp, tz::TimeZone};
use kernel::Identifier;
use sha2::{Digest, Sha256};

use super::{Alert, AlertKind, NotificationEvent};

/// The name of the alert of an episode: of this sensor, watched in this way, starting at this time.
///
/// Spikes, shifts, drifts and flatlines of one sensor are one episode; a change of its distribution
/// is another, because another stage finds it at its own pace.
#[must_use]
pub fn alert_id(sensor_id: &Identifier, kind: AlertKind, opened_at: Timestamp) -> Identifier {
    timed(opened_at, &derive("alert", &[sensor_id, kind.watch(), &opened_at.as_nanosecond().to_string()]))
}

/// The name of the task that an alert makes. An alert makes at most one.
#[must_use]
pub fn task_id(alert: &Alert) -> Identifier {
    timed(alert.opened_at, &derive("task", &[&alert.id]))
}

/// The name of the task that an operator asks for at this time; `request` tells requests apart.
#[must_use]
pub fn operator_task_id(now: Timestamp, request: &str) -> Identifier {
    timed(now, &derive("task", &[request]))
}

/// The name of the report that a request asks for at this time.
pub(crate) fn report_id(now: Timestamp, request: &str) -> Identifier {
    timed(now, &derive("report", &[request]))
}

/// A name that begins with a time, so that objects are listed in the order of their times.
fn timed(time: Timestamp, name: &str) -> Identifier {
    sure(&format!("{}-{name}", time.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%S")))
}

/// The name of the notification that `event` of `subject`, which was made at `made_at`, causes. `turn` tells repeated
/// events of one subject apart, such as the severity an alert rose to.
pub(crate) fn notification_id(
    event: NotificationEvent,
    made_at: Timestamp,
    subject: &Identifier,
    turn: &str,
) -> Identifier {
    timed(made_at, &derive("note", &[event.as_str(), subject, turn]))
}

/// Who acts when nobody in particular does: the creator of an alert's task, and who resolves the alert
/// when the task is completed.
#[must_use]
pub fn pipeline() -> Identifier {
    sure("pipeline")
}

/// `kind-` and 128 bits of SHA-256 in hexadecimal. Each part is preceded by its length, so no two
/// lists of parts are hashed as the same bytes.
fn derive(kind: &str, parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in [kind].iter().chain(parts) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let digest: String = hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("{kind}-{digest}")
}

/// For texts written here, all of which are identifiers.
pub(super) fn sure(text: &str) -> Identifier {
    let Ok(id) = Identifier::parse(text) else { unreachable!("short, and of letters, digits and dashes") };
    id
}
