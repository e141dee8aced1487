//! Bands from the errors of the past (split conformal prediction, Vovk 2005, with scores per lead).

use super::backtest::Errors;

/// How wide the bands are at each lead.
#[derive(Debug)]
pub(super) struct Bands {
    /// The typical error at each lead.
    pub(super) spread: Vec<f64>,
    /// The bands' half width in typical errors.
    pub(super) factors: Vec<f64>,
}

impl Bands {
    /// Learns from the errors of every origin. The typical errors that an error is measured in come from the other
    /// folds, so that the factors also cover how uncertain the typical errors are.
    pub(super) fn learn(errors: &Errors, levels: &[f64]) -> (Self, Vec<(f64, u32)>) {
        const FOLDS: usize = 8;
        let rows: Vec<(usize, &[f64])> = errors.rows().collect();
        let farthest = errors.leads.last().copied().unwrap_or(1);
        let size = rows.len().div_ceil(FOLDS).max(1);
        let mut scores: Vec<(usize, f64)> = Vec::new();
        for (fold, chunk) in rows.chunks(size).enumerate() {
            let (Some((first, _)), Some((last, _))) = (chunk.first(), chunk.last()) else { continue };
            let others =
                rows.iter().filter(|(origin, _)| origin + farthest / 2 < *first || *origin > last + farthest / 2);
            let mut spread = spread(others.map(|(_, row)| *row), errors.leads.len());
            if spread.last().is_none_or(|last| *last <= 0.0) {
                spread = self::spread(rows.iter().map(|(_, row)| *row), errors.leads.len());
            }
            for (_, row) in chunk {
                let scored = row.iter().zip(&spread).filter(|(error, _)| !error.is_nan());
                scores.extend(
                    scored.map(|(error, spread)| (fold, if *error == 0.0 { 0.0 } else { error.abs() / spread })),
                );
            }
        }
        scores.sort_by(|(_, one), (_, other)| f64::total_cmp(one, other));
        let mut held = vec![(0_u32, 0_u32); levels.len()];
        for fold in 0..FOLDS {
            let others: Vec<f64> = scores.iter().filter(|(other, _)| *other != fold).map(|(_, score)| *score).collect();
            for (level, (inside, all)) in levels.iter().zip(&mut held) {
                let factor = quantile(&others, *level);
                for (_, score) in scores.iter().filter(|(own, _)| *own == fold) {
                    *inside += u32::from(*score <= factor);
                    *all += 1;
                }
            }
        }
        let all: Vec<f64> = scores.iter().map(|(_, score)| *score).collect();
        let span = errors.origins.last().unwrap_or(&0) - errors.origins.first().unwrap_or(&0);
        let wide = 1.0 + 0.5 * farthest as f64 / (span as f64).max(1.0);
        let factors = levels.iter().map(|level| quantile(&all, *level) * wide).collect();
        let spread = spread(rows.iter().map(|(_, row)| *row), errors.leads.len());
        let held = held.into_iter().map(|(inside, all)| (f64::from(inside) / f64::from(all.max(1)), all)).collect();
        (Self { spread, factors }, held)
    }

    pub(super) fn half_width(&self, lead: usize, level: usize) -> f64 {
        self.spread.get(lead).copied().unwrap_or(0.0) * self.factors.get(level).copied().unwrap_or(0.0)
    }
}

fn spread<'a>(rows: impl Iterator<Item = &'a [f64]>, leads: usize) -> Vec<f64> {
    let mut sums = vec![(0.0, 0_u32); leads];
    for row in rows {
        for (sum, error) in sums.iter_mut().zip(row) {
            if !error.is_nan() {
                *sum = (sum.0 + error.abs(), sum.1 + 1);
            }
        }
    }
    let mut widest = 0.0_f64;
    sums.iter()
        .map(|(sum, count)| {
            if *count > 0 {
                widest = widest.max(sum / f64::from(*count));
            }
            widest
        })
        .collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rank between 0 and the count")]
fn quantile(sorted: &[f64], level: f64) -> f64 {
    let rank = (sorted.len() as f64 * level).ceil() as usize;
    sorted.get(rank.clamp(1, sorted.len().max(1)) - 1).copied().unwrap_or(0.0)
}
