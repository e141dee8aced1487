//! The page is complete, and needs nothing but itself.

use std::collections::BTreeSet;

use kernel::Code;
use palisade_contract::page;

use crate::{document, operations};

/// The values of an attribute.
fn attribute<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let start = format!(" {name}=\"");
    html.split(&start as &str).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn the_page_runs_no_script_and_fetches_nothing() {
    let html = page(&document());
    for forbidden in
        ["<script", "<link", "<img", "<iframe", "<object", "<form", "@import", "url(", " src=", " onload", " style="]
    {
        assert!(!html.contains(forbidden), "{forbidden}");
    }
    for target in attribute(&html, "href") {
        assert!(target.starts_with('#') || target == "openapi.json", "{target}");
    }
}

#[test]
fn every_link_of_the_page_leads_somewhere_and_every_anchor_is_one_place() {
    let html = page(&document());
    let anchors = attribute(&html, "id");
    let places: BTreeSet<&str> = anchors.iter().copied().collect();
    assert_eq!(anchors.len(), places.len());
    for target in attribute(&html, "href").iter().filter_map(|target| target.strip_prefix('#')) {
        assert!(places.contains(target), "{target}");
    }
    for labelled in attribute(&html, "aria-labelledby") {
        assert!(places.contains(labelled), "{labelled}");
    }
}

#[test]
fn every_operation_code_and_schema_has_its_place_on_the_page() {
    let document = document();
    let html = page(&document);
    let anchors: BTreeSet<&str> = attribute(&html, "id").into_iter().collect();
    for (path, _, operation) in operations(&document) {
        assert!(anchors.contains(operation["operationId"].as_str().unwrap()), "{path}");
    }
    for code in Code::ALL {
        assert!(anchors.contains(code.as_str()), "{}", code.as_str());
    }
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(anchors.contains(format!("schema-{name}").as_str()), "{name}");
    }
}

#[test]
fn no_two_requests_of_the_page_share_an_idempotency_key() {
    let html = page(&document());
    let keys: Vec<&str> =
        html.split("Idempotency-Key: ").skip(1).filter_map(|rest| rest.split("&#39;").next()).collect();
    let keys: Vec<&str> = keys.iter().map(|key| key.split('\'').next().unwrap()).collect();
    let different: std::collections::BTreeSet<&str> = keys.iter().copied().collect();
    assert!(keys.len() > 1, "{keys:?}");
    assert_eq!(different.len(), keys.len(), "{keys:?}");
}

#[test]
fn whatever_the_document_says_is_shown_and_not_obeyed() {
    let mut document = document();
    let hostile = "</style><script>alert(1)</script>\"'";
    document["info"]["title"] = hostile.into();
    document["paths"]["/v1/ingest"]["post"]["summary"] = hostile.into();
    document["components"]["schemas"]["Reading"]["description"] = hostile.into();
    let html = page(&document);
    assert!(!html.contains("<script") && html.matches("</style>").count() == 1);
    assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
}
