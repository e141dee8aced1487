//! Gathers one page of points from segments.
//!
//! An hour's segments must be together before its readings are known, because later ones replace
//! earlier ones; a bucket's hours must be together before it is known. So points become known hour
//! by hour, or day by day, and gathering ends at such a border.

use jiff::Timestamp;
use kernel::Fault;
use maintenance::{Bucket, Resolution, Sample, Segment, Written, aggregate, read};
use store::{Order, SegmentPager, StoredSegment};

/// After so many segments a page ends at the next border even if it is short, to bound the time a
/// request takes: a day of readings every second, sent in batches of ten, is 8,640 segments.
const MOST_SEGMENTS: usize = 10_000;

/// What to gather.
pub(crate) struct Wanted {
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    pub(crate) order: Order,
    pub(crate) resolution: Resolution,
    pub(crate) limit: usize,
}

/// A point of either kind knows its time.
pub(crate) trait Point: Sized {
    fn timestamp(&self) -> Timestamp;
    fn condense(samples: Vec<Sample>, resolution: Resolution) -> Vec<Self>;
}

impl Point for Sample {
    fn timestamp(&self) -> Timestamp {
        self.timestamp
    }

    fn condense(samples: Vec<Sample>, _: Resolution) -> Vec<Self> {
        samples
    }
}

impl Point for Bucket {
    fn timestamp(&self) -> Timestamp {
        self.timestamp
    }

    fn condense(samples: Vec<Sample>, resolution: Resolution) -> Vec<Self> {
        aggregate(&samples, resolution)
    }
}

/// The points, and the last one's time if there are more.
pub(crate) async fn gather<P: Point>(
    mut pager: SegmentPager<'_>,
    wanted: &Wanted,
) -> Result<(Vec<P>, Option<Timestamp>), Fault> {
    let mut gathering = Gathering { wanted, hour: Vec::new(), samples: Vec::new(), points: Vec::new() };
    let mut seen = 0;
    let mut more = false;
    'pages: while let Some(page) = pager.next().await? {
        for stored in page {
            if gathering.hour.first().is_some_and(|first| first.hour != stored.hour) {
                let ends_period = gathering.close_hour(Some(&stored.hour))?;
                // Without a point there is nothing a cursor could go on after.
                let found = gathering.points.len();
                if ends_period && (found > wanted.limit || (found > 0 && seen > MOST_SEGMENTS)) {
                    more = true;
                    break 'pages;
                }
            }
            seen += 1;
            gathering.hour.push(stored);
        }
    }
    if !more {
        gathering.close_hour(None)?;
    }
    let mut points = gathering.points;
    more |= points.len() > wanted.limit;
    points.truncate(wanted.limit);
    let last = points.last().map(Point::timestamp).filter(|_| more);
    Ok((points, last))
}

struct Gathering<'a, P> {
    wanted: &'a Wanted,
    /// The segments of one hour.
    hour: Vec<StoredSegment>,
    /// The readings of one period, as far as its hours are complete.
    samples: Vec<Sample>,
    points: Vec<P>,
}

impl<P: Point> Gathering<'_, P> {
    /// Ends the hour, because `next` begins or there is none. Tells whether the period ends with it.
    fn close_hour(&mut self, next: Option<&str>) -> Result<bool, Fault> {
        let period = self.hour.first().map(|first| self.period(&first.hour).to_owned());
        let written: Result<Vec<Written>, _> = self
            .hour
            .drain(..)
            .map(|stored| Segment::parse(stored.data).map(|segment| Written { order: stored.order, segment }))
            .collect();
        let samples = written.and_then(|written| read(&written)).map_err(Fault::internal)?;
        let inside = |sample: &Sample| self.wanted.from <= sample.timestamp && sample.timestamp <= self.wanted.to;
        self.samples.extend(samples.into_iter().filter(inside));
        let ends = next.map(|next| self.period(next)) != period.as_deref();
        if ends {
            let mut samples = std::mem::take(&mut self.samples);
            samples.sort_by_key(|sample| sample.timestamp);
            let mut points = P::condense(samples, self.wanted.resolution);
            if self.wanted.order == Order::Descending {
                points.reverse();
            }
            self.points.append(&mut points);
        }
        Ok(ends)
    }

    /// The part of the hour's name that names the period: `2006-01-02T15`, or the day of it.
    fn period<'h>(&self, hour: &'h str) -> &'h str {
        match self.wanted.resolution {
            Resolution::Day => hour.split('T').next().unwrap_or(hour),
            Resolution::Raw | Resolution::Minute | Resolution::Hour => hour,
        }
    }
}
