//! The local cloud: DynamoDB, Secrets Manager, KMS, and corners of API Gateway, SQS, SNS and S3 on one port of
//! 127.0.0.1.
//!
//! Development and tests bring this cloud to the functions, which reach it through `AWS_ENDPOINT_URL` and cannot
//! tell it from AWS. One process may hold several clouds; each is a world of its own:
//!
//! ```no_run
//! # async fn example() -> Result<(), palisade_local::CloudError> {
//! use palisade_local::{Cloud, CloudOptions, Fault, Service, When};
//!
//! let cloud = Cloud::start(CloudOptions::default()).await?;
//! let stack = cloud.provision("template.yaml", "dev")?;
//! let environment = stack.environment("IngestFunction")?;
//! cloud.faults().inject(
//!     When::call(Service::DynamoDb, "TransactWriteItems").times(1),
//!     Fault::ResetAfter,
//! );
//! # Ok(())
//! # }
//! ```
//!
//! The floor plan:
//!
//! | room | what is there |
//! |---|---|
//! | `cloud` | the port, and a call's way: count, fault, service |
//! | `connection` | sockets that can be reset |
//! | `wire` | the AWS protocols: targets, answers, refusals |
//! | `dynamo` | the embedded DynamoDB (dynoxide), and its metering |
//! | `secrets`, `kms`, `gateway`, `sqs`, `sns`, `s3` | the other services, written here |
//! | `faults`, `refusals`, `meter` | what tests use: faults, gates, counts |
//! | [`issuer`] | an issuer of bearer tokens, as a tenant may have one |
//! | `saved` | state that survives in the data folder |
//! | `template`, `provision` | tables, keys, queues, buckets, environments, routes and event sources, from the SAM template |
//! | `events` | streams that are followed, queues that are polled and schedules that come round, as Lambda does it |
//! | [`host`] | a small Lambda and API Gateway, which run the real binaries against this cloud |
//!
//! Nothing that is deployed may depend on this crate. It never listens beyond 127.0.0.1, never checks
//! policies, nor signatures but those of S3, never simulates latency, and offers no operation the product does not use.

mod cloud;
mod connection;
mod dynamo;
mod error;
mod events;
mod faults;
mod gateway;
pub mod host;
pub mod issuer;
mod kms;
mod meter;
mod provision;
mod random;
mod refusals;
mod s3;
mod saved;
mod secrets;
mod sns;
mod sqs;
mod template;
mod wire;

pub use cloud::{Cloud, CloudOptions, sdk_config};
pub use error::CloudError;
pub use events::{Events, Invoker, Pace, Pause};
pub use faults::{Fault, Faults, Gate, Injected, Met, When};
pub use gateway::UsageKey;
pub use meter::{Calls, Units};
pub use provision::{Function, Route, Stack};
pub use s3::StoredObject;
pub use sns::Published;
pub use sqs::Message;
pub use wire::{REGION, Service};
