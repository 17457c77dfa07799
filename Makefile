# Everything a newcomer types. Each target sets up what it needs; only Python 3.11 or newer is taken as given.
PYTHON ?= python3
BIN := .venv/bin
# Screens and servers wait more than they work, so one more worker than there are cores.
WORKERS ?= $(shell $(PYTHON) -c "import os; print((os.cpu_count() or 1) + 1)")

.PHONY: demo run test check peers faults long bench screenshots clean

demo: .venv/ready ## a living workspace with an invented town
	$(BIN)/kith demo

run: .venv/ready ## your own workspace
	$(BIN)/kith

test: .venv/ready ## the test suite
	$(BIN)/pytest -n $(WORKERS) -m "not peer and not long"

check: .venv/ready ## lint and types
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy

peers: .venv/ready ## the tests against real servers, where they can be started
	$(BIN)/pytest -m peer -rs --timeout 400

# What hostile sources delay is measured while nothing else runs; those who work together get a process of their own.
faults: .venv/ready ## every fault at length, with the numbers: sending, kills, hostile sources, secrets, damaged files
	KITH_FAULTS=full $(BIN)/pytest tests/faults/test_hostile.py -s -q --timeout 900
	KITH_FAULTS=full $(BIN)/pytest tests/faults/test_together.py -s -q --timeout 900
	KITH_FAULTS=full $(BIN)/pytest tests/faults tests/community/test_text.py --ignore tests/faults/test_hostile.py \
		--ignore tests/faults/test_together.py -n $(WORKERS) --dist worksteal -rP --show-capture stdout -q --timeout 900

long: .venv/ready ## what takes minutes: ten thousand people, a million items, thousands of random screens
	$(BIN)/pytest -m "long and not peer" --ignore tests/faults --timeout 900

bench: .venv/ready ## what everything costs at a million items; tests/benchmarks/RESULTS.md keeps it
	PYTHONPATH=.:tests/benchmarks $(BIN)/python tests/benchmarks/bench.py

screenshots: .venv/ready ## the pictures in the README
	$(BIN)/python docs/screenshots.py

.venv/ready: pyproject.toml
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Kith needs Python 3.11 or newer: set PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	$(BIN)/python -m compileall -q tui community storage themes
	touch $@

clean: ## forget the environment and every cache
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
