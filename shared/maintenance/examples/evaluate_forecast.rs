//! Measures forecasts on values they have not seen: real ones of `--data DIR` (machine_temperature.csv) and generated
//! ones, seeded. Prints for each series the mean absolute error, also as a ratio to that of the last value and to that
//! of the same time a period before; how often the bands held, and how often the forecasts said they would; the mean
//! interval score of the 95 % band (Gneiting and Raftery 2007), which is its width and 40 times the distance of values
//! outside; and the time taken.
//!
//! `cargo run --release -p maintenance --example evaluate_forecast -- --data DIR [--repeats 8] [--models]`

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use std::{collections::BTreeMap, path::PathBuf, time::Instant};

use jiff::{SignedDuration, Timestamp};
use maintenance::{Limits, Sample, forecast};

/// How many values are known and how many are forecast.
const SIZES: [(usize, usize); 4] = [(150, 24), (1_000, 60), (2_016, 288), (5_000, 576)];
const REAL_SIZES: [(usize, usize); 8] =
    [(288, 12), (2_016, 12), (2_016, 72), (2_016, 288), (5_000, 12), (5_000, 72), (5_000, 288), (5_000, 2_016)];
const STEP_SECONDS: i64 = 300;

#[derive(Default)]
struct Score {
    error: f64,
    last: f64,
    season: f64,
    within: [f64; 2],
    said: [f64; 2],
    interval: f64,
    points: f64,
    forecasts: f64,
    milliseconds: f64,
    slowest: f64,
    models: BTreeMap<String, u32>,
}

impl Score {
    /// Forecasts the values behind `known` and compares.
    fn add(&mut self, values: &[f64], known: usize, ahead: usize, period: usize) {
        let at = |index: usize| Timestamp::from_second(1_772_366_400 + index as i64 * STEP_SECONDS).unwrap();
        let history: Vec<Sample> = values[..known]
            .iter()
            .enumerate()
            .filter(|(_, value)| !value.is_nan())
            .map(|(index, value)| Sample { timestamp: at(index), value: *value, quality: None })
            .collect();
        let last = history.last().unwrap().value;
        let horizon = SignedDuration::from_secs(ahead as i64 * STEP_SECONDS);
        let start = Instant::now();
        let answer = forecast(&history, at(known - 1), horizon, Limits::default());
        let took = start.elapsed().as_secs_f64() * 1e3;
        let answer = answer.unwrap();
        self.milliseconds += took;
        self.slowest = self.slowest.max(took);
        self.forecasts += 1.0;
        *self
            .models
            .entry(format!(
                "{:?}{}",
                answer.model.name,
                answer.model.season_seconds.map_or_else(String::new, |season| format!(" and season of {season} s"))
            ))
            .or_default() += 1;
        for (said, coverage) in self.said.iter_mut().zip(&answer.coverage) {
            *said += coverage.measured;
        }
        for point in &answer.points {
            let index = usize::try_from((point.timestamp.as_second() - at(0).as_second()) / STEP_SECONDS).unwrap();
            let actual = values[index];
            if actual.is_nan() {
                continue;
            }
            let mut before = index;
            while before >= known {
                before = before.checked_sub(period).unwrap_or(known - 1);
            }
            let before = if values[before].is_nan() { last } else { values[before] };
            self.error += (actual - point.value).abs();
            self.last += (actual - last).abs();
            self.season += (actual - before).abs();
            self.within[0] += f64::from(u8::from(point.low80 <= actual && actual <= point.high80));
            self.within[1] += f64::from(u8::from(point.low95 <= actual && actual <= point.high95));
            let missed = (point.low95 - actual).max(actual - point.high95).max(0.0);
            self.interval += point.high95 - point.low95 + 2.0 / 0.05 * missed;
            self.points += 1.0;
        }
    }

    fn print(&self, name: &str, size: (usize, usize), verbose: bool) {
        let part = |sum: f64| sum / self.points;
        println!(
            "{name:<22} {:>5} {:>5} {:>9.3} {:>6.3} {:>6.3}   {:>5.1} {:>5.1}  {:>5.1} {:>5.1} {:>9.2} {:>6.1} {:>6.1}",
            size.0,
            size.1,
            part(self.error),
            self.error / self.last.max(1e-300),
            self.error / self.season.max(1e-300),
            100.0 * part(self.within[0]),
            100.0 * part(self.within[1]),
            100.0 * self.said[0] / self.forecasts,
            100.0 * self.said[1] / self.forecasts,
            part(self.interval),
            self.milliseconds / self.forecasts,
            self.slowest
        );
        if verbose {
            let mut models: Vec<_> = self.models.iter().collect();
            models.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
            for (model, count) in models.iter().take(6) {
                println!("      {count} {model}");
            }
        }
    }
}

/// Xorshift (Marsaglia 2003), so that every run sees the same series.
struct Noise(u64);

impl Noise {
    fn uniform(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * (1.0 - self.uniform()).ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

const KINDS: [&str; 16] = [
    "constant",
    "level and noise",
    "linear trend",
    "trend to a limit",
    "ramp after level",
    "random walk",
    "walk and noise",
    "autoregressive .95",
    "autoregressive .995",
    "daily season",
    "daily work shifts",
    "season and trend",
    "season on a walk",
    "cycle of 50",
    "restless noise",
    "spikes and gaps",
];

fn generate(kind: &str, count: usize, known: usize, seed: u64) -> Vec<f64> {
    let mut noise = Noise(0x9E37_79B9_7F4A_7C15 ^ (seed + 1).wrapping_mul(0xD134_2543_DE82_EF95));
    for _ in 0..20 {
        noise.uniform();
    }
    let (mut walk, mut calm) = (0.0, 1.0);
    let tau = std::f64::consts::TAU;
    let phase = noise.uniform() * tau;
    (0..count)
        .map(|index| {
            let time = index as f64;
            let day = time / 288.0;
            let daily = (tau * day + phase).sin() + 0.4 * (2.0 * tau * day).cos();
            let draw = noise.normal();
            match kind {
                "constant" => 21.5,
                "level and noise" => 50.0 + draw,
                "linear trend" => 20.0 + 20.0 * time / count as f64 + draw,
                "trend to a limit" => 90.0 - 60.0 * (-2.0 * time / count as f64).exp() + 0.5 * draw,
                "ramp after level" => {
                    let start = known as f64 * 0.8;
                    40.0 + (time - start).max(0.0) * 30.0 / count as f64 + 0.5 * draw
                }
                "random walk" => {
                    walk += draw;
                    walk
                }
                "walk and noise" => {
                    walk += 0.2 * draw;
                    walk + noise.normal()
                }
                "autoregressive .95" => {
                    walk = 0.95 * walk + draw;
                    70.0 + walk
                }
                "autoregressive .995" => {
                    walk = 0.995 * walk + draw;
                    70.0 + walk
                }
                "daily season" => 60.0 + 5.0 * daily + draw,
                "daily work shifts" => 30.0 + if (day + phase).fract() < 0.4 { 15.0 } else { 0.0 } + draw,
                "season and trend" => 60.0 + 5.0 * daily + 15.0 * time / count as f64 + draw,
                "season on a walk" => {
                    walk += 0.1 * draw;
                    60.0 + walk + 3.0 * daily + 0.5 * noise.normal()
                }
                "cycle of 50" => 10.0 + 4.0 * (tau * time / 50.0 + phase).sin() + draw,
                "restless noise" => {
                    calm = (0.98_f64 * f64::ln(calm) + 0.15 * draw).exp();
                    walk = 0.8 * walk + calm * noise.normal();
                    5.0 + walk
                }
                "spikes and gaps" => {
                    let gap = index < known - 1 && (noise.uniform() < 0.1 || (300..340).contains(&(index % 900)));
                    let spike = if noise.uniform() < 0.02 { 12.0 * noise.uniform() } else { 0.0 };
                    if gap { f64::NAN } else { 50.0 + draw + spike }
                }
                other => panic!("{other}"),
            }
        })
        .collect()
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut data = None;
    let mut verbose = false;
    let mut repeats = 8;
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--data" => data = arguments.next().map(PathBuf::from),
            "--models" => verbose = true,
            "--repeats" => repeats = arguments.next().unwrap().parse().unwrap(),
            other => panic!("unknown argument {other}"),
        }
    }
    println!("                                           error against     bands held    said to hold  interval");
    println!(
        "series                 known ahead       MAE   last season    80 %  95 %   80 %  95 %     score     ms max ms"
    );
    if let Some(data) = data {
        let text = std::fs::read_to_string(data.join("machine_temperature.csv")).unwrap();
        let values: Vec<f64> =
            text.lines().skip(1).map(|line| line.split_once(',').unwrap().1.trim().parse().unwrap()).collect();
        for size @ (known, ahead) in REAL_SIZES {
            let mut score = Score::default();
            for start in (0..values.len() - known - ahead).step_by(211) {
                score.add(&values[start..start + known + ahead], known, ahead, 288);
            }
            score.print("machine temperature", size, verbose);
        }
    }
    for kind in KINDS {
        for size @ (known, ahead) in SIZES {
            let mut score = Score::default();
            for seed in 0..repeats {
                let values = generate(kind, known + ahead, known, seed);
                score.add(&values, known, ahead, if kind == "cycle of 50" { 50 } else { 288 });
            }
            score.print(kind, size, verbose);
        }
    }
}
