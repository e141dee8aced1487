"""Failures that are none, each with its reason. What fits none of these fails the run."""

import json
import re
from typing import NamedTuple


class Rule(NamedTuple):
    """A rule that JSON Schema cannot say: where it is broken, with which code, and why it cannot."""

    path: str
    pointer: str
    code: str
    why: str


ANY = r".*"
# Requests that are valid by the schema and refused with 422. Every place that an answer names must be here.
RULES = [
    Rule(ANY, r"/(from|to)", "out_of_range", "which of two times is later, and how far they may be apart"),
    Rule(ANY, r".*/(timestamp|received_at)", "in_the_future|too_old|invalid", "when it is now"),
    Rule(ANY, r"/(due_by|defer_until)", "in_the_past|too_far_ahead", "when it is now"),
    Rule(ANY, r".*/(title|description|name|notes|note|reason|findings|justification)", "too_short", "more than blanks"),
    Rule(ANY, r".*/time_zone", "invalid", "which names the IANA database has"),
    Rule(ANY, r"/limit/high|/limits/\d+/high", "out_of_range", "which of two numbers is larger"),
    Rule("/v1/tasks", r"/alert_id", "unknown", "what is stored"),
    Rule("/v1/decisions", r"/(defer_until|justification)", "not_allowed|required", "what goes with which decision"),
    Rule("/v1/sensors/.*/baseline", r"/from", "too_few", "what is stored"),
    Rule("/v1/rul", r"/instances/\d+/cycles/\d+/cycle", "not_increasing", "that numbers rise along a list"),
    Rule("/v1/rul", r"/instances/\d+/cycles/\d+/(sensors|settings)/\d+", "out_of_range", "each column has its range"),
    Rule("/v1/calendar", r"/technicians/\d+/id", "duplicate", "that names differ along a list"),
    Rule("/v1/calendar", r"/technicians/\d+/working_hours/\w+/\d+/end", "not_after_start", "which time is later"),
    Rule("/v1/calendar", r"/technicians/\d+/working_hours/\w+", "overlap", "that times do not overlap"),
    Rule("/v1/policy", r"/(limits|drift_checks)/\d+/sensor_id", "duplicate", "that names differ along a list"),
    Rule("/v1/policy", r"/(limits|tasks/rules)/\d+", "empty|duplicate", "that one of two members must be there"),
    Rule("/v1/policy", r"/urgency/due_within_hours", "not_sorted", "that numbers fall along a list"),
    Rule("/v1/policy", r"/retention/aggregate_days", "too_short", "which of two numbers is larger"),
    Rule(
        "/v1/policy",
        r"/notifications/webhook",
        "invalid|has_credentials|port_not_allowed|has_fragment|host_not_public",
        "what an address of the public internet is",
    ),
    Rule("/v1/goals/.*", r"/(already|category|period|starts|ends|target)", ANY, "what goes with which type of goal"),
    Rule("/v1/goals/.*", r"/user_id", "too_many", "what is stored"),
]
# Answers that tell of what is stored, not of what was sent.
STATES = {
    "insufficient_data": "how much is stored",
    "unrecognised": "whether a text is a bank's message",
}
CURSOR = "The cursor is not good for this query."
# What `cargo lambda watch` answers by itself.
WATCH = {"type": "https://httpstatuses.com/500", "status": 500, "title": "Internal Server Error"}


def why(failure, case, response):
    """The reason why a failure is none; `None` when there is none."""
    body = read(response)
    match failure:
        case "RejectedPositiveData":
            return unsayable(case_path(response), body, case)
        case "AcceptedNegativeData":
            return rejected_alone(case, body)
        case "ServerError" | "UndefinedContentType":
            return unreadable(response, body)
    return None


def unsayable(path, problem, case):
    """A valid request that breaks a rule which a schema cannot state."""
    if case.media_type == "application/x-ndjson":
        return "the document calls the lines a text; what they say is in another media type's schema"
    if problem.get("code") in STATES:
        return STATES[problem["code"]]
    if problem.get("code") == "invalid_request" and problem.get("detail", "").startswith(CURSOR):
        return "a cursor is what an earlier answer gave"
    if problem.get("code") != "validation_failed" or not problem.get("errors"):
        return None
    found = [rule(path, error, case) for error in problem["errors"]]
    return None if None in found else "; ".join(dict.fromkeys(found))


def rule(path, error, case):
    if error["code"] == "type" and is_whole(sent(case.body, error["pointer"])):
        return "5.0 is an integer to JSON Schema; here whole numbers are written without a fraction"
    for stated in RULES:
        texts = [(stated.path, path), (stated.pointer, error["pointer"]), (stated.code, error["code"])]
        if all(re.fullmatch(pattern, text) for pattern, text in texts):
            return stated.why
    return None


def is_whole(value):
    return isinstance(value, float) and value.is_integer()


def sent(value, pointer):
    """What stands at a JSON pointer of the body."""
    for name in pointer.split("/")[1:]:
        if isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        elif isinstance(value, dict):
            value = value.get(name)
        else:
            return None
    return value


def rejected_alone(case, answer):
    """A row among many that is refused by itself, and named in the answer."""
    several = case.path == "/v1/transactions/bulk" or (
        case.path == "/v1/ingest" and isinstance(case.body, dict) and case.body.get("mode") == "partial"
    )
    return "the contract rejects rows alone" if several and answer.get("rejected") else None


def unreadable(response, body):
    """Bytes that are no text: `cargo lambda watch` fails on them before a function is asked."""
    if response.status_code != 500 or body != WATCH:
        return None
    request = response.request
    headers = all(is_text(value, "ascii") for value in request.headers.values())
    if headers and is_text(request.body or b"", "utf-8"):
        return None
    return "`cargo lambda watch` reads texts alone"


def is_text(value, encoding):
    try:
        value.decode(encoding) if isinstance(value, bytes) else value.encode(encoding)
    except UnicodeError:
        return False
    return True


def case_path(response):
    return response.request.path_url.partition("?")[0]


def read(response):
    """The body as JSON; nothing when it is none."""
    try:
        body = json.loads(response.content)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
