//! The population stability index: how much the shares of quantile bins have moved.
//!
//! The sum over bins of `(p - q) ln(p / q)`, which is Jeffreys' divergence of the binned distributions (Jeffreys 1946).
//! Equal distributions of N and M values give about `(BINS - 1) (1/N + 1/M)` by chance alone (Yurdakul 2018).

use super::distribution::Distribution;

/// Deciles of the earlier values.
const BINS: u64 = 10;

/// A border between two bins.
struct Cut {
    value: f64,
    /// Whether the value itself belongs to the lower bin.
    after: bool,
    /// How many of the earlier values lie below the border.
    below: u64,
}

/// The index of `recent`, sorted and not empty, against `earlier`, not empty.
///
/// A bin without values counts as if it had half a value of the smaller sample, on either side, so that the index is
/// finite, and a bin that both lack adds nothing.
pub(super) fn index(recent: &[f64], earlier: &Distribution) -> f64 {
    let (recent_total, earlier_total) = (recent.len() as f64, earlier.count() as f64);
    let least = 0.5 / recent_total.min(earlier_total);
    let (mut recent_before, mut earlier_before) = (0, 0);
    let mut sum = 0.0;
    let mut add = |recent_below: usize, earlier_below: u64| {
        let p = ((recent_below - recent_before) as f64 / recent_total).max(least);
        let q = ((earlier_below - earlier_before) as f64 / earlier_total).max(least);
        sum += (p - q) * (p / q).ln();
        (recent_before, earlier_before) = (recent_below, earlier_below);
    };
    for cut in cuts(earlier) {
        let below = recent.partition_point(|value| *value < cut.value || (cut.after && *value == cut.value));
        add(below, cut.below);
    }
    add(recent.len(), earlier.count());
    sum
}

/// The borders of the bins, ascending: behind each decile.
///
/// A value that is several deciles at once is a bin of its own, with a border on both sides: else a constant signal
/// would share its bin with everything below it, and a fall would go unseen.
fn cuts(earlier: &Distribution) -> Vec<Cut> {
    let deciles: Vec<_> = (1..BINS).filter_map(|decile| earlier.quantile(decile, BINS)).collect();
    let mut cuts = Vec::new();
    for equal in deciles.chunk_by(|one, other| one.value == other.value) {
        let Some(knot) = equal.first() else { continue };
        if equal.len() > 1 {
            cuts.push(Cut { value: knot.value, after: false, below: knot.below });
        }
        cuts.push(Cut { value: knot.value, after: true, below: knot.through });
    }
    cuts
}
