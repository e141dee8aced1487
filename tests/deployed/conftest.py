"""The deployed product, seen from outside: through its API Gateway, and through the APIs of the cloud it stands in.

`make deploy-local` deploys it and then runs these tests; PALISADE_DEPLOYED names the file in which it says where.
"""

import json
import os
import sys
import time
import uuid
from pathlib import Path

import boto3
import pytest
import requests

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "infra/deploy"))


class Api:
    """What a client has: an address, and perhaps a key."""

    def __init__(self, url, key=None):
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False
        if key is not None:
            self.session.headers["X-API-Key"] = key

    def call(self, method, path, status, **arguments):
        answer = self.session.request(method, self.url + path, timeout=60, **arguments)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer

    def get(self, path, **arguments):
        return self.call("GET", path, 200, **arguments).json()

    def post(self, path, body, status=200, **arguments):
        return self.call("POST", path, status, json=body, **arguments).json()

    def refused(self, method, path, status, code, **arguments):
        """A problem, in the documented shape and with the headers of every answer."""
        answer = self.call(method, path, status, **arguments)
        assert answer.headers["Content-Type"] == "application/problem+json", answer.headers
        problem = answer.json()
        assert problem.keys() >= {"type", "title", "status", "detail", "instance", "code"}, problem
        assert (problem["type"], problem["status"], problem["code"]) == (f"urn:palisade:problem:{code}", status, code)
        assert answer.headers["X-Request-ID"] == problem["instance"]
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "max-age=" in answer.headers["Strict-Transport-Security"]
        return answer


def until(question, seconds=60):
    """What the question answers, as soon as it answers anything. It is a request, and asked again at once."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := question():
            return answer
    raise AssertionError(f"not within {seconds} s")


@pytest.fixture(scope="session")
def facts():
    return json.loads(Path(os.environ["PALISADE_DEPLOYED"]).read_text())


@pytest.fixture(scope="session")
def template(facts):
    """The template that was deployed, before the SAM transform."""
    return json.loads(Path(facts["template"]).read_text())


@pytest.fixture(scope="session")
def cloud():
    """A client of one of the cloud's services, as its administrator."""
    return lambda service: boto3.client(service, endpoint_url=os.environ["AWS_ENDPOINT_URL"])


@pytest.fixture(scope="session")
def anyone(facts):
    return Api(facts["url"])


@pytest.fixture(scope="session")
def as_key(facts):
    return lambda name: Api(facts["url"], facts["keys"][name])


@pytest.fixture
def fresh():
    """A name that nothing has yet."""
    return f"fresh-{uuid.uuid4().hex[:12]}"


@pytest.fixture(scope="session")
def demo(as_key):
    return as_key("all")
