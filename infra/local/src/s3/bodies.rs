//! The bytes of objects, by names that are never used twice: in memory, or a file each when there is a data folder.

use crate::error::CloudError;
use crate::saved::{lock, write_whole};
use axum::body::Bytes;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

pub(super) enum Bodies {
    Memory(Mutex<BTreeMap<String, Bytes>>),
    Folder(PathBuf),
}

impl Bodies {
    /// Opens the folder of objects in the data folder. Files that belong to no object are of a run that was ended
    /// before it could say whose they are, and go.
    pub(super) fn open(data: Option<&Path>, known: &BTreeSet<String>) -> Result<Self, CloudError> {
        let Some(data) = data else {
            return Ok(Self::Memory(Mutex::default()));
        };
        let folder = data.join("objects");
        fs::create_dir_all(&folder)?;
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            if !entry.file_name().to_str().is_some_and(|name| known.contains(name)) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(Self::Folder(folder))
    }

    pub(super) fn put(&self, name: &str, bytes: Bytes) -> io::Result<()> {
        match self {
            Self::Memory(bodies) => {
                lock(bodies).insert(name.to_owned(), bytes);
                Ok(())
            }
            Self::Folder(folder) => write_whole(&folder.join(name), &bytes),
        }
    }

    /// The bytes of a range, which must be inside the body.
    pub(super) fn get(&self, name: &str, range: Range<usize>) -> io::Result<Bytes> {
        match self {
            Self::Memory(bodies) => {
                let body = lock(bodies).get(name).cloned().ok_or(io::ErrorKind::NotFound)?;
                Ok(body.slice(range))
            }
            Self::Folder(folder) => {
                let mut bytes = vec![0; range.len()];
                File::open(folder.join(name))?.read_exact_at(&mut bytes, range.start as u64)?;
                Ok(bytes.into())
            }
        }
    }

    /// A file that cannot be removed now is removed when the folder is opened next.
    pub(super) fn remove(&self, name: &str) {
        match self {
            Self::Memory(bodies) => {
                lock(bodies).remove(name);
            }
            Self::Folder(folder) => {
                let _ = fs::remove_file(folder.join(name));
            }
        }
    }
}
