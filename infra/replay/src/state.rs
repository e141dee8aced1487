//! How far an interrupted run came.
//!
//! A run is one file, read one way, for one sensor, sent with one key to one API. Any other has
//! another name and begins at the beginning. What this remembers only saves requests: if it is
//! lost, the same rows go out with the same idempotency keys.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::error::ReplayError;

/// The file in which a run is remembered.
pub(crate) struct StateFile {
    path: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Remembered {
    next: usize,
}

impl StateFile {
    pub(crate) fn new(folder: &Path, run: &str) -> Self {
        Self { path: folder.join(format!("{run}.json")) }
    }

    /// The first row that is not known to be stored.
    pub(crate) fn next(&self) -> Result<usize, ReplayError> {
        match fs::read(&self.path) {
            // What cannot be read is no reason to skip rows.
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).map_or(0, |Remembered { next }| next)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// Remembers that the rows before `next` are stored.
    pub(crate) fn remember(&self, next: usize) -> Result<(), ReplayError> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let fresh = self.path.with_extension("new");
        let text = serde_json::json!(Remembered { next }).to_string();
        // Renaming replaces the file in one step: an interruption leaves the old one or the new one.
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&fresh, text))
            .and_then(|()| fs::rename(&fresh, &self.path))
            .map_err(|error| self.failed(error))
    }

    /// Forgets the run.
    pub(crate) fn forget(&self) -> Result<(), ReplayError> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(self.failed(error)),
            _ => Ok(()),
        }
    }

    fn failed(&self, error: io::Error) -> ReplayError {
        ReplayError::File { path: self.path.clone(), error }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_run_is_remembered_until_it_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateFile::new(&folder.path().join("deep/er"), "abc");
        assert_eq!(state.next().unwrap(), 0);
        state.remember(500).unwrap();
        state.remember(1000).unwrap();
        assert_eq!(state.next().unwrap(), 1000);
        state.forget().unwrap();
        state.forget().unwrap();
        assert_eq!(state.next().unwrap(), 0);
    }

    #[test]
    fn a_damaged_memory_skips_nothing() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("abc.json"), "{\"next\":").unwrap();
        assert_eq!(StateFile::new(folder.path(), "abc").next().unwrap(), 0);
    }
}
