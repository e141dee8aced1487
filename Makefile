# Thin names for commands. What a command needs is installed into this folder the first time.

PYTHON ?= python3
PORT ?= 9000
CLOUD_PORT ?= 4566
DATA ?=

CARGO_LAMBDA = PATH="$(CURDIR)/.tools/bin:$$PATH" .tools/bin/cargo-lambda lambda
FUNCTIONS = $(notdir $(wildcard functions/*))
# The one on the machine, or one of our own.
NEXTEST = $(or $(shell command -v cargo-nextest),.tools/bin/cargo-nextest)
RESULTS = target/nextest/ci/junit.xml target/template/junit.xml

.PHONY: dev cloud test threats threat-model mutants build lint deny template bench package format contract

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
	$(MAKE) threats
	$(MAKE) deny

## The threat model against the results of the last `make test`: fails when what it says is not so.
threats:
	cargo run --quiet -p palisade-threats -- check --junit $(RESULTS)

## Changes what the threat model says enforces something, one place at a time: fails when tests do not notice.
mutants: .tools/bin/cargo-mutants
	$(PYTHON) infra/mutants/mutants.py

## Rewrites THREAT_MODEL.md from its records.
threat-model:
	cargo run --quiet -p palisade-threats -- write

build:
	cargo build --workspace --bins

lint:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings

## Licences, sources and duplicates of dependencies. Advisories come from a git repository: checked where it can be reached.
deny: .tools/bin/cargo-deny
	.tools/bin/cargo-deny --offline check bans licenses sources

## The transformed template, and what must hold of it.
template: .venv/installed
	.venv/bin/python -m pytest -q --junitxml=target/template/junit.xml tests/template

## Rewrites openapi.json and docs.html from the handlers' types.
contract:
	cargo run -p palisade-contract

## Bootstraps for Lambda, and proof that they run on its glibc 2.34.
package: .tools/installed
	$(CARGO_LAMBDA) build --profile lambda --target x86_64-unknown-linux-gnu.2.34 $(addprefix -p ,$(FUNCTIONS))
	infra/package/check.sh $(FUNCTIONS)

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

.tools/bin/cargo-mutants: | .tools/installed
	cargo install --quiet --locked --root .tools cargo-mutants@27.1.0

.tools/bin/cargo-nextest: | .tools/installed
	cargo install --quiet --locked --root .tools cargo-nextest@0.9.143

.venv/installed: tests/requirements.txt
	$(PYTHON) -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check -r $<
	touch $@
