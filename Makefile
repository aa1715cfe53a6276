# Every developer command. `make demo` and `make test` set up what they need themselves.
# More flags for the command behind a target: make demo ARGS="--rate 5".

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up
LOG := $(VENV)/setup.log
PYTHON :=
ARGS :=

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-all test-quick lint format bench bench-ingest bench-query bench-detection bench-judging bench-ticks bench-dashboard screenshots clean

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo '  More flags: make demo ARGS="--rate 5"; another Python: make setup PYTHON=/usr/bin/python3.12'

setup: $(STAMP) ## Make .venv with Choreoscope and the developer tools in it (again when they change)

demo: $(STAMP) ## Run everything: demo services with traffic and faults, collector, dashboard
	@exec $(BIN)/choreoscope demo $(ARGS)

test: $(STAMP) ## Run all tests, two at a time
	@exec $(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

test-all: $(STAMP) ## Run all tests, also the whole matrix of systems and faults (slow)
	@exec $(BIN)/python -m pytest -m "matrix or not matrix" $(ARGS)

test-quick: $(STAMP) ## Run the tests that take no more than a few seconds each and need no browser
	@exec $(BIN)/python -m pytest -m "not slow and not browser and not matrix" $(ARGS)

lint: $(STAMP) ## Check style, format and types
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

format: $(STAMP) ## Format the code and sort its imports
	@$(BIN)/ruff check --select I --fix
	@$(BIN)/ruff format

bench-detection: $(STAMP) ## Measure how well stuck orders are found, beside three baselines (ARGS=--quick: a few minutes)
	@exec $(BIN)/python -m benchmarks.detection $(ARGS)

bench-judging: $(STAMP) ## Measure the jobs over 300,000 open orders (about three minutes)
	@exec $(BIN)/python -m benchmarks.judging $(ARGS)

bench-ticks: $(STAMP) ## Measure what a tick of the jobs costs, job by job (--spans 50: a light one; --folder: a full store)
	@exec $(BIN)/python -m benchmarks.ticks $(ARGS)

bench-ingest: $(STAMP) ## Measure ingest on this machine (half an hour; --quick: 3 minutes)
	@exec $(BIN)/python -m benchmarks.ingest $(ARGS)

bench-query: $(STAMP) ## Measure the API's answers beside ingest (a million orders; --orders N: fewer)
	@exec $(BIN)/python -m benchmarks.queries $(ARGS)

bench: bench-ingest ## The same as bench-ingest

bench-dashboard: $(STAMP) ## Measure how long the pages take, and the map's frames (needs Chromium; --orders 1000000)
	@exec $(BIN)/python -m benchmarks.dashboard $(ARGS)

screenshots: $(STAMP) ## Picture every page of the dashboard, from the demo, into docs/images (needs Chromium)
	@$(BIN)/python -m tests.dashboard.screenshots $(ARGS)
	@exec $(BIN)/python -m tests.dashboard.system_pictures

clean: ## Remove .venv, caches and build products; spans that were stored stay
	@rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis test-results
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The virtual environment. pip speaks only when it fails; where packages come from is pip's own setting.
$(STAMP): pyproject.toml constraints.txt
	@set -eu; \
	if ! $(BIN)/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    found=; \
	    for python in $(or $(PYTHON),python3.11 python3.12 python3.13 python3.14 python3 python); do \
	        if $$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	        then found=$$python; break; fi; \
	    done; \
	    if [ -z "$$found" ]; then \
	        echo "Choreoscope needs Python 3.11 or newer with its venv module, and $(or $(PYTHON),there) is none." >&2; \
	        echo "Install it (Debian, Ubuntu: apt install python3 python3-venv)," >&2; \
	        echo "or say where it is: make $(or $(MAKECMDGOALS),setup) PYTHON=/path/to/python3.11" >&2; \
	        exit 1; \
	    fi; \
	    $$found -m venv --clear $(VENV); \
	fi; \
	echo "Setting up $(VENV) with $$($(BIN)/python --version); the first time takes a minute or two."; \
	{ \
	    { $(BIN)/python -m pip install --help | grep -q -- --group \
	        || $(BIN)/python -m pip install --upgrade 'pip>=25.1'; } && \
	    $(BIN)/python -m pip install --constraint constraints.txt --editable . --group dev; \
	} >$(LOG) 2>&1 || { status=$$?; cat $(LOG) >&2; echo "Setting up failed; pip says why above." >&2; exit $$status; }
	@touch $(STAMP)
