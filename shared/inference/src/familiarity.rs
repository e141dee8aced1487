//! Whether an input is like the training data.

use manifest::InDistribution;

use crate::layout::LoadError;

/// The squared Mahalanobis distance from the training mean, with the largest one that counts as alike. It sees
/// unusual combinations of `N` values that are each in range.
#[derive(Debug)]
pub(crate) struct Familiarity<const N: usize> {
    mean: [f64; N],
    inverse_covariance: [[f64; N]; N],
    limit: f64,
}

impl<const N: usize> Familiarity<N> {
    pub(crate) fn new(signed: &InDistribution) -> Result<Self, LoadError> {
        let InDistribution::Mahalanobis { mean, inverse_covariance, limit } = signed else {
            return Err(LoadError::InDistribution);
        };
        let exactly = |numbers: &[f64]| <[f64; N]>::try_from(numbers).map_err(|_| LoadError::InDistribution);
        let rows = inverse_covariance.iter().map(|row| exactly(row)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            mean: exactly(mean)?,
            inverse_covariance: rows.try_into().map_err(|_| LoadError::InDistribution)?,
            limit: *limit,
        })
    }

    pub(crate) fn recognises(&self, numeric: &[f64; N]) -> bool {
        let mut centred = *numeric;
        centred.iter_mut().zip(self.mean).for_each(|(value, mean)| *value -= mean);
        let dot = |row: &[f64; N]| row.iter().zip(centred).map(|(a, b)| a * b).sum::<f64>();
        let distance: f64 = self.inverse_covariance.iter().zip(centred).map(|(row, value)| value * dot(row)).sum();
        distance <= self.limit
    }
}
