#!/bin/sh
# Trains a model twice into temporary folders and compares every byte with each other and with the files in its folder.
#   ./check_repeatable.sh failure ai4i2020_train.csv
set -eu
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for run in one two; do
    "${PYTHON:-python3}" "$here/train_$1.py" --data "$2" --out "$work/$run" >/dev/null
done
diff -r "$work/one" "$work/two"
diff -r -x manifest.sig "$work/one" "$here/$1"
(cd "$work/one" && sha256sum ./*)
echo "repeatable"
