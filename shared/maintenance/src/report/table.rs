//! Tables as text: RFC 4180, and harmless to a spreadsheet.

use std::fmt::Display;

use jiff::Timestamp;

/// One field.
pub(super) enum Cell {
    /// What has no value.
    Empty,
    /// A number, which a spreadsheet may calculate with.
    Number(String),
    /// Anything else, be it a client's.
    Text(String),
}

impl Cell {
    pub(super) fn number(value: impl Display) -> Self {
        Self::Number(value.to_string())
    }

    pub(super) fn text(value: impl Display) -> Self {
        Self::Text(value.to_string())
    }

    pub(super) fn maybe<T>(value: Option<T>, cell: fn(T) -> Self) -> Self {
        value.map_or(Self::Empty, cell)
    }
}

impl From<u64> for Cell {
    fn from(value: u64) -> Self {
        Self::number(value)
    }
}

impl From<Option<u64>> for Cell {
    fn from(value: Option<u64>) -> Self {
        Self::maybe(value, Self::number)
    }
}

impl From<Option<i64>> for Cell {
    fn from(value: Option<i64>) -> Self {
        Self::maybe(value, Self::number)
    }
}

impl From<Option<f64>> for Cell {
    fn from(value: Option<f64>) -> Self {
        // The shortest text that reads back as the same number; an exponent where zeros would pile up.
        Self::maybe(value, |value| match value.abs() {
            size if size != 0.0 && !(1e-5..1e15).contains(&size) => Self::Number(format!("{value:e}")),
            _ => Self::number(value),
        })
    }
}

impl From<Option<Timestamp>> for Cell {
    fn from(value: Option<Timestamp>) -> Self {
        Self::maybe(value, Self::text)
    }
}

/// The table with its header. Lines end with CR LF, the last one too.
pub(super) fn csv<const N: usize>(columns: [&str; N], rows: impl Iterator<Item = [Cell; N]>) -> String {
    let mut text = columns.join(",");
    text.push_str("\r\n");
    for row in rows {
        for (index, cell) in row.iter().enumerate() {
            if index > 0 {
                text.push(',');
            }
            push(&mut text, cell);
        }
        text.push_str("\r\n");
    }
    text
}

fn push(text: &mut String, cell: &Cell) {
    let value = match cell {
        Cell::Empty => return,
        Cell::Number(number) => return text.push_str(number),
        Cell::Text(value) => value,
    };
    // What begins like this is a formula to a spreadsheet; an apostrophe makes it text.
    let guard = if value.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    if value.contains(['"', ',', '\r', '\n']) {
        text.push('"');
        text.push_str(guard);
        text.push_str(&value.replace('"', "\"\""));
        text.push('"');
    } else {
        text.push_str(guard);
        text.push_str(value);
    }
}
