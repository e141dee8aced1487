//! The operations on the issuers of bearer tokens of one stage.

use aws_types::SdkConfig;
use jiff::Timestamp;
use store::Issuers as Table;
use vault::{Issuer, TrustedIssuer};

use crate::{Error, usage_plan::Registration};

/// The issuers that one stage trusts. Functions notice a change within 30 s.
pub struct Issuers {
    table: Table,
    gateway: aws_sdk_apigateway::Client,
    stage: Box<str>,
}

impl Issuers {
    /// Those of `stage`.
    #[must_use]
    pub fn new(config: &SdkConfig, stage: &str) -> Self {
        let table = Table::new(aws_sdk_dynamodb::Client::new(config), format!("palisade-{stage}-issuers"));
        Self { table, gateway: aws_sdk_apigateway::Client::new(config), stage: stage.into() }
    }

    /// Trusts an issuer, once its keys were seen; one with the same URL is replaced, and keeps its id. All its people
    /// share `usage_plan`, if one is named.
    ///
    /// # Errors
    /// When its addresses are not such as may be trusted, it gives no keys, the plan does not exist, or AWS fails.
    pub async fn trust(&self, issuer: Issuer, usage_plan: Option<&str>, now: Timestamp) -> Result<Issuer, Error> {
        for address in [&issuer.url, &issuer.jwks_uri] {
            let acceptable = url::Url::parse(address).is_ok_and(|url| {
                url.scheme() == "https" && url.has_host() && url.username().is_empty() && url.password().is_none()
            });
            if !acceptable || address.len() > 512 {
                return Err(Error::IssuerAddress(address.clone()));
            }
        }
        let known = self.table.all().await.map_err(|error| Error::table(&error))?;
        let before = known.into_iter().find(|known| known.issuer.url == issuer.url);
        let issuer = Issuer { id: before.map_or(issuer.id, |before| before.issuer.id), ..issuer };
        let client = refresh_issuers::client().map_err(|error| Error::IssuerKeys(error.to_string()))?;
        let keys = refresh_issuers::fetch(&client, &issuer.jwks_uri).await.map_err(Error::IssuerKeys)?;
        if let Some(plan) = usage_plan {
            Registration::new(&self.gateway, &self.stage, &issuer.id).join(plan).await?;
        }
        let trusted = TrustedIssuer { issuer, keys, fetched: now };
        self.table.put(&trusted).await.map_err(|error| Error::table(&error))?;
        Ok(trusted.issuer)
    }

    /// Those that are trusted.
    ///
    /// # Errors
    /// When AWS fails.
    pub async fn list(&self) -> Result<Vec<TrustedIssuer>, Error> {
        self.table.all().await.map_err(|error| Error::table(&error))
    }

    /// Trusts an issuer no longer, and removes its usage identifier from API Gateway.
    ///
    /// # Errors
    /// When there is no such issuer, or AWS fails.
    pub async fn remove(&self, url: &str) -> Result<(), Error> {
        let known = self.table.all().await.map_err(|error| Error::table(&error))?;
        let unknown = || Error::UnknownIssuer(url.to_owned());
        let trusted = known.into_iter().find(|known| known.issuer.url == url).ok_or_else(unknown)?;
        // First what lets people in.
        self.table.remove(url).await.map_err(|error| Error::table(&error))?;
        Registration::new(&self.gateway, &self.stage, &trusted.issuer.id).remove().await?;
        Ok(())
    }
}
