# make run     sets up and opens the program      make test    sets up and runs the tests
# make check   style, types and layers            make bench   measures against a baseline
# make sim     plays thousands of histories with every fault there is: N=5000 SEED=1
# make screenshots   pictures of every screen     make clean   removes what make has made

SYSTEM_PYTHON ?= python3
PYTHON := .venv/bin/python
READY := .venv/.ready
ARGS ?=
# How many tests run at once; 0 for one after another, as a debugger needs it.
JOBS ?= auto
# How many histories the simulation plays, and the seed of the first.
N ?= 3000
SEED ?= 1

.PHONY: run test test-libreoffice check sim bench screenshots setup clean
.DELETE_ON_ERROR:

# A real window needs more of the system than one that is only painted in memory.
run: $(READY)
	@$(SYSTEM_PYTHON) scripts/system_libraries.py $(if $(filter offscreen minimal vnc%,$(QT_QPA_PLATFORM)),screenless,window)
	@$(PYTHON) -m vsla_desktop $(ARGS)

test: $(READY)
	@$(SYSTEM_PYTHON) scripts/system_libraries.py screenless
	@QT_QPA_PLATFORM=$${QT_QPA_PLATFORM:-offscreen} HYPOTHESIS_PROFILE=$${HYPOTHESIS_PROFILE:-ci} \
		$(PYTHON) -m pytest --numprocesses $(JOBS) --dist worksteal -m "not libreoffice" --durations 25 --durations-min 4 $(ARGS)

# LibreOffice is a large package, so what needs it has a command of its own.
test-libreoffice: $(READY)
	@$(SYSTEM_PYTHON) scripts/system_libraries.py screenless
	@$(SYSTEM_PYTHON) scripts/system_libraries.py spreadsheets
	@QT_QPA_PLATFORM=$${QT_QPA_PLATFORM:-offscreen} HYPOTHESIS_PROFILE=$${HYPOTHESIS_PROFILE:-ci} \
		$(PYTHON) -m pytest --numprocesses $(JOBS) --dist worksteal -m libreoffice $(ARGS)

check: $(READY)
	@.venv/bin/ruff check --quiet .
	@.venv/bin/ruff format --check .
	@.venv/bin/lint-imports --no-logo
	@$(PYTHON) -m mypy vsla_desktop tests scripts $(wildcard benchmarks tools)

sim: $(READY)
	@$(PYTHON) -m tests.simulation --histories $(N) --seed $(SEED) $(ARGS)

bench: $(READY)
	@$(SYSTEM_PYTHON) scripts/system_libraries.py screenless
	@QT_QPA_PLATFORM=$${QT_QPA_PLATFORM:-offscreen} $(PYTHON) -m benchmarks $(ARGS)

screenshots: $(READY)
	@$(SYSTEM_PYTHON) scripts/system_libraries.py screenless
	@QT_QPA_PLATFORM=$${QT_QPA_PLATFORM:-offscreen} $(PYTHON) tools/screenshots.py docs/screenshots

setup: $(READY)

# The stamp is newer than both files once everything they name is installed.
$(READY): pyproject.toml constraints.txt
	@$(SYSTEM_PYTHON) scripts/system_libraries.py python
	@$(PYTHON) -m pip --version >/dev/null 2>&1 || { echo "Making .venv and filling it; this takes a minute or two." >&2; $(SYSTEM_PYTHON) -m venv --clear .venv; }
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --no-input --constraint constraints.txt --editable '.[dev]'
	@touch $@

clean:
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage htmlcov
