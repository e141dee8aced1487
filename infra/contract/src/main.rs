//! `palisade-contract`: rewrites the OpenAPI document and its page.

use std::{fs, path::Path, process::ExitCode};

use palisade_contract::{FOLDER, document, page, pretty};

fn main() -> ExitCode {
    match write() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("palisade-contract: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn write() -> Result<(), Box<dyn std::error::Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(FOLDER);
    let document = document()?;
    for (name, text) in [("openapi.json", pretty(&document)), ("docs.html", page(&document))] {
        fs::write(folder.join(name), text)?;
        println!("{FOLDER}/{name}");
    }
    Ok(())
}
