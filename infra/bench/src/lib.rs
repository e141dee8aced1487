//! The world of the benchmarks, and the requests they make.

use std::{path::Path, time::Duration};

use kernel::{Scope, Tenant};
use palisade_keys::{Keyring, Order};
use palisade_local::{
    Cloud, CloudOptions, Stack,
    host::{Lambda, Program},
};
use serde_json::{Value, json};

/// What a step of a benchmark comes to.
pub type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// A cloud with one key that may do everything.
pub struct World {
    /// The cloud.
    pub cloud: Cloud,
    /// What was provisioned in it.
    pub stack: Stack,
    /// The key.
    pub key: String,
}

impl World {
    /// Starts one from the template in `root`.
    ///
    /// # Errors
    /// When anything fails.
    pub async fn start(root: &Path) -> Outcome<Self> {
        let cloud = Cloud::start(CloudOptions::default()).await?;
        let stack = cloud.provision(root.join("template.yaml"), "bench")?;
        let order = Order {
            tenant: Tenant::parse("bench")?,
            scopes: Scope::ALL.iter().copied().collect(),
            name: "benchmark".parse()?,
            expires: jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24),
            usage_plan: None,
        };
        let issued = Keyring::new(&cloud.sdk_config(), "bench").mint(&order, jiff::Timestamp::now()).await?;
        let key = issued.key.text().reveal().to_string();
        Ok(Self { cloud, stack, key })
    }

    /// The packaged function, talking to this cloud or to whatever answers at `endpoint`.
    ///
    /// # Errors
    /// When the template does not have it.
    pub fn function(&self, packages: &Path, binary: &str, endpoint: Option<&str>) -> Outcome<Lambda> {
        let functions = self.stack.functions();
        let mut environment = match functions.iter().find(|function| function.binary == binary) {
            Some(function) => self.stack.environment(&function.logical_id)?,
            None => std::collections::BTreeMap::new(),
        };
        if let Some(endpoint) = endpoint {
            environment.insert("AWS_ENDPOINT_URL".to_owned(), endpoint.to_owned());
        }
        Ok(Lambda::new(Program {
            path: packages.join(binary).join("bootstrap"),
            environment,
            name: binary.to_owned(),
            timeout: Duration::from_secs(60),
            memory_mib: 256,
        }))
    }

    /// A request as an HTTP API sends it.
    #[must_use]
    pub fn event(&self, method: &str, path: &str, query: &str, body: &Value) -> String {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        json!({
            "version": "2.0",
            "rawPath": path,
            "rawQueryString": query,
            "headers": {"content-type": "application/json", "x-api-key": self.key},
            "requestContext": {"http": {"method": method, "path": path}, "stage": "$default"},
            "body": body,
            "isBase64Encoded": false,
        })
        .to_string()
    }
}

/// `count` readings of `sensors` sensors, one a second from `start` on, as a slowly changing temperature with noise.
#[must_use]
pub fn readings(count: usize, sensors: usize, start: i64) -> Value {
    let readings: Vec<Value> = (0..count)
        .map(|index| {
            let second = start + i64::try_from(index / sensors).unwrap_or_default();
            let noise = ((index * 2_654_435_761) % 97) as f64 / 100.0;
            let value = 20.0 + (index as f64 / 50.0).sin() * 3.0 + noise;
            json!({
                "sensor_id": format!("sensor-{}", index % sensors),
                "sensor_type": "temperature",
                "unit": "C",
                "value": (value * 100.0).round() / 100.0,
                "timestamp": jiff::Timestamp::from_second(second).unwrap_or_default().to_string(),
            })
        })
        .collect();
    json!({ "readings": readings })
}

/// Takes the body of an answer apart.
///
/// # Errors
/// When the answer is not a 200.
pub fn expect_ok(answer: &[u8]) -> Outcome<Value> {
    let answer: Value = serde_json::from_slice(answer)?;
    match (answer.get("statusCode").and_then(Value::as_u64), answer.get("body").and_then(Value::as_str)) {
        (Some(200), Some(body)) => Ok(serde_json::from_str(body)?),
        _ => Err(format!("unexpected answer: {answer}").into()),
    }
}

/// The middle one.
pub fn median(durations: &mut [Duration]) -> Duration {
    durations.sort_unstable();
    durations.get(durations.len() / 2).copied().unwrap_or_default()
}

/// In milliseconds.
#[must_use]
pub fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}
