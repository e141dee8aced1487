//! Writes every report in every format, on invented data, into the directory given as argument, and
//! prints how long each took and the most memory the process had.
//!
//! `cargo run --release -p maintenance --example render_reports -- DIRECTORY [SENSORS] [DAYS]`

use std::{error::Error, fs, path::Path, time::Instant};

use jiff::{SignedDuration, Timestamp};
use kernel::Identifier;
use maintenance::{
    Bucket, Sample, SensorType,
    report::{
        AnomalySummaryBuilder, MaintenanceSummaryBuilder, PerformanceSummaryBuilder, Period, Report, SensorFacts,
        SystemHealthBuilder,
    },
    work::{Alert, Task},
};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let directory = arguments.next().ok_or("give a directory to write to")?;
    let sensors = arguments.next().map_or(Ok(100), |text| text.parse())?;
    let days = arguments.next().map_or(Ok(30), |text| text.parse())?;
    let plant = Plant::new(sensors, days)?;
    fs::create_dir_all(&directory)?;
    let directory = Path::new(&directory);

    write(directory, "anomaly_summary", || plant.anomaly_summary())?;
    write(directory, "maintenance_summary", || plant.maintenance_summary())?;
    write(directory, "system_health", || plant.system_health())?;
    write(directory, "performance_summary", || plant.performance_summary())?;
    println!("peak memory {}", peak_memory()?);
    Ok(())
}

/// Builds a report and writes its three forms. The clock stops before the disk starts.
fn write(
    directory: &Path,
    name: &str,
    build: impl Fn() -> Result<Report, Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let report = build()?;
    let built = start.elapsed();
    let json = serde_json::to_vec(&report)?;
    let csv = report.csv();
    let html = report.html(true);
    let written = start.elapsed();
    fs::write(directory.join(format!("{name}.json")), &json)?;
    fs::write(directory.join(format!("{name}.csv")), &csv)?;
    fs::write(directory.join(format!("{name}.html")), &html)?;
    println!(
        "{name}: built in {built:.1?}, all three forms after {written:.1?}; JSON {}, CSV {}, HTML {} bytes",
        json.len(),
        csv.len(),
        html.len()
    );
    Ok(())
}

/// The most memory this process had, as the kernel counts it.
fn peak_memory() -> Result<String, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("not on Linux")?;
    Ok(line.trim().to_owned())
}

/// An invented plant. Its buckets are made when asked for, so that the memory measured is the report's.
struct Plant {
    sensors: u32,
    hours: i64,
    period: Period,
    generated_at: Timestamp,
}

impl Plant {
    fn new(sensors: u32, days: i64) -> Result<Self, Box<dyn Error>> {
        let from: Timestamp = "2026-03-01T00:00:00Z".parse()?;
        let to = from + SignedDuration::from_hours(24 * days);
        let period = Period::covering(from, to).map_err(|error| format!("{error:?}"))?;
        Ok(Self { sensors, hours: 24 * days, period, generated_at: to + SignedDuration::from_mins(5) })
    }

    fn system_health(&self) -> Result<Report, Box<dyn Error>> {
        let mut builder = SystemHealthBuilder::new(self.period, self.generated_at);
        for number in 0..self.sensors {
            let hours = self.hours(number, self.period.from());
            self.with_facts(number, &hours, |facts| builder.sensor(facts))?;
        }
        self.alerts(|alert| builder.alert(alert))?;
        Ok(builder.finish())
    }

    fn anomaly_summary(&self) -> Result<Report, Box<dyn Error>> {
        let mut builder = AnomalySummaryBuilder::new(self.period, self.generated_at);
        self.alerts(|alert| builder.alert(alert))?;
        Ok(builder.finish())
    }

    fn maintenance_summary(&self) -> Result<Report, Box<dyn Error>> {
        let mut builder = MaintenanceSummaryBuilder::new(self.period, self.generated_at);
        self.tasks(|task| builder.task(task))?;
        Ok(builder.finish())
    }

    fn performance_summary(&self) -> Result<Report, Box<dyn Error>> {
        let mut builder = PerformanceSummaryBuilder::new(self.period, self.generated_at);
        for number in 0..self.sensors {
            let hours = self.hours(number, self.period.from());
            let preceding = self.hours(number + 1000, self.period.preceding().from());
            self.with_facts(number, &hours, |facts| builder.sensor(facts, Some(&preceding)))?;
        }
        Ok(builder.finish())
    }

    /// One alert for each sensor and ten days, more on some.
    fn alerts(&self, mut then: impl FnMut(&Alert)) -> Result<(), Box<dyn Error>> {
        let mut noise = Noise(7);
        for number in 0..i64::from(self.sensors) * self.hours / 240 {
            let skewed = (noise.next() * noise.next() * f64::from(self.sensors)).to_string();
            let sensor = skewed.split('.').next().unwrap_or("0").parse()?;
            let opened = self.period.from() + self.some_time(&mut noise);
            let mut alert = json!({
                "id": format!("alert-{number:032x}"),
                "sensor_id": sensor_id(sensor)?,
                "sensor_type": "temperature",
                "unit": "°C",
                "kind": (KINDS.get(usize::try_from(number % 6)?)),
                "severity": 1 + (number * number) % 7 % 5,
                "opened_at": opened,
                "detected_at": opened + minutes(&mut noise, 3.0),
                "last_seen_at": opened + minutes(&mut noise, 900.0),
                "readings": 1 + number % 40,
                "evidence": {"timestamp": opened, "value": 99.0, "expected": {"low": 60.0, "high": 80.0}, "score": 9.0},
                "actions": [],
                "urgency": {"priority": 3, "due_by": opened + minutes(&mut noise, 9000.0)},
                "task_id": if number % 3 == 0 { Some(format!("task-{number:032x}")) } else { None },
            });
            let acknowledged = json!({"by": "op-1", "at": opened + minutes(&mut noise, 400.0)});
            let resolved = json!({"by": "op-1", "at": opened + minutes(&mut noise, 9000.0)});
            match number % 5 {
                0 => add(&mut alert, &[("status", json!("open"))]),
                1 => add(&mut alert, &[("status", json!("acknowledged")), ("acknowledged", acknowledged)]),
                _ => add(
                    &mut alert,
                    &[("status", json!("resolved")), ("acknowledged", acknowledged), ("resolved", resolved)],
                ),
            }
            then(&serde_json::from_value(alert)?);
        }
        Ok(())
    }

    /// A third as many tasks, in every state.
    fn tasks(&self, mut then: impl FnMut(&Task)) -> Result<(), Box<dyn Error>> {
        let mut noise = Noise(11);
        for number in 0..i64::from(self.sensors) * self.hours / 720 {
            let created = self.period.from() + self.some_time(&mut noise);
            let decided = created + minutes(&mut noise, 1500.0);
            let start = decided + minutes(&mut noise, 4000.0);
            let sensor = sensor_id(u32::try_from(number * 7)? % self.sensors)?;
            let decision = |choice: &str| json!({"decision": choice, "operator_id": "op-1", "at": decided});
            let mut task = json!({
                "id": format!("task-{number:032x}"),
                "title": format!("Level shift on {sensor}"),
                "sensor_id": sensor,
                "priority": 1 + number % 5,
                "duration_minutes": 60 + 30 * (number % 4),
                "due_by": created + minutes(&mut noise, 14_000.0),
                "created_at": created,
                "created_by": "pipeline",
                "decisions": [],
            });
            let assignment = json!({
                "technician_id": format!("technician-{}", number * number % 7),
                "start": start,
                "end": start + SignedDuration::from_mins(60 + 30 * (number % 4)),
                "late": false,
            });
            let done = json!({
                "by": "technician-1",
                "at": start + minutes(&mut noise, 200.0),
                "notes": "done",
                "actual_minutes": 40 + number % 90,
            });
            let approved = ("decisions", json!([decision("approve")]));
            match number % 11 {
                0 => add(&mut task, &[("status", json!("awaiting_approval"))]),
                1 => add(&mut task, &[("status", json!("auto_approved"))]),
                2 => add(&mut task, &[("status", json!("rejected")), ("decisions", json!([decision("reject")]))]),
                3 => add(&mut task, &[("status", json!("scheduled")), ("assignment", assignment), approved]),
                4 => {
                    let cancellation = json!({"by": "op-1", "at": start, "reason": "replaced"});
                    add(&mut task, &[("status", json!("cancelled")), ("cancellation", cancellation), approved]);
                }
                5 => {
                    add(&mut task, &[("status", json!("completed")), ("assignment", assignment), ("completion", done)]);
                }
                _ => add(
                    &mut task,
                    &[("status", json!("completed")), ("assignment", assignment), ("completion", done), approved],
                ),
            }
            then(&serde_json::from_value(task)?);
        }
        Ok(())
    }

    fn some_time(&self, noise: &mut Noise) -> SignedDuration {
        SignedDuration::from_mins(-2000) + minutes(noise, (self.hours * 60 + 2000) as f64)
    }

    fn with_facts(
        &self,
        number: u32,
        hours: &[Bucket],
        then: impl FnOnce(&SensorFacts<'_>),
    ) -> Result<(), Box<dyn Error>> {
        let (sensor_type, unit, _, _) = kind(number);
        let last = hours.last().map(|bucket| Sample {
            timestamp: bucket.timestamp + SignedDuration::from_mins(59),
            value: bucket.mean,
            quality: None,
        });
        then(&SensorFacts {
            sensor_id: &sensor_id(number)?,
            sensor_type,
            unit,
            first_timestamp: self.period.from()
                - SignedDuration::from_hours(if number % 29 == 3 { -200 } else { 9000 }),
            last,
            hours,
        });
        Ok(())
    }

    /// A daily rhythm, noise, now and then a gap, a drift or the end.
    fn hours(&self, number: u32, from: Timestamp) -> Vec<Bucket> {
        let (_, _, level, swing) = kind(number);
        let mut noise = Noise(u64::from(number) + 1);
        let begins = if number % 29 == 3 { 200 } else { 0 };
        let ends = if number % 23 == 7 { self.hours * 3 / 4 } else { self.hours };
        let mut gap_until = 0;
        (begins..ends)
            .filter_map(|hour| {
                if noise.next() < 0.004 {
                    gap_until = hour + 1 + i64::from(number % 17);
                }
                let rhythm = (hour as f64 / 24.0 * std::f64::consts::TAU).sin();
                let drift = if number % 11 == 5 { hour as f64 / self.hours as f64 * 2.0 } else { 0.0 };
                let mean = level + swing * (rhythm + drift + noise.next() - 0.5);
                let (low, high) = (swing * noise.next(), swing * noise.next());
                let bucket = Bucket {
                    timestamp: from + SignedDuration::from_hours(hour),
                    min: mean - low,
                    max: mean + high,
                    mean,
                    count: if number.is_multiple_of(5) { 60 } else { 12 },
                };
                (hour >= gap_until).then_some(bucket)
            })
            .collect()
    }
}

const KINDS: [&str; 6] = ["spike", "level_shift", "drift", "flatline", "spike", "multivariate"];

/// Some whole seconds, at most `most` minutes.
fn minutes(noise: &mut Noise, most: f64) -> SignedDuration {
    SignedDuration::try_from_secs_f64((noise.next() * most * 60.0).round()).unwrap_or(SignedDuration::ZERO)
}

fn add(object: &mut Value, members: &[(&str, Value)]) {
    for (name, value) in members {
        object[name] = value.clone();
    }
}

fn sensor_id(number: u32) -> Result<Identifier, Box<dyn Error>> {
    let name = match number % 9 {
        0 => format!("hall-{}:press-{number:03}:bearing:drive-end:temperature:spare-part-no-7", number % 4),
        1 => format!("pump-{number:03}.vibration"),
        _ => format!("line-{}:motor-{number:03}", number % 6),
    };
    Identifier::parse(&name).map_err(|error| error.to_string().into())
}

/// What a sensor measures, its unit, its level and how far it swings.
fn kind(number: u32) -> (SensorType, &'static str, f64, f64) {
    match number % 5 {
        0 => (SensorType::Temperature, "°C", 71.5, 4.0),
        1 => (SensorType::Vibration, "mm/s", 2.4, 0.3),
        2 => (SensorType::Pressure, "Pa", 101_325.0, 180.0),
        3 => (SensorType::RotationalSpeed, "rpm", 1480.0, 25.0),
        _ => (SensorType::Current, "A", 0.031, 0.004),
    }
}

/// Numbers from 0 to 1 that are the same every time (Knuth's MMIX generator).
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}
