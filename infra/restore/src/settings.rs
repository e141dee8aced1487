//! What a table is besides its items. DynamoDB restores keys, indexes, billing and encryption, and none of the rest.

use std::{collections::BTreeMap, fmt, time::Duration};

use aws_sdk_dynamodb::{
    Client,
    client::Waiters,
    types::{
        KeySchemaElement, PointInTimeRecoverySpecification, PointInTimeRecoveryStatus, StreamSpecification,
        StreamViewType, TableDescription, TimeToLiveSpecification, TimeToLiveStatus,
    },
};
use serde::Serialize;

use crate::{Failure, Finding};

/// How long a restore may take: AWS names hours for the largest tables.
const PATIENCE: Duration = Duration::from_secs(24 * 60 * 60);

/// Something that a table has besides its items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Setting {
    /// Partition and sort key, with their types.
    Keys,
    /// Secondary indexes, with their keys and what they hold.
    Indexes,
    /// How it is paid for.
    Billing,
    /// The ARN of the KMS key it is encrypted under.
    Encryption,
    /// The attribute that says when DynamoDB removes an item.
    TimeToLive,
    /// Whether it can be restored to a point in time itself.
    Recovery,
    /// Whether it is protected from deletion.
    Protection,
    /// What its stream shows.
    Stream,
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Keys => "the key",
            Self::Indexes => "the list of indexes",
            Self::Billing => "the billing mode",
            Self::Encryption => "the key of the encryption",
            Self::TimeToLive => "the time to live",
            Self::Recovery => "the recovery to a point in time",
            Self::Protection => "the protection from deletion",
            Self::Stream => "the stream",
        })
    }
}

/// What is on, as text that can be compared.
pub(crate) type Settings = BTreeMap<Setting, String>;

/// What a table is like, once it is ready.
///
/// # Errors
/// When DynamoDB fails or the table does not become ready.
pub(crate) async fn read(dynamo: &Client, table: &str) -> Result<Settings, Failure> {
    let ready = dynamo.wait_until_table_exists().table_name(table).wait(PATIENCE).await?;
    let ready = ready.into_result()?;
    let description = ready.table().ok_or("DynamoDB described no table")?;
    let mut settings = described(description);
    let live = dynamo.describe_time_to_live().table_name(table).send().await?;
    if let Some(live) = live.time_to_live_description
        && matches!(live.time_to_live_status, Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling))
    {
        settings.extend(live.attribute_name.map(|name| (Setting::TimeToLive, name)));
    }
    let backups = dynamo.describe_continuous_backups().table_name(table).send().await?;
    let recovery = backups.continuous_backups_description.and_then(|told| told.point_in_time_recovery_description);
    if recovery.and_then(|told| told.point_in_time_recovery_status) == Some(PointInTimeRecoveryStatus::Enabled) {
        settings.insert(Setting::Recovery, "on".to_owned());
    }
    Ok(settings)
}

fn described(table: &TableDescription) -> Settings {
    let mut settings = Settings::new();
    let kind = |name: &str| {
        let attribute = table.attribute_definitions().iter().find(|attribute| attribute.attribute_name() == name);
        attribute.map_or("?", |attribute| attribute.attribute_type().as_str()).to_owned()
    };
    let keys = |schema: &[KeySchemaElement]| {
        let key = |key: &KeySchemaElement| {
            format!("{} {} {}", key.attribute_name(), kind(key.attribute_name()), key.key_type())
        };
        schema.iter().map(key).collect::<Vec<_>>().join(", ")
    };
    settings.insert(Setting::Keys, keys(table.key_schema()));
    let mut indexes: Vec<String> = Vec::new();
    for index in table.global_secondary_indexes() {
        let kept = index.projection().and_then(|projection| projection.projection_type());
        let kept = kept.map_or("?", |kept| kept.as_str());
        indexes.push(format!("{} ({}; {kept})", index.index_name().unwrap_or_default(), keys(index.key_schema())));
    }
    if !indexes.is_empty() {
        indexes.sort();
        settings.insert(Setting::Indexes, indexes.join(", "));
    }
    let billing = table.billing_mode_summary().and_then(|summary| summary.billing_mode());
    settings.extend(billing.map(|mode| (Setting::Billing, mode.as_str().to_owned())));
    let key = table.sse_description().and_then(|told| told.kms_master_key_arn());
    settings.extend(key.map(|arn| (Setting::Encryption, arn.to_owned())));
    if table.deletion_protection_enabled() == Some(true) {
        settings.insert(Setting::Protection, "on".to_owned());
    }
    let stream = table.stream_specification().filter(|stream| stream.stream_enabled());
    let view = stream.and_then(|stream| stream.stream_view_type());
    settings.extend(view.map(|view| (Setting::Stream, view.as_str().to_owned())));
    settings
}

/// Gives a restored table what it lacks of the settings wanted. What still differs then is found.
///
/// # Errors
/// When DynamoDB fails.
pub(crate) async fn carry(dynamo: &Client, wanted: &Settings, table: &str) -> Result<Vec<Finding>, Failure> {
    let is = read(dynamo, table).await?;
    for (setting, value) in wanted.iter().filter(|(setting, value)| is.get(setting) != Some(value)) {
        set(dynamo, table, *setting, value).await?;
    }
    Ok(differences(table, wanted, &read(dynamo, table).await?))
}

/// What is other than wanted.
fn differences(table: &str, wanted: &Settings, is: &Settings) -> Vec<Finding> {
    let mut all: Vec<Setting> = wanted.keys().chain(is.keys()).copied().collect();
    all.sort();
    all.dedup();
    let differs = all.into_iter().filter(|setting| wanted.get(setting) != is.get(setting));
    let finding = |setting| Finding::Setting {
        table: table.to_owned(),
        setting,
        wanted: wanted.get(&setting).cloned(),
        is: is.get(&setting).cloned(),
    };
    differs.map(finding).collect()
}

async fn set(dynamo: &Client, table: &str, setting: Setting, value: &str) -> Result<(), Failure> {
    match setting {
        // As DynamoDB restored them, or was told to.
        Setting::Keys | Setting::Indexes | Setting::Billing | Setting::Encryption => {}
        Setting::TimeToLive => {
            let live = TimeToLiveSpecification::builder().attribute_name(value).enabled(true).build()?;
            dynamo.update_time_to_live().table_name(table).time_to_live_specification(live).send().await?;
        }
        Setting::Recovery => {
            let on = PointInTimeRecoverySpecification::builder().point_in_time_recovery_enabled(true).build()?;
            let update = dynamo.update_continuous_backups().table_name(table);
            update.point_in_time_recovery_specification(on).send().await?;
        }
        Setting::Protection => {
            dynamo.update_table().table_name(table).deletion_protection_enabled(true).send().await?;
        }
        Setting::Stream => {
            let view = StreamViewType::from(value);
            let stream = StreamSpecification::builder().stream_enabled(true).stream_view_type(view).build()?;
            dynamo.update_table().table_name(table).stream_specification(stream).send().await?;
        }
    }
    // No table takes the next change before it is ready again.
    dynamo.wait_until_table_exists().table_name(table).wait(PATIENCE).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_what_is_other_and_what_is_too_much_is_found() {
        let of = |values: &[(Setting, &str)]| values.iter().map(|(name, is)| (*name, (*is).to_owned())).collect();
        let wanted = of(&[(Setting::Encryption, "ours"), (Setting::Protection, "on"), (Setting::Keys, "pk S HASH")]);
        let is = of(&[(Setting::Encryption, "another"), (Setting::Stream, "KEYS_ONLY"), (Setting::Keys, "pk S HASH")]);
        let found: Vec<String> = differences("t", &wanted, &is).iter().map(ToString::to_string).collect();
        assert_eq!(
            found,
            [
                "t: the key of the encryption is another, not ours",
                "t: the protection from deletion is off, not on",
                "t: the stream is KEYS_ONLY, not off"
            ]
        );
    }
}
