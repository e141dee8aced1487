//! One service's state: in memory, and in one JSON file of the data folder when there is one.

use crate::error::CloudError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks, also after a panic elsewhere: a test that fails must not turn every later call into a panic.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A value that outlives the process when it has a file.
pub(crate) struct Saved<T> {
    file: Option<PathBuf>,
    value: Mutex<T>,
}

impl<T: Default + Serialize + DeserializeOwned> Saved<T> {
    /// Opens `name` in the data folder; without a folder the value lives in memory only.
    pub(crate) fn open(folder: Option<&Path>, name: &str) -> Result<Self, CloudError> {
        let file = folder.map(|folder| folder.join(name));
        let value = match &file {
            Some(path) => match fs::read(path) {
                Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| CloudError::Data {
                    file: path.display().to_string(),
                    problem: format!("not the state this version writes: {error}"),
                })?,
                Err(error) if error.kind() == io::ErrorKind::NotFound => T::default(),
                Err(error) => {
                    return Err(CloudError::io(format!("reading {}", path.display()), error));
                }
            },
            None => T::default(),
        };
        Ok(Self { file, value: Mutex::new(value) })
    }

    /// Looks at the value.
    pub(crate) fn look<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        look(&lock(&self.value))
    }

    /// Changes the value; it is on disk before the caller hears of success. A refused change must leave the
    /// value as it was.
    pub(crate) fn change<R, E: From<io::Error>>(&self, change: impl FnOnce(&mut T) -> Result<R, E>) -> Result<R, E> {
        let mut value = lock(&self.value);
        let result = change(&mut value)?;
        if let Some(path) = &self.file {
            write_whole(path, &serde_json::to_vec_pretty(&*value).map_err(io::Error::other)?)?;
        }
        Ok(result)
    }
}

/// Replaces the file in one step, readable by its owner only: it holds the local cloud's secrets.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let draft = path.with_extension("draft");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(draft, path)
}
