# `make help` lists what there is. `make up` runs Budget Monitor on this machine, `make test` tests it.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
SOURCES := layers functions local tests clients examples
REPLAY ?= yes

.DEFAULT_GOAL := help
.PHONY: help up down clean status api env report dashboard top backfill pictures test check collected thorough docs reference wheel \
	client-layer focus integrations soak cache-histories schemathesis bench sweep races mutate lint types imports \
	format lock build smoke sbom audit checkov

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r name words; do \
		printf '  make %-16s %s\n' "$$name" "$$words"; done

up: $(READY) ## start the stack, then replay the real trace and report (REPLAY=no: only start; PORT=4566)
	@$(BIN)/python -m local up --replay $(REPLAY) $(if $(PORT),--port $(PORT))

build: $(READY) ## build what ships to AWS, into .aws-sam/build
	@$(BIN)/python -m local.stack.build

smoke: $(READY) ## check a deployed stack (STACK=budget-monitor, AGENT=agent-...)
	@PYTHONPATH=.:layers/core $(BIN)/python -m local.smoke $(STACK) $(AGENT)

down: $(READY) ## stop the stack and keep its state
	@$(BIN)/python -m local down

clean: ## stop the stack, and delete its state and the environment
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m local clean; fi
	@rm -rf .venv .local .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

status: $(READY) ## print whether the stack runs, and where
	@$(BIN)/python -m local status

api: $(READY) ## print the address of the API
	@$(BIN)/python -m local api

env: $(READY) ## print shell variables for the local stack: eval "$(make -s env)"
	@$(BIN)/python -m local env

report: $(READY) ## print the totals of the trace, or of any tenant (TENANT=acme)
	@$(BIN)/python -m local report $(if $(TENANT),--tenant $(TENANT))

dashboard: $(READY) ## print a link to the pages of the local stack, and open it (TENANT=acme: one tenant's)
	@$(BIN)/python -m local dashboard $(if $(TENANT),--tenant $(TENANT))

top: $(READY) ## show a live table of spend, holds and refusals of the running stack
	@$(BIN)/python -m local top

backfill: $(READY) ## import costs of earlier months (FILE=costs.csv TENANT=acme BY=... REASON=...)
	@PYTHONPATH=.:layers/core $(BIN)/python -m local.backfill "$(FILE)" --tenant "$(TENANT)" --by "$(BY)" --reason "$(REASON)" $(if $(STACK),--stack $(STACK))

pictures: $(READY) ## draw docs/pictures from the running stack
	@$(BIN)/python -m local pictures

test: check ## run everything that CI runs

check: $(READY)
	@$(MAKE) -s -j2 lint types imports collected
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest -n 3 -q --dist loadgroup --max-worker-restart=0

collected: $(READY) ## compile the tests, which `make test` does while it checks types
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest --collect-only -qq > .collected || { cat .collected; exit 1; }
	@rm .collected

thorough: lint types imports $(READY) ## run every test at its full size; takes 25 minutes on two cores
	@THOROUGH=yes env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest -n 3 -q --dist loadgroup --max-worker-restart=0

docs: $(READY) ## build the documentation site strictly, into .local/site
	@NO_MKDOCS_2_WARNING=true $(BIN)/mkdocs build --strict && echo "file://$(CURDIR)/.local/site/index.html"

reference: $(READY) ## write docs/reference, sample events and the client's methods from the OpenAPI document
	@PYTHONPATH=.:layers/core $(BIN)/python -m tests.support.template.token_routes
	@$(BIN)/python -m local.template_reference
	@PYTHONPATH=.:layers/core $(BIN)/python -m tests.support.openapi.generate > /dev/null
	@PYTHONPATH=.:layers/core $(BIN)/python -m tests.support.prices.models_document
	@PYTHONPATH=.:layers/core $(BIN)/python -m clients.python.generate
	@PYTHONPATH=.:layers/core $(BIN)/python -m tests.support.docs.roles_page

integrations: $(READY) ## test the client with the real libraries (OpenAI, LangChain, ...)
	@THOROUGH=yes env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest -q tests/integrations

focus: $(READY) ## check FOCUS rows with focus-validator, in an environment of its own (320 MB)
	@PYTHONPATH=.:layers/core $(BIN)/python -m tests.support.exports.focus_file .local/focus/rows.csv
	@test -x .local/focus/env/bin/focus-validator || ($(BIN)/uv venv -q --clear .local/focus/env && \
		$(BIN)/uv pip install -q --python .local/focus/env/bin/python 'focus-validator==1.0.0' 'multimethod<1.12')
	@rows=$(CURDIR)/.local/focus/rows.csv; cd .local/focus/env/lib/python3*/site-packages && \
		$(CURDIR)/.local/focus/env/bin/focus-validator --data-file $$rows --validate-version 1.0

wheel: $(READY) ## build the Python client into .local/dist
	@$(BIN)/uv build -q --offline --wheel --out-dir .local/dist clients/python && ls .local/dist/*.whl

client-layer: $(READY) ## build the Python client as a Lambda layer, into .local/dist
	@$(BIN)/python -m clients.python.layer .local/dist

HISTORIES ?= 10000
soak: $(READY) ## play random histories against the oracle (HISTORIES=10000)
	@PYTHONPATH=.:layers/core $(BIN)/python -m tests.support.histories.soak $(HISTORIES)

CACHE_HISTORIES ?= 1000
cache-histories: $(READY) ## play random histories with a faulty read cache (CACHE_HISTORIES=1000)
	@PYTHONPATH=.:layers/core $(BIN)/python -m tests.support.histories.play_cached $(CACHE_HISTORIES)

schemathesis: $(READY) ## play every operation of the OpenAPI document with all checks of schemathesis
	@SCHEMATHESIS=all nice -n 15 $(BIN)/python -m pytest -q -p no:randomly -o faulthandler_timeout=0 tests/behaviour/openapi/test_schemathesis.py

bench: $(READY) ## measure against the goals and other libraries, into docs/performance.md; takes 10 minutes (ONLY=capacity, SCALE=0.2)
	@PYTHONPATH=.:layers/core $(BIN)/python -m local.bench $(if $(SCALE),--scale $(SCALE)) $(if $(ONLY),--only $(ONLY))

sweep: $(READY) ## break every write at every I/O step, singly and in pairs; takes 15 minutes
	@PYTHONPATH=.:layers/core nice -n 15 $(BIN)/python -m tests.support.histories.crash_sweep.sweep

RACES := tests/races/holds/test_reserve_in_memory.py tests/races/holds/test_reserve_many_processes.py
races: $(READY) ## run 200 rounds of each race with 64 callers, and 32 processes on the emulator
	@THOROUGH=yes RACE_ROUNDS=200 RACE_ENDINGS=1000 PROCESS_ROUNDS=20 nice -n 15 $(BIN)/python -m pytest -q -s -rP -p no:randomly -o faulthandler_timeout=0 $(RACES)

mutate: $(READY) ## change the rules about money one place at a time; a test must fail (MODULE=domain/money.py, MINUTES=20)
	@nice -n 15 $(BIN)/python -m tests.mutation $(MODULE)

lint: $(READY) ## check format and style
	@$(BIN)/ruff format --check -q $(SOURCES)
	@$(BIN)/ruff check -q $(SOURCES)

types: $(READY) ## check types
	@$(BIN)/mypy --no-error-summary

imports: $(READY) ## check who may import whom
	@PYTHONPATH=layers/core:. $(BIN)/lint-imports --no-logo | tail -1

format: $(READY) ## format the code and apply safe fixes
	@$(BIN)/ruff format -q $(SOURCES)
	@$(BIN)/ruff check -q --fix $(SOURCES)

$(READY): requirements/bootstrap.txt requirements/dev.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -q --require-hashes -r requirements/bootstrap.txt
	@$(BIN)/uv pip sync -q --python $(BIN)/python --require-hashes requirements/dev.txt
	@touch $@

LAYERS := layers/dependencies/requirements.txt layers/pages/requirements.txt
CYCLONEDX := cyclonedx-bom==7.5.0
PIP_AUDIT := pip-audit==2.10.1
CHECKOV := checkov==3.3.30
# Tools that nothing else needs; each is installed into its own environment at its first use.
TOOL := $(BIN)/uv tool run -q --from

sbom: $(READY) ## write what ships as a CycloneDX list, into .local/sbom.json
	@mkdir -p .local && cat $(LAYERS) | $(TOOL) $(CYCLONEDX) cyclonedx-py requirements - -o .local/sbom.json

# Where advisories are asked for: pypi (pypi.org, its JSON of each version) or osv (api.osv.dev).
ADVISORIES ?= pypi

audit: $(READY) ## look for advisories about what ships (needs the network; ADVISORIES=osv); fails where it cannot
	@$(TOOL) $(PIP_AUDIT) pip-audit --disable-pip --require-hashes --strict -s $(ADVISORIES) \
		$(addprefix -r ,$(LAYERS)) || { echo "make audit: what ships is not known to be free of advisories." \
		"Above is the advisory that was found, or why $(ADVISORIES) could not be asked." >&2; exit 1; }

checkov: $(READY) ## check the template's security; .checkov.yaml has the exceptions
	@mkdir -p .local && $(BIN)/python -m local.stack.plain_template > .local/plain.json
	@$(TOOL) $(CHECKOV) checkov --skip-download --config-file .checkov.yaml -f .local/plain.json

LOCK_GROUP := $(BIN)/uv pip compile -q --universal --python-version 3.11 \
	--generate-hashes --no-header --no-emit-index-url
LOCK := $(LOCK_GROUP) pyproject.toml

lock: $(READY) ## update the pinned versions from pyproject.toml
	@$(LOCK) --upgrade --group dev -o requirements/dev.txt
	@$(LOCK_GROUP) --upgrade --group integrations -o requirements/integrations.txt
	@$(LOCK_GROUP) --upgrade --group peers -o requirements/peers.txt
	@$(LOCK) -c requirements/dev.txt -o layers/dependencies/requirements.txt
	@$(LOCK_GROUP) --group pyproject.toml:pages -c requirements/dev.txt -o layers/pages/requirements.txt
	@sed -n '/^uv==/,/^[^ ]/p' requirements/dev.txt | sed '$$d' > requirements/bootstrap.txt
