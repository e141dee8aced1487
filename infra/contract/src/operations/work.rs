//! Alerts, tasks and what decides about them.
//!
//! The examples are made by the domain itself, so they are what it would answer.

use acknowledge_alert::AcknowledgeAlert;
use cancel_task::CancelTask;
use change_calendar::ChangeCalendar;
use change_policy::ChangePolicy;
use complete_task::CompleteTask;
use create_task::CreateTask;
use decide::Decide;
use gate::Revised;
use get_task::GetTask;
use kernel::Code;
use list_alerts::{
    ListAlerts,
    contract::{AlertPage, AlertQuery},
};
use list_notifications::{
    ListNotifications,
    contract::{NotificationPage, NotificationQuery},
};
use list_tasks::{
    ListTasks,
    contract::{TaskPage, TaskQuery},
};
use maintenance::work::{
    Alert, Calendar, Policy, RawAcknowledgement, RawCalendar, RawCancellation, RawClosure, RawCompletion, RawDecision,
    RawPolicy, RawTask, Task,
};
use resolve_alert::ResolveAlert;
use serde_json::{Value, json};
use show_calendar::ShowCalendar;
use show_policy::ShowPolicy;

use super::{Content, Operation, Query, answer, by_request, example, named};
use crate::{json::set, schemas::Schemas};

const TAG: &str = "Work";
const CURSOR: &str = "AQAAAAEAAAAAZy5kgDIwMjYwMzAyVDA4MTUwMJ3k3Wg2vN0hM1h2bQ0b7cXy0kqYl8a1nG5o9eZrT4uV";
const ALERT: &str = "20260302T081500-alert-5f1d7c0e93b24a6d8e7f60a1b2c3d4e5";
const TASK: &str = "20260302T081500-task-0c9b8a7f6e5d4c3b2a1f0e9d8c7b6a59";
/// What a change to an object can meet.
const CHANGES: &[Code] = &[Code::Conflict, Code::IllegalTransition, Code::PreconditionFailed];

pub(super) fn operations(schemas: &mut Schemas) -> Vec<Operation> {
    let mut operations = vec![list_alerts(schemas), acknowledge(schemas), resolve(schemas)];
    operations.extend([create_task(schemas), list_tasks(schemas), get_task(schemas)]);
    operations.extend([decide(schemas), complete(schemas), cancel(schemas), list_notifications(schemas)]);
    operations.extend([show_policy(schemas), change_policy(schemas), show_calendar(schemas), change_calendar(schemas)]);
    operations
}

fn alert() -> Value {
    json!({
        "id": ALERT,
        "sensor_id": "press-4.bearing",
        "sensor_type": "temperature",
        "unit": "C",
        "kind": "level_shift",
        "severity": 4,
        "opened_at": "2026-03-02T08:15:00Z",
        "detected_at": "2026-03-02T08:15:02.318Z",
        "last_seen_at": "2026-03-02T09:40:00Z",
        "readings": 18,
        "evidence": {
            "timestamp": "2026-03-02T09:05:00Z",
            "value": 91.4,
            "expected": {"low": 70.2, "high": 78.9},
            "score": 8.7,
        },
        "actions": ["Check cooling and lubrication of the part that the sensor is on."],
        "urgency": {"priority": 4, "due_by": "2026-03-04T08:15:02.318Z"},
        "task_id": TASK,
        "status": "open",
        "revision": 3,
    })
}

fn task(status: &str, further: &[(&'static str, Value)]) -> Value {
    let mut task = json!({
        "id": TASK,
        "title": "Inspect temperature sensor press-4.bearing: level shift",
        "sensor_id": "press-4.bearing",
        "alert_id": ALERT,
        "priority": 4,
        "duration_minutes": 60,
        "due_by": "2026-03-04T08:15:02.318Z",
        "created_at": "2026-03-02T08:15:02.911Z",
        "created_by": "pipeline",
        "decisions": [],
        "status": status,
        "revision": 1,
    });
    for (name, value) in further {
        set(&mut task, name, value.clone());
    }
    task
}

fn decision() -> Value {
    json!([{
        "decision": "approve",
        "operator_id": "j.tester",
        "justification": "Vibration of the same bearing rose last week.",
        "at": "2026-03-02T09:00:00Z",
    }])
}

fn assignment() -> Value {
    json!({
        "technician_id": "tech-2",
        "start": "2026-03-02T13:00:00Z",
        "end": "2026-03-02T14:00:00Z",
        "late": false,
    })
}

fn list_alerts(schemas: &mut Schemas) -> Operation {
    Operation {
        query: Some(Query { schema: schemas.query::<AlertQuery>(), example: json!({"status": "open", "limit": 20}) }),
        answers: answer(
            200,
            "A page of alerts, the newest first.",
            schemas.answer::<AlertPage>(),
            json!({"alerts": [alert()], "next_cursor": CURSOR}),
        ),
        ..Operation::of::<ListAlerts>(
            TAG,
            "List alerts",
            "An alert is one episode of a sensor doing something unusual, however many readings it lasts.",
        )
    }
}

fn acknowledge(schemas: &mut Schemas) -> Operation {
    let mut seen = alert();
    set(&mut seen, "status", json!("acknowledged"));
    set(&mut seen, "acknowledged", json!({"by": "j.tester", "at": "2026-03-02T09:45:00Z"}));
    Operation {
        path_parameters: vec![named(schemas, "alert_id", "Which alert.", ALERT)],
        request: Some(Content::json(
            schemas.request::<RawAcknowledgement>(),
            vec![example("seen", "By an operator", json!({"operator_id": "j.tester"}))],
        )),
        answers: answer(200, "The alert.", schemas.named_copy::<Revised<Alert>>(), by_request(seen)),
        further_refusals: CHANGES,
        ..Operation::of::<AcknowledgeAlert>(
            TAG,
            "Acknowledge an alert",
            "Says that an operator has seen an open alert.",
        )
    }
}

fn resolve(schemas: &mut Schemas) -> Operation {
    let mut over = alert();
    set(&mut over, "status", json!("resolved"));
    set(&mut over, "resolved", json!({"by": "j.tester", "at": "2026-03-02T15:10:00Z", "note": "Fan replaced."}));
    Operation {
        path_parameters: vec![named(schemas, "alert_id", "Which alert.", ALERT)],
        request: Some(Content::json(
            schemas.request::<RawClosure>(),
            vec![example("over", "With a note", json!({"operator_id": "j.tester", "note": "Fan replaced."}))],
        )),
        answers: answer(200, "The alert.", schemas.named_copy::<Revised<Alert>>(), by_request(over)),
        further_refusals: CHANGES,
        ..Operation::of::<ResolveAlert>(
            TAG,
            "Resolve an alert",
            "Says that an alert is over. Completing its task does the same. What is unusual afterwards is another alert.",
        )
    }
}

fn create_task(schemas: &mut Schemas) -> Operation {
    let asked =
        json!({"title": "Grease the bearing", "sensor_id": "press-4.bearing", "priority": 2, "duration_minutes": 30});
    let made = task("awaiting_approval", &[]);
    Operation {
        request: Some(Content::json(schemas.request::<RawTask>(), vec![example("task", "A short task", asked)])),
        answers: answer(201, "The task. It awaits approval.", schemas.named_copy::<Revised<Task>>(), by_request(made)),
        further_refusals: &[Code::Conflict],
        ..Operation::of::<CreateTask>(
            TAG,
            "Ask for work",
            "Creates a task. Nothing is scheduled before an operator has approved it.",
        )
    }
}

fn list_tasks(schemas: &mut Schemas) -> Operation {
    Operation {
        query: Some(Query {
            schema: schemas.query::<TaskQuery>(),
            example: json!({"status": "awaiting_approval", "limit": 20}),
        }),
        answers: answer(
            200,
            "A page of tasks, the newest first.",
            schemas.answer::<TaskPage>(),
            json!({"tasks": [task("awaiting_approval", &[])], "next_cursor": null}),
        ),
        ..Operation::of::<ListTasks>(TAG, "List tasks", "Tasks that alerts made and tasks that operators asked for.")
    }
}

fn get_task(schemas: &mut Schemas) -> Operation {
    let scheduled = [("decisions", decision()), ("assignment", assignment()), ("revision", json!(3))];
    Operation {
        path_parameters: vec![named(schemas, "task_id", "Which task.", TASK)],
        answers: answer(
            200,
            "The task, with every decision about it.",
            schemas.answer::<Revised<Task>>(),
            task("scheduled", &scheduled),
        ),
        ..Operation::of::<GetTask>(
            TAG,
            "Read a task",
            "An approved task is scheduled shortly after its approval; when nobody fits, `unscheduled_reason` says why.",
        )
    }
}

fn decide(schemas: &mut Schemas) -> Operation {
    let decided = json!({
        "task_id": TASK,
        "decision": "approve",
        "operator_id": "j.tester",
        "justification": "Vibration of the same bearing rose last week.",
    });
    let approved = task("approved", &[("decisions", decision()), ("revision", json!(2))]);
    Operation {
        request: Some(Content::json(schemas.request::<RawDecision>(), vec![example("approve", "Yes", decided)])),
        answers: answer(201, "The task.", schemas.named_copy::<Revised<Task>>(), by_request(approved)),
        further_refusals: &[Code::NotFound, Code::Conflict, Code::IllegalTransition, Code::PreconditionFailed],
        ..Operation::of::<Decide>(
            TAG,
            "Decide about a task",
            "Approves, rejects or defers a task that awaits approval. To reject takes a `justification`, to defer a `defer_until`, after which the task awaits approval again.",
        )
    }
}

fn complete(schemas: &mut Schemas) -> Operation {
    let log = json!({"operator_id": "tech-2", "notes": "Replaced the fan, cleaned the filter.", "actual_minutes": 45});
    let completion = json!({
        "by": "tech-2",
        "at": "2026-03-02T13:50:00Z",
        "notes": "Replaced the fan, cleaned the filter.",
        "actual_minutes": 45,
    });
    let done = task(
        "completed",
        &[("decisions", decision()), ("assignment", assignment()), ("completion", completion), ("revision", json!(4))],
    );
    Operation {
        path_parameters: vec![named(schemas, "task_id", "Which task.", TASK)],
        request: Some(Content::json(schemas.request::<RawCompletion>(), vec![example("log", "With a log", log)])),
        answers: answer(200, "The task.", schemas.named_copy::<Revised<Task>>(), by_request(done)),
        further_refusals: CHANGES,
        ..Operation::of::<CompleteTask>(
            TAG,
            "Complete a task",
            "Ends an approved task with a log of what was done. Its alert is resolved and its technician free with it.",
        )
    }
}

fn cancel(schemas: &mut Schemas) -> Operation {
    let cancellation = json!({"by": "j.tester", "at": "2026-03-02T10:00:00Z", "reason": "The line is being replaced."});
    let off = task("cancelled", &[("decisions", decision()), ("cancellation", cancellation), ("revision", json!(4))]);
    Operation {
        path_parameters: vec![named(schemas, "task_id", "Which task.", TASK)],
        request: Some(Content::json(
            schemas.request::<RawCancellation>(),
            vec![example(
                "off",
                "With a reason",
                json!({"operator_id": "j.tester", "reason": "The line is being replaced."}),
            )],
        )),
        answers: answer(200, "The task.", schemas.named_copy::<Revised<Task>>(), by_request(off)),
        further_refusals: CHANGES,
        ..Operation::of::<CancelTask>(
            TAG,
            "Cancel a task",
            "Calls approved work off. Its technician is free again; its alert stays as it is.",
        )
    }
}

fn list_notifications(schemas: &mut Schemas) -> Operation {
    let notification = json!({
        "id": "20260302T081502-note-77aa1f0e5d3c4b2a9f8e7d6c5b4a3f21",
        "event": "alert_opened",
        "alert_id": ALERT,
        "sensor_id": "press-4.bearing",
        "severity": 4,
        "text": "Severity 4: level shift on sensor press-4.bearing. At 2026-03-02T09:05:00Z it measured 91.4 C, expected 70.2 to 78.9.",
        "at": "2026-03-02T08:15:02.318Z",
        "deliveries": [
            {"channel": "sns", "outcome": "delivered", "attempts": 1, "at": "2026-03-02T08:15:03.021Z"},
            {"channel": "webhook", "outcome": "pending", "attempts": 2, "status": 503, "at": "2026-03-02T08:18:03.4Z"},
        ],
        "revision": 3,
    });
    Operation {
        query: Some(Query {
            schema: schemas.query::<NotificationQuery>(),
            example: json!({"status": "pending", "limit": 20}),
        }),
        answers: answer(
            200,
            "A page of notifications, those of the newest alerts and tasks first.",
            schemas.answer::<NotificationPage>(),
            json!({"notifications": [notification], "next_cursor": null}),
        ),
        ..Operation::of::<ListNotifications>(
            TAG,
            "List notifications",
            "What was told about alerts and tasks, and what became of it on each channel that the policy names. A \
             delivery is tried at most five times; a webhook is signed as <https://www.standardwebhooks.com> describes.",
        )
    }
}

fn show_policy(schemas: &mut Schemas) -> Operation {
    Operation {
        answers: answer(
            200,
            "The policy. Its revision is 0 while the default applies.",
            schemas.answer::<Revised<Policy>>(),
            json!(Revised::<Policy>::absent()),
        ),
        ..Operation::of::<ShowPolicy>(TAG, "Read the policy", "What the tenant wants done about its sensors.")
    }
}

fn change_policy(schemas: &mut Schemas) -> Operation {
    Operation {
        request: Some(Content::json(
            schemas.request::<RawPolicy>(),
            vec![example(
                "sensitive",
                "More alerts, and work on the mild ones approved",
                json!({
                    "detection": {"sensitivity": 0.7},
                    "auto_approval": {"max_priority": 2, "max_duration_minutes": 60, "kinds": ["spike", "drift"]},
                }),
            )],
        )),
        answers: answer(
            200,
            "The policy as it is now.",
            schemas.answer::<Revised<Policy>>(),
            json!(Revised::first(Policy::default())),
        ),
        further_refusals: &[Code::Conflict, Code::PreconditionFailed],
        ..Operation::of::<ChangePolicy>(
            TAG,
            "Change the policy",
            "The whole policy is replaced; what is left out takes its default.",
        )
    }
}

/// A calendar of one technician.
fn calendar() -> Value {
    let day = json!([{"start": "08:00", "end": "16:30"}]);
    json!({
        "technicians": [{
            "id": "tech-2",
            "skills": ["bearings"],
            "time_zone": "Europe/Berlin",
            "working_hours": {
                "monday": day, "tuesday": day, "wednesday": day, "thursday": day, "friday": [{"start": "08:00", "end": "13:00"}],
            },
            "days_off": ["2026-12-25"],
        }],
    })
}

fn show_calendar(schemas: &mut Schemas) -> Operation {
    Operation {
        answers: answer(
            200,
            "The calendar. Its revision is 0 while there is none.",
            schemas.answer::<Revised<Calendar>>(),
            json!(Revised::<Calendar>::absent()),
        ),
        ..Operation::of::<ShowCalendar>(TAG, "Read the calendar", "Who can do the work, and when.")
    }
}

fn change_calendar(schemas: &mut Schemas) -> Operation {
    Operation {
        request: Some(Content::json(
            schemas.request::<RawCalendar>(),
            vec![example("one", "One technician", calendar())],
        )),
        answers: answer(
            200,
            "The calendar as it is now.",
            schemas.answer::<Revised<Calendar>>(),
            json!(Revised::first(Calendar::default())),
        ),
        further_refusals: &[Code::Conflict, Code::PreconditionFailed],
        ..Operation::of::<ChangeCalendar>(
            TAG,
            "Change the calendar",
            "The whole calendar is replaced. Work that is scheduled already stays scheduled.",
        )
    }
}
