//! The ledger: messages in, sealed; transactions out, opened. On the local cloud, whose time is included.

use std::{path::Path, time::Duration};

use palisade_local::{Service, host::Lambda};
use serde_json::{Value, json};

use palisade_bench::{Outcome, World, median, milliseconds};

use crate::{Row, row};

/// How many messages are stored one by one.
const SINGLE: usize = 200;
/// How many are stored in one request.
const MANY: usize = 1_000;

pub(crate) async fn rows(root: &Path, packages: &Path) -> Outcome<Vec<Row>> {
    let world = World::start(root).await?;
    let record = world.function(packages, "record-transaction", None)?;
    let get = world.function(packages, "get-transaction", None)?;
    let bulk = world.function(packages, "record-in-bulk", None)?;

    let mut ids = Vec::with_capacity(SINGLE);
    let mut times = Vec::with_capacity(SINGLE);
    world.cloud.reset_counts();
    for index in 0..SINGLE {
        let body = json!({"user_id": "one", "channel": "sms", "sender": "AD-HDFCBK", "message": message(index)});
        let (answer, took) = invoke(&record, &world.event("POST", "/v1/transactions", "", &body)).await?;
        ids.push(answer.get("transaction_id").and_then(Value::as_str).unwrap_or_default().to_owned());
        times.push(took);
    }
    let (written, unwrapped) = (median(&mut times), world.cloud.calls_of(Service::Kms, "Decrypt"));
    let units = world.cloud.units().write / SINGLE as f64;

    let mut times = Vec::with_capacity(SINGLE);
    for id in &ids {
        let event = world.event("GET", &format!("/v1/transactions/{id}"), "user_id=one", &Value::Null);
        times.push(invoke(&get, &event).await?.1);
    }
    let read = median(&mut times);

    let messages: Vec<String> = (0..MANY).map(message).collect();
    let body = json!({"user_id": "many", "channel": "sms", "messages": messages});
    world.cloud.reset_counts();
    let (answer, took) = invoke(&bulk, &world.event("POST", "/v1/transactions/bulk", "", &body)).await?;
    if answer.get("stored").and_then(Value::as_u64) != Some(MANY as u64) {
        return Err(format!("not all was stored: {answer}").into());
    }
    let bulk_units = world.cloud.units().write;

    let show = |time: Duration| format!("{:.2} ms", milliseconds(time));
    Ok(vec![
        row("a message read, categorised, sealed and stored, warm, local cloud, median", show(written), ""),
        row("a transaction read and opened, warm, local cloud, median", show(read), ""),
        row("calls of KMS for these", format!("{unwrapped} to unwrap for {SINGLE} requests"), ""),
        row("bulk of 1,000 messages through the function, local cloud", show(took), ""),
        row(
            "DynamoDB write units per transaction, alone / in bulk",
            format!("{units:.1} / {:.1}", bulk_units / 1_000.0),
            "",
        ),
    ])
}

fn message(index: usize) -> String {
    format!("Rs.{}.00 debited from A/c XX4321 on 07-03-26 to SHOP {index}. UPI Ref {index:012}.", index % 900 + 10)
}

async fn invoke(function: &Lambda, event: &str) -> Outcome<(Value, Duration)> {
    let answer = function.invoke(event.to_owned()).await.map_err(|failure| format!("{failure:?}"))?;
    let reply: Value = serde_json::from_slice(&answer.body)?;
    let good = reply.get("statusCode").and_then(Value::as_u64).is_some_and(|status| status / 100 == 2);
    match reply.get("body").and_then(Value::as_str) {
        Some(body) if good => Ok((serde_json::from_str(body)?, answer.took)),
        _ => Err(format!("unexpected answer: {reply}").into()),
    }
}
