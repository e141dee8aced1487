"""What stands before the functions: the authorizer, the usage plan, and the answers that API Gateway gives itself."""

from concurrent.futures import ThreadPoolExecutor

import pytest

MACHINE = {
    "machine_type": "L",
    "air_temperature_k": 303.1,
    "process_temperature_k": 311.2,
    "rotational_speed_rpm": 1290,
    "torque_nm": 61.5,
    "tool_wear_min": 190,
}
PROTECTED = [
    ("GET", "/health/ready"),
    ("GET", "/v1/sensors"),
    ("POST", "/v1/ingest"),
    ("POST", "/v1/predict"),
    ("POST", "/v1/transactions"),
    ("GET", "/v1/audit"),
    ("DELETE", "/v1/users/u1"),
]


def test_anyone_may_ask_for_health_and_read_the_documents(anyone):
    assert anyone.get("/health") == {"status": "ok"}
    assert anyone.get("/openapi.json")["openapi"].startswith("3.1")
    assert anyone.call("GET", "/docs", 200).headers["Content-Type"] == "text/html; charset=utf-8"


def test_a_key_holder_sees_every_dependency_ready(demo):
    ready = demo.get("/health/ready")
    assert {name: entry["ok"] for name, entry in ready.items()} == dict.fromkeys(
        ["dynamodb", "secrets", "kms", "models"], True
    )


@pytest.mark.parametrize("method, path", PROTECTED)
def test_no_route_answers_without_a_key(anyone, method, path):
    answer = anyone.refused(method, path, 401, "unauthorized")
    assert answer.headers["WWW-Authenticate"] == 'ApiKey header="X-API-Key", Bearer'


@pytest.mark.parametrize("key", ["nonsense", "pal_test_000000000000_nonsense"])
def test_a_wrong_key_is_refused_like_none(anyone, key):
    anyone.refused("GET", "/v1/sensors", 401, "unauthorized", headers={"X-API-Key": key})


def test_a_revoked_key_is_refused_although_the_usage_plan_still_has_it(as_key):
    as_key("revoked").refused("GET", "/v1/sensors", 401, "unauthorized")


def test_a_genuine_key_outside_the_usage_plan_is_refused_by_the_gateway(as_key):
    as_key("outside_the_plan").refused("GET", "/v1/sensors", 403, "forbidden")


def test_a_key_without_the_scope_is_refused(as_key):
    reading = {"sensor_id": "pump-7", "value": 1.0, "sensor_type": "temperature", "unit": "C"}
    as_key("read_only").refused("POST", "/v1/ingest", 403, "forbidden", json=reading)


@pytest.mark.parametrize("method, path", [("GET", "/v1/nothing"), ("PUT", "/v1/ingest")])
def test_what_has_no_route_is_a_problem(demo, method, path):
    demo.refused(method, path, 404, "not_found")


def test_the_usage_plan_stops_one_key_and_no_other(as_key):
    impatient = as_key("impatient")

    def ask(_):
        return impatient.session.post(impatient.url + "/v1/predict", json=MACHINE, timeout=60)

    # Three at once are allowed, and one a second after that.
    with ThreadPoolExecutor(12) as clients:
        answers = list(clients.map(ask, range(24)))
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) == {200, 429}, statuses
    assert statuses.count(200) >= 3, statuses
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.json()["code"] == "rate_limited"
    # The gateway's own: the exact limiter of the functions says more, and allows thousands.
    assert refused.headers["Retry-After"] == "1" and "RateLimit" not in refused.headers
    assert as_key("all").post("/v1/predict", MACHINE)["will_fail"] is True


def test_a_browser_of_an_allowed_origin_may_ask_and_no_other(anyone, facts):
    def preflight(origin):
        headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        return anyone.call("OPTIONS", "/v1/ingest", 204, headers=headers).headers

    allowed = preflight(facts["parameters"]["CorsOrigins"])
    assert allowed["Access-Control-Allow-Origin"] == facts["parameters"]["CorsOrigins"]
    assert "x-api-key" in allowed["Access-Control-Allow-Headers"].lower()
    assert allowed["Access-Control-Allow-Methods"] == "POST"
    assert "Access-Control-Allow-Origin" not in preflight("https://evil.example")
