//! The closed form against the definition, and against the axioms that only Shapley values satisfy.

use inference::shapley;
use proptest::{array::uniform32, prelude::*};

fn games() -> impl Strategy<Value = [f64; 64]> {
    (uniform32(-1.0..1.0), uniform32(-1.0..1.0)).prop_map(|(low, high)| {
        let mut values = [0.0; 64];
        values[..32].copy_from_slice(&low);
        values[32..].copy_from_slice(&high);
        values
    })
}

/// All orders in which six inputs can join.
fn orders() -> Vec<Vec<usize>> {
    let mut orders = vec![vec![]];
    for _ in 0..6 {
        let longer = |order: Vec<usize>| {
            let newcomers: Vec<_> = (0..6).filter(|player| !order.contains(player)).collect();
            newcomers.into_iter().map(move |player| [order.as_slice(), &[player]].concat())
        };
        orders = orders.into_iter().flat_map(longer).collect();
    }
    orders
}

fn by_definition(values: &[f64; 64]) -> [f64; 6] {
    let orders = orders();
    assert_eq!(orders.len(), 720);
    let mut shares = [0.0; 6];
    for order in &orders {
        let mut coalition = 0;
        for &player in order {
            let joined = coalition | 1 << player;
            shares[player] += (values[joined] - values[coalition]) / 720.0;
            coalition = joined;
        }
    }
    shares
}

fn swapped(coalition: usize, a: usize, b: usize) -> usize {
    let (bit_a, bit_b) = (coalition >> a & 1, coalition >> b & 1);
    coalition & !(1 << a) & !(1 << b) | bit_a << b | bit_b << a
}

fn close(a: &[f64; 6], b: &[f64; 6]) -> bool {
    a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-12)
}

proptest! {
    #[test]
    fn the_closed_form_equals_the_mean_over_all_720_orders(values in games()) {
        prop_assert!(close(&shapley(&values), &by_definition(&values)));
    }

    #[test]
    fn the_shares_sum_to_everything_minus_nothing(values in games()) {
        prop_assert!((shapley(&values).iter().sum::<f64>() - (values[63] - values[0])).abs() < 1e-12);
    }

    #[test]
    fn an_input_that_changes_no_coalition_gets_exactly_nothing(values in games(), player in 0_usize..6) {
        let dummy: [f64; 64] = std::array::from_fn(|coalition| values[coalition & !(1 << player)]);
        prop_assert_eq!(shapley(&dummy)[player], 0.0);
    }

    #[test]
    fn inputs_that_can_replace_each_other_get_the_same(values in games(), a in 0_usize..6, b in 0_usize..6) {
        let symmetric: [f64; 64] = std::array::from_fn(|c| values[c] + values[swapped(c, a, b)]);
        let shares = shapley(&symmetric);
        prop_assert!((shares[a] - shares[b]).abs() < 1e-12);
    }

    #[test]
    fn the_shares_of_a_sum_of_games_are_the_sums_of_the_shares(x in games(), y in games()) {
        let (a, b) = (shapley(&x), shapley(&y));
        let sum: [f64; 6] = std::array::from_fn(|player| a[player] + b[player]);
        prop_assert!(close(&shapley(&std::array::from_fn(|coalition| x[coalition] + y[coalition])), &sum));
    }
}

#[test]
fn bit_i_of_a_coalition_is_input_i() {
    for player in 0..6 {
        let dictator: [f64; 64] = std::array::from_fn(|coalition| if coalition >> player & 1 == 1 { 1.0 } else { 0.0 });
        let expected: [f64; 6] = std::array::from_fn(|other| if other == player { 1.0 } else { 0.0 });
        assert!(close(&shapley(&dictator), &expected));
    }
}
