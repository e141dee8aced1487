# Thin names for commands. What a command needs is installed into this folder the first time.

PYTHON ?= python3
PORT ?= 9000
CLOUD_PORT ?= 4566
DATA ?=
STAGE ?=
PARAMETERS ?=

# Paths of this machine stay out of packages, so that they are the same wherever they are built.
UNPLACED = --remap-path-prefix=$${CARGO_HOME:-$$HOME/.cargo}=/cargo --remap-path-prefix=$(CURDIR)=/palisade
CARGO_LAMBDA = PATH="$(CURDIR)/.tools/bin:$$PATH" RUSTFLAGS="$(UNPLACED)" .tools/bin/cargo-lambda lambda
FUNCTIONS = $(notdir $(wildcard functions/*))
# The one on the machine, or one of our own.
NEXTEST = $(or $(shell command -v cargo-nextest),.tools/bin/cargo-nextest)
FUZZ_SECONDS ?= 60
FUZZ_TARGETS ?= $(notdir $(wildcard infra/fuzz/seeds/*))
RESULTS = target/nextest/ci/junit.xml target/template/junit.xml target/schemathesis/junit.xml

.PHONY: dev cloud test fuzz mutants threats threat-table threat-model build lint deny template checkov bench package format contract
.PHONY: advisories yanked sbom digests restore-drill
.PHONY: deploy-local deploy stage-is-named
.PHONY: schemathesis

# `exec`, so that a signal to make reaches the program and not a shell before it.

## Runs the product: a local cloud, the functions, demo keys, example calls.
dev: .tools/installed build
	@PORT=$(PORT) CLOUD_PORT=$(CLOUD_PORT) exec target/debug/palisade-local dev $(if $(DATA),--data $(DATA))

## Runs the local cloud alone, for `cargo lambda watch` by hand.
cloud: build
	@CLOUD_PORT=$(CLOUD_PORT) exec target/debug/palisade-local cloud --functions-env .local/functions.env $(if $(DATA),--data $(DATA))

## Proves it.
test: lint build template $(NEXTEST)
	infra/local/tests/moto.sh $(NEXTEST) nextest run --workspace --profile ci
	cargo test --quiet --workspace --doc
	$(MAKE) schemathesis
	$(MAKE) threat-table
	$(MAKE) deny

## Lets libFuzzer look for bytes that break a promise of a parser, FUZZ_SECONDS for each of FUZZ_TARGETS. What it has found
## to be interesting stays in infra/fuzz/corpus, what breaks in infra/fuzz/artifacts. Needs a C++ compiler.
fuzz: .tools/bin/cargo-fuzz
	@set -e; for target in $(FUZZ_TARGETS); do \
	  mkdir -p infra/fuzz/corpus/$$target; \
	  CARGO_PROFILE_RELEASE_DEBUG=line-tables-only CARGO_PROFILE_RELEASE_STRIP=none \
	  $< run --fuzz-dir infra/fuzz --features guided --sanitizer none --no-cfg-fuzzing --codegen-units 16 --target-dir target/fuzz \
	    $$target infra/fuzz/corpus/$$target infra/fuzz/seeds/$$target -- \
	    -max_total_time=$(FUZZ_SECONDS) -max_len=8192 -timeout=10 -rss_limit_mb=2048 -close_fd_mask=1 -print_final_stats=1; \
	done

## All of the threat model: breaks what enforces something and what is deployed, then holds the records against the results
## of the last `make test`. Takes hours.
threats: mutants threat-table

## The threat model against the results of the last `make test`: fails when what it says is not so.
threat-table:
	cargo run --quiet -p palisade-threats -- check --junit $(RESULTS)

## Changes what the threat model says enforces something, one place at a time: fails when tests do not notice.
mutants: .tools/bin/cargo-mutants $(NEXTEST)
	$(PYTHON) infra/mutants/mutants.py

## Rewrites THREAT_MODEL.md from its records.
threat-model:
	cargo run --quiet -p palisade-threats -- write

build:
	cargo build --workspace --bins

lint:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings

## Licences, sources and duplicates of dependencies.
deny: .tools/bin/cargo-deny
	cargo fetch --quiet --locked
	.tools/bin/cargo-deny --offline check bans licenses sources

## Known weaknesses of dependencies, from the RustSec database on GitHub. Fails when it cannot be reached: run it every day.
advisories: .tools/bin/cargo-deny
	.tools/bin/cargo-deny check --deny index-failure advisories

## Whether a locked version was yanked: needs nothing but the registry.
yanked: .tools/bin/cargo-deny
	infra/supply/yanked.sh

## A bill of materials of each function in target/sbom, held against the lock file.
sbom: .tools/bin/cargo-cyclonedx
	infra/supply/sbom.sh $(FUNCTIONS)

## The SHA-256 of each packaged function in target/digests: the same wherever the same commit is packaged.
digests:
	$(PYTHON) infra/package/digests.py $(FUNCTIONS)

## Restores a system's tables on a cloud of its own, and proves that nothing is lost and that who was erased stays so.
restore-drill: build
	infra/local/tests/moto.sh cargo test --workspace --test all drill::

## The transformed template, and what must hold of it.
template: .venv/installed .venv-checkov/installed
	.venv/bin/python -m pytest -q --junitxml=target/template/junit.xml tests/template

## Of that, what checkov finds; suppressions and their reasons are in tests/template/checkov.toml.
checkov: .venv/installed .venv-checkov/installed
	.venv/bin/python -m pytest -q tests/template/test_checkov.py

## Requests made from the contract, against the running product.
schemathesis: .tools/installed build .venv-contract/installed
	PORT=$(PORT) CLOUD_PORT=$(CLOUD_PORT) exec .venv-contract/bin/python -m pytest -q --junitxml=target/schemathesis/junit.xml tests/contract

## Rewrites openapi.json and docs.html from the handlers' types.
contract:
	cargo run -p palisade-contract

## Bootstraps for Lambda, and proof that they run on its glibc 2.34.
package: .tools/installed
	$(CARGO_LAMBDA) build --profile lambda --target x86_64-unknown-linux-gnu.2.34 $(addprefix -p ,$(FUNCTIONS))
	infra/package/check.sh $(FUNCTIONS)

## Deploys with `sam deploy` to an emulated cloud on this machine and tests it from outside. The functions are those of the
## development profile, stripped: packaging all of them for Lambda takes an hour, and shows nothing more here.
deploy-local: build .venv/installed .venv-deploy/installed
	.venv-deploy/bin/python infra/deploy/local.py --binaries target/debug --sam .venv/bin/sam

## Deploys to the AWS account and Region of the environment, after showing what would change:
## make deploy STAGE=prod PARAMETERS="CorsOrigins=https://app.example.com"
deploy: stage-is-named .venv/installed
	$(MAKE) package
	.venv/bin/python infra/deploy/deploy.py --sam .venv/bin/sam --stage $(STAGE) $(PARAMETERS)

stage-is-named:
	@$(if $(STAGE),,$(error say where to: make deploy STAGE=prod))

## The table of targets, on the packaged functions.
bench:
	$(MAKE) package FUNCTIONS="health ingest predict query-readings record-transaction get-transaction record-in-bulk"
	$(CARGO_LAMBDA) build --profile lambda --target x86_64-unknown-linux-gnu.2.34 -p hello-world
	cargo run --release -p palisade-bench
	cargo bench -p palisade-bench -p inference -p maintenance -p ledger -p vault
	cargo run --release -p maintenance --example render_reports -- target/reports 100 30

format:
	cargo fmt --all

.tools/installed: infra/local/requirements.txt
	$(PYTHON) -m venv .tools
	.tools/bin/pip install --quiet --disable-pip-version-check -r $<
	touch $@

.tools/bin/cargo-deny: | .tools/installed
	cargo install --quiet --locked --root .tools cargo-deny@0.20.2

.tools/bin/cargo-cyclonedx: | .tools/installed
	cargo install --quiet --locked --root .tools cargo-cyclonedx@0.5.9

.tools/bin/cargo-fuzz: | .tools/installed
	cargo install --quiet --locked --root .tools cargo-fuzz@0.13.2

.tools/bin/cargo-mutants: | .tools/installed
	cargo install --quiet --locked --root .tools cargo-mutants@27.1.0

.tools/bin/cargo-nextest: | .tools/installed
	cargo install --quiet --locked --root .tools cargo-nextest@0.9.143

.venv/installed: tests/requirements.txt
	$(PYTHON) -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check -r $<
	touch $@

.venv-checkov/installed: tests/checkov/requirements.txt
	$(PYTHON) -m venv .venv-checkov
	.venv-checkov/bin/pip install --quiet --disable-pip-version-check -r $<
	touch $@

# Another botocore than `sam` has, so another environment.
.venv-deploy/installed: infra/deploy/requirements.txt
	$(PYTHON) -m venv .venv-deploy
	.venv-deploy/bin/pip install --quiet --disable-pip-version-check -r $<
	touch $@

.venv-contract/installed: tests/contract/requirements.txt
	$(PYTHON) -m venv .venv-contract
	.venv-contract/bin/pip install --quiet --disable-pip-version-check -r $<
	touch $@
