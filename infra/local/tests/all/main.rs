//! The local cloud, seen through AWS SDK clients.
//!
//! The `contract_*` modules are about what the services mean. They run against the local cloud and, when
//! `PALISADE_MOTO_URL` names one, against a moto server, so that the meaning is not our own invention; `moto.sh`
//! starts one and runs them. The other modules are about what only the local cloud has.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod command;
mod contract_dynamodb;
mod contract_gateway;
mod contract_kms;
mod contract_s3;
mod contract_secrets;
mod contract_sns;
mod contract_sqs;
mod events;
mod faults;
mod metering;
mod objects;
mod persistence;
mod provisioning;
mod queues;
mod stage;
mod world;
