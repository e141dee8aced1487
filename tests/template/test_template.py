"""The real template passes every check, and the tools of AWS find nothing in it."""

import os
import subprocess
import sys
from pathlib import Path

import checks
import pytest

OFFLINE = os.environ | {
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
    "SAM_CLI_TELEMETRY": "0",
}


@pytest.mark.parametrize("check", checks.ALL, ids=lambda check: check.__name__)
def test_the_template_is_sound(template, check):
    assert check(template) == []


@pytest.mark.parametrize(
    "command",
    [["sam", "validate", "--lint", "--template", "template.yaml"], ["cfn-lint", "template.yaml"]],
    ids=lambda c: c[0],
)
def test_the_tools_of_aws_find_nothing(root, command):
    tool = Path(sys.executable).with_name(command[0])
    run = subprocess.run(
        [tool, *command[1:]], cwd=root, env=OFFLINE, capture_output=True, text=True, timeout=120, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
