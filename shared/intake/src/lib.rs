//! Takes bank messages: one, many, or a file of them.
//!
//! [`Reader`] knows by which clock a message is read and what its payment was for; [`Row`] is one message of many as a
//! client sends it. A row that cannot be read or is no transaction is rejected alone.

mod bundled;
mod reader;
mod row;

pub use reader::Reader;
pub use row::{AnyRow, Row, RowDefaults, sort_element, sort_line};
