//! The AWS protocols as far as this cloud speaks them: which call a request is, and how an answer or a refusal is
//! written. All are JSON but those of SNS, whose calls are forms, and S3, whose
//! calls are paths; both answer with XML.

use crate::{s3, sns};
use axum::body::Body;
use axum::response::Response;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderMap, StatusCode, header};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::json;
use std::fmt;

/// The Region of everything here, as in the functions' `AWS_REGION`.
pub const REGION: &str = "us-east-1";
/// The account of everything here.
pub(crate) const ACCOUNT: &str = "000000000000";

/// The one pair of keys that there is. Only S3 asks who has it.
pub(crate) const ACCESS_KEY: &str = "local";
pub(crate) const SECRET_KEY: &str = "local";

/// The ARN of something here: `arn("sqs", "dead-letters")`.
pub(crate) fn arn(service: &str, resource: &str) -> String {
    format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}")
}

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
    /// Simple Queue Service.
    Sqs,
    /// Simple Notification Service.
    Sns,
    /// Simple Storage Service.
    S3,
}

impl Service {
    /// Reads `X-Amz-Target`: the service and the operation's name.
    pub(crate) fn of_target(target: &str) -> Option<(Self, &str)> {
        let (prefix, operation) = target.split_once('.')?;
        let service = match prefix {
            "DynamoDB_20120810" | "DynamoDBStreams_20120810" => Self::DynamoDb,
            "secretsmanager" => Self::SecretsManager,
            "TrentService" => Self::Kms,
            "AmazonSQS" => Self::Sqs,
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
            Self::Sqs => "sqs",
            Self::Sns => "sns",
            Self::S3 => "s3",
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

    /// Writes the refusal as `service` does. REST-JSON names the error in a header, the others in the body, and SQS in
    /// a header once more as it did when its calls were forms.
    pub(crate) fn into_response(self, service: Service) -> Response {
        let (code, message) = (self.code, self.message);
        let body = match service {
            Service::DynamoDb => {
                json!({"__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": message})
            }
            Service::Sqs => json!({"__type": format!("com.amazonaws.sqs#{code}"), "message": message}),
            Service::SecretsManager | Service::Kms => json!({ "__type": code, "message": message }),
            Service::ApiGateway => json!({ "message": message }),
            Service::Sns => return answer(service, self.status, sns::refusal(self.status, code, &message)),
            Service::S3 => return answer(service, self.status, s3::refusal(code, &message)),
        };
        let mut response = answer(service, self.status, body.to_string());
        let named = match (service, code) {
            (Service::ApiGateway, _) => Some(("x-amzn-errortype", code)),
            (Service::Sqs, "QueueDoesNotExist") => {
                Some(("x-amzn-query-error", "AWS.SimpleQueueService.NonExistentQueue;Sender"))
            }
            _ => None,
        };
        if let Some((name, value)) = named {
            response.headers_mut().insert(name, header::HeaderValue::from_static(value));
        }
        response
    }
}

/// An answer of `service` with this text.
pub(crate) fn answer(service: Service, status: StatusCode, text: String) -> Response {
    let media_type = match service {
        Service::DynamoDb | Service::Sqs => "application/x-amz-json-1.0",
        Service::SecretsManager | Service::Kms => "application/x-amz-json-1.1",
        Service::ApiGateway => "application/json",
        Service::Sns => "text/xml",
        Service::S3 => "application/xml",
    };
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(media_type));
    response
}

/// Text as XML has it.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
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
