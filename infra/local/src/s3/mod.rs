//! S3, as far as one upload and its reader need it: objects in buckets, put with a signed or presigned request, read
//! whole or in a range, and deleted; and what a bucket tells queues about new objects. Its answers are XML.
//!
//! Unlike the other services this one checks signatures: whoever holds a presigned URL has nothing else to show. It
//! does not know policies, so what is not there is `NoSuchKey` also to a caller whom AWS would tell `AccessDenied`.
//!
//! Deliberately absent: uploads in parts, versions, lifecycles, encryption, CORS, lists of objects, and the
//! `s3:TestEvent` that a queue gets from a bucket that is new to it. Operations, conditions and checksums that are not
//! known here are refused with `NotImplemented`; what a header says of encryption, access or storage is passed over. An
//! ETag is the MD5 of the object, which AWS promises only for objects that are not encrypted with KMS.

mod address;
mod bodies;
mod notify;
mod read;
mod signature;
mod upload;

pub(crate) use address::operation;
pub(crate) use notify::Notification;

use crate::error::CloudError;
use crate::random;
use crate::saved::Saved;
use crate::sqs::Sqs;
use crate::wire::{self, Refusal, Service, escaped};
use address::{Address, header, without};
use axum::body::{Body, Bytes};
use axum::response::Response;
use bodies::Bodies;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Map;
use std::collections::BTreeMap;
use std::path::Path;
use upload::Upload;

/// The largest object here; AWS takes up to 5 GiB in one call.
const LARGEST: usize = 64 * 1024 * 1024;
/// The largest body of a call: an object, and what `aws-chunked` puts around it.
pub(crate) const BODY_LIMIT: usize = LARGEST + 1024 * 1024;

/// The service.
pub(crate) struct S3 {
    shelf: Saved<Buckets>,
    bodies: Bodies,
}

/// By name.
type Buckets = BTreeMap<String, Bucket>;

#[derive(Default, Serialize, Deserialize)]
struct Bucket {
    notifications: Vec<Notification>,
    /// By key.
    objects: BTreeMap<String, Object>,
}

/// All of an object but its bytes.
#[derive(Clone, Serialize, Deserialize)]
struct Object {
    /// The name of its bytes.
    body: String,
    size: usize,
    /// With its quotation marks.
    etag: String,
    /// As base64, if it was sent.
    crc32: Option<String>,
    modified: Timestamp,
    /// What was sent to be answered with the object: its media type and metadata.
    headers: BTreeMap<String, String>,
}

/// An object of a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredObject {
    /// Its name in the bucket.
    pub key: String,
    /// In bytes.
    pub size: usize,
}

/// A service's answer before its request id.
type Answer = Result<Response, Refusal>;

impl S3 {
    pub(crate) fn open(folder: Option<&Path>) -> Result<Self, CloudError> {
        let shelf: Saved<Buckets> = Saved::open(folder, "s3.json")?;
        let known = shelf.look(|buckets| {
            let objects = buckets.values().flat_map(|bucket| bucket.objects.values());
            objects.map(|object| object.body.clone()).collect()
        });
        Ok(Self { shelf, bodies: Bodies::open(folder, &known)? })
    }

    /// Whether a request is for this service: it is signed for it, or about one of its buckets.
    pub(crate) fn is_meant(&self, parts: &Parts) -> bool {
        let is_bucket = |name: &str| self.shelf.look(|buckets| buckets.contains_key(name));
        signature::is_for_s3(parts) || Address::of(&parts.uri).is_ok_and(|address| is_bucket(&address.bucket))
    }

    pub(crate) fn call(&self, operation: &str, parts: &Parts, body: Bytes, queues: &Sqs) -> Response {
        let allowed = signature::check(parts, &body, Timestamp::now());
        let result = allowed.and_then(|()| Address::of(&parts.uri)).and_then(|address| match operation {
            "CreateBucket" => self.create_bucket(&address),
            "PutObject" => self.put_object(&address, &parts.headers, body, queues),
            "GetObject" | "HeadObject" => self.get_object(&address, &parts.headers),
            "DeleteObject" => self.delete_object(&address, &parts.headers),
            _ => Err(not_implemented("The local cloud has no such operation")),
        });
        let mut response = result.unwrap_or_else(|refusal| refusal.into_response(Service::S3));
        if let Ok(id) = HeaderValue::from_str(&request_id()) {
            response.headers_mut().insert("x-amz-request-id", id);
        }
        response
    }

    /// Makes a bucket unless it is there.
    pub(crate) fn create(&self, name: &str) -> Result<(), Refusal> {
        let is_good = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || b".-".contains(&letter);
        if !(3..=63).contains(&name.len()) || !name.bytes().all(is_good) {
            return Err(Refusal::new("InvalidBucketName", "The specified bucket is not valid."));
        }
        self.shelf.change(|buckets: &mut Buckets| {
            buckets.entry(name.to_owned()).or_default();
            Ok(())
        })
    }

    /// Says which queues learn of the bucket's new objects.
    pub(crate) fn notify(&self, bucket: &str, notifications: Vec<Notification>) -> Result<(), Refusal> {
        self.change(bucket, |bucket| {
            bucket.notifications = notifications;
            Ok(())
        })
    }

    /// What is in a bucket, in the order of its keys; `None` without such a bucket.
    pub(crate) fn objects(&self, bucket: &str) -> Option<Vec<StoredObject>> {
        self.shelf.look(|buckets| {
            let objects = buckets.get(bucket)?.objects.iter();
            Some(objects.map(|(key, object)| StoredObject { key: key.clone(), size: object.size }).collect())
        })
    }

    fn change<R>(&self, bucket: &str, change: impl FnOnce(&mut Bucket) -> Result<R, Refusal>) -> Result<R, Refusal> {
        self.shelf.change(|buckets: &mut Buckets| change(buckets.get_mut(bucket).ok_or_else(no_bucket)?))
    }

    fn create_bucket(&self, address: &Address) -> Answer {
        self.create(&address.bucket)?;
        let mut response = Response::default();
        put_header(response.headers_mut(), "location", &format!("/{}", address.bucket));
        Ok(response)
    }

    fn put_object(&self, address: &Address, headers: &HeaderMap, body: Bytes, queues: &Sqs) -> Answer {
        let upload = Upload::read(headers, body)?;
        let id = random::uuid_text(&random::uuid()?);
        let object = Object {
            body: id.clone(),
            size: upload.body.len(),
            etag: upload.etag,
            crc32: upload.crc32,
            modified: Timestamp::now(),
            headers: upload.headers,
        };
        self.bodies.put(&id, upload.body)?;
        let put = self.change(&address.bucket, |bucket| {
            if upload.only_new && bucket.objects.contains_key(&address.key) {
                return Err(precondition_failed());
            }
            let old = bucket.objects.insert(address.key.clone(), object.clone());
            Ok((old, bucket.notifications.clone()))
        });
        let (old, notifications) = put.inspect_err(|_| self.bodies.remove(&id))?;
        if let Some(old) = old {
            self.bodies.remove(&old.body);
        }
        for notification in notifications.iter().filter(|notification| notification.is_about(&address.key)) {
            queues.send(&notification.queue, notification.created(address, &object), Map::new())?;
        }
        let mut response = Response::default();
        put_header(response.headers_mut(), "etag", &object.etag);
        put_checksum(response.headers_mut(), object.crc32.as_deref());
        Ok(response)
    }

    fn get_object(&self, address: &Address, headers: &HeaderMap) -> Answer {
        let wanted = read::Wanted::of(headers)?;
        // The bytes are read while nobody can replace them.
        let (object, range, bytes) = self.shelf.look(|buckets| {
            let bucket = buckets.get(&address.bucket).ok_or_else(no_bucket)?;
            let object = bucket.objects.get(&address.key).ok_or_else(no_key)?;
            let range = wanted.of_object(object)?;
            let bytes = self.bodies.get(&object.body, range.clone().unwrap_or(0..object.size))?;
            Ok::<_, Refusal>((object.clone(), range, bytes))
        })?;
        let mut response = Response::new(Body::from(bytes));
        let answered = response.headers_mut();
        put_header(answered, "accept-ranges", "bytes");
        put_header(answered, "content-type", "binary/octet-stream");
        for (name, value) in &object.headers {
            put_header(answered, name, value);
        }
        put_header(answered, "etag", &object.etag);
        put_header(answered, "last-modified", &read::http_date(object.modified));
        if let Some(range) = range {
            let last = range.end.saturating_sub(1);
            put_header(answered, "content-range", &format!("bytes {}-{last}/{}", range.start, object.size));
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        } else if header(headers, "x-amz-checksum-mode").is_some_and(|mode| mode.eq_ignore_ascii_case("enabled")) {
            put_checksum(answered, object.crc32.as_deref());
        }
        Ok(response)
    }

    fn delete_object(&self, address: &Address, headers: &HeaderMap) -> Answer {
        without(headers, &["if-match"])?;
        let old = self.change(&address.bucket, |bucket| Ok(bucket.objects.remove(&address.key)))?;
        if let Some(old) = old {
            self.bodies.remove(&old.body);
        }
        let mut response = Response::default();
        *response.status_mut() = StatusCode::NO_CONTENT;
        Ok(response)
    }
}

/// The body of a refusal.
pub(crate) fn refusal(code: &str, message: &str) -> String {
    let (message, id) = (escaped(message), request_id());
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <Error><Code>{code}</Code><Message>{message}</Message><RequestId>{id}</RequestId></Error>"
    )
}

/// The refusal of a body that was not read to its end.
pub(crate) fn too_large() -> Refusal {
    Refusal::new("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
}

/// A value that a header cannot hold is left out; what is answered was read from headers or written here.
fn put_header(headers: &mut HeaderMap, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (http::HeaderName::try_from(name), HeaderValue::from_str(value)) {
        headers.insert(name, value);
    }
}

fn put_checksum(headers: &mut HeaderMap, crc32: Option<&str>) {
    if let Some(crc32) = crc32 {
        put_header(headers, "x-amz-checksum-crc32", crc32);
        put_header(headers, "x-amz-checksum-type", "FULL_OBJECT");
    }
}

/// Without randomness the id is all zeros, which is still an id.
fn request_id() -> String {
    let id = random::uuid().unwrap_or_default();
    id.iter().take(8).map(|byte| format!("{byte:02X}")).collect()
}

fn no_bucket() -> Refusal {
    Refusal::new("NoSuchBucket", "The specified bucket does not exist").with_status(StatusCode::NOT_FOUND)
}

fn no_key() -> Refusal {
    Refusal::new("NoSuchKey", "The specified key does not exist.").with_status(StatusCode::NOT_FOUND)
}

fn precondition_failed() -> Refusal {
    Refusal::new("PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
        .with_status(StatusCode::PRECONDITION_FAILED)
}

fn not_implemented(message: &str) -> Refusal {
    Refusal::new("NotImplemented", message).with_status(StatusCode::NOT_IMPLEMENTED)
}

/// The ARN of a bucket, which names neither Region nor account.
pub(crate) fn arn(bucket: &str) -> String {
    wire::arn("s3", bucket).replacen(&format!("{}:{}", wire::REGION, wire::ACCOUNT), ":", 1)
}
