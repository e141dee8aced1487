"""What Schemathesis does differently here; it loads this file itself."""

import hashlib
import json
import re

import schemathesis

import product
import reasons

KEY = "Idempotency-Key"
VALID_KEY = re.compile(r"[!-~]{1,255}")
# Who may be erased.
LEAVER = "user-18"


@schemathesis.hook
def before_call(context, case, kwargs):
    keep_the_person_of_the_examples(case)
    name_the_request(case)


def keep_the_person_of_the_examples(case):
    """Otherwise the first erasure would leave nothing for the other requests to find."""
    if case.method == "DELETE" and case.path == "/v1/users/{user_id}":
        if case.path_parameters.get("user_id") == product.PERSON:
            case.path_parameters["user_id"] = LEAVER


def name_the_request(case):
    """Gives each different request an idempotency key of its own.

    Otherwise one example would be the key of all of them, and all but the first be refused. The same request has the
    same key, so replays happen.
    """
    key = case.headers.get(KEY)
    if isinstance(key, str) and VALID_KEY.fullmatch(key):
        told = repr([case.method, case.path, case.path_parameters, case.query, case.body])
        case.headers[KEY] = hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Drops what has a reason."""
    return reasons.why(type(failure).__name__, case, response) is None


@schemathesis.serializer("application/x-ndjson")
def lines(context, value):
    """The rows as they are: the document calls them a text."""
    return {"data": value.encode("utf-8", "replace") if isinstance(value, str) else json.dumps(value).encode()}
