//! What a bucket tells a queue about a new object.

use super::address::Address;
use super::{Object, arn, request_id};
use crate::wire::{ACCOUNT, REGION};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Which queue learns of which new objects.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Notification {
    /// The queue's ARN.
    pub(crate) queue: String,
    /// Only of keys that begin and end like this.
    pub(crate) prefix: String,
    pub(crate) suffix: String,
}

impl Notification {
    pub(super) fn is_about(&self, key: &str) -> bool {
        key.starts_with(&self.prefix) && key.ends_with(&self.suffix)
    }

    /// The event of a new object, as the queue gets it.
    pub(super) fn created(&self, address: &Address, object: &Object) -> String {
        json!({ "Records": [{
            "eventVersion": "2.1",
            "eventSource": "aws:s3",
            "awsRegion": REGION,
            "eventTime": format!("{:.3}", object.modified),
            "eventName": "ObjectCreated:Put",
            "userIdentity": {"principalId": format!("AWS:{ACCOUNT}")},
            "requestParameters": {"sourceIPAddress": "127.0.0.1"},
            "responseElements": {"x-amz-request-id": request_id(), "x-amz-id-2": request_id()},
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": self.queue.rsplit(':').next(),
                "bucket": {
                    "name": address.bucket,
                    "ownerIdentity": {"principalId": ACCOUNT},
                    "arn": arn(&address.bucket),
                },
                "object": {
                    "key": encoded(&address.key),
                    "size": object.size,
                    "eTag": object.etag.trim_matches('"'),
                    // It grows from one event of a key to the next.
                    "sequencer": format!("{:018X}", object.modified.as_nanosecond()),
                },
            },
        }] })
        .to_string()
    }
}

/// As in a form, but for the slashes: `a b/c` becomes `a+b/c`.
fn encoded(key: &str) -> String {
    let parts: Vec<String> =
        key.split('/').map(|part| form_urlencoded::byte_serialize(part.as_bytes()).collect()).collect();
    parts.join("/")
}
