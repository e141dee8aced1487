//! Signature Version 4, in the header `Authorization` or in the query of a presigned URL: whether a request is what
//! the holder of the cloud's one pair of keys signed, and in time.

use super::address::{header, query};
use super::{not_implemented, upload};
use crate::wire::{ACCESS_KEY, REGION, Refusal, SECRET_KEY};
use aws_lc_rs::{digest, hmac};
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use std::collections::BTreeMap;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const UNSIGNED: &str = "UNSIGNED-PAYLOAD";
/// How far the clock of a signer may be from the cloud's.
const SKEW: SignedDuration = SignedDuration::from_mins(15);
/// The longest life of a presigned URL, in seconds.
const WEEK: u32 = 7 * 24 * 60 * 60;

/// All but the characters that RFC 3986 leaves as they are.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const RESERVED_IN_PATH: &AsciiSet = &RESERVED.remove(b'/');

/// What a request says of its own signature.
struct Claim {
    /// `<access key>/<day>/<Region>/s3/aws4_request`
    credential: String,
    time: String,
    /// Of a presigned URL, in seconds.
    life: Option<String>,
    /// Separated by semicolons.
    signed_headers: String,
    signature: String,
    /// The body's hash, or a word that there is none.
    payload: String,
}

/// Whether a request is signed, rightly or wrongly, for S3. Nothing else here is presigned.
pub(super) fn is_for_s3(parts: &Parts) -> bool {
    let in_header = header(&parts.headers, "authorization").is_some_and(|text| text.contains("/s3/aws4_request"));
    in_header || is_presigned(parts)
}

fn is_presigned(parts: &Parts) -> bool {
    query(&parts.uri).any(|(name, _)| name == "X-Amz-Algorithm" || name == "X-Amz-Signature")
}

/// Refuses what is not signed, or not signed well.
pub(super) fn check(parts: &Parts, body: &[u8], now: Timestamp) -> Result<(), Refusal> {
    let claim = Claim::of(parts)?;
    let scope = claim.scope()?;
    claim.check_time(now)?;
    claim.check_headers(&parts.headers)?;
    claim.check_payload(body)?;
    let request = claim.canonical_request(parts);
    let hash = hex(digest::digest(&digest::SHA256, request.as_bytes()).as_ref());
    let text = format!("{ALGORITHM}\n{}\n{scope}\n{hash}", claim.time);
    match hex(sign(scope, &text).as_ref()) == claim.signature {
        true => Ok(()),
        false => Err(forbidden(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
        )),
    }
}

impl Claim {
    fn of(parts: &Parts) -> Result<Self, Refusal> {
        match (is_presigned(parts), header(&parts.headers, "authorization")) {
            (true, None) => Self::of_query(parts),
            (false, Some(authorization)) => Self::of_header(&parts.headers, authorization),
            (false, None) => Err(forbidden("AccessDenied", "Access Denied")),
            (true, Some(_)) => Err(Refusal::new("InvalidArgument", "Only one auth mechanism allowed")),
        }
    }

    fn of_query(parts: &Parts) -> Result<Self, Refusal> {
        let mut parameters: BTreeMap<String, String> = query(&parts.uri).collect();
        let mut take = |name: &str| {
            parameters.remove(name).ok_or_else(|| wrong_query("A parameter of the presigned URL is missing"))
        };
        if take("X-Amz-Algorithm")? != ALGORITHM {
            return Err(wrong_query("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\""));
        }
        Ok(Self {
            credential: take("X-Amz-Credential")?,
            time: take("X-Amz-Date")?,
            life: Some(take("X-Amz-Expires")?),
            signed_headers: take("X-Amz-SignedHeaders")?,
            signature: take("X-Amz-Signature")?,
            payload: UNSIGNED.to_owned(),
        })
    }

    fn of_header(headers: &HeaderMap, authorization: &str) -> Result<Self, Refusal> {
        let malformed = || Refusal::new("AuthorizationHeaderMalformed", "The authorization header is malformed");
        let fields = authorization.strip_prefix(ALGORITHM).ok_or_else(malformed)?;
        let fields: BTreeMap<&str, &str> = fields.split(',').filter_map(|field| field.trim().split_once('=')).collect();
        let field = |name| fields.get(name).map(|text| (*text).to_owned()).ok_or_else(malformed);
        let sent = |name| header(headers, name).map(str::to_owned);
        let missing =
            || Refusal::new("InvalidRequest", "Missing required header for this request: x-amz-content-sha256");
        Ok(Self {
            credential: field("Credential")?,
            time: sent("x-amz-date").ok_or_else(malformed)?,
            life: None,
            signed_headers: field("SignedHeaders")?,
            signature: field("Signature")?,
            payload: sent("x-amz-content-sha256").ok_or_else(missing)?,
        })
    }

    /// The credential without the access key.
    fn scope(&self) -> Result<&str, Refusal> {
        let (access_key, scope) = self.credential.split_once('/').unwrap_or_default();
        if access_key != ACCESS_KEY {
            return Err(forbidden(
                "InvalidAccessKeyId",
                "The AWS Access Key Id you provided does not exist in our records.",
            ));
        }
        let day = self.time.get(..8).unwrap_or_default();
        match scope == format!("{day}/{REGION}/s3/aws4_request") {
            true => Ok(scope),
            false if self.life.is_some() => Err(wrong_query("Error parsing the X-Amz-Credential parameter")),
            false => Err(Refusal::new("AuthorizationHeaderMalformed", "The credential names another day or Region")),
        }
    }

    fn check_time(&self, now: Timestamp) -> Result<(), Refusal> {
        let date = DateTime::strptime("%Y%m%dT%H%M%SZ", &self.time).and_then(|date| date.to_zoned(TimeZone::UTC));
        let Ok(date) = date else {
            return Err(forbidden("AccessDenied", "AWS authentication requires a valid Date or x-amz-date header"));
        };
        let age = now.duration_since(date.timestamp());
        match &self.life {
            None if age.abs() > SKEW => Err(forbidden(
                "RequestTimeTooSkewed",
                "The difference between the request time and the current time is too large.",
            )),
            None => Ok(()),
            Some(life) => {
                let Some(life) = life.parse().ok().filter(|life| (1..=WEEK).contains(life)) else {
                    return Err(wrong_query("X-Amz-Expires must be between 1 and 604800 seconds"));
                };
                match age {
                    _ if age < -SKEW => Err(forbidden("AccessDenied", "Request is not yet valid")),
                    _ if age > SignedDuration::from_secs(life.into()) => {
                        Err(forbidden("AccessDenied", "Request has expired"))
                    }
                    _ => Ok(()),
                }
            }
        }
    }

    /// What changes the meaning of a request must be signed.
    fn check_headers(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let is_signed = |name: &str| self.signed_headers.split(';').any(|signed| signed == name);
        let must = headers.keys().map(http::HeaderName::as_str).filter(|name| name.starts_with("x-amz-"));
        match must.chain(["host"]).all(is_signed) {
            true => Ok(()),
            false => Err(forbidden("AccessDenied", "There were headers present in the request which were not signed")),
        }
    }

    fn check_payload(&self, body: &[u8]) -> Result<(), Refusal> {
        let is_hash = self.payload.len() == 64 && self.payload.bytes().all(|digit| digit.is_ascii_hexdigit());
        match self.payload.as_str() {
            UNSIGNED => Ok(()),
            framed if upload::CHUNKED.contains(&framed) => Ok(()),
            hash if is_hash && hash == hex(digest::digest(&digest::SHA256, body).as_ref()) => Ok(()),
            _ if is_hash => Err(Refusal::new(
                "XAmzContentSHA256Mismatch",
                "The provided 'x-amz-content-sha256' header does not match what was computed.",
            )),
            other => Err(not_implemented(&format!("The local cloud does not know the payload {other}"))),
        }
    }

    fn canonical_request(&self, parts: &Parts) -> String {
        // A path that is not UTF-8 was refused as an address before anything came of it.
        let path = percent_decode_str(parts.uri.path()).decode_utf8_lossy();
        let path = utf8_percent_encode(&path, RESERVED_IN_PATH);
        let encoded = |text: &str| utf8_percent_encode(text, RESERVED).to_string();
        let parameters = query(&parts.uri).filter(|(name, _)| name != "X-Amz-Signature");
        let mut parameters: Vec<String> =
            parameters.map(|(name, value)| format!("{}={}", encoded(&name), encoded(&value))).collect();
        parameters.sort_unstable();
        let headers: String =
            self.signed_headers.split(';').map(|name| format!("{name}:{}\n", folded(&parts.headers, name))).collect();
        let (method, query) = (&parts.method, parameters.join("&"));
        format!("{method}\n{path}\n{query}\n{headers}\n{}\n{}", self.signed_headers, self.payload)
    }
}

/// The values of a header as they are signed: joined with commas, and with no more white space than they need.
fn folded(headers: &HeaderMap, name: &str) -> String {
    let values = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
    let folded: Vec<String> = values.map(|value| value.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    folded.join(",")
}

/// Signs with the key that is derived for a scope.
fn sign(scope: &str, text: &str) -> hmac::Tag {
    let secret = format!("AWS4{SECRET_KEY}");
    let tag = |key: &[u8], text: &str| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes());
    let (first, rest) = scope.split_once('/').unwrap_or((scope, ""));
    let key = rest.split('/').fold(tag(secret.as_bytes(), first), |key, part| tag(key.as_ref(), part));
    tag(key.as_ref(), text)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn forbidden(code: &'static str, message: &str) -> Refusal {
    Refusal::new(code, message).with_status(StatusCode::FORBIDDEN)
}

fn wrong_query(message: &str) -> Refusal {
    Refusal::new("AuthorizationQueryParametersError", message)
}
