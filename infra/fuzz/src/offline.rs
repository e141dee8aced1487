//! A front door that asks nobody: Secrets Manager and DynamoDB are answered from here.

use std::{collections::BTreeMap, fmt, sync::LazyLock};

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_runtime_api::{
    client::{
        http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
        orchestrator::{HttpRequest, HttpResponse},
    },
    http::StatusCode,
};
use aws_smithy_types::{body::SdkBody, retry::RetryConfig, timeout::TimeoutConfig};
use aws_types::{SdkConfig, region::Region, sdk_config::SharedHttpClient};
use gate::Door;
use jiff::Timestamp;
use kernel::{Scope, Tenant};
use serde_json::json;
use store::{AuditTrail, Issuers};
use vault::{
    ApiKey, Authenticator, KeySet, SecretCache,
    keyring::{Hash, Record, Shard},
};

/// A key that may do what the route asks for, of nobody.
pub(crate) const KEY: &str = "pal_dev_0AAAAAAAAAAA_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA03xUK2";
/// One that may do something else.
pub(crate) const OTHER: &str = "pal_dev_0BBBBBBBBBBB_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB0p0bHi";
/// One that was revoked.
pub(crate) const REVOKED: &str = "pal_dev_0CCCCCCCCCCC_CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC2M7iCj";
/// What hashes and audit entries are signed with.
pub(crate) const KEYS: &str = r#"{"1":"of the seeds, and of nothing else"}"#;

static SHARD: LazyLock<String> = LazyLock::new(|| {
    let pepper = KeySet::parse(KEYS).unwrap();
    let record = |text: &str, scope, revoked: Option<i64>| {
        let key = ApiKey::parse(text, "dev").unwrap();
        let record = Record {
            tenant: Tenant::parse("acme").unwrap(),
            scopes: vec![scope],
            name: "of the seeds".to_owned(),
            created: Timestamp::UNIX_EPOCH,
            expires: Timestamp::MAX,
            revoked: revoked.map(|second| Timestamp::from_second(second).unwrap()),
            hashes: vec![Hash::of(&key, &pepper)],
        };
        (key.kid().clone(), record)
    };
    let keys = [
        record(KEY, Scope::DataIngest, None),
        record(OTHER, Scope::DataRead, None),
        record(REVOKED, Scope::DataIngest, Some(1)),
    ];
    serde_json::to_string(&Shard { keys: BTreeMap::from(keys) }).unwrap()
});

/// A door for the three keys.
pub(crate) fn door() -> Door {
    let credentials = Credentials::new("nobody", "nothing", None, None, "offline");
    let config = SdkConfig::builder()
        .behavior_version(aws_sdk_dynamodb::config::BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(client())
        .retry_config(RetryConfig::disabled())
        .timeout_config(TimeoutConfig::disabled())
        .build();
    let secrets = aws_sdk_secretsmanager::Client::new(&config);
    let dynamo = aws_sdk_dynamodb::Client::new(&config);
    let authenticator = Authenticator::new(&secrets, "dev", "keys", &["shard"]);
    let audit = AuditTrail::new(dynamo.clone(), "audit", SecretCache::key_set(secrets, "keys"));
    let issuers = Issuers::new(dynamo.clone(), "issuers");
    Door::new(dynamo, authenticator, issuers, audit, None)
}

fn client() -> SharedHttpClient {
    http_client_fn(|_, _| SharedHttpConnector::new(Offline))
}

struct Offline;

impl fmt::Debug for Offline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Offline")
    }
}

impl HttpConnector for Offline {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let asked = |name: &str| request.headers().get("x-amz-target").is_some_and(|target| target.ends_with(name));
        let body = if asked("GetSecretValue") {
            let body = request.body().bytes().unwrap_or_default();
            let text = if body.windows(5).any(|window| window == b"shard") { SHARD.as_str() } else { KEYS };
            json!({"Name": "secret", "SecretString": text}).to_string()
        } else if asked("Scan") {
            // Nobody's tokens are trusted.
            json!({"Items": []}).to_string()
        } else {
            assert!(asked("PutItem"), "nothing else is asked for");
            "{}".to_owned()
        };
        HttpConnectorFuture::ready(Ok(HttpResponse::new(StatusCode::try_from(200).unwrap(), SdkBody::from(body))))
    }
}
