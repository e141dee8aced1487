"""Holds the bills of materials in target/sbom against Cargo.lock and what each function is built from.

Every crate that is compiled into a function, or runs while it is built, must be in its bill with the version and the
checksum of the lock file and a licence; and nothing may be in a bill that the lock file does not have.
"""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

TARGET = "x86_64-unknown-linux-gnu"


def locked(text):
    """The checksum of each name and version of a lock file; None for what is in the workspace."""
    return {(p["name"], p["version"]): p.get("checksum") for p in tomllib.loads(text)["package"]}


def built_from(function):
    """What cargo builds for a function: names and versions."""
    command = ["cargo", "tree", "--locked", "--offline", "--package", function, "--edges", "normal,build"]
    command += ["--target", TARGET, "--prefix", "none", "--format", "{p}"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return {(name, version.removeprefix("v")) for name, version, *_ in (line.split() for line in lines if line)}


def problems(bill, needed, lock):
    """What is wrong with a bill of something that is built from `needed`."""
    components = [bill["metadata"]["component"], *bill.get("components", [])]
    listed = {(c["name"], c["version"]): c for c in components}
    found = [f"{name} {version} is missing" for name, version in sorted(needed - listed.keys())]
    for (name, version), component in sorted(listed.items()):
        if (name, version) not in lock:
            found.append(f"{name} {version} is not in the lock file")
            continue
        if not component.get("licenses"):
            found.append(f"{name} {version} has no licence")
        hashes = {h["content"] for h in component.get("hashes", []) if h["alg"] == "SHA-256"}
        checksum = lock[name, version]
        if hashes != ({checksum} if checksum else set()):
            found.append(f"{name} {version} has not the checksum of the lock file")
    return found


def main(functions):
    lock = locked(Path("Cargo.lock").read_text())
    broken = 0
    for function in functions:
        bill = json.loads(Path(f"target/sbom/{function}.cdx.json").read_text())
        needed = built_from(function)
        for problem in problems(bill, needed, lock):
            print(f"{function}: {problem}", file=sys.stderr)
            broken += 1
        print(f"{function:<24} {len(needed):4} crates needed, {len(bill.get('components', [])) + 1:4} listed")
    return 1 if broken or not functions else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
