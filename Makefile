# Every chore of this repository. `make` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup lock demo up down status logs migrate test faults check lint format types look docs web-dev web-api pictures bench bench-smoke clean

BIN := .venv/bin
STACK := $(BIN)/python -m local_stack
SOURCES := shared services deploy/local scripts tests examples benchmarks
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
  --generate-hashes --no-header --no-annotate \
  $(foreach part,reelay $(addprefix reelay-,shared api script-worker media-worker projector notifier local-stack),--no-emit-package $(part))

# A stack must be seen and stopped even where nothing can be installed, and not be changed beneath.
# This program is there once a set-up has been through.
READY := $(if $(wildcard $(BIN)/reelay),,setup)

# What a user may say for `make demo`. Only on the command line: the environment's LANGUAGE and
# SECONDS mean other things. A path may hold spaces.
said = $(if $(filter command,$(firstword $(origin $(1)))),$($(1)))
unexport LANGUAGE SECONDS
export DEMO_ARTICLE := $(call said,ARTICLE)
export DEMO_LANGUAGE := $(call said,LANGUAGE)
export DEMO_ASPECT := $(call said,ASPECT)
export DEMO_SECONDS := $(call said,SECONDS)

help: ## this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-8s  %s\n", $$1, $$2}' Makefile

setup: ## prepare .venv (the others do it by themselves)
	@python="$$(sh scripts/python.sh)" && "$$python" scripts/setup.py

lock: setup ## resolve the requirements again (UPGRADE=1 takes newer versions)
	@$(COMPILE) $(if $(UPGRADE),--upgrade) requirements/setup.in -o requirements/setup.txt
	@$(COMPILE) $(if $(UPGRADE),--upgrade) pyproject.toml -o requirements/runtime.txt
	@$(COMPILE) $(if $(UPGRADE),--upgrade) -c requirements/setup.txt -c requirements/runtime.txt pyproject.toml --group dev -o requirements/dev.txt

demo: setup ## an article becomes a video, all by itself (ARTICLE= LANGUAGE= ASPECT= SECONDS=)
	@$(STACK) demo

up: setup ## start the stack and leave it running
	@$(STACK) up

down: $(READY) ## stop it; nothing is lost
	@$(STACK) down

status: $(READY) ## what runs
	@$(STACK) status

logs: $(READY) ## follow all logs (ARGS=api for one)
	@$(STACK) logs $(ARGS)

migrate: setup ## bring the database of DATABASE_URL to this version
	@$(BIN)/python -m shared.store.migrate

test: setup ## every test (ARGS="-k words" for some)
	@$(BIN)/python -m pytest $(ARGS)

faults: setup ## everything breaks while customers order (LONG=1 SEED= MINUTES= for the long run)
	@$(BIN)/python -m pytest tests/faults $(if $(LONG),--long) $(if $(SEED),--seed $(SEED)) \
	  $(if $(MINUTES),--minutes $(MINUTES)) $(ARGS)

check: ## format, lint, types, benchmarks (smoke), tests
	@bash .ci/run

format: setup ## put the sources into shape
	@$(BIN)/ruff format $(SOURCES)

lint: setup ## rules of style, and who may import whom
	@$(BIN)/ruff check $(SOURCES)
	@$(BIN)/lint-imports --no-cache

types: setup ## strict type check
	@$(BIN)/basedpyright

look: setup ## contact sheets of all themes
	@$(BIN)/python -m media_worker.look $(ARGS)

bench: setup ## measure beside the peers (ONLY=b3 ROUNDS=5); leave the machine alone meanwhile
	@$(BIN)/python -m benchmarks $(ONLY) --rounds $(or $(ROUNDS),5)

bench-smoke: setup ## prove that the benchmarks run; judges no time
	@$(BIN)/python -m benchmarks $(ONLY) --smoke

docs: setup ## write the generated docs anew
	@$(BIN)/python -m shared.messages.reference > docs/messages.md
	@$(BIN)/python -m api.reference > docs/errors.md

web-dev: setup ## work on the page: rebuilt as you type, against the stack of `make up`
	@cd web && npm ci --no-audit --no-fund && npm run dev

web-api: setup ## generate the page's typed client from the API's OpenAPI document
	@$(BIN)/python scripts/openapi.py > web/openapi.json && cd web && npm run --silent api

pictures: setup ## the pictures of the page anew, from the stack of `make up`
	@cd web && SHOTS=../docs/pictures API_URL="http://127.0.0.1:$${API_PORT:-5173}" node tests/browser/pictures.mjs

clean: ## remove what was built (not the data in .reelay)
	@rm -rf .venv .pytest_cache .ruff_cache .hypothesis output web/node_modules services/api/src/api/static
