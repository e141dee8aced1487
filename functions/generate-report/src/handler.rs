//! What is stored is read piece by piece into the report's builder; the content is stored beside its record.

use futures_util::{StreamExt, TryStreamExt, stream};
use gate::{Body, Call, Demand, Endpoint, Incoming, IntoReply, Json, Method, Reply, Route};
use history::{Hourly, Summaries};
use jiff::Timestamp;
use kernel::{Entity, Fault, Identifier, Scope, Tenant, Violation, parse_timestamp};
use maintenance::{
    Bucket,
    report::{
        AnomalySummaryBuilder, LONGEST_PERIOD_DAYS, MaintenanceSummaryBuilder, PerformanceSummaryBuilder, Period,
        PeriodError, Report, ReportAnswer, ReportFormat, ReportRecord, ReportType, SensorFacts, SystemHealthBuilder,
    },
    work::{Alert, RetentionPolicy, Task, policy_id},
};
use serde::{Serialize, de::DeserializeOwned};
use store::{Documents, Entities, Telemetry, UnitOfWork};

use crate::contract::ReportRequest;

/// How many sensors or objects are asked for at once.
const PAGE: u16 = 100;
/// How many sensors are read at once.
const TOGETHER: usize = 16;
/// Lambda hands on answers of 6 MB. The content is counted as it travels: as JSON within JSON.
const LONGEST_CONTENT: usize = 5_500_000;

/// The most alerts or tasks that a report is made of.
const MOST_OBJECTS: usize = 20_000;
/// The most hours of sensors: those of 690 sensors in 30 days.
const MOST_HOURS: usize = 500_000;

/// `POST /v1/reports`.
pub struct GenerateReport {
    /// The names of the sensors.
    pub telemetry: Telemetry,
    /// What is known of their hours.
    pub summaries: Summaries,
    /// What was unusual.
    pub alerts: Entities<Alert>,
    /// What was to be done.
    pub tasks: Entities<Task>,
    /// For how long reports are kept.
    pub policies: Entities<RetentionPolicy>,
    /// What is known of reports.
    pub reports: Entities<ReportRecord>,
    /// What they say.
    pub documents: Documents,
    /// How many requests a minute each key has.
    pub limit_per_minute: u32,
}

/// Which report to generate.
pub struct Wanted {
    report_type: ReportType,
    format: ReportFormat,
    period: Period,
    include_charts: bool,
}

impl Endpoint for GenerateReport {
    const ROUTE: Route = Route {
        name: "generate-report",
        method: Method::Post,
        path: "/v1/reports",
        siblings: &[],
        demand: Demand::Scope(Scope::ReportsGenerate),
        body: Body::JSON,
        stores: true,
    };
    type Input = Wanted;
    type Output = Json<ReportRecord>;

    fn limit_per_minute(&self) -> Option<u32> {
        Some(self.limit_per_minute)
    }

    fn parse(&self, incoming: &Incoming, _: &Call) -> Result<Wanted, Fault> {
        incoming.no_query()?;
        let request: ReportRequest = incoming.json()?;
        let mut broken = Vec::new();
        let mut time = |pointer: &'static str, text: &str| {
            let time = parse_timestamp(text);
            if time.is_none() {
                broken.push(Violation::new(pointer, "invalid", "must be an RFC 3339 time with an offset"));
            }
            time
        };
        let (from, to) = (time("/from", &request.from), time("/to", &request.to));
        let (Some(from), Some(to)) = (from, to) else { return Err(Fault::validation(broken)) };
        let period = Period::covering(from, to).map_err(|error| Fault::validation(vec![refused(error)]))?;
        Ok(Wanted {
            report_type: request.report_type,
            format: request.format,
            period,
            include_charts: request.include_charts.unwrap_or(true),
        })
    }

    async fn act(&self, call: &Call, wanted: Wanted, work: &mut UnitOfWork) -> Result<Json<ReportRecord>, Fault> {
        let tenant = &call.principal.tenant;
        let report = self.report(tenant, &wanted, call.now.wall).await?;
        let content = report.content(wanted.format, wanted.include_charts).map_err(Fault::internal)?;
        if length_in_json(&content) > LONGEST_CONTENT {
            return Err(too_much("/to", "makes the report too long; ask for a shorter period, or for another format"));
        }
        let record = ReportRecord::of(&report, wanted.format, &call.write.to_string());
        let policy = self.policies.get(tenant, policy_id()).await?.map(|stored| stored.value).unwrap_or_default();
        let expires = policy.retention.aggregates_until(call.now.wall);
        self.reports.create(work, tenant, &record, Some(expires))?;
        self.documents.write(work, tenant, &record.report_id, &content, expires)?;
        Ok(Json::created(record))
    }

    async fn complete(&self, call: &Call, reply: Reply) -> Result<Reply, Fault> {
        let record: ReportRecord = serde_json::from_str(&reply.body).map_err(Fault::internal)?;
        let content =
            self.documents.read(&call.principal.tenant, &record.report_id).await?.ok_or_else(Fault::not_found)?;
        let answer = ReportAnswer::new(record, content).map_err(Fault::internal)?;
        Ok(Reply { body: Json::created(answer).into_reply()?.body, ..reply })
    }
}

impl GenerateReport {
    async fn report(&self, tenant: &Tenant, wanted: &Wanted, now: Timestamp) -> Result<Report, Fault> {
        let period = wanted.period;
        Ok(match wanted.report_type {
            ReportType::AnomalySummary => {
                let mut report = AnomalySummaryBuilder::new(period, now);
                each(&self.alerts, tenant, |alert| report.alert(alert)).await?;
                report.finish()
            }
            ReportType::SystemHealth => {
                let mut report = SystemHealthBuilder::new(period, now);
                self.each_sensor(tenant, period.from(), period.to(), |sensor, hourly| {
                    report.sensor(&facts(sensor, hourly, &hourly.hours));
                })
                .await?;
                each(&self.alerts, tenant, |alert| report.alert(alert)).await?;
                report.finish()
            }
            ReportType::MaintenanceSummary => {
                let mut report = MaintenanceSummaryBuilder::new(period, now);
                each(&self.tasks, tenant, |task| report.task(task)).await?;
                report.finish()
            }
            ReportType::PerformanceSummary => {
                let mut report = PerformanceSummaryBuilder::new(period, now);
                self.each_sensor(tenant, period.preceding().from(), period.to(), |sensor, hourly| {
                    let border = hourly.hours.partition_point(|hour| hour.timestamp < period.from());
                    let (preceding, hours) = hourly.hours.split_at(border);
                    report.sensor(&facts(sensor, hourly, hours), Some(preceding));
                })
                .await?;
                report.finish()
            }
        })
    }

    /// Every sensor that has reported before `to`, in the order of names, with its hours.
    async fn each_sensor(
        &self,
        tenant: &Tenant,
        from: Timestamp,
        to: Timestamp,
        mut take: impl FnMut(&Identifier, &Hourly),
    ) -> Result<(), Fault> {
        let mut after: Option<Identifier> = None;
        let mut hours = 0;
        loop {
            let names = self.telemetry.sensors(tenant, after.as_ref(), PAGE).await?;
            let Some(last) = names.last().cloned() else { return Ok(()) };
            let read = |name: Identifier| async move {
                let hourly = self.summaries.hourly(tenant, &name, from, to).await?;
                Ok::<_, Fault>((name, hourly))
            };
            let mut sensors = stream::iter(names).map(read).buffered(TOGETHER);
            while let Some((name, hourly)) = sensors.try_next().await? {
                let Some(hourly) = hourly else { continue };
                take(&name, &hourly);
                hours += hourly.hours.len();
                if hours > MOST_HOURS {
                    return Err(too_much("/to", "covers more than 500000 hours of sensors; ask for a shorter period"));
                }
            }
            after = Some(last);
        }
    }
}

/// Every object of a kind, the newest first.
async fn each<T: Entity + Serialize + DeserializeOwned>(
    entities: &Entities<T>,
    tenant: &Tenant,
    mut take: impl FnMut(&T),
) -> Result<(), Fault> {
    let mut after: Option<Identifier> = None;
    let mut taken = 0;
    loop {
        let page = entities.list(tenant, None, after.as_ref(), PAGE).await?;
        for stored in &page.objects {
            take(&stored.value);
        }
        taken += page.objects.len();
        if taken > MOST_OBJECTS {
            return Err(too_much(
                "/report_type",
                "is made of more than 20000 objects, which is more than fits into a report",
            ));
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(()),
        }
    }
}

fn facts<'a>(sensor_id: &'a Identifier, hourly: &'a Hourly, hours: &'a [Bucket]) -> SensorFacts<'a> {
    SensorFacts {
        sensor_id,
        sensor_type: hourly.sensor_type,
        unit: &hourly.unit,
        first_timestamp: hourly.first_timestamp,
        last: Some(hourly.last),
        hours,
    }
}

fn refused(error: PeriodError) -> Violation {
    match error {
        PeriodError::Empty => Violation::new("/to", "out_of_range", "must be after from"),
        PeriodError::TooLong => {
            Violation::new("/to", "out_of_range", format!("must be at most {LONGEST_PERIOD_DAYS} days after from"))
        }
        PeriodError::OutOfRange => Violation::new("/from", "out_of_range", "must be from 1970 to 2261, as to must"),
    }
}

fn too_much(pointer: &'static str, message: &'static str) -> Fault {
    Fault::validation(vec![Violation::new(pointer, "too_long", message)])
}

/// How long a text is as a string in JSON.
fn length_in_json(text: &str) -> usize {
    text.len() + text.bytes().filter(|byte| matches!(byte, b'"' | b'\\')).count()
}
