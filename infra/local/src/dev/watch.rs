//! The process of `cargo lambda watch`, and all that it starts.

use super::{DevError, FUNCTIONS_ENV, LOG};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

/// Marks every process that descends from ours, in its environment. `cargo lambda watch` gives each function a
/// process group of its own, so groups do not tell.
const MARK: &str = "PALISADE_DEV_RUN";
/// How long processes may take to end when asked to.
const PATIENCE: Duration = Duration::from_secs(2);

/// A running `cargo lambda watch`. Dropping it kills it and what it started.
pub(super) struct Watch {
    child: Child,
    mark: String,
}

impl Watch {
    pub(super) fn start(program: &Path, port: u16) -> Result<Self, DevError> {
        let log = fs::File::create(LOG).map_err(DevError::io(format!("writing {LOG}")))?;
        let errors = log.try_clone().map_err(DevError::io(format!("writing {LOG}")))?;
        let id = std::process::id().to_string();
        let child = Command::new(program)
            .args(["lambda", "watch", "-A", "127.0.0.1", "-P", &port.to_string()])
            .args(["--color", "never", "--env-file", FUNCTIONS_ENV])
            .env(MARK, &id)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            // Ctrl-C in the terminal reaches us alone, and we end it.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(DevError::io(format!("starting {}", program.display())))?;
        Ok(Self { child, mark: format!("{MARK}={id}") })
    }

    /// Waits until it ends by itself.
    pub(super) async fn ended(&mut self) {
        // Waiting fails only for a process that is not ours.
        let _ = self.child.wait().await;
    }

    /// Asks it and everything it started to end, and kills what does not.
    pub(super) async fn end(mut self) {
        self.signal(Signal::TERM);
        let deadline = Instant::now() + PATIENCE;
        let _ = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        while !self.descendants().is_empty() && Instant::now() < deadline {
            sleep(Duration::from_millis(20)).await;
        }
        // The rest is killed on drop.
    }

    fn signal(&self, signal: Signal) {
        // A process that is gone cannot be signalled, and need not be.
        if let Some(group) = self.child.id().and_then(pid) {
            let _ = kill_process_group(group, signal);
        }
        for process in self.descendants() {
            let _ = kill_process(process, signal);
        }
    }

    /// Every living process that carries the mark. Empty where there is no `/proc`.
    fn descendants(&self) -> Vec<Pid> {
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        let marked = entries.filter_map(|entry| {
            let id = entry.file_name().to_str()?.parse().ok()?;
            let environment = fs::read(entry.path().join("environ")).ok()?;
            environment.split(|byte| *byte == 0).any(|variable| variable == self.mark.as_bytes()).then_some(id)
        });
        marked.filter_map(pid).collect()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

fn pid(id: u32) -> Option<Pid> {
    Pid::from_raw(id.try_into().ok()?)
}

/// The end of a log.
pub(super) fn last_lines(path: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines.get(lines.len().saturating_sub(20)..).unwrap_or_default().join("\n")
}
