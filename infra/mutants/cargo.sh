#!/bin/sh
# Cargo, as cargo-mutants calls it: where tests start functions, those are built before the tests are. The tests are named
# too, so that both have the same dependencies.
set -e
case " $* " in
    *" --no-run "*) [ -z "$BUILT_BEFORE" ] || cargo build --quiet --package=palisade-tests --test all --bins $BUILT_BEFORE ;;
esac
exec cargo "$@"
