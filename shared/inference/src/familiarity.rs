//! Whether an input is like the training data.

use manifest::InDistribution;

use crate::layout::LoadError;

/// The squared Mahalanobis distance from the training mean, with the largest one that counts as alike. It sees
/// unusual combinations of values that are each in range.
#[derive(Debug)]
pub(crate) struct Familiarity {
    mean: [f64; 5],
    inverse_covariance: [[f64; 5]; 5],
    limit: f64,
}

impl Familiarity {
    pub(crate) fn new(signed: &InDistribution) -> Result<Self, LoadError> {
        let InDistribution::Mahalanobis { mean, inverse_covariance, limit } = signed else {
            return Err(LoadError::InDistribution);
        };
        let five = |numbers: &[f64]| <[f64; 5]>::try_from(numbers).map_err(|_| LoadError::InDistribution);
        let rows = inverse_covariance.iter().map(|row| five(row)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            mean: five(mean)?,
            inverse_covariance: rows.try_into().map_err(|_| LoadError::InDistribution)?,
            limit: *limit,
        })
    }

    pub(crate) fn recognises(&self, numeric: &[f64; 5]) -> bool {
        let mut centred = *numeric;
        centred.iter_mut().zip(self.mean).for_each(|(value, mean)| *value -= mean);
        let dot = |row: &[f64; 5]| row.iter().zip(centred).map(|(a, b)| a * b).sum::<f64>();
        let distance: f64 = self.inverse_covariance.iter().zip(centred).map(|(row, value)| value * dot(row)).sum();
        distance <= self.limit
    }
}
