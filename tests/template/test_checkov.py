"""What checkov finds in the transformed template is either mended or suppressed for a written reason."""

import fnmatch
import json
import os
import subprocess
import tomllib

import pytest

# What checkov must object to, so that a run which looks at nothing is noticed.
UNSOUND = {"Resources": {"Clear": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "clear"}}}}


def rules(root):
    return tomllib.loads((root / "tests/template/checkov.toml").read_text())["suppression"]


def matching(rules, check, resource):
    return [r for r in rules if r["check"] == check and fnmatch.fnmatchcase(resource, r["resource"])]


@pytest.fixture(scope="session")
def report(root, template, tmp_path_factory):
    """The results of one run over the template and over one that is unsound."""
    tool = root / ".venv-checkov/bin/checkov"
    assert tool.exists(), "checkov is not installed: `make checkov` does it"
    folder = tmp_path_factory.mktemp("checkov")
    (folder / "template.json").write_text(json.dumps(template))
    (folder / "unsound.json").write_text(json.dumps(UNSOUND))
    command = [tool, "--skip-download", "--framework", "cloudformation", "--output", "json", "--quiet", "--compact"]
    files = ["--file", "template.json", "--file", "unsound.json"]
    # At home here, where no configuration can skip anything.
    run = subprocess.run(
        [*command, *files],
        cwd=folder,
        env=os.environ | {"HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert run.returncode == 1, run.stdout + run.stderr
    return json.loads(run.stdout)


def findings(report, file="template.json"):
    failed = report["results"]["failed_checks"]
    return sorted((f["check_id"], f["resource"], f["check_name"]) for f in failed if f["file_path"].endswith(file))


def test_checkov_has_looked_at_everything_and_sees(report, template):
    summary = report["summary"]
    # Where a resource has no check, checkov does not count it.
    assert summary["parsing_errors"] == 0 and summary["passed"] > summary["failed"] > 0
    assert 0 < summary["resource_count"] <= len(template["Resources"]) + len(UNSOUND["Resources"])
    assert ("CKV_AWS_27", "AWS::SQS::Queue.Clear") in [found[:2] for found in findings(report, "unsound.json")]
    # A resource can excuse itself by its metadata; here all excuses are in one file.
    assert summary["skipped"] == 0


def unsuppressed(found, rules):
    return [
        f"{resource}: {name} ({check})"
        for check, resource, name in found
        if len(matching(rules, check, resource)) != 1
    ]


def stale(found, rules):
    return [
        f"{rule['check']} finds nothing on {rule['resource']} any more"
        for rule in rules
        if not any(matching([rule], *finding[:2]) for finding in found)
    ]


def test_every_finding_is_suppressed_once(report, root):
    assert unsuppressed(findings(report), rules(root)) == []


def test_every_suppression_matches_a_finding_and_says_why(report, root):
    assert stale(findings(report), rules(root)) == []
    for rule in rules(root):
        assert rule.keys() == {"check", "resource", "reason"}
        assert len(rule["reason"].split()) >= 10, f"{rule['check']} on {rule['resource']} is suppressed without a reason"


def test_what_is_new_stale_or_suppressed_twice_is_noticed(report, root):
    found, known = findings(report), rules(root)
    assert len(unsuppressed([*found, ("CKV_AWS_27", "AWS::SQS::Queue.Clear", "encrypted")], known)) == 1
    for rule in known:
        assert unsuppressed(found, [other for other in known if other is not rule])
        assert unsuppressed(found, [*known, rule | {"resource": "*"}])
        assert stale([f for f in found if not matching([rule], *f[:2])], known)
