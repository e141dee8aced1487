//! Reading a file by pieces.

use aws_sdk_s3::Client;
use kernel::Fault;
use ledger::Import;
use vault::aws::reason;

/// How many bytes are read at once; no line may be longer.
const PIECE: u64 = 64 * 1024;

/// Some bytes of a file, from where the import is.
pub struct Piece {
    bytes: Vec<u8>,
    /// Whether they are the last ones.
    last: bool,
}

/// A line, or what of it lies in a piece.
#[derive(Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// How many bytes it takes in the file.
    pub length: u64,
    /// What it says; `None` for an empty line and for the rest of one that is too long. One that is too long says nothing,
    /// lest its beginning pass for a row.
    pub text: Option<&'a [u8]>,
    /// Whether it is too long and goes on beyond the piece.
    pub continues: bool,
}

/// Reads the next piece of an import's file.
///
/// # Errors
/// 503 when the bucket does not answer.
pub async fn read_piece(client: &Client, bucket: &str, key: &str, import: &Import) -> Result<Piece, Fault> {
    let failed = |error: &(dyn std::error::Error + 'static)| Fault::unavailable(reason(error));
    let end = (import.offset + PIECE).min(import.size);
    let range = format!("bytes={}-{}", import.offset, end.saturating_sub(1));
    let answer =
        client.get_object().bucket(bucket).key(key).range(range).send().await.map_err(|error| failed(&error))?;
    let bytes = answer.body.collect().await.map_err(|error| failed(&error))?.to_vec();
    Ok(Piece::new(bytes, end == import.size))
}

impl Piece {
    /// These bytes; `last` when the file ends with them.
    #[must_use]
    pub const fn new(bytes: Vec<u8>, last: bool) -> Self {
        Self { bytes, last }
    }

    /// The lines of which the piece holds all there is. When `skipping`, the piece begins within a line that is too long.
    pub fn lines(&self, mut skipping: bool) -> impl Iterator<Item = Line<'_>> {
        let mut rest = self.bytes.as_slice();
        let mut first = true;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let end = rest.iter().position(|byte| *byte == b'\n');
            let whole = end.is_some() || self.last;
            let (line, after) = match end {
                Some(end) => rest.split_at(end + 1),
                // The next piece begins with it, unless it is all there is in this one.
                None if !whole && !first => return None,
                None => (rest, &[][..]),
            };
            rest = after;
            first = false;
            let inside = std::mem::replace(&mut skipping, !whole);
            let text = if whole { Some(line.trim_ascii()).filter(|text| !text.is_empty()) } else { Some(&[][..]) };
            let text = text.filter(|_| !inside);
            Some(Line { length: u64::try_from(line.len()).unwrap_or(u64::MAX), text, continues: !whole })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, last: bool, skipping: bool) -> Vec<(u64, Option<String>, bool)> {
        let piece = Piece { bytes: text.as_bytes().to_vec(), last };
        let own = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
        let lines = piece.lines(skipping).map(|line| (line.length, line.text.map(own), line.continues));
        // A line has a byte at least: there is an end to see also when the lines have none.
        lines.take(text.len() + 1).collect()
    }

    fn text(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn a_piece_holds_whole_lines_and_leaves_the_rest_to_the_next() {
        assert_eq!(
            read("a\r\n\nbc\nde", false, false),
            [(3, text("a"), false), (1, None, false), (3, text("bc"), false)]
        );
        assert_eq!(read("a\nbc", true, false), [(2, text("a"), false), (2, text("bc"), false)]);
    }

    #[test]
    fn a_line_that_fills_a_piece_is_told_once_without_its_text_and_passed_over() {
        assert_eq!(read("aaaa", false, false), [(4, text(""), true)]);
        assert_eq!(read("aaaa", false, true), [(4, None, true)]);
        assert_eq!(read("aa\nb\n", true, true), [(3, None, false), (2, text("b"), false)]);
    }
}
