# Needs make and Python 3.11 or newer, nothing else: the first target that runs sets up .venv from the locks
# in requirements/. It uses uv when that is there and fetches a locked one into .venv when not.

VENV := .venv
BIN := $(VENV)/bin
TEST_WORKERS ?= 2
ARGS ?=

# A candidate must run, not only be found: version managers leave names in PATH that stand for nothing.
PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3; do \
	"$$name" -c 'import sys; assert sys.version_info >= (3, 11); print(sys.executable)' 2>/dev/null && break; done)
UV_FOUND := $(shell uv --version >/dev/null 2>&1 && command -v uv)
UV := $(or $(UV_FOUND),$(BIN)/uv)
PIP_INSTALL := $(UV) pip install --quiet --python $(BIN)/python
COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header

# Where a company's own certificate authority or mirror is set up for pip, uv shall find it too.
export UV_SYSTEM_CERTS ?= true
ifdef PIP_INDEX_URL
export UV_DEFAULT_INDEX ?= $(PIP_INDEX_URL)
endif

.DEFAULT_GOAL := help
.PHONY: help install dev test test-postgres faults soak check lint types imports format bench migrations docs fuzz e2e screenshots clients lock audit hooks ci clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(VENV)/.installed ## Set up .venv; afterwards .venv/bin/antechamber is the program

dev: $(VENV)/.installed ## Set up, then start a server with demo data (ARGS="--port 0" and the like)
	@$(BIN)/antechamber dev $(ARGS)

test: $(VENV)/.developing ## Run the tests (ARGS="-k sentence" and the like)
	$(BIN)/python -m pytest -n $(TEST_WORKERS) $(ARGS)

test-postgres: $(VENV)/.developing ## Run the tests of servers once more, their data in PostgreSQL
	ANTECHAMBER_TEST_ENGINE=postgresql $(BIN)/python -m pytest -n $(TEST_WORKERS) tests/api tests/scenarios tests/web tests/control tests/testing $(ARGS)

faults: $(VENV)/.developing ## Kill servers and databases under load, cut them off, fill disks, race two servers
	$(BIN)/python -m pytest -n $(TEST_WORKERS) -m faults tests/faults $(ARGS)

soak: $(VENV)/.developing ## Load on every hot path for ten minutes, memory flat (SOAK_SECONDS=60 for less); for the night
	$(BIN)/python -m pytest -s -m soak -o faulthandler_timeout=0 tests/soak $(ARGS)

check: lint types imports ## Everything that reads the code without running it

lint: $(VENV)/.developing ## Style, likely bugs, format
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(VENV)/.developing ## Types, by two checkers
	$(BIN)/mypy
	$(BIN)/basedpyright

imports: $(VENV)/.developing ## Layers between the rooms; dependencies declared and used
	$(BIN)/lint-imports --no-logo
	$(BIN)/deptry src

format: $(VENV)/.developing ## Mend what can be mended by a tool
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(VENV)/.developing ## Measure against a bare application, side by side
	$(BIN)/python -m bench $(ARGS)

migrations: $(VENV)/.developing ## Render the Alembic migrations to the SQL files that the program applies
	$(BIN)/python tools/render_migrations.py $(ARGS)

docs: $(VENV)/.developing ## Write the pages of docs/ that follow from the code
	$(BIN)/python tools/generate_docs.py $(ARGS)

fuzz: $(VENV)/.developing ## Try the API with made-up requests for 90 seconds (FUZZ_SECONDS=600 for more)
	$(BIN)/python -m pytest -m fuzz tests/api/test_schemathesis.py $(ARGS)

e2e: $(VENV)/.developing ## Invite, mail, accept and steer in a real browser (needs chromium and strace)
	$(BIN)/python -m pytest -m e2e tests/e2e $(ARGS)

screenshots: $(VENV)/.developing ## Take pictures of every page into build/screenshots (needs chromium)
	$(BIN)/python tools/screenshots.py $(ARGS)

clients: $(VENV)/.installed ## Let the official clients judge a running server (needs the network; Go and Node where they are)
	$(BIN)/python clients/run.py --program $(BIN)/antechamber $(ARGS)

lock: $(VENV)/.python ## Pin what pyproject.toml asks for (ARGS=--upgrade takes newer versions)
	$(COMPILE) $(ARGS) --group uv --output-file requirements/uv.txt
	$(COMPILE) $(ARGS) --group build --output-file requirements/build.txt
	$(COMPILE) $(ARGS) pyproject.toml --extra postgres --output-file requirements/runtime.txt
	$(COMPILE) $(ARGS) pyproject.toml --extra postgres --group dev \
		--constraints requirements/runtime.txt --output-file requirements/dev.txt

audit: $(VENV)/.developing ## Ask for known vulnerabilities of the locked versions (needs the network)
	$(BIN)/pip-audit --disable-pip --requirement requirements/dev.txt

hooks: $(VENV)/.developing ## Run lint and types before each commit of yours
	$(BIN)/pre-commit install

ci: ## What a change must pass
	.ci/run

clean: ## Remove .venv and what tools left behind
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.python: requirements/uv.txt
	@if [ -z "$(PYTHON)" ] || ! "$(PYTHON)" -c 'import sys; assert sys.version_info >= (3, 11)' 2>/dev/null; then \
		echo "Antechamber needs Python 3.11 or newer; name yours: make PYTHON=/path/to/python" >&2; exit 1; fi
	"$(PYTHON)" -m venv $(if $(UV_FOUND),--without-pip) $(VENV)
	$(if $(UV_FOUND),,$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements/uv.txt)
	@touch $@

$(VENV)/.installed: $(VENV)/.python requirements/runtime.txt requirements/build.txt pyproject.toml
	$(PIP_INSTALL) --require-hashes --compile-bytecode --requirement requirements/runtime.txt
	$(PIP_INSTALL) --no-deps --build-constraints requirements/build.txt --editable .
	$(BIN)/python -m compileall -q src
	@touch $@

$(VENV)/.developing: $(VENV)/.installed requirements/dev.txt
	$(PIP_INSTALL) --require-hashes --requirement requirements/dev.txt
	@touch $@
