//! Sends recorded files through the HTTP API: telemetry into `POST /v1/ingest`, machine rows into
//! `POST /v1/predict`.
//!
//! | room | what is there |
//! |---|---|
//! | `arguments` | the command line |
//! | `target` | where to send, and with which key |
//! | `client`, `retry` | requests, and which failures are worth another attempt |
//! | `telemetry`, `machines` | the two kinds of files |
//! | `readings`, `state`, `verify` | sending telemetry, going on after an interruption, reading it back |
//! | `predictions`, `metrics` | asking for predictions, and how good they are |
//! | `report` | numbers as people read them |
//!
//! It is a client like any other: it knows the documented interface and no crate of the service.
//! Nothing may depend on it. It never changes what it sends to make it acceptable: a row that cannot
//! be read ends the run before anything is sent.

mod arguments;
mod client;
mod error;
mod machines;
mod metrics;
mod predictions;
mod readings;
mod report;
mod retry;
mod state;
mod target;
mod telemetry;
mod verify;

pub use arguments::{Arguments, Command};
pub use error::ReplayError;

/// Runs the command. `Ok(false)` when it ran and what it found is not well: rows were rejected, or
/// what was read back differs.
///
/// # Errors
/// When it could not be carried out.
pub async fn run(arguments: Arguments) -> Result<bool, ReplayError> {
    match arguments.command {
        Command::Readings(arguments) => readings::run(&arguments).await,
        Command::Predictions(arguments) => predictions::run(&arguments).await,
    }
}
