//! The AWS JSON protocols as far as this cloud speaks them: which call a request is, and how an
//! answer or a refusal is written.

use axum::body::Body;
use axum::response::Response;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderMap, StatusCode, header};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// The Region of everything here, as in the functions' `AWS_REGION`.
pub const REGION: &str = "us-east-1";
/// The account of everything here.
pub(crate) const ACCOUNT: &str = "000000000000";

/// The services this cloud speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// DynamoDB and DynamoDB Streams (their operation names do not overlap).
    DynamoDb,
    /// Secrets Manager.
    SecretsManager,
    /// Key Management Service.
    Kms,
    /// The control plane of API Gateway, as far as keys and usage plans go.
    ApiGateway,
}

impl Service {
    /// Reads `X-Amz-Target`: the service and the operation's name.
    pub(crate) fn of_target(target: &str) -> Option<(Self, &str)> {
        let (prefix, operation) = target.split_once('.')?;
        let service = match prefix {
            "DynamoDB_20120810" | "DynamoDBStreams_20120810" => Self::DynamoDb,
            "secretsmanager" => Self::SecretsManager,
            "TrentService" => Self::Kms,
            _ => return None,
        };
        Some((service, operation))
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DynamoDb => "dynamodb",
            Self::SecretsManager => "secretsmanager",
            Self::Kms => "kms",
            Self::ApiGateway => "apigateway",
        })
    }
}

/// A call refused with the error its service would give.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl Refusal {
    /// A refusal of the caller's making: status 400.
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code, message: message.into() }
    }

    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// Writes the refusal as `service` does. REST-JSON names the error in a header, the others in the body.
    pub(crate) fn into_response(self, service: Service) -> Response {
        let kind = match service {
            Service::DynamoDb => format!("com.amazonaws.dynamodb.v20120810#{}", self.code),
            _ => self.code.to_owned(),
        };
        let body = match service {
            Service::ApiGateway => serde_json::json!({ "message": self.message }),
            _ => serde_json::json!({ "__type": kind, "message": self.message }),
        };
        let mut response = answer(service, self.status, body.to_string());
        if service == Service::ApiGateway {
            response.headers_mut().insert("x-amzn-errortype", header::HeaderValue::from_static(self.code));
        }
        response
    }
}

/// An answer of `service` with this JSON text.
pub(crate) fn answer(service: Service, status: StatusCode, json: String) -> Response {
    let media_type = match service {
        Service::DynamoDb => "application/x-amz-json-1.0",
        Service::SecretsManager | Service::Kms => "application/x-amz-json-1.1",
        Service::ApiGateway => "application/json",
    };
    let mut response = Response::new(Body::from(json));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(media_type));
    response
}

/// The operation's name in the headers, with its service.
pub(crate) fn target(headers: &HeaderMap) -> Option<(Service, &str)> {
    Service::of_target(headers.get("x-amz-target")?.to_str().ok()?)
}

/// Reads a request body; the error never repeats what was sent.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| {
        Refusal::new(
            "SerializationException",
            format!("the body does not have this operation's shape (line {}, column {})", error.line(), error.column()),
        )
    })
}

/// Bytes that travel as base64.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Blob(pub(crate) Vec<u8>);

impl Serialize for Blob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64_STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        BASE64_STANDARD.decode(text).map(Self).map_err(|_| D::Error::custom("not base64"))
    }
}

/// Never prints what it holds.
impl fmt::Debug for Blob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Blob({} bytes)", self.0.len())
    }
}

/// Seconds since the epoch, as the AWS JSON protocols write times.
pub(crate) fn now() -> f64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

impl From<std::io::Error> for Refusal {
    fn from(_: std::io::Error) -> Self {
        Self::new("InternalFailure", "the state could not be written to the data folder")
            .with_status(StatusCode::INTERNAL_SERVER_ERROR)
    }
}
