//! Numbers as people read them.

use std::{fmt, time::Duration};

/// A whole number with its thousands set off.
pub(crate) fn count(number: impl TryInto<u64>) -> String {
    let digits = number.try_into().unwrap_or(u64::MAX).to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// How long so many rows took.
pub(crate) struct Rate {
    pub(crate) rows: usize,
    pub(crate) took: Duration,
}

impl fmt::Display for Rate {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded and positive")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.took.as_secs_f64();
        let rate = (self.rows as f64 / seconds.max(1e-9)).round() as u64;
        write!(f, "{seconds:.1} s, {} rows/s", count(rate))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_off() {
        for (number, text) in
            [(0_u64, "0"), (999, "999"), (1_000, "1,000"), (22_695, "22,695"), (1_234_567, "1,234,567")]
        {
            assert_eq!(count(number), text);
        }
        assert_eq!(Rate { rows: 10_000, took: Duration::from_millis(2_500) }.to_string(), "2.5 s, 4,000 rows/s");
    }
}
