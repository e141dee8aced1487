//! How every function reaches AWS.
//!
//! The configuration is made by hand because the general one costs milliseconds of every cold
//! start: it parses the whole system trust store and walks a chain of credential sources, while a
//! function needs the roots that AWS endpoints chain to and the credentials Lambda puts in the
//! environment.

use std::{env, fmt, time::Duration};

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_smithy_types::{retry::RetryConfig, timeout::TimeoutConfig};
use aws_types::{SdkConfig, region::Region, sdk_config::SharedHttpClient};

use crate::deadline::Punctual;

/// The roots of <https://www.amazontrust.com/repository/>, which every AWS endpoint chains to.
const AMAZON_TRUST_SERVICES: &str = include_str!("amazon-trust-services.pem");

/// A variable that Lambda sets, or the template should set, is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MissingVariable(pub &'static str);

impl fmt::Display for MissingVariable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the environment variable {} is not set", self.0)
    }
}

impl std::error::Error for MissingVariable {}

/// The value of an environment variable that must be there.
///
/// # Errors
/// [`MissingVariable`] when it is not set or not UTF-8.
pub fn variable(name: &'static str) -> Result<String, MissingVariable> {
    env::var(name).map_err(|_| MissingVariable(name))
}

/// The configuration all clients of a process share, and with it one connection pool.
/// `AWS_ENDPOINT_URL` alone decides whether they talk to AWS or to a local cloud.
///
/// # Errors
/// [`MissingVariable`] when the region or the credentials are not in the environment.
pub fn configuration() -> Result<SdkConfig, MissingVariable> {
    let credentials = Credentials::new(
        variable("AWS_ACCESS_KEY_ID")?,
        variable("AWS_SECRET_ACCESS_KEY")?,
        env::var("AWS_SESSION_TOKEN").ok(),
        None,
        "environment",
    );
    let mut builder = SdkConfig::builder()
        .behavior_version(aws_sdk_secretsmanager::config::BehaviorVersion::latest())
        .region(Region::new(variable("AWS_REGION")?))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(http_client())
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .retry_config(
            RetryConfig::standard()
                .with_max_attempts(3)
                .with_initial_backoff(Duration::from_millis(50))
                .with_max_backoff(Duration::from_millis(500)),
        )
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(Duration::from_millis(500))
                .operation_attempt_timeout(Duration::from_millis(1_500))
                .operation_timeout(Duration::from_secs(5))
                .build(),
        );
    if let Ok(endpoint) = env::var("AWS_ENDPOINT_URL") {
        builder = builder.endpoint_url(endpoint);
    }
    Ok(builder.build())
}

/// Why a call failed, for the log: the messages of the error and its sources. Not their `Debug`, which quotes the
/// answer, and with it whatever a secret or a table holds.
#[must_use]
pub fn reason(error: &(dyn std::error::Error + 'static)) -> String {
    let chain = std::iter::successors(Some(error), |error| error.source());
    chain.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

fn http_client() -> SharedHttpClient {
    let roots = TrustStore::empty().with_pem_certificate(AMAZON_TRUST_SERVICES);
    let builder = Builder::new().tls_provider(Provider::Rustls(CryptoMode::AwsLc));
    let client = match TlsContext::builder().with_trust_store(roots).build() {
        Ok(context) => builder.tls_context(context).build_https(),
        Err(_) => builder.build_https(),
    };
    SharedHttpClient::new(Punctual(client))
}
