//! What a report is told about a sensor, condensed to what reports need.

use jiff::Timestamp;
use kernel::Identifier;

use super::{figures, period::Calendar};
use crate::{aggregate::Bucket, reading::SensorType, series::Sample};

/// One sensor and its readings within the period.
#[derive(Clone, Copy, Debug)]
pub struct SensorFacts<'a> {
    /// Which sensor; each is handed in once.
    pub sensor_id: &'a Identifier,
    /// What it measures.
    pub sensor_type: SensorType,
    /// The unit of its values.
    pub unit: &'a str,
    /// The time of its first reading ever: before it, none was to be expected.
    pub first_timestamp: Timestamp,
    /// Its last reading before the end of the period, if it has one, be it before the start.
    pub last: Option<Sample>,
    /// Its readings by the hour, at most one bucket an hour, as [`aggregate`](crate::aggregate)
    /// leaves them. Hours outside the period are left out of account.
    pub hours: &'a [Bucket],
}

/// The hours of the period in which a sensor has readings, by time.
#[derive(Debug)]
pub(super) struct Hours<'a>(Vec<(usize, &'a Bucket)>);

/// The readings of one day.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct DayFigures {
    pub(super) readings: u64,
    pub(super) hours_with_data: u64,
    pub(super) min: Option<f64>,
    pub(super) mean: Option<f64>,
    pub(super) max: Option<f64>,
}

impl<'a> Hours<'a> {
    pub(super) fn of(calendar: Calendar, buckets: &'a [Bucket]) -> Self {
        let counted = buckets.iter().filter(|bucket| bucket.count > 0);
        let mut hours: Vec<_> = counted.filter_map(|bucket| Some((calendar.hour(bucket.timestamp)?, bucket))).collect();
        hours.sort_by_key(|(hour, _)| *hour);
        hours.dedup_by_key(|(hour, _)| *hour);
        Self(hours)
    }

    pub(super) fn count(&self) -> u64 {
        self.0.len() as u64
    }

    pub(super) fn numbers(&self) -> impl Iterator<Item = usize> {
        self.0.iter().map(|(hour, _)| *hour)
    }

    pub(super) fn readings(&self) -> u64 {
        self.0.iter().map(|(_, bucket)| bucket.count).fold(0, u64::saturating_add)
    }

    pub(super) fn min(&self) -> Option<f64> {
        self.0.iter().map(|(_, bucket)| bucket.min).reduce(f64::min)
    }

    pub(super) fn max(&self) -> Option<f64> {
        self.0.iter().map(|(_, bucket)| bucket.max).reduce(f64::max)
    }

    /// The mean of the readings in the hours for which `within` holds.
    pub(super) fn mean(&self, within: impl Fn(usize) -> bool + Copy) -> Option<f64> {
        let hours = self.0.iter().filter(|(hour, _)| within(*hour));
        figures::mean(hours.map(|(_, bucket)| (bucket.mean, bucket.count)))
    }

    /// The same with all its digits.
    pub(super) fn exact_mean(&self, within: impl Fn(usize) -> bool + Copy) -> Option<f64> {
        let hours = self.0.iter().filter(|(hour, _)| within(*hour));
        figures::exact_mean(hours.map(|(_, bucket)| (bucket.mean, bucket.count)))
    }

    /// The hourly means, from the smallest to the largest.
    pub(super) fn sorted_means(&self) -> Vec<f64> {
        let mut means: Vec<f64> = self.0.iter().map(|(_, bucket)| bucket.mean).collect();
        means.sort_by(f64::total_cmp);
        means
    }

    /// Every day of the report.
    pub(super) fn days(&self, calendar: Calendar) -> Vec<DayFigures> {
        let mut days = vec![DayFigures::default(); calendar.days()];
        let day = |hour: usize| calendar.day_of_hour(hour);
        for chunk in self.0.chunk_by(|(one, _), (other, _)| day(*one) == day(*other)) {
            let Some((first, _)) = chunk.first() else { continue };
            if let Some(figures) = days.get_mut(day(*first)) {
                *figures = of_day(chunk);
            }
        }
        days
    }
}

fn of_day(hours: &[(usize, &Bucket)]) -> DayFigures {
    let buckets = hours.iter().map(|(_, bucket)| bucket);
    DayFigures {
        readings: buckets.clone().map(|bucket| bucket.count).fold(0, u64::saturating_add),
        hours_with_data: hours.len() as u64,
        min: buckets.clone().map(|bucket| bucket.min).reduce(f64::min),
        mean: figures::mean(buckets.clone().map(|bucket| (bucket.mean, bucket.count))),
        max: buckets.map(|bucket| bucket.max).reduce(f64::max),
    }
}
