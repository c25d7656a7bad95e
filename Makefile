# Each target sets up all it needs on a fresh machine. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# A folder made by `make bundle`, for a network without internet.
WHEELHOUSE ?=
# --no-compile: Python compiles what it imports; compiling all that is installed takes half the time.
# Where it was told not to keep that, each start would compile anew.
unexport PYTHONDONTWRITEBYTECODE
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes \
	$(if $(WHEELHOUSE),--no-index --find-links $(WHEELHOUSE))
SOURCES := app.py data etl dashboards bench deploy tests

# make run: PORT, SPEED (city seconds a real second), SCENARIO, YEARS of demo history, FEEDS (file).
PORT ?= 8050
CITY_PORT ?= 8060
SPEED ?= 1
SCENARIO ?= tenang
YEARS ?= 10
FEEDS ?=
# make soak: real minutes.
MINUTES ?= 20

# Our matrices are small: threads of the linear algebra would only spin beside DuckDB's.
export OPENBLAS_NUM_THREADS ?= 1

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing: install Python 3.11 or newer"; exit 3; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is too old: Python 3.11 or newer is needed (make PYTHON=python3.12 ...)"; exit 3; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "python3 -m venv does not work: install the package python3-venv"; exit 3; }

$(VENV)/.run: requirements.txt | $(VENV)/bin/python
	@echo "installing the locked packages"
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt | $(VENV)/bin/python
	@echo "installing the locked packages and the tools for tests"
	@$(PIP) -r requirements-dev.txt
	@touch $@ $(VENV)/.run

.PHONY: run
run: $(VENV)/.run ## The demo: simulated city, ETL and web on http://127.0.0.1:PORT
	@exec $(BIN)/python deploy/demo.py --port $(PORT) --city-port $(CITY_PORT) --speed $(SPEED) --scenario $(SCENARIO) --years $(YEARS) $(if $(FEEDS),--feeds $(FEEDS))

.PHONY: chromium
chromium:
	@command -v chromium >/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "installing chromium"; apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; \
	  else echo "chromium is missing: install it (Debian: apt-get install chromium), then run make test again"; exit 3; fi; }

# Its shell without a window opens a page at half the cost; where that cannot be had, Chromium does.
.PHONY: headless
headless:
	@command -v chromium-headless-shell >/dev/null || { \
	  [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && echo "installing chromium-headless-shell" \
	  && apt-get update -qq -o Acquire::http::Timeout=5 -o Acquire::Retries=0 \
	  && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium-headless-shell >/dev/null; \
	} || make --no-print-directory chromium

.PHONY: lint
lint: $(VENV)/.dev ## Formatting, lint, types, import rules, spelling
	@$(BIN)/ruff format --check --quiet $(SOURCES)
	@$(BIN)/ruff check --quiet $(SOURCES)
	@$(BIN)/mypy --num-workers 2
	@$(BIN)/lint-imports
	@$(BIN)/codespell .github README.md CHANGELOG.md

.PHONY: test
test: lint headless ## Lint and all tests
	@$(BIN)/pytest -n 2 --dist worksteal tests/unit tests/sql tests/etl tests/app
	@$(BIN)/pytest -n 2 --dist worksteal tests/browser

.PHONY: soak
soak: $(VENV)/.dev chromium ## Let the wall stand for MINUTES in a fast city: does it swell?
	@$(BIN)/python -m bench.soak --minutes $(MINUTES)

.PHONY: bench
bench: $(VENV)/.dev chromium ## Measure speed as ratios; writes bench/results.json
	@$(BIN)/python -m bench

.PHONY: lock
lock: $(VENV)/bin/python ## Resolve pyproject.toml anew into the hashed requirements
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header --upgrade pyproject.toml -o requirements.txt
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header --constraint requirements.txt --extra dev pyproject.toml -o requirements-dev.txt

.PHONY: bundle
bundle: $(VENV)/bin/python ## wheelhouse/: all packages, for a network without internet
	@$(BIN)/python -m pip download --quiet --disable-pip-version-check --require-hashes -r requirements.txt -d wheelhouse
	@echo "copy this folder with wheelhouse/ in it, then there: make run WHEELHOUSE=wheelhouse"

.PHONY: clean
clean: ## Remove the demo: lake, raw archive, store, cache
	rm -rf var
