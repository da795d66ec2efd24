# Two commands matter: `make up` runs Budget Monitor on this machine, `make test` proves it.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
SOURCES := layers functions local tests

.PHONY: models up down clean status api report test check soak cache-histories bench sweep races mutate lint types imports format lock

up: $(READY) ## start the emulator, deploy, replay the real trace, report; leave it running
	@$(BIN)/python -m local up $(if $(PORT),--port $(PORT))

down: $(READY) ## stop the emulator; what it knows stays
	@$(BIN)/python -m local down

clean: ## stop the emulator and forget everything, the environment included
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m local clean; fi
	@rm -rf .venv .local .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

status: $(READY) ## say whether the emulator runs, and where
	@$(BIN)/python -m local status

api: $(READY) ## print the address of the API
	@$(BIN)/python -m local api

report: $(READY) ## print the usage report again
	@$(BIN)/python -m local report

test: check ## everything that CI runs

check: lint types imports $(READY)
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest -n 2 -q --dist loadgroup --max-worker-restart=0

HISTORIES ?= 10000
soak: $(READY) ## play many random histories against the oracle; prints seeds and rate
	@PYTHONPATH=.:layers/core $(BIN)/python -m tests.support.histories.soak $(HISTORIES)

CACHE_HISTORIES ?= 1000
cache-histories: $(READY) ## the same with a read cache in each of its bad moods
	@PYTHONPATH=.:layers/core $(BIN)/python -m tests.support.histories.play_cached $(CACHE_HISTORIES)

bench: $(READY) ## time a check with the read cache and without, side by side, on emulators
	@PYTHONPATH=.:layers/core $(BIN)/python -m local.bench $(if $(ROUNDS),--rounds $(ROUNDS))

sweep: $(READY) ## break every write at every I/O step, singly and in pairs; a quarter of an hour
	@PYTHONPATH=.:layers/core nice -n 15 $(BIN)/python -m tests.support.histories.crash_sweep.sweep

RACES := tests/races/holds/test_reserve_in_memory.py tests/races/holds/test_reserve_many_processes.py
races: $(READY) ## 64 callers, 200 rounds of each race, in memory; 32 processes on the emulator
	@RACE_ROUNDS=200 RACE_ENDINGS=1000 PROCESS_ROUNDS=20 nice -n 15 $(BIN)/python -m pytest -q -s -rP -p no:randomly -o faulthandler_timeout=0 $(RACES)

models: $(READY) ## write docs/MODELS.md: the usage objects and models that the tests try
	@PYTHONPATH=.:layers/core $(BIN)/python -m tests.support.prices.models_document

mutate: $(READY) ## change the rules about money one place at a time; a test must notice
	@nice -n 15 $(BIN)/python -m tests.mutation

lint: $(READY)
	@$(BIN)/ruff format --check -q $(SOURCES)
	@$(BIN)/ruff check -q $(SOURCES)

types: $(READY)
	@$(BIN)/mypy --no-error-summary

imports: $(READY)
	@PYTHONPATH=layers/core:. $(BIN)/lint-imports --no-logo | tail -1

format: $(READY)
	@$(BIN)/ruff format -q $(SOURCES)
	@$(BIN)/ruff check -q --fix $(SOURCES)

$(READY): requirements/bootstrap.txt requirements/dev.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -q --require-hashes -r requirements/bootstrap.txt
	@$(BIN)/uv pip sync -q --python $(BIN)/python --require-hashes requirements/dev.txt
	@touch $@

LOCK := $(BIN)/uv pip compile -q pyproject.toml --universal --python-version 3.11 \
	--generate-hashes --no-header --no-emit-index-url

lock: $(READY) ## pin everything anew from pyproject.toml
	@$(LOCK) --upgrade --group dev -o requirements/dev.txt
	@$(LOCK) -c requirements/dev.txt -o layers/dependencies/requirements.txt
	@sed -n '/^uv==/,/^[^ ]/p' requirements/dev.txt | sed '$$d' > requirements/bootstrap.txt
