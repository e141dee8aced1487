//! All entries, all checkpoints, and the keys to check them with.

use std::collections::BTreeMap;

use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_types::SdkConfig;
use checkpoint_audit::{Checkpoint, Statement, key};
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use store::AuditRow;
use vault::KeySet;

/// How many checkpoints are asked for at once.
const AT_ONCE: usize = 16;

/// How long what writes an entry or signs may have been under way: as long as Lambda lets a function run.
pub(crate) const UNDER_WAY: SignedDuration = SignedDuration::from_mins(15);

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Where to read from.
#[derive(Clone, Debug)]
pub struct Sources {
    /// The stage, which names the table, the secret and the signing key.
    pub stage: String,
    /// The table, when it is another than that of the stage: one that was restored.
    pub table: Option<String>,
    /// The bucket of checkpoints.
    pub bucket: String,
    /// The public half of the signing key (DER) from somewhere safer than this account; asked of KMS when `None`.
    pub public_key: Option<Vec<u8>>,
}

/// What is verified.
pub struct Evidence {
    /// The stage.
    pub stage: String,
    /// When reading began; what was written later may be there in part.
    pub began: Timestamp,
    /// Each chain's entries, in the order of their numbers.
    pub chains: BTreeMap<String, Vec<AuditRow>>,
    /// What entries were signed with.
    pub keys: KeySet,
    /// The checkpoints, from the first.
    pub checkpoints: Vec<Checkpoint>,
    /// The public half of the key that signed them, DER.
    pub public_key: Vec<u8>,
}

impl Evidence {
    /// Reads everything. Checkpoints come first, so that what they have seen is there when the entries are read.
    ///
    /// # Errors
    /// When AWS fails, or what is read is not what it should be.
    pub async fn gather(config: &SdkConfig, sources: Sources) -> Result<Self, Failure> {
        let Sources { stage, table, bucket, public_key } = sources;
        let table = table.unwrap_or_else(|| format!("palisade-{stage}-audit"));
        let began = Timestamp::now();
        let public_key = match public_key {
            Some(public_key) => public_key,
            None => {
                let kms = aws_sdk_kms::Client::new(config);
                let answer = kms.get_public_key().key_id(format!("alias/palisade-{stage}-audit")).send().await?;
                answer.public_key.ok_or("KMS gave no public key")?.into_inner()
            }
        };
        let checkpoints = checkpoints(&aws_sdk_s3::Client::new(config), &bucket).await?;
        let chains = chains(&aws_sdk_dynamodb::Client::new(config), &table).await?;
        // After the entries, so that no version is missing that signed one of them.
        let secrets = aws_sdk_secretsmanager::Client::new(config);
        let secret = secrets.get_secret_value().secret_id(format!("palisade/{stage}/audit")).send().await?;
        let keys = KeySet::parse(secret.secret_string().unwrap_or_default())?;
        Ok(Self { stage, began, chains, keys, checkpoints, public_key })
    }
}

impl Evidence {
    /// Leaves out what was signed later, to judge a table that was restored to that moment. A checkpoint of the minutes
    /// before is left out too: it says when its making began, and saw what was written until it ended.
    pub fn as_of(&mut self, moment: Timestamp) {
        let is_later = |checkpoint: &Checkpoint| {
            let statement = serde_json::from_str::<Statement>(&checkpoint.statement);
            statement.is_ok_and(|statement| moment.duration_since(statement.time) < UNDER_WAY)
        };
        let end = self.checkpoints.iter().position(is_later).unwrap_or(self.checkpoints.len());
        self.checkpoints.truncate(end);
        self.began = moment;
    }
}

/// Checkpoints are numbered without gaps, so the first number that is missing is the end.
async fn checkpoints(s3: &aws_sdk_s3::Client, bucket: &str) -> Result<Vec<Checkpoint>, Failure> {
    let mut found = Vec::new();
    let mut objects = stream::iter(0..).map(|number| checkpoint(s3, bucket, number)).buffered(AT_ONCE);
    while let Some(Some(checkpoint)) = objects.try_next().await? {
        found.push(checkpoint);
    }
    Ok(found)
}

async fn checkpoint(s3: &aws_sdk_s3::Client, bucket: &str, number: u64) -> Result<Option<Checkpoint>, Failure> {
    let object = match s3.get_object().bucket(bucket).key(key(number)).send().await {
        Ok(object) => object,
        Err(error) if error.as_service_error().is_some_and(GetObjectError::is_no_such_key) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let bytes = object.body.collect().await?.into_bytes();
    // What is no checkpoint was not signed either, and is found so.
    let none = Checkpoint { statement: String::new(), signature: String::new() };
    Ok(Some(serde_json::from_slice(&bytes).unwrap_or(none)))
}

async fn chains(dynamo: &aws_sdk_dynamodb::Client, table: &str) -> Result<BTreeMap<String, Vec<AuditRow>>, Failure> {
    let mut chains: BTreeMap<String, Vec<AuditRow>> = BTreeMap::new();
    let mut items = dynamo.scan().table_name(table).consistent_read(true).into_paginator().items().send();
    while let Some(item) = items.next().await {
        let row = AuditRow::read(&item?)?;
        chains.entry(row.chain.clone()).or_default().push(row);
    }
    for rows in chains.values_mut() {
        rows.sort_by_key(|row| row.seq);
    }
    Ok(chains)
}
