//! An empirical distribution: how many values lie below and through each of some of its values.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One value of the sample and its ranks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(super) struct Knot {
    /// The value.
    pub(super) value: f64,
    /// How many values of the sample are smaller.
    pub(super) below: u64,
    /// How many are smaller or equal.
    pub(super) through: u64,
}

/// Knots by ascending value. The first and the last are the smallest and the largest value of the sample, so nothing
/// lies outside them; what lies between two knots is known only in number.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Distribution(Vec<Knot>);

impl Distribution {
    /// Every different value is a knot.
    pub(super) fn new(values: &[f64]) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let mut below = 0;
        let knots = sorted.chunk_by(|one, other| one == other).filter_map(|equal| {
            let through = below + equal.len() as u64;
            Some(Knot { value: *equal.first()?, below: std::mem::replace(&mut below, through), through })
        });
        Self(knots.collect())
    }

    /// The knots, when they are such as a sample can have.
    pub(super) fn from_knots(knots: Vec<Knot>) -> Option<Self> {
        let starts = knots.first().is_none_or(|first| first.below == 0);
        let ascends = knots.windows(2).all(|pair| match pair {
            [one, next] => one.value < next.value && one.through <= next.below,
            _ => true,
        });
        let counts = knots.iter().all(|knot| knot.value.is_finite() && knot.below < knot.through);
        // So that the product of two counts has room.
        let bounded = knots.last().is_none_or(|last| last.through <= u64::from(u32::MAX));
        (starts && ascends && counts && bounded).then_some(Self(knots))
    }

    pub(super) fn knots(&self) -> &[Knot] {
        &self.0
    }

    pub(super) fn count(&self) -> u64 {
        self.0.last().map_or(0, |last| last.through)
    }

    /// The knot of the value at the `numerator / denominator` quantile: the least that many values do not exceed.
    pub(super) fn quantile(&self, numerator: u64, denominator: u64) -> Option<&Knot> {
        let rank = (self.count() * numerator).div_ceil(denominator);
        self.0.get(self.0.partition_point(|knot| knot.through < rank))
    }
}
