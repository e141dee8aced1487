//! Answers that are kept for a replay: sealed, because they tell of a person.

use kernel::{Fault, Identifier};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::Subject;
use vault::Moment;

use crate::{Book, Books};

/// What the name of the sealed value is.
const ANSWER: &str = "answer";

/// An answer as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct SealedAnswer {
    user_id: Identifier,
    sealed: String,
}

impl SealedAnswer {
    /// Seals an answer about the person of `book`.
    ///
    /// # Errors
    /// 500 when it cannot be written or sealed.
    pub fn new(book: &Book<'_>, answer: &impl Serialize) -> Result<Self, Fault> {
        let text = serde_json::to_string(answer).map_err(Fault::internal)?;
        Ok(Self { user_id: book.subject().user.clone(), sealed: book.seal_beside(ANSWER, &text)? })
    }

    /// The answer's JSON, from the body that was kept.
    ///
    /// # Errors
    /// 404 when the person was erased meanwhile, 503 when the key cannot be had now.
    pub async fn open(body: &str, books: &Books, tenant: &kernel::Tenant, now: Moment) -> Result<String, Fault> {
        let Self { user_id, sealed } =
            serde_json::from_str(body).map_err(|_| Fault::internal("a kept answer is not sealed"))?;
        let subject = Subject { tenant: tenant.clone(), user: user_id };
        let book = books.open(subject, now).await?.ok_or_else(Fault::not_found)?;
        Ok(book.open_beside(ANSWER, &sealed)?.reveal().clone())
    }
}
