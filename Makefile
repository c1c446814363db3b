PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CODE := bot faq handlers storage tests bench

.PHONY: run test check format soak bench clean

run: $(VENV)/installed
	$(BIN)/doorstep run

test: $(VENV)/installed-dev
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not soak"

check: $(VENV)/installed-dev
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/docs

format: $(VENV)/installed-dev
	$(BIN)/ruff format $(CODE)
	$(BIN)/ruff check --fix $(CODE)

soak: $(VENV)/installed-dev
	$(BIN)/python -m pytest --log-cli-level=WARNING -m soak

bench: $(VENV)/installed-dev
	$(BIN)/python -m bench
	$(BIN)/python -m bench.matching

clean:
	rm -rf $(VENV) build *.egg-info

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("Doorstep needs Python 3.11 or newer; this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(VENV)/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --disable-pip-version-check -q -c constraints.txt -e '.[vectors]'
	touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(BIN)/python -m pip install --disable-pip-version-check -q -c constraints.txt -e '.[vectors,dev]'
	touch $@
