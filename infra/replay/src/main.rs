//! `palisade-replay`. Exit codes: 0 all is well, 1 it failed or found something wrong, 2 wrong usage.

use std::process::ExitCode;

use clap::Parser;
use palisade_replay::{Arguments, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("palisade-replay: {error}");
            ExitCode::FAILURE
        }
    }
}
