//! What clients send. The answer is [`ReportAnswer`](maintenance::report::ReportAnswer).

use maintenance::report::{ReportFormat, ReportType};
use schemars::JsonSchema;
use serde::Deserialize;

/// A report to generate.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportRequest {
    /// What it is about.
    pub report_type: ReportType,
    /// How it is written.
    pub format: ReportFormat,
    /// The start, RFC 3339; the report begins with the hour it lies in.
    #[schemars(extend("format" = "date-time"))]
    pub from: String,
    /// The end, RFC 3339; the report ends with the hour before it, or with the hour it lies in. At most 366 days later.
    #[schemars(extend("format" = "date-time"))]
    pub to: String,
    /// Whether a page has charts; it has when this is absent. Other formats have none.
    pub include_charts: Option<bool>,
}
