//! A line over days, with a band around it.

use std::fmt::Write as _;

use jiff::civil::Date;
use maud::{Markup, html};

use super::{Axis, Caption, legend, plot};

/// What surrounds a line: the smallest and the largest of each day.
pub(in crate::report) struct Band<'a> {
    pub(in crate::report) low: &'a [Option<f64>],
    pub(in crate::report) high: &'a [Option<f64>],
}

/// A value for each day, with days that have none left out, and the band around them. `None` when
/// no day has a value.
pub(in crate::report) fn lines(
    caption: &Caption<'_>,
    days: &[Date],
    line: (&str, &[Option<f64>]),
    band: Option<(&str, &Band<'_>)>,
) -> Option<Markup> {
    let (name, values) = line;
    let bounds = band.iter().flat_map(|(_, band)| band.low.iter().chain(band.high));
    let all = || values.iter().chain(bounds.clone()).flatten().copied();
    let axis = Axis::values(all().reduce(f64::min)?, all().reduce(f64::max)?);
    let shapes = html! {
        svg.inner width="100%" height="100%" viewBox="0 0 1000 1000" preserveAspectRatio="none" {
            @if let Some((_, band)) = band { path.band d=(outline(&axis, band)) {} }
            path.line d=(path(&axis, values)) {}
        }
    };
    let names = match band {
        Some((band, _)) => legend([("line-key", name), ("band", band)].into_iter()),
        None => html! {},
    };
    Some(plot(caption, &axis, days, &names, &shapes))
}

/// The middle of a day on the stretched canvas, and a value's height there.
fn point(axis: &Axis, days: usize, index: usize, value: f64) -> (f64, f64) {
    let round = |value: f64| (value * 10.0).round() / 10.0;
    (round((index as f64 + 0.5) / days as f64 * 1000.0), round(axis.height(value) * 1000.0))
}

/// Runs of days that all have a value.
fn runs<T: Copy>(values: impl Iterator<Item = Option<T>>) -> Vec<Vec<(usize, T)>> {
    let mut runs = Vec::new();
    let mut run = Vec::new();
    for (index, value) in values.enumerate() {
        match value {
            Some(value) => run.push((index, value)),
            None => runs.push(std::mem::take(&mut run)),
        }
    }
    runs.push(run);
    runs.retain(|run| !run.is_empty());
    runs
}

fn path(axis: &Axis, values: &[Option<f64>]) -> String {
    let mut path = String::new();
    for run in runs(values.iter().copied()) {
        for (number, (index, value)) in run.iter().enumerate() {
            let (x, y) = point(axis, values.len(), *index, *value);
            // Writing to a string cannot fail.
            let _ = write!(path, "{}{x} {y}", if number == 0 { 'M' } else { 'L' });
        }
        // A line of no length is drawn as a dot: its caps are round.
        if run.len() == 1 {
            path.push_str("h0");
        }
    }
    path
}

fn outline(axis: &Axis, band: &Band<'_>) -> String {
    let bounds = band.low.iter().zip(band.high).map(|(low, high)| Some(((*low)?, (*high)?)));
    let mut path = String::new();
    for run in runs(bounds) {
        let upper = run.iter().map(|(index, (_, high))| (*index, *high));
        let lower = run.iter().rev().map(|(index, (low, _))| (*index, *low));
        for (number, (index, value)) in upper.chain(lower).enumerate() {
            let (x, y) = point(axis, band.low.len(), index, value);
            let _ = write!(path, "{}{x} {y}", if number == 0 { 'M' } else { 'L' });
        }
        path.push('Z');
    }
    path
}
