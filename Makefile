# What there is: make help
# Needs nothing but make and a Python of 3.11 or newer with venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
PACKAGES := exercises templates grader gradsheet

# A stamp says "installed from this pyproject.toml"; a second run then installs nothing.
INSTALLED := $(VENV)/.installed
INSTALLED_DEV := $(VENV)/.installed-dev

# The libraries that the kernel is timed beside, in an environment of their own; one that can't be had is left out.
PEERS := .venv-peers
CLUSTER := .venv-cluster
PEER_PACKAGES := torch==2.13.0 'jax jaxlib' micrograd

# Coverage-guided fuzzing needs atheris, which has wheels for Linux and some versions of Python only.
FUZZERS := .venv-fuzz

# PyTorch works every family out in its own way, in an environment of its own.
ORACLE := .venv-oracle

# What drives a browser, in an environment of its own too.
BROWSER := .venv-browser
AXE := axe-core@4.14.1

.DEFAULT_GOAL := help
.PHONY: demo sample gallery test kill cluster fuzz fuzz-atheris soak check bench bench-peers clean help campaign families oracle practice prairielearn browser
.DELETE_ON_ERROR:

demo: $(INSTALLED)  ## a small class from roster to gradebook, in output/demo
	@$(BIN)/gradsheet demo

sample: $(INSTALLED_DEV)  ## make output/sample anew, after a change that is meant to show in it
	$(BIN)/python -m pytest -q tests/test_sample.py --update-goldens

test: $(INSTALLED_DEV)  ## all tests
	$(BIN)/python -m pytest -n 2 --dist loadfile

gallery: $(INSTALLED_DEV)  ## docs/gallery anew; needs poppler-utils and chromium on the machine
	$(BIN)/python docs/make_gallery.py

soak: $(INSTALLED_DEV)  ## flawless students of every habit, long (an hour)
	$(BIN)/python -m pytest tests/soak_rounding.py

kill: $(INSTALLED_DEV)  ## generate and grade killed at random and at each write and rename, and on full disks (some ten minutes)
	$(BIN)/python -m pytest -s tests/kill_generate.py tests/kill_grade.py

cluster: $(CLUSTER)/.installed  ## sheets made by a real Dask scheduler and two workers, in an environment of its own
	$(CLUSTER)/bin/python -m pytest tests/test_cluster.py

fuzz: $(INSTALLED_DEV)  ## every parser against 10,000 random inputs
	$(BIN)/python -m pytest -m fuzz --hypothesis-profile=fuzz

practice: $(INSTALLED_DEV)  ## the practice page's marks beside check's on 1,050 random hand-ins; needs node
	$(BIN)/python -m pytest tests/soak_practice.py

prairielearn: $(INSTALLED_DEV)  ## a PrairieLearn question's marks beside check's on 1,050 random hand-ins
	$(BIN)/python -m pytest tests/soak_prairielearn.py

fuzz-atheris: $(FUZZERS)/.installed  ## every parser by coverage, half an hour each; ARGS="json 60" is one for a minute, "all 1800 4" four at once
	@$(FUZZERS)/bin/python tests/fuzz $(or $(ARGS),all)

families: $(INSTALLED_DEV)  ## every family with all its examples, every reading, and many students on each (half an hour); ARGS=--keep writes benchmarks/results
	$(BIN)/python -m pytest -q -n 2 tests/soak_families.py
	@$(BIN)/python -m benchmarks.families $(ARGS)

oracle: $(ORACLE)/.installed  ## every family against PyTorch (large to install); ARGS=--keep writes benchmarks/results
	@$(ORACLE)/bin/python -m benchmarks.oracle $(ARGS)

browser: $(BROWSER)/.installed  ## the practice page in Chromium, by keyboard and under axe-core; needs chromium and npm
	GRADSHEET_AXE=$(BROWSER)/node_modules/axe-core/axe.min.js $(BROWSER)/bin/python -m pytest tests/browser

campaign: $(INSTALLED_DEV)  ## the examiner on simulated classes of 10,000, some minutes; ARGS=--keep writes benchmarks/results
	@$(BIN)/python -m benchmarks.examiner $(ARGS)

check: $(INSTALLED_DEV)  ## style, types, and who imports whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict $(addprefix -p ,$(PACKAGES))
	$(BIN)/lint-imports

bench: $(INSTALLED_DEV)  ## how fast it is; ARGS="kernel --quick", --keep writes benchmarks/results
	@$(BIN)/python -m benchmarks $(ARGS)

bench-peers: $(PEERS)/.installed  ## the kernel beside PyTorch, JAX and micrograd
	@$(PEERS)/bin/python -m benchmarks kernel $(ARGS)

clean:  ## remove .venv and caches; what is in output/ stays
	rm -rf $(VENV) $(PEERS) $(BROWSER) $(ORACLE) $(FUZZERS) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find $(PACKAGES) tests -name __pycache__ -type d -prune -exec rm -rf {} +

help:  ## this list
	@echo 'make TARGET [PYTHON=python3.12]'
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  \1|\2/p' Makefile | awk -F'|' '{printf "%-12s %s\n", $$1, $$2}'

$(INSTALLED): pyproject.toml | $(BIN)/python
	@echo 'installing gradsheet into $(VENV) ...'
	@$(PIP) install --editable .
	@touch $@

# Holds all that the other stamp stands for, so it renews that one too.
$(INSTALLED_DEV): pyproject.toml | $(BIN)/python
	@echo 'installing gradsheet and what its tests need into $(VENV) ...'
	@$(PIP) install --editable '.[dev]'
	@touch $(INSTALLED) $@

$(CLUSTER)/.installed: pyproject.toml | $(BIN)/python
	@$(BIN)/python -m venv $(CLUSTER)
	@$(CLUSTER)/bin/python -m pip --disable-pip-version-check --quiet install --editable '.[cluster]' pytest hypothesis
	@touch $@

$(PEERS)/.installed: pyproject.toml | $(BIN)/python
	@echo 'installing gradsheet and the libraries it is timed beside into $(PEERS), which are large ...'
	@$(BIN)/python -m venv $(PEERS)
	@$(PEERS)/bin/python -m pip --disable-pip-version-check --quiet install --editable .
	@for packages in $(PEER_PACKAGES); do \
	  $(PEERS)/bin/python -m pip --disable-pip-version-check --quiet install $$packages || echo "left out: $$packages" >&2; done
	@touch $@

$(FUZZERS)/.installed: pyproject.toml | $(BIN)/python
	@echo 'installing gradsheet and atheris into $(FUZZERS) ...'
	@$(BIN)/python -m venv $(FUZZERS)
	@$(FUZZERS)/bin/python -m pip --disable-pip-version-check --quiet install --editable . 'atheris>=3,<4'
	@touch $@

$(ORACLE)/.installed: pyproject.toml | $(BIN)/python
	@echo 'installing gradsheet and PyTorch into $(ORACLE) ...'
	@$(BIN)/python -m venv $(ORACLE)
	@$(ORACLE)/bin/python -m pip --disable-pip-version-check --quiet install --editable . $(firstword $(PEER_PACKAGES))
	@touch $@

# Playwright brings no browser of its own here; what npm can't fetch makes the tests that need it skip, and say so.
$(BROWSER)/.installed: pyproject.toml | $(BIN)/python
	@echo 'installing gradsheet and what drives a browser into $(BROWSER) ...'
	@$(BIN)/python -m venv $(BROWSER)
	@$(BROWSER)/bin/python -m pip --disable-pip-version-check --quiet install --editable '.[browser]'
	@npm install --silent --no-save --prefix $(BROWSER) $(AXE) || echo 'left out: axe-core' >&2
	@touch $@

# A venv that could not be finished (Debian without python3-venv leaves half of one) is taken away again.
$(BIN)/python:
	@command -v '$(PYTHON)' >/dev/null || { \
	  echo 'gradsheet needs Python 3.11 or newer, and there is no "$(PYTHON)" here; install it, or name yours: make PYTHON=/path/to/python3' >&2; exit 1; }
	@'$(PYTHON)' -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "gradsheet needs Python 3.11 or newer, and $(PYTHON) is $$('$(PYTHON)' --version 2>&1); name a newer one: make PYTHON=python3.12" >&2; exit 1; }
	@'$(PYTHON)' -m venv --clear $(VENV) || { rm -rf $(VENV); \
	  echo 'the environment $(VENV) could not be made; on Debian and Ubuntu install python3-venv first' >&2; exit 1; }
