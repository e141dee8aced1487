//! Takes bank messages: one, many, or a file of them.
//!
//! [`Reader`] reads a message and says what it is; [`Row`] is one message of many as a client sends it;
//! [`file_piece`] stores some of them whole, with an entry in the audit trail, so that what is done stays done when the
//! time is up. A row that cannot be read or is no transaction is rejected alone.

mod piece;
mod reader;
mod row;

pub use piece::file_piece;
pub use reader::Reader;
pub use row::{AnyRow, Row, RowDefaults};
