#!/bin/sh
# Runs a command, by default the contract tests, with a moto server that it starts and ends: the contract is then
# checked against both clouds.
# Without Python it runs them against the local cloud alone and says so: nothing else here needs Python.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
venv=$root/.venv-moto
# Another selection of packages than elsewhere would build the dependencies once more with other features.
[ $# -gt 0 ] || set -- cargo test --manifest-path "$root/Cargo.toml" --workspace --test all contract_

if ! python3 -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
    echo "moto.sh: no Python 3.10 with venv; the contract is checked against the local cloud alone" >&2
    exec "$@"
fi
# The copy says which requirements were installed to the end.
if ! cmp -s "$here/requirements.txt" "$venv/requirements.txt"; then
    python3 -m venv --clear "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
    cp "$here/requirements.txt" "$venv/requirements.txt"
fi
exec "$venv/bin/python" "$here/with_moto.py" "$@"
