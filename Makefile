# Every target builds what it needs; the first one takes a minute, then `make setup` is a look at a stamp.

BIN := .venv/bin
# Most tests wait for a process or a socket; a file's tests stay together where they can, for what they share.
PARALLEL := --numprocesses 4 --dist worksteal
COMPILE := uv pip compile --quiet --universal --python-version 3.12 --generate-hashes --no-annotate --no-header

.PHONY: help setup run demo test e2e explore faults bench bench-quick bench-reading bench-redact bench-verify tampering redaction-report check format pins hooks clean

help:  ## this list
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' Makefile | expand -t 18

setup:  ## build .venv (Python >= 3.12, pinned packages, this project)
	@scripts/setup.sh

run: setup  ## start the recorder on 127.0.0.1:8787
	@$(BIN)/recorder start

demo: setup  ## play a recorded session without account or network
	@$(BIN)/recorder demo

test: setup  ## all tests but the end-to-end ones
	@$(BIN)/pytest $(PARALLEL) -m "not e2e"

explore: setup  ## the tests that make up their own examples, with others than usual (minutes)
	@$(BIN)/pytest $(PARALLEL) -m "not e2e" --hypothesis-profile=explore $$(git grep -l "^from hypothesis" "tests/**/test_*.py")

tampering: setup  ## ten thousand edits of a record, each to be found by both verifiers (minutes)
	@$(BIN)/python -m tests.tampering

faults: setup  ## power cuts, failing disks, damaged logs, each as often as it takes to be sure (a quarter of an hour)
	@RECORDER_FAULTS=full $(BIN)/pytest --timeout=7200 tests/faults

redaction-report: setup  ## how much redaction finds, written to docs/redaction.md (minutes)
	@$(BIN)/python -m tests.redaction.report

e2e: setup  ## the real client and a real gateway, installed on demand
	@$(BIN)/pytest $(PARALLEL) -m e2e

bench: setup  ## what recording costs, beside mitmdump, claude-tap and LiteLLM; forty minutes, on a quiet machine
	@$(BIN)/python -m tests.bench

bench-reading: setup  ## how long lists, sums and searches take over a million interactions (a quarter of an hour)
	@$(BIN)/python -m tests.bench.million --db .bench/million.db

bench-quick: setup  ## the same in two minutes, for a look
	@$(BIN)/python -m tests.bench --quick --out .bench/quick.json

bench-redact: setup  ## how fast redaction is, by sort of text (a minute)
	@$(BIN)/python -m tests.bench.redacting

bench-verify: setup  ## how fast a record of 100,000 entries is verified (minutes)
	@$(BIN)/python -m tests.bench.verifying

check: setup  ## formatting, lint, types, floors
	@$(BIN)/ruff format --check
	@$(BIN)/ruff check
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: setup  ## format and mend what can be mended
	@$(BIN)/ruff format
	@$(BIN)/ruff check --fix

pins:  ## resolve requirements/*.txt again from pyproject.toml (needs uv); UPGRADE=1 takes newer versions
	$(COMPILE) $(if $(UPGRADE),--upgrade) pyproject.toml --group dev --output-file requirements/dev.txt
	$(COMPILE) pyproject.toml --constraint requirements/dev.txt --output-file requirements/runtime.txt
	echo uv | $(COMPILE) $(if $(UPGRADE),--upgrade) --output-file requirements/uv.txt -

hooks: setup  ## run the checks before every commit
	@$(BIN)/pre-commit install

clean:  ## remove everything that was built here
	rm -rf .venv .venv-uv .e2e .bench .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
