#!/usr/bin/env bash
# A bill of materials (CycloneDX, JSON) of each function in target/sbom, for the target that is deployed.
#
#   infra/supply/sbom.sh FUNCTION...
set -euo pipefail

# cargo-cyclonedx writes one beside every manifest of the workspace.
name=palisade-bill
remove() { find functions shared infra tests -maxdepth 3 -name "$name.json" -delete; }
trap remove EXIT

# The time of the commit, so that one commit has one bill.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
.tools/bin/cargo-cyclonedx cyclonedx --quiet --format json --spec-version 1.5 --target x86_64-unknown-linux-gnu \
    --override-filename "$name"
rm -rf target/sbom
mkdir -p target/sbom
for function in "$@"; do
    # The folder of this machine is nobody's business.
    sed "s#$PWD#/palisade#g" "functions/$function/$name.json" > "target/sbom/$function.cdx.json"
done
"${PYTHON:-python3}" infra/supply/check_sbom.py "$@"
