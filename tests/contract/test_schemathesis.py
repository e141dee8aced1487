"""Requests that nobody thought of, made from the contract: good and bad ones, alone and one after another.

`target/schemathesis/requests.txt` and `scenarios.txt` show each finding with the request that makes it.
"""

import json
import re

import product
import pytest
import reasons

METHODS = {"get", "put", "post", "delete", "patch"}
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "positive_data_acceptance",
    "missing_required_header",
    "unsupported_method",
    "allow_header_conformance",
    "use_after_free",
    "ensure_resource_availability",
    "ignored_auth",
    "object_level_authorization",
]


def operations(document):
    """Every operation: its id, method, path, and what is said of it."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method in METHODS:
                yield operation["operationId"], (method.upper(), path), operation


def places(document, schema, at=""):
    """The JSON pointers of what a schema describes; a list has one entry."""
    while reference := schema.get("$ref"):
        schema = document["components"]["schemas"][reference.rpartition("/")[2]]
    yield at
    for form in schema.get("anyOf", []) + schema.get("oneOf", []):
        yield from places(document, form, at)
    for name, part in schema.get("properties", {}).items():
        yield from places(document, part, f"{at}/{name}")
    if entry := schema.get("items"):
        yield from places(document, entry, f"{at}/0")


def asked_for(document):
    """What requests say: the path, and the pointer of what is in the query or the body."""
    for _, (_, path), operation in operations(document):
        for parameter in operation.get("parameters", []):
            if parameter.get("in") == "query":
                yield path, f"/{parameter['name']}"
        for media in operation.get("requestBody", {}).get("content", {}).values():
            yield from ((path, pointer) for pointer in places(document, media["schema"]))


def routes(document):
    return {route for _, route, _ in operations(document)}


@pytest.mark.parametrize("check", CHECKS)
def test_no_answer_breaks_the_contract(run, check):
    assert run.passed[check] > 0, "it was never made"
    assert run.failed.get(check, []) == []


def test_no_other_check_was_made_and_every_request_was_answered(run):
    assert set(run.passed) | set(run.failed) == set(CHECKS)
    assert run.errors == []
    assert run.exit_codes == [0, 0]


def test_every_operation_is_asked_with_good_and_with_bad_data(run):
    for mode in ["positive", "negative"]:
        asked = {(method, path) for method, path, kind in run.asked["coverage"] if kind == mode}
        assert routes(run.served) - asked == set(), mode
    asked = {(method, path) for method, path, _ in run.asked["fuzzing"]}
    assert routes(run.served) - asked == set()


def test_every_operation_does_at_least_once_what_it_is_asked(run):
    assert routes(run.served) - run.succeeded == set()


def test_scenarios_reach_most_operations_that_a_link_leads_to(run):
    by_id = {name: route for name, route, _ in operations(run.served)}
    answers = [answer for _, _, operation in operations(run.served) for answer in operation["responses"].values()]
    linked = {by_id[link["operationId"]] for answer in answers for link in answer.get("links", {}).values()}
    reached = linked & {(method, path) for method, path, _ in run.asked["stateful"]}
    assert len(linked) > 10
    # Which ones is a matter of the clock.
    assert len(reached) > 0.7 * len(linked), linked - reached


@pytest.mark.parametrize("rule", reasons.RULES, ids=lambda rule: f"{rule.path} {rule.pointer}")
def test_every_reason_is_about_a_place_of_the_contract(rule):
    document = json.loads((product.ROOT / "functions/describe-api/openapi.json").read_text())
    said = [place for path, place in asked_for(document) if re.fullmatch(rule.path, path)]
    assert [place for place in said if re.fullmatch(rule.pointer, place)]


def test_no_function_panics_or_is_killed(run):
    assert [line for line in run.log.splitlines() if "panicked" in line or "command killed" in line] == []


def test_the_document_that_is_served_is_the_one_of_the_repository(run):
    assert run.served == json.loads((product.ROOT / "functions/describe-api/openapi.json").read_text())
