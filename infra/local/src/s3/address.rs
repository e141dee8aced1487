//! What a request says of itself before anything is looked up: its bucket and key, and its operation.

use super::not_implemented;
use crate::wire::Refusal;
use http::{HeaderMap, Method, Uri};
use percent_encoding::percent_decode_str;

/// AWS's limit, in bytes.
const LONGEST_KEY: usize = 1024;

/// A bucket, and a key in it; the key of the bucket itself is empty.
pub(super) struct Address {
    pub(super) bucket: String,
    pub(super) key: String,
}

impl Address {
    /// Reads `/<bucket>/<key>`.
    pub(super) fn of(uri: &Uri) -> Result<Self, Refusal> {
        let path = uri.path().strip_prefix('/').unwrap_or_default();
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        let decoded = |text| percent_decode_str(text).decode_utf8();
        let (Ok(bucket), Ok(key)) = (decoded(bucket), decoded(key)) else {
            return Err(Refusal::new("InvalidURI", "Couldn't parse the specified URI."));
        };
        if key.len() > LONGEST_KEY {
            return Err(Refusal::new("KeyTooLongError", "Your key is too long"));
        }
        Ok(Self { bucket: bucket.into_owned(), key: key.into_owned() })
    }
}

/// The name of a request's operation; all that there is no such name for here share one.
pub(crate) fn operation(method: &Method, uri: &Uri, headers: &HeaderMap) -> &'static str {
    let is_known = |name: &str| name == "x-id" || name.starts_with("X-Amz-");
    let asks_more = query(uri).any(|(name, _)| !is_known(&name)) || headers.contains_key("x-amz-copy-source");
    let has_key = Address::of(uri).is_ok_and(|address| !address.key.is_empty());
    match (method.as_str(), has_key) {
        _ if asks_more => "Unsupported",
        ("PUT", true) => "PutObject",
        ("GET", true) => "GetObject",
        ("HEAD", true) => "HeadObject",
        ("DELETE", true) => "DeleteObject",
        ("PUT", false) => "CreateBucket",
        _ => "Unsupported",
    }
}

/// The parameters of a query. A plus sign is one, as in signatures; what is not UTF-8 becomes something else, with
/// which no signature agrees.
pub(super) fn query(uri: &Uri) -> impl Iterator<Item = (String, String)> {
    let decoded = |text| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let pairs = uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    pairs.map(move |pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(name), decoded(value))
    })
}

/// A header as text.
pub(super) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Refuses a request with one of these headers, which would change what it means.
pub(super) fn without(headers: &HeaderMap, refused: &[&str]) -> Result<(), Refusal> {
    match refused.iter().find(|name| headers.contains_key(**name)) {
        Some(name) => Err(not_implemented(&format!(
            "A header you provided implies functionality that is not implemented: {name}"
        ))),
        None => Ok(()),
    }
}
