//! Bars over days, and single bars in tables.

use jiff::civil::Date;
use maud::{Markup, html};

use super::{Axis, Caption, Percent, legend, plot};
use crate::report::page::text::count;

/// One colour of bars: its name, its class and a count for each day.
pub(in crate::report) struct Series<'a> {
    pub(in crate::report) name: &'a str,
    pub(in crate::report) class: &'a str,
    pub(in crate::report) values: &'a [u64],
}

/// How several series share a day.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum Arrangement {
    Stacked,
    SideBySide,
}

/// More days than this are drawn by the week, because a bar is to be wider than its gap.
const MOST_BARS: usize = 62;

/// Counts by day.
pub(in crate::report) fn bars(
    caption: &Caption<'_>,
    days: &[Date],
    series: &[Series<'_>],
    arrangement: Arrangement,
) -> Markup {
    let width = if days.len() > MOST_BARS { 7 } else { 1 };
    let starts: Vec<Date> = days.iter().step_by(width).copied().collect();
    let sums: Vec<Vec<u64>> =
        series.iter().map(|series| series.values.chunks(width).map(|days| days.iter().sum()).collect()).collect();
    let at = |series: &Vec<u64>, index: usize| series.get(index).copied().unwrap_or(0);
    let stack = |index| sums.iter().map(|series| at(series, index)).sum();
    let most = match arrangement {
        Arrangement::Stacked => (0..starts.len()).map(stack).max(),
        Arrangement::SideBySide => sums.iter().flatten().copied().max(),
    };
    let axis = Axis::counts(most.unwrap_or(0));
    let slot = 1.0 / starts.len().max(1) as f64;
    let shapes = html! {
            @for (index, start) in starts.iter().enumerate() {
                @for (number, series_of_day) in series.iter().enumerate() {
                    @let value = sums.get(number).map_or(0, |sums| at(sums, index));
                    @let below: u64 = sums.iter().take(number).map(|sums| at(sums, index)).sum();
                    @let spot = Spot::of(arrangement, number, series.len(), below);
                    @let (top, base) = (axis.height((spot.below + value) as f64), axis.height(spot.below as f64));
                    @if value > 0 {
                        rect class=(series_of_day.class)
                            x=(Percent((index as f64 + spot.left) * slot)) width=(Percent(spot.width * slot))
                            y=(Percent(top)) height=(Percent(base - top)) {
    title { (start) (further(days.len(), index * width, width)) ": " (count(value)) " " (series_of_day.name) }
                        }
                    }
                }
            }
        };
    let vertical = format!("{}, by {}", caption.vertical, if width > 1 { "week" } else { "day" });
    let caption = Caption { vertical: &vertical, ..*caption };
    let names = if series.len() > 1 {
        legend(series.iter().map(|series| (series.class, series.name)))
    } else {
        html! {}
    };
    plot(&caption, &axis, &starts, &names, &shapes)
}

/// What a bar covers besides its first day.
fn further(days: usize, first: usize, width: usize) -> String {
    match width.min(days - first) - 1 {
        0 => String::new(),
        1 => " and the day after".to_owned(),
        more => format!(" and the {more} days after"),
    }
}

/// Where in its day a bar stands, as shares of the day's width, and on how much.
struct Spot {
    left: f64,
    width: f64,
    below: u64,
}

impl Spot {
    fn of(arrangement: Arrangement, number: usize, of: usize, below: u64) -> Self {
        const ROOM: f64 = 0.1;
        match arrangement {
            Arrangement::Stacked => Self { left: ROOM, width: 1.0 - 2.0 * ROOM, below },
            Arrangement::SideBySide => {
                let width = (1.0 - 2.0 * ROOM) / of as f64;
                Self { left: ROOM + width * number as f64, width, below: 0 }
            }
        }
    }
}

/// A bar as long as `share` of its cell.
pub(in crate::report) fn bar(class: &str, share: f64) -> Markup {
    html! {
        svg.bar aria-hidden="true" {
            rect.track width="100%" height="100%" {}
            rect class=(class) width=(Percent(share.clamp(0.0, 1.0))) height="100%" {}
        }
    }
}
