//! Where a contract runs, and small helpers around SDK errors.

use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::SdkConfig;
use palisade_local::{Cloud, CloudOptions, sdk_config};
use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// One place that claims to behave like AWS.
pub(crate) struct World {
    pub(crate) config: SdkConfig,
    /// True for moto, where a test may have to leave out what moto is known to get wrong.
    pub(crate) is_moto: bool,
    _cloud: Option<Cloud>,
}

/// A fresh local cloud and, if there is one, the moto server.
pub(crate) async fn worlds() -> Vec<World> {
    let cloud = Cloud::start(CloudOptions::default()).await.unwrap();
    let mut worlds = vec![World { config: cloud.sdk_config(), is_moto: false, _cloud: Some(cloud) }];
    if let Ok(url) = std::env::var("PALISADE_MOTO_URL") {
        worlds.push(World { config: sdk_config(&url), is_moto: true, _cloud: None });
    }
    worlds
}

impl World {
    pub(crate) fn kms(&self) -> aws_sdk_kms::Client {
        aws_sdk_kms::Client::new(&self.config)
    }

    pub(crate) fn secrets(&self) -> aws_sdk_secretsmanager::Client {
        aws_sdk_secretsmanager::Client::new(&self.config)
    }

    pub(crate) fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(&self.config)
    }

    pub(crate) fn sqs(&self) -> aws_sdk_sqs::Client {
        aws_sdk_sqs::Client::new(&self.config)
    }

    pub(crate) fn sns(&self) -> aws_sdk_sns::Client {
        aws_sdk_sns::Client::new(&self.config)
    }

    pub(crate) fn s3(&self) -> aws_sdk_s3::Client {
        aws_sdk_s3::Client::new(&self.config)
    }

    pub(crate) fn gateway(&self) -> aws_sdk_apigateway::Client {
        aws_sdk_apigateway::Client::new(&self.config)
    }
}

/// A name that no other test has used, also not in an earlier run against the same moto server.
pub(crate) fn fresh(name: &str) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let count = COUNT.fetch_add(1, Ordering::SeqCst);
    format!("{name}-{}-{count}", time.as_nanos())
}

/// The AWS error code of a refused call.
pub(crate) fn code<T: Debug, E: ProvideErrorMetadata>(result: Result<T, E>) -> String {
    result.unwrap_err().code().unwrap_or("no code").to_owned()
}
