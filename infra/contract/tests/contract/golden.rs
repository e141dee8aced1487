//! What is served is what the code says.

use palisade_contract::{COMMAND, FOLDER, page, pretty};

use crate::{document, file};

fn assert_same(name: &str, generated: &str) {
    let path = format!("{FOLDER}/{name}");
    let held = file(&path);
    if held == generated {
        return;
    }
    let line = held.lines().zip(generated.lines()).position(|(held, generated)| held != generated);
    let line = line.unwrap_or_else(|| held.lines().count().min(generated.lines().count())) + 1;
    panic!("{path} is not what the code says, from line {line} on. `{COMMAND}` rewrites it; read the difference.");
}

#[test]
fn the_document_that_is_served_is_the_one_the_code_describes() {
    assert_same("openapi.json", &pretty(&document()));
}

#[test]
fn the_page_that_is_served_is_the_one_of_the_document() {
    assert_same("docs.html", &page(&document()));
}

#[test]
fn the_text_of_the_document_means_the_document() {
    let document = document();
    assert_eq!(serde_json::from_str::<serde_json::Value>(&pretty(&document)).unwrap(), document);
}
