# The one menu. Each target works from a fresh clone: it first makes the environment it needs.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= $(shell packaging/find-python.sh)
BIN := .venv/bin
RUN_STAMP := .venv/.run-stamp
DEV_STAMP := .venv/.dev-stamp

help:            ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 18

setup: $(DEV_STAMP) ## make the environment alone, with the tools of development

demo: $(RUN_STAMP) ## read one case on the demo platform (SCRIPTED=1: by script, no display needed)
	@packaging/system-packages.sh run
	@$(BIN)/lightbox demo $(if $(SCRIPTED),--scripted) $(if $(DATA),--data "$(DATA)")

run: $(RUN_STAMP) ## start Lightbox against the platform in the settings
	@packaging/system-packages.sh run
	@$(BIN)/lightbox

test: $(DEV_STAMP) ## the default tests
	@packaging/system-packages.sh test
	$(BIN)/python -m pytest

check: fmt-check lint types imports test ## everything that must hold

fmt: $(DEV_STAMP) ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix --select I .

fmt-check: $(DEV_STAMP)
	$(BIN)/ruff format --check .

lint: $(DEV_STAMP) ## ruff
	$(BIN)/ruff check .

types: $(DEV_STAMP) ## mypy --strict on the whole tree
	$(BIN)/mypy

imports: $(DEV_STAMP) ## the import contracts
	$(BIN)/lint-imports --no-cache

gui render: $(DEV_STAMP) ## only these tests
	@packaging/system-packages.sh test
	$(BIN)/python -m pytest tests/$@

bench: $(DEV_STAMP) ## speed as ratios in one run
	$(BIN)/python -m tests.bench

bench-peer: ## cornerstone3D as a peer of the benches (needs node, npm and a Chromium)
	mkdir -p build/cornerstone
	cp tests/bench/cornerstone_page/* build/cornerstone
	cd build/cornerstone && npm ci --ignore-scripts --no-audit --no-fund && npm run build

fuzz: $(DEV_STAMP) ## hostile input: limits, malformed files, mutated codestreams (N=500 of each codec)
	@packaging/system-packages.sh test
	$(BIN)/python -m tests.fuzz $(or $(CASE),$(N))

conformance-report: $(DEV_STAMP) ## compare every real file with four other programs (DATA=folder)
	@packaging/system-packages.sh test
	$(BIN)/python -m tests.conformance.report "$(or $(DATA),../shared/data/dicom)" docs/conformance/pixels.md

kill: $(DEV_STAMP) ## kill -9 campaign on the store (RANDOM_KILLS=250 CALL_KILLS=420)
	$(BIN)/python -m tests.kill $(if $(RANDOM_KILLS),--random $(RANDOM_KILLS)) $(if $(CALL_KILLS),--calls $(CALL_KILLS))

faults: $(DEV_STAMP) ## every endpoint of the platform × every fault of the line (some minutes)
	LIGHTBOX_FAULTS=1 $(BIN)/python -m pytest tests/contract/test_faults.py

soak: $(DEV_STAMP) ## read twenty cases again and again; nothing may stay of them (MINUTES=10)
	@packaging/system-packages.sh test
	$(BIN)/python -m tests.soak $(if $(MINUTES),--minutes $(MINUTES))

screenshots: $(DEV_STAMP) ## take the pictures in docs/images (DATA=images OUT=folder: of real images)
	@packaging/system-packages.sh test
ifdef DATA
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.flows.gallery "$(DATA)" "$(OUT)"
else
	LIGHTBOX_SCREENSHOTS=docs/images $(BIN)/python -m pytest tests/flows/test_screenshots.py tests/flows/test_pet_ct_picture.py tests/flows/test_volume_picture.py
endif

peers: $(DEV_STAMP) ## let programs of others read what we write (node; npm packages into build/peers)
	@tests/peers/install.sh
	LIGHTBOX_PEERS=1 $(BIN)/python -m pytest tests/peers

lock: ## resolve the dependencies anew into packaging/*.lock
	packaging/lock.sh

clean: ## remove the environment and everything generated
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

$(RUN_STAMP): packaging/requirements.lock pyproject.toml packaging/environment.sh
	@packaging/environment.sh "$(PYTHON)" packaging/requirements.lock
	@touch $@

$(DEV_STAMP): packaging/requirements-dev.lock pyproject.toml packaging/environment.sh
	@packaging/environment.sh "$(PYTHON)" packaging/requirements-dev.lock
	@touch $(RUN_STAMP) $@

.PHONY: help setup demo run test check fmt fmt-check lint types imports gui render bench bench-peer fuzz kill faults soak conformance-report screenshots peers lock clean
