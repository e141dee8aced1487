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

/// A line through the values of days, where they have one, within a band. `None` when no day has.
pub(in crate::report) fn values(
    caption: &Caption<'_>,
    days: &[Date],
    (name, values): (&str, &[Option<f64>]),
    (around, band): (&str, &Band<'_>),
) -> Option<Markup> {
    let all = || values.iter().chain(band.low).chain(band.high).flatten().copied();
    let axis = Axis::values(all().reduce(f64::min)?, all().reduce(f64::max)?);
    let shapes = canvas(&html! {
        path.band d=(outline(&axis, band)) {}
        path.line d=(path(&axis, values)) {}
    });
    let names = legend([("line-key", name), ("band", around)].into_iter());
    Some(plot(caption, &axis, days, &names, &shapes))
}

/// A line through the counts of days, above zero.
pub(in crate::report) fn counts(caption: &Caption<'_>, days: &[Date], counts: &[u64]) -> Markup {
    let axis = Axis::counts(counts.iter().copied().max().unwrap_or(0));
    let values: Vec<Option<f64>> = counts.iter().map(|count| Some(*count as f64)).collect();
    plot(caption, &axis, days, &html! {}, &canvas(&html! { path.line d=(path(&axis, &values)) {} }))
}

/// A plot whose shapes are stretched with it.
fn canvas(shapes: &Markup) -> Markup {
    html! { svg.inner width="100%" height="100%" viewBox="0 0 1000 1000" preserveAspectRatio="none" { (shapes) } }
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
