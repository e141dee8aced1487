//! Storing some messages of many.

use books::{Book, Candidate, Filed};
use gate::again;
use kernel::Fault;
use store::{CommitError, UnitOfWork};
use vault::Moment;

use crate::Reader;

/// How often a piece is filed when others store the same messages meanwhile.
const MOST_ATTEMPTS: u32 = 5;

/// Files candidates, of which there may be [`Book::MOST_AT_ONCE`], and commits what is new with `commit`. When somebody
/// stored one of them meanwhile, all are filed anew.
///
/// # Errors
/// 503 when the tables do not answer, or others keep getting there first; nothing of the piece was stored then, or
/// nobody can tell, and it may be filed again.
pub async fn file_piece(
    book: &Book<'_>,
    reader: &Reader,
    candidates: &[Candidate],
    now: Moment,
    commit: impl AsyncFn(UnitOfWork, &[Filed]) -> Result<(), CommitError>,
) -> Result<Vec<Filed>, Fault> {
    let mut attempt = 0;
    loop {
        attempt += 1;
        let mut work = UnitOfWork::default();
        let filed = book.file(&mut work, candidates, now.wall, |name| reader.guess(name)).await?;
        match commit(work, &filed).await {
            Ok(()) => return Ok(filed),
            Err(CommitError::Conflict) if attempt < MOST_ATTEMPTS => {}
            Err(error) => return Err(again(error)),
        }
    }
}
