//! The page of `system_health`.

use std::cmp::Reverse;

use maud::{Markup, html};

use super::{
    parts::{Column, Kind, MOST_ROWS, Tile, left_out, nothing, number, section, sensor, table, tiles},
    text::{ABSENT, count, counted, deviations, duration, figure, instant, percent, signed},
};
use crate::report::{
    chart::{Shade, strip, strip_axis},
    health::{SensorHealth, SystemHealth},
};

/// How many changes are worth a look.
const MOST_CHANGES: usize = 10;

pub(super) fn body(figures: &SystemHealth, include_charts: bool) -> Markup {
    if figures.sensors.is_empty() {
        return nothing("There is no sensor to report on.");
    }
    html! {
        (overview(figures))
        (silent(figures))
        (coverage(figures, include_charts))
        (changes(figures))
        (values(figures))
    }
}

fn overview(figures: &SystemHealth) -> Markup {
    let totals = &figures.totals;
    tiles(&[
        Tile {
            name: "Sensors reporting",
            value: count(totals.sensors_reporting),
            remark: format!("of {}", count(totals.sensors)),
        },
        Tile { name: "Silent at the end", value: count(totals.sensors_silent), remark: String::new() },
        Tile {
            name: "Coverage",
            value: percent(totals.coverage),
            remark: format!("{} of {} sensor hours", count(totals.hours_with_data), count(totals.hours_expected)),
        },
        Tile {
            name: "Coverage below 90\u{a0}%",
            value: count(totals.sensors_with_low_coverage),
            remark: if totals.sensors_with_low_coverage == 1 { "sensor" } else { "sensors" }.to_owned(),
        },
        Tile {
            name: "Open alerts",
            value: count(totals.alerts_open),
            remark: format!("on {}", counted(totals.sensors_with_open_alerts, "sensor")),
        },
        Tile { name: "Readings", value: count(totals.readings), remark: String::new() },
    ])
}

fn remark(sensor: &SensorHealth) -> String {
    format!("{}, {}", sensor.sensor_type.as_str().replace('_', " "), sensor.unit)
}

fn silent(figures: &SystemHealth) -> Markup {
    let mut silent: Vec<&SensorHealth> = figures.sensors.iter().filter(|sensor| sensor.silent).collect();
    silent.sort_by_key(|sensor| Reverse(sensor.last_age_seconds));
    let columns = [
        Column("Sensor", "", Kind::Text),
        Column("Last reading", "UTC", Kind::Text),
        Column("Age at the end", "", Kind::Number),
        Column("Last value", "", Kind::Number),
        Column("Open alerts", "", Kind::Number),
    ];
    let rows = html! {
        tbody {
            @for silent in silent.iter().take(MOST_ROWS) {
                tr {
                    (sensor(&silent.sensor_id, &remark(silent)))
                    td.t { (instant(silent.last_timestamp)) }
                    (number(&duration(silent.last_age_seconds)))
                    (number(&with_unit(silent)))
                    (number(&count(silent.alerts_open)))
                }
            }
        }
    };
    section(
        "silent",
        "Silent sensors",
        &html! {
            @if silent.is_empty() {
                (nothing("No sensor had stopped reporting at the end of the report."))
            } @else {
                (table("Sensors that had stopped reporting, the longest silent first", &columns, &rows))
                (left_out(silent.len().min(MOST_ROWS), silent.len(), "silent sensors"))
            }
        },
    )
}

fn with_unit(sensor: &SensorHealth) -> String {
    match sensor.last_value {
        Some(value) => format!("{} {}", figure(Some(value)), sensor.unit),
        None => ABSENT.to_owned(),
    }
}

/// The sensors with the lowest coverage first.
fn coverage(figures: &SystemHealth, include_charts: bool) -> Markup {
    let mut sensors: Vec<&SensorHealth> = figures.sensors.iter().collect();
    sensors.sort_by(|one, other| {
        let order = |sensor: &SensorHealth| sensor.coverage.unwrap_or(f64::INFINITY);
        order(one).total_cmp(&order(other)).then_with(|| one.sensor_id.cmp(&other.sensor_id))
    });
    let mut columns = vec![Column("Sensor", "", Kind::Text)];
    if include_charts {
        columns.push(Column("By day", "share of hours with readings", Kind::Bar));
    }
    columns.extend([
        Column("Coverage", "", Kind::Number),
        Column("Readings", "", Kind::Number),
        Column("Gaps", "", Kind::Number),
        Column("Longest gap", "", Kind::Number),
        Column("Longest began", "UTC", Kind::Text),
    ]);
    let totals = &figures.totals;
    let rows = html! {
        tbody {
            @for row in sensors.iter().take(MOST_ROWS) {
                tr {
                    (sensor(&row.sensor_id, ""))
                    @if include_charts {
                        td.b { (strip(&format!("Coverage of {} by day", row.sensor_id), &row.coverage_by_day)) }
                    }
                    (number(&percent(row.coverage)))
                    (number(&count(row.readings)))
                    (number(&count(row.gaps)))
                    (number(&if row.gaps > 0 { duration(i64::try_from(row.longest_gap_hours * 3600).ok()) } else { ABSENT.to_owned() }))
                    td.t { (instant(row.longest_gap_start)) }
                }
            }
            @if include_charts && !figures.days.is_empty() {
                tr.axis { th {} td.b { (strip_axis(&figures.days)) } td colspan="5" {} }
            }
        }
        tfoot {
            tr {
                th scope="row" { "All " (count(totals.sensors)) " sensors" }
                @if include_charts { td.b {} }
                (number(&percent(totals.coverage)))
                (number(&count(totals.readings)))
                (number(&count(totals.gaps)))
                td.n {} td.t {}
            }
        }
    };
    section(
        "coverage",
        "Coverage",
        &html! {
            @if include_charts { (Shade::legend()) }
            (table("Hours with readings, the least covered sensors first", &columns, &rows))
            (left_out(sensors.len().min(MOST_ROWS), sensors.len(), "sensors"))
        },
    )
}

fn changes(figures: &SystemHealth) -> Markup {
    let mut changed: Vec<(&SensorHealth, f64)> =
        figures.sensors.iter().filter_map(|sensor| Some((sensor, sensor.change_in_deviations?.abs()))).collect();
    changed.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    let columns = [
        Column("Sensor", "", Kind::Text),
        Column("First half", "mean", Kind::Number),
        Column("Second half", "mean", Kind::Number),
        Column("Change", "", Kind::Number),
        Column("Change", "in deviations", Kind::Number),
    ];
    let rows = html! {
        tbody {
            @for (row, _) in changed.iter().take(MOST_CHANGES) {
                tr {
                    (sensor(&row.sensor_id, &remark(row)))
                    (number(&figure(row.first_half_mean)))
                    (number(&figure(row.second_half_mean)))
                    (number(&signed(row.change)))
                    (number(&deviations(row.change_in_deviations)))
                }
            }
        }
    };
    section(
        "changes",
        "Largest changes within the period",
        &html! {
            @if changed.is_empty() {
                (nothing("No sensor has readings that vary in both halves of the period."))
            } @else {
                (table("From the first half to the second, in units of each sensor's usual variation", &columns, &rows))
                (left_out(changed.len().min(MOST_CHANGES), changed.len(), "sensors"))
            }
        },
    )
}

fn values(figures: &SystemHealth) -> Markup {
    let columns = [
        Column("Sensor", "", Kind::Text),
        Column("Min", "", Kind::Number),
        Column("Mean", "", Kind::Number),
        Column("Max", "", Kind::Number),
        Column("Last", "", Kind::Number),
        Column("Last at", "UTC", Kind::Text),
        Column("Open alerts", "", Kind::Number),
    ];
    let mut sensors: Vec<&SensorHealth> = figures.sensors.iter().collect();
    sensors.sort_by_key(|sensor| Reverse(sensor.alerts_open));
    let rows = html! {
        tbody {
            @for row in sensors.iter().take(MOST_ROWS) {
                tr {
                    (sensor(&row.sensor_id, &remark(row)))
                    (number(&figure(row.min)))
                    (number(&figure(row.mean)))
                    (number(&figure(row.max)))
                    (number(&figure(row.last_value)))
                    td.t { (instant(row.last_timestamp)) }
                    (number(&count(row.alerts_open)))
                }
            }
        }
    };
    section(
        "values",
        "Values",
        &html! {
            (table("Readings in each sensor's own unit, those with the most open alerts first, then by id", &columns, &rows))
            (left_out(sensors.len().min(MOST_ROWS), sensors.len(), "sensors"))
        },
    )
}
