//! What the pages have in common.

use kernel::Identifier;
use maud::{Markup, html};

use super::text::breakable;
use crate::report::chart::bar;

/// How many rows a table shows. All of them are in JSON and CSV.
pub(super) const MOST_ROWS: usize = 25;

/// A figure at the top of a page.
pub(super) struct Tile<'a> {
    pub(super) name: &'a str,
    pub(super) value: String,
    pub(super) remark: String,
}

pub(super) fn tiles(tiles: &[Tile<'_>]) -> Markup {
    html! {
        dl.tiles {
            @for Tile { name, value, remark } in tiles {
                div { dt { (name) } dd { (value) @if !remark.is_empty() { span { (remark) } } } }
            }
        }
    }
}

/// A section under its heading.
pub(super) fn section(id: &str, title: &str, content: &Markup) -> Markup {
    html! { section aria-labelledby=(id) { h2 id=(id) { (title) } (content) } }
}

/// A column of a table: its name, what stands below that, and whether it holds numbers.
pub(super) struct Column(pub(super) &'static str, pub(super) &'static str, pub(super) Kind);

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    Bar,
}

impl Kind {
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Text => "t",
            Self::Number => "n",
            Self::Bar => "b",
        }
    }
}

/// A table that scrolls sideways where it must; its caption does not scroll with it. `rows` are its
/// row groups.
pub(super) fn table(caption: &str, columns: &[Column], rows: &Markup) -> Markup {
    html! {
        p.caption { (caption) }
        div.scroll tabindex="0" role="region" aria-label=(caption) {
            table aria-label=(caption) {
                thead {
                    tr {
                        @for Column(name, below, kind) in columns {
                            th scope="col" class=(kind.class()) { (name) @if !below.is_empty() { span { (below) } } }
                        }
                    }
                }
                (rows)
            }
        }
    }
}

/// A cell with a bar as long as `value` is of `most`.
pub(super) fn bar_cell(class: &str, value: u64, most: u64) -> Markup {
    html! { td.b { (bar(class, value as f64 / most.max(1) as f64)) } }
}

/// A cell of figures.
pub(super) fn number(text: &str) -> Markup {
    html! { td.n { (text) } }
}

/// The head of a sensor's row.
pub(super) fn sensor(id: &Identifier, remark: &str) -> Markup {
    html! { th scope="row" { span.id { (breakable(id)) } @if !remark.is_empty() { span.remark { (remark) } } } }
}

/// What was left out of a table.
pub(super) fn left_out(shown: usize, all: usize, what: &str) -> Markup {
    html! {
        @if shown < all {
            p.note { (shown) " of " (all) " " (what) " are shown; the JSON of this report has all of them." }
        }
    }
}

/// Says that there is nothing to show.
pub(super) fn nothing(text: &str) -> Markup {
    html! { p.nothing { (text) } }
}
