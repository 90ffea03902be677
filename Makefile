SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.PHONY: help run demo test coverage fuzz lint benchmarks conformance lock translations stop clean environment test-environment test-machine lint-python

# "make run PORT=8001" and the environment reach the service alike.
export HOST PORT DATABASE_URL
# Compiled code is half of a quick second start.
unexport PYTHONDONTWRITEBYTECODE

PYTHON := .venv/bin/python
# One process more than two cores have: a quarter of the time, a test waits for a browser, a server or a disk.
PYTEST := $(PYTHON) -m pytest -q -n 3 --dist worksteal
PYTHONS := python3 python3.14 python3.13 python3.12 python3.11
# The first of PYTHONS that is new enough makes .venv; without one, one sentence.
WITH_PYTHON = old=; for python in $(PYTHONS); do \
	if has=$$("$$python" -c 'import sys; print("%d.%d" % sys.version_info[:2]); sys.exit(sys.version_info < (3, 11))' 2>/dev/null); then break; fi; old=$${old:-$$has}; python=; done; \
	if [ -z "$$python" ]; then echo "Python 3.11 or newer is needed$${old:+; this machine has $$old}: install it, for example by “apt-get install python3”." >&2; exit 7; fi; \
	"$$python" -I app/machine/environment.py
# installed(file): whether .venv works (a newer Python of the machine finds nothing in it) and holds what the file asks for.
installed = $(PYTHON) -c 'import pip' 2>/dev/null && cmp -s $(1) .venv/installed-$(1)

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1\t\2/' | expand -t 16

run: environment ## Make everything the service needs, then serve it on http://127.0.0.1:8000 (PORT=8001 for another)
	@exec $(PYTHON) -m app serve --setup

demo: environment ## Serve a made-up park with companies and meetings, from a database of its own (PORT=8001 for another)
	@APP_DEMO=1 exec $(PYTHON) -m app serve --setup

test: test-environment ## Check style and types of Python, then run every test, browser tests included
	@$(MAKE) -j2 lint-python test-machine
	@exec $(PYTEST) $(ARGS)

coverage: test-machine ## Run the tests and list the lines of tests and app that never ran, the share of app last (compiled functions are not counted)
	@$(PYTEST) --cov --cov-report= $(ARGS)
	@$(PYTHON) -m coverage report --include='tests/*test_*.py'
	@exec $(PYTHON) -m coverage report --include='app/*'

fuzz: test-machine ## Look for failing examples that nobody has thought of, ROUNDS=3; what fails is to be added as an @example
	@for round in $$(seq $(or $(ROUNDS),3)); do HYPOTHESIS_PROFILE=fuzz $(PYTEST) -m hypothesis --hypothesis-seed=random $(ARGS); done

lint: lint-python ## Check style and types, of JavaScript too, whose tools are installed here alone (ARGS=--fix mends its format)
	@exec $(PYTHON) -m lint $(ARGS)

benchmarks: environment ## Compare with others, OF=adjacency, network, tours or api (its own environment, 5 to 20 minutes)
	@if [ ! -x var/benchmarks-env/bin/python ]; then $(PYTHON) -m venv var/benchmarks-env; fi
	@var/benchmarks-env/bin/python -m pip install -q -r requirements.txt -r requirements-benchmarks.txt
	@exec var/benchmarks-env/bin/python -m benchmarks.$(or $(OF),adjacency) $(ARGS)

conformance: environment ## Judge the API and its files by the tools that know the standards (its own environment, some minutes)
	@if [ ! -x var/conformance-env/bin/python ]; then $(PYTHON) -m venv var/conformance-env; fi
	@var/conformance-env/bin/python -m pip install -q -r requirements-conformance.txt
	@exec $(PYTHON) -m conformance

translations: test-environment ## Gather new texts into the catalogs that translators edit
	@pot=$$(mktemp); trap 'rm -f "$$pot"' EXIT; \
	$(PYTHON) -m babel.messages.frontend -q extract -F babel.cfg -k N_ -k NN_:1,2 -k _l -k lazy_gettext -k t -k tn:2,3 --no-location --omit-header --sort-output -o "$$pot" app; \
	$(PYTHON) -m babel.messages.frontend -q update -i "$$pot" -d app/web/translations --omit-header --no-fuzzy-matching --ignore-obsolete

lock: ## Pin the newest versions that fit requirements*.in (needs uv)
	@PATH=".venv/bin:$$PATH" uv pip compile -q --universal --python-version 3.11 --upgrade --no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" requirements.in -o requirements.txt
	@PATH=".venv/bin:$$PATH" uv pip compile -q --universal --python-version 3.11 --upgrade --no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" requirements-cluster.in -o requirements-cluster.txt
	@PATH=".venv/bin:$$PATH" uv pip compile -q --universal --python-version 3.11 --upgrade --no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" requirements-dev.in -o requirements-dev.txt
	@PATH=".venv/bin:$$PATH" uv pip compile -q --universal --python-version 3.11 --upgrade --no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" requirements-benchmarks.in -o requirements-benchmarks.txt
	@PATH=".venv/bin:$$PATH" uv pip compile -q --universal --python-version 3.11 --upgrade --no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" requirements-conformance.in -o requirements-conformance.txt

stop: ## End the service and the private database
	@if [ -d .venv ] && [ -d var/demo ]; then APP_DEMO=1 $(PYTHON) -m app stop; fi
	@if [ -d .venv ]; then exec $(PYTHON) -m app stop; else echo "Nothing was running."; fi

clean: ## Remove caches; data, environment and browser assets stay
	@rm -rf .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .grimp_cache
	@find app tests -name __pycache__ -prune -exec rm -rf {} +

test-machine: test-environment
	@$(PYTHON) -m tests.machine

lint-python: test-environment
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m mypy

environment:
	@$(call installed,requirements.txt) || { $(WITH_PYTHON) requirements.txt; }

test-environment:
	@{ $(call installed,requirements.txt) && $(call installed,requirements-dev.txt); } || { $(WITH_PYTHON) requirements.txt requirements-dev.txt; }
