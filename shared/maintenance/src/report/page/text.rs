//! Figures as people read them. Only for pages: JSON and CSV keep every digit.

use jiff::Timestamp;
use maud::{Markup, html};

use crate::report::period::date;

/// What stands where there is nothing to state.
pub(in crate::report) const ABSENT: &str = "–";

/// `value` with `decimals` decimals and a comma between thousands.
pub(in crate::report) fn grouped(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
    let (whole, fraction) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut spaced = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            spaced.push(',');
        }
        spaced.push(digit);
    }
    // Nothing is less than zero and yet rounded to it.
    let is_zero = text.chars().all(|character| matches!(character, '-' | '0' | '.'));
    format!("{}{spaced}{fraction}", if is_zero { "" } else { sign })
}

/// A whole number.
pub(in crate::report) fn count(value: u64) -> String {
    let mut text = String::new();
    let digits = value.to_string();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A figure to five significant digits.
pub(super) fn figure(value: Option<f64>) -> String {
    let Some(value) = value else { return ABSENT.to_owned() };
    if value == 0.0 {
        return "0".to_owned();
    }
    let scientific = format!("{value:.4e}");
    let exponent = scientific.split_once('e').and_then(|(_, exponent)| exponent.parse::<i32>().ok()).unwrap_or(0);
    let text = match exponent {
        -4..=6 => grouped(value, usize::try_from(4 - exponent).unwrap_or(0)),
        _ => scientific,
    };
    let (digits, exponent) =
        text.split_once('e').map_or((text.as_str(), None), |(digits, power)| (digits, Some(power)));
    let digits = if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits };
    minus(&exponent.map_or(digits.to_owned(), |exponent| format!("{digits}e{exponent}")))
}

/// The same with its sign in front.
pub(super) fn signed(value: Option<f64>) -> String {
    let text = figure(value);
    if value.is_some_and(|value| value > 0.0) { format!("+{text}") } else { text }
}

/// A multiple of a standard deviation, which nobody needs to many digits.
pub(super) fn deviations(value: Option<f64>) -> String {
    match value {
        None => ABSENT.to_owned(),
        Some(value) if value.abs() >= 1000.0 => if value > 0.0 { "> +1,000 σ" } else { "< −1,000 σ" }.to_owned(),
        Some(value) => {
            let text = minus(&grouped(value, 1));
            format!("{}{text} σ", if value > 0.0 && text != "0.0" { "+" } else { "" })
        }
    }
}

fn minus(text: &str) -> String {
    text.replace('-', "−")
}

/// A share from 0 to 1. What is not all is not shown as 100 %, and what is not nothing not as 0 %.
pub(super) fn percent(share: Option<f64>) -> String {
    match share {
        None => ABSENT.to_owned(),
        Some(share) if share < 1.0 && share > 0.999 => "> 99.9\u{a0}%".to_owned(),
        Some(share) if share > 0.0 && share < 0.001 => "< 0.1\u{a0}%".to_owned(),
        Some(share) if share == 0.0 || share == 1.0 => format!("{:.0}\u{a0}%", share * 100.0),
        Some(share) => format!("{}\u{a0}%", grouped(share * 100.0, 1)),
    }
}

/// A length of time in its two largest units.
pub(super) fn duration(seconds: Option<i64>) -> String {
    let Some(seconds) = seconds else { return ABSENT.to_owned() };
    let sign = if seconds < 0 { "−" } else { "" };
    let size = seconds.unsigned_abs();
    let (days, hours, minutes) = (size / 86_400, size / 3600 % 24, size / 60 % 60);
    let text = match size {
        0..60 => format!("{size} s"),
        60..3600 => format!("{minutes} min"),
        3600..86_400 if minutes == 0 => format!("{hours} h"),
        3600..86_400 => format!("{hours} h {minutes} min"),
        _ if hours == 0 => format!("{} d", count(days)),
        _ => format!("{} d {hours} h", count(days)),
    };
    format!("{sign}{text}")
}

/// A mean or median length of time.
pub(super) fn mean_duration(seconds: Option<f64>) -> String {
    duration(seconds.and_then(|seconds| format!("{seconds:.0}").parse().ok()))
}

/// An instant to the minute, as a date and a time of UTC.
pub(super) fn instant(time: Option<Timestamp>) -> Markup {
    html! {
        @if let Some(time) = time {
            time datetime=(time) { (date(time)) " " (time.strftime("%H:%M")) }
        } @else { (ABSENT) }
    }
}

/// An identifier, which may be broken after each of its separators.
pub(super) fn breakable(id: &str) -> Markup {
    html! { @for part in id.split_inclusive([':', '.', '_', '-']) { (part) wbr; } }
}

/// `1 sensor`, `2 sensors`.
pub(super) fn counted(value: u64, noun: &str) -> String {
    format!("{} {noun}{}", count(value), if value == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_five_digits_and_no_more_zeros_than_needed() {
        let cases = [
            (0.0, "0"),
            (-0.0, "0"),
            (21.299_999_9, "21.3"),
            (-1234.567, "−1,234.6"),
            (0.000_123_456, "0.00012346"),
            (0.000_012_345_6, "1.2346e−5"),
            (100.0, "100"),
            (9_999_999.0, "1e7"),
            (1_234_567.0, "1,234,567"),
            (f64::MAX, "1.7977e308"),
            (5e-324, "4.9407e−324"),
        ];
        for (value, text) in cases {
            assert_eq!(figure(Some(value)), text);
        }
        assert_eq!((signed(Some(2.0)), signed(Some(-2.0)), signed(None)), ("+2".into(), "−2".into(), "–".into()));
        assert_eq!((deviations(Some(-0.04)), deviations(Some(1e9))), ("0.0 σ".into(), "> +1,000 σ".into()));
    }

    #[test]
    fn shares_and_durations_do_not_round_a_difference_away() {
        assert_eq!(
            (percent(Some(1.0)), percent(Some(0.99999)), percent(None)),
            ("100\u{a0}%".into(), "> 99.9\u{a0}%".into(), "–".into())
        );
        assert_eq!(
            (percent(Some(0.0)), percent(Some(1e-9)), percent(Some(0.1234))),
            ("0\u{a0}%".into(), "< 0.1\u{a0}%".into(), "12.3\u{a0}%".into())
        );
        let cases = [
            (0, "0 s"),
            (59, "59 s"),
            (3599, "59 min"),
            (7200, "2 h"),
            (5400, "1 h 30 min"),
            (90_000, "1 d 1 h"),
            (-60, "−1 min"),
        ];
        for (seconds, text) in cases {
            assert_eq!(duration(Some(seconds)), text);
        }
        assert_eq!(count(1_234_567), "1,234,567");
    }
}
