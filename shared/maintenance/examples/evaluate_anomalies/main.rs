//! How well anomalies are found: on generated testbeds, on signals without an anomaly, and on a real recording.
//!
//! ```text
//! cargo run --release -p maintenance --example evaluate_anomalies -- --data DIR
//! ```
//!
//! `DIR` holds `machine_temperature.csv` (`timestamp,value`, in UTC) and `machine_temperature_windows.json` (pairs of
//! first and last time), of the Numenta Anomaly Benchmark. Without `--data` only generated telemetry is judged.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

mod telemetry;

use std::{error::Error, fs, ops::Range, path::Path, time::Instant};

use jiff::Timestamp;
use kernel::Identifier;
use maintenance::anomaly::{Detector, Episode, Point, Sensitivity, Verdict, detect};
use telemetry::{Course, NORMAL, Random, Testbed, testbed};

/// What is tried.
const SENSITIVITIES: [f64; 5] = [0.1, 0.3, 0.5, 0.7, 0.9];
/// Times of a testbed that are only learned from, as in the SKAB benchmark.
const LEARNED: usize = 400;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    for effect in [1.0, 2.0, 4.0] {
        testbeds(effect);
    }
    normal_signals();
    match arguments.iter().position(|argument| argument == "--data").and_then(|place| arguments.get(place + 1)) {
        Some(folder) => machine_temperature(Path::new(folder)),
        None => Ok(()),
    }
}

/// Right and wrong judgements of times.
#[derive(Clone, Copy, Default)]
struct Tally {
    hits: f64,
    false_alarms: f64,
    misses: f64,
    rests: f64,
}

impl Tally {
    fn count(&mut self, anomalous: bool, flagged: bool) {
        *match (anomalous, flagged) {
            (true, true) => &mut self.hits,
            (false, true) => &mut self.false_alarms,
            (true, false) => &mut self.misses,
            (false, false) => &mut self.rests,
        } += 1.0;
    }

    fn f1(self) -> f64 {
        2.0 * self.hits / (2.0 * self.hits + self.false_alarms + self.misses)
    }

    fn text(self) -> String {
        let recall = self.hits / (self.hits + self.misses);
        let false_alarms = self.false_alarms / (self.false_alarms + self.rests);
        format!("F1 {:.3}, recall {recall:.3}, false alarms {false_alarms:.3}", self.f1())
    }
}

fn time(seconds: usize) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + i64::try_from(seconds).unwrap()).unwrap()
}

/// How a testbed is sent.
#[derive(Clone, Copy)]
enum Sent {
    /// Each sensor by itself.
    Alone,
    /// All sensors in one batch.
    Together,
    /// All sensors, 200 times in a batch, with the first 400 as context: within the limit of 5,000 readings.
    Sliced,
}

/// The largest score at each time.
fn scores(bed: &Testbed, sent: Sent) -> Vec<f64> {
    let names: Vec<Identifier> =
        (0..bed.sensors.len()).map(|sensor| Identifier::parse(&format!("s{sensor}")).unwrap()).collect();
    let length = bed.anomalous.len();
    let points = |sensors: Range<usize>, times: Range<usize>| -> Vec<Point<'_>> {
        let places = times.flat_map(|second| sensors.clone().map(move |sensor| (second, sensor)));
        let point = |(second, sensor): (usize, usize)| {
            let value = bed.sensors[sensor][second];
            Point { sensor_id: &names[sensor], timestamp: time(second), value }
        };
        places.map(point).collect()
    };
    let all = 0..bed.sensors.len();
    let batches: Vec<(Vec<Point<'_>>, Vec<Point<'_>>)> = match sent {
        Sent::Alone => all.map(|sensor| (Vec::new(), points(sensor..sensor + 1, 0..length))).collect(),
        Sent::Together => vec![(Vec::new(), points(all, 0..length))],
        Sent::Sliced => (LEARNED..length)
            .step_by(200)
            .map(|start| (points(all.clone(), 0..LEARNED), points(all.clone(), start..length.min(start + 200))))
            .collect(),
    };
    let mut scores = vec![0.0_f64; length];
    for (context, batch) in batches {
        for anomaly in detect(&context, &batch, Sensitivity::new(1.0).unwrap()).anomalies {
            let second = usize::try_from(anomaly.timestamp.duration_since(time(0)).as_secs()).unwrap();
            scores[second] = scores[second].max(anomaly.finding.score);
        }
    }
    scores
}

/// The largest robust z of the mean of ten readings against the first 400.
fn simple_scores(bed: &Testbed) -> Vec<f64> {
    let mut scores = vec![0.0_f64; bed.anomalous.len()];
    let middle = |values: &mut Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    for values in &bed.sensors {
        let mean = |end: usize| {
            let ten = &values[end.saturating_sub(9)..=end];
            ten.iter().sum::<f64>() / ten.len() as f64
        };
        let means: Vec<f64> = (0..values.len()).map(mean).collect();
        let median = middle(&mut means[..LEARNED].to_vec());
        let mut deviations = means[..LEARNED].iter().map(|mean| (mean - median).abs()).collect();
        let spread = (1.4826 * middle(&mut deviations)).max(1e-9);
        for (score, mean) in scores.iter_mut().zip(&means) {
            *score = score.max((mean - median).abs() / spread);
        }
    }
    scores
}

fn tally<'a>(beds: impl Iterator<Item = (&'a Testbed, &'a Vec<f64>)>, limit: f64) -> Tally {
    let mut tally = Tally::default();
    for (bed, scores) in beds {
        for (anomalous, score) in bed.anomalous.iter().zip(scores).skip(LEARNED) {
            tally.count(*anomalous, *score >= limit);
        }
    }
    tally
}

fn testbeds(effect: f64) {
    let beds: Vec<Testbed> = (0..60).map(|seed| testbed(seed, effect)).collect();
    println!("60 testbeds of 8 sensors, effect {effect}; pointwise after the first {LEARNED} times, any sensor counts");
    let simple: Vec<Vec<f64>> = beds.iter().map(simple_scores).collect();
    let best = [3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 12.0, 15.0, 20.0]
        .map(|limit| (limit, tally(beds.iter().zip(&simple), limit)))
        .into_iter()
        .max_by(|one, other| one.1.f1().total_cmp(&other.1.f1()));
    if let Some((limit, tally)) = best {
        println!("  robust z over 10, best of ten limits ({limit}): {}", tally.text());
    }
    for (text, sent) in [("each alone", Sent::Alone), ("together", Sent::Together), ("in slices", Sent::Sliced)] {
        let scores: Vec<Vec<f64>> = beds.iter().map(|bed| scores(bed, sent)).collect();
        for sensitivity in SENSITIVITIES {
            let limit = Sensitivity::new(sensitivity).unwrap().limit();
            println!("  {text}, sensitivity {sensitivity}: {}", tally(beds.iter().zip(&scores), limit).text());
        }
        let course = |course: Course| {
            let beds = beds.iter().zip(&scores).filter(|(bed, _)| bed.course == course);
            format!("{course:?} {:.3}", tally(beds, 1.0).f1())
        };
        println!("  {text}, F1 by course: {}", Course::ALL.map(course).join(", "));
    }
}

fn normal_signals() {
    let (signals, length) = (20, 5000);
    println!("{signals} signals of {length} readings without an anomaly: flagged in 1000, episodes a signal");
    for (name, signal) in NORMAL {
        let mut line = String::new();
        let started = Instant::now();
        for sensitivity in SENSITIVITIES {
            let (mut flagged, mut episodes) = (0_u32, 0_u32);
            for seed in 0..signals {
                let mut detector = Detector::default();
                for (second, value) in signal(&mut Random::new(1000 + seed), length).into_iter().enumerate() {
                    let verdict = detector.observe(time(second), value, Sensitivity::new(sensitivity).unwrap());
                    if let Verdict::Anomalous { episode, .. } = verdict {
                        flagged += 1;
                        episodes += u32::from(episode.flagged == 1);
                    }
                }
            }
            let total = signals as f64 * length as f64;
            line +=
                &format!("  {:.2}, {:.2}", f64::from(flagged) * 1000.0 / total, f64::from(episodes) / signals as f64);
        }
        let each = started.elapsed().as_secs_f64() * 1e6 / (SENSITIVITIES.len() * length) as f64 / signals as f64;
        println!("  {name:>14}:{line}  ({each:.1} us a reading)");
    }
}

fn machine_temperature(folder: &Path) -> Result<(), Box<dyn Error>> {
    let parse = |text: &str| format!("{}Z", text.trim().replace(' ', "T")).parse::<Timestamp>();
    let windows: Vec<(String, String)> =
        serde_json::from_str(&fs::read_to_string(folder.join("machine_temperature_windows.json"))?)?;
    let windows: Vec<(Timestamp, Timestamp)> =
        windows.iter().map(|(first, last)| Ok((parse(first)?, parse(last)?))).collect::<Result<_, jiff::Error>>()?;
    let text = fs::read_to_string(folder.join("machine_temperature.csv"))?;
    let rows: Vec<(Timestamp, f64)> = text
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(','))
        .map(|(timestamp, value)| Ok::<_, Box<dyn Error>>((parse(timestamp)?, value.trim().parse()?)))
        .collect::<Result<_, _>>()?;
    println!("machine_temperature.csv, {} readings as a stream", rows.len());
    for sensitivity in SENSITIVITIES {
        let mut detector = Detector::default();
        let mut inside = vec![0_u32; windows.len()];
        let mut outside = 0_u32;
        let mut episodes: Vec<Episode> = Vec::new();
        for (timestamp, value) in &rows {
            let verdict = detector.observe(*timestamp, *value, Sensitivity::new(sensitivity).unwrap());
            let Verdict::Anomalous { episode, .. } = verdict else { continue };
            match windows.iter().position(|(first, last)| first <= timestamp && timestamp <= last) {
                Some(window) => inside[window] += 1,
                None => outside += 1,
            }
            if episode.flagged > 1 {
                episodes.pop();
            }
            episodes.push(episode);
        }
        let apart =
            |episode: &&Episode| windows.iter().all(|(first, last)| episode.last < *first || *last < episode.opened);
        let false_alarms: Vec<&Episode> = episodes.iter().filter(apart).collect();
        println!(
            "  sensitivity {sensitivity}: flagged in each window {inside:?}, outside {outside}; {} episodes, {} of them \
             outside all windows; state {} bytes",
            episodes.len(),
            false_alarms.len(),
            serde_json::to_string(&detector)?.len(),
        );
        if sensitivity == 0.5 {
            for Episode { opened, last, flagged, kind, score, .. } in false_alarms {
                println!("    outside: {opened} to {last}, {flagged} flagged, {kind:?}, score {score:.2}");
            }
        }
    }
    Ok(())
}
