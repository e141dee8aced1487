//! The beat that days keep to.

use jiff::{ToSpan, civil::Date};

use super::Interval;

/// How long an interval is, and how far from its place a day may be.
enum Length {
    Days(i32),
    Months(i32),
}

struct Rule {
    interval: Interval,
    length: Length,
    tolerance: i32,
    fewest: usize,
    /// Half an interval, in days.
    half: i32,
}

const RULES: [Rule; 5] = [
    Rule { interval: Interval::Weekly, length: Length::Days(7), tolerance: 1, fewest: 4, half: 3 },
    Rule { interval: Interval::Fortnightly, length: Length::Days(14), tolerance: 2, fewest: 3, half: 7 },
    Rule { interval: Interval::Monthly, length: Length::Months(1), tolerance: 4, fewest: 3, half: 15 },
    Rule { interval: Interval::Quarterly, length: Length::Months(3), tolerance: 7, fewest: 3, half: 45 },
    Rule { interval: Interval::Yearly, length: Length::Months(12), tolerance: 15, fewest: 2, half: 182 },
];

/// How many days are tried as the one that is exactly in its place: more than a year of months, so that one of them is
/// not cut short by the month's end.
const ANCHORS: usize = 16;

/// How regular the days are.
pub(super) struct Beat {
    pub(super) interval: Interval,
    /// The place after the last day's.
    pub(super) next: Date,
    half: i32,
    occurrences: usize,
    /// Gaps that leave places empty, as a part of all gaps.
    left_out: f32,
    /// How far the days are from their places, as a part of what is allowed, on average.
    off: f32,
}

impl Beat {
    /// The beat of different days in order, if they have one: the shortest interval that fits.
    pub(super) fn find(days: &[Date]) -> Option<Self> {
        RULES.iter().filter(|rule| days.len() >= rule.fewest).find_map(|rule| rule.fit(days))
    }

    /// The day after which the next payment is overdue by more than half an interval.
    pub(super) fn overdue_after(&self) -> Date {
        self.next.saturating_add(self.half.days())
    }

    /// How sure it is, from 0 to 1.
    pub(super) fn confidence(&self, varies: bool) -> f32 {
        let count = f32::from(u16::try_from(self.occurrences).unwrap_or(u16::MAX));
        let enough = count / (count + 1.0);
        let steady = if varies { 0.85 } else { 1.0 };
        let sure = enough * steady * (1.0 - self.off / 4.0) * (1.0 - self.left_out);
        (sure * 100.0).round() / 100.0
    }
}

impl Rule {
    /// Tries each of the latest days as the one that is exactly in its place, and takes the one that leaves all the others
    /// least off.
    fn fit(&self, days: &[Date]) -> Option<Beat> {
        let gaps = days.len().saturating_sub(1);
        let mut best: Option<(i32, usize, Date)> = None;
        for anchor in days.iter().skip(days.len().saturating_sub(ANCHORS)) {
            let Some((off, left_out, next)) = self.from(*anchor, days) else { continue };
            if left_out * 4 <= gaps && best.is_none_or(|(least, ..)| off < least) {
                best = Some((off, left_out, next));
            }
        }
        let (off, left_out, next) = best?;
        let part = |count: i32, of: usize| {
            f32::from(u16::try_from(count).unwrap_or(u16::MAX))
                / f32::from(u16::try_from(of).unwrap_or(u16::MAX)).max(1.0)
        };
        Some(Beat {
            interval: self.interval,
            next,
            half: self.half,
            occurrences: days.len(),
            left_out: part(i32::try_from(left_out).unwrap_or(i32::MAX), gaps),
            off: part(off, days.len()) / f32::from(u8::try_from(self.tolerance).unwrap_or(u8::MAX)),
        })
    }

    /// How many days all are off together, how many gaps leave something out, and the place after the last.
    fn from(&self, anchor: Date, days: &[Date]) -> Option<(i32, usize, Date)> {
        let (mut total, mut left_out, mut before) = (0, 0, None);
        for day in days {
            let (number, off) = self.place(anchor, *day);
            if off > self.tolerance {
                return None;
            }
            match before.map(|before| number - before) {
                Some(..=0) => return None,
                Some(2..) => left_out += 1,
                None | Some(1) => {}
            }
            total += off;
            before = Some(number);
        }
        Some((total, left_out, self.at(anchor, before? + 1)))
    }

    /// The number of the place that is nearest to a day, counted from the anchor, and the days between.
    fn place(&self, anchor: Date, day: Date) -> (i32, i32) {
        let roughly = match self.length {
            Length::Days(length) => distance(anchor, day).div_euclid(length),
            Length::Months(length) => {
                let months = |date: Date| i32::from(date.year()) * 12 + i32::from(date.month());
                (months(day) - months(anchor)).div_euclid(length)
            }
        };
        (roughly - 1..=roughly + 1)
            .map(|number| (number, distance(self.at(anchor, number), day).abs()))
            .min_by_key(|(_, off)| *off)
            .unwrap_or((roughly, i32::MAX))
    }

    fn at(&self, anchor: Date, number: i32) -> Date {
        let number = i64::from(number);
        anchor.saturating_add(match self.length {
            Length::Days(length) => (number * i64::from(length)).days(),
            Length::Months(length) => (number * i64::from(length)).months(),
        })
    }
}

/// Days from one date to another.
fn distance(from: Date, to: Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days())
}
