# Everything a fresh machine needs is Python 3.11 or newer, make and a network.
#   make demo   set up and audit the example organisation
#   make test   set up and run every check and every test

PYTHON ?= python3
BIN := .venv/bin
UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
SYNCED := .venv/.synced

.PHONY: help setup demo test lint types layers generated packages pytest docs format bench clean

help: ## Show the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(SYNCED) ## Create .venv from the lock file

.uv/bin/uv:
	$(PYTHON) -m venv .uv
	.uv/bin/python -m pip install --quiet --disable-pip-version-check "uv>=0.8"

$(SYNCED): pyproject.toml uv.lock | $(filter .uv/bin/uv,$(UV))
	$(UV) sync --locked --python $(PYTHON) --quiet
	@touch $@

demo: setup ## Audit the example organisation
	@echo '$$ rctango audit examples/contoso --config examples/contoso/rctango.toml'
	@$(BIN)/rctango audit examples/contoso --config examples/contoso/rctango.toml; \
	code=$$?; test $$code -eq 1 || exit $$code; \
	echo; echo 'The example has faults on purpose, so the exit code is 1: findings.'

test: lint types layers generated pytest ## Run every check and every test

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/deptry src

types: setup
	$(BIN)/mypy

layers: setup
	$(BIN)/lint-imports

generated: setup
	$(BIN)/python docs/generate.py --check
	$(BIN)/python examples/build_contoso.py --check

packages: setup ## Install the servers that live tests talk to (as root on Debian)
	$(BIN)/python tests/live/system_packages.py

pytest: setup packages
	$(BIN)/pytest -n auto

docs: setup ## Write the generated documents anew
	$(BIN)/python docs/generate.py
	$(BIN)/python examples/build_contoso.py

format: setup ## Format and fix
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup ## Measure speed, as ratios
	$(BIN)/python bench/selection.py
	$(BIN)/python bench/startup.py
	$(BIN)/python bench/clixml.py
	$(BIN)/python bench/organisation.py
	$(BIN)/python bench/logs.py
	$(BIN)/python bench/probe.py

clean: ## Remove everything that setup and tests made
	rm -rf .venv .uv .mypy_cache .ruff_cache .pytest_cache .hypothesis bench/data
