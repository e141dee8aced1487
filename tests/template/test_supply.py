"""What is installed has an exact version, and what checks packages notices what is wrong with them."""

import importlib.metadata
import re
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ["tests", "tests/checkov", "tests/contract", "infra/deploy", "infra/local", "infra/local/tests", "infra/models"]

sys.path[:0] = [str(ROOT / "infra/supply"), str(ROOT / "infra/package")]

import check_sbom
import digests

LOCK = {("health", "0.1.0"): None, ("serde", "1.0.0"): "abc"}


def requirements(folder):
    lines = (line.split("#")[0].strip() for line in (ROOT / folder / "requirements.txt").read_text().splitlines())
    return [line for line in lines if line]


@pytest.mark.parametrize("folder", REQUIREMENTS)
def test_every_python_tool_has_an_exact_version(folder):
    assert all(re.fullmatch(r"[\w.-]+(\[\w+\])?==[\w.]+", line) for line in requirements(folder))


def test_no_other_list_of_python_tools_is_there():
    found = {str(path.parent.relative_to(ROOT)) for top in ["tests", "infra"] for path in (ROOT / top).rglob("req*.txt")}
    assert found == set(REQUIREMENTS)


def test_nothing_is_installed_here_that_the_requirements_do_not_name():
    def plain(name):
        return re.sub(r"[-_.]+", "-", name).lower()

    named = {plain(name): version for name, version in (line.split("==") for line in requirements("tests"))}
    there = {plain(found.metadata["Name"]): found.version for found in importlib.metadata.distributions()}
    for name in ["pip", "setuptools", "wheel"]:
        there.pop(name, None)
    assert there == named


def test_every_tool_that_is_built_has_an_exact_version_and_its_own_lock_file():
    makefile = (ROOT / "Makefile").read_text()
    installed = re.findall(r"cargo install (.+)", makefile)
    assert installed
    for command in installed:
        assert re.fullmatch(r"--quiet --locked --root \.tools [\w-]+@\d+\.\d+\.\d+", command), command
    assert re.findall(r"pip install (?!--quiet --disable-pip-version-check -r )", makefile) == []
    scripts = [path for top in ["infra", ".ci"] for path in (ROOT / top).rglob("*") if path.suffix == ".sh" or path.name == "run"]
    for path in [ROOT / "Makefile", *scripts]:
        assert not re.search(r"cargo install (?!--quiet --locked)|curl |wget |npm |apt-get ", path.read_text()), path


def test_the_compiler_of_the_readme_is_the_one_that_cargo_asks_for():
    oldest = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["rust-version"]
    assert f"Rust {oldest}," in (ROOT / "README.md").read_text()
    assert f"Rust {oldest} or later" in (ROOT / "docs/dependencies.md").read_text()


def test_what_is_written_of_advisories_is_what_refuses_them():
    policy = tomllib.loads((ROOT / "deny.toml").read_text())["advisories"]
    assert (policy["yanked"], policy["unmaintained"], policy["unsound"]) == ("deny", "workspace", "workspace")
    makefile = (ROOT / "Makefile").read_text()
    # Without this an index that does not answer would only be a warning.
    assert "check --deny index-failure advisories" in makefile
    assert "check --deny index-failure advisories" in (ROOT / "infra/supply/yanked.sh").read_text()


def component(name, version, checksum=None, licences=({"expression": "MIT"},)):
    hashes = [{"alg": "SHA-256", "content": checksum}] if checksum else []
    return {"name": name, "version": version, "licenses": list(licences), "hashes": hashes}


def bill(*components):
    return {"metadata": {"component": component("health", "0.1.0")}, "components": list(components)}


def test_a_bill_of_all_that_is_needed_is_good():
    assert check_sbom.problems(bill(component("serde", "1.0.0", "abc")), set(LOCK), LOCK) == []


@pytest.mark.parametrize(
    ("components", "problem"),
    [
        ([], "serde 1.0.0 is missing"),
        ([component("serde", "1.0.0", "abd")], "serde 1.0.0 has not the checksum of the lock file"),
        ([component("serde", "1.0.0")], "serde 1.0.0 has not the checksum of the lock file"),
        ([component("serde", "1.0.0", "abc", ())], "serde 1.0.0 has no licence"),
        ([component("serde", "1.0.0", "abc"), component("evil", "6.6.6")], "evil 6.6.6 is not in the lock file"),
    ],
)
def test_a_bill_that_lacks_something_or_has_something_else_is_refused(components, problem):
    assert check_sbom.problems(bill(*components), set(LOCK), LOCK) == [problem]


def test_the_lock_file_has_a_checksum_for_everything_that_is_not_ours():
    lock = check_sbom.locked((ROOT / "Cargo.lock").read_text())
    ours = {path.parent.name for path in ROOT.glob("*/*/Cargo.toml")}
    assert lock["health", "0.1.0"] is None
    assert {name for (name, _), checksum in lock.items() if checksum is None and not name.startswith("palisade-")} <= ours | {"hello-world"}


def test_a_package_of_the_same_bootstrap_has_the_same_bytes_and_may_be_executed(tmp_path):
    bootstrap = tmp_path / "bootstrap"
    made = []
    for name in ["one.zip", "two.zip"]:
        bootstrap.write_bytes(b"\x7fELF" * 1000)
        digests.packed(bootstrap, tmp_path / name)
        bootstrap.unlink()
        made.append((tmp_path / name).read_bytes())
    assert made[0] == made[1]
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        (entry,) = archive.infolist()
    assert (entry.filename, entry.external_attr >> 16) == ("bootstrap", 0o100755)
