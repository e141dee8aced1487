#!/usr/bin/env bash
# Proves that the packaged bootstraps run on Lambda's glibc, and says how large they are.
#
#   infra/package/check.sh FUNCTION...
set -euo pipefail

newest_allowed=2.34

for function in "$@"; do
    bootstrap=target/lambda/$function/bootstrap
    newest=$(objdump -T "$bootstrap" | grep -o 'GLIBC_[0-9.]*' | cut -d_ -f2 | sort -Vu | tail -n 1)
    if [ "$(printf '%s\n%s\n' "$newest" "$newest_allowed" | sort -V | tail -n 1)" != "$newest_allowed" ]; then
        echo "$bootstrap needs glibc $newest; Lambda has $newest_allowed" >&2
        exit 1
    fi
    packed=$(gzip -9c "$bootstrap" | wc -c)
    awk -v name="$function" -v glibc="$newest" -v plain="$(stat -c %s "$bootstrap")" -v packed="$packed" \
        'BEGIN { printf "%-16s glibc %-5s %6.2f MB, compressed %5.2f MB\n", name, glibc, plain / 1e6, packed / 1e6 }'
done
