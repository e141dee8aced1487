//! Exact Shapley values of six inputs.

/// How many inputs share the credit for a prediction.
pub(crate) const PLAYERS: usize = 6;
/// Every subset of them.
pub(crate) const COALITIONS: usize = 1 << PLAYERS;

/// The Shapley values of the game `values`, where `values[s]` is what the coalition `s` is worth and bit `i` of
/// `s` says that input `i` takes part.
///
/// An input's value is its mean marginal contribution over all orders in which the inputs can join. The values
/// sum to `values[63] - values[0]`.
#[must_use]
pub fn shapley(values: &[f64; COALITIONS]) -> [f64; PLAYERS] {
    let mut shares = [0.0; PLAYERS];
    for (player, share) in shares.iter_mut().enumerate() {
        let bit = 1 << player;
        // In runs of 2 * bit coalitions the second half is the first half joined by the player.
        for (run, coalitions) in values.chunks_exact(2 * bit).enumerate() {
            let (without, with) = coalitions.split_at(bit);
            for (offset, (before, after)) in without.iter().zip(with).enumerate() {
                *share += weight(run * 2 * bit + offset) * (after - before);
            }
        }
    }
    shares
}

/// The share of all 720 orders in which exactly the members of `coalition` join before some other input:
/// |s|! (5 - |s|)! / 6!.
const fn weight(coalition: usize) -> f64 {
    match coalition.count_ones() {
        0 | 5 => 1.0 / 6.0,
        1 | 4 => 1.0 / 30.0,
        _ => 1.0 / 60.0,
    }
}
