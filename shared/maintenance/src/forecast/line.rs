//! A straight line through past values of which older ones count less.

/// Discounted least squares (Brown 1963): the weighted sums that a line needs, where a value's weight shrinks by
/// `discount` with each step. Steps without a value only age the others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    discount: f64,
    weight: f64,
    age: f64,
    age_squared: f64,
    value: f64,
    value_by_age: f64,
}

impl Line {
    /// A line whose values weigh `1/e` after `memory` steps.
    pub(super) fn new(memory: f64) -> Self {
        let discount = (-1.0 / memory.max(1.0)).exp();
        Self { discount, weight: 0.0, age: 0.0, age_squared: 0.0, value: 0.0, value_by_age: 0.0 }
    }

    /// One step later.
    pub(super) fn advance(&mut self) {
        self.age_squared = self.discount * (self.age_squared + 2.0 * self.age + self.weight);
        self.age = self.discount * (self.age + self.weight);
        self.weight *= self.discount;
        self.value_by_age = self.discount * (self.value_by_age + self.value);
        self.value *= self.discount;
    }

    /// A value at the present step.
    pub(super) fn observe(&mut self, value: f64) {
        self.weight += 1.0;
        self.value += value;
    }

    /// The weighted mean; 0 before the first value.
    pub(super) fn mean(&self) -> f64 {
        if self.weight > 0.0 { self.value / self.weight } else { 0.0 }
    }

    /// The line's value at the present step and its rise per step.
    pub(super) fn fit(&self) -> (f64, f64) {
        let determinant = self.weight * self.age_squared - self.age * self.age;
        // Of one value, or of all at one step.
        if determinant <= 1e-9 * self.weight * self.age_squared {
            return (self.mean(), 0.0);
        }
        let level = (self.age_squared * self.value - self.age * self.value_by_age) / determinant;
        let rise = (self.age * self.value - self.weight * self.value_by_age) / determinant;
        (level, rise)
    }
}
