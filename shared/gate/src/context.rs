//! What a function finds in its environment.

use std::{env, fmt};

use aws_types::SdkConfig;
use store::{AuditTrail, Issuers, Requests};
use vault::{
    Authenticator, KeySet, SecretCache,
    aws::{MissingVariable, configuration, variable},
};

use crate::{Cursors, Door};

/// The function cannot start: the template did not give it what it needs.
pub type ContextError = MissingVariable;

/// The clients and resources of a protected function, made once.
pub struct Context {
    config: SdkConfig,
    dynamo: aws_sdk_dynamodb::Client,
    secrets: aws_sdk_secretsmanager::Client,
}

impl Context {
    /// Reads the environment. Calls nothing.
    ///
    /// # Errors
    /// [`ContextError`] names what is missing.
    pub fn from_environment() -> Result<Self, ContextError> {
        let config = configuration()?;
        let dynamo = aws_sdk_dynamodb::Client::new(&config);
        let secrets = aws_sdk_secretsmanager::Client::new(&config);
        Ok(Self { config, dynamo, secrets })
    }

    /// The shared configuration, for clients of other services.
    #[must_use]
    pub const fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// The DynamoDB client.
    #[must_use]
    pub const fn dynamo(&self) -> &aws_sdk_dynamodb::Client {
        &self.dynamo
    }

    /// The Secrets Manager client.
    #[must_use]
    pub const fn secrets(&self) -> &aws_sdk_secretsmanager::Client {
        &self.secrets
    }

    /// Whom to let in.
    ///
    /// # Errors
    /// [`ContextError`] names what is missing.
    fn authenticator(&self) -> Result<Authenticator, ContextError> {
        let shards = variable("KEYRING_SECRETS")?;
        let shards: Vec<&str> = shards.split(',').collect();
        Ok(Authenticator::new(&self.secrets, &variable("PALISADE_STAGE")?, &variable("PEPPER_SECRET")?, &shards))
    }

    /// Where entries go.
    ///
    /// # Errors
    /// [`ContextError`] names what is missing.
    pub fn audit(&self) -> Result<AuditTrail, ContextError> {
        Ok(AuditTrail::new(self.dynamo.clone(), variable("AUDIT_TABLE")?, self.audit_keys()?))
    }

    /// What entries are signed with.
    ///
    /// # Errors
    /// [`ContextError`] names what is missing.
    pub fn audit_keys(&self) -> Result<SecretCache<KeySet>, ContextError> {
        Ok(SecretCache::key_set(self.secrets.clone(), variable("AUDIT_SECRET")?))
    }

    /// The front door of the function.
    ///
    /// # Errors
    /// [`ContextError`] names what is missing.
    pub fn door(&self) -> Result<Door, ContextError> {
        // Functions that neither store nor count are not given the table.
        let requests = env::var("REQUESTS_TABLE").ok().map(|table| Requests::new(self.dynamo.clone(), table));
        let issuers = Issuers::new(self.dynamo.clone(), variable("ISSUERS_TABLE")?);
        Ok(Door::new(self.dynamo.clone(), self.authenticator()?, issuers, self.audit()?, requests))
    }

    /// The signer of cursors.
    ///
    /// # Errors
    /// [`ContextError`] names what is missing.
    pub fn cursors(&self) -> Result<Cursors, ContextError> {
        Ok(Cursors::new(SecretCache::key_set(self.secrets.clone(), variable("CURSOR_SECRET")?)))
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").finish_non_exhaustive()
    }
}
