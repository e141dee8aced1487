//! A vertical axis with ticks at round numbers.

use crate::report::page::text::grouped;

/// The values from the bottom of a chart to its top.
pub(in crate::report) struct Axis {
    low: f64,
    high: f64,
    labels: Vec<(f64, String)>,
}

/// A labelled height; 0 is the top, as SVG counts.
pub(super) struct Tick<'a> {
    pub(super) height: f64,
    pub(super) label: &'a str,
}

/// A round number: `digit` times ten to the power of `exponent`.
#[derive(Clone, Copy)]
struct Step {
    digit: u8,
    exponent: i32,
}

/// About how many steps an axis has.
const STEPS: f64 = 4.0;

impl Axis {
    /// From zero to `most` or a little more, at whole numbers.
    pub(super) fn counts(most: u64) -> Self {
        Self::ticked(0.0, most.max(1) as f64, Step::within(most.max(4) as f64 / STEPS))
    }

    /// From `low` to `high` or a little more.
    pub(super) fn values(low: f64, high: f64) -> Self {
        let size = low.abs().max(high.abs());
        let span = high - low;
        if size > 1e280 || (size > 0.0 && size < 1e-280) {
            // Where steps cannot be computed with, the ends have to do.
            let (low, high) = if low < high { (low, high) } else { (low.min(0.0), high.max(0.0)) };
            return Self { low, high, labels: vec![(low, format!("{low:.1e}")), (high, format!("{high:.1e}"))] };
        }
        if span <= size * 1e-9 {
            let room = if size > 0.0 { size / 10.0 } else { 1.0 };
            return Self::ticked(low - room, high + room, Step::within(room / 2.0));
        }
        Self::ticked(low, high, Step::within(span / STEPS))
    }

    fn ticked(low: f64, high: f64, step: Step) -> Self {
        let width = step.width();
        // A tick's number; a margin for rounding keeps an end that is round at its own tick.
        let (first, last) = ((low / width + 1e-9).floor(), (high / width - 1e-9).ceil());
        let (low, high) = (low.min(first * width), high.max(last * width));
        let mut labels = Vec::new();
        let mut tick = first;
        while tick <= last {
            labels.push((tick * width, step.label(tick * width, low.abs().max(high.abs()))));
            tick += 1.0;
        }
        Self { low, high, labels }
    }

    /// How far below the top `value` is, as a share of the height.
    pub(super) fn height(&self, value: f64) -> f64 {
        // The difference of two finite numbers may not be finite, and half of the smallest is nothing.
        let scale = if self.low.abs().max(self.high.abs()) > 1.0 { 0.5 } else { 2.0 };
        let above_low = |value: f64| value * scale - self.low * scale;
        1.0 - (above_low(value) / above_low(self.high)).clamp(0.0, 1.0)
    }

    pub(super) fn ticks(&self) -> impl Iterator<Item = Tick<'_>> {
        self.labels.iter().map(|(value, label)| Tick { height: self.height(*value), label })
    }

    /// The class of a margin that is wide enough for the labels.
    pub(super) fn margin(&self) -> &'static str {
        match self.labels.iter().map(|(_, label)| label.chars().count()).max() {
            None | Some(0..=4) => "narrow",
            Some(5..=7) => "medium",
            Some(_) => "wide",
        }
    }
}

impl Step {
    /// 1, 2 or 5 times a power of ten, and not less than `least`, which is positive and finite.
    fn within(least: f64) -> Self {
        let exponent = exponent(least);
        let digit =
            [1, 2, 5].into_iter().find(|digit| Self { digit: *digit, exponent }.width() >= least * (1.0 - 1e-9));
        digit.map_or(Self { digit: 1, exponent: exponent + 1 }, |digit| Self { digit, exponent })
    }

    /// Read as text, because a power of ten that is computed may be beside itself.
    fn width(self) -> f64 {
        format!("{}e{}", self.digit, self.exponent).parse().unwrap_or(1.0)
    }

    /// A multiple of the step on an axis that reaches to `size`.
    fn label(self, value: f64, size: f64) -> String {
        let decimals = |exponent: i32| usize::try_from(-exponent).unwrap_or(0);
        if value.abs() < self.width() / 2.0 {
            return grouped(0.0, if size >= 1e15 || self.exponent < -5 { 0 } else { decimals(self.exponent) });
        }
        match self.exponent {
            _ if size >= 1e15 || self.exponent < -5 => {
                let digits = (exponent(value.abs()) - self.exponent).max(0);
                format!("{value:.*e}", decimals(-digits))
            }
            3.. if size >= 1e9 => format!("{}G", grouped(value / 1e9, decimals(self.exponent - 9))),
            3.. if size >= 1e6 => format!("{}M", grouped(value / 1e6, decimals(self.exponent - 6))),
            3.. if size >= 1e4 => format!("{}k", grouped(value / 1e3, decimals(self.exponent - 3))),
            _ => grouped(value, decimals(self.exponent)),
        }
    }
}

/// The power of ten of the first digit; 0 for zero.
fn exponent(value: f64) -> i32 {
    format!("{value:e}").split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.ticks().map(|tick| tick.label).collect()
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(labels(&Axis::counts(0)), ["0", "1"]);
        assert_eq!(labels(&Axis::counts(3)), ["0", "1", "2", "3"]);
        assert_eq!(labels(&Axis::counts(97)), ["0", "50", "100"]);
        assert_eq!(labels(&Axis::counts(72_000)), ["0", "20k", "40k", "60k", "80k"]);
        assert_eq!(labels(&Axis::counts(4_600_000)), ["0", "2M", "4M", "6M"]);
        assert_eq!(labels(&Axis::values(-0.31, 0.42)), ["-0.4", "-0.2", "0.0", "0.2", "0.4", "0.6"]);
        assert_eq!(labels(&Axis::values(101_300.0, 101_420.0)), ["101,300", "101,350", "101,400", "101,450"]);
        assert_eq!(labels(&Axis::values(5.0, 5.0)), ["4.5", "5.0", "5.5"]);
        assert_eq!(labels(&Axis::values(0.0, 0.0)), ["-1.0", "-0.5", "0.0", "0.5", "1.0"]);
        assert_eq!(labels(&Axis::values(0.0, 3e-9)), ["0", "1e-9", "2e-9", "3e-9"]);
    }

    #[test]
    fn every_range_has_an_axis_and_every_value_a_place_on_it() {
        let values =
            [f64::MIN, -1e300, -1e16, -1.0, -1e-12, -5e-324, 0.0, 5e-324, 1e-290, 1.0, 1.0 + 1e-15, 1e281, f64::MAX];
        for low in values {
            for high in values.into_iter().filter(|high| *high >= low) {
                let axis = Axis::values(low, high);
                for tick in axis.ticks() {
                    assert!((0.0..=1.0).contains(&tick.height), "{low} {high} {}", tick.label);
                }
                assert!(axis.ticks().count() <= 8, "{low} {high}");
                assert!((0.0..=1.0).contains(&axis.height(high)), "{low} {high}");
            }
        }
    }
}
