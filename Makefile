# The two commands: `make dev` runs an office, `make test` proves it. Both do all the set-up.
# Everything else is plain cargo; the recipes only check the toolchain first and name the steps.

SHELL := /bin/bash
.DEFAULT_GOAL := help
RUNS ?= 200
# Each test waits now and then, for its database or its mail: twice as many as there are processors keep them busy.
export RUST_TEST_THREADS ?= $(shell echo $$((2 * $$(getconf _NPROCESSORS_ONLN))))

.PHONY: help dev test test-browser screens lint reset crash bench openapi toolchain

help: ## Show this list
	@echo "motcua: make <target>"
	@sed -nE 's/^([a-z-]+):.*## (.*)/  \1 \2/p' $(MAKEFILE_LIST) | awk '{ t=$$1; $$1=""; printf "  %-14s%s\n", t, $$0 }'

dev: toolchain ## Set up and run an office on http://127.0.0.1:8080 (Ctrl-C stops it)
	@echo "== Building"
	@cargo build --bin motcua
	@echo "== Starting"
	@exec "$$(cargo metadata --format-version 1 --no-deps | sed -E 's/.*"target_directory":"([^"]*)".*/\1/')/debug/motcua" dev

test: toolchain ## Set up and run every Rust test
	@.ci/python
	@.ci/readers
	@echo "== Building and running the tests (they start a PostgreSQL of their own)"
	@rm -rf target/tmp/contract-seen
	@cargo test --workspace

test-browser: toolchain ## Walk the site in a real browser; SPECS="filing no_script" for some of it
	@.ci/browser
	@.ci/readers
	@cargo test --quiet --workspace --no-run
	@echo "== In a browser (with an office of its own)"
	@node tests/browser/run.mjs "$$(cargo metadata --format-version 1 --no-deps | sed -E 's/.*"target_directory":"([^"]*)".*/\1/')/debug/motcua" $(SPECS)

screens: ## Take the pictures of docs/screens anew
	@$(MAKE) --no-print-directory test-browser SPECS=screens.mjs

lint: toolchain ## Formatting, clippy, file sizes, generated files
	@.ci/run static

reset: ## Empty var/ (database, papers, mail of `make dev`), after asking
	@.ci/reset

crash: toolchain ## Kill a real server at random moments, RUNS times (default 200)
	@cargo test --test api crash:: -- --list | grep -q '^crash::.*: test$$' || { echo "there is no crash test" >&2; exit 1; }
	@MOTCUA_CRASH_RUNS=$(RUNS) cargo test --test api crash:: -- --nocapture

bench: toolchain ## Measure against pgbench, a bare handler and weasyprint
	@bench/run

openapi: toolchain ## Write openapi.yaml from the code
	@cargo run --quiet -- openapi > openapi.yaml.new && mv openapi.yaml.new openapi.yaml

toolchain:
	@need=$$(sed -nE 's/^rust-version = "([0-9.]+)".*/\1/p' Cargo.toml); \
	have=$$(cargo --version 2>/dev/null | sed -nE 's/^cargo ([0-9]+\.[0-9]+).*/\1/p'); \
	if [ -z "$$have" ]; then \
		echo "cargo was not found. Rust $$need or newer is needed: https://rustup.rs" >&2; exit 2; \
	elif [ "$$(printf '%s\n%s\n' "$$need" "$$have" | sort -V | head -n 1)" != "$$need" ]; then \
		echo "cargo $$have is too old. Rust $$need or newer is needed: rustup update" >&2; exit 2; \
	fi
