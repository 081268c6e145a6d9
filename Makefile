# Verbs of the project. `make run` and `make test` set up what is missing, in .venv, and touch nothing else.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PORT ?= 8000
USERS ?= 1000
SECONDS_OF_LOAD ?= 60
FRAMES ?= $(if $(SECONDS),0,1000000)
PYTHON := $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin

.PHONY: help run test check style types tests client-tests fuzz autobahn bench bench-table load climb setup setup-test clean

help: ## Show the verbs
	@grep -hE '^[a-z-]+:.*## ' Makefile | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

run: setup ## Serve the demo at http://127.0.0.1:8000 (PORT= chooses another port)
	@exec $(BIN)/stagewatch serve --port $(PORT)

test: setup-test tests client-tests ## Run all tests, Chromium included

check: setup-test style types test ## What CI runs: style, types, tests

style: setup-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup-test
	$(BIN)/mypy
	cd web && npx --no-install tsc --noEmit

tests: setup-test
	$(BIN)/pytest

client-tests: setup-test
	node --test tests/client/

fuzz: setup-test ## Feed hostile frames (FRAMES=1000000, or SECONDS=600; SEED= repeats what failed)
	$(BIN)/python -m tests.fuzz --frames $(FRAMES) --seconds $(or $(SECONDS),0) $(if $(SEED),--seed $(SEED))

autobahn: setup-test ## Put the Autobahn test suite's cases to an echo server (CASES='6.* 9.1.1')
	$(BIN)/python -m tests.conformance.autobahn $(foreach case,$(CASES),'$(case)')

bench: setup-test ## Print the benchmarks' tables (JSON in reports/bench.json)
	$(BIN)/python -m loadtests.bench --json reports/bench.json

bench-table: ## Put the figures of reports/bench.json into the README's table
	$(BIN)/python -m loadtests.table

load: setup-test ## Load a server of its own with Locust (USERS=1000 SECONDS_OF_LOAD=60)
	$(BIN)/python -m loadtests.load --users $(USERS) --seconds $(SECONDS_OF_LOAD)

climb: setup-test ## Fill a server of its own past its limit; fails where those inside notice
	$(BIN)/python -m loadtests.climb

setup: .venv/ready-to-run
setup-test: .venv/ready-to-test

.venv/bin/python:
	@.ci/venv "$(PYTHON)"

.venv/ready-to-run: setup.py | .venv/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/ready-to-test: setup.py web/package-lock.json | .venv/bin/python
	@.ci/tools
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[test,load]'
	cd web && npm ci --silent --no-audit --no-fund
	@touch $@ .venv/ready-to-run

clean: ## Remove what the set-up made
	rm -rf .venv web/node_modules *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis reports
