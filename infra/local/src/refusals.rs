//! How each service words the refusals that are injected.

use crate::wire::{Refusal, Service};
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value as Json, json};

/// The service's answer to a caller that calls too often.
pub(crate) fn throttled(service: Service, operation: &str) -> Response {
    let on_data = ["Item", "Items", "Query", "Scan"].iter().any(|end| operation.ends_with(end));
    let refusal = match service {
        Service::DynamoDb if on_data => Refusal::new(
            "ProvisionedThroughputExceededException",
            "The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.",
        ),
        Service::DynamoDb | Service::SecretsManager | Service::Kms => {
            Refusal::new("ThrottlingException", "Rate exceeded")
        }
        Service::Sqs => Refusal::new("RequestThrottled", "Request is throttled."),
        Service::Sns => Refusal::new("Throttling", "Rate exceeded"),
        Service::S3 => {
            Refusal::new("SlowDown", "Please reduce your request rate.").with_status(StatusCode::SERVICE_UNAVAILABLE)
        }
        Service::ApiGateway => {
            Refusal::new("TooManyRequestsException", "Too Many Requests").with_status(StatusCode::TOO_MANY_REQUESTS)
        }
    };
    let mut response = refusal.into_response(service);
    if service == Service::ApiGateway {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

/// The service's own failure.
pub(crate) fn failed(service: Service) -> Response {
    let (code, status) = match service {
        Service::DynamoDb => ("InternalServerError", StatusCode::INTERNAL_SERVER_ERROR),
        Service::SecretsManager => ("InternalServiceError", StatusCode::INTERNAL_SERVER_ERROR),
        Service::Kms => ("KMSInternalException", StatusCode::INTERNAL_SERVER_ERROR),
        Service::ApiGateway => ("ServiceUnavailableException", StatusCode::SERVICE_UNAVAILABLE),
        Service::Sqs => ("InternalFailure", StatusCode::INTERNAL_SERVER_ERROR),
        Service::Sns | Service::S3 => ("InternalError", StatusCode::INTERNAL_SERVER_ERROR),
    };
    Refusal::new(code, "Internal server error").with_status(status).into_response(service)
}

/// A DynamoDB write that lost against a transaction, or a call of S3 that lost against another.
pub(crate) fn conflicted(service: Service, body: &[u8]) -> Response {
    if service == Service::S3 {
        let message = "A conflicting conditional operation is currently in progress against this resource.";
        return Refusal::new("OperationAborted", message).with_status(StatusCode::CONFLICT).into_response(service);
    }
    let request: Json = serde_json::from_slice(body).unwrap_or_default();
    let Some(items) = request.get("TransactItems").and_then(Json::as_array) else {
        return Refusal::new("TransactionConflictException", "Transaction is ongoing for the item")
            .into_response(Service::DynamoDb);
    };
    let mut reasons = vec![json!({ "Code": "None" }); items.len()];
    if let Some(last) = reasons.last_mut() {
        *last = json!({ "Code": "TransactionConflict", "Message": "Transaction is ongoing for the item" });
    }
    let codes: Vec<&str> = reasons.iter().filter_map(|reason| reason["Code"].as_str()).collect();
    let body = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": format!(
            "Transaction cancelled, please refer cancellation reasons for specific reasons [{}]",
            codes.join(", ")
        ),
        "CancellationReasons": reasons,
    });
    crate::wire::answer(Service::DynamoDb, StatusCode::BAD_REQUEST, body.to_string())
}
