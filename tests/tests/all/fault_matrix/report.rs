//! The matrix as a table, for whoever wants to know what becomes of a call that fails.

use crate::fault_matrix::calls::Site;
use crate::world::root;
use palisade_local::Fault;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

/// What came of one call that failed in one way.
#[derive(Debug)]
pub struct Line {
    pub subject: String,
    pub site: Site,
    pub fault: Fault,
    /// What was answered at first, and when asked again.
    pub told: String,
    pub took: Duration,
    pub wrong: Vec<String>,
}

const KINDS: [(Fault, &str); 7] = [
    (Fault::Throttle, "throttled"),
    (Fault::InternalError, "failed"),
    (Fault::Timeout, "no answer"),
    (Fault::Reset, "reset"),
    (Fault::ResetAfter, "applied, then reset"),
    (Fault::PartialBatch, "in parts"),
    (Fault::Conflict, "conflict"),
];

/// Writes the lines down as one part of `target/fault-matrix.md`, and then fails if anything is wrong.
pub fn conclude(part: &str, lines: &[Line]) {
    assert!(!lines.is_empty(), "nothing of {part} was tried");
    let folder = root().join("target/fault-matrix");
    std::fs::create_dir_all(&folder).unwrap();
    write(&folder.join(format!("{part}.md")), &table(part, lines));
    let mut parts: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    parts.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    parts.sort();
    let texts: Vec<String> = parts.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    write(&root().join("target/fault-matrix.md"), &texts.join("\n"));
    let mut wrong = String::new();
    for line in lines.iter().filter(|line| !line.wrong.is_empty()) {
        let Line { subject, site, fault, told, .. } = line;
        let _ = writeln!(wrong, "{subject}: {} {} {fault:?}: {told}", site.operation, site.target);
        line.wrong.iter().for_each(|what| _ = writeln!(wrong, "  {what}"));
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Several tests do this at the same time.
fn write(path: &Path, text: &str) {
    let draft = path.with_extension(format!("draft-{}", std::process::id()));
    std::fs::write(&draft, text).unwrap();
    std::fs::rename(draft, path).unwrap();
}

fn table(part: &str, lines: &[Line]) -> String {
    let mut rows: BTreeMap<(String, String), BTreeMap<usize, Vec<String>>> = BTreeMap::new();
    for line in lines {
        let call = format!("{} {} {}", line.site.service, line.site.operation, line.site.target);
        let column = KINDS.iter().position(|(fault, _)| *fault == line.fault).unwrap();
        let cell = rows.entry((line.subject.clone(), call)).or_default().entry(column).or_default();
        if !cell.contains(&line.told) {
            cell.push(line.told.clone());
        }
    }
    let longest = lines.iter().map(|line| line.took).max().unwrap_or_default();
    let mut text = format!("## {part}\n\n{} cases, the longest answer after {longest:.1?}.\n\n", lines.len());
    let kinds: Vec<&str> = KINDS.iter().map(|(_, name)| *name).collect();
    let _ = writeln!(text, "| what | call | {} |\n|---|---|{}", kinds.join(" | "), "---|".repeat(KINDS.len()));
    for ((subject, call), cells) in rows {
        let cells = (0..KINDS.len()).map(|column| cells.get(&column).map_or_else(String::new, |cell| cell.join("; ")));
        let _ = writeln!(text, "| {subject} | {} | {} |", call.trim(), cells.collect::<Vec<_>>().join(" | "));
    }
    text
}
