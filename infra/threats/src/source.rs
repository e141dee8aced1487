//! Which tests and items the source files define, found in their text.
//!
//! This is a search for words, not a compiler: what a macro makes is not seen, and what is compiled only under a
//! condition is. The results of test runs say the rest.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, fs, io,
    path::{Path, PathBuf},
};

use toml::{Table, Value};

use crate::{Assertion, TestName, Violation};

const MANIFEST: &str = "Cargo.toml";
const ASSERTIONS: [&str; 2] = ["tests/template", "tests/contract"];
const TEMPLATE: &str = "template.yaml";

/// The text of the workspace.
#[derive(Debug, Default)]
pub(crate) struct Source {
    /// The files of each package.
    packages: BTreeMap<String, Vec<RustFile>>,
    /// The modules of the assertions, by name.
    assertions: BTreeMap<String, String>,
    template: String,
}

#[derive(Debug)]
struct RustFile {
    /// The folders and the file's name without its ending, from the package's folder.
    parts: Vec<String>,
    functions: BTreeSet<String>,
    text: String,
}

impl Source {
    pub(crate) fn read(root: &Path, violations: &mut Vec<Violation>) -> Self {
        let mut source = Self::default();
        for folder in members(root, violations) {
            let file = format!("{folder}/{MANIFEST}");
            let Some(manifest) = manifest(root, &file, violations) else { continue };
            let name = manifest.get("package").and_then(|package| package.get("name")).and_then(Value::as_str);
            match (name, rust_files(&root.join(&folder))) {
                (Some(name), Ok(files)) => drop(source.packages.insert(name.to_owned(), files)),
                (None, _) => violations.push(Violation::unreadable(&file, &"names no package")),
                (_, Err(error)) => violations.push(Violation::unreadable(&folder, &error)),
            }
        }
        for folder in ASSERTIONS {
            match python_files(&root.join(folder)) {
                Ok(files) => source.assertions.extend(files),
                Err(error) => violations.push(Violation::unreadable(folder, &error)),
            }
        }
        // Whoever reads the template says when it cannot be read.
        source.template = fs::read_to_string(root.join(TEMPLATE)).unwrap_or_default();
        source
    }

    /// Whether the package has the test's function, in a file of the target and of one of the test's modules.
    pub(crate) fn has_test(&self, test: &TestName) -> bool {
        let (modules, function) = test.modules_and_function();
        let files = self.packages.get(test.package()).into_iter().flatten();
        files.filter(|file| file.functions.contains(function)).any(|file| {
            let module = match (test.target(), file.parts().as_slice()) {
                (None, ["src", module @ ..]) => Some(module.to_vec()),
                (Some(target), ["src", "bin", name, module @ ..]) if target == format!("bin/{name}") => {
                    Some(module.to_vec())
                }
                (Some(target), ["src", module @ ..]) if target.starts_with("bin/") => Some(module.to_vec()),
                (Some(target), ["tests", name, module @ ..]) if *name == target => Some(module.to_vec()),
                _ => None,
            };
            module.is_some_and(|mut module| {
                module.pop_if(|name| matches!(*name, "mod" | "main" | "lib"));
                modules.starts_with(&module)
            })
        })
    }

    /// Whether the module has the function; a parameter must be somewhere among the assertions.
    pub(crate) fn has_assertion(&self, assertion: &Assertion) -> bool {
        let module = self.assertions.get(&assertion.module);
        let function = module.is_some_and(|text| defines(text, &["def"], &assertion.function));
        let parameter = assertion.parameter.as_deref();
        function && parameter.is_none_or(|name| self.assertions.values().any(|text| has_word(text, name)))
    }

    /// Whether the template or the code has the word.
    pub(crate) fn has_metric(&self, name: &str) -> bool {
        has_word(&self.template, name) || self.packages.values().flatten().any(|file| has_word(&file.text, name))
    }
}

impl RustFile {
    fn parts(&self) -> Vec<&str> {
        self.parts.iter().map(String::as_str).collect()
    }
}

/// Whether a file of this name and text defines the item, or has the word where it is not Rust.
pub(crate) fn has_item(path: &str, text: &str, item: &str) -> bool {
    const OF_TYPES: [&str; 5] = ["struct", "enum", "trait", "type", "impl"];
    const ALL: [&str; 9] = ["fn", "const", "static", "macro_rules", "struct", "enum", "trait", "type", "impl"];
    if !path.ends_with(".rs") {
        return has_word(text, item);
    }
    match item.split_once("::") {
        Some((owner, item)) => defines(text, &OF_TYPES, owner) && defines(text, &["fn", "const"], item),
        None => defines(text, &ALL, item),
    }
}

/// Whether a line that is no comment has one of the keywords and then the name: right after it, or anywhere after
/// `impl`.
fn defines(text: &str, keywords: &[&str], name: &str) -> bool {
    let lines = text.lines().filter(|line| line.contains(name) && !line.trim_start().starts_with(['/', '#']));
    lines.into_iter().any(|line| {
        let words: Vec<&str> = words(line).collect();
        let after_keyword = words.windows(2).any(|pair| match pair {
            [keyword, word] => *word == name && keywords.contains(keyword),
            _ => false,
        });
        let mut after_impl = words.iter().skip_while(|word| **word != "impl").skip(1);
        after_keyword || (keywords.contains(&"impl") && after_impl.any(|word| *word == name))
    })
}

/// The words of a line of code: everything that can be a name.
fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|letter: char| !is_in_word(letter)).filter(|word| !word.is_empty())
}

fn is_in_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Whether the text has the name, and not only as a part of a longer one.
fn has_word(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let after = text.get(at + name.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(is_in_word) && !after.is_some_and(is_in_word)
    })
}

/// The folders of the workspace's packages: each member, and each folder of a member that ends in `*`.
fn members(root: &Path, violations: &mut Vec<Violation>) -> Vec<String> {
    let workspace = manifest(root, MANIFEST, violations);
    let members = workspace.as_ref().and_then(|all| all.get("workspace")?.get("members")?.as_array());
    let mut folders = Vec::new();
    for member in members.into_iter().flatten().filter_map(Value::as_str) {
        let Some(parent) = member.strip_suffix("/*") else {
            folders.push(member.to_owned());
            continue;
        };
        for entry in fs::read_dir(root.join(parent)).into_iter().flatten().flatten() {
            if entry.path().join(MANIFEST).is_file() {
                folders.push(format!("{parent}/{}", entry.file_name().to_string_lossy()));
            }
        }
    }
    folders
}

fn manifest(root: &Path, file: &str, violations: &mut Vec<Violation>) -> Option<Table> {
    let mut unread = |error: &dyn fmt::Display| violations.push(Violation::unreadable(file, &error));
    let text = fs::read_to_string(root.join(file)).map_err(|error| unread(&error)).ok()?;
    text.parse().map_err(|error| unread(&error)).ok()
}

/// The Rust files of a package's own folders, where tests are.
fn rust_files(package: &Path) -> io::Result<Vec<RustFile>> {
    let mut files = Vec::new();
    for folder in ["src", "tests"].map(|name| package.join(name)) {
        if !folder.is_dir() {
            continue;
        }
        for path in files_below(&folder)?.into_iter().filter(|path| path.extension().is_some_and(|end| end == "rs")) {
            let text = fs::read_to_string(&path)?;
            let inside = path.strip_prefix(package).unwrap_or(&path).with_extension("");
            let parts = inside.iter().map(|part| part.to_string_lossy().into_owned()).collect();
            files.push(RustFile { parts, functions: functions(&text), text });
        }
    }
    Ok(files)
}

fn functions(text: &str) -> BTreeSet<String> {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.filter_map(|line| words(line).skip_while(|word| *word != "fn").nth(1)).map(str::to_owned).collect()
}

fn python_files(folder: &Path) -> io::Result<BTreeMap<String, String>> {
    let paths = files_below(folder)?.into_iter().filter(|path| path.extension().is_some_and(|end| end == "py"));
    paths
        .map(|path| {
            let module = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            Ok((module, fs::read_to_string(&path)?))
        })
        .collect()
}

fn files_below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    Ok(files)
}
