# The two commands: `make demo` and `make test`. Everything else hangs on them.
# Needs only Python 3.13, Node 20 or newer and make. Nothing is installed outside this folder.

PYTHON ?= $(shell command -v python3.13 || command -v python3)
BIN := .venv/bin
# Compiled code is kept whatever the shell says: else every test process would compile all tests and modules again.
export PYTHONDONTWRITEBYTECODE :=
# What the functions' bundles are made of.
LOCKS := $(addprefix requirements/, lambda.txt microsoft.txt google.txt)

.PHONY: help setup bundles synth demo sandbox pictures test faults prove wheel lint check bench locks clean

help:  ## What there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: .venv/.ready node_modules/.ready  ## Install what is needed, pinned and hash-checked

# Always asks the builder, which knows by content what is stale: a file that was deleted is newer than nothing.
bundles: .venv/.ready  ## Build the functions' bundles, unless they are fresh
	@$(BIN)/python -m constructs_lib.bundle && touch build/bundles/.ready

synth: cdk.out/manifest.json  ## Write the templates of every deployment stage

demo: build/bundles/.ready  ## The main job on the local cloud, step by step
	@$(BIN)/cosell demo

sandbox: build/bundles/.ready  ## The local cloud and the simulated vendors, left running for you to drive
	@$(BIN)/cosell sandbox

pictures: build/bundles/.ready node_modules/.ready  ## Draw docs/pictures anew from what it shows
	@$(BIN)/python -m sandbox.pictures

test: build/bundles/.ready node_modules/.ready  ## Every test
	@$(BIN)/python -m pytest -n 3 --dist loadgroup $(TESTS)

faults: .venv/.ready  ## Every fault on every state and vendor call, as a matrix
	@$(BIN)/cosell faults $(FAULTS)

wheel: .venv/.ready  ## Build the package into dist
	@rm -rf dist && $(BIN)/uv build --quiet --no-build-isolation --python $(BIN)/python --out-dir dist && ls dist

prove: .venv/.ready  ## Show that each feature's test fails when its code does nothing
	@$(BIN)/python -m tests.proofs $(PROVE)

# One command a line: the tests run each of them, and .pre-commit-config.yaml has the same ones.
lint: .venv/.ready  ## Style, types, and which room may import which
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/pyrefly check --min-severity warn
	@$(BIN)/lint-imports --no-cache

check: lint test  ## What CI checks: the tests run what lint runs, so this is only the sooner to say no

bench: build/bundles/.ready  ## Print the figures of benchmarks/
	@$(BIN)/python -m benchmarks

locks: .venv/.ready  ## Compile the requirements again, with hashes and without any index's address
	@for name in bootstrap dev lambda google microsoft; do \
	  $(BIN)/uv pip compile --quiet --upgrade --generate-hashes --no-header --no-emit-index-url --no-emit-find-links \
	    --python-version 3.13 requirements/$$name.in -o requirements/$$name.txt; done

clean:  ## Remove what was built here
	rm -rf build dist cdk.out .sandbox .pytest_cache .hypothesis .ruff_cache

.venv/.ready: requirements/bootstrap.txt requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 13) and f"Python 3.13 is needed, {sys.version.split()[0]} found; set PYTHON=")'
	@echo "Installing into .venv …"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	@$(BIN)/uv pip sync --quiet --require-hashes --compile-bytecode --python $(BIN)/python requirements/dev.txt requirements/bootstrap.txt
	@$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --python $(BIN)/python --editable .
	@touch $@

node_modules/.ready: package-lock.json
	@node -e 'if (+process.versions.node.split(".")[0] < 20) { console.error("Node 20 or newer is needed, " + process.versions.node + " found"); process.exit(1) }'
	@echo "Installing the CDK command, two linters, Graphviz and a browser into node_modules …"
	@npm ci --silent --no-audit --no-fund
	@touch $@

build/bundles/.ready: .venv/.ready $(LOCKS) constructs_lib/bundle.py constructs_lib/slim.py $(shell find lambdas -name '*.py')
	@$(BIN)/python -m constructs_lib.bundle
	@touch $@

cdk.out/manifest.json: build/bundles/.ready app.py cdk.json $(shell find stacks constructs_lib config statemachines -type f -not -name '*.pyc')
	@$(BIN)/python app.py
