//! `palisade-threats`. Exit codes: 0 all holds, 1 something does not, 2 wrong usage.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use palisade_threats::{Model, PAGE, Results, Violation, examine, page, table};

/// Holds the threat model against the tests, the template and the code.
#[derive(Debug, Parser)]
#[command(name = "palisade-threats", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Fail unless every record is as it says, by these test runs.
    Check {
        /// JUnit files of cargo-nextest and of pytest
        #[arg(long, required = true, num_args = 1.., value_name = "FILE")]
        junit: Vec<PathBuf>,
    },
    /// Write the page from the records.
    Write,
}

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let violations = match Arguments::parse().command {
        Command::Check { junit } => check(&root, &junit),
        Command::Write => write(&root),
    };
    for violation in &violations {
        eprintln!("{violation}");
    }
    if violations.is_empty() {
        return ExitCode::SUCCESS;
    }
    eprintln!("palisade-threats: violations: {}", violations.len());
    ExitCode::FAILURE
}

fn check(root: &Path, junit: &[PathBuf]) -> Vec<Violation> {
    let findings = examine(root);
    let (results, unread) = Results::read(junit);
    print!("{}", table(&findings.model, &results));
    let mut violations = findings.violations;
    violations.extend(unread);
    violations.extend(results.against(&findings.model));
    violations
}

fn write(root: &Path) -> Vec<Violation> {
    let (model, mut violations) = Model::read(root);
    if violations.is_empty() {
        match fs::write(root.join(PAGE), page(&model)) {
            Ok(()) => println!("{PAGE}"),
            Err(error) => violations.push(Violation::unreadable(PAGE, &error)),
        }
    }
    violations
}
