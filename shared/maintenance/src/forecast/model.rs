//! The models among which a sensor's own history decides.
//!
//! All are one: a level that returns to a line. The level is the exponentially smoothed value (Brown 1956, `smoothing`
//! 1 is the last value itself); the line is what the values follow in the long run, level or rising. The forecast starts
//! at the level and loses the distance to the line by half every `half_life` steps. Without a return it is simple
//! exponential smoothing, or with a rise the random walk with drift; with an immediate return a mean or a regression
//! line. A season may be taken away first and added again.

use super::{
    line::Line,
    season::{Season, Sums},
};

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
    pub(super) period: Option<usize>,
}

impl Model {
    /// Tomorrow is as today.
    pub(super) const NAIVE: Self =
        Self { smoothing: 1.0, half_life: f64::INFINITY, memory: 1.0, slope: Slope::Flat, period: None };

    /// The forecasts of every origin, a row each, for the leads: what would have been said when the value at the origin
    /// was the last. Not a number before the model has learned its season.
    pub(super) fn replay(&self, values: &[f64], sums: &Sums, origins: &[usize], leads: &[usize]) -> Vec<f64> {
        let mut out = Vec::with_capacity(origins.len() * leads.len());
        let mut season = self.period.map(Season::new);
        let ready = season.as_ref().map_or(0, Season::ready);
        let mut line = Line::new(self.memory);
        let (mut level, mut seen) = (0.0, 0.0_f64);
        let curves: Vec<(f64, f64)> = leads.iter().map(|lead| self.curve(*lead as f64)).collect();
        let mut origins = origins.iter().peekable();
        for (step, value) in values.iter().enumerate() {
            if let Some(season) = &mut season {
                season.learn(values, sums, step);
            }
            line.advance();
            let (_, rise) = if self.slope == Slope::Flat { (0.0, 0.0) } else { line.fit() };
            level += rise;
            if !value.is_nan() && step >= ready {
                let value = value - season.as_ref().map_or(0.0, |season| season.at(step));
                seen += 1.0;
                level += (value - level) * self.smoothing.max(1.0 / seen);
                line.observe(value);
            }
            if origins.next_if_eq(&&step).is_none() {
                continue;
            }
            let (base, rise) = if self.slope == Slope::Flat { (line.mean(), 0.0) } else { line.fit() };
            for (lead, (kept, way)) in leads.iter().zip(&curves) {
                let pattern = season.as_ref().map_or(0.0, |season| season.at(step + lead));
                let forecast = base + (level - base) * kept + rise * way + pattern;
                out.push(if seen > 0.0 { forecast } else { f64::NAN });
            }
        }
        out
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
