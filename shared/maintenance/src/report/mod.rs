//! Reports: figures computed from what is stored, the same from the same.
//!
//! - A builder per type takes in what the report is computed from, one item at a time, and keeps
//!   only what its figures need: [`AnomalySummaryBuilder`], [`SystemHealthBuilder`],
//!   [`MaintenanceSummaryBuilder`], [`PerformanceSummaryBuilder`]. Its methods say what has to be loaded.
//! - A [`Report`] is the answer in JSON through [`serde::Serialize`], in CSV through
//!   [`Report::csv`] and as a page through [`Report::html`]. All three state the same figures.
//! - A [`ReportRecord`] is what is stored beside the content; a [`ReportAnswer`] is both.
//!
//! What happened after the end of a report does not change it: the states of alerts and tasks are
//! taken from their times, not from what they are by now. There is no score whose formula would
//! have to be believed; every figure is defined in the report itself.

mod anomalies;
mod chart;
mod facts;
mod figures;
mod health;
mod page;
mod performance;
mod period;
mod record;
mod table;
mod upkeep;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use anomalies::{
    AlertCounts, AlertFigures, AlertsByDay, AnomalySummary, AnomalySummaryBuilder, KindCounts, SensorCounts,
    SeverityCounts,
};
pub use facts::SensorFacts;
pub use figures::Durations;
pub use health::{HealthTotals, SensorHealth, SystemHealth, SystemHealthBuilder};
pub use performance::{ByDay, PerformanceSummary, PerformanceSummaryBuilder, PerformanceTotals, SensorPerformance};
pub use period::{LONGEST_PERIOD_DAYS, Period, PeriodError};
pub use record::{ReportAnswer, ReportRecord};
pub use upkeep::{
    Approval, BacklogCounts, Effort, MaintenanceSummary, MaintenanceSummaryBuilder, PriorityCounts, TaskCounts,
    TaskFigures, TasksByDay, TechnicianFigures,
};

use facts::Hours;
use period::Calendar;

/// What a report is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportType {
    /// What was unusual, and how it was dealt with.
    AnomalySummary,
    /// Whether the sensors report, and how their values moved.
    SystemHealth,
    /// What was to be done, and what became of it.
    MaintenanceSummary,
    /// How the values are distributed, by sensor and by day.
    PerformanceSummary,
}

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportFormat {
    /// Every figure.
    Json,
    /// One row for each sensor, alert or task.
    Csv,
    /// A page to read and to print.
    Html,
}

/// A finished report.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Report {
    /// What it covers.
    pub period: Period,
    /// The end of what it knows: the end of the period, or the time of generation when that is
    /// earlier.
    pub as_of: Timestamp,
    /// When it was generated.
    pub generated_at: Timestamp,
    /// What it was computed from.
    pub inputs: Inputs,
    /// Its figures.
    #[serde(flatten)]
    pub figures: Figures,
    /// How each figure is computed.
    pub definitions: &'static [Definition],
}

/// The figures of a report, by its type.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "report_type", content = "figures", rename_all = "snake_case")]
pub enum Figures {
    /// What was unusual, and how it was dealt with.
    AnomalySummary(AnomalySummary),
    /// Whether the sensors report, and how their values moved.
    SystemHealth(SystemHealth),
    /// What was to be done, and what became of it.
    MaintenanceSummary(MaintenanceSummary),
    /// How the values are distributed, by sensor and by day.
    PerformanceSummary(PerformanceSummary),
}

/// How much a report was computed from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Inputs {
    /// Sensors that were taken in.
    pub sensors: u64,
    /// Hours of sensors with readings within the period.
    pub hours: u64,
    /// Readings in these hours.
    pub readings: u64,
    /// Alerts that were taken in.
    pub alerts: u64,
    /// Tasks that were taken in.
    pub tasks: u64,
}

impl Inputs {
    fn sensor(&mut self, hours: &Hours<'_>) {
        self.sensors += 1;
        self.hours += hours.count();
        self.readings = self.readings.saturating_add(hours.readings());
    }
}

/// How a figure is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Definition {
    /// The figure, or several that belong together.
    pub figure: &'static str,
    /// How it is computed.
    pub definition: &'static str,
}

impl Definition {
    const fn new(figure: &'static str, definition: &'static str) -> Self {
        Self { figure, definition }
    }
}

/// What all builders begin with.
#[derive(Debug)]
struct Frame {
    period: Period,
    generated_at: Timestamp,
    calendar: Calendar,
    inputs: Inputs,
}

impl Frame {
    fn new(period: Period, generated_at: Timestamp) -> Self {
        let calendar = Calendar::new(period, generated_at);
        Self { period, generated_at, calendar, inputs: Inputs::default() }
    }

    fn report(self, figures: Figures) -> Report {
        Report {
            period: self.period,
            as_of: self.calendar.as_of,
            generated_at: self.generated_at,
            inputs: self.inputs,
            definitions: figures.definitions(),
            figures,
        }
    }
}

impl Figures {
    const fn report_type(&self) -> ReportType {
        match self {
            Self::AnomalySummary(_) => ReportType::AnomalySummary,
            Self::SystemHealth(_) => ReportType::SystemHealth,
            Self::MaintenanceSummary(_) => ReportType::MaintenanceSummary,
            Self::PerformanceSummary(_) => ReportType::PerformanceSummary,
        }
    }

    fn title(&self) -> &'static str {
        match self {
            Self::AnomalySummary(_) => "Anomaly summary",
            Self::SystemHealth(_) => "System health",
            Self::MaintenanceSummary(_) => "Maintenance summary",
            Self::PerformanceSummary(_) => "Performance summary",
        }
    }

    fn definitions(&self) -> &'static [Definition] {
        match self {
            Self::AnomalySummary(_) => anomalies::DEFINITIONS,
            Self::SystemHealth(_) => health::DEFINITIONS,
            Self::MaintenanceSummary(_) => upkeep::DEFINITIONS,
            Self::PerformanceSummary(_) => performance::DEFINITIONS,
        }
    }
}

impl Report {
    /// One table by RFC 4180, with a header: a row for each alert of an
    /// `anomaly_summary`, each task of a `maintenance_summary`, each sensor of the others. Columns are
    /// named as the fields in JSON.
    ///
    /// Texts that a spreadsheet would take for a formula begin with an apostrophe that is not
    /// theirs; numbers do not.
    #[must_use]
    pub fn csv(&self) -> String {
        match &self.figures {
            Figures::AnomalySummary(figures) => figures.csv(),
            Figures::SystemHealth(figures) => figures.csv(),
            Figures::MaintenanceSummary(figures) => figures.csv(),
            Figures::PerformanceSummary(figures) => figures.csv(),
        }
    }

    /// A page that needs nothing but itself: no script, no address, its style in one `style`
    /// element, its charts in line unless they are not wanted.
    #[must_use]
    pub fn html(&self, include_charts: bool) -> String {
        page::page(self, include_charts)
    }
}
