#!/bin/sh
# Cargo, as cargo-mutants calls it: before it builds tests it builds the functions that they start.
set -e
case " $* " in
    *" --no-run "*) [ -z "$BUILT_BEFORE" ] || cargo build --quiet --bins $BUILT_BEFORE ;;
esac
exec cargo "$@"
