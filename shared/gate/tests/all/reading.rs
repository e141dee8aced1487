//! Steps 2, 6 and 7: how a request is read.

use kernel::{Code, Identifier};
use serde_json::json;

use crate::world::{Ask, Lines, Read, World, Write};

#[tokio::test]
async fn a_path_is_that_of_the_route_segment_by_segment() {
    let world = World::start().await;
    for (path, status) in [
        ("/v1/notes/a", 201),
        ("/v1/notes/a%2Db", 201),
        ("/v1/notes", 404),
        ("/v1/notes/a/b", 404),
        ("/v1/other/a", 404),
        ("/v2/notes/a", 404),
        // No identifier: the name of no object.
        ("/v1/notes/%20", 404),
        ("/v1/notes/", 404),
    ] {
        let answer = world.answer(&Write::default(), world.ask("POST", path).json(r#"{"text":"x"}"#)).await;
        assert_eq!(answer.0.status, status, "{path}");
    }
}

#[tokio::test]
async fn another_method_is_refused_with_those_that_the_path_has() {
    let world = World::start().await;
    let answer = world.answer(&Write::default(), world.ask("PUT", "/v1/notes/a").json("{}")).await;
    answer.refused(405, "method_not_allowed");
    assert_eq!(answer.header("allow"), Some("POST, GET, OPTIONS"));
    let answer = world.answer(&Read, world.ask("post", "/v1/notes")).await;
    answer.refused(405, "method_not_allowed");
    assert_eq!(answer.header("allow"), Some("GET, OPTIONS"));
}

#[tokio::test]
async fn a_preflight_needs_no_key_and_only_a_path_that_there_is() {
    let world = World::start().await;
    let answer = world.answer(&Write::default(), Ask::new("OPTIONS", "/v1/notes/a")).await;
    assert_eq!((answer.0.status, answer.0.body.as_str()), (204, ""));
    world.answer(&Write::default(), Ask::new("OPTIONS", "/v1/other")).await.refused(404, "not_found");
    world.answer(&Write::default(), Ask::new("GET", "/v1/other")).await.refused(404, "not_found");
}

#[tokio::test]
async fn a_query_has_the_parameters_of_the_route_and_each_of_them_once() {
    let world = World::start().await;
    for (query, status) in
        [("", 200), ("?limit=4", 200), ("?limit=4&limit=4", 400), ("?other=1", 400), ("?limit=x", 422)]
    {
        let answer = world.answer(&Read, world.ask("GET", &format!("/v1/notes{query}"))).await;
        assert_eq!(answer.0.status, status, "{query}");
    }
    world.answer(&Lines, world.ask("PUT", "/v1/lines?a=1").json("{}")).await.refused(400, "invalid_request");
}

#[tokio::test]
async fn a_body_is_strict_json_unless_it_is_lines() {
    let world = World::start().await;
    let put = |media, body| world.ask("PUT", "/v1/lines").body(media, body);
    let bodies = ["{} {}", r#"{"a":1,"a":1}"#, "[]"];
    for body in bodies {
        world.answer(&Lines, put("application/json", body)).await.refused(400, "invalid_request");
        assert_eq!(world.answer(&Lines, put("application/x-ndjson", body)).await.expect(200), json!(body.len()));
    }
}

#[tokio::test]
async fn a_refused_body_is_told_where_and_never_what() {
    let world = World::start().await;
    for (body, status, pointer, code) in [
        (r#"{"text":1}"#, 422, "/text", "type"),
        (r"{}", 422, "/text", "required"),
        (r#"{"text":"x","more":1}"#, 400, "/more", "unknown"),
    ] {
        let answer = world.answer(&Write::default(), world.ask("POST", "/v1/notes/a").json(body)).await;
        let problem = answer.expect(status);
        assert_eq!(problem["errors"].as_array().map(Vec::len), Some(1), "{problem}");
        let error = &problem["errors"][0];
        assert_eq!((&error["pointer"], &error["code"]), (&json!(pointer), &json!(code)), "{problem}");
    }
}

#[test]
fn a_header_that_stands_twice_is_not_read() {
    let ask = |values: &[&str]| {
        let ask = values.iter().fold(Ask::new("GET", "/"), |ask, value| ask.header("X-Thing", value));
        ask.header("other", "y").incoming()
    };
    assert_eq!(ask(&["one"]).header("x-thing"), Some("one"));
    assert_eq!(ask(&["one", "one"]).header("x-thing"), None);
    assert_eq!(ask(&[]).header("x-thing"), None);
    assert_eq!(ask(&[""]).header("x-thing"), Some(""));
}

#[test]
fn what_names_no_object_is_no_identifier() {
    let incoming = Ask::new("GET", "/").incoming();
    assert_eq!(incoming.identifier("thing").unwrap_err().code, Code::NotFound);
    assert!(Identifier::parse("thing").is_ok());
}

#[test]
fn a_precondition_holds_for_the_revision_it_names_or_for_any() {
    let given =
        |tags: &[&str]| tags.iter().fold(Ask::new("PUT", "/"), |ask, tag| ask.header("if-match", tag)).incoming();
    let code = |tags: &[&str], revision| {
        given(tags).precondition().and_then(|seen| seen.check(revision)).err().map(|fault| fault.code)
    };
    assert_eq!(code(&[], 1), None);
    assert_eq!(code(&["*"], 1), None);
    assert_eq!(code(&["\"1\""], 1), None);
    assert_eq!(code(&["\"1\""], 2), Some(Code::PreconditionFailed));
    assert_eq!(code(&["1"], 1), Some(Code::PreconditionFailed));
    assert_eq!(code(&["\"1\"", "\"1\""], 1), Some(Code::InvalidRequest));
}
