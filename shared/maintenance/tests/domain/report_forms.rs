//! Reports as JSON, CSV and pages.

use std::collections::BTreeMap;

use jiff::Timestamp;
use maintenance::{
    report::{
        AnomalySummaryBuilder, MaintenanceSummaryBuilder, PerformanceSummaryBuilder, Period, Report,
        SystemHealthBuilder,
    },
    work::AlertKind,
};
use serde_json::Value;

use crate::{
    report::{health, performance},
    report_some::{AlertTold, Fate, HOURS, TaskTold, Told, Work, bucket, id, later, period},
    report_work::{anomalies, upkeep},
    some::{HOUR, at},
};

const LONGEST_ID: &str = "-hall-3:press-027:bearing.drive-end.temperature_spare-part-no-77";
const HOSTILE: &str = "<b>\"x\"&'";

/// Two sensors, one of them named to make trouble.
fn sensors() -> Vec<Told> {
    let told = |name: &str, unit: &str, hours: std::ops::Range<i64>, level: f64| Told {
        sensor_id: id(name),
        unit: unit.to_owned(),
        first: at(-100 * HOUR),
        last: Some(maintenance::Sample { timestamp: at(hours.end * HOUR - 1), value: level, quality: None }),
        hours: hours
            .map(|hour| bucket(hour, [level - 1.0, level + (hour % 24) as f64 / 100.0, level + 2.0], 60))
            .collect(),
        preceding: (-HOURS..0)
            .map(|hour| bucket(hour, [level - 2.0, level - 1.0 + (hour % 5) as f64 / 10.0, level], 60))
            .collect(),
    };
    vec![told("pump-1", "mm/s", 0..HOURS, 2.5), told(LONGEST_ID, HOSTILE, 5..60, 101_325.0)]
}

fn alerts() -> Vec<AlertTold> {
    let alert = |severity, opened, acknowledged, resolved| AlertTold {
        sensor: severity % 3,
        kind: AlertKind::ALL[usize::from(severity)],
        severity,
        opened,
        detected: opened + 30,
        seen: opened + 4000,
        acknowledged,
        resolved,
    };
    vec![
        alert(2, -4000, Some(-3000), Some(7200)),
        alert(5, 10_000, Some(11_000), Some(60_000)),
        alert(3, 90_000, Some(95_000), None),
        alert(4, 200_000, None, None),
    ]
}

fn tasks() -> Vec<TaskTold> {
    let task = |title: &str, priority, due, fate| TaskTold {
        title: title.to_owned(),
        priority,
        created: 3600 * i64::from(priority),
        due: Some(due),
        deferred: None,
        fate,
    };
    let work = Work::Scheduled(1, 100_000, 90, Some((106_000, Some(75))));
    vec![
        task("=HYPERLINK(\"http://x\"), \"quoted\"\nand\tbroken", 5, 150_000, Fate::Approved(Some(40_000), work)),
        task("<script>alert(1)</script>", 4, 90_000, Fate::Waiting),
        task("@Lubricate", 2, 400_000, Fate::Approved(None, Work::Scheduled(2, 220_000, 120, None))),
        task("Look", 1, 90_000, Fate::Rejected(50_000)),
    ]
}

/// One report of each type by the name of its type.
fn reports() -> [(&'static str, Report); 4] {
    [
        ("anomaly_summary", anomalies(period(), later(), &alerts())),
        ("system_health", health(period(), later(), &sensors(), &alerts())),
        ("maintenance_summary", upkeep(period(), later(), &tasks())),
        ("performance_summary", performance(period(), later(), &sensors())),
    ]
}

/// One report of each type on nothing, over `period`.
fn empty(period: Period, generated_at: Timestamp) -> [Report; 4] {
    [
        AnomalySummaryBuilder::new(period, generated_at).finish(),
        SystemHealthBuilder::new(period, generated_at).finish(),
        MaintenanceSummaryBuilder::new(period, generated_at).finish(),
        PerformanceSummaryBuilder::new(period, generated_at).finish(),
    ]
}

/// Compares with what was reviewed. `GOLDEN=write cargo test` writes it anew.
fn golden(name: &str, text: &str) {
    let path = format!("{}/tests/golden/{name}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var("GOLDEN").is_ok_and(|value| value == "write") {
        std::fs::write(&path, text).unwrap();
    }
    let reviewed = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text.replace("\r\n", "\n"), reviewed.replace("\r\n", "\n"), "{name}");
}

#[test]
fn the_same_data_give_the_reviewed_bytes() {
    for (name, report) in reports() {
        golden(&format!("report_{name}.json"), &(serde_json::to_string_pretty(&report).unwrap() + "\n"));
        golden(&format!("report_{name}.csv"), &report.csv());
    }
}

#[test]
fn every_report_says_what_it_is_and_how_its_figures_are_computed() {
    for (name, report) in reports() {
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(json["report_type"], name);
        assert_eq!(json["period"]["from"], period().from().to_string());
        assert_eq!(json["generated_at"], later().to_string());
        assert!(json["figures"].is_object() && json["inputs"].is_object());
        assert!(json["definitions"].as_array().unwrap().len() >= 8);
        let html = report.html(true);
        for definition in report.definitions {
            assert!(html.contains(&escaped(definition.definition)), "{}", definition.figure);
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[test]
fn the_schema_has_all_types_and_describes_what_is_written() {
    let schema = serde_json::to_value(schemars::schema_for!(Report)).unwrap();
    let types: Vec<&str> = schema["oneOf"]
        .as_array()
        .unwrap()
        .iter()
        .map(|variant| variant["properties"]["report_type"]["const"].as_str().unwrap())
        .collect();
    assert_eq!(types, reports().map(|(name, _)| name));
    for name in ["period", "as_of", "generated_at", "inputs", "definitions"] {
        assert!(schema["properties"][name].is_object(), "{name}");
    }
}

fn parsed(csv: &str) -> (Vec<String>, Vec<BTreeMap<String, String>>) {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let row = |record: csv::StringRecord| header.iter().cloned().zip(record.iter().map(str::to_owned)).collect();
    let rows = reader.records().map(|record| row(record.unwrap())).collect();
    (header, rows)
}

/// A JSON value as its CSV field; texts may have an apostrophe in front.
fn field(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) if text.starts_with(['=', '+', '-', '@']) => format!("'{text}"),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[test]
fn a_table_reads_back_as_the_rows_of_the_json() {
    for ((name, report), rows_in) in reports().into_iter().zip(["alerts", "sensors", "tasks", "sensors"]) {
        let json = serde_json::to_value(&report).unwrap();
        let expected = json["figures"][rows_in].as_array().unwrap();
        let (header, rows) = parsed(&report.csv());
        assert!(report.csv().ends_with("\r\n"));
        assert_eq!(rows.len(), expected.len());
        for (row, object) in rows.iter().zip(expected) {
            for column in &header {
                let value = object.get(column).unwrap_or_else(|| panic!("{name} has no {column}"));
                match (row[column].parse::<f64>(), value.as_f64()) {
                    (Ok(got), Some(expected)) => assert_eq!(got.to_bits(), expected.to_bits(), "{column}"),
                    _ => assert_eq!(row[column], field(value), "{name} {column}"),
                }
            }
        }
    }
}

#[test]
fn no_cell_begins_like_a_formula_unless_it_is_a_number() {
    for (name, report) in reports() {
        for row in parsed(&report.csv()).1 {
            for (column, cell) in row {
                let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
                assert!(!is_formula || cell.parse::<f64>().is_ok(), "{name} {column}: {cell}");
            }
        }
    }
    let csv = reports()[2].1.csv();
    assert!(csv.contains("\"'=HYPERLINK(\"\"http://x\"\"), \"\"quoted\"\"\nand\tbroken\""), "{csv}");
}

/// The names and attributes of every tag; panics where tags are not nested.
fn tags(html: &str) -> Vec<(String, String)> {
    const VOID: [&str; 3] = ["meta", "wbr", "!DOCTYPE"];
    let mut open = Vec::new();
    let mut tags = Vec::new();
    // The style sheet is text that contains no tag.
    for piece in html.split('<').skip(1) {
        let (tag, _) = piece.split_once('>').expect("a tag ends");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "{tag}");
            continue;
        }
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        if !VOID.contains(&name) {
            open.push(name.to_owned());
        }
        tags.push((name.to_owned(), attributes.to_owned()));
    }
    assert!(open.is_empty(), "{open:?}");
    tags
}

/// The names of attributes, and their values without quotes.
fn attributes(text: &str) -> Vec<(&str, &str)> {
    let mut rest = text.trim();
    let mut attributes = Vec::new();
    while !rest.is_empty() {
        let (name, after) = rest.split_once("=\"").unwrap_or((rest, "\""));
        let (value, after) = after.split_once('"').expect("a value ends");
        attributes.push((name.trim(), value));
        rest = after.trim();
    }
    attributes
}

#[test]
fn a_page_needs_no_script_no_address_and_no_style_attribute() {
    for (name, report) in reports() {
        let html = report.html(true);
        for (tag, text) in tags(&html) {
            assert!(
                !["script", "link", "img", "iframe", "object", "use", "image", "a"].contains(&tag.as_str()),
                "{name}: {tag}"
            );
            for (attribute, value) in attributes(&text) {
                assert!(!attribute.starts_with("on") && attribute != "style", "{name}: {tag} {attribute}");
                assert!(!["href", "src", "xlink:href", "action"].contains(&attribute), "{name}: {tag} {attribute}");
                assert!(!value.contains("http") && !value.contains("javascript:"), "{name}: {tag} {attribute}={value}");
            }
        }
        let style = html.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
        assert!(!style.contains("url(") && !style.contains("@import") && !style.contains('<'));
        assert!(!html.contains("http://") || name == "maintenance_summary");
    }
}

#[test]
fn what_clients_name_is_escaped() {
    let [_, (_, health), (_, upkeep), (_, performance)] = reports();
    for page in [health.html(true), performance.html(true)] {
        assert!(!page.contains("<b>") && page.contains("&lt;b&gt;&quot;x&quot;&amp;'"), "{page}");
    }
    let page = upkeep.html(true);
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
}

#[test]
fn names_on_a_page_are_unique_and_what_refers_to_them_finds_them() {
    for (name, report) in reports() {
        let html = report.html(true);
        let all: Vec<(String, String)> = tags(&html)
            .iter()
            .flat_map(|(_, text)| {
                attributes(text)
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
                    .collect::<Vec<_>>()
            })
            .collect();
        let mut ids: Vec<&str> = all.iter().filter(|(name, _)| name == "id").map(|(_, value)| value.as_str()).collect();
        for (_, value) in all.iter().filter(|(name, _)| name == "aria-labelledby") {
            assert!(value.split(' ').all(|id| ids.contains(&id)), "{name}: {value}");
        }
        ids.sort_unstable();
        assert!(ids.windows(2).all(|pair| pair[0] != pair[1]), "{name}: {ids:?}");
    }
}

#[test]
fn charts_can_be_left_out() {
    for (name, report) in reports() {
        assert!(report.html(true).contains("<svg"), "{name}");
        let plain = report.html(false);
        assert!(!plain.contains("<svg") && !plain.contains("<rect"), "{name}");
        tags(&plain);
        assert_eq!(report.html(true).matches("<h1>").count(), plain.matches("<h1>").count());
    }
}

#[test]
fn a_report_on_nothing_says_so() {
    for report in empty(period(), later()) {
        let json = serde_json::to_string(&report).unwrap();
        assert!(!json.contains("NaN"), "{json}");
        assert_eq!(parsed(&report.csv()).1.len(), 0);
        for html in [report.html(true), report.html(false)] {
            tags(&html);
            assert!(html.contains("class=\"nothing\"") && !html.contains("NaN"), "{html}");
        }
        assert_eq!(report.inputs.readings, 0);
    }
}

#[test]
fn a_report_on_a_period_that_has_not_begun_is_empty() {
    let before = at(-5 * HOUR);
    let mut reports = empty(period(), before).to_vec();
    reports.push(health(period(), before, &sensors(), &alerts()));
    reports.push(performance(period(), before, &sensors()));
    reports.push(upkeep(period(), before, &tasks()));
    reports.push(anomalies(period(), before, &alerts()));
    for report in reports {
        assert_eq!((report.as_of, report.inputs.readings), (period().from(), 0));
        tags(&report.html(true));
        assert!(report.html(true).contains("The period was not over"));
    }
}

#[test]
fn a_hundred_sensors_make_no_endless_table() {
    let many: Vec<Told> = (0..100)
        .map(|number| Told { sensor_id: id(&format!("{}-{number:03}", &LONGEST_ID[..60])), ..sensors().remove(0) })
        .collect();
    for report in [health(period(), later(), &many, &[]), performance(period(), later(), &many)] {
        let html = report.html(true);
        assert!(html.contains("25 of 100 sensors are shown"));
        assert!(html.contains("All 100 sensors"));
        assert!(html.len() < 100_000, "{}", html.len());
        assert_eq!(parsed(&report.csv()).1.len(), 100);
    }
}

#[test]
fn a_year_of_days_still_makes_readable_charts() {
    let year = Period::covering(at(0), at(365 * 24 * HOUR)).unwrap();
    let hours: Vec<i64> = (0..365 * 24).step_by(6).collect();
    let told =
        Told { hours: hours.iter().map(|hour| bucket(*hour, [1.0, 2.0, 3.0], 5)).collect(), ..sensors().remove(0) };
    let html = performance(year, at(366 * 24 * HOUR), &[told]).html(true);
    assert!(html.contains("readings of all sensors, by week"));
    let bars = html.matches("and the 6 days after").count();
    assert_eq!((bars, html.matches("and the day after").count()), (52, 1));
}
