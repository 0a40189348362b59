# The first of these that is Python 3.11 or newer makes the virtual environment; `make PYTHON=...` names another.
PYTHON ?= python3.11 python3

VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check --constraint constraints.txt
CONFIG := projects/digits/config.yaml

# The files that take longest are begun first, so that none of them is what the others wait for at the end.
LONGEST := $(wildcard tests/runs/jobs/test_slurm.py tests/runs/jobs/test_ray.py) $(wildcard tests/test_*.py)

.PHONY: demo test lint types docs docs-serve pictures clean

demo: $(VENV)/installed-examples
	$(BIN)/lighter fit $(CONFIG)
	$(BIN)/lighter test $(CONFIG) --ckpt_path=best
	$(BIN)/lighter predict $(CONFIG) --ckpt_path=best

# Compiled before, for where Python is told to write no bytecode: each of the processes that tests start would compile.
test: $(VENV)/installed-dev
	$(BIN)/python -m compileall -q lighter
	$(BIN)/python -m pytest --numprocesses=4 --dist=loadfile --no-loadscope-reorder $(ARGS) $(LONGEST) tests

lint: $(VENV)/installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(VENV)/installed-dev
	$(BIN)/mypy

docs: $(VENV)/installed-docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

docs-serve: $(VENV)/installed-docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs serve

# From real runs, which take some minutes; needs a browser, and npm for the diagrams. ONLY="sweep.png" makes one again.
pictures: $(VENV)/installed-dev
	$(BIN)/python docs/pictures $(if $(ONLY),--keep $(ONLY))

clean:
	rm -rf $(VENV) build dist site *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# One environment for everything, and a stamp for each set of extras that has been installed into it. First torch,
# before anything can ask for another; and setuptools, because the build that follows takes the installed one.
$(VENV)/installed-%: pyproject.toml constraints.txt | $(BIN)/pip
	@echo "Installing Lighter [$*] into $(VENV); this happens once and may take some minutes."
	$(INSTALL) torch setuptools
	$(INSTALL) --no-build-isolation --editable '.[$*]'
	@touch $@

$(BIN)/pip:
	@for python in $(PYTHON); do \
	  if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "Making $(VENV) with $$python"; exec $$python -m venv $(VENV); \
	  fi; \
	done; \
	echo "Lighter needs Python 3.11 or newer, and none of these is: $(PYTHON)." >&2; \
	echo "Install one, or name one: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; \
	exit 1
