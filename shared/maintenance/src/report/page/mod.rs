//! A report as one page: no script, no address, nothing but what the report says. Everything a client
//! named goes through `maud`, which escapes it.

mod anomalies;
mod health;
mod parts;
mod performance;
pub(in crate::report) mod text;
mod upkeep;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{Definition, Figures, Report};
use text::{count, counted, instant};

const STYLE: &str = include_str!("style.css");

pub(super) fn page(report: &Report, include_charts: bool) -> String {
    let title = report.figures.title();
    let (from, to) = (report.period.from(), report.period.to());
    let body = match &report.figures {
        Figures::AnomalySummary(figures) => anomalies::body(figures, report.as_of, include_charts),
        Figures::SystemHealth(figures) => health::body(figures, include_charts),
        Figures::MaintenanceSummary(figures) => upkeep::body(figures, report.as_of, include_charts),
        Figures::PerformanceSummary(figures) => performance::body(figures, include_charts),
    };
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) ", " (from.strftime("%F")) " to " (to.strftime("%F")) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    header {
                        p.kind { "Maintenance report" }
                        h1 { (title) }
                        p.period { (instant(Some(from))) " to " (instant(Some(to))) " UTC" span { (length(report)) } }
                        @if report.as_of < to {
                            p.note {
                                "The period was not over when this report was generated. It covers what happened before "
                                (instant(Some(report.as_of))) " UTC."
                            }
                        }
                    }
                    (body)
                    (definitions(report.definitions))
                    (provenance(report))
                }
            }
        }
    };
    markup.into_string()
}

fn length(report: &Report) -> String {
    let hours = u64::try_from(report.period.to().duration_since(report.period.from()).as_hours()).unwrap_or(0);
    if hours.is_multiple_of(24) { counted(hours / 24, "day") } else { counted(hours, "hour") }
}

fn definitions(definitions: &[Definition]) -> Markup {
    html! {
        section aria-labelledby="definitions" {
            h2 id="definitions" { "How the figures are computed" }
            dl.definitions {
                @for Definition { figure, definition } in definitions {
                    div { dt { code { (figure) } } dd { (definition) } }
                }
            }
            p.note {
                "Figures on this page are rounded to five digits; the JSON and CSV of this report have ten. Days and hours are those of UTC. "
                "– stands for a figure that is not defined, such as the mean of nothing."
            }
        }
    }
}

fn provenance(report: &Report) -> Markup {
    let inputs = &report.inputs;
    html! {
        footer {
            p {
                "Generated " (instant(Some(report.generated_at))) " UTC from "
                (counted(inputs.sensors, "sensor")) " with " (counted(inputs.readings, "reading")) " in "
                (count(inputs.hours)) " sensor hours, " (counted(inputs.alerts, "alert")) " and " (counted(inputs.tasks, "task"))
                ". The same stored data give the same report."
            }
        }
    }
}
