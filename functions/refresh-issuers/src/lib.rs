//! What is done every minute: asks the issuers of bearer tokens which keys they have.
//!
//! Only this function reaches out to them, so that no request waits for a stranger, none of them is asked more than
//! once a minute, and no token makes anybody ask. Keys that could not be had again for 15 minutes verify nothing.

mod key_set;

use futures_util::{StreamExt, stream};
use gate::Deadline;
use kernel::Fault;
use store::Issuers;
use vault::{Issuer, Moment};

pub use key_set::{client, fetch};

/// How many issuers are asked at the same time.
const AT_ONCE: usize = 8;

/// Renews the keys of all issuers.
pub struct RefreshIssuers {
    /// Those that operators trust.
    pub issuers: Issuers,
    /// What asks them.
    pub client: reqwest::Client,
}

impl RefreshIssuers {
    /// Asks every issuer once. One that does not answer keeps nobody else waiting, and keeps the keys it had.
    ///
    /// # Errors
    /// When an issuer gave no keys, the table does not answer, or the time is up; names the first issuer.
    pub async fn run(&self, now: Moment, deadline: Deadline) -> Result<Vec<&'static str>, Fault> {
        let trusted = self.issuers.all().await?;
        let renewals = trusted.iter().map(|trusted| self.renew(&trusted.issuer, now, deadline));
        let renewed: Vec<Result<(), Fault>> = stream::iter(renewals).buffer_unordered(AT_ONCE).collect().await;
        let count = renewed.iter().filter(|renewal| renewal.is_ok()).count();
        renewed.into_iter().collect::<Result<(), Fault>>()?;
        Ok(vec!["issuers_renewed"; count])
    }

    async fn renew(&self, issuer: &Issuer, now: Moment, deadline: Deadline) -> Result<(), Fault> {
        let failed = |why: &str| Fault::unavailable(format!("the keys of the issuer {}: {why}", issuer.id));
        if deadline.is_near() {
            return Err(failed("no time was left to ask for them"));
        }
        let keys = fetch(&self.client, &issuer.jwks_uri).await.map_err(|why| failed(&why))?;
        Ok(self.issuers.renew(issuer, &keys, now.wall).await?)
    }
}
