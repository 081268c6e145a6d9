# Verbs of the project. `make run` and `make test` set up what is missing, in .venv, and touch nothing else.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PORT ?= 8000
USERS ?= 1000
SECONDS_OF_LOAD ?= 60
PYTHON := $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin

.PHONY: help run test check style types tests client-tests bench load setup setup-test clean

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

bench: setup-test ## Print the benchmarks' tables (JSON in reports/bench.json)
	$(BIN)/python -m loadtests.bench --json reports/bench.json

load: setup-test ## Load a server of its own with Locust (USERS=1000 SECONDS_OF_LOAD=60)
	$(BIN)/python -m loadtests.load --users $(USERS) --seconds $(SECONDS_OF_LOAD)

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
