# Each target sets up its own environment from the lock file; only Python 3.11 or
# newer and make are needed.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
BENCH_READY := $(VENV)/.bench-ready
ARGS ?=

.PHONY: demo court-pack bench test test-long browser coverage check format lock schemas vectors verifier clean

demo: $(READY)
	$(BIN)/python -m gateway demo $(ARGS)

# A pack for a mock court, in dist/court-pack: bundles, both logs, cards, the verifier.
court-pack: verifier
	rm -rf dist/court-pack
	$(BIN)/python -m gateway.demo.court --verifier dist/mla-verify.pyz dist/court-pack

# Speeds, each beside a limit taken in the same run; ARGS=--quick takes two minutes.
bench: $(BENCH_READY)
	@$(BIN)/python -m benchmarks $(ARGS)

# The core is measured at every run: each line and branch of it has a test of its own
# room. `make coverage` measures everything, which takes half as long again.
test: check browser
	$(BIN)/coverage erase
	$(BIN)/coverage run --source=gateway.core -m pytest -n 2 tests/core
	$(BIN)/coverage combine -q
	$(BIN)/coverage report --fail-under=100
	$(BIN)/pytest -n 2 --dist worksteal -m "not long" --ignore=tests/core $(ARGS)

# Whole nodes over long ways: recovery, rotation after an absence, jobs over crashes.
test-long: $(READY)
	$(BIN)/pytest -n 2 -m long $(ARGS)

# The console is tested in Debian's Chromium; without it those tests are skipped, and
# the run says so.
browser:
	@command -v chromium >/dev/null || test "$$(id -u)" != 0 || ! command -v apt-get >/dev/null || \
	  (apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null) || \
	  echo "Chromium could not be installed: the console is not tested in a browser"

coverage: $(READY)
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n 2 $(ARGS)
	$(BIN)/coverage combine -q
	$(BIN)/coverage report --format=total --fail-under=90
	$(BIN)/coverage report --include="gateway/core/*" --fail-under=100

check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Writes the frozen envelope vectors anew and shows what changed.
vectors: $(READY)
	$(BIN)/python tests/vectors/make_envelope_vectors.py
	git diff --stat tests/vectors

# The schemas and pages of all message types, in docs, from their declarations.
schemas: $(READY)
	rm -rf dist/forms
	mkdir -p dist
	$(BIN)/python -m gateway forms write dist/forms
	chmod -R u=rwX,go=rX dist/forms
	rm -rf docs/schemas docs/messages
	mv dist/forms/schemas dist/forms/messages docs/

# The verifier as one file for Python and `cryptography`; prints its SHA-256.
verifier: $(READY)
	$(BIN)/python -m standalone.build

EXTRAS = --extra speed --extra tsa --extra signatures --extra print

# Needs uv; run after changing the dependencies in pyproject.toml.
lock:
	uv pip compile pyproject.toml $(EXTRAS) --group dev --generate-hashes \
	  --universal --python-version 3.11 --no-emit-index-url \
	  --custom-compile-command "make lock" -o requirements/dev.lock
	uv pip compile pyproject.toml $(EXTRAS) --generate-hashes \
	  --universal --python-version 3.11 --no-emit-index-url \
	  --custom-compile-command "make lock" -o requirements/runtime.lock
	uv pip compile pyproject.toml --group bench --constraint requirements/dev.lock \
	  --generate-hashes --universal --python-version 3.11 --no-emit-index-url \
	  --custom-compile-command "make lock" -o requirements/bench.lock

clean:
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage*

$(READY): requirements/dev.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements/dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $(READY)

$(BENCH_READY): $(READY) requirements/bench.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements/bench.lock
	touch $(BENCH_READY)
