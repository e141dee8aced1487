//! The page of `anomaly_summary`.

use std::cmp::Reverse;

use jiff::Timestamp;
use maud::{Markup, html};

use super::{
    parts::{Column, Kind, MOST_ROWS, Tile, bar_cell, left_out, nothing, number, section, sensor, table, tiles},
    text::{breakable, count, counted, duration, instant, mean_duration},
};
use crate::{
    report::{
        Durations,
        anomalies::{AlertCounts, AlertFigures, AnomalySummary},
        chart::{Arrangement, Caption, Series, bars, lines},
    },
    work::{AlertStatus, Severity},
};

pub(super) fn body(figures: &AnomalySummary, as_of: Timestamp, include_charts: bool) -> Markup {
    if figures.alerts.is_empty() {
        return nothing("No alert was opened or open in the period.");
    }
    html! {
        (overview(figures))
        @if figures.detected_after_end > 0 {
            p.note {
                (counted(figures.detected_after_end, "alert")) " of this report "
                @if figures.detected_after_end == 1 { "was" } @else { "were" }
                " found after its end, in readings that arrived late. Whatever was done about them came later still and is not in it."
            }
        }
        @if include_charts { (courses(figures)) }
        (response(figures))
        (severities(figures, include_charts))
        (kinds(figures, include_charts))
        (sensors(figures, include_charts))
        (open(figures, as_of))
        (longest(figures))
    }
}

fn overview(figures: &AnomalySummary) -> Markup {
    let totals = &figures.totals;
    let tile = |name, value, remark: String| Tile { name, value, remark };
    tiles(&[
        tile("Opened", count(totals.opened), "in the period".to_owned()),
        tile(
            "Acknowledged",
            count(totals.acknowledged),
            format!("median after {}", mean_duration(figures.time_to_acknowledge.median_seconds)),
        ),
        tile(
            "Resolved",
            count(totals.resolved),
            format!("median after {}", mean_duration(figures.time_to_resolve.median_seconds)),
        ),
        tile("Open at the start", count(figures.open_at_start), String::new()),
        tile(
            "Open at the end",
            count(totals.open_at_end),
            format!("{} not acknowledged", count(figures.unacknowledged_at_end)),
        ),
    ])
}

fn courses(figures: &AnomalySummary) -> Markup {
    const SHADES: [(&str, &str); 5] = [
        ("s1", "severity 1"),
        ("s2", "severity 2"),
        ("s3", "severity 3"),
        ("s4", "severity 4"),
        ("s5", "severity 5 (worst)"),
    ];
    let opened = Caption {
        id: "opened",
        title: "Alerts opened",
        vertical: "alerts",
        description: "For each day or week a stack of bars, one for each severity from 1 at the bottom to 5 at the top.",
    };
    let series: Vec<Series<'_>> = SHADES
        .iter()
        .zip(&figures.by_day.opened_by_severity)
        .map(|((class, name), values)| Series { name, class, values })
        .collect();
    let open = Caption {
        id: "open",
        title: "Open alerts",
        vertical: "alerts open at the end of the day",
        description: "A line through the number of alerts that were open when each day ended.",
    };
    section(
        "course",
        "Course by day",
        &html! {
            (bars(&opened, &figures.days, &series, Arrangement::Stacked))
            (lines::counts(&open, &figures.days, &figures.by_day.open_at_day_end))
        },
    )
}

fn response(figures: &AnomalySummary) -> Markup {
    let columns = [
        Column("From detection to", "", Kind::Text),
        Column("Alerts", "", Kind::Number),
        Column("Mean", "", Kind::Number),
        Column("Median", "", Kind::Number),
        Column("Longest", "", Kind::Number),
    ];
    let row = |name: &str, durations: &Durations| {
        html! {
            tr {
                th scope="row" { (name) }
                (number(&count(durations.count)))
                (number(&mean_duration(durations.mean_seconds)))
                (number(&mean_duration(durations.median_seconds)))
                (number(&duration(durations.longest_seconds)))
            }
        }
    };
    let rows = html! {
        tbody {
            (row("acknowledgement", &figures.time_to_acknowledge))
            (row("resolution", &figures.time_to_resolve))
        }
    };
    section("response", "Response", &table("Alerts acknowledged or resolved in the period", &columns, &rows))
}

/// The columns that several tables have in common, after one that names the row.
fn count_columns(name: &'static str, include_charts: bool) -> Vec<Column> {
    let mut columns = vec![Column(name, "", Kind::Text)];
    if include_charts {
        columns.push(Column("Opened", "", Kind::Bar));
    }
    columns.extend([
        Column(if include_charts { "" } else { "Opened" }, "", Kind::Number),
        Column("Acknowledged", "", Kind::Number),
        Column("Resolved", "", Kind::Number),
        Column("Open at the end", "", Kind::Number),
    ]);
    columns
}

fn counts(counts: &AlertCounts, most: u64, class: &str, include_charts: bool) -> Markup {
    html! {
        @if include_charts { (bar_cell(class, counts.opened, most)) }
        (number(&count(counts.opened)))
        (number(&count(counts.acknowledged)))
        (number(&count(counts.resolved)))
        (number(&count(counts.open_at_end)))
    }
}

fn shade(severity: Severity) -> String {
    format!("s{severity}")
}

fn severities(figures: &AnomalySummary, include_charts: bool) -> Markup {
    let most = figures.by_severity.iter().map(|row| row.counts.opened).max().unwrap_or(0);
    let rows = html! {
        tbody {
            @for row in figures.by_severity.iter().rev() {
                tr {
                    th scope="row" { "Severity " (row.severity) }
                    (counts(&row.counts, most, &shade(row.severity), include_charts))
                }
            }
        }
        tfoot { tr { th scope="row" { "All" } @if include_charts { td.b {} } (counts(&figures.totals, most, "", false)) } }
    };
    let columns = count_columns("Severity", include_charts);
    section("severity", "By severity", &table("Alerts by severity, the worst first", &columns, &rows))
}

fn kinds(figures: &AnomalySummary, include_charts: bool) -> Markup {
    let most = figures.by_kind.iter().map(|row| row.counts.opened).max().unwrap_or(0);
    let rows = html! {
        tbody {
            @for row in &figures.by_kind {
                tr {
                    th scope="row" { (capitalised(&row.kind.as_str().replace('_', " "))) }
                    (counts(&row.counts, most, "c1", include_charts))
                }
            }
        }
    };
    let columns = count_columns("Kind", include_charts);
    section("kind", "By kind", &table("Alerts by what was unusual", &columns, &rows))
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(characters).collect()
}

fn sensors(figures: &AnomalySummary, include_charts: bool) -> Markup {
    let most = figures.by_sensor.iter().map(|row| row.counts.opened).max().unwrap_or(0);
    let shown = figures.by_sensor.len().min(MOST_ROWS);
    let rows = html! {
        tbody {
            @for row in figures.by_sensor.iter().take(MOST_ROWS) {
                tr {
                    (sensor(&row.sensor_id, &format!("worst severity {}", row.worst_severity)))
                    (counts(&row.counts, most, &shade(row.worst_severity), include_charts))
                }
            }
        }
        tfoot {
            tr {
                th scope="row" { "All " (count(figures.by_sensor.len() as u64)) " sensors with alerts" }
                @if include_charts { td.b {} }
                (counts(&figures.totals, most, "", false))
            }
        }
    };
    section(
        "sensors",
        "By sensor",
        &html! {
            (table("Sensors with the most alerts opened", &count_columns("Sensor", include_charts), &rows))
            (left_out(shown, figures.by_sensor.len(), "sensors"))
        },
    )
}

fn kind_and_severity(alert: &AlertFigures) -> String {
    format!("{}, severity {}", alert.kind.as_str().replace('_', " "), alert.severity)
}

fn open(figures: &AnomalySummary, as_of: Timestamp) -> Markup {
    let mut open: Vec<&AlertFigures> = figures.alerts.iter().filter(|alert| alert.resolved_at.is_none()).collect();
    open.sort_by_key(|alert| Reverse(alert.severity));
    let columns = [
        Column("Sensor", "", Kind::Text),
        Column("Opened", "UTC", Kind::Text),
        Column("Open for", "", Kind::Number),
        Column("Last seen", "UTC", Kind::Text),
        Column("Acknowledged", "UTC", Kind::Text),
        Column("Task", "", Kind::Text),
    ];
    let rows = html! {
        tbody {
            @for alert in open.iter().take(MOST_ROWS) {
                tr {
                    (sensor(&alert.sensor_id, &kind_and_severity(alert)))
                    td.t { (instant(Some(alert.opened_at))) }
                    (number(&duration(Some(as_of.duration_since(alert.opened_at).as_secs()))))
                    td.t { (instant(Some(alert.last_seen_at))) }
                    td.t { @if alert.status_at_end == AlertStatus::Open { "not yet" } @else { (instant(alert.acknowledged_at)) } }
                    td.t { @if let Some(task) = &alert.task_id { span.id { (breakable(task)) } } @else { "none" } }
                }
            }
        }
    };
    section(
        "open-alerts",
        "Open at the end",
        &html! {
            @if open.is_empty() {
                (nothing("No alert was open at the end of the report."))
            } @else {
                (table("Alerts that were open at the end, the worst first, then the oldest", &columns, &rows))
                (left_out(open.len().min(MOST_ROWS), open.len(), "open alerts"))
            }
        },
    )
}

fn longest(figures: &AnomalySummary) -> Markup {
    let named = figures.longest_episodes.iter();
    let alerts = named.filter_map(|id| figures.alerts.iter().find(|alert| alert.alert_id == *id));
    let columns = [
        Column("Sensor", "", Kind::Text),
        Column("First reading", "UTC", Kind::Text),
        Column("Last reading", "UTC", Kind::Text),
        Column("Length", "", Kind::Number),
        Column("Unusual readings", "", Kind::Number),
        Column("Status", "", Kind::Text),
    ];
    let rows = html! {
        tbody {
            @for alert in alerts {
                tr {
                    (sensor(&alert.sensor_id, &kind_and_severity(alert)))
                    td.t { (instant(Some(alert.opened_at))) }
                    td.t { (instant(Some(alert.last_seen_at))) }
                    (number(&duration(Some(alert.episode_seconds))))
                    (number(&count(alert.unusual_readings)))
                    td.t { (alert.status_at_end) }
                }
            }
        }
    };
    section(
        "longest",
        "Longest episodes",
        &html! {
            (table("From the first unusual reading to the last", &columns, &rows))
            (left_out(figures.longest_episodes.len(), figures.alerts.len(), "alerts"))
        },
    )
}
