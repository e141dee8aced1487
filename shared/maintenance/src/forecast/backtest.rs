//! What each model would have said in the past, and how far off it would have been.

use super::{
    grid::Series,
    model::{Model, candidates},
    season::periods,
    spread_out,
};

/// The most points in the past from which is forecast.
const ORIGINS: usize = 240;
/// The most leads by which models are compared.
const COMPARED: usize = 16;
/// Up to so many standard errors a model's advantage over the last value is taken for chance: the best of many models
/// always seems to have one.
const DOUBTED: f64 = 1.5;
/// From so many on it is taken in full.
const TRUSTED: f64 = 3.0;

/// Errors of forecasts in the past: of every origin a row with one for each lead, not a number where none is known.
#[derive(Debug)]
pub(super) struct Errors {
    origins: Vec<usize>,
    pub(super) leads: Vec<usize>,
    errors: Vec<f64>,
}

impl Errors {
    /// The origins and their rows.
    pub(super) fn rows(&self) -> impl Iterator<Item = (usize, &[f64])> {
        self.origins.iter().copied().zip(self.errors.chunks(self.leads.len().max(1)))
    }

    /// Their mean size.
    pub(super) fn mean_absolute(&self) -> f64 {
        mean(self.errors.iter().filter(|error| !error.is_nan()).map(|error| error.abs()))
    }
}

/// A model and its part of the forecast.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) model: Model,
    /// 0 to 1; the rest is the last value.
    pub(super) weight: f64,
}

/// Nothing is surely better than the last value.
const NAIVE: Choice = Choice { model: Model::NAIVE, weight: 1.0 };

impl Choice {
    /// The candidate with the smallest mean absolute error, as far as it is surely better than the last value.
    pub(super) fn new(series: &Series) -> Self {
        let origins = origins(series.values.len());
        let leads = spread_out(1..=*series.leads.end(), COMPARED);
        let naive = errors(&Model::NAIVE, series, &origins, &leads);
        let mut best = (1.0, NAIVE);
        for model in candidates(series.values.len(), *series.leads.end(), &periods(&series.values, series.step)) {
            let errors = errors(&model, series, &origins, &leads);
            let known = || errors.iter().zip(&naive).filter(|(error, naive)| !error.is_nan() && !naive.is_nan());
            let own = mean(known().map(|(error, _)| error.abs()));
            let ratio = own / mean(known().map(|(_, naive)| naive.abs()));
            // A model that learned its season late was ready for too few origins to have shown itself.
            let shown = known().count() * 4 >= naive.len();
            if shown && ratio < best.0 {
                let advantage = advantage(&errors, &naive, &origins, &leads);
                let weight = ((advantage - DOUBTED) / (TRUSTED - DOUBTED)).clamp(0.0, 1.0);
                best = (ratio, Self { model, weight });
            }
        }
        if best.1.weight > 0.0 { best.1 } else { NAIVE }
    }

    /// The forecasts from each origin for each lead.
    pub(super) fn replay(&self, series: &Series, origins: &[usize], leads: &[usize]) -> Vec<f64> {
        let own = self.model.replay(series, origins, leads);
        let last = Model::NAIVE.replay(series, origins, leads);
        own.iter().zip(last).map(|(own, last)| last + self.weight * (own - last)).collect()
    }

    /// The errors it would have made.
    pub(super) fn errors(&self, series: &Series, leads: Vec<usize>) -> Errors {
        let origins = origins(series.values.len());
        let said = self.replay(series, &origins, &leads);
        let errors = compared(said, series, &origins, &leads);
        Errors { origins, leads, errors }
    }

    /// The mean absolute error of the last value where this one's errors are known.
    pub(super) fn last_value_error(&self, series: &Series, own: &Errors) -> f64 {
        let naive = errors(&Model::NAIVE, series, &own.origins, &own.leads);
        mean(own.errors.iter().zip(naive).filter(|(error, _)| !error.is_nan()).map(|(_, naive)| naive.abs()))
    }
}

/// The steps from which the past is forecast: evenly over all but the first quarter.
fn origins(length: usize) -> Vec<usize> {
    let last = length.saturating_sub(2);
    spread_out(length / 4..=last, ORIGINS)
}

fn errors(model: &Model, series: &Series, origins: &[usize], leads: &[usize]) -> Vec<f64> {
    compared(model.replay(series, origins, leads), series, origins, leads)
}

/// What was measured less what was said.
fn compared(mut said: Vec<f64>, series: &Series, origins: &[usize], leads: &[usize]) -> Vec<f64> {
    for (origin, row) in origins.iter().zip(said.chunks_mut(leads.len().max(1))) {
        for (lead, said) in leads.iter().zip(row) {
            *said = series.values.get(origin + lead).map_or(f64::NAN, |value| value - *said);
        }
    }
    said
}

/// By how many standard errors the errors are smaller than those of the last value: the mean gain of stretches of the
/// history as long as the longest lead, against how much it differs between them (Diebold and Mariano 1995).
fn advantage(errors: &[f64], naive: &[f64], origins: &[usize], leads: &[usize]) -> f64 {
    const FEWEST: usize = 2;
    const MOST: usize = 16;
    let (Some(first), Some(last), Some(longest)) = (origins.first(), origins.last(), leads.last()) else { return 0.0 };
    let stretches = ((last - first) / longest).clamp(FEWEST, MOST);
    let length = (last - first) / stretches + 1;
    let mut gains = vec![Vec::new(); stretches];
    let rows = errors.chunks(leads.len()).zip(naive.chunks(leads.len()));
    for (origin, (errors, naive)) in origins.iter().zip(rows) {
        let Some(gains) = gains.get_mut((origin - first) / length) else { continue };
        let gain = errors.iter().zip(naive).map(|(error, naive)| naive.abs() - error.abs());
        gains.extend(gain.filter(|gain| !gain.is_nan()));
    }
    let gains: Vec<f64> =
        gains.into_iter().filter(|gains| !gains.is_empty()).map(|gains| mean(gains.into_iter())).collect();
    if gains.len() < FEWEST {
        return 0.0;
    }
    let count = gains.len() as f64;
    let gain = mean(gains.iter().copied());
    let variance = gains.iter().map(|other| (other - gain).powi(2)).sum::<f64>() / (count - 1.0);
    let advantage = gain / (variance / count).sqrt();
    if advantage.is_nan() { 0.0 } else { advantage }
}

/// The mean, 0 of none.
fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0_u32), |(sum, count), value| (sum + value, count + 1));
    sum / f64::from(count.max(1))
}
