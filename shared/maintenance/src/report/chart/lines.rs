//! A line over days, with a band around it.

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

/// A place on the stretched canvas.
fn point(axis: &Axis, days: usize, position: f64, value: f64) -> String {
    let round = |value: f64| (value * 10.0).round() / 10.0;
    format!("{} {}", round(position / days as f64 * 1000.0), round(axis.height(value) * 1000.0))
}

/// Runs of days that all have a value: the value, at the middle of the day. A day by itself is as
/// wide as a bar, so that there is something to see.
fn runs<T: Copy>(values: impl Iterator<Item = Option<T>>) -> Vec<Vec<(f64, T)>> {
    let mut runs = vec![Vec::new()];
    for (index, value) in values.enumerate() {
        match (value, runs.last_mut()) {
            (Some(value), Some(run)) => run.push((index as f64 + 0.5, value)),
            _ => runs.push(Vec::new()),
        }
    }
    runs.retain(|run| !run.is_empty());
    for run in &mut runs {
        if let [(position, value)] = **run {
            *run = vec![(position - 0.4, value), (position + 0.4, value)];
        }
    }
    runs
}

fn path(axis: &Axis, values: &[Option<f64>]) -> String {
    let runs = runs(values.iter().copied());
    let run = |run: &Vec<(f64, f64)>| {
        let points: Vec<String> = run.iter().map(|(at, value)| point(axis, values.len(), *at, *value)).collect();
        format!("M{}", points.join("L"))
    };
    runs.iter().map(run).collect()
}

fn outline(axis: &Axis, band: &Band<'_>) -> String {
    let bounds = band.low.iter().zip(band.high).map(|(low, high)| Some(((*low)?, (*high)?)));
    let runs = runs(bounds);
    let run = |run: &Vec<(f64, (f64, f64))>| {
        let upper = run.iter().map(|(at, (_, high))| (*at, *high));
        let lower = run.iter().rev().map(|(at, (low, _))| (*at, *low));
        let points = upper.chain(lower).map(|(at, value)| point(axis, band.low.len(), at, value));
        format!("M{}Z", points.collect::<Vec<_>>().join("L"))
    };
    runs.iter().map(run).collect()
}
