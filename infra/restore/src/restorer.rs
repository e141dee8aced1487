//! The restore, table by table.

use aws_sdk_dynamodb::{
    Client,
    types::{SseSpecification, SseType, TableDescription},
};
use aws_smithy_types::DateTime;
use aws_types::SdkConfig;
use jiff::Timestamp;

use crate::{Failure, Report, Setting, erasures, settings};

/// The tables that can be restored. The wrapped keys of people are not among them, on purpose.
pub const TABLES: [&str; 5] = ["audit", "issuers", "ledger", "requests", "telemetry"];

/// What the names of restored tables end with: lower-case letters, digits and hyphens.
#[derive(Clone, Debug)]
pub struct Label(String);

impl Label {
    /// Takes a label.
    ///
    /// # Errors
    /// When it is empty, longer than 32 characters, or has others.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if text.is_empty() || text.len() > 32 || !text.bytes().all(allowed) {
            return Err("a label has 1 to 32 lower-case letters, digits and hyphens");
        }
        Ok(Self(text.to_owned()))
    }
}

/// Restores the tables of a stage.
pub struct Restorer {
    dynamo: Client,
    stage: String,
    label: Label,
}

impl Restorer {
    /// Of this stage, under names that end with the label.
    #[must_use]
    pub fn new(config: &SdkConfig, stage: String, label: Label) -> Self {
        Self { dynamo: Client::new(config), stage, label }
    }

    /// Restores all tables to the moment; without one, to the last moment that all can be restored to. Goes on with what an
    /// earlier run began, at the moment of that.
    ///
    /// # Errors
    /// When DynamoDB fails, or a table of the name is there that was not restored from the one in use.
    pub async fn run(&self, moment: Option<Timestamp>) -> Result<Report, Failure> {
        let moment = self.moment(moment).await?;
        for table in TABLES {
            if self.restored(table).await?.is_none() {
                self.begin(table, moment).await?;
            }
        }
        let mut findings = Vec::new();
        for table in TABLES {
            let wanted = settings::read(&self.dynamo, &self.in_use(table)).await?;
            findings.extend(settings::carry(&self.dynamo, &wanted, &self.beside(table)).await?);
        }
        let (in_use, beside) = (self.in_use("ledger"), self.beside("ledger"));
        let receipts = erasures::carry(&self.dynamo, &in_use, &beside).await?;
        let keys = self.in_use("subject-keys");
        let (unreadable, unexplained) = erasures::check(&self.dynamo, &keys, &beside).await?;
        findings.extend(unexplained);
        let tables = TABLES.iter().map(|table| self.beside(table)).collect();
        Ok(Report { moment, tables, receipts, unreadable, findings })
    }

    fn in_use(&self, table: &str) -> String {
        format!("palisade-{}-{table}", self.stage)
    }

    fn beside(&self, table: &str) -> String {
        format!("{}-{}", self.in_use(table), self.label.0)
    }

    /// What is written to several tables at once must come back together, so there is one moment for all.
    async fn moment(&self, asked: Option<Timestamp>) -> Result<Timestamp, Failure> {
        let mut moment = asked;
        for table in TABLES {
            if let Some(began) = self.restored(table).await? {
                if moment.is_some_and(|moment| moment.as_second() != began.as_second()) {
                    let name = self.beside(table);
                    return Err(format!("{name} was restored to {began}; take another label").into());
                }
                moment = Some(began);
            }
        }
        if let Some(moment) = moment {
            return Ok(moment);
        }
        let mut last = Timestamp::MAX;
        for table in TABLES {
            let name = self.in_use(table);
            let told = self.dynamo.describe_continuous_backups().table_name(&name).send().await?;
            let told = told.continuous_backups_description.and_then(|told| told.point_in_time_recovery_description);
            let latest = told.and_then(|told| told.latest_restorable_date_time);
            let latest = latest.ok_or_else(|| format!("{name} cannot be restored to a point in time"))?;
            last = last.min(Timestamp::from_second(latest.secs())?);
        }
        Ok(last)
    }

    /// To which moment the table beside was restored; `None` when there is none yet.
    async fn restored(&self, table: &str) -> Result<Option<Timestamp>, Failure> {
        let Some(beside) = self.describe(&self.beside(table)).await? else { return Ok(None) };
        let in_use = self.describe(&self.in_use(table)).await?;
        let source = in_use.as_ref().and_then(|table| table.table_arn());
        let summary = beside.restore_summary().filter(|summary| summary.source_table_arn() == source);
        let moment = summary.map(|summary| Timestamp::from_second(summary.restore_date_time().secs())).transpose()?;
        let other = || format!("{} is there and was not restored from the table in use", self.beside(table)).into();
        moment.ok_or_else(other).map(Some)
    }

    async fn describe(&self, table: &str) -> Result<Option<TableDescription>, Failure> {
        match self.dynamo.describe_table().table_name(table).send().await {
            Ok(answer) => Ok(answer.table),
            Err(error) if error.as_service_error().is_some_and(|error| error.is_resource_not_found_exception()) => {
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn begin(&self, table: &str, moment: Timestamp) -> Result<(), Failure> {
        let in_use = settings::read(&self.dynamo, &self.in_use(table)).await?;
        // Never under another key than the table in use, not even until somebody has noticed.
        let encryption = in_use
            .get(&Setting::Encryption)
            .map(|key| SseSpecification::builder().enabled(true).sse_type(SseType::Kms).kms_master_key_id(key).build());
        self.dynamo
            .restore_table_to_point_in_time()
            .source_table_name(self.in_use(table))
            .target_table_name(self.beside(table))
            .restore_date_time(DateTime::from_secs(moment.as_second()))
            .set_sse_specification_override(encryption)
            .send()
            .await?;
        Ok(())
    }
}
