"""One run of Schemathesis against the running product, for all tests."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import product
import pytest

HERE = Path(__file__).resolve().parent
# Below `target`, because `cargo lambda watch` restarts the functions when any other file changes.
RESULTS = product.ROOT / "target/schemathesis"
# How often Hypothesis gives up on a scenario depends on the seed, so scenarios are counted in seconds.
SECONDS_OF_SCENARIOS = 75
RUNS = {
    "requests": ["--phases", "examples,coverage,fuzzing"],
    "scenarios": ["--phases", "stateful", "--max-time", str(SECONDS_OF_SCENARIOS)],
}


class Run(NamedTuple):
    """What came of it."""

    # The document as it was served, and how it was followed.
    served: dict
    exit_codes: list
    # What the functions printed.
    log: str
    # How often each check passed, by its name.
    passed: Counter
    # What each check found, by its name.
    failed: dict
    # The operations that each phase asked, and with data of which kind.
    asked: dict
    # The operations that did what they were asked.
    succeeded: set
    # Requests without an answer.
    errors: list


@pytest.fixture(scope="session")
def run():
    RESULTS.mkdir(parents=True, exist_ok=True)
    with product.running() as facts:
        write_known(product.furnish(facts))
        (RESULTS / "openapi.json").write_bytes(product.Client(facts).call("GET", "/openapi.json").content)
        codes = [schemathesis(name, facts) for name in RUNS]
        log = product.LOG.read_text(errors="replace")
    served = json.loads((RESULTS / "openapi.json").read_text())
    run = Run(served, codes, log, Counter(), {}, {}, set(), [])
    for name in RUNS:
        read(run, name)
    return run


def write_known(known):
    """The dictionaries of schemathesis.toml."""
    for kind, values in known.items():
        (RESULTS / f"{kind}.txt").write_text("".join(json.dumps(value) + "\n" for value in values))


def schemathesis(name, facts):
    """Runs it and returns its exit code. What it prints is for people, and is kept."""
    events = RESULTS / f"{name}.ndjson"
    events.unlink(missing_ok=True)
    keys = [("demo", facts["keys"]["all"]), ("other", facts["keys"]["other_tenant"])]
    entries = [{"name": user, "fixedHeaders": [{"name": "X-API-Key", "value": key}]} for user, key in keys]
    (RESULTS / "keys.json").write_text(json.dumps({"auth": entries}))
    command = [Path(sys.executable).with_name("st"), "--config-file", HERE / "schemathesis.toml", "run"]
    command += [RESULTS / "openapi.json", "--url", facts["base"], "--no-color", *RUNS[name]]
    command += ["--report", "ndjson", "--report-ndjson-path", events]
    environment = {
        **os.environ,
        "PALISADE_KEYS": str(RESULTS / "keys.json"),
        "HYPOTHESIS_STORAGE_DIRECTORY": str(RESULTS / "hypothesis"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(HERE),
    }
    with (RESULTS / f"{name}.txt").open("w") as report:
        done = subprocess.run(command, cwd=HERE, env=environment, stdout=report, stderr=report, check=False)
    if not events.exists():
        raise RuntimeError((RESULTS / f"{name}.txt").read_text())
    return done.returncode


def read(run, name):
    """Adds what the events of a run tell."""
    with (RESULTS / f"{name}.ndjson").open() as events:
        for line in events:
            event = json.loads(line)
            if error := event.get("NonFatalError"):
                run.errors.append(f"{error['label']}: {error['value']}")
            if scenario := event.get("ScenarioFinished"):
                add(run, scenario["phase"], scenario.get("recorder") or {})


def add(run, phase, recorder):
    cases = {name: case["value"] for name, case in recorder.get("cases", {}).items()}
    for case in cases.values():
        # The probe of a check has no kind of its own.
        kind = case.get("meta", {}).get("generation", {}).get("mode")
        run.asked.setdefault(phase, set()).add((case["method"], case["path"], kind))
    for name, exchange in recorder.get("interactions", {}).items():
        answer = exchange.get("response")
        if answer and 200 <= answer["status_code"] < 300:
            run.succeeded.add((cases[name]["method"], cases[name]["path"]))
    for name, checks in recorder.get("checks", {}).items():
        for check in checks:
            if check["status"] == "success":
                run.passed[check["name"]] += 1
            elif check["status"] == "failure":
                case = cases[name]
                finding = f"{case['method']} {case['path']} ({case['id']}): {json.dumps(check)[:1000]}"
                run.failed.setdefault(check["name"], []).append(finding)
