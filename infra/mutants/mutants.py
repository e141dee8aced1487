"""Negative controls: what enforces something is changed, and a test must notice.

The records of the threat model name the functions that enforce their controls. Each of those functions is mutated by
cargo-mutants, one change at a time, and the tests of its package run. A mutant that they miss fails this run unless
`mutants.toml` says why nothing can notice it, and so does a reason that no survivor needs. The selection is read from
the records whenever this runs: a function that a record names is mutated, or this fails.

A package is judged by its own tests unless `mutants.toml` names others. Black-box tests start the functions' binaries,
which cargo does not build for tests: `cargo.sh` does, before each build, and what did not change takes no time.

The tree is copied into the target folder and mutated there, always at the same place, so that what does not change is
built once.
"""

import argparse
import collections
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = ROOT / "infra/mutants"
WORK = ROOT / "target/mutants"
TREE = WORK / "tree"
# What was noticed, for `--resume`.
NOTICED = WORK / "noticed.json"

# What black-box tests start besides functions.
COMMANDS = ["palisade-audit", "palisade-keys"]
# A test fails, or the compiler refuses it.
NOTICES = ("CaughtMutant", "Unviable")
# How many seconds the tests of a mutant may take: those of its package, and black-box tests too.
LIMIT, BLACK_BOX_LIMIT = 60, 240


def environment(built_before=""):
    return {
        **os.environ,
        "CARGO": str(HERE / "cargo.sh"),
        "BUILT_BEFORE": built_before,
        "CARGO_TARGET_DIR": str(WORK / "build"),
        "CARGO_INCREMENTAL": "1",
        "PATH": f"{ROOT / '.tools/bin'}:{os.environ['PATH']}",
        "CARGO_PROFILE_DEV_DEBUG": "0",
        "NEXTEST_PROFILE": "mutants",
        # Dependencies with the features of the whole workspace, whatever part of it is built: otherwise each package
        # would have the AWS SDK compiled once more. Cargo 1.95 takes that setting from those only who ask like this.
        "RUSTC_BOOTSTRAP": "1",
        "CARGO_UNSTABLE_FEATURE_UNIFICATION": "true",
        "CARGO_RESOLVER_FEATURE_UNIFICATION": "workspace",
    }


def cargo_mutants(*arguments, **options):
    return subprocess.run([ROOT / ".tools/bin/cargo-mutants", "mutants", *arguments], **options)


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
        "--list", "--json", "--workspace", "--no-config", "--dir", str(ROOT),
        env=environment(), check=True, capture_output=True,
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


def run(number, jury, mutants, shard):
    """Has the mutants judged. Returns the outcome of each."""
    output = WORK / "out" / f"{jury['package']}-{number}"
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    (output / "asked.json").write_text(json.dumps({mutant["name"]: identity(jury, mutant) for mutant in mutants}))
    files = json.dumps(sorted({mutant["file"] for mutant in mutants}))
    patterns = "".join(f"  {json.dumps('^' + re.escape(mutant['name']) + '$')},\n" for mutant in mutants)
    config = output / "config.toml"
    config.write_text(f"examine_globs = {files}\nexamine_re = [\n{patterns}]\n")
    black_box = jury.get("black_box", [])
    packages = jury.get("tests", [jury["package"]]) + (["palisade-tests"] if black_box else [])
    started = [folder.name for folder in sorted((ROOT / "functions").iterdir())] + COMMANDS
    surroundings = environment(" ".join(f"--package={name}" for name in started) if black_box else "")
    # Not documentation, examples and benchmarks; and no further than the first test that fails.
    tests = ["--tests", "--no-tests=pass", *black_box]
    # What takes long the first time is no part of what is measured and limited.
    build = ["nextest", "run", "--no-run", "--tests", *(f"--package={name}" for name in packages)]
    subprocess.run([HERE / "cargo.sh", *build], cwd=TREE, env=surroundings, check=True)
    arguments = ["--in-place", "--dir", str(TREE), "--config", str(config), "--output", str(output)]
    arguments += ["--package", jury["package"], "--test-tool", "nextest", "--no-times", "--colors", "never"]
    arguments += ["--timeout", str(BLACK_BOX_LIMIT if black_box else LIMIT)]
    arguments += [f"--test-package={name}" for name in packages]
    arguments += ["--shard", shard] if shard else []
    done = cargo_mutants(*arguments, "--", *tests, env=surroundings)
    # 2: some were missed, 3: some took too long. Both are judged here.
    if done.returncode not in (0, 2, 3):
        sys.exit(f"cargo mutants ended with {done.returncode} on {jury['package']}")
    found = outcomes_in(output)
    # Some kinds of mutants pass by `examine_re`, so there may be more than were asked for.
    wanted = {mutant["name"] for mutant in mutants}
    if not shard and not wanted <= set(found):
        sys.exit(f"{jury['package']}: not every mutant was tried")
    return {name: outcome for name, outcome in found.items() if name in wanted}


def assign(mutants, juries):
    """Each jury with its mutants: the first that is for their package and file, or the package's own tests."""
    packages = sorted({mutant["package"] for mutant in mutants})
    juries = juries + [{"package": package} for package in packages]
    assigned = [(jury, []) for jury in juries]
    for mutant in mutants:
        file = pathlib.PurePath(mutant["file"]).name
        fits = (taken for jury, taken in assigned
                if jury["package"] == mutant["package"] and file in jury.get("files", [file]))
        next(fits).append(mutant)
    return assigned


def plain(mutant):
    """The mutant's name without its place, and the line it changes: what a reason is found by."""
    path, _, _, change = mutant["name"].split(":", 3)
    line = (ROOT / path).read_text().splitlines()[mutant["span"]["start"]["line"] - 1]
    return f"{path}:{change}", line.strip()


def identity(jury, mutant):
    """What a mutant is known by as long as its file stays as it is, and the same tests judge it."""
    known = (ROOT / mutant["file"]).read_bytes() + json.dumps(jury, sort_keys=True).encode()
    return f"{hashlib.sha256(known).hexdigest()[:16]} {mutant['name']}"


def noticed_before():
    """What earlier runs noticed, also those that were ended in the middle."""
    noticed = set(json.loads(NOTICED.read_text())) if NOTICED.exists() else set()
    for asked in WORK.glob("out/*/asked.json"):
        known, outcomes = json.loads(asked.read_text()), outcomes_in(asked.parent)
        noticed |= {known[name] for name, outcome in outcomes.items() if name in known and outcome in NOTICES}
    NOTICED.write_text(json.dumps(sorted(noticed), indent=0))
    return noticed


def outcomes_in(output):
    """By the mutants' names; cargo-mutants adds to them as it goes."""
    folder = output / "mutants.out"
    file = folder / "outcomes.json"
    outcomes = json.loads(file.read_text())["outcomes"] if file.exists() else []
    return {of["scenario"]["Mutant"]["name"]: summary(folder, of) for of in outcomes if of["scenario"] != "Baseline"}


def summary(folder, outcome):
    """What cargo-mutants says, but that a test which fails notices it also when another never ends."""
    ended = outcome["summary"] != "Timeout" or " FAIL [" not in (folder / outcome["log_path"]).read_text()
    return outcome["summary"] if ended else "CaughtMutant"


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


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("packages", nargs="*", help="only the mutants of these packages")
    parser.add_argument("--shard", help="only this part of a package's mutants, such as 0/3")
    parser.add_argument(
        "--resume", action="store_true",
        help="leave out what an earlier run noticed in files that are as they were then, whatever became of the tests",
    )
    parser.add_argument("--list", action="store_true", help="check the selection and the reasons; mutate nothing")
    options = parser.parse_args()
    began = time.monotonic()

    said = tomllib.loads((HERE / "mutants.toml").read_text())
    reasons = said.get("survivor", [])
    chosen, faults = select(enforcing_functions(), every_mutant())
    faults += unknown_reasons(chosen, reasons)
    assigned = assign(chosen, said.get("jury", []))
    faults += [f"a jury for nothing: {jury}" for jury, mutants in assigned[: len(said.get("jury", []))] if not mutants]
    for fault in faults:
        print(fault, file=sys.stderr)
    if options.list:
        for jury, mutants in assigned:
            print(f"{len(mutants):4} {jury['package']}")
        sys.exit(bool(faults))

    WORK.mkdir(parents=True, exist_ok=True)
    copy_tree()
    known = noticed_before()
    resumed = [(jury, mutant) for jury, mutants in assigned for mutant in mutants] if options.resume else []
    outcomes = {mutant["name"]: "CaughtMutant" for jury, mutant in resumed if identity(jury, mutant) in known}
    for number, (jury, mutants) in enumerate(assigned):
        mutants = [mutant for mutant in mutants if mutant["name"] not in outcomes]
        wanted = not options.packages or jury["package"] in options.packages
        if mutants and wanted:
            outcomes |= run(number, jury, mutants, options.shard)
    missed = judge(chosen, outcomes, reasons)
    for fault in missed:
        print(fault, file=sys.stderr)
    counts = collections.Counter(outcomes.values())
    print(f"{len(outcomes)} mutants in {(time.monotonic() - began) / 60:.0f} min: {dict(counts)}")
    sys.exit(bool(faults or missed))


main()
