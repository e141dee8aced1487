//! The work that readings lead to, from an alert to a log of what was done, without any I/O.
//!
//! - A [`Finding`] opens or extends an [`Alert`]; [`Urgency`] says how soon something should be done.
//! - A [`Task`] comes from an alert or from an operator. Its life is one table,
//!   [`transition_table`]; nothing outside it changes a status.
//! - [`plan`] finds a technician and a time for an [`ApprovedTask`], and for nothing else.
//! - [`Policy`] and [`Calendar`] are what a tenant sets; [`Notification`] is what is told.
//! - What clients send is a `Raw` type whose `accept` names every rule that it breaks.
//!
//! Whatever the pipeline creates is named after its cause ([`alert_id`], [`task_id`]), so that a step
//! done twice leaves one thing.

mod actions;
mod agenda;
mod alert;
mod calendar;
mod decision;
mod entities;
mod grade;
mod ids;
mod machine;
mod notification;
mod planning;
mod policy;
mod requests;
mod rules;
mod task;
mod urgency;
mod webhook;

pub use actions::recommended_actions;
pub use agenda::Agenda;
pub use alert::{Acknowledgement, Alert, AlertKind, AlertStatus, Closure, Evidence, Expected, Extension, Finding};
pub use calendar::{Calendar, Clock, Interval, RawCalendar, Technician, WorkingHours};
pub use decision::{Choice, Decision};
pub use entities::{calendar_id, policy_id};
pub use grade::{Priority, Severity};
pub(crate) use ids::report_id;
pub use ids::{alert_id, operator_task_id, pipeline, task_id};
pub use machine::{IllegalTransition, TaskEvent, TaskStatus, transition_table};
pub use notification::{
    Attempt, Channel, Delivery, DeliveryOutcome, Notification, NotificationEvent, NotificationRecord,
    NotificationStatus,
};
pub use planning::{Assignment, Booking, NoFit, NoFitCode, plan};
pub use policy::{
    AutoApproval, DetectionRules, DriftCheck, DriftReference, NotificationRules, Policy, RawPolicy, Retention,
    RetentionPolicy, SensorLimit, TaskRules, UrgencyRules, WorkRule,
};
pub use requests::{NewTask, RawAcknowledgement, RawCancellation, RawClosure, RawCompletion, RawDecision, RawTask};
pub use task::{ApprovedTask, Cancellation, Completion, Task};
pub use urgency::{Course, Outlook, Urgency};
pub use webhook::{RefusedUrl, WebhookUrl, is_public};
