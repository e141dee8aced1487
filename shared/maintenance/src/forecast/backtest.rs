//! What each model would have said in the past, and how far off it would have been.

use super::{
    model::{Model, Slope},
    season::{Sums, periods},
};

/// The most origins from which the past is forecast.
const ORIGINS: usize = 240;
/// The leads by which models are compared.
const COMPARED: usize = 16;

/// Up to so many standard errors a model's advantage over the last value is taken for chance. The best of many models
/// always seems to have one.
const DOUBTED: f64 = 1.5;
/// From so many on it is taken in full.
const TRUSTED: f64 = 3.0;

/// The errors of one model: of every origin a row with an error for each lead, not a number where none is known.
#[derive(Debug)]
pub(super) struct Errors {
    pub(super) origins: Vec<usize>,
    pub(super) leads: Vec<usize>,
    pub(super) errors: Vec<f64>,
}

impl Errors {
    pub(super) fn rows(&self) -> impl Iterator<Item = (usize, &[f64])> {
        self.origins.iter().copied().zip(self.errors.chunks(self.leads.len().max(1)))
    }
}

/// The steps from which the past is forecast: evenly over all but the first quarter.
pub(super) fn origins(length: usize) -> Vec<usize> {
    let first = (length / 4).max(10);
    let stride = length.saturating_sub(first).div_ceil(ORIGINS).max(1);
    let mut origins: Vec<usize> = (first..length.saturating_sub(1)).rev().step_by(stride).collect();
    origins.reverse();
    origins
}

pub(super) fn errors(model: &Model, values: &[f64], sums: &Sums, origins: &[usize], leads: &[usize]) -> Vec<f64> {
    let mut errors = model.replay(values, sums, origins, leads);
    for (origin, row) in origins.iter().zip(errors.chunks_mut(leads.len().max(1))) {
        for (lead, error) in leads.iter().zip(row) {
            *error = values.get(origin + lead).map_or(f64::NAN, |value| value - *error);
        }
    }
    errors
}

/// The models worth trying for forecasts of up to `lead` steps.
pub(super) fn candidates(values: &[f64], lead: usize, step: i64) -> Vec<Model> {
    let (all, lead) = (values.len() as f64, lead as f64);
    let never = f64::INFINITY;
    let model = |smoothing, half_life, memory, slope| Model { smoothing, half_life, memory, slope, period: None };
    let mut plain = vec![Model::NAIVE];
    plain.extend([0.5, 0.2, 0.07, 0.02].map(|smoothing| model(smoothing, never, all, Slope::Flat)));
    for half_life in [lead / 32.0, lead / 8.0, lead / 2.0, lead * 2.0] {
        for memory in [all / 8.0, all] {
            plain.push(model(1.0, half_life, memory, Slope::Flat));
            plain.push(model(0.3, half_life, memory, Slope::Flat));
        }
    }
    plain.push(model(1.0, 0.0, all, Slope::Flat));
    for memory in [lead / 2.0, all / 10.0, all] {
        plain.push(model(1.0, 0.0, memory, Slope::Straight));
        plain.push(model(1.0, never, memory, Slope::Straight));
        plain.push(model(0.3, never, memory, Slope::Straight));
    }
    for memory in [6.0, lead / 4.0, all / 20.0] {
        plain.push(model(1.0, never, memory, Slope::Damped(lead / 4.0)));
        plain.push(model(0.3, never, memory, Slope::Damped(lead / 4.0)));
    }
    let mut models = plain.clone();
    for period in periods(values, step) {
        let seasonal = |mut model: Model| {
            model.period = Some(period);
            model
        };
        models.extend(plain.iter().copied().map(seasonal));
    }
    models
}

/// The model with the smallest mean absolute error, and how far to trust it beyond the last value.
pub(super) fn choose(values: &[f64], sums: &Sums, lead: usize, step: i64) -> (Model, f64) {
    let stride = lead.div_ceil(COMPARED).max(1);
    let mut leads: Vec<usize> = (1..=lead).rev().step_by(stride).collect();
    leads.reverse();
    let origins = origins(values.len());
    let naive = errors(&Model::NAIVE, values, sums, &origins, &leads);
    let mut best = (1.0, Model::NAIVE, Vec::new());
    for model in candidates(values, lead, step) {
        let errors = errors(&model, values, sums, &origins, &leads);
        let (mut own, mut last, mut count) = (0.0, 0.0, 0_usize);
        for (error, naive) in errors.iter().zip(&naive) {
            if !error.is_nan() && !naive.is_nan() {
                own += error.abs();
                last += naive.abs();
                count += 1;
            }
        }
        // A model that was ready for few origins has not shown itself.
        if count * 4 < naive.len() || last <= 0.0 {
            continue;
        }
        let ratio = own / last;
        if ratio < best.0 {
            best = (ratio, model, errors);
        }
    }
    let trust = trust(&best.2, &naive, &origins, leads.len(), lead);
    (best.1, trust)
}

/// 0 to 1, from how surely the model's errors are smaller than those of the last value: by how many standard errors,
/// between spans of time that do not overlap.
fn trust(errors: &[f64], naive: &[f64], origins: &[usize], leads: usize, lead: usize) -> f64 {
    let (Some(first), Some(last)) = (origins.first(), origins.last()) else { return 0.0 };
    let blocks = ((last - first) / lead.max(1)).clamp(2, 16);
    let width = (last - first) / blocks + 1;
    let mut gains = vec![(0.0, 0_u32); blocks];
    for ((origin, errors), naive) in origins.iter().zip(errors.chunks(leads)).zip(naive.chunks(leads)) {
        let Some(gain) = gains.get_mut((origin - first) / width) else { continue };
        for (error, naive) in errors.iter().zip(naive).filter(|(error, naive)| !error.is_nan() && !naive.is_nan()) {
            *gain = (gain.0 + naive.abs() - error.abs(), gain.1 + 1);
        }
    }
    let gains: Vec<f64> =
        gains.iter().filter(|(_, count)| *count > 0).map(|(sum, count)| sum / f64::from(*count)).collect();
    let count = gains.len() as f64;
    if gains.len() < 2 {
        return 0.0;
    }
    let mean = gains.iter().sum::<f64>() / count;
    let variance = gains.iter().map(|gain| (gain - mean).powi(2)).sum::<f64>() / (count - 1.0);
    let sure = mean / (variance / count).sqrt();
    if sure.is_nan() { 0.0 } else { ((sure - DOUBTED) / (TRUSTED - DOUBTED)).clamp(0.0, 1.0) }
}
