//! A small Lambda with a gateway in front: runs the functions' real binaries on this machine.
//!
//! Tests call it over HTTP as clients call API Gateway, and the benchmark measures cold and warm starts with it. It
//! speaks the Lambda Runtime API, so a binary cannot tell it from Lambda; a process serves one request at a time and
//! more are started when more are needed.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use palisade_local::host::{Host, Shape};
//! use palisade_local::{Cloud, CloudOptions};
//!
//! let cloud = Cloud::start(CloudOptions::default()).await?;
//! let host = Host::start(&cloud, "template.yaml", &[("Stage", "dev")], Shape::RestV1).await?;
//! let health = format!("{}/health", host.url());
//! # Ok(())
//! # }
//! ```
//!
//! | room | what is there |
//! |---|---|
//! | `lambda` | one function: its environments, and which of them takes the next event |
//! | `environment` | one process and what it prints |
//! | `desk` | the Runtime API, as one process sees it |
//! | `gateway` | the HTTP server in front: routes, limits, answers |
//! | `event`, `v1`, `v2` | requests as each kind of gateway writes them down |
//! | `authorizer` | the request authorizer of REST APIs |
//! | `blueprint` | what the template says of all this |
//!
//! Deliberately absent: throttles and usage plans, streaming, extensions, freezing between requests.

mod authorizer;
mod blueprint;
mod desk;
mod environment;
mod event;
mod gateway;
mod lambda;
mod v1;
mod v2;

pub use environment::Failure;
pub use lambda::{Answer, Lambda, Program};

use crate::cloud::Cloud;
use crate::error::CloudError;
use crate::events::{Events, Invoker, Pace};
use crate::provision::Stack;
use blueprint::Blueprint;
use gateway::Gateway;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::task::AbortHandle;

/// Which gateway stands in front of the functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// API Gateway's REST API: version 1 events, the request authorizer, the template's gateway responses.
    RestV1,
    /// API Gateway's HTTP API with a named stage: version 2 events, no authorizer.
    HttpV2,
    /// `cargo lambda watch` with the router of the workspace manifest: version 2 events as it writes them, no limits.
    Watch,
}

/// Runs every function of a template. Dropping it ends every process it started.
pub struct Host {
    gateway: Arc<Gateway>,
    events: Events,
    stack: Stack,
    url: String,
    server: AbortHandle,
}

impl Host {
    /// Provisions the template in the cloud, serves its API on a free port of 127.0.0.1, follows its streams
    /// and polls its queues. Processes start when they are needed, from the folder where cargo puts binaries.
    ///
    /// # Errors
    /// When the template cannot be provisioned, a stream cannot be read, a queue is not there, or there is no port.
    pub async fn start(
        cloud: &Cloud,
        template: impl AsRef<Path>,
        parameters: &[(&str, &str)],
        shape: Shape,
    ) -> Result<Self, CloudError> {
        let stack = cloud.provision_with(&template, parameters)?;
        let blueprint = Blueprint::read(template.as_ref(), parameters)?;
        let folder = binaries()?;
        let mut functions = BTreeMap::new();
        for function in stack.functions() {
            let program = Program {
                path: folder.join(&function.binary),
                environment: stack.environment(&function.logical_id)?,
                ..blueprint.program(&function.logical_id)?
            };
            functions.insert(function.binary.clone(), Lambda::new(program));
        }
        let gateway = Arc::new(Gateway::new(shape, blueprint, &stack, functions.clone()));
        let (url, server) = gateway::serve(Arc::clone(&gateway)).await?;
        let events = Events::start(cloud, &stack, &Invoker::Host(functions), Pace::Tests)?;
        Ok(Self { gateway, events, stack, url, server })
    }

    /// `http://127.0.0.1:<port>`, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What was provisioned.
    #[must_use]
    pub fn stack(&self) -> &Stack {
        &self.stack
    }

    /// The delivery of streams, queues and schedules to the functions.
    #[must_use]
    pub fn events(&self) -> &Events {
        &self.events
    }

    /// A function by the name of its binary.
    #[must_use]
    pub fn function(&self, binary: &str) -> Option<&Lambda> {
        self.gateway.functions.get(binary)
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.server.abort();
        self.events.end();
        for function in self.gateway.functions.values() {
            function.kill();
        }
    }
}

/// Where cargo puts the binaries of this workspace: beside the running program, or above it if it is a test.
///
/// # Errors
/// When the running program has no path.
pub fn binaries() -> Result<PathBuf, CloudError> {
    let unknown = |error| CloudError::io("finding the folder of the binaries", error);
    let program = std::env::current_exe().map_err(unknown)?;
    let is_profile = |folder: &&Path| !folder.ends_with("deps") && !folder.ends_with("examples");
    let folder = program.ancestors().skip(1).find(is_profile);
    folder.map(Path::to_owned).ok_or_else(|| unknown(std::io::ErrorKind::NotFound.into()))
}
