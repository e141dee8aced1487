//! Sensors, alerts and tasks to report on.

use jiff::Timestamp;
use kernel::Identifier;
use maintenance::{
    Bucket, Sample, SensorType,
    report::{Period, SensorFacts},
    work::{Alert, AlertKind, Task},
};
use proptest::{prelude::*, sample::subsequence};
use serde_json::{Value, json};

use crate::some::{HOUR, SECOND, at, value};

/// Three days and seven hours from START, which is at noon.
pub(crate) const HOURS: i64 = 79;

pub(crate) fn period() -> Period {
    Period::covering(at(0), at(HOURS * HOUR)).unwrap()
}

/// After the period.
pub(crate) fn later() -> Timestamp {
    at((HOURS + 5) * HOUR)
}

/// A time of generation before, at or after the end of the period.
pub(crate) fn generated_at() -> impl Strategy<Value = Timestamp> {
    prop_oneof![Just(later()), (-2 * HOUR..(HOURS + 2) * HOUR).prop_map(at)]
}

pub(crate) fn id(text: &str) -> Identifier {
    Identifier::parse(text).unwrap()
}

/// What a report is told about a sensor, owned.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) sensor_id: Identifier,
    pub(crate) unit: String,
    pub(crate) first: Timestamp,
    pub(crate) last: Option<Sample>,
    pub(crate) hours: Vec<Bucket>,
    pub(crate) preceding: Vec<Bucket>,
}

impl Told {
    pub(crate) fn facts(&self) -> SensorFacts<'_> {
        SensorFacts {
            sensor_id: &self.sensor_id,
            sensor_type: SensorType::Temperature,
            unit: &self.unit,
            first_timestamp: self.first,
            last: self.last,
            hours: &self.hours,
        }
    }
}

pub(crate) fn bucket(hour: i64, mut values: [f64; 3], count: u64) -> Bucket {
    values.sort_by(f64::total_cmp);
    let [min, mean, max] = values;
    Bucket { timestamp: at(hour * HOUR), min, max, mean, count }
}

/// Buckets of some of the hours, with `values`.
fn buckets(
    hours: std::ops::Range<i64>,
    values: impl Strategy<Value = f64> + Clone + 'static,
) -> impl Strategy<Value = Vec<Bucket>> {
    let most = usize::try_from(hours.end - hours.start).unwrap();
    subsequence(hours.collect::<Vec<_>>(), 0..=most).prop_flat_map(move |hours| {
        let rest = (prop::array::uniform3(values.clone()), 1..1000_u64);
        prop::collection::vec(rest, hours.len()).prop_map(move |rest| {
            hours.iter().zip(rest).map(|(hour, (values, count))| bucket(*hour, values, count)).collect()
        })
    })
}

/// A sensor with readings within and around the period.
fn told(values: impl Strategy<Value = f64> + Clone + 'static) -> impl Strategy<Value = Told> {
    let last = prop::option::of((-50 * HOUR..(HOURS + 4) * HOUR, -9.0..9.0).prop_map(|(time, value)| Sample {
        timestamp: at(time),
        value,
        quality: None,
    }));
    (buckets(-3..HOURS + 3, values.clone()), buckets(-HOURS..0, values), -20 * HOUR..HOURS * HOUR, last).prop_map(
        |(hours, preceding, first, last)| Told {
            sensor_id: id("s"),
            unit: "°C".to_owned(),
            first: at(first),
            last,
            hours,
            preceding,
        },
    )
}

/// Sensors with different names, as numbers go that people measure.
pub(crate) fn sensors() -> impl Strategy<Value = Vec<Told>> {
    named(told((-50_000..50_000_i32).prop_map(|hundredths| f64::from(hundredths) / 100.0)))
}

/// The same with any finite number.
pub(crate) fn wild_sensors() -> impl Strategy<Value = Vec<Told>> {
    named(told(value().boxed()))
}

fn named(told: impl Strategy<Value = Told>) -> impl Strategy<Value = Vec<Told>> {
    prop::collection::vec(told, 0..5).prop_map(|mut sensors| {
        for (number, told) in sensors.iter_mut().enumerate() {
            told.sensor_id = id(&format!("s{number}"));
        }
        sensors
    })
}

/// An alert of sensor `s{sensor}`; times in seconds after START.
#[derive(Clone, Debug)]
pub(crate) struct AlertTold {
    pub(crate) sensor: u8,
    pub(crate) kind: AlertKind,
    pub(crate) severity: u8,
    pub(crate) opened: i64,
    pub(crate) detected: i64,
    pub(crate) seen: i64,
    pub(crate) acknowledged: Option<i64>,
    pub(crate) resolved: Option<i64>,
}

pub(crate) fn seconds(seconds: i64) -> Timestamp {
    at(seconds * SECOND)
}

impl AlertTold {
    pub(crate) fn alert(&self, number: usize) -> Alert {
        let by = |at: i64| json!({"by": "op", "at": seconds(at)});
        let mut alert = json!({
            "id": format!("a{number}"),
            "sensor_id": format!("s{}", self.sensor),
            "sensor_type": "temperature",
            "unit": "°C",
            "kind": self.kind,
            "severity": self.severity,
            "opened_at": seconds(self.opened),
            "detected_at": seconds(self.detected),
            "last_seen_at": seconds(self.seen),
            "readings": 3,
            "evidence": {"timestamp": seconds(self.opened), "value": 1.0, "expected": {"low": 0.0, "high": 0.5}, "score": 4.0},
            "actions": [],
            "urgency": {"priority": 3, "due_by": seconds(self.opened + 86_400)},
            "status": "open",
        });
        if let Some(at) = self.acknowledged {
            put(&mut alert, "status", json!("acknowledged"));
            put(&mut alert, "acknowledged", by(at));
        }
        if let Some(at) = self.resolved {
            put(&mut alert, "status", json!("resolved"));
            put(&mut alert, "resolved", by(at));
        }
        serde_json::from_value(alert).unwrap()
    }
}

pub(crate) fn put(object: &mut Value, name: &str, value: Value) {
    object[name] = value;
}

/// Alerts before, within and after the period, some found late.
pub(crate) fn alerts() -> impl Strategy<Value = Vec<AlertTold>> {
    let span = HOURS * 3600;
    let delays = (0..span, prop::option::of(0..span), prop::option::of(0..span), 0..7200_i64);
    let alert = (0..4_u8, 0..AlertKind::ALL.len(), 1..=5_u8, -span..span + 7200, delays).prop_map(
        |(sensor, kind, severity, opened, (length, acknowledged, resolved, late))| {
            let acknowledged = acknowledged.map(|after| opened + late + after);
            AlertTold {
                sensor,
                kind: AlertKind::ALL[kind],
                severity,
                opened,
                detected: opened + late,
                seen: opened + length,
                acknowledged,
                resolved: resolved.map(|after| acknowledged.unwrap_or(opened + late) + after),
            }
        },
    );
    prop::collection::vec(alert, 0..30)
}

/// The life of a task; times in seconds after START.
#[derive(Clone, Debug)]
pub(crate) struct TaskTold {
    pub(crate) title: String,
    pub(crate) priority: u8,
    pub(crate) created: i64,
    pub(crate) due: Option<i64>,
    pub(crate) deferred: Option<i64>,
    pub(crate) fate: Fate,
}

/// What became of a task.
#[derive(Clone, Debug)]
pub(crate) enum Fate {
    Waiting,
    Rejected(i64),
    /// Approved by an operator, if at a time, or by the policy.
    Approved(Option<i64>, Work),
}

/// What became of an approved task.
#[derive(Clone, Debug)]
pub(crate) enum Work {
    Unscheduled,
    Cancelled(i64),
    /// Technician, start and minutes, and the completion with its minutes.
    Scheduled(u8, i64, u32, Option<(i64, Option<u32>)>),
}

impl TaskTold {
    pub(crate) fn task(&self, number: usize) -> Task {
        let decision = |choice: &str, at: i64| json!({"decision": choice, "operator_id": "op", "at": seconds(at)});
        let mut decisions = Vec::new();
        if let Some(at) = self.deferred {
            let mut deferral = decision("defer", at);
            put(&mut deferral, "defer_until", json!(seconds(at + 7200)));
            decisions.push(deferral);
        }
        let mut task = json!({
            "id": format!("t{number}"),
            "title": self.title,
            "priority": self.priority,
            "duration_minutes": 90,
            "due_by": self.due.map(seconds),
            "created_at": seconds(self.created),
            "created_by": "pipeline",
            "status": "awaiting_approval",
        });
        match &self.fate {
            Fate::Waiting => {}
            Fate::Rejected(at) => {
                decisions.push(decision("reject", *at));
                put(&mut task, "status", json!("rejected"));
            }
            Fate::Approved(approved, work) => {
                decisions.extend(approved.map(|at| decision("approve", at)));
                put(&mut task, "status", json!(if approved.is_some() { "approved" } else { "auto_approved" }));
                work.put(&mut task);
            }
        }
        put(&mut task, "decisions", Value::Array(decisions));
        serde_json::from_value(task).unwrap()
    }
}

impl Work {
    fn put(&self, task: &mut Value) {
        match self {
            Self::Unscheduled => {}
            Self::Cancelled(at) => {
                put(task, "status", json!("cancelled"));
                put(task, "cancellation", json!({"by": "op", "at": seconds(*at), "reason": "not needed"}));
            }
            Self::Scheduled(technician, start, minutes, done) => {
                let end = seconds(start + i64::from(*minutes) * 60);
                let technician = format!("tech{technician}");
                let assignment =
                    json!({"technician_id": technician, "start": seconds(*start), "end": end, "late": false});
                put(task, "status", json!("scheduled"));
                put(task, "assignment", assignment);
                if let Some((at, actual)) = done {
                    put(task, "status", json!("completed"));
                    let completion =
                        json!({"by": technician, "at": seconds(*at), "notes": "done", "actual_minutes": actual});
                    put(task, "completion", completion);
                }
            }
        }
    }
}

/// Tasks before, within and after the period.
pub(crate) fn tasks() -> impl Strategy<Value = Vec<TaskTold>> {
    let span = HOURS * 3600;
    let after = move || 0..span / 2;
    let done = prop::option::of((0..span / 2, prop::option::of(1..500_u32)));
    let work = prop_oneof![
        Just(Work::Unscheduled),
        after().prop_map(Work::Cancelled),
        (0..3_u8, after(), 1..600_u32, done)
            .prop_map(|(who, start, minutes, done)| Work::Scheduled(who, start, minutes, done)),
    ];
    let fate = prop_oneof![
        1 => Just(Fate::Waiting),
        1 => after().prop_map(Fate::Rejected),
        5 => (prop::option::of(after()), work).prop_map(|(approved, work)| Fate::Approved(approved, work)),
    ];
    let task = (1..=5_u8, -span..span + 7200, prop::option::of(0..span), prop::option::of(0..3600_i64), fate);
    let task = task.prop_map(|(priority, created, due, deferred, fate)| TaskTold {
        title: "Look".to_owned(),
        priority,
        created,
        due: due.map(|due| created + due),
        // A deferral ends with an operator's decision, or not yet.
        deferred: deferred.filter(|_| !matches!(fate, Fate::Approved(None, _))).map(|deferred| created + deferred),
        fate: fate.after(created + deferred.unwrap_or(0)),
    });
    prop::collection::vec(task, 0..30)
}

impl Fate {
    /// The same, each step so long after the one before.
    fn after(self, since: i64) -> Self {
        match self {
            Self::Waiting => Self::Waiting,
            Self::Rejected(after) => Self::Rejected(since + after),
            Self::Approved(approved, work) => {
                let since = since + approved.unwrap_or(0);
                let work = match work {
                    Work::Unscheduled => Work::Unscheduled,
                    Work::Cancelled(after) => Work::Cancelled(since + after),
                    Work::Scheduled(who, start, minutes, done) => {
                        let start = since + start;
                        Work::Scheduled(who, start, minutes, done.map(|(after, actual)| (start + after, actual)))
                    }
                };
                Self::Approved(approved.map(|_| since), work)
            }
        }
    }
}
