//! What clients send about alerts and tasks.

use jiff::{SignedDuration, Timestamp};
use kernel::{Identifier, Violation};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Acknowledgement, Cancellation, Choice, Closure, Completion, Decision, Priority,
    rules::{Broken, LINE, LONGEST_REASON, LONGEST_TEXT, LONGEST_WORK, SHORTEST_WORK, TEXT},
};

/// How far ahead work may be due or a decision be put off.
const HORIZON: SignedDuration = SignedDuration::from_hours(2 * 365 * 24);
/// The longest title, in characters.
const LONGEST_TITLE: usize = 160;
/// The longest time a piece of work may be said to have taken, in minutes: a week.
const LONGEST_ACTUAL: u32 = 10_080;

/// Work that an operator asks for.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewTask")]
pub struct RawTask {
    /// What is to be done, in a line.
    #[schemars(length(min = 1, max = LONGEST_TITLE), extend("pattern" = LINE))]
    pub title: String,
    /// What is to be done, at length.
    #[schemars(length(min = 1, max = LONGEST_TEXT), extend("pattern" = TEXT))]
    pub description: Option<String>,
    /// The sensor that it is about.
    #[schemars(with = "Option<Identifier>")]
    pub sensor_id: Option<String>,
    /// The machine that it is about.
    #[schemars(with = "Option<Identifier>")]
    pub asset_id: Option<String>,
    /// The alert that it answers.
    #[schemars(with = "Option<Identifier>")]
    pub alert_id: Option<String>,
    /// How soon it must be done: 1 can wait for weeks, 5 is next.
    #[schemars(range(min = 1, max = 5))]
    pub priority: i64,
    /// What a technician must be able to do. When absent, anybody can.
    #[schemars(with = "Option<Identifier>")]
    pub skill: Option<String>,
    /// How long it takes. When absent, as long as the policy says.
    #[schemars(range(min = SHORTEST_WORK, max = LONGEST_WORK))]
    pub duration_minutes: Option<i64>,
    /// By when it should be done: RFC 3339, later than now, at most two years ahead.
    #[schemars(extend("format" = "date-time"))]
    pub due_by: Option<String>,
}

/// Work that an operator asks for, as [`RawTask::accept`] made it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewTask {
    /// What is to be done, in a line.
    pub title: String,
    /// What is to be done, at length.
    pub description: Option<String>,
    /// The sensor that it is about. Whether it exists is the store's to say.
    pub sensor_id: Option<Identifier>,
    /// The machine that it is about.
    pub asset_id: Option<Identifier>,
    /// The alert that it answers. Whether it exists is the store's to say.
    pub alert_id: Option<Identifier>,
    /// How soon it must be done.
    pub priority: Priority,
    /// What a technician must be able to do.
    pub skill: Option<Identifier>,
    /// How long it takes, when that was said.
    pub duration_minutes: Option<u32>,
    /// By when it should be done.
    pub due_by: Option<Timestamp>,
}

impl RawTask {
    /// Makes it a task to be created.
    ///
    /// # Errors
    /// Every rule it breaks, in the order of the fields.
    pub fn accept(self, now: Timestamp) -> Result<NewTask, Vec<Violation>> {
        let mut broken = Broken::default();
        let title = broken.line("/title", self.title, LONGEST_TITLE);
        let description = self.description.and_then(|text| broken.text("/description", text, LONGEST_TEXT));
        let sensor_id = self.sensor_id.and_then(|id| broken.identifier("/sensor_id", &id));
        let asset_id = self.asset_id.and_then(|id| broken.identifier("/asset_id", &id));
        let alert_id = self.alert_id.and_then(|id| broken.identifier("/alert_id", &id));
        let priority = broken.grade("/priority", self.priority, Priority::new);
        let skill = self.skill.and_then(|skill| broken.identifier("/skill", &skill));
        let duration_minutes = self
            .duration_minutes
            .and_then(|minutes| broken.whole("/duration_minutes", minutes, SHORTEST_WORK..=LONGEST_WORK));
        let due_by = self.due_by.and_then(|text| ahead("/due_by", &text, now, &mut broken));
        let made = title.zip(priority).map(|(title, priority)| NewTask {
            title,
            description,
            sensor_id,
            asset_id,
            alert_id,
            priority,
            skill,
            duration_minutes,
            due_by,
        });
        broken.or(made)
    }
}

/// What an operator decides about a task.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewDecision")]
pub struct RawDecision {
    /// About which task.
    #[schemars(with = "Identifier")]
    pub task_id: String,
    /// What is decided.
    #[schemars(extend("enum" = ["approve", "reject", "defer"]))]
    pub decision: String,
    /// Who decides.
    #[schemars(with = "Identifier")]
    pub operator_id: String,
    /// Why. Required to reject: whoever asked for the work must learn why it is not done.
    #[schemars(length(min = 1, max = LONGEST_REASON), extend("pattern" = TEXT))]
    pub justification: Option<String>,
    /// When the task awaits approval again: RFC 3339, later than now, at most two years ahead. Required
    /// to defer, and only then allowed.
    #[schemars(extend("format" = "date-time"))]
    pub defer_until: Option<String>,
}

impl RawDecision {
    /// Makes it a decision about the task that is named first.
    ///
    /// # Errors
    /// Every rule it breaks, in the order of the fields.
    pub fn accept(self, now: Timestamp) -> Result<(Identifier, Decision), Vec<Violation>> {
        let mut broken = Broken::default();
        let task_id = broken.identifier("/task_id", &self.task_id);
        let decision = self.decision.as_str();
        if !matches!(decision, "approve" | "reject" | "defer") {
            broken.note("/decision", "invalid", "must be approve, reject or defer");
        }
        let operator_id = broken.identifier("/operator_id", &self.operator_id);
        if decision == "reject" && self.justification.is_none() {
            broken.note("/justification", "required", "is required to reject");
        }
        let justification = self.justification.and_then(|why| broken.text("/justification", why, LONGEST_REASON));
        let defer_until = match (decision, self.defer_until) {
            ("defer", None) => {
                broken.note("/defer_until", "required", "is required to defer");
                None
            }
            ("approve" | "reject", Some(_)) => {
                broken.note("/defer_until", "not_allowed", "is only for defer");
                None
            }
            (_, text) => text.and_then(|text| ahead("/defer_until", &text, now, &mut broken)),
        };
        let choice = match decision {
            "approve" => Some(Choice::Approve),
            "reject" => Some(Choice::Reject),
            _ => defer_until.map(|defer_until| Choice::Defer { defer_until }),
        };
        let made = task_id.zip(choice.zip(operator_id)).map(|(task_id, (choice, operator_id))| {
            (task_id, Decision { choice, operator_id, justification, at: now })
        });
        broken.or(made)
    }
}

/// That work was done.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewCompletion")]
pub struct RawCompletion {
    /// Who did it. When absent, it is the API key.
    #[schemars(with = "Option<Identifier>")]
    pub operator_id: Option<String>,
    /// The log of the work.
    #[schemars(length(min = 1, max = LONGEST_TEXT), extend("pattern" = TEXT))]
    pub notes: String,
    /// How long it took.
    #[schemars(range(min = 1, max = LONGEST_ACTUAL))]
    pub actual_minutes: Option<i64>,
    /// What was found.
    #[schemars(length(min = 1, max = LONGEST_TEXT), extend("pattern" = TEXT))]
    pub findings: Option<String>,
}

impl RawCompletion {
    /// Makes it the end of a task.
    ///
    /// # Errors
    /// Every rule it breaks, in the order of the fields.
    pub fn accept(self, key: &Identifier, now: Timestamp) -> Result<Completion, Vec<Violation>> {
        let mut broken = Broken::default();
        let by = operator(self.operator_id.as_deref(), key, &mut broken);
        let notes = broken.text("/notes", self.notes, LONGEST_TEXT);
        let actual_minutes =
            self.actual_minutes.and_then(|minutes| broken.whole("/actual_minutes", minutes, 1..=LONGEST_ACTUAL));
        let findings = self.findings.and_then(|text| broken.text("/findings", text, LONGEST_TEXT));
        let made = by.zip(notes).map(|(by, notes)| Completion { by, at: now, notes, actual_minutes, findings });
        broken.or(made)
    }
}

/// That approved work is called off.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewCancellation")]
pub struct RawCancellation {
    /// Who calls it off. When absent, it is the API key.
    #[schemars(with = "Option<Identifier>")]
    pub operator_id: Option<String>,
    /// Why.
    #[schemars(length(min = 1, max = LONGEST_REASON), extend("pattern" = TEXT))]
    pub reason: String,
}

impl RawCancellation {
    /// Makes it the end of a task.
    ///
    /// # Errors
    /// Every rule it breaks, in the order of the fields.
    pub fn accept(self, key: &Identifier, now: Timestamp) -> Result<Cancellation, Vec<Violation>> {
        let mut broken = Broken::default();
        let by = operator(self.operator_id.as_deref(), key, &mut broken);
        let reason = broken.text("/reason", self.reason, LONGEST_REASON);
        broken.or(by.zip(reason).map(|(by, reason)| Cancellation { by, at: now, reason }))
    }
}

/// That an operator has seen an alert.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewAcknowledgement")]
pub struct RawAcknowledgement {
    /// Who has seen it. When absent, it is the API key.
    #[schemars(with = "Option<Identifier>")]
    pub operator_id: Option<String>,
}

impl RawAcknowledgement {
    /// Makes it part of an alert.
    ///
    /// # Errors
    /// Every rule it breaks.
    pub fn accept(self, key: &Identifier, now: Timestamp) -> Result<Acknowledgement, Vec<Violation>> {
        let mut broken = Broken::default();
        let by = operator(self.operator_id.as_deref(), key, &mut broken);
        broken.or(by.map(|by| Acknowledgement { by, at: now }))
    }
}

/// That an alert is over.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewClosure")]
pub struct RawClosure {
    /// Who says so. When absent, it is the API key.
    #[schemars(with = "Option<Identifier>")]
    pub operator_id: Option<String>,
    /// What was found.
    #[schemars(length(min = 1, max = LONGEST_REASON), extend("pattern" = TEXT))]
    pub note: Option<String>,
}

impl RawClosure {
    /// Makes it the end of an alert.
    ///
    /// # Errors
    /// Every rule it breaks, in the order of the fields.
    pub fn accept(self, key: &Identifier, now: Timestamp) -> Result<Closure, Vec<Violation>> {
        let mut broken = Broken::default();
        let by = operator(self.operator_id.as_deref(), key, &mut broken);
        let note = self.note.and_then(|note| broken.text("/note", note, LONGEST_REASON));
        broken.or(by.map(|by| Closure { by, at: now, note }))
    }
}

/// Who acts: whom the body names, or the key.
fn operator(named: Option<&str>, key: &Identifier, broken: &mut Broken) -> Option<Identifier> {
    named.map_or_else(|| Some(key.clone()), |named| broken.identifier("/operator_id", named))
}

/// A time after `now` and within the horizon.
fn ahead(pointer: &str, text: &str, now: Timestamp, broken: &mut Broken) -> Option<Timestamp> {
    let time = broken.time(pointer, text)?;
    if time <= now {
        broken.note(pointer, "in_the_past", "must be later than now");
        return None;
    }
    if time.duration_since(now) > HORIZON {
        broken.note(pointer, "too_far_ahead", "must be at most two years ahead");
        return None;
    }
    Some(time)
}
