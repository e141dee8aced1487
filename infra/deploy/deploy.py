"""Deploys to an AWS account what `make package` has built. `make deploy STAGE=...` calls it; docs/deploying.md says more.

    python infra/deploy/deploy.py --sam .venv/bin/sam --stage prod CorsOrigins=https://app.example.com
"""

import argparse
import os
import sys
from pathlib import Path

import boto3
from release import sam_deploy, stack_of, stale, stamp

ROOT = Path(__file__).resolve().parents[2]


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--sam", type=Path, required=True, help="the SAM CLI")
    arguments.add_argument("--stage", required=True)
    arguments.add_argument("parameters", nargs="*", type=parameter, metavar="NAME=VALUE", help="of the template")
    arguments = arguments.parse_args()
    if "Stage" in dict(arguments.parameters):
        sys.exit("the stage is said by --stage alone")
    session = boto3.Session()
    if session.region_name is None:
        sys.exit("AWS_REGION or the profile has to say where")
    bootstraps = sorted(ROOT.glob("target/lambda/*/bootstrap"))
    missing = {path.name for path in ROOT.glob("functions/*")} - {path.parent.name for path in bootstraps}
    if missing:
        sys.exit(f"not packaged: {', '.join(sorted(missing))}; run `make package`")
    account = session.client("sts").get_caller_identity()["Account"]
    print(f"{stack_of(arguments.stage)} in account {account}, {session.region_name}")
    parameters = {"Stage": arguments.stage, **dict(arguments.parameters)}
    stamp(bootstraps, parameters)
    environment = os.environ | {"SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": session.region_name}
    code = sam_deploy(arguments.sam, ROOT / "template.yaml", parameters, confirm=True, env=environment)
    if code != 0:
        sys.exit(code)
    if behind := stale(session.client("lambda"), arguments.stage):
        sys.exit(f"requests still reach an older version of {', '.join(behind)}")


def parameter(text):
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise argparse.ArgumentTypeError(f"{text} is not NAME=VALUE")
    return name, value


if __name__ == "__main__":
    main()
