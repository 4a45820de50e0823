# Huiying 回应. A new machine needs Python 3.11 or newer, make and the package registries; nothing else.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
PIP := $(BIN)/pip install --quiet --disable-pip-version-check --no-input

# The goals of STYLE part 4; lowered only here, in the open.
COVERAGE_WHOLE ?= 90
COVERAGE_CORE ?= 95
CORE := monitor/office/*,monitor/items/*,monitor/classifiers/*,monitor/incidents/*,monitor/deadlines/*,monitor/dossier/*,monitor/collectors/model.py,monitor/collectors/registry.py,monitor/collectors/readers/*,alerts/model.py,alerts/rota.py,alerts/policy.py,alerts/message.py,alerts/backoff.py,alerts/digest/*

DATA ?= ../shared/data
EVALUATOR ?= $(DATA)/../tools/evaluate.py
DEBIAN_PACKAGES := chromium fonts-noto-cjk libpangoft2-1.0-0 poppler-utils postgresql
AXE := tests/node_modules/.package-lock.json
LOCK := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --no-strip-extras
LOCK_build := --group build
LOCK_run := pyproject.toml --extra postgres --extra fast
LOCK_dev := pyproject.toml --extra postgres --extra fast --group dev

.PHONY: help setup deps tour run test check bench evaluate lock journey chaos mutants

help: ## list these commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## */  make \1\t/' | expand -t 18

setup: $(READY) ## virtual environment with the locked packages and this project in it

$(READY): requirements/build.txt requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=...")'
	@echo "setup: building .venv from the lock, once; this takes a minute or two"
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) --require-hashes -r requirements/build.txt
	$(PIP) --require-hashes --no-build-isolation --use-pep517 -r requirements/dev.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@

deps: $(AXE) ## as root on Debian: what the fullest tests use (browser, axe-core, Chinese fonts, PDF tools, PostgreSQL)
	@if dpkg-query --show --showformat='$${Status}\n' $(DEBIAN_PACKAGES) 2>/dev/null \
	    | grep -c '^install ok installed' | grep -qx $(words $(DEBIAN_PACKAGES)); then \
	  echo "deps: everything is here already"; exit 0; fi; \
	if [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then \
	  echo "deps: needs root on Debian; install yourself: $(DEBIAN_PACKAGES)" >&2; exit 1; fi; \
	mkdir -p /etc/postgresql-common; \
	test -e /etc/postgresql-common/createcluster.conf \
	  || echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf; \
	export DEBIAN_FRONTEND=noninteractive; \
	apt-get update -q; \
	apt-get install -q -y --no-install-recommends -o Dpkg::Options::=--force-confold $(DEBIAN_PACKAGES)

$(AXE): tests/package.json tests/package-lock.json
	@command -v npm >/dev/null || { echo "deps: needs Node 20 and npm for axe-core" >&2; exit 1; }
	npm ci --silent --prefix tests
	touch $@

tour: setup ## pictures of every page from the demo, and docs/tour.zh-CN.md around them; needs the browser of make deps
	$(BIN)/python -m scripts.tour

run: setup ## the service on sources.yaml at http://127.0.0.1:8850; DEMO=1 plays the built-in demo without a network
	$(BIN)/huiying run $(if $(DEMO),--demo)

test: setup ## all tests this machine can run, with branch coverage; HUIYING_TESTS=all makes a skip a failure
	$(BIN)/pytest -n 2 --cov --cov-report=
	$(BIN)/coverage report --skip-covered --skip-empty --fail-under=$(COVERAGE_WHOLE)
	$(BIN)/coverage report --format=total --include='$(CORE)' --fail-under=$(COVERAGE_CORE)

journey: setup ## the end-to-end tests alone, on SQLite and on PostgreSQL
	$(BIN)/pytest -n 2 tests/journey tests/drills tests/chaos

chaos: setup ## 200 kills on each database, then every rehearsal everywhere, in minutes; SEED=7 raises another storm
	HUIYING_CHAOS_SEED=$(or $(SEED),1) $(BIN)/pytest -s -m chaos tests/chaos
	$(BIN)/pytest -n 2 -m chaos tests/drills

mutants: setup ## changes the rules of time one place at a time: 9 of 10 changes must fail a test, in ten minutes
	rm -rf mutants
	nice $(BIN)/mutmut run --max-children 1
	@$(BIN)/mutmut results | tee mutants/survivors.txt
	$(BIN)/mutmut export-cicd-stats
	@$(BIN)/python -c 'import json, sys; found = json.load(open("mutants/mutmut-cicd-stats.json")); \
	dead, all = found["killed"] + found["timeout"], found["total"]; \
	print(dead, "of", all, "mutants die"); sys.exit(dead < 0.9 * all)'

check: setup ## format, lint, types, import contracts, lock is current
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	@new=$$(mktemp -d); trap 'rm -rf "$$new"' EXIT; \
	for name in build run dev; do cp requirements/$$name.txt "$$new/"; done; \
	$(LOCK) $(LOCK_build) -o "$$new/build.txt"; \
	$(LOCK) $(LOCK_run) -o "$$new/run.txt"; \
	$(LOCK) $(LOCK_dev) -o "$$new/dev.txt"; \
	diff -r requirements "$$new" || { echo "the lock is behind pyproject.toml: make lock" >&2; exit 1; }; \
	echo "the lock is current"

lock: setup ## lock the dependencies anew, with hashes and without index addresses; UPGRADE=1 takes newer versions
	$(LOCK) $(if $(UPGRADE),--upgrade) $(LOCK_build) -o requirements/build.txt
	$(LOCK) $(if $(UPGRADE),--upgrade) $(LOCK_run) -o requirements/run.txt
	$(LOCK) $(if $(UPGRADE),--upgrade) $(LOCK_dev) -o requirements/dev.txt

bench: setup ## speed, side by side with references; ONLY=segment,assess picks
	$(BIN)/huiying bench $(if $(ONLY),--only $(ONLY))

evaluate: setup ## understanding and grouping on labelled data: DATA=FOLDER, ONLY=graded picks a set
	@test -d '$(DATA)' || { echo "evaluate: no labelled data at DATA=$(DATA)" >&2; exit 2; }
	@test -f '$(EVALUATOR)' || { echo "evaluate: no evaluator at EVALUATOR=$(EVALUATOR)" >&2; exit 2; }
	$(BIN)/python '$(EVALUATOR)' --huiying $(BIN)/huiying --data '$(DATA)' $(if $(ONLY),--only $(ONLY)) $(if $(JSON),--json $(JSON))
