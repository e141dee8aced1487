//! Reports.
//!
//! The example is made by the domain itself, so it is what would be answered.

use generate_report::{GenerateReport, contract::ReportRequest};
use get_report::GetReport;
use jiff::Timestamp;
use kernel::Identifier;
use maintenance::report::{AnomalySummaryBuilder, Period, ReportAnswer, ReportFormat, ReportRecord};
use serde_json::{Value, json};

use super::{Answer, Content, Example, Operation, PathParameter};
use crate::{json::set, schemas::Schemas};

const TAG: &str = "Reports";
const FROM: &str = "2026-03-01T00:00:00Z";
const TO: &str = "2026-03-03T00:00:00Z";

pub(super) fn operations(schemas: &mut Schemas) -> Vec<Operation> {
    let answered = |status, description, schema, value| {
        let examples = vec![Example { name: "csv", summary: "Without alerts", value }];
        vec![Answer { status, description, content: Content::json(schema, examples) }]
    };
    let mut generated = stored();
    set(&mut generated, "request_id", json!("01JNB1Q2W3E4R5T6Y7U8I9O0PA"));
    let asked = json!({"report_type": "anomaly_summary", "format": "csv", "from": FROM, "to": TO});
    let id = stored().get("report_id").and_then(Value::as_str).unwrap_or_default().to_owned();
    vec![
        Operation {
            request: Some(Content::json(
                schemas.request::<ReportRequest>(),
                vec![Example { name: "csv", summary: "A table of two days", value: asked }],
            )),
            answers: answered(201, "The report.", schemas.named_copy::<ReportAnswer>(), generated),
            counted: true,
            ..Operation::of::<GenerateReport>(
                TAG,
                "Generate a report",
                "Every figure is computed from what is stored and defined in the report itself. Readings of sensors with \
                 many segments, and those that have expired, count by the summaries of their hours, which are kept longer \
                 and follow the readings within seconds.",
            )
        },
        Operation {
            path_parameters: vec![PathParameter {
                name: "report_id",
                description: "Which report.",
                schema: schemas.request::<Identifier>(),
                example: id.leak(),
            }],
            answers: answered(200, "The report.", schemas.answer::<ReportAnswer>(), stored()),
            ..Operation::of::<GetReport>(TAG, "Read a report", "The report as it was generated.")
        },
    ]
}

/// A report on two days without alerts.
fn stored() -> Value {
    let time = |text: &str| text.parse().unwrap_or(Timestamp::UNIX_EPOCH);
    let report = Period::covering(time(FROM), time(TO))
        .map(|period| AnomalySummaryBuilder::new(period, time("2026-03-04T08:00:00Z")).finish());
    let Ok(report) = report else { return Value::Null };
    let record = ReportRecord::of(&report, ReportFormat::Csv, "example");
    let content = report.content(ReportFormat::Csv, false).unwrap_or_default();
    ReportAnswer::new(record, content).ok().and_then(|answer| serde_json::to_value(answer).ok()).unwrap_or_default()
}
