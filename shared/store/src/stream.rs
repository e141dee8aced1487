//! Changes of the Telemetry table, as its stream tells them.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use kernel::{Entity, Identifier, Tenant};
use serde::{Deserialize, de::DeserializeOwned};
use ulid::Ulid;

use crate::{
    StoreError, Stored, entities,
    item::{Item, bytes, number, read_text, text},
    telemetry::Row,
};

/// One change, as Lambda hands it to a function.
#[derive(Debug, Deserialize)]
pub struct StreamRecord {
    #[serde(rename = "dynamodb")]
    change: Change,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Change {
    sequence_number: String,
    #[serde(default)]
    new_image: HashMap<String, Attribute>,
    #[serde(default)]
    old_image: HashMap<String, Attribute>,
}

/// The attribute values that this product writes.
#[derive(Debug, Deserialize)]
enum Attribute {
    S(String),
    N(String),
    B(String),
    #[serde(rename = "BOOL")]
    Bool(bool),
    #[serde(rename = "SS")]
    Texts(Vec<String>),
}

/// Readings that were stored.
#[derive(Clone, Debug)]
pub enum ReadingsStored {
    /// A segment by itself.
    Segment(SegmentStored),
    /// A batch of segments; [`Telemetry::batch`](crate::Telemetry::batch) has them.
    Batch {
        /// Whose.
        tenant: Tenant,
        /// The write.
        write: Ulid,
        /// The names of the segments.
        names: Vec<String>,
    },
}

/// A segment that was stored.
#[derive(Clone, Debug)]
pub struct SegmentStored {
    /// Whose.
    pub tenant: Tenant,
    /// Of which sensor.
    pub sensor: Identifier,
    /// The write it belongs to.
    pub write: Ulid,
    /// The readings.
    pub data: Vec<u8>,
}

impl SegmentStored {
    /// The segment an item holds, and its place in the order of writing.
    pub(crate) fn parse(item: &Item) -> Result<(u128, Self), StoreError> {
        let Row { write, segment, .. } = Row::parse(item).ok_or_else(|| StoreError::new("not a segment"))?;
        let owner = read_text(item, "pk").and_then(|pk| pk.split_once('#'));
        let (tenant, sensor) = owner.ok_or_else(|| StoreError::new("a segment belongs to nobody"))?;
        let tenant = Tenant::parse(tenant).map_err(StoreError::new)?;
        let sensor = Identifier::parse(sensor).map_err(StoreError::new)?;
        Ok((segment.order, Self { tenant, sensor, write, data: segment.data }))
    }
}

impl StreamRecord {
    /// Names the change; of two changes of one item the later has the greater name, when names are as long.
    #[must_use]
    pub fn sequence_number(&self) -> &str {
        &self.change.sequence_number
    }

    /// What was stored of readings, if it is that. A staged segment is nothing yet: its batch is what counts.
    ///
    /// # Errors
    /// When it has the name of a segment or a batch and is none.
    pub fn readings(&self) -> Result<Option<ReadingsStored>, StoreError> {
        let item = item(&self.change.new_image)?;
        let (pk, sk) = (read_text(&item, "pk").unwrap_or_default(), read_text(&item, "sk").unwrap_or_default());
        if sk == "committed" {
            let write = pk.rsplit_once('#').and_then(|(_, write)| write.parse().ok());
            let tenant = read_text(&item, "tenant").and_then(|tenant| Tenant::parse(tenant).ok());
            let (write, tenant) = write.zip(tenant).ok_or_else(|| StoreError::new("not a batch"))?;
            let names = item.get("segments").and_then(|names| names.as_ss().ok()).cloned().unwrap_or_default();
            return Ok(Some(ReadingsStored::Batch { tenant, write, names }));
        }
        if !sk.starts_with("R#") || item.contains_key("staged") {
            return Ok(None);
        }
        SegmentStored::parse(&item).map(|(_, segment)| Some(ReadingsStored::Segment(segment)))
    }

    /// The object that was stored and whose it is, if it is of this kind.
    ///
    /// # Errors
    /// When it says it is and is not.
    pub fn entity<T: Entity + DeserializeOwned>(&self) -> Result<Option<(Tenant, Stored<T>)>, StoreError> {
        let kind = self.change.new_image.get("kind");
        if !matches!(kind, Some(Attribute::S(kind)) if kind == T::KIND) {
            return Ok(None);
        }
        let item = item(&self.change.new_image)?;
        let tenant = read_text(&item, "tenant").and_then(|tenant| Tenant::parse(tenant).ok());
        let tenant = tenant.ok_or_else(|| StoreError::new("an object belongs to nobody"))?;
        Ok(Some((tenant, entities::parse(&item)?)))
    }

    /// The object as it was before, if it was there.
    ///
    /// # Errors
    /// When it says it is of this kind and is not.
    pub fn before<T: Entity + DeserializeOwned>(&self) -> Result<Option<Stored<T>>, StoreError> {
        if self.change.old_image.is_empty() {
            return Ok(None);
        }
        entities::parse(&item(&self.change.old_image)?).map(Some)
    }
}

fn item(image: &HashMap<String, Attribute>) -> Result<Item, StoreError> {
    let value = |attribute: &Attribute| -> Result<AttributeValue, StoreError> {
        Ok(match attribute {
            Attribute::S(value) => text(value),
            Attribute::N(value) => number(value),
            Attribute::B(value) => bytes(BASE64.decode(value).map_err(StoreError::new)?),
            Attribute::Bool(value) => AttributeValue::Bool(*value),
            Attribute::Texts(values) => AttributeValue::Ss(values.clone()),
        })
    };
    image.iter().map(|(name, attribute)| Ok((name.clone(), value(attribute)?))).collect()
}
