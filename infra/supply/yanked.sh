#!/usr/bin/env bash
# Whether a locked version was yanked, asked of the registry's index alone: for where the advisories cannot be reached.
# cargo-deny looks for both at once and wants a database that is not empty, so it is given one that says nothing about
# any crate.
set -euo pipefail

folder=$PWD/target/yanked
rm -rf "$folder"
mkdir -p "$folder/database/crates/none"
cat > "$folder/database/crates/none/RUSTSEC-0000-0001.md" <<'ADVISORY'
```toml
[advisory]
id = "RUSTSEC-0000-0001"
package = "none"
date = "2020-01-01"

[versions]
patched = []
```

# No crate has this name
ADVISORY
git -C "$folder/database" init --quiet --initial-branch main
git -C "$folder/database" add .
git -C "$folder/database" -c user.name=yanked -c user.email=yanked@localhost commit --quiet --message "Say nothing"
sed "s#^\[advisories\]\$#&\ndb-path = \"$folder/clones\"#" deny.toml > "$folder/deny.toml"

# git finds the one above where cargo-deny looks for the advisories.
export GIT_CONFIG_COUNT=1
export GIT_CONFIG_KEY_0="url.file://$folder/database.insteadOf"
export GIT_CONFIG_VALUE_0=https://github.com/RustSec/advisory-db
# An index that does not answer is a failure, not a warning.
exec .tools/bin/cargo-deny --config "$folder/deny.toml" check --deny index-failure advisories
