//! How a record names a test, an assertion and a piece of code.

use std::{fmt, str::FromStr};

/// A Rust test as cargo-nextest names it: `package test::path` or `package::target test::path`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TestName {
    pub(crate) binary: String,
    pub(crate) path: String,
}

/// A test of the template or of the contract as it is served, in Python: `module::function`, which stands for all its parameters, or
/// `module::function[parameter]`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Assertion {
    pub(crate) module: String,
    pub(crate) function: String,
    pub(crate) parameter: Option<String>,
}

/// What does something: `path#item`, the path from the root of the repository.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CodeItem {
    pub(crate) path: String,
    pub(crate) item: String,
}

impl TestName {
    pub(crate) const SHAPE: &str = "package::target module::test";

    pub(crate) fn package(&self) -> &str {
        self.binary.split_once("::").map_or(self.binary.as_str(), |(package, _)| package)
    }

    /// The target's name; unit tests of a library have none.
    pub(crate) fn target(&self) -> Option<&str> {
        self.binary.split_once("::").map(|(_, target)| target)
    }

    /// The modules, and the function.
    pub(crate) fn modules_and_function(&self) -> (Vec<&str>, &str) {
        let mut modules: Vec<&str> = self.path.split("::").collect();
        let function = modules.pop().unwrap_or_default();
        (modules, function)
    }
}

impl Assertion {
    pub(crate) const SHAPE: &str = "test_module::test_function";
}

impl CodeItem {
    pub(crate) const SHAPE: &str = "path/from/the/root#item";
}

/// That a text does not have the form of such a name.
#[derive(Debug)]
pub struct OtherShape;

impl FromStr for TestName {
    type Err = OtherShape;

    fn from_str(text: &str) -> Result<Self, OtherShape> {
        let (binary, path) = text.split_once(' ').ok_or(OtherShape)?;
        let mut targets = binary.split("::");
        let package = targets.next().is_some_and(|name| is_name(name, "-_"));
        let target = targets.next().is_none_or(|name| is_name(name, "-_/"));
        if !package || !target || targets.next().is_some() || !path.split("::").all(|name| is_name(name, "_")) {
            return Err(OtherShape);
        }
        Ok(Self { binary: binary.to_owned(), path: path.to_owned() })
    }
}

impl FromStr for Assertion {
    type Err = OtherShape;

    fn from_str(text: &str) -> Result<Self, OtherShape> {
        let (module, test) = text.split_once("::").ok_or(OtherShape)?;
        let (function, parameter) = match test.split_once('[') {
            Some((function, rest)) => (function, Some(rest.strip_suffix(']').ok_or(OtherShape)?.to_owned())),
            None => (test, None),
        };
        if !is_name(module, "_") || !is_name(function, "_") {
            return Err(OtherShape);
        }
        Ok(Self { module: module.to_owned(), function: function.to_owned(), parameter })
    }
}

impl FromStr for CodeItem {
    type Err = OtherShape;

    fn from_str(text: &str) -> Result<Self, OtherShape> {
        let (path, item) = text.split_once('#').ok_or(OtherShape)?;
        let is_inside = path.split('/').all(|part| !part.is_empty() && part != "." && part != "..");
        if !is_inside || item.is_empty() || item.contains(char::is_whitespace) {
            return Err(OtherShape);
        }
        Ok(Self { path: path.to_owned(), item: item.to_owned() })
    }
}

fn is_name(text: &str, also: &str) -> bool {
    !text.is_empty() && text.chars().all(|letter| letter.is_ascii_alphanumeric() || also.contains(letter))
}

impl fmt::Display for TestName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.binary, self.path)
    }
}

impl fmt::Display for Assertion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}::{}", self.module, self.function)?;
        self.parameter.iter().try_for_each(|parameter| write!(f, "[{parameter}]"))
    }
}

impl fmt::Display for CodeItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.path, self.item)
    }
}
