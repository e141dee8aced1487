//! The body of an upload and what its headers say of it: `aws-chunked` framing and checksums, as the SDKs send them.

use super::address::{header, without};
use super::{LARGEST, not_implemented, too_large};
use crate::wire::Refusal;
use axum::body::Bytes;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderMap, StatusCode};
use std::collections::BTreeMap;

/// The framings that SDKs choose, by TLS or not, for what they do not have in memory; the checksum comes last. What the
/// second signs is not checked: the signature of the request and the checksum are.
pub(super) const CHUNKED: [&str; 2] =
    ["STREAMING-UNSIGNED-PAYLOAD-TRAILER", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"];
const CRC32: &str = "x-amz-checksum-crc32";
/// What belongs to the object and is answered with it.
const KEPT: [&str; 5] =
    ["content-type", "content-disposition", "content-encoding", "content-language", "cache-control"];

/// An object as it was sent, with its checksum verified.
pub(super) struct Upload {
    pub(super) body: Bytes,
    /// With its quotation marks.
    pub(super) etag: String,
    /// As base64, if it was sent.
    pub(super) crc32: Option<String>,
    pub(super) headers: BTreeMap<String, String>,
    /// Whether it must not replace another.
    pub(super) only_new: bool,
}

impl Upload {
    pub(super) fn read(headers: &HeaderMap, body: Bytes) -> Result<Self, Refusal> {
        without(headers, &["transfer-encoding", "if-match"])?;
        if !headers.contains_key("content-length") {
            let missing = Refusal::new("MissingContentLength", "You must provide the Content-Length HTTP header.");
            return Err(missing.with_status(StatusCode::LENGTH_REQUIRED));
        }
        let only_new = match header(headers, "if-none-match") {
            Some("*") => true,
            Some(_) => return Err(not_implemented("If-None-Match can only be * here")),
            None => false,
        };
        let (body, trailer) = match header(headers, "x-amz-content-sha256") {
            Some(payload) if CHUNKED.contains(&payload) => unchunked(&body).ok_or_else(incomplete)?,
            _ => (body, None),
        };
        if body.len() > LARGEST {
            return Err(too_large());
        }
        let md5 = md5::compute(&body);
        if header(headers, "content-md5").is_some_and(|sent| sent != BASE64_STANDARD.encode(*md5)) {
            return Err(bad_digest("Content-MD5"));
        }
        let crc32 = verified(&body, headers, trailer)?;
        Ok(Self { body, etag: format!("\"{md5:x}\""), crc32, headers: kept(headers), only_new })
    }
}

/// Takes the frames away: each is its size in hexadecimal digits, perhaps a signature, a line break, so many bytes and
/// a line break; after one of no bytes come the trailers. Returns the trailer with the checksum too.
fn unchunked(framed: &[u8]) -> Option<(Bytes, Option<String>)> {
    let mut body = Vec::with_capacity(framed.len());
    let mut rest = framed;
    loop {
        let (size, after) = line(rest)?;
        let size = usize::from_str_radix(size.split(';').next()?, 16).ok()?;
        if size == 0 {
            rest = after;
            break;
        }
        let (chunk, after) = after.split_at_checked(size)?;
        body.extend_from_slice(chunk);
        rest = after.strip_prefix(b"\r\n")?;
    }
    let mut checksum = None;
    while let Some((trailer, after)) = line(rest) {
        if let Some((CRC32, value)) = trailer.split_once(':') {
            checksum = Some(value.trim().to_owned());
        }
        rest = after;
    }
    Some((body.into(), checksum))
}

/// The text before the next line break, and what follows.
fn line(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let end = bytes.windows(2).position(|pair| pair == b"\r\n")?;
    let (line, rest) = bytes.split_at_checked(end)?;
    Some((std::str::from_utf8(line).ok()?, rest.get(2..)?))
}

/// The CRC-32 that was sent, if it is that of the body. Other checksums are refused rather than passed over.
fn verified(body: &[u8], headers: &HeaderMap, trailer: Option<String>) -> Result<Option<String>, Refusal> {
    let others = ["crc32c", "crc64nvme", "sha1", "sha256", "sha512", "md5"];
    let names = headers.keys().map(http::HeaderName::as_str).chain(header(headers, "x-amz-trailer"));
    let mut sums = names.filter_map(|name| name.strip_prefix("x-amz-checksum-"));
    if let Some(other) = sums.find(|sum| others.contains(sum)) {
        return Err(not_implemented(&format!("The local cloud verifies only the checksum CRC32, not {other}")));
    }
    let Some(sent) = header(headers, CRC32).map(str::to_owned).or(trailer) else {
        return Ok(None);
    };
    let computed = BASE64_STANDARD.encode(crc32fast::hash(body).to_be_bytes());
    match sent == computed {
        true => Ok(Some(sent)),
        false => Err(bad_digest("CRC32")),
    }
}

fn kept(headers: &HeaderMap) -> BTreeMap<String, String> {
    let named = headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let kept = named.filter(|(name, _)| KEPT.contains(name) || name.starts_with("x-amz-meta-"));
    // The framing is of the transfer and not of the object.
    let kept = kept.filter(|(name, value)| (*name, *value) != ("content-encoding", "aws-chunked"));
    kept.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn bad_digest(which: &str) -> Refusal {
    Refusal::new("BadDigest", format!("The {which} you specified did not match the calculated checksum."))
}

fn incomplete() -> Refusal {
    Refusal::new("IncompleteBody", "The request body terminated unexpectedly")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{Upload, unchunked};
    use axum::body::Bytes;
    use http::HeaderMap;

    #[test]
    fn frames_are_taken_away_and_the_checksum_is_found() {
        let framed =
            b"5;chunk-signature=00\r\nhello\r\n1\r\n \r\n5\r\nworld\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n";
        let (body, checksum) = unchunked(framed).unwrap();
        assert_eq!(body, "hello world");
        assert_eq!(checksum.as_deref(), Some("DUoRhQ=="));
    }

    #[test]
    fn an_upload_says_its_length_beforehand() {
        let refusal = |name: &'static str| {
            let headers: HeaderMap = [(name.parse().unwrap(), "chunked".parse().unwrap())].into_iter().collect();
            Upload::read(&headers, Bytes::from_static(b"hello")).err().unwrap().code
        };
        assert_eq!(refusal("transfer-encoding"), "NotImplemented");
        assert_eq!(refusal("content-type"), "MissingContentLength");
    }

    #[test]
    fn a_body_that_ends_within_a_frame_is_not_one() {
        for framed in ["5\r\nhel", "5\r\nhello", "5\r\nhello\r\n", "x\r\nhello\r\n0\r\n\r\n", ""] {
            assert!(unchunked(framed.as_bytes()).is_none(), "{framed}");
        }
    }
}
