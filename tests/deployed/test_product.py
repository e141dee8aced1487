"""What clients come for, through the gateway, with each function in the role that the template gives it."""

import json
import subprocess
from datetime import datetime, timedelta, timezone

import requests
from conftest import until
from test_front_door import MACHINE

PAYMENT = "Rs.450.00 debited from A/c XX4321 on 07-03-26 to CHAI POINT. UPI Ref 123456789012."


def reading(sensor, value, minutes_ago=0):
    at = datetime.now(timezone.utc) - timedelta(minutes=minutes_ago)
    return {
        "sensor_id": sensor,
        "value": value,
        "sensor_type": "temperature",
        "unit": "C",
        "timestamp": at.isoformat(timespec="seconds").replace("+00:00", "Z"),
    }


def payment(user, message=PAYMENT):
    return {"user_id": user, "channel": "sms", "sender": "AD-HDFCBK", "message": message}


def test_readings_that_were_sent_are_read_back_by_their_tenant_alone(demo, as_key, fresh):
    sent = [reading(fresh, 70.0 + minute, minute) for minute in range(5)]
    assert demo.post("/v1/ingest", {"readings": sent})["accepted"] == 5
    page = as_key("read_only").get(f"/v1/sensors/{fresh}/readings?limit=10&order=desc")
    assert [found["value"] for found in page["readings"]] == [70.0, 71.0, 72.0, 73.0, 74.0]
    assert fresh in [sensor["sensor_id"] for sensor in demo.get("/v1/sensors")["sensors"]]
    as_key("other_tenant").refused("GET", f"/v1/sensors/{fresh}/readings", 404, "not_found")


def test_a_machine_row_is_predicted_and_explained(demo):
    prediction = demo.post("/v1/predict", MACHINE)
    assert prediction["will_fail"] is True and prediction["in_distribution"] is True
    explained = prediction["baseline_probability"] + sum(prediction["contributions"].values())
    assert abs(explained - prediction["failure_probability"]) < 1e-4


def test_a_request_that_is_sent_again_is_answered_from_memory(demo, fresh):
    body, headers = reading(fresh, 1.5), {"Idempotency-Key": fresh}
    first, second = (demo.call("POST", "/v1/ingest", 200, json=body, headers=headers) for _ in range(2))
    assert "Idempotency-Replayed" not in first.headers and second.headers["Idempotency-Replayed"] == "true"
    assert first.json() | {"request_id": None} == second.json() | {"request_id": None}
    other = reading(fresh, 2.5)
    demo.refused("POST", "/v1/ingest", 422, "idempotency_key_reused", json=other, headers=headers)


def test_a_bank_message_becomes_a_transaction_once(demo, as_key, fresh):
    stored = demo.post("/v1/transactions", payment(fresh), 201)
    assert stored["duplicate"] is False and stored["parsed"]["amount"] == {"value": "450.00", "currency": "INR"}
    again = demo.post("/v1/transactions", payment(fresh), 200)
    assert again["duplicate"] is True and again["transaction_id"] == stored["transaction_id"]
    listed = as_key("read_only").get(f"/v1/transactions?user_id={fresh}")["transactions"]
    assert [entry["transaction_id"] for entry in listed] == [stored["transaction_id"]]
    assert "123456789012" not in json.dumps(listed), "references are masked"


def test_another_tenants_transaction_is_not_there(demo, as_key, fresh):
    stored = demo.post("/v1/transactions", payment(fresh), 201)
    path = f"/v1/transactions/{stored['transaction_id']}?user_id={fresh}"
    assert demo.get(path)["transaction_id"] == stored["transaction_id"]
    as_key("other_tenant").refused("GET", path, 404, "not_found")


def test_many_messages_are_stored_at_once_and_what_is_no_transaction_is_named(demo, fresh):
    messages = [{"message": PAYMENT.replace("450", str(amount))} for amount in range(100, 140)]
    body = {"user_id": fresh, "channel": "sms", "messages": [*messages, {"message": "Your OTP is 123456."}]}
    answer = demo.post("/v1/transactions/bulk", body)
    assert (answer["processed"], answer["stored"], answer["duplicates"]) == (41, 40, 0)
    assert [rejected["index"] for rejected in answer["rejected"]] == [40]


def test_what_is_stored_about_a_person_is_exported_and_erased(demo, fresh):
    demo.post("/v1/transactions", payment(fresh), 201)
    assert "CHAI POINT" in demo.call("GET", f"/v1/users/{fresh}/export", 200).text
    demo.call("DELETE", f"/v1/users/{fresh}", 200)
    assert demo.get(f"/v1/transactions?user_id={fresh}")["transactions"] == []


def test_a_file_is_uploaded_and_worked_off_in_the_background(demo, fresh):
    lines = [json.dumps({"message": PAYMENT.replace("450", str(amount))}) for amount in range(200, 230)]
    file = ("\n".join(lines) + "\n").encode()
    started = demo.post("/v1/transactions/imports", {"user_id": fresh, "channel": "sms", "size": len(file)}, 201)
    upload = started["upload"]
    headers = {name: value for name, value in upload["headers"].items() if name not in ("content-length", "host")}
    put = requests.put(upload["url"], data=file, headers=headers, timeout=60)
    assert put.status_code == 200, put.text

    def finished():
        known = demo.get(f"/v1/transactions/imports/{started['import_id']}")
        return known if known["status"] == "completed" else None

    assert until(finished)["stored"] == 30


def test_an_unusual_reading_becomes_an_alert_through_the_stream(demo, fresh):
    quiet = [reading(fresh, 70 + minute % 5 / 10, 120 - minute) for minute in range(118)]
    demo.post("/v1/ingest", {"readings": [*quiet, reading(fresh, 470.0, 1)]})
    (alert,) = until(lambda: [a for a in demo.get("/v1/alerts")["alerts"] if a["sensor_id"] == fresh])
    assert alert["status"] == "open"


def test_what_was_done_can_be_audited_and_verified(demo, cloud, facts):
    entries = demo.get("/v1/audit?limit=50")["entries"]
    assert {"ingest", "record-transaction"} <= {entry["route"] for entry in entries}
    # The clock would come round within a quarter of an hour.
    run = cloud("lambda").invoke(FunctionName=f"palisade-{facts['stage']}-checkpoint-audit", Payload=b"{}")
    assert "FunctionError" not in run, run["Payload"].read()
    verify = [f"{facts['binaries']}/palisade-audit", "--json", "--stage", facts["stage"], "verify"]
    bucket = facts["outputs"]["CheckpointsBucketName"]
    verified = subprocess.run([*verify, "--bucket", bucket], capture_output=True, text=True, check=False)
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_roles_are_enforced_where_this_runs(demo, cloud, facts, fresh):
    """Or else all of the above would say nothing about the roles."""
    assert demo.get(f"/v1/goals?user_id={fresh}")["goals"] == []
    function = cloud("lambda").get_function_configuration(FunctionName=f"palisade-{facts['stage']}-list-goals")
    role = function["Role"].rpartition("/")[2]
    statement = {"Effect": "Deny", "Action": "dynamodb:*", "Resource": "*"}
    iam, policy = cloud("iam"), json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_role_policy(RoleName=role, PolicyName="nothing", PolicyDocument=policy)
    try:
        demo.refused("GET", f"/v1/goals?user_id={fresh}", 503, "unavailable")
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="nothing")
    assert demo.get(f"/v1/goals?user_id={fresh}")["goals"] == []
