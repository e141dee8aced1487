//! What invokes functions beside the API: streams, queues and schedules.

use super::{Function, Stack};
use crate::error::CloudError;
use crate::events::Pattern;
use crate::template::{Resolver, Resource, scalar_text};
use crate::wire;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Value as Json, json};
use std::time::Duration;

/// A stream whose records a function gets.
#[derive(Clone, Debug)]
pub(crate) struct StreamMapping {
    pub(crate) target: Target,
    /// The stream's ARN.
    pub(crate) stream: String,
    pub(crate) start: Start,
    /// The most records in one event.
    pub(crate) batch_size: usize,
    /// How long an event may wait for more records.
    pub(crate) window: Duration,
    /// Whether a batch that failed is halved.
    pub(crate) bisects: bool,
    /// How often a batch is tried again; `None` is until its records are too old.
    pub(crate) retries: Option<u32>,
    /// Records that are older are given up; `None` is never.
    pub(crate) oldest: Option<Duration>,
    /// Whether the function answers which records failed.
    pub(crate) reports: bool,
    /// The ARN of the queue that learns of what was given up.
    pub(crate) dead_letters: Option<String>,
    /// A record that fits none of these is passed over; without any, all records fit.
    pub(crate) patterns: Vec<Pattern>,
}

/// A queue whose messages a function gets.
#[derive(Clone, Debug)]
pub(crate) struct QueueMapping {
    pub(crate) target: Target,
    /// The queue's ARN.
    pub(crate) queue: String,
    /// The most messages in one event.
    pub(crate) batch_size: usize,
    /// Whether the function answers which messages failed.
    pub(crate) reports: bool,
}

/// The function that something invokes, and under which name.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) function: Function,
    pub(crate) arn: String,
    /// The event's name in the template.
    pub(crate) event: String,
}

/// Where a stream is first read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Start {
    TrimHorizon,
    Latest,
}

/// Times at which a function is invoked.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    pub(crate) target: Target,
    pub(crate) scheduler: Scheduler,
    /// The period of a rate; `None` for a calendar, which only comes round on demand here.
    pub(crate) every: Option<Duration>,
    /// What the function gets instead of the scheduler's own event.
    pub(crate) input: Option<String>,
}

/// Who keeps a schedule, which decides how its event looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheduler {
    /// A rule of EventBridge: `Type: Schedule`.
    Rule,
    /// EventBridge Scheduler: `Type: ScheduleV2`.
    Scheduler,
}

/// What a template may say of a stream; anything else is refused, not passed over.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DynamoDb {
    stream: String,
    starting_position: Start,
    #[serde(default = "hundred")]
    batch_size: usize,
    #[serde(default)]
    maximum_batching_window_in_seconds: u64,
    #[serde(default)]
    bisect_batch_on_function_error: bool,
    #[serde(default = "unlimited")]
    maximum_retry_attempts: i64,
    #[serde(default = "unlimited")]
    maximum_record_age_in_seconds: i64,
    #[serde(default = "one")]
    parallelization_factor: u32,
    #[serde(default)]
    function_response_types: Vec<ResponseType>,
    destination_config: Option<DestinationConfig>,
    filter_criteria: Option<FilterCriteria>,
    #[serde(default = "yes")]
    enabled: bool,
}

/// What a template may say of a queue.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Sqs {
    queue: String,
    #[serde(default = "ten")]
    batch_size: usize,
    #[serde(default)]
    function_response_types: Vec<ResponseType>,
    /// How many batches may be under way: here it is always one, which is within any limit.
    #[serde(rename = "ScalingConfig")]
    _scaling_config: Option<IgnoredAny>,
    #[serde(default = "yes")]
    enabled: bool,
}

#[derive(Deserialize, PartialEq)]
enum ResponseType {
    ReportBatchItemFailures,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DestinationConfig {
    on_failure: OnFailure,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct OnFailure {
    /// Only for the policy that SAM writes.
    #[serde(rename = "Type")]
    _kind: Option<String>,
    destination: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct FilterCriteria {
    filters: Vec<Filter>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Filter {
    pattern: String,
}

// The defaults of Lambda.
fn hundred() -> usize {
    100
}

fn ten() -> usize {
    10
}

fn unlimited() -> i64 {
    -1
}

fn one() -> u32 {
    1
}

fn yes() -> bool {
    true
}

/// Reads the streams, queues and schedules of a function.
pub(super) fn read(
    resolver: &Resolver<'_>,
    resource: &Resource<'_>,
    function: &Function,
    stack: &mut Stack,
) -> Result<(), CloudError> {
    let name = resolver.property(resource, "FunctionName")?.as_ref().and_then(scalar_text);
    let arn = wire::arn("lambda", &format!("function:{}", name.as_ref().unwrap_or(&function.logical_id)));
    let (place, events) = resource.property("Events");
    for (name, event) in events.and_then(Json::as_object).into_iter().flatten() {
        let target = Target { function: function.clone(), arn: arn.clone(), event: name.clone() };
        let place = format!("{place}.{name}.Properties");
        let unresolved = event.get("Properties").cloned().unwrap_or_else(|| json!({}));
        let properties = || Ok::<_, CloudError>(resolver.value(&place, &unresolved)?.unwrap_or_default());
        match event.get("Type").and_then(Json::as_str) {
            Some("DynamoDB") => stack.streams.extend(stream(target, &place, properties()?)?),
            Some("SQS") => stack.queues.extend(queue(target, &place, properties()?)?),
            Some("Schedule") => stack.schedules.extend(schedule(target, Scheduler::Rule, &place, &properties()?)?),
            Some("ScheduleV2") => {
                stack.schedules.extend(schedule(target, Scheduler::Scheduler, &place, &properties()?)?);
            }
            _ => {}
        }
    }
    Ok(())
}

fn stream(target: Target, place: &str, properties: Json) -> Result<Option<StreamMapping>, CloudError> {
    let said: DynamoDb = parse(place, properties)?;
    if said.parallelization_factor != 1 {
        return Err(CloudError::template(format!("{place}.ParallelizationFactor"), "is more than the local cloud can"));
    }
    let dead_letters = said.destination_config.map(|destination| destination.on_failure.destination);
    if let Some(arn) = &dead_letters {
        check_queue(&format!("{place}.DestinationConfig"), arn)?;
    }
    let filters = said.filter_criteria.map(|criteria| criteria.filters).unwrap_or_default();
    let pattern = |filter: &Filter| {
        let place = format!("{place}.FilterCriteria.Filters.Pattern");
        Pattern::parse(&filter.pattern).map_err(|problem| CloudError::template(place, problem))
    };
    let mapping = StreamMapping {
        target,
        stream: said.stream,
        start: said.starting_position,
        batch_size: said.batch_size.max(1),
        window: Duration::from_secs(said.maximum_batching_window_in_seconds),
        bisects: said.bisect_batch_on_function_error,
        retries: u32::try_from(said.maximum_retry_attempts).ok(),
        oldest: u64::try_from(said.maximum_record_age_in_seconds).ok().map(Duration::from_secs),
        reports: reports(&said.function_response_types),
        dead_letters,
        patterns: filters.iter().map(pattern).collect::<Result<_, _>>()?,
    };
    Ok(said.enabled.then_some(mapping))
}

fn queue(target: Target, place: &str, properties: Json) -> Result<Option<QueueMapping>, CloudError> {
    let said: Sqs = parse(place, properties)?;
    check_queue(&format!("{place}.Queue"), &said.queue)?;
    // What Lambda takes without a batching window.
    if !(1..=10).contains(&said.batch_size) {
        return Err(CloudError::template(format!("{place}.BatchSize"), "is not between 1 and 10"));
    }
    let mapping = QueueMapping {
        target,
        queue: said.queue,
        batch_size: said.batch_size,
        reports: reports(&said.function_response_types),
    };
    Ok(said.enabled.then_some(mapping))
}

fn check_queue(place: &str, arn: &str) -> Result<(), CloudError> {
    match arn.starts_with("arn:aws:sqs:") {
        true => Ok(()),
        false => Err(CloudError::template(place, "does not name the ARN of a queue")),
    }
}

fn reports(types: &[ResponseType]) -> bool {
    types.contains(&ResponseType::ReportBatchItemFailures)
}

fn schedule(
    target: Target,
    scheduler: Scheduler,
    place: &str,
    properties: &Json,
) -> Result<Option<Schedule>, CloudError> {
    let text = |name: &str| properties.get(name).and_then(scalar_text);
    let property = if scheduler == Scheduler::Rule { "Schedule" } else { "ScheduleExpression" };
    let wrong = || CloudError::template(format!("{place}.{property}"), "is not a rate, a cron or an at expression");
    let expression = text(property).ok_or_else(wrong)?;
    let (kind, arguments) = expression.strip_suffix(')').and_then(|text| text.split_once('(')).ok_or_else(wrong)?;
    let every = match kind {
        "rate" => Some(period(arguments).ok_or_else(wrong)?),
        "cron" | "at" => None,
        _ => return Err(wrong()),
    };
    let is_off = text("State").as_deref() == Some("DISABLED") || text("Enabled").as_deref() == Some("false");
    Ok((!is_off).then_some(Schedule { target, scheduler, every, input: text("Input") }))
}

/// `5 minutes`
fn period(text: &str) -> Option<Duration> {
    let (count, unit) = text.trim().split_once(' ')?;
    let count: u64 = count.parse().ok().filter(|count| *count > 0)?;
    let seconds = match unit.trim_end_matches('s') {
        "minute" => 60,
        "hour" => 60 * 60,
        "day" => 24 * 60 * 60,
        _ => return None,
    };
    Some(Duration::from_secs(count.checked_mul(seconds)?))
}

fn parse<T: DeserializeOwned>(place: &str, properties: Json) -> Result<T, CloudError> {
    serde_json::from_value(properties).map_err(|error| CloudError::template(place, error.to_string()))
}
