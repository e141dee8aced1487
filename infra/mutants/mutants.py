"""Negative controls: what enforces something is changed, and a test must notice.

The records of the threat model name the functions that enforce their controls. Each of those functions is mutated by
cargo-mutants, one change at a time, and the tests of its package run. A mutant that they miss fails this run unless
`reasons.toml` says why nothing can notice it, and so does a reason that no survivor needs. The selection is read from
the records whenever this runs: a function that a record names is mutated, or this fails.

The tree is copied into the target folder and mutated there, always at the same place, so that what does not change is
built once.
"""

import argparse
import collections
import fnmatch
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import tomllib
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = ROOT / "infra/mutants"
WORK = ROOT / "target/mutants"
TREE = WORK / "tree"

# Of one mutant, in seconds. The first build of a package happens in its baseline, which has no limit.
LONGEST_BUILD = 300
LONGEST_TEST = 60


def cargo_mutants(*arguments, **options):
    path = f"{ROOT / '.tools/bin'}{os.pathsep}{os.environ['PATH']}"
    environment = {
        **os.environ,
        "PATH": path,
        "CARGO_TARGET_DIR": str(WORK / "build"),
        "CARGO_INCREMENTAL": "1",
        "CARGO_PROFILE_DEV_DEBUG": "0",
    }
    return subprocess.run(["cargo", "mutants", *arguments], env=environment, **options)


def enforcing_functions():
    """Every `path#function` of the records. What begins with a capital letter is a type or a constant: what it holds
    is checked where functions make or use it."""
    items = set()
    for book in sorted((ROOT / "infra/threats/records").glob("*.toml")):
        for record in tomllib.loads(book.read_text())["record"]:
            items.update(record.get("enforced_by", []))
    return sorted(item for item in items if re.search(r"\.rs#[a-z]", item))


def every_mutant():
    """Whatever cargo-mutants would change."""
    listed = cargo_mutants(
        "--list", "--json", "--workspace", "--no-config", "--dir", str(ROOT), check=True, capture_output=True
    )
    return [mutant for mutant in json.loads(listed.stdout) if mutant["function"]]


def stands_in(mutant, function):
    path, name = function.split("#")
    return mutant["file"] == path and mutant["function"]["function_name"].split("::")[-1] == name


def select(functions, mutants):
    """The mutants of the functions, and the functions that have none."""
    chosen, faults = {}, []
    for function in functions:
        found = [mutant for mutant in mutants if stands_in(mutant, function)]
        chosen.update((mutant["name"], mutant) for mutant in found)
        if not found:
            faults.append(f"{function} is named by a record and cannot be mutated")
    return list(chosen.values()), faults


def copy_tree():
    """What git knows and what it would; times are kept, so that cargo sees what has changed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    wanted = {name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()}
    for old in [path for path in TREE.rglob("*") if path.is_file()]:
        if str(old.relative_to(TREE)) not in wanted:
            old.unlink()
    for name in wanted:
        source, target = ROOT / name, TREE / name
        if not target.exists() or target.read_bytes() != source.read_bytes():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)


def run(package, mutants, tests, shard):
    """Mutates one package. Returns the outcome of each mutant."""
    output = WORK / "out" / package
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    patterns = "".join(f"  {json.dumps('^' + re.escape(mutant['name']) + '$')},\n" for mutant in mutants)
    config = output / "config.toml"
    files = json.dumps(sorted({mutant["file"] for mutant in mutants}))
    config.write_text(f"examine_globs = {files}\nexamine_re = [\n{patterns}]\n")
    arguments = ["--in-place", "--dir", str(TREE), "--config", str(config), "--output", str(output)]
    arguments += ["--package", package, "--no-times", "--colors", "never"]
    arguments += ["--build-timeout", str(LONGEST_BUILD), "--timeout", str(LONGEST_TEST), "--cap-lints", "true"]
    arguments += [f"--test-package={name}" for name in tests] + (["--shard", shard] if shard else [])
    # Not documentation, examples and benchmarks.
    done = cargo_mutants(*arguments, "--", "--tests")
    # 2: some were missed, 3: some took too long. Both are judged here.
    if done.returncode not in (0, 2, 3):
        sys.exit(f"cargo mutants ended with {done.returncode} on {package}")
    outcomes = json.loads((output / "mutants.out/outcomes.json").read_text())["outcomes"]
    found = {of["scenario"]["Mutant"]["name"]: of["summary"] for of in outcomes if of["scenario"] != "Baseline"}
    # Some kinds of mutants pass by `examine_re`, so there may be more than were asked for.
    wanted = {mutant["name"] for mutant in mutants}
    if not shard and not wanted <= set(found):
        sys.exit(f"{package}: not every mutant was tried")
    return {name: outcome for name, outcome in found.items() if name in wanted}


def plain(mutant):
    """The mutant's name without its place, and the line it changes: what a reason is found by."""
    path, _, _, change = mutant["name"].split(":", 3)
    line = (ROOT / path).read_text().splitlines()[mutant["span"]["start"]["line"] - 1]
    return f"{path}:{change}", line.strip()


def judge(mutants, outcomes, reasons):
    """What fails: survivors without a reason, reasons without a survivor."""
    faults, used = [], set()
    for mutant in mutants:
        outcome = outcomes.get(mutant["name"])
        if outcome not in ("MissedMutant", "Timeout"):
            continue
        name, line = plain(mutant)
        fitting = [number for number, of in enumerate(reasons) if of["mutant"] == name and of["line"] == line]
        used.update(fitting)
        if not fitting:
            faults.append(f"{outcome}: {mutant['name']}\n    {line}")
    tried = {plain(mutant) for mutant in mutants if mutant["name"] in outcomes}
    for number, of in enumerate(reasons):
        if number not in used and (of["mutant"], of["line"]) in tried:
            faults.append(f"a test notices this one, so it needs no reason: {of['mutant']}")
    return faults


def unknown_reasons(mutants, reasons):
    known = {plain(mutant) for mutant in mutants}
    return [f"a reason for no mutant: {of['mutant']}" for of in reasons if (of["mutant"], of["line"]) not in known]


def report(results):
    """JUnit, as the threat model's gate reads it."""
    suite = xml.Element("testsuite", name="mutants", tests=str(len(results)))
    for name, faults in results.items():
        case = xml.SubElement(suite, "testcase", classname="mutants", name=name, time="0")
        if faults:
            xml.SubElement(case, "failure", message=f"{len(faults)} faults").text = "\n".join(faults)
    xml.ElementTree(suite).write(WORK / "junit.xml", encoding="utf-8", xml_declaration=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("packages", nargs="*", help="only these packages; patterns such as 'check-*' are taken")
    parser.add_argument("--shard", help="only this part of a package's mutants, such as 0/3")
    parser.add_argument("--list", action="store_true", help="check the selection and the reasons; mutate nothing")
    options = parser.parse_args()
    began = time.monotonic()

    said = tomllib.loads((HERE / "reasons.toml").read_text())
    reasons = said.get("survivor", [])
    chosen, faults = select(enforcing_functions(), every_mutant())
    faults += unknown_reasons(chosen, reasons)
    for fault in faults:
        print(fault, file=sys.stderr)
    packages = collections.defaultdict(list)
    for mutant in chosen:
        packages[mutant["package"]].append(mutant)
    if options.list:
        for package, mutants in sorted(packages.items()):
            print(f"{len(mutants):4} {package}")
        sys.exit(bool(faults))

    WORK.mkdir(parents=True, exist_ok=True)
    copy_tree()
    outcomes = {}
    for package, mutants in sorted(packages.items()):
        if not options.packages or any(fnmatch.fnmatch(package, pattern) for pattern in options.packages):
            outcomes |= run(package, mutants, said.get("tests", {}).get(package, [package]), options.shard)
    missed = judge(chosen, outcomes, reasons)
    for fault in missed:
        print(fault, file=sys.stderr)
    if not options.packages and not options.shard:
        report({"every_enforcing_function_is_mutated": faults, "no_mutant_survives_without_a_reason": missed})
    counts = collections.Counter(outcomes.values())
    print(f"{len(outcomes)} mutants in {(time.monotonic() - began) / 60:.0f} min: {dict(counts)}")
    sys.exit(bool(faults or missed))


main()
