//! What happens every minute.

use futures_util::{StreamExt, stream};
use gate::Deadline;
use kernel::Fault;
use store::Issuers;
use vault::{Issuer, Moment};

use crate::fetch;

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
        let mut names = Vec::new();
        for renewal in renewed {
            renewal?;
            names.push("issuers_renewed");
        }
        Ok(names)
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
