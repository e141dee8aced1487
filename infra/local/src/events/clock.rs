//! What a scheduled function is told.

use crate::provision::{Schedule, Scheduler};
use crate::random;
use crate::wire::{self, ACCOUNT, REGION};
use jiff::{Timestamp, Unit};
use serde_json::json;

/// The event of a schedule that comes round now.
pub(super) fn event(schedule: &Schedule) -> String {
    // Without randomness the id is all zeros, which is still an id.
    let id = random::uuid_text(&random::uuid().unwrap_or_default());
    let now = Timestamp::now();
    let time = now.round(Unit::Second).unwrap_or(now).to_string();
    let name = format!("{}{}", schedule.target.function.logical_id, schedule.target.event);
    let (source, arn) = match schedule.scheduler {
        Scheduler::Rule => ("aws.events", wire::arn("events", &format!("rule/{name}"))),
        Scheduler::Scheduler => ("aws.scheduler", wire::arn("scheduler", &format!("schedule/default/{name}"))),
    };
    match (&schedule.input, schedule.scheduler) {
        (Some(input), Scheduler::Rule) => input.clone(),
        (Some(input), Scheduler::Scheduler) => [
            ("<aws.scheduler.scheduled-time>", time.as_str()),
            ("<aws.scheduler.schedule-arn>", &arn),
            ("<aws.scheduler.execution-id>", &id),
            ("<aws.scheduler.attempt-number>", "1"),
        ]
        .iter()
        .fold(input.clone(), |input, (name, value)| input.replace(name, value)),
        (None, scheduler) => json!({
            "version": "0",
            "id": id,
            "detail-type": "Scheduled Event",
            "source": source,
            "account": ACCOUNT,
            "time": time,
            "region": REGION,
            "resources": [arn],
            // A rule has an empty object there, the scheduler a text of it.
            "detail": if scheduler == Scheduler::Rule { json!({}) } else { json!("{}") },
        })
        .to_string(),
    }
}
