//! What the queue says: that a file was uploaded, or that there is more of one.

use kernel::{Fault, Identifier, Tenant};
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};

/// A message of the queue.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Message {
    /// From the bucket: files that were uploaded.
    Uploaded {
        /// One for each file.
        #[serde(rename = "Records")]
        records: Vec<Record>,
    },
    /// From ourselves: what could not be done in time.
    More(Job),
    /// From the bucket, when it is told where to send its messages.
    Test {
        /// Its name.
        #[serde(rename = "Event")]
        _event: String,
    },
}

/// A file that was uploaded.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>
#[derive(Debug, Deserialize)]
pub struct Record {
    s3: Place,
}

#[derive(Debug, Deserialize)]
struct Place {
    object: Object,
}

#[derive(Debug, Deserialize)]
struct Object {
    key: String,
}

/// An import to work on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// Whose.
    pub tenant: Tenant,
    /// Which one.
    pub import_id: Identifier,
}

impl Message {
    /// What is to be done.
    ///
    /// # Errors
    /// When a file is called as none of ours is.
    pub fn jobs(self) -> Result<Vec<Job>, Fault> {
        match self {
            Self::Uploaded { records } => records.into_iter().map(|record| job(&record.s3.object.key)).collect(),
            Self::More(job) => Ok(vec![job]),
            Self::Test { .. } => Ok(Vec::new()),
        }
    }
}

fn job(key: &str) -> Result<Job, Fault> {
    let stranger = || Fault::internal("the bucket has a file that is none of ours");
    let key = percent_decode_str(key).decode_utf8().map_err(|_| stranger())?;
    let (tenant, import_id) = key.split_once('/').ok_or_else(stranger)?;
    let tenant = Tenant::parse(tenant).map_err(|_| stranger())?;
    Ok(Job { tenant, import_id: Identifier::parse(import_id).map_err(|_| stranger())? })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn jobs(text: &str) -> Option<Vec<Job>> {
        serde_json::from_str::<Message>(text).ok()?.jobs().ok()
    }

    #[test]
    fn an_upload_and_a_continuation_name_the_import() {
        let job = Job { tenant: Tenant::parse("a:b").unwrap(), import_id: Identifier::parse("01J").unwrap() };
        let uploaded =
            r#"{"Records":[{"eventName":"ObjectCreated:Put","s3":{"object":{"key":"a%3Ab/01J","size":3}}}]}"#;
        assert_eq!(jobs(uploaded), Some(vec![job.clone()]));
        assert_eq!(jobs(&serde_json::to_string(&job).unwrap()), Some(vec![job]));
        assert_eq!(jobs(r#"{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"b"}"#), Some(Vec::new()));
    }

    #[test]
    fn a_file_of_somebody_else_is_no_import() {
        for key in ["", "a", "a/b/c", "a b/c", "/"] {
            assert_eq!(jobs(&format!(r#"{{"Records":[{{"s3":{{"object":{{"key":"{key}"}}}}}}]}}"#)), None, "{key}");
        }
    }
}
