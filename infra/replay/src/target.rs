//! Where to send, and with which key.

use std::{fs, io, path::Path};

use reqwest::Url;
use serde::Deserialize;

use crate::{arguments, error::ReplayError};

/// What `make dev` writes down for programs.
const DEV_FILE: &str = ".local/dev.json";

/// The API and the key.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) base: Url,
    pub(crate) key: String,
}

#[derive(Deserialize)]
struct DevFile {
    base: String,
    keys: Keys,
}

#[derive(Deserialize)]
struct Keys {
    all: String,
}

impl Target {
    /// What the command line and the environment say, and `make dev` for the rest.
    pub(crate) fn find(given: &arguments::Target) -> Result<Self, ReplayError> {
        let dev = match fs::read(DEV_FILE) {
            Ok(bytes) => Some(serde_json::from_slice(&bytes).map_err(ReplayError::DevFile)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(ReplayError::File { path: Path::new(DEV_FILE).to_owned(), error }),
        };
        Self::choose(given, dev)
    }

    fn choose(given: &arguments::Target, dev: Option<DevFile>) -> Result<Self, ReplayError> {
        let local = dev.and_then(|DevFile { base, keys }| Some((Url::parse(&base).ok()?, keys.all)));
        let base = given.base.clone().or_else(|| local.as_ref().map(|(base, _)| base.clone()));
        let base = base.filter(|base| !base.cannot_be_a_base()).ok_or(ReplayError::NoBase)?;
        // A key of the local cloud is sent nowhere else.
        let own = local.filter(|(own, _)| *own == base).map(|(_, key)| key);
        let key = given.key.clone().or(own).ok_or(ReplayError::NoKey)?;
        Ok(Self { base, key })
    }

    /// The public name of the key, which is the third part of it.
    pub(crate) fn kid(&self) -> &str {
        self.key.split('_').nth(2).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn given(base: Option<&str>, key: Option<&str>) -> arguments::Target {
        arguments::Target { base: base.map(|base| base.parse().unwrap()), key: key.map(str::to_owned) }
    }

    fn dev() -> Option<DevFile> {
        serde_json::from_str(r#"{"base":"http://127.0.0.1:9000","keys":{"all":"pal_dev_0abc_x","read_only":"y"}}"#).ok()
    }

    #[test]
    fn what_is_not_given_comes_from_the_dev_file() {
        let target = Target::choose(&given(None, None), dev()).unwrap();
        assert_eq!((target.base.as_str(), target.key.as_str()), ("http://127.0.0.1:9000/", "pal_dev_0abc_x"));
        assert_eq!(target.kid(), "0abc");
        let target = Target::choose(&given(None, Some("other")), dev()).unwrap();
        assert_eq!(target.key, "other");
        let target = Target::choose(&given(Some("http://127.0.0.1:9000/"), None), dev()).unwrap();
        assert_eq!(target.key, "pal_dev_0abc_x");
    }

    #[test]
    fn the_local_key_is_sent_to_no_other_base() {
        assert!(matches!(Target::choose(&given(Some("https://example.org"), None), dev()), Err(ReplayError::NoKey)));
        assert!(matches!(Target::choose(&given(None, None), None), Err(ReplayError::NoBase)));
    }
}
