# The workflow, runnable. Everything happens in .venv and .wirewatch beside this file; the path may hold spaces.

PYTHON ?= python3
# never the scripts in .venv/bin: their first line cannot name an interpreter at a path with a space
VENV := .venv/bin/python
STAMP := .venv/installed

.PHONY: run live test lint docs schema mutants bench lock pin sbom audit clean help
.DEFAULT_GOAL := help

help: ## show these lines
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 8

run: $(STAMP) ## start Postgres and Airflow and run the DAGs over the recorded summit; Ctrl-C stops all of it
	@$(VENV) -m pipeline run

live: $(STAMP) ## the same with today's real feeds and a database of its own
	@$(VENV) -m pipeline run --live

test: lint ## lint, types, every test, and the floor of coverage
	@$(VENV) .ci/side_by_side.py
	@$(VENV) .ci/coverage_floor.py build/coverage.json

lint: $(STAMP) ## ruff and mypy
	@$(VENV) -m ruff check .
	@$(VENV) -m ruff format --check .
	@$(VENV) -m mypy

docs: $(STAMP) ## the documentation as a site in build/site
	@NO_MKDOCS_2_WARNING=1 $(VENV) -m mkdocs build --strict --quiet
	@echo build/site/index.html

schema: $(STAMP) ## docs/schema.md anew, from a database of the migrations
	@$(VENV) .ci/schema_reference.py

mutants: $(STAMP) ## whether the tests notice small changes of the code they are about; ten minutes
	@$(VENV) .ci/mutants.py

bench: $(STAMP) ## what the README's figures were measured with
	@for script in bench/[a-z]*.py; do echo "== $$script"; $(VENV) -m "bench.$$(basename "$$script" .py)" || exit 1; done

lock: $(STAMP) ## write the locks from pyproject.toml, with the hash of each file; UPGRADE="NAME …" takes newer versions
	@$(VENV) .ci/lock.py $(UPGRADE)

pin: $(STAMP) ## pin the images of docker-compose.yml by the digests that their registries have now
	@$(VENV) .ci/pin_images.py

sbom: $(STAMP) ## build/sbom.json, a bill of materials in CycloneDX
	@mkdir -p build
	@$(VENV) .ci/audit.py sbom

audit: $(STAMP) ## fail where an advisory names a locked version
	@mkdir -p build
	@$(VENV) .ci/audit.py known

clean: ## remove the virtual environment and caches; the databases in .wirewatch stay
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) bootstrap.py && touch $(STAMP)
