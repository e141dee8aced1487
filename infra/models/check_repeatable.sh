#!/bin/sh
# Trains twice into temporary folders and compares every byte with each other and with the files in failure/.
#   ./check_repeatable.sh ai4i2020_train.csv
set -eu
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for run in one two; do
    "${PYTHON:-python3}" "$here/train_failure.py" --data "$1" --out "$work/$run" >/dev/null
done
diff -r "$work/one" "$work/two"
diff -r -x manifest.sig "$work/one" "$here/failure"
(cd "$work/one" && sha256sum ./*)
echo "repeatable"
