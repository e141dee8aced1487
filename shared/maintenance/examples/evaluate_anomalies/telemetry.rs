//! Generated telemetry, the same for the same seed.

use std::f64::consts::TAU;

/// A generator of random numbers (SplitMix64).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xD1B5_4A32_D192_ED03)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to 1.
    pub(crate) fn uniform(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn within(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    pub(crate) fn whole(&mut self, low: usize, high: usize) -> usize {
        let span = (high - low) as u64;
        low + usize::try_from(self.next() % span).unwrap()
    }

    fn chance(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    fn sign(&mut self) -> f64 {
        if self.chance(0.5) { -1.0 } else { 1.0 }
    }

    pub(crate) fn normal(&mut self) -> f64 {
        (-2.0 * (1.0 - self.uniform()).ln()).sqrt() * (TAU * self.uniform()).sin()
    }

    /// Student's t with three degrees of freedom.
    pub(crate) fn heavy(&mut self) -> f64 {
        let squares: f64 = (0..3).map(|_| self.normal().powi(2)).sum();
        self.normal() / (squares / 3.0).sqrt()
    }
}

/// How the anomaly of a testbed comes and goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Course {
    Step,
    Ramp,
    Slow,
    Scatter,
}

impl Course {
    pub(crate) const ALL: [Self; 4] = [Self::Step, Self::Ramp, Self::Slow, Self::Scatter];

    /// How strong the anomaly is, `after` readings after its start, when it is `length` readings long.
    fn strength(self, after: f64, length: f64) -> f64 {
        let gone = after - length;
        match self {
            _ if after < 0.0 => 0.0,
            Self::Step | Self::Scatter => f64::from(u8::from(gone < 0.0)),
            Self::Ramp if gone < 0.0 => (after / (0.3 * length)).min(1.0),
            Self::Ramp => (1.0 - gone / 15.0).max(0.0),
            Self::Slow if gone < 0.0 => (after / (0.2 * length)).min(1.0).min(4.0 - 3.5 * after / length),
            Self::Slow => (0.5 - gone / 80.0).max(0.0),
        }
    }
}

/// One recording of a testbed with eight sensors, one reading a second.
pub(crate) struct Testbed {
    pub(crate) course: Course,
    /// For each sensor its values.
    pub(crate) sensors: Vec<Vec<f64>>,
    /// Which times are within the anomaly.
    pub(crate) anomalous: Vec<bool>,
}

/// What one sensor of a testbed is like.
struct Nature {
    noise: f64,
    level: f64,
    memory: f64,
    heavy: bool,
    /// How much of it is the common load.
    share: f64,
    walk: f64,
    ramp: f64,
    /// The step between values, in noise; 0 for none.
    step: f64,
    /// What the anomaly does to the level and the scatter, in noise.
    shift: f64,
    scatter: f64,
}

impl Nature {
    fn new(random: &mut Random, course: Course, effect: f64) -> Self {
        let kind = random.whole(0, 10);
        let shift = random.within(0.7, 4.0) * effect * random.sign();
        let scatter = random.within(1.5, 4.0);
        let scattered = course == Course::Scatter;
        let hit = effect > 0.0;
        Self {
            noise: 10.0_f64.powf(random.within(-3.0, 0.5)),
            level: random.within(-5.0, 100.0),
            memory: [0.0, 0.0, 0.5, 0.9, 0.97][random.whole(0, 5)],
            heavy: random.chance(0.25),
            share: if random.chance(0.4) { random.within(0.0, 0.8) } else { 0.0 },
            walk: if kind == 0 { random.within(0.02, 0.1) } else { 0.0 },
            ramp: if kind == 1 { random.within(-0.01, 0.01) } else { 0.0 },
            step: [0.0, 0.0, 2.0, 5.0].get(kind).copied().unwrap_or(0.0),
            shift: shift * if scattered { 0.3 } else { 1.0 },
            scatter: if scattered && hit { scatter } else { 1.0 },
        }
    }

    fn values(&self, random: &mut Random, load: &[f64], strength: &[f64]) -> Vec<f64> {
        let (mut own, mut walked) = (0.0, 0.0);
        let fresh = (1.0 - self.memory * self.memory).sqrt();
        load.iter()
            .zip(strength)
            .enumerate()
            .map(|(time, (load, strength))| {
                let noise = if self.heavy { 0.7 * random.heavy() } else { random.normal() };
                own = self.memory * own + fresh * noise;
                walked += self.walk * random.normal();
                let scatter = 1.0 + (self.scatter - 1.0) * strength;
                let change = (1.0 - self.share) * own * scatter + self.share * load;
                let value = change + walked + self.ramp * time as f64 + self.shift * strength;
                let value = if self.step > 0.0 { (value / self.step).round() * self.step } else { value };
                self.level + self.noise * value
            })
            .collect()
    }
}

/// A testbed: 420 to 640 normal times, an anomaly of 200 to 420, then normal times again. Two to five sensors show
/// the anomaly, with 0.7 to 4 times `effect` standard deviations.
pub(crate) fn testbed(seed: u64, effect: f64) -> Testbed {
    let mut random = Random::new(seed);
    let length = random.whole(1000, 1250);
    let start = random.whole(420, 640);
    let lasts = random.whole(200, 420);
    let course = Course::ALL[random.whole(0, 4)];
    let affected = random.whole(2, 6);
    let first = random.whole(0, 8);
    let strength: Vec<f64> =
        (0..length).map(|time| course.strength(time as f64 - start as f64, lasts as f64)).collect();
    let memory = random.within(0.7, 0.99);
    let mut load = 0.0;
    let load: Vec<f64> = (0..length)
        .map(|_| {
            load = memory * load + random.normal() * (1.0_f64 - memory * memory).sqrt();
            load
        })
        .collect();
    let sensors = (0..8)
        .map(|sensor| {
            let hit = (sensor + first) % 8 < affected;
            let nature = Nature::new(&mut random, course, if hit { effect } else { 0.0 });
            nature.values(&mut random, &load, &strength)
        })
        .collect();
    let anomalous = (0..length).map(|time| time >= start && time < start + lasts).collect();
    Testbed { course, sensors, anomalous }
}

type Signal = fn(&mut Random, usize) -> Vec<f64>;

fn autoregressive(random: &mut Random, count: usize, memory: f64) -> Vec<f64> {
    let mut level = 0.0;
    (0..count)
        .map(|_| {
            level = memory * level + random.normal();
            level
        })
        .collect()
}

fn seasonal(random: &mut Random, count: usize, period: f64, noise: f64) -> Vec<f64> {
    let phase = random.within(0.0, TAU);
    (0..count).map(|time| 10.0 * (time as f64 / period * TAU + phase).sin() + noise * random.normal()).collect()
}

/// Signals without an anomaly.
pub(crate) const NORMAL: [(&str, Signal); 13] = [
    ("white noise", |random, count| (0..count).map(|_| random.normal()).collect()),
    ("heavy tails", |random, count| (0..count).map(|_| random.heavy()).collect()),
    ("memory 0.9", |random, count| autoregressive(random, count, 0.9)),
    ("memory 0.99", |random, count| autoregressive(random, count, 0.99)),
    ("random walk", |random, count| autoregressive(random, count, 1.0)),
    ("season of 24", |random, count| seasonal(random, count, 24.0, 1.0)),
    ("season of 288", |random, count| seasonal(random, count, 288.0, 1.0)),
    ("season of 1440", |random, count| seasonal(random, count, 1440.0, 0.5)),
    ("warm-up", |random, count| {
        let time = random.within(100.0, 1500.0);
        (0..count).map(|reading| 0.3 * random.normal() - 50.0 * (-(reading as f64) / time).exp()).collect()
    }),
    ("ramp", |random, count| {
        let slope = random.within(-0.02, 0.02);
        (0..count).map(|reading| slope * reading as f64 + random.normal()).collect()
    }),
    ("coarse steps", |random, count| {
        let noise = random.within(0.1, 0.5);
        (0..count).map(|_| (32.0 + noise * random.normal()).round()).collect()
    }),
    ("fine steps", |random, count| {
        let values = autoregressive(random, count, 0.98);
        values.into_iter().map(|value| 32.0 + (0.4 * value).round() / 100.0).collect()
    }),
    ("on and off", |random, count| {
        let (mut on, mut left) = (0.0, 0);
        (0..count)
            .map(|_| {
                if left == 0 {
                    on = 20.0 - on;
                    left = random.whole(20, 200);
                }
                left -= 1;
                on + random.normal()
            })
            .collect()
    }),
];
