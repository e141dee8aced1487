"""Deploys template.yaml with `sam deploy` to an emulated cloud on this machine, and tests it from outside.

    python infra/deploy/local.py --binaries target/debug --sam .venv/bin/sam

Everything it makes is under target/deploy-local and in the emulator's memory. The emulator is stopped at the end, whatever
happens. What the emulator cannot show is in docs/deploying.md.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import boto3
from emulated import CHANGES, emulated, read
from emulator import emulator
from release import sam_deploy, stack_of, stale, stamp

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "target/deploy-local"
STAGE = "test"
# Three predictions at once and one a second for each key, so that the usage plan can be seen at work.
PARAMETERS = {
    "Stage": STAGE,
    "CorsOrigins": "https://app.example.com",
    "KeyPredictRateLimit": "1",
    "KeyPredictBurstLimit": "3",
}
READ = "data:read,maintenance:read,transactions:read,goals:read"


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--binaries", type=Path, required=True, help="where cargo left the functions and the tools")
    arguments.add_argument("--sam", type=Path, required=True, help="the SAM CLI")
    arguments = arguments.parse_args()
    # So that what is begun is also ended when somebody ends this.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    shutil.rmtree(WORK, ignore_errors=True)
    (WORK / "scratch").mkdir(parents=True)
    try:
        template = say("packaging", lambda: package(arguments.binaries))
        with emulator(WORK / "emulator.log", WORK / "scratch") as environment:
            say("deploying", lambda: deploy(arguments.sam, template, environment))
            facts = say("minting keys", lambda: prepare(arguments.binaries, template, environment))
            say("testing", lambda: test(facts, environment))
    finally:
        # What is left is small and holds no key: the logs, and the results of the tests.
        for large in ("target", "scratch"):
            shutil.rmtree(WORK / large, ignore_errors=True)
        (WORK / "facts.json").unlink(missing_ok=True)


def say(what, step):
    begun = time.monotonic()
    print(f"deploy-local: {what}", flush=True)
    result = step()
    print(f"deploy-local: {what} took {time.monotonic() - begun:.0f} s", flush=True)
    return result


def package(binaries):
    """A folder beside the template for each function, with its stripped bootstrap, where `CodeUri` says."""
    template = emulated(read(ROOT / "template.yaml"))
    for change in CHANGES:
        print(f"  changed for the emulator: {' '.join(change.__doc__.split())}")
    for function in template["Resources"].values():
        if function["Type"] == "AWS::Serverless::Function":
            folder = WORK / function["Properties"]["CodeUri"]
            folder.mkdir(parents=True)
            binary = binaries / function["Metadata"]["Binary"]
            subprocess.run(["strip", "-o", folder / "bootstrap", binary], check=True)
    path = WORK / "template.json"
    path.write_text(json.dumps(template, indent=1))
    return path


def deploy(sam, template, environment):
    log = WORK / "sam.log"
    stamp((WORK / "target/lambda").glob("*/bootstrap"), PARAMETERS)
    with log.open("w") as kept:
        sam_environment = environment | {"SAM_CLI_TELEMETRY": "0"}
        code = sam_deploy(sam, template, PARAMETERS, confirm=False, env=sam_environment, stdout=kept, stderr=kept)
    if code != 0:
        sys.exit(f"sam deploy failed:\n{log.read_text()}")
    if behind := stale(clients(environment)("lambda"), STAGE):
        sys.exit(f"requests still reach an older version of {', '.join(behind)}")


def prepare(binaries, template, environment):
    """Mints keys as an operator does, and writes down what the tests need to know."""
    client = clients(environment)
    (stack,) = client("cloudformation").describe_stacks(StackName=stack_of(STAGE))["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    plan = outputs["UsagePlanId"]
    gateway = client("apigateway")
    # Gateway responses count from the next publication on; as resources of their own they came after SAM's.
    gateway.create_deployment(restApiId=outputs["ApiId"], stageName=STAGE)

    def palisade_keys(*arguments):
        command = [binaries.resolve() / "palisade-keys", "--json", "--stage", STAGE, *arguments]
        run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if run.returncode != 0:
            sys.exit(f"palisade-keys failed: {run.stderr}")
        return json.loads(run.stdout)

    def mint(tenant, *scopes, planned=True):
        minted = palisade_keys(
            "mint", "--tenant", tenant, "--name", "deploy-local", *scopes, "--usage-plan", plan
        )
        if planned:
            join_plan(gateway, plan, minted["key"])
        return minted["key"]

    # It stays in the usage plan, so that API Gateway alone would let it in.
    revoked = mint("demo", "--all-scopes")
    palisade_keys("revoke", revoked.split("_")[2])

    facts = {
        "url": f"{environment['AWS_ENDPOINT_URL']}/restapis/{outputs['ApiId']}/{STAGE}/_user_request_",
        "stage": STAGE,
        "outputs": outputs,
        "parameters": PARAMETERS,
        "template": str(template),
        "binaries": str(binaries.resolve()),
        "keys": {
            "all": mint("demo", "--all-scopes"),
            "read_only": mint("demo", "--scope", READ),
            "other_tenant": mint("other", "--all-scopes"),
            "impatient": mint("demo", "--scope", "ml:predict"),
            "outside_the_plan": mint("demo", "--all-scopes", planned=False),
            "revoked": revoked,
        },
    }
    path = WORK / "facts.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps(facts, indent=1))
    return path


def join_plan(gateway, plan, key):
    """The emulator takes the usage identifier from the header, not from the authorizer as the template says, so that
    there the key itself must be in the plan; `palisade-keys` has put the true identifier beside it."""
    known = gateway.create_api_key(name=f"emulated-{key[:21]}", value=key, enabled=True)
    gateway.create_usage_plan_key(usagePlanId=plan, keyId=known["id"], keyType="API_KEY")


def clients(environment):
    session = boto3.Session(
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        region_name=environment["AWS_REGION"],
    )
    return lambda service: session.client(service, endpoint_url=environment["AWS_ENDPOINT_URL"])


def test(facts, environment):
    command = [
        sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
        f"--junitxml={WORK / 'junit.xml'}", ROOT / "tests/deployed",
    ]  # fmt: skip
    run = subprocess.run(command, env=environment | {"PALISADE_DEPLOYED": str(facts)}, check=False)
    if run.returncode != 0:
        sys.exit(f"the suite failed; what the emulator said is in {os.path.relpath(WORK / 'emulator.log')}")


if __name__ == "__main__":
    main()
