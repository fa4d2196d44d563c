# `make demo` shows the main job on examples/shop; `make test` passes all the tests.
# Needed: Python 3.11 or newer, git, make. All else goes into .venv/, which may be deleted.

VENV ?= .venv
# The tree itself is installed, so that changes show at once. CI says `EDITABLE=`, as users install.
EDITABLE ?= --editable
PYTEST ?= -n 2 --dist loadfile --no-loadscope-reorder

PIP := $(VENV)/bin/python -m pip --disable-pip-version-check --quiet

.PHONY: help demo test check setup clean

help:
	@sed -n 's/^\([a-z]*\):.*## /make \1: /p' Makefile

demo: $(VENV)/.runs ## finds and fixes the race conditions of examples/shop, in a throwaway copy
	@examples/demo $(VENV)/bin/djfix

test: setup ## sets up what is needed and passes all the tests
	$(VENV)/bin/python -m pytest $(PYTEST)

check: setup ## lint and formatting
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

setup: $(VENV)/.ready ## makes .venv/ with djfix and all that its tests need

clean: ## removes what the others made
	rm -rf $(VENV) build dist

$(VENV)/bin/python:
	@python=$$(.ci/find-python) && "$$python" -m venv $(VENV) \
	  || { echo "No virtual environment could be made (on Debian: install python3-venv)." >&2; exit 1; }

$(VENV)/.runs: pyproject.toml | $(VENV)/bin/python
	$(PIP) install $(EDITABLE) .
	@touch $@

$(VENV)/.ready: pyproject.toml | $(VENV)/bin/python
	$(PIP) install $(EDITABLE) '.[dev]'
	@touch $@ $(VENV)/.runs
