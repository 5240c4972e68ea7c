# Everything runs in .venv, which each target sets up by itself: only Python >= 3.11, git and make are needed.

EXTRAS ?= dev,demo
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin
READY := .venv/ready-$(EXTRAS)

.PHONY: help demo test test-duckdb2 bench bench-peers kills crashes adversarial fuzz outages lint types fmt docs scenarios
.DEFAULT_GOAL := help

help:
	@echo 'make demo    watch improver find, fix and check three bugs in a small app (ARGS="--keep")'
	@echo 'make test    run the tests (ARGS="-k name"); make test-duckdb2 runs them with DuckDB 2, apart'
	@echo 'make bench   print how fast it is here (ARGS="over_http --json FILE", ARGS=--full)'
	@echo 'make bench-peers   the same load on Bugsink, Phoenix and MLflow, which it installs'
	@echo 'make kills   kill the daemon under load and look for what was acked (ARGS="--times 1000")'
	@echo 'make crashes  let two daemons die at 500 random moments while they deliver, and count pull requests'
	@echo 'make adversarial  let a hostile Agent try every attack, and print what ended each'
	@echo 'make fuzz    look for input that breaks a decoder (ARGS="--minutes 10")'
	@echo 'make outages  print what SDKs keep and lose while improver is away or its disk is full'
	@echo 'make lint    check style and types'
	@echo 'make fmt     format the code'
	@echo 'make docs    write the reference pages and the example config anew'
	@echo 'make scenarios  record tests/scenarios with the real apps (NAMES="stepper", or those without a recording)'

$(READY): pyproject.toml
	@test -n "$(PYTHON)" || { echo 'error: no Python >= 3.11 found' >&2; \
		echo 'hint: install one (Debian: apt-get install python3 python3-venv), or say: make PYTHON=/path/to/python3' >&2; exit 1; }
	@echo 'setting up .venv with $(PYTHON) (once)'
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[$(EXTRAS)]' >.venv/install.log 2>&1 \
		|| { cat .venv/install.log >&2; exit 1; }
	@touch '$@'

demo: $(READY)
	@$(BIN)/improver demo $(ARGS)

test: $(READY)
	@$(BIN)/python -m pytest --numprocesses=auto --dist=worksteal $(ARGS)

# In an environment of its own, which decides nothing: it says early what the next DuckDB will break.
test-duckdb2: .venv-duckdb2/ready
	@.venv-duckdb2/bin/python -m pytest $(or $(ARGS),tests/warehouse tests/stages tests/upkeep tests/test_dedupe.py \
		tests/analysis tests/detectors)

.venv-duckdb2/ready: pyproject.toml
	@$(PYTHON) -m venv .venv-duckdb2
	@.venv-duckdb2/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[$(EXTRAS)]'
	@.venv-duckdb2/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --upgrade 'duckdb>=2,<3'
	@touch '$@'

bench: $(READY)
	@$(BIN)/python -m bench $(ARGS)

bench-peers: $(READY)
	@$(BIN)/python -m bench.peers $(ARGS)

kills: $(READY)
	@$(BIN)/python -m bench.kills $(ARGS)

crashes: $(READY)
	@CRASH_EXAMPLES=$(or $(TIMES),100) $(BIN)/python -m pytest -n0 -s $(ARGS) tests/crashes

adversarial: $(READY)
	@$(BIN)/python -m pytest -n0 -s $(ARGS) tests/adversarial

fuzz: $(READY)
	@$(BIN)/python -m bench.fuzz $(ARGS)

outages: $(READY)
	@$(BIN)/python -m bench.outages

lint: $(READY) types
	@$(BIN)/ruff check .

# On the wheel's own layout, from outside the tree: an editable install hides the mapped packages from mypy.
types: $(READY)
	@rm -rf build
	@$(BIN)/python -m build --wheel --no-isolation --outdir build/wheel . >build.log 2>&1 || { cat build.log; exit 1; }
	@mkdir -p build && mv build.log build/
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-compile --target build/installed build/wheel/*.whl
	@cd build/installed && MYPYPATH=. ../../$(BIN)/mypy --config-file ../../pyproject.toml --cache-dir ../../.mypy_cache -p improver

fmt: $(READY)
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format --quiet .

docs: $(READY)
	@$(BIN)/python docs/generate.py

scenarios: $(READY)
	@$(BIN)/python -m tests.scenarios.record $(NAMES)
