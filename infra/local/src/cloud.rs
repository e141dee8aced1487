//! The running cloud: its port, and the way of a call through it.

use crate::connection::{Cutter, Loopback};
use crate::dynamo::Dynamo;
use crate::error::CloudError;
use crate::events::Positions;
use crate::faults::{Fault, Faults};
use crate::gateway::{self, Gateway, UsageKey};
use crate::kms::Kms;
use crate::meter::{Calls, Meter, Units};
use crate::provision::{self, Stack, Stacks};
use crate::refusals;
use crate::s3::{self, S3, StoredObject};
use crate::saved::Saved;
use crate::secrets::Secrets;
use crate::sns::{self, Published, Sns};
use crate::sqs::{Message, Sqs};
use crate::wire::{self, ACCESS_KEY, REGION, Refusal, SECRET_KEY, Service};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_types::SdkConfig;
use aws_types::region::Region;
use axum::Router;
use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::{ConnectInfo, Request, State};
use axum::response::Response;
use http::request::Parts;
use std::fs::{self, File, TryLockError};
use std::future::poll_fn;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// DynamoDB's own limit, the largest of all services' but S3's.
const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// How to start a cloud.
#[derive(Clone, Debug, Default)]
pub struct CloudOptions {
    /// The port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// The folder that keeps everything between runs; without one all is in memory. One process at a time.
    pub data: Option<PathBuf>,
}

/// A running cloud. Dropping it stops it at once; [`Cloud::stop`] also waits until it has let go of its port and
/// files. It runs on threads of its own, so it answers whatever its owner's runtime is doing.
pub struct Cloud {
    threads: Threads,
    pub(crate) services: Arc<Services>,
    endpoint: String,
    /// Held while the cloud lives.
    _lock: Option<File>,
}

/// Everything behind the port.
pub(crate) struct Services {
    pub(crate) dynamo: Dynamo,
    pub(crate) secrets: Secrets,
    pub(crate) kms: Kms,
    pub(crate) gateway: Gateway,
    pub(crate) sqs: Sqs,
    pub(crate) sns: Sns,
    pub(crate) s3: S3,
    /// How far each follower of a stream has come.
    pub(crate) positions: Saved<Positions>,
    pub(crate) stacks: Saved<Stacks>,
    faults: Faults,
    meter: Meter,
}

impl Cloud {
    /// Starts a cloud; it answers when this returns.
    pub async fn start(options: CloudOptions) -> Result<Self, CloudError> {
        let lock = options.data.as_deref().map(claim).transpose()?;
        let threads = Threads::start()?;
        let (services, endpoint) =
            threads.run(async move { open(options.port, options.data.as_deref()).await }).await?;
        Ok(Self { threads, services, endpoint, _lock: lock })
    }

    /// The URL for `AWS_ENDPOINT_URL`: `http://127.0.0.1:<port>`.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Creates what the template declares, with its parameters' defaults and this `Stage`. What is already there
    /// stays as it is, so a kept data folder keeps its secrets.
    pub fn provision(&self, template: impl AsRef<Path>, stage: &str) -> Result<Stack, CloudError> {
        self.provision_with(template, &[("Stage", stage)])
    }

    /// [`Cloud::provision`] with any parameters.
    pub fn provision_with(&self, template: impl AsRef<Path>, parameters: &[(&str, &str)]) -> Result<Stack, CloudError> {
        provision::provision(&self.services, &self.endpoint, template.as_ref(), parameters)
    }

    /// The faults of this cloud.
    pub fn faults(&self) -> &Faults {
        &self.services.faults
    }

    /// Every call that reached the cloud since the start or [`Cloud::reset_counts`]; retries and faulted calls count.
    pub fn calls(&self) -> Calls {
        self.services.meter.calls()
    }

    /// How often one operation was called.
    pub fn calls_of(&self, service: Service, operation: &str) -> u64 {
        let calls = self.services.meter.calls();
        calls.get(&(service, operation.to_owned())).copied().unwrap_or_default()
    }

    /// The capacity that answered DynamoDB calls consumed.
    pub fn units(&self) -> Units {
        self.services.meter.units()
    }

    /// Sets calls and units to zero.
    pub fn reset_counts(&self) {
        self.services.meter.reset();
    }

    /// The API keys that were registered with API Gateway.
    pub fn usage_keys(&self) -> Vec<UsageKey> {
        self.services.gateway.registry.look(|registry| registry.keys.values().cloned().collect())
    }

    /// What is in a queue, received or not, oldest first. The queue goes by its logical id, URL, ARN or name.
    ///
    /// # Errors
    /// When there is no such queue.
    pub fn messages(&self, queue: &str) -> Result<Vec<Message>, CloudError> {
        let messages = self.services.sqs.messages(&self.physical(queue));
        messages.ok_or_else(|| CloudError::template(queue, "is not a queue"))
    }

    /// What was published to a topic since the start, oldest first. The topic goes by its logical id or ARN.
    ///
    /// # Errors
    /// When there is no such topic.
    pub fn published(&self, topic: &str) -> Result<Vec<Published>, CloudError> {
        let published = self.services.sns.published(&self.physical(topic));
        published.ok_or_else(|| CloudError::template(topic, "is not a topic"))
    }

    /// What is in a bucket, in the order of its keys. The bucket goes by its logical id or name.
    ///
    /// # Errors
    /// When there is no such bucket.
    pub fn objects(&self, bucket: &str) -> Result<Vec<StoredObject>, CloudError> {
        let objects = self.services.s3.objects(&self.physical(bucket));
        objects.ok_or_else(|| CloudError::template(bucket, "is not a bucket"))
    }

    /// What `!Ref` gives for a logical id, or else the text itself.
    fn physical(&self, name: &str) -> String {
        let known = self.services.stacks.look(|stacks| {
            let known = stacks.values().find_map(|resources| resources.get(name));
            known.map(|physical| physical.reference.clone())
        });
        known.unwrap_or_else(|| name.to_owned())
    }

    /// What an AWS SDK client needs to talk to this cloud.
    pub fn sdk_config(&self) -> SdkConfig {
        sdk_config(&self.endpoint)
    }

    /// Stops, and returns when port and files are free.
    pub async fn stop(mut self) {
        if let Some(runtime) = self.threads.0.take() {
            // Shutting a runtime down blocks. The closure returns nothing, so joining it tells nothing.
            let _ = tokio::task::spawn_blocking(move || runtime.shutdown_timeout(Duration::from_secs(5))).await;
        }
    }
}

/// Configuration for SDK clients of a local cloud at `endpoint`, wherever it runs: plain HTTP, fixed credentials, and
/// the SDK's own retries.
pub fn sdk_config(endpoint: &str) -> SdkConfig {
    let credentials = Credentials::new(ACCESS_KEY, SECRET_KEY, None, None, "palisade-local");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static(REGION))
        .endpoint_url(endpoint)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .build()
}

/// The cloud's own runtime. A runtime must not be dropped where others await, so dropping only tells it to end.
struct Threads(Option<Runtime>);

impl Threads {
    fn start() -> Result<Self, CloudError> {
        Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("local-cloud")
            .enable_all()
            .build()
            .map(|runtime| Self(Some(runtime)))
            .map_err(|error| CloudError::io("starting threads", error))
    }

    /// Runs a future on these threads, and awaits it on the caller's.
    async fn run<T: Send + 'static>(
        &self,
        future: impl Future<Output = Result<T, CloudError>> + Send + 'static,
    ) -> Result<T, CloudError> {
        let Some(runtime) = &self.0 else {
            return Err(CloudError::io("starting the cloud", std::io::ErrorKind::NotConnected.into()));
        };
        runtime
            .spawn(future)
            .await
            .map_err(|error| CloudError::io("starting the cloud", std::io::Error::other(error)))?
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// Makes the data folder, for its owner only, and locks it.
fn claim(folder: &Path) -> Result<File, CloudError> {
    let doing = || format!("opening the data folder {}", folder.display());
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|error| CloudError::io(doing(), error))?;
    let file = File::create(folder.join("lock")).map_err(|error| CloudError::io(doing(), error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(CloudError::Data {
            file: folder.display().to_string(),
            problem: "another local cloud is using this folder".to_owned(),
        }),
        Err(TryLockError::Error(error)) => Err(CloudError::io(doing(), error)),
    }
}

/// Opens the services and serves them at the URL that it returns.
async fn open(port: u16, folder: Option<&Path>) -> Result<(Arc<Services>, String), CloudError> {
    let bind = |error| CloudError::io(format!("listening on 127.0.0.1:{port}"), error);
    let listener = Loopback::bind(port).await.map_err(bind)?;
    let endpoint = format!("http://127.0.0.1:{}", listener.port().map_err(bind)?);
    let services = Arc::new(Services {
        dynamo: Dynamo::start(folder).await?,
        secrets: Secrets::open(folder)?,
        kms: Kms::open(folder)?,
        gateway: Gateway::open(folder)?,
        sqs: Sqs::open(folder, endpoint.clone())?,
        sns: Sns::open(folder)?,
        s3: S3::open(folder)?,
        positions: Saved::open(folder, "positions.json")?,
        stacks: Saved::open(folder, "stacks.json")?,
        faults: Faults::default(),
        meter: Meter::default(),
    });
    let router =
        Router::new().fallback(serve).with_state(Arc::clone(&services)).into_make_service_with_connect_info::<Cutter>();
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok((services, endpoint))
}

/// A call on its way through the cloud.
struct Call {
    service: Service,
    operation: String,
    /// Only API Gateway's operations are more than their name.
    gateway: Option<gateway::Call>,
    parts: Parts,
    body: Bytes,
}

impl Call {
    /// What a request calls; `None` for a target no service here has.
    fn of(parts: Parts, body: Bytes, is_s3: bool) -> Option<Self> {
        let (service, operation, gateway) = match wire::target(&parts.headers) {
            _ if is_s3 => {
                let operation = s3::operation(&parts.method, &parts.uri, &parts.headers);
                (Service::S3, operation.to_owned(), None)
            }
            Some((service, operation)) => (service, operation.to_owned(), None),
            None if let Some(operation) = sns::operation(&parts.headers, &body) => (Service::Sns, operation, None),
            None => {
                let call = gateway::Call::of(&parts.method, parts.uri.path())?;
                (Service::ApiGateway, call.operation().to_owned(), Some(call))
            }
        };
        Some(Self { service, operation, gateway, parts, body })
    }

    /// Where the names are that a fault rule may look for.
    fn subject(&self) -> &[u8] {
        match self.service {
            Service::S3 => self.parts.uri.path().as_bytes(),
            _ => &self.body,
        }
    }
}

/// Counts a call, lets it meet its fault, and applies it.
async fn serve(
    State(services): State<Arc<Services>>,
    ConnectInfo(cutter): ConnectInfo<Cutter>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let unknown =
        |message: &str| Refusal::new("UnknownOperationException", message).into_response(Service::SecretsManager);
    let is_s3 = services.s3.is_meant(&parts);
    let limit = if is_s3 { s3::BODY_LIMIT } else { BODY_LIMIT };
    let body = match whole(body, limit).await {
        Some(body) => body,
        None if is_s3 => return s3::too_large().into_response(Service::S3),
        None => return unknown("the body is too large or was cut off"),
    };
    let Some(call) = Call::of(parts, body, is_s3) else {
        return unknown("the local cloud has no such operation");
    };
    services.meter.count(call.service, &call.operation);
    let fault = services.faults.meet(call.service, &call.operation, call.subject()).await;
    match fault {
        None => services.apply(call).await,
        Some(Fault::Throttle) => refusals::throttled(call.service, &call.operation),
        Some(Fault::InternalError) => refusals::failed(call.service),
        Some(Fault::Timeout) => std::future::pending().await,
        Some(Fault::Reset) => {
            cutter.cut();
            Response::default()
        }
        Some(Fault::ResetAfter) => {
            let response = services.apply(call).await;
            cutter.cut();
            response
        }
        Some(Fault::PartialBatch) if is_s3 => refusals::throttled(call.service, &call.operation),
        Some(Fault::PartialBatch) => {
            let (response, units) = services.dynamo.half_batch(&call.operation, &call.parts.headers, call.body).await;
            services.meter.charge(units);
            response
        }
        Some(Fault::Conflict) => refusals::conflicted(call.service, &call.body),
    }
}

/// Reads a body; `None` if it is larger than the limit or was cut off. It is read to its end in any case, because a
/// client may listen only when it has sent all.
async fn whole(body: Body, limit: usize) -> Option<Bytes> {
    let (mut body, mut bytes, mut fits) = (pin!(body), Vec::new(), true);
    while let Some(frame) = poll_fn(|context| body.as_mut().poll_frame(context)).await {
        if let Ok(data) = frame.ok()?.into_data() {
            fits &= bytes.len() + data.len() <= limit;
            if fits {
                bytes.extend_from_slice(&data);
            }
        }
    }
    fits.then(|| bytes.into())
}

impl Services {
    async fn apply(&self, call: Call) -> Response {
        match (call.service, &call.gateway) {
            (Service::DynamoDb, _) => {
                let (response, units) = self.dynamo.call(&call.operation, &call.parts.headers, call.body).await;
                self.meter.charge(units);
                response
            }
            (Service::SecretsManager, _) => self.secrets.call(&call.operation, &call.body),
            (Service::Kms, _) => self.kms.call(&call.operation, &call.body),
            (Service::ApiGateway, Some(gateway)) => self.gateway.call(gateway, &call.parts.uri, &call.body),
            (Service::Sqs, _) => self.sqs.call(&call.operation, &call.body).await,
            (Service::Sns, _) => self.sns.call(&call.operation, &call.body),
            (Service::S3, _) => self.s3.call(&call.operation, &call.parts, call.body, &self.sqs),
            (Service::ApiGateway, None) => refusals::failed(call.service),
        }
    }
}
