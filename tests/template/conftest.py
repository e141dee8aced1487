"""The template as written, and the template as CloudFormation receives it."""

import copy
import json
import os
from pathlib import Path

import pytest

# The transform asks botocore for a Region and for nothing else: no credentials, no network.
os.environ["AWS_DEFAULT_REGION"] = "eu-west-1"

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).resolve().parents[2]


class NoManagedPolicies:
    """SAM's policy names would need AWS to resolve; the template uses none."""

    def load(self):
        return {}


def transformed(written):
    """What `AWS::Serverless-2016-10-31` makes of a template. Leaves its argument alone."""
    template = copy.deepcopy(written)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            # `sam deploy` uploads the code and writes the address here.
            resource["Properties"]["CodeUri"] = "s3://code/bootstrap.zip"
    return transform(template, {}, NoManagedPolicies())


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture(scope="session")
def _written():
    # Through JSON, because YAML aliases are shared objects here and copies after `sam deploy` has packaged them.
    return json.loads(json.dumps(yaml_parse((ROOT / "template.yaml").read_text())))


@pytest.fixture
def written(_written):
    """The template as it stands in the repository; a test may change its copy."""
    return copy.deepcopy(_written)


@pytest.fixture(scope="session")
def template(_written):
    """The transformed template; for reading only."""
    return transformed(_written)
