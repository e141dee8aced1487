//! Bands from the errors of the past: cross-conformal prediction (Vovk 2015), with errors measured in what is typical
//! at their lead.

use super::backtest::Errors;

/// What the bands are made to hold.
pub(super) const LEVELS: [f64; 2] = [0.8, 0.95];
/// The history is cut into so many stretches; what is learned from some is tried on another.
const FOLDS: usize = 8;
/// Errors below this are rounding, in the normalised series.
const ROUNDING: f64 = 1e-12;

/// How wide the bands are.
#[derive(Debug)]
pub(super) struct Bands {
    /// The typical error at each lead.
    typical: Vec<f64>,
    /// The bands' half widths in typical errors.
    factors: [f64; 2],
}

/// An error in typical errors, and the fold it is from.
type Score = (usize, f64);

impl Bands {
    /// Learns from the errors of the past; answers too what share of them the bands would have held, and how many they
    /// were tried on.
    ///
    /// What is typical for an error is taken from the other folds, and what a band must hold is learned from such
    /// scores: so the bands also cover how much the typical errors differ from one stretch to the next. That a short
    /// history may be calm throughout by chance shows in none of its parts; for this the bands are widened by half the
    /// forecast's length over the history's, a factor found on generated random walks.
    pub(super) fn learn(errors: &Errors) -> (Self, [(f64, u64); 2]) {
        let rows: Vec<(usize, &[f64])> = errors.rows().collect();
        let farthest = errors.leads.last().copied().unwrap_or(1);
        let span = rows.last().map_or(0, |(last, _)| *last) - rows.first().map_or(0, |(first, _)| *first);
        let widened = 1.0 + 0.5 * farthest as f64 / span.max(farthest) as f64;
        let scores = scores(&rows, errors.leads.len(), farthest);
        let factors = LEVELS.map(|level| quantile(scores.iter().map(|(_, score)| *score).collect(), level) * widened);
        let held = LEVELS.map(|level| {
            let (mut inside, mut all) = (0_u64, 0_u64);
            for fold in 0..FOLDS {
                let others = scores.iter().filter(|(other, _)| *other != fold).map(|(_, score)| *score);
                let factor = quantile(others.collect(), level) * widened;
                for (_, score) in scores.iter().filter(|(own, _)| *own == fold) {
                    inside += u64::from(*score <= factor);
                    all += 1;
                }
            }
            (inside as f64 / all.max(1) as f64, all)
        });
        let typical = typical(rows.iter().map(|(_, row)| *row), errors.leads.len());
        (Self { typical, factors }, held)
    }

    /// The half widths of the bands at a lead.
    pub(super) fn half_widths(&self, lead: usize) -> [f64; 2] {
        self.factors.map(|factor| factor * self.typical.get(lead).copied().unwrap_or(0.0))
    }
}

fn scores(rows: &[(usize, &[f64])], leads: usize, farthest: usize) -> Vec<Score> {
    let mut scores = Vec::with_capacity(rows.len() * leads);
    let size = rows.len().div_ceil(FOLDS).max(1);
    for (fold, chunk) in rows.chunks(size).enumerate() {
        let (Some((first, _)), Some((last, _))) = (chunk.first(), chunk.last()) else { continue };
        // Forecasts from origins nearby are about the same values.
        let apart = |origin: usize| origin + farthest / 2 < *first || origin > last + farthest / 2;
        let others = rows.iter().filter(|(origin, _)| apart(*origin)).map(|(_, row)| *row);
        let mut usual = typical(others, leads);
        // None is apart when the forecast is nearly as long as the history.
        if usual.last().is_none_or(|last| *last <= ROUNDING) {
            usual = typical(rows.iter().map(|(_, row)| *row), leads);
        }
        for (_, row) in chunk {
            let known = row.iter().zip(&usual).filter(|(error, _)| !error.is_nan());
            scores.extend(known.map(|(error, usual)| (fold, error.abs() / usual)));
        }
    }
    scores
}

/// The mean absolute error at each lead, or at a shorter one where that is larger: what is further off is not more
/// certain, and at the far end only few errors are known.
fn typical<'a>(rows: impl Iterator<Item = &'a [f64]>, leads: usize) -> Vec<f64> {
    let mut sums = vec![(0.0, 0_u32); leads];
    for row in rows {
        for (sum, error) in sums.iter_mut().zip(row).filter(|(_, error)| !error.is_nan()) {
            *sum = (sum.0 + error.abs(), sum.1 + 1);
        }
    }
    let mut largest = ROUNDING;
    let rising = sums.into_iter().map(|(sum, count)| {
        if count > 0 {
            largest = largest.max(sum / f64::from(count));
        }
        largest
    });
    rising.collect()
}

/// The smallest value that a share `level` of the values does not exceed.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rank between 0 and the count")]
fn quantile(mut values: Vec<f64>, level: f64) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    let rank = (values.len() as f64 * level).ceil() as usize;
    let index = rank.clamp(1, values.len()) - 1;
    *values.select_nth_unstable_by(index, f64::total_cmp).1
}
