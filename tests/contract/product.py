"""The product as `make dev` runs it, with something stored in it."""

import contextlib
import json
import math
import signal
import subprocess
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import requests

ROOT = Path(__file__).resolve().parents[2]
READY = "Palisade is ready."
LOG = ROOT / ".local/dev.log"
# What the document's examples are about, and their days.
SENSOR = "press-4.bearing"
PERSON = "user-17"
FIRST = datetime(2026, 2, 1, tzinfo=timezone.utc)
MANY = 1410
# One alert each.
SENSORS = [f"fan-{n}.motor" for n in range(1, 7)]
MESSAGE = "Rs.{}.00 debited from A/c XX4321 on {:%d-%m-%y} to CHAI POINT. UPI Ref {:012}."
# The stream is followed within a second; a debug build on a busy machine takes its time.
PATIENCE = 120


@contextlib.contextmanager
def running():
    """Starts it, tells its address and keys, and ends it and all that it started."""
    # To be told to end is as Ctrl-C: what was started here ends too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    command = [ROOT / "target/debug/palisade-local", "dev"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as product:
        try:
            if not any(line.startswith(READY) for line in product.stdout):
                raise RuntimeError(f"the product did not start: exit {product.wait()}")
            yield json.loads((ROOT / ".local/dev.json").read_text())
        finally:
            product.terminate()


class Client:
    """Calls that must succeed."""

    def __init__(self, facts):
        self.base = facts["base"]
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["X-API-Key"] = facts["keys"]["all"]

    def call(self, method, path, **arguments):
        answer = self.session.request(method, self.base + path, timeout=60, **arguments)
        if not answer.ok:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer

    def get(self, path):
        return self.call("GET", path).json()

    def post(self, path, body):
        return self.call("POST", path, json=body).json()


def furnish(facts):
    """Stores something of each kind, so that requests find what they ask for. Returns the ids, by kind."""
    client = Client(facts)
    for sensor in SENSORS:
        store_readings(client, sensor, 200, timedelta(minutes=1))
    store_readings(client, SENSOR, MANY, timedelta(minutes=30))
    today = datetime.now(timezone.utc)
    messages = [MESSAGE.format(100 + n, today - timedelta(days=n), n) for n in range(20)]
    bulk = client.post("/v1/transactions/bulk", {"user_id": PERSON, "channel": "sms", "messages": messages})
    waiting, approved = ([new_task(client, n) for n in range(10)] for _ in range(2))
    for task in approved:
        client.post("/v1/decisions", {"task_id": task, "decision": "approve", "operator_id": "op-1"})
    return {
        "alerts": alerts(client),
        "transactions": [result["transaction_id"] for result in bulk["results"]],
        "waiting_tasks": waiting,
        "approved_tasks": approved,
        "imports": [new_import(client) for _ in range(3)],
        "messages": messages,
    }


def store_readings(client, sensor, many, step):
    """A wave whose end is unusual."""
    for first in range(0, many, 500):
        numbers = range(first, min(first + 500, many))
        part = [reading(sensor, FIRST + step * n, wave(n) + (40 if n > many - 20 else 0)) for n in numbers]
        client.post("/v1/ingest", {"readings": part})


def wave(n):
    return round(72 + 2 * math.sin(n / 5) + (n * 7919 % 13) / 10, 3)


def reading(sensor, at, value):
    return {"sensor_id": sensor, "sensor_type": "temperature", "unit": "C", "timestamp": at.isoformat(), "value": value}


def new_task(client, n):
    return client.post("/v1/tasks", {"title": f"Grease bearing {n}", "priority": 2})["id"]


def new_import(client):
    return client.post("/v1/transactions/imports", {"user_id": PERSON, "channel": "sms", "size": 1000})["import_id"]


def alerts(client):
    """One of each sensor, once the stream has been followed that far."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = client.get("/v1/alerts")["alerts"]
        if {alert["sensor_id"] for alert in found} >= set(SENSORS):
            return [alert["id"] for alert in found]
    raise RuntimeError("no alerts were made of what is unusual")
