//! The page of `performance_summary`.

use maud::{Markup, html};

use super::{
    parts::{Column, Kind, MOST_ROWS, Tile, left_out, nothing, number, section, sensor, table, tiles},
    text::{ABSENT, count, deviations, figure, signed},
};
use crate::report::{
    chart::{Arrangement, Band, Caption, Series, bars, lines},
    figures,
    performance::{PerformanceSummary, SensorPerformance},
};

/// How many sensors have a chart of their own.
const MOST_CHARTS: usize = 12;

pub(super) fn body(figures: &PerformanceSummary, include_charts: bool) -> Markup {
    if figures.sensors.is_empty() {
        return nothing("There is no sensor to report on.");
    }
    let ranked = ranked(figures);
    html! {
        (overview(figures))
        (volume(figures, include_charts))
        @if include_charts { (courses(figures, &ranked)) }
        (distributions(figures, &ranked))
    }
}

/// The sensors whose mean changed most come first, then those without a comparison, by id.
fn ranked(figures: &PerformanceSummary) -> Vec<&SensorPerformance> {
    let mut sensors: Vec<&SensorPerformance> = figures.sensors.iter().collect();
    let size = |sensor: &SensorPerformance| sensor.mean_change_in_deviations.map_or(-1.0, f64::abs);
    sensors.sort_by(|one, other| size(other).total_cmp(&size(one)));
    sensors
}

fn overview(figures: &PerformanceSummary) -> Markup {
    let totals = &figures.totals;
    let whole = |count: u64| Some(count as f64);
    let growth = figures::change(totals.preceding_readings.and_then(whole), whole(totals.readings));
    tiles(&[
        Tile {
            name: "Sensors reporting",
            value: count(totals.sensors_reporting),
            remark: format!("of {}", count(totals.sensors)),
        },
        Tile { name: "Readings", value: count(totals.readings), remark: String::new() },
        Tile {
            name: "Readings before",
            value: totals.preceding_readings.map_or(ABSENT.to_owned(), count),
            remark: match growth {
                Some(_) => format!("change {}", signed(growth)),
                None => "not compared".to_owned(),
            },
        },
        Tile {
            name: "Most on a day",
            value: totals.most_readings_a_day.map_or(ABSENT.to_owned(), count),
            remark: "readings".to_owned(),
        },
        Tile {
            name: "Fewest on a day",
            value: totals.fewest_readings_a_day.map_or(ABSENT.to_owned(), count),
            remark: "readings".to_owned(),
        },
    ])
}

fn volume(figures: &PerformanceSummary, include_charts: bool) -> Markup {
    let caption = Caption {
        id: "volume-chart",
        title: "Readings",
        vertical: "readings of all sensors",
        description: "A bar for each day or week, as high as the number of readings of all sensors.",
    };
    let series = [Series { name: "readings", class: "c1", values: &figures.readings_by_day }];
    let columns = [
        Column("Day", "UTC", Kind::Text),
        Column("Readings", "", Kind::Number),
        Column("Sensors reporting", "", Kind::Number),
    ];
    let days = figures.days.iter().zip(&figures.readings_by_day).zip(&figures.sensors_by_day);
    let rows = html! {
        tbody {
            @for ((day, readings), sensors) in days.take(MOST_ROWS) {
                tr { th scope="row" { (day) } (number(&count(*readings))) (number(&count(*sensors))) }
            }
        }
    };
    section(
        "volume",
        "Volume",
        &html! {
            @if include_charts {
                (bars(&caption, &figures.days, &series, Arrangement::Stacked))
            } @else {
                (table("Readings of all sensors by day", &columns, &rows))
                (left_out(figures.days.len().min(MOST_ROWS), figures.days.len(), "days"))
            }
        },
    )
}

fn courses(figures: &PerformanceSummary, ranked: &[&SensorPerformance]) -> Markup {
    let charts: Vec<Markup> = ranked.iter().filter_map(|sensor| course(figures, sensor)).take(MOST_CHARTS).collect();
    section(
        "courses",
        "Course by day",
        &html! {
            @if charts.is_empty() {
                (nothing("No sensor has a reading in the period."))
            } @else {
                p { "The sensors whose mean changed most against the preceding period, in units of their usual variation; then by id." }
                div.grid { @for chart in &charts { (chart) } }
                (left_out(charts.len(), ranked.len(), "sensors"))
            }
        },
    )
}

fn course(figures: &PerformanceSummary, sensor: &SensorPerformance) -> Option<Markup> {
    let vertical = format!("{}, {}", sensor.sensor_type.as_str().replace('_', " "), sensor.unit);
    let description = format!(
        "A line through the daily means, from {} to {} over the period, within a band from the smallest to the largest reading of each day.",
        figure(sensor.min),
        figure(sensor.max),
    );
    let caption = Caption {
        id: &format!("course-{}", sensor.sensor_id),
        title: &sensor.sensor_id,
        vertical: &vertical,
        description: &description,
    };
    let band = Band { low: &sensor.by_day.min, high: &sensor.by_day.max };
    lines::values(&caption, &figures.days, ("daily mean", &sensor.by_day.mean), ("smallest to largest", &band))
}

fn distributions(figures: &PerformanceSummary, ranked: &[&SensorPerformance]) -> Markup {
    let columns = [
        Column("Sensor", "", Kind::Text),
        Column("Readings", "", Kind::Number),
        Column("Min", "", Kind::Number),
        Column("p05", "hourly mean", Kind::Number),
        Column("p50", "hourly mean", Kind::Number),
        Column("p95", "hourly mean", Kind::Number),
        Column("Max", "", Kind::Number),
        Column("Mean", "", Kind::Number),
        Column("Mean before", "", Kind::Number),
        Column("Change", "", Kind::Number),
        Column("Change", "in deviations", Kind::Number),
    ];
    let rows = html! {
        tbody {
            @for row in ranked.iter().take(MOST_ROWS) {
                tr {
                    (sensor(&row.sensor_id, &format!("{}, {}", row.sensor_type.as_str().replace('_', " "), row.unit)))
                    (number(&count(row.readings)))
                    (number(&figure(row.min)))
                    (number(&figure(row.hourly_mean_p05)))
                    (number(&figure(row.hourly_mean_p50)))
                    (number(&figure(row.hourly_mean_p95)))
                    (number(&figure(row.max)))
                    (number(&figure(row.mean)))
                    (number(&figure(row.preceding_mean)))
                    (number(&signed(row.mean_change)))
                    (number(&deviations(row.mean_change_in_deviations)))
                }
            }
        }
        tfoot { tr { th scope="row" { "All " (count(figures.totals.sensors)) " sensors" } (number(&count(figures.totals.readings))) td colspan="9" {} } }
    };
    section(
        "distributions",
        "Distributions",
        &html! {
            (table("Values in each sensor's own unit, the largest changes against the preceding period first", &columns, &rows))
            (left_out(ranked.len().min(MOST_ROWS), ranked.len(), "sensors"))
        },
    )
}
