//! Eigenvalues of small symmetric matrices by cyclic Jacobi rotations (Golub and Van Loan, Matrix Computations, 8.5).

/// A symmetric matrix of `size` rows, row by row; entries outside are 0.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Square {
    size: usize,
    entries: Vec<f64>,
}

/// An eigenvalue and its eigenvector of length 1.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Axis {
    pub(super) variance: f64,
    pub(super) direction: Vec<f64>,
}

/// Sweeps until the entries off the diagonal vanish; six usually do.
const MOST_SWEEPS: usize = 30;

impl Square {
    pub(super) fn from_fn(size: usize, entry: impl Fn(usize, usize) -> f64) -> Self {
        let entries = (0..size).flat_map(|row| (0..size).map(move |column| (row, column)));
        Self { size, entries: entries.map(|(row, column)| entry(row, column)).collect() }
    }

    pub(super) fn at(&self, row: usize, column: usize) -> f64 {
        self.entries.get(row * self.size + column).copied().unwrap_or(0.0)
    }

    fn set(&mut self, row: usize, column: usize, value: f64) {
        if let Some(entry) = self.entries.get_mut(row * self.size + column) {
            *entry = value;
        }
    }

    /// Turns columns `one` and `other` by the angle with this cosine and sine.
    fn turn_columns(&mut self, one: usize, other: usize, (cosine, sine): (f64, f64)) {
        for row in 0..self.size {
            let (a, b) = (self.at(row, one), self.at(row, other));
            self.set(row, one, cosine * a - sine * b);
            self.set(row, other, sine * a + cosine * b);
        }
    }

    fn turn_rows(&mut self, one: usize, other: usize, (cosine, sine): (f64, f64)) {
        for column in 0..self.size {
            let (a, b) = (self.at(one, column), self.at(other, column));
            self.set(one, column, cosine * a - sine * b);
            self.set(other, column, sine * a + cosine * b);
        }
    }

    /// The axes of a symmetric matrix, the largest eigenvalue first.
    pub(super) fn axes(mut self) -> Vec<Axis> {
        let size = self.size;
        let mut vectors = Self::from_fn(size, |row, column| f64::from(u8::from(row == column)));
        let whole: f64 = self.entries.iter().map(|entry| entry * entry).sum();
        for _ in 0..MOST_SWEEPS {
            let pairs = (0..size).flat_map(|one| (one + 1..size).map(move |other| (one, other)));
            let off: f64 = pairs.clone().map(|(one, other)| self.at(one, other).powi(2)).sum();
            if off <= whole * 1e-24 {
                break;
            }
            for (one, other) in pairs {
                let entry = self.at(one, other);
                if entry == 0.0 {
                    continue;
                }
                let ratio = (self.at(other, other) - self.at(one, one)) / (2.0 * entry);
                let tangent = ratio.signum() / (ratio.abs() + (ratio * ratio + 1.0).sqrt());
                let cosine = 1.0 / (tangent * tangent + 1.0).sqrt();
                let turn = (cosine, tangent * cosine);
                self.turn_columns(one, other, turn);
                self.turn_rows(one, other, turn);
                vectors.turn_columns(one, other, turn);
            }
        }
        let mut axes: Vec<Axis> = (0..size)
            .map(|column| Axis {
                variance: self.at(column, column).max(0.0),
                direction: (0..size).map(|row| vectors.at(row, column)).collect(),
            })
            .collect();
        axes.sort_by(|one, other| other.variance.total_cmp(&one.variance));
        axes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_are_orthonormal_and_rebuild_the_matrix() {
        for size in 1..9 {
            let matrix = Square::from_fn(size, |row, column| {
                let product =
                    (0..size).map(|place| ((row * 7 + place * 3) % 5 * ((column * 7 + place * 3) % 5)) as f64);
                product.sum::<f64>() - 3.0 * f64::from(u8::from(row == column && size > 4))
            });
            let axes = matrix.clone().axes();
            let dot = |one: &Axis, other: &Axis| -> f64 {
                one.direction.iter().zip(&other.direction).map(|(one, other)| one * other).sum()
            };
            for (place, one) in axes.iter().enumerate() {
                for (other_place, other) in axes.iter().enumerate() {
                    let expected = f64::from(u8::from(place == other_place));
                    assert!((dot(one, other) - expected).abs() < 1e-9);
                }
                // The image of an axis is the axis, longer; unless its eigenvalue is negative, which is told as 0.
                let image = (0..size).map(|row| {
                    (0..size).zip(&one.direction).map(|(column, part)| matrix.at(row, column) * part).sum::<f64>()
                });
                let along: f64 = image.zip(&one.direction).map(|(image, part)| image * part).sum();
                assert!((along.max(0.0) - one.variance).abs() < 1e-9 * (1.0 + one.variance));
            }
            assert!(axes.is_sorted_by(|one, other| one.variance >= other.variance));
        }
    }
}
