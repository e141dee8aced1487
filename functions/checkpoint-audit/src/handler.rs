//! The next checkpoint.
//!
//! Checkpoints are numbered without gaps, and none is ever written twice, so the last one is found by asking which
//! numbers exist: no list is kept that could disagree with the bucket. The heads of two days are signed, because no chain
//! gets older than twelve hours: a pause of checkpoints of up to twelve hours leaves no end of a chain unsigned.

use aws_sdk_kms::types::{MessageType, SigningAlgorithmSpec};
use aws_sdk_s3::{error::SdkError, operation::head_object::HeadObjectError, primitives::ByteStream};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use futures_util::{StreamExt, TryStreamExt, stream};
use gate::Deadline;
use jiff::{ToSpan, tz::TimeZone};
use kernel::Fault;
use store::AuditLog;
use vault::{Moment, aws::reason};

use crate::checkpoint::{Checkpoint, Head, Statement, key};

/// How many chains are asked for their heads at once.
const AT_ONCE: usize = 16;

/// Makes checkpoints.
pub struct CheckpointAudit {
    /// The stage they are of.
    pub stage: String,
    /// Where the chains are.
    pub log: AuditLog,
    /// What signs.
    pub kms: aws_sdk_kms::Client,
    /// With which key.
    pub signing_key: String,
    /// What keeps.
    pub s3: aws_sdk_s3::Client,
    /// In which bucket.
    pub bucket: String,
}

impl CheckpointAudit {
    /// Makes one.
    ///
    /// # Errors
    /// When AWS fails, time runs out, or somebody else made the same one meanwhile; there is none then, or a whole one.
    pub async fn run(&self, now: Moment, deadline: Deadline) -> Result<Vec<&'static str>, Fault> {
        let last = self.last().await?;
        let number = last.map_or(0, |last| last + 1);
        let previous = match last {
            None => None,
            Some(last) => Some(self.read(last).await?.signature),
        };
        let heads = self.heads(now, deadline).await?;
        let statement = Statement { stage: self.stage.clone(), number, time: now.wall, previous, heads };
        let statement = serde_json::to_string(&statement).map_err(Fault::internal)?;
        let signature = self.sign(&statement).await?;
        let checkpoint = serde_json::to_vec(&Checkpoint { statement, signature }).map_err(Fault::internal)?;
        let put = self.s3.put_object().bucket(&self.bucket).key(key(number)).if_none_match("*");
        let put = put.content_type("application/json").body(ByteStream::from(checkpoint));
        put.send().await.map_err(|error| Fault::unavailable(reason(&error)))?;
        Ok(vec!["checkpoints"])
    }

    async fn heads(&self, now: Moment, deadline: Deadline) -> Result<Vec<Head>, Fault> {
        let today = now.wall.to_zoned(TimeZone::UTC).date();
        let yesterday = today.checked_sub(1.day()).map_err(Fault::internal)?;
        let mut chains = self.log.chains(yesterday).await?;
        chains.extend(self.log.chains(today).await?);
        chains.sort();
        let head = |chain: String| async move {
            if deadline.is_near() {
                return Err(Fault::unavailable("there are more chains than time"));
            }
            let row = self.log.head(&chain).await?;
            Ok(row.map(|row| Head { chain, seq: row.seq, mac: BASE64.encode(row.mac) }))
        };
        let heads: Vec<Option<Head>> = stream::iter(chains).map(head).buffered(AT_ONCE).try_collect().await?;
        Ok(heads.into_iter().flatten().collect())
    }

    async fn sign(&self, statement: &str) -> Result<String, Fault> {
        let answer = self
            .kms
            .sign()
            .key_id(&self.signing_key)
            .message_type(MessageType::Digest)
            .message(Checkpoint::digest(statement).into())
            .signing_algorithm(SigningAlgorithmSpec::EcdsaSha256)
            .send()
            .await
            .map_err(|error| Fault::unavailable(reason(&error)))?;
        let signature = answer.signature.ok_or_else(|| Fault::unavailable("KMS gave no signature"))?;
        Ok(BASE64.encode(signature))
    }

    /// The number of the last checkpoint: the numbers that are asked for double until one is missing, and then halve.
    async fn last(&self) -> Result<Option<u64>, Fault> {
        if !self.exists(0).await? {
            return Ok(None);
        }
        let (mut there, mut missing) = (0, 1);
        while self.exists(missing).await? {
            (there, missing) = (missing, missing * 2);
        }
        while missing - there > 1 {
            let middle = there + (missing - there) / 2;
            if self.exists(middle).await? {
                there = middle;
            } else {
                missing = middle;
            }
        }
        Ok(Some(there))
    }

    async fn exists(&self, number: u64) -> Result<bool, Fault> {
        match self.s3.head_object().bucket(&self.bucket).key(key(number)).send().await {
            Ok(_) => Ok(true),
            Err(SdkError::ServiceError(error)) if matches!(error.err(), HeadObjectError::NotFound(_)) => Ok(false),
            Err(error) => Err(Fault::unavailable(reason(&error))),
        }
    }

    async fn read(&self, number: u64) -> Result<Checkpoint, Fault> {
        let get = self.s3.get_object().bucket(&self.bucket).key(key(number)).send();
        let object = get.await.map_err(|error| Fault::unavailable(reason(&error)))?;
        let bytes = object.body.collect().await.map_err(Fault::unavailable)?.into_bytes();
        serde_json::from_slice(&bytes).map_err(Fault::internal)
    }
}
