//! Which request may follow which, with what of the one goes into the other: the `links` of the document.
//!
//! A client finds its way by them, and so does Schemathesis, which follows them to requests that belong together. A
//! test compares every name and expression with the schemas.

/// A request that may follow.
pub(crate) struct Link {
    /// The operation whose good answers lead there.
    from: &'static str,
    /// The operation that follows.
    pub(crate) to: &'static str,
    pub(crate) description: &'static str,
    /// Its parameters, by the expression that tells each.
    pub(crate) parameters: &'static [(&'static str, &'static str)],
    /// The members of its body that are known.
    pub(crate) body: &'static [(&'static str, &'static str)],
}

/// What may follow an operation.
pub(crate) fn after(operation: &str) -> impl Iterator<Item = &'static Link> {
    LINKS.iter().filter(move |link| link.from == operation)
}

const ID: &str = "$response.body#/id";
const USER: &str = "$request.body#/user_id";
const ASKED_USER: &str = "$request.query.user_id";
const NAMED_USER: &str = "$request.path.user_id";
const SENSOR: &str = "$request.body#/sensor_id";
const FIRST_SENSOR: &str = "$response.body#/sensors/0/sensor_id";
const FIRST_ALERT: &str = "$response.body#/alerts/0/id";
const STORED: &str = "$response.body#/transaction_id";

const LINKS: &[Link] = &[
    link("ingest", "query-readings", "The readings of the sensor, after a single reading.", &[("sensor_id", SENSOR)]),
    by_body(
        "ingest",
        "check-drift",
        "Whether the sensor has drifted, after a single reading.",
        &[("sensor_id", SENSOR)],
    ),
    link("list-sensors", "query-readings", "The readings of the first sensor.", &[("sensor_id", FIRST_SENSOR)]),
    link("list-sensors", "set-baseline", "A baseline for the first sensor.", &[("sensor_id", FIRST_SENSOR)]),
    by_body("list-sensors", "forecast", "What the first sensor will measure.", &[("sensor_id", FIRST_SENSOR)]),
    link("list-alerts", "acknowledge-alert", "The first alert, acknowledged.", &[("alert_id", FIRST_ALERT)]),
    link("list-alerts", "resolve-alert", "The first alert, resolved.", &[("alert_id", FIRST_ALERT)]),
    link("acknowledge-alert", "resolve-alert", "The same alert, resolved.", &[("alert_id", ID)]),
    link("create-task", "get-task", "The task.", &[("task_id", ID)]),
    by_body("create-task", "decide", "A decision about the task.", &[("task_id", ID)]),
    link("list-tasks", "get-task", "The first task.", &[("task_id", "$response.body#/tasks/0/id")]),
    link("decide", "get-task", "The task.", &[("task_id", ID)]),
    link("decide", "complete-task", "The task, done.", &[("task_id", ID)]),
    link("decide", "cancel-task", "The task, called off.", &[("task_id", ID)]),
    link("generate-report", "get-report", "The report.", &[("report_id", "$response.body#/report_id")]),
    link("record-transaction", "get-transaction", "The transaction.", &[("transaction_id", STORED), ("user_id", USER)]),
    Link {
        from: "record-transaction",
        to: "categorise-transaction",
        description: "The transaction, corrected.",
        parameters: &[("transaction_id", STORED)],
        body: &[("user_id", USER)],
    },
    link("record-transaction", "export-person", "All that is stored about the person.", &[("user_id", USER)]),
    link(
        "record-in-bulk",
        "get-transaction",
        "The transaction of the first message that has one.",
        &[("transaction_id", "$response.body#/results/0/transaction_id"), ("user_id", USER)],
    ),
    link(
        "list-transactions",
        "get-transaction",
        "The first transaction.",
        &[("transaction_id", "$response.body#/transactions/0/transaction_id"), ("user_id", ASKED_USER)],
    ),
    link("start-import", "get-import", "How far it is.", &[("import_id", "$response.body#/import_id")]),
    link("change-goal", "list-goals", "The person's goals.", &[("user_id", USER)]),
    link(
        "change-goal",
        "delete-goal",
        "The goal, deleted.",
        &[("goal_id", "$request.path.goal_id"), ("user_id", USER)],
    ),
    link("delete-goal", "list-goals", "The goals that are left.", &[("user_id", ASKED_USER)]),
    link("export-person", "erase-person", "The person, erased.", &[("user_id", NAMED_USER)]),
    link("erase-person", "export-person", "Nothing: there is no such person any more.", &[("user_id", NAMED_USER)]),
];

const fn link(
    from: &'static str,
    to: &'static str,
    description: &'static str,
    parameters: &'static [(&'static str, &'static str)],
) -> Link {
    Link { from, to, description, parameters, body: &[] }
}

const fn by_body(
    from: &'static str,
    to: &'static str,
    description: &'static str,
    body: &'static [(&'static str, &'static str)],
) -> Link {
    Link { from, to, description, parameters: &[], body }
}
