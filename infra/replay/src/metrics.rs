//! How good predictions are, where the truth is known.

/// One prediction and what happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Judged {
    pub(crate) probability: f64,
    pub(crate) predicted: bool,
    pub(crate) actual: bool,
}

/// The four counts, and what follows from them and from the probabilities.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Metrics {
    pub(crate) true_positives: usize,
    pub(crate) false_positives: usize,
    pub(crate) false_negatives: usize,
    pub(crate) true_negatives: usize,
    pub(crate) precision: f64,
    pub(crate) recall: f64,
    pub(crate) f1: f64,
    /// The mean squared difference of the probability and what happened.
    pub(crate) brier: f64,
    /// Area under the precision-recall curve, as average precision.
    pub(crate) pr_auc: f64,
}

impl Metrics {
    /// Of at least one prediction. A ratio of nothing to nothing is 0.
    pub(crate) fn of(judged: &[Judged]) -> Self {
        let cases = |predicted, actual| {
            judged.iter().filter(|judged| judged.predicted == predicted && judged.actual == actual).count()
        };
        let (true_positives, false_positives) = (cases(true, true), cases(true, false));
        let (false_negatives, true_negatives) = (cases(false, true), cases(false, false));
        let squares = judged.iter().map(|judged| (judged.probability - f64::from(u8::from(judged.actual))).powi(2));
        Self {
            true_positives,
            false_positives,
            false_negatives,
            true_negatives,
            precision: ratio(true_positives, true_positives + false_positives),
            recall: ratio(true_positives, true_positives + false_negatives),
            f1: ratio(2 * true_positives, 2 * true_positives + false_positives + false_negatives),
            brier: squares.sum::<f64>() / judged.len() as f64,
            pr_auc: average_precision(judged),
        }
    }
}

fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// The sum over thresholds of the precision there, times the recall gained there. Predictions with
/// one probability pass the threshold together, so their order does not matter.
fn average_precision(judged: &[Judged]) -> f64 {
    let positives = judged.iter().filter(|judged| judged.actual).count();
    let mut ranked: Vec<&Judged> = judged.iter().collect();
    ranked.sort_by(|one, other| other.probability.total_cmp(&one.probability));
    let (mut passed, mut hits, mut area) = (0, 0, 0.0);
    for tied in ranked.chunk_by(|one, other| one.probability == other.probability) {
        let gained = tied.iter().filter(|judged| judged.actual).count();
        passed += tied.len();
        hits += gained;
        area += ratio(gained, positives) * ratio(hits, passed);
    }
    area
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(cases: &[(f64, bool)]) -> Vec<Judged> {
        let case = |&(probability, actual)| Judged { probability, predicted: probability >= 0.5, actual };
        cases.iter().map(case).collect()
    }

    fn close(one: f64, other: f64) -> bool {
        (one - other).abs() < 1e-12
    }

    #[test]
    fn average_precision_is_that_of_the_textbook() {
        // scikit-learn's documented example: average_precision_score([0, 0, 1, 1], [.1, .4, .35, .8]).
        let cases = [(0.1, false), (0.4, false), (0.35, true), (0.8, true)];
        assert!(close(Metrics::of(&judged(&cases)).pr_auc, 0.5 + 0.5 * 2.0 / 3.0));
        // A perfect ranking, the worst one, and no ranking at all.
        assert!(close(Metrics::of(&judged(&[(0.9, true), (0.8, true), (0.1, false)])).pr_auc, 1.0));
        assert!(close(Metrics::of(&judged(&[(0.9, false), (0.8, false), (0.1, true)])).pr_auc, 1.0 / 3.0));
        assert!(close(Metrics::of(&judged(&[(0.5, true), (0.5, false), (0.5, false), (0.5, false)])).pr_auc, 0.25));
    }

    #[test]
    fn the_order_of_equal_probabilities_does_not_matter() {
        let one = [(0.9, true), (0.5, true), (0.5, false), (0.2, true)];
        let other = [(0.2, true), (0.5, false), (0.5, true), (0.9, true)];
        assert!(close(Metrics::of(&judged(&one)).pr_auc, Metrics::of(&judged(&other)).pr_auc));
        // 1/3 * 1 + 1/3 * 2/3 + 1/3 * 3/4.
        assert!(close(Metrics::of(&judged(&one)).pr_auc, (1.0 + 2.0 / 3.0 + 0.75) / 3.0));
    }

    #[test]
    fn counts_and_ratios_are_those_of_the_confusion_table() {
        let metrics = Metrics::of(&judged(&[(0.9, true), (0.8, false), (0.7, true), (0.2, true), (0.1, false)]));
        assert_eq!(
            (metrics.true_positives, metrics.false_positives, metrics.false_negatives, metrics.true_negatives),
            (2, 1, 1, 1)
        );
        assert!(
            close(metrics.precision, 2.0 / 3.0) && close(metrics.recall, 2.0 / 3.0) && close(metrics.f1, 2.0 / 3.0)
        );
        assert!(close(metrics.brier, (0.01 + 0.64 + 0.09 + 0.64 + 0.01) / 5.0));
    }

    #[test]
    fn nothing_to_find_is_zero_and_not_a_division_by_it() {
        let metrics = Metrics::of(&judged(&[(0.1, false), (0.2, false)]));
        assert_eq!((metrics.precision, metrics.recall, metrics.f1, metrics.pr_auc), (0.0, 0.0, 0.0, 0.0));
    }
}
