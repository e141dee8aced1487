//! The models among which a sensor's own history decides.
//!
//! All are one: a level that returns to a line. The level is the exponentially smoothed value (Brown 1956; smoothing 1
//! is the last value itself); the line is what the values follow in the long run, level or rising. The forecast starts
//! at the level and loses half the distance to the line with every half-life. Without a return it is simple exponential
//! smoothing, or with a rise the random walk with drift; with an immediate return a mean or a regression line. A season
//! may be taken away first and added again.
//!
//! They are so plain because they are judged at hundreds of points of the past within milliseconds: each is replayed
//! over the whole history once, where a fitted exponential smoothing model takes longer for one of these points.

use super::{ModelName, grid::Series, line::Line, season::Season};

/// How the line goes on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Slope {
    /// Level: the line is a mean.
    Flat,
    /// Rising as before.
    Straight,
    /// Rising ever less: half as much after so many steps (Gardner and McKenzie 1985).
    Damped(f64),
}

/// One model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Model {
    /// The weight of the newest value in the level, above 0, at most 1.
    pub(super) smoothing: f64,
    /// After how many steps half the distance from level to line is gone; infinite for never, 0 for at once.
    pub(super) half_life: f64,
    /// How many steps the line remembers.
    pub(super) memory: f64,
    /// How the line goes on.
    pub(super) slope: Slope,
    /// The steps of a season.
    pub(super) period: Option<f64>,
}

impl Model {
    /// Tomorrow is as today.
    pub(super) const NAIVE: Self =
        Self { smoothing: 1.0, half_life: f64::INFINITY, memory: 1.0, slope: Slope::Flat, period: None };

    /// The forecasts of every origin, a row each, for the leads: what would have been said when the value at the origin
    /// was the last. Not a number before the model has learned its season.
    pub(super) fn replay(&self, series: &Series, origins: &[usize], leads: &[usize]) -> Vec<f64> {
        let mut out = Vec::with_capacity(origins.len() * leads.len());
        let mut season = self.period.map(Season::new);
        let ready = season.as_ref().map_or(0, Season::ready);
        let mut line = Line::new(self.memory);
        let (mut level, mut seen) = (0.0, 0.0_f64);
        let curves: Vec<(f64, f64)> = leads.iter().map(|lead| self.curve(*lead as f64)).collect();
        let mut origins = origins.iter().peekable();
        for (step, value) in series.values.iter().enumerate() {
            if let Some(season) = &mut season {
                season.learn(&series.values, &series.sums, step);
            }
            line.advance();
            level += self.line(&line).1;
            if !value.is_nan() && step >= ready {
                let value = value - season.as_ref().map_or(0.0, |season| season.at(step));
                seen += 1.0;
                level += (value - level) * self.smoothing.max(1.0 / seen);
                line.observe(value);
            }
            if origins.next_if_eq(&&step).is_none() {
                continue;
            }
            let (base, rise) = self.line(&line);
            for (lead, (kept, way)) in leads.iter().zip(&curves) {
                let pattern = season.as_ref().map_or(0.0, |season| season.at(step + lead));
                let forecast = base + (level - base) * kept + rise * way + pattern;
                out.push(if seen > 0.0 { forecast } else { f64::NAN });
            }
        }
        out
    }

    /// Where the line is and how much it rises per step.
    fn line(&self, line: &Line) -> (f64, f64) {
        if self.slope == Slope::Flat { (line.mean(), 0.0) } else { line.fit() }
    }

    /// What to call it.
    pub(super) fn name(&self) -> ModelName {
        match self.slope {
            Slope::Straight => ModelName::Trend,
            Slope::Damped(_) => ModelName::DampedTrend,
            Slope::Flat if self.half_life == 0.0 => ModelName::Mean,
            Slope::Flat if self.half_life.is_finite() => ModelName::MeanReversion,
            Slope::Flat if self.smoothing < 1.0 => ModelName::Level,
            Slope::Flat => ModelName::LastValue,
        }
    }

    /// For one lead: the share of the distance from level to line that is left, and for how many steps the line rises.
    fn curve(&self, lead: f64) -> (f64, f64) {
        let halved = |half_life: f64| (-lead * std::f64::consts::LN_2 / half_life).exp();
        let way = match self.slope {
            Slope::Flat => 0.0,
            Slope::Straight => lead,
            Slope::Damped(half_life) => half_life / std::f64::consts::LN_2 * (1.0 - halved(half_life)),
        };
        (if self.half_life > 0.0 { halved(self.half_life) } else { 0.0 }, way)
    }
}

/// The models worth trying for forecasts of up to `lead` steps: those without a season, and each with each period.
pub(super) fn candidates(length: usize, lead: usize, periods: &[f64]) -> Vec<Model> {
    let (all, lead, never) = (length as f64, lead as f64, f64::INFINITY);
    let mut plain = Vec::new();
    let mut add = |smoothing, half_life, memory, slope| {
        plain.push(Model { smoothing, half_life, memory, slope, period: None });
    };
    for smoothing in [1.0, 0.5, 0.2, 0.07, 0.02] {
        add(smoothing, never, all, Slope::Flat);
    }
    for half_life in [lead / 32.0, lead / 8.0, lead / 2.0, lead * 2.0] {
        for memory in [all / 8.0, all] {
            add(1.0, half_life, memory, Slope::Flat);
            add(0.3, half_life, memory, Slope::Flat);
        }
    }
    add(1.0, 0.0, all, Slope::Flat);
    for memory in [lead / 2.0, all / 10.0, all] {
        add(1.0, 0.0, memory, Slope::Straight);
        add(1.0, never, memory, Slope::Straight);
        add(0.3, never, memory, Slope::Straight);
    }
    for memory in [6.0, lead / 4.0, all / 20.0] {
        add(1.0, never, memory, Slope::Damped(lead / 4.0));
        add(0.3, never, memory, Slope::Damped(lead / 4.0));
    }
    let seasonal =
        periods.iter().flat_map(|period| plain.iter().map(|model| Model { period: Some(*period), ..*model }));
    plain.iter().copied().chain(seasonal).collect()
}
