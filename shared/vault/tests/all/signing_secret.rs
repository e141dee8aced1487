//! The signing secrets of tenants, from a local cloud's KMS.

use aws_sdk_kms::{
    Client,
    config::{Builder, retry::RetryConfig},
    types::{KeySpec, KeyUsageType},
};
use kernel::Tenant;
use palisade_local::{Cloud, CloudOptions, Fault, Service, When};
use vault::SigningSecrets;

#[tokio::test]
async fn a_tenant_has_one_secret_of_its_own_as_long_as_kms_answers() {
    let cloud = Cloud::start(CloudOptions::default()).await.unwrap();
    let kms = Client::from_conf(Builder::from(&cloud.sdk_config()).retry_config(RetryConfig::disabled()).build());
    let made = kms.create_key().key_spec(KeySpec::Hmac256).key_usage(KeyUsageType::GenerateVerifyMac).send().await;
    let key = made.unwrap().key_metadata.unwrap().key_id;
    let secrets = SigningSecrets::new(kms, key);
    let of = async |tenant: &str| secrets.of(&Tenant::parse(tenant).unwrap()).await;
    let told = async |tenant: &str| of(tenant).await.unwrap().text().reveal().clone();
    assert_eq!(told("acme").await, told("acme").await);
    assert_ne!(told("acme").await, told("other").await);
    let failing = cloud.faults().inject(When::call(Service::Kms, "GenerateMac"), Fault::InternalError);
    of("acme").await.unwrap_err();
    failing.stop();
    of("acme").await.unwrap();
}
