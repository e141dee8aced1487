//! A row of cells, one for each day, darker for more.

use jiff::civil::Date;
use maud::{Markup, html};

use super::{Percent, day_labels, legend};

/// How much of a day is covered.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum Shade {
    None,
    Quarter,
    Half,
    Most,
    All,
}

impl Shade {
    const ALL: [Self; 5] = [Self::None, Self::Quarter, Self::Half, Self::Most, Self::All];

    /// The shade of a share from 0 to 1.
    pub(in crate::report) fn of(share: f64) -> Self {
        match share {
            _ if share <= 0.0 => Self::None,
            _ if share < 0.5 => Self::Quarter,
            _ if share < 0.9 => Self::Half,
            _ if share < 1.0 => Self::Most,
            _ => Self::All,
        }
    }

    const fn class(self) -> &'static str {
        match self {
            Self::None => "h0",
            Self::Quarter => "h1",
            Self::Half => "h2",
            Self::Most => "h3",
            Self::All => "h4",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Quarter => "under 50 %",
            Self::Half => "50 to 90 %",
            Self::Most => "90 % and more",
            Self::All => "all hours",
        }
    }

    /// What the shades stand for.
    pub(in crate::report) fn legend() -> Markup {
        legend(Self::ALL.into_iter().map(|shade| (shade.class(), shade.name())))
    }
}

/// A cell for each day that has a share. Days of the same shade are one cell.
pub(in crate::report) fn strip(description: &str, shares: &[Option<f64>]) -> Markup {
    let shades: Vec<Option<Shade>> = shares.iter().map(|share| share.map(Shade::of)).collect();
    let slot = 1.0 / shades.len().max(1) as f64;
    let mut start = 0;
    let cells: Vec<_> = shades
        .chunk_by(PartialEq::eq)
        .filter_map(|cells| {
            let first = start;
            start += cells.len();
            Some((first, cells.len(), cells.first().copied().flatten()?))
        })
        .collect();
    html! {
        svg.strip role="img" aria-label=(description) {
            @for (first, length, shade) in cells {
                rect class=(shade.class()) x=(Percent(first as f64 * slot)) width=(Percent(length as f64 * slot)) y="0" height="100%" {}
            }
        }
    }
}

/// The days below a column of strips.
pub(in crate::report) fn strip_axis(days: &[Date]) -> Markup {
    html! { svg.strip-axis aria-hidden="true" { (day_labels(days, 3)) } }
}
