//! Charts as inline SVG that grow and shrink with the page while their text does not.
//!
//! The outer `svg` has no view box, so that positions are given in per cent and texts in pixels; only
//! shapes that need paths lie in an inner one that is stretched. Colours come from the page's style
//! sheet by class, axis labels stand in the margin that the style sheet leaves around `.plot`.
//! Elements have an end tag even when empty: in HTML, what follows would otherwise be part of them.
//! Nothing here has a `style` attribute, which a content security policy may forbid.

mod axis;
mod bars;
pub(super) mod lines;
mod strip;

use std::fmt;

use jiff::civil::Date;
use maud::{Markup, html};

pub(super) use bars::{Arrangement, Series, bar, bars};
pub(super) use lines::Band;
pub(super) use strip::{Shade, strip, strip_axis};

use axis::Axis;

/// What a chart says about itself.
pub(super) struct Caption<'a> {
    /// Unique on the page.
    pub(super) id: &'a str,
    pub(super) title: &'a str,
    /// What the vertical axis counts, and its unit.
    pub(super) vertical: &'a str,
    /// What the picture shows, for who does not see it.
    pub(super) description: &'a str,
}

/// A position or length in hundredths of the plot.
pub(super) struct Percent(pub(super) f64);

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", (self.0 * 1e4).round() / 100.0)
    }
}

/// A chart over days: caption, vertical axis, days below, and `shapes` between.
fn plot(caption: &Caption<'_>, axis: &Axis, days: &[Date], legend: &Markup, shapes: &Markup) -> Markup {
    let (title, description) = (format!("{}-t", caption.id), format!("{}-d", caption.id));
    html! {
        figure.chart {
            figcaption { strong { (caption.title) } span.unit { (caption.vertical) } }
            (legend)
            div class={"plot " (axis.margin())} {
                svg.tall role="img" aria-labelledby={(title) " " (description)} {
                    title id=(title) { (caption.title) }
                    desc id=(description) { (caption.description) }
                    @for tick in axis.ticks() {
                        line.grid-line x1="0" x2="100%" y1=(Percent(tick.height)) y2=(Percent(tick.height)) {}
                        text.y x="-8" y=(Percent(tick.height)) dy=".34em" { (tick.label) }
                    }
                    (shapes)
                    line.base x1="0" x2="100%" y1="100%" y2="100%" {}
                    (day_labels(days, 6))
                }
            }
        }
    }
}

/// The names of at most `most` days, a whole number of days or weeks apart.
fn day_labels(days: &[Date], most: usize) -> Markup {
    let step = [1, 2, 7, 14, 28, 56, 84].into_iter().find(|step| days.len().div_ceil(*step) <= most).unwrap_or(182);
    html! {
        @for (index, day) in days.iter().enumerate().step_by(step) {
            @let x = Percent((index as f64 + 0.5) / days.len() as f64);
            text.x x=(x) y="100%" dy="1.5em" { (day.strftime("%-d %b")) }
        }
    }
}

/// Names what the colours stand for.
fn legend<'a>(entries: impl Iterator<Item = (&'a str, &'a str)>) -> Markup {
    html! {
        ul.legend {
            @for (class, name) in entries {
                li { svg.swatch aria-hidden="true" { rect class=(class) width="100%" height="100%" {} } (name) }
            }
        }
    }
}
