# Everything that builds, checks, runs and deploys the project. Each target sets up what it needs; nothing has to be
# installed by hand but GNU make and a Python 3 with venv (or uv).

PORT ?= 4566
STATE ?= .local/state
OUTPUTS ?= .local/outputs.json
SEED ?= demo
PARAMETERS ?=
ENFORCE ?=
TESTS ?=
ENVIRONMENT ?= dev
ARCHITECTURE ?= arm64
STACK ?=
SUFFIX ?=
MINUTES ?= 10
DAYS ?=
AT ?=
KEEP ?=
PARTS ?=
REPORT ?=
RECORD ?=
VERSION ?=
FROM ?=
ROWS ?=
DRY ?=

SHELL := /bin/sh
.DEFAULT_GOAL := help
UV_VERSION := 0.13.9
TOOLS := $(CURDIR)/.local/tools

# A Python 3.13 of this machine if there is one that really runs (a pyenv shim may not); else uv brings one.
PYTHON_3_13 := $(firstword $(foreach python,$(shell command -v python3.13 2>/dev/null) \
  $(wildcard $(shell pyenv root 2>/dev/null)/versions/3.13*/bin/python3.13) \
  $(wildcard $(HOME)/.pyenv/versions/3.13*/bin/python3.13),$(shell "$(python)" -c 'import os, sys, venv; print(os.path.realpath(sys.executable))' 2>/dev/null)))
export UV_PYTHON := $(or $(PYTHON_3_13),3.13)

# uv of this machine if there is one of the pinned version; else an environment of its own.
UV := $(shell uv --version 2>/dev/null | grep -q '^uv $(UV_VERSION)' && command -v uv || echo $(TOOLS)/uv/bin/uv)
export UV
IN_DEV := .venv/bin

# Node of this machine if it is new enough; else an environment of its own.
NODE_BIN := $(shell node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' \
  2>/dev/null && command -v npm >/dev/null && dirname "$$(command -v npm)" || echo $(TOOLS)/node/bin)
NPM := cd web && PATH="$(NODE_BIN):$$PATH" npm
# The texts of messages; what is compiled from them is built, not kept.
LOCALE := layers/common/src/marketplace/platform/text/locale
CATALOGUES := $(wildcard $(LOCALE)/*/LC_MESSAGES/marketplace.po)
CLIENT := $(if $(wildcard web/package.json),web/dist/index.html)

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo 'run takes PORT, STATE (empty keeps nothing), OUTPUTS, SEED=demo|none, PARAMETERS="Name=value …"'
	@echo 'and ENFORCE=1 (the emulator refuses what a role does not allow)'

# ---- Run -------------------------------------------------------------------------------------------------------------

.PHONY: run
run: .venv/ready $(TOOLS)/emulator/ready $(TOOLS)/sam/ready ## Start the whole system here, and stay until Ctrl-C
	@$(MAKE) --silent --no-print-directory web || echo 'the web client does not build: serving the last one, if any' >&2
	@exec $(IN_DEV)/python -m tools.local.run --port '$(PORT)' --state '$(STATE)' --outputs '$(OUTPUTS)' --seed '$(SEED)' \
	  --parameters '$(PARAMETERS)' $(if $(ENFORCE),--enforce) \
	  --emulator-environment $(TOOLS)/emulator --sam-environment $(TOOLS)/sam --uv '$(UV)'

.PHONY: token
token: .venv/ready ## Print a JWT of a demo user: make token USER_ID=t-ayu
	@$(IN_DEV)/python -m tools.local.sign_in --outputs '$(OUTPUTS)' --user '$(USER_ID)'

.PHONY: demo
demo: .venv/ready ## Play one booking from tap to commission against the running system
	@$(IN_DEV)/python -m tools.local.demo --outputs '$(OUTPUTS)'

.PHONY: emails
emails: .venv/ready ## Write every message as an e-mail, and WhatsApp's templates to submit, into .local/messages
	@$(IN_DEV)/python -m tools.ops.message_templates

.PHONY: verify
verify: .venv/ready ## Judge every row by the invariants, changing nothing; STACK=name judges one on AWS
	@$(IN_DEV)/python -m tools.ops.verify --outputs '$(OUTPUTS)' --stack='$(STACK)' --suffix='$(SUFFIX)'

.PHONY: migrate-ledger
migrate-ledger: .venv/ready ## Enter commissions of before the ledger into it, once; STACK=name does so on AWS
	@$(IN_DEV)/python -m tools.ops.migrate_ledger --outputs '$(OUTPUTS)' --stack='$(STACK)'

.PHONY: check-evidence
check-evidence: .venv/ready ## Check a room that was written down as evidence: make check-evidence FILE=room.jsonl [KEY=key.pem]
	@$(IN_DEV)/python -m tools.ops.check_evidence --outputs '$(OUTPUTS)' --stack='$(STACK)' --file='$(FILE)' --key='$(KEY)'

.PHONY: check-proofs
check-proofs: .venv/ready ## Check the chain of proofs of the books: make check-proofs [FILE=proofs.json KEY=key.pem]
	@$(IN_DEV)/python -m tools.ops.check_proofs --outputs '$(OUTPUTS)' --stack='$(STACK)' --file='$(FILE)' --key='$(KEY)'

.PHONY: affected
affected: .venv/ready ## List whom a breach of given rows concerns: make affected ROWS=rows.jsonl; STACK=name reads one on AWS
	@$(IN_DEV)/python -m tools.ops.affected --outputs '$(OUTPUTS)' --stack='$(STACK)' --rows='$(ROWS)'

.PHONY: redrive
redrive: .venv/ready ## Bring what was put aside to its function once more; STACK=name does so on AWS
	@$(IN_DEV)/python -m tools.ops.redrive --outputs '$(OUTPUTS)' --stack='$(STACK)'

.PHONY: simulate
simulate: .venv/ready ## Let days pass in a made-up city, in memory, and judge every step: make simulate DAYS=30 SEED=1
	@$(IN_DEV)/python -m tests.simulation.run --days '$(or $(DAYS),30)' --seed '$(if $(filter-out demo none,$(SEED)),$(SEED),1)'

.PHONY: soak
soak: .venv/ready ## Live a busy day against the running system, with workers killed: make soak MINUTES=10
	@$(IN_DEV)/python -m tools.local.soak --outputs '$(OUTPUTS)' --minutes '$(MINUTES)'

.PHONY: restore-drill
restore-drill: .venv/ready ## Restore every table to an instant beside the living ones, and judge the copies: AT=… STACK=… KEEP=1
	@$(IN_DEV)/python -m tools.ops.restore_drill --outputs '$(OUTPUTS)' --stack='$(STACK)' --at='$(AT)' $(if $(KEEP),--keep)

# ---- Check -----------------------------------------------------------------------------------------------------------

# Two processes: one for what the running system is asked, which starts meanwhile, one for everything else.
LAYERS := tests/unit tests/template tests/simulation tests/integration tests/faults tests/local
SIDE_BY_SIDE := -n 2

.PHONY: test
test: .venv/ready $(TOOLS)/emulator/ready $(TOOLS)/sam/ready $(CLIENT) ## Run the tests on two cores, many against a running system
	@$(IN_DEV)/python -m pytest $(or $(TESTS),$(SIDE_BY_SIDE) $(LAYERS))

.PHONY: test-browser
test-browser: .venv/ready $(TOOLS)/emulator/ready $(TOOLS)/sam/ready $(CLIENT) has-chromium ## Run the tests of the web client in real browsers
	@$(IN_DEV)/python -m pytest tests/browser

.PHONY: test-all
test-all: .venv/ready $(TOOLS)/emulator/ready $(TOOLS)/sam/ready $(CLIENT) has-chromium ## Run every test there is
	@$(IN_DEV)/python -m pytest $(SIDE_BY_SIDE)

TYPED := clients/python layers/common/src layers/build contracts functions tools tests bench

.PHONY: check
check: .venv/ready $(if $(CLIENT),web/node_modules/.package-lock.json) check-template ## Check style, types, imports, template and exported requirements
	@$(IN_DEV)/ruff check
	@$(IN_DEV)/ruff format --check
	@$(IN_DEV)/mypy $(TYPED)
	@$(IN_DEV)/lint-imports --no-logo
	@$(IN_DEV)/python -m contracts.generate --check
	@$(IN_DEV)/python -m tools.project.licences
	@$(IN_DEV)/cfn-lint
	@$(UV) lock --check --quiet
	@$(call export-common) | diff - layers/common/src/requirements.txt || { echo 'stale: make lock'; exit 1; }
	@$(call export-tokens) | diff - layers/tokens/requirements.txt || { echo 'stale: make lock'; exit 1; }
	@$(call export-images) | diff - layers/images/requirements.txt || { echo 'stale: make lock'; exit 1; }
	@$(call export-papers) | diff - layers/papers/requirements.txt || { echo 'stale: make lock'; exit 1; }
	@$(if $(CLIENT),$(NPM) run --silent check)

.PHONY: check-template
check-template: .venv/ready $(TOOLS)/checkov/ready ## Let checkov and all rules of cfn-lint judge the template as SAM expands it
	@$(TOOLS)/checkov/bin/python tools/environments/checkov/expand_template.py .local/expanded-template.json
	@$(TOOLS)/checkov/bin/checkov --file .local/expanded-template.json
	@$(IN_DEV)/cfn-lint --config-file .cfnlintrc-expanded.yaml

.PHONY: print-typed
print-typed:
	@echo $(TYPED)

.PHONY: lint
lint: check ## The same as check

.PHONY: docs
docs: .venv/ready $(TOOLS)/docs/ready ## Build the documentation site, and follow every link in it
	@$(IN_DEV)/python -m tools.project.site --zensical $(TOOLS)/docs/bin/zensical

.PHONY: screenshots
screenshots: .venv/ready has-chromium ## Take the pictures of the main pages from the running system, and make the README's moving one
	@$(IN_DEV)/python -m tests.browser.screenshots '$(OUTPUTS)'
	@$(IN_DEV)/python -m tools.project.tour

.PHONY: speed
speed: .venv/ready has-chromium ## Measure first visits to the running system on a slow telephone, as Lighthouse would
	@$(IN_DEV)/python -m tests.browser.speed '$(OUTPUTS)'

.PHONY: fmt
fmt: .venv/ready ## Format the code and mend what can be mended
	@$(IN_DEV)/ruff check --fix-only --quiet
	@$(IN_DEV)/ruff format

# ---- Measure ---------------------------------------------------------------------------------------------------------

.PHONY: bench
bench: .venv/ready $(TOOLS)/emulator/ready $(TOOLS)/sam/ready $(if $(PARTS),$(if $(filter alternative,$(PARTS)),postgresql),postgresql) ## Measure starts, calls, dollars, sweeps, audits, slots, the catalogue, pages, pushes and a server: make bench PARTS="starts cost"
	@$(IN_DEV)/python -m bench.run $(if $(PARTS),--parts $(PARTS)) $(if $(REPORT),--report '$(REPORT)')

.PHONY: bench-gate
bench-gate: .venv/ready $(TOOLS)/sam/ready ## Refuse a dearer cold start, by instructions (needs valgrind); RECORD=1 writes down what is there
	@$(IN_DEV)/python -m bench.gate $(if $(RECORD),--record)

# ---- Build and deploy ------------------------------------------------------------------------------------------------

EXPORT = $(UV) export --quiet --frozen --package marketplace --no-emit-workspace --no-header --no-annotate
export-common = $(EXPORT) --no-dev
export-tokens = $(EXPORT) --only-group tokens
export-images = $(EXPORT) --only-group images
export-papers = $(EXPORT) --only-group papers

.PHONY: lock
lock: $(UV) ## Bring the lock and the layers' requirements up to date with pyproject.toml
	@$(UV) lock
	@$(call export-common) > layers/common/src/requirements.txt
	@$(call export-tokens) > layers/tokens/requirements.txt
	@$(call export-images) > layers/images/requirements.txt
	@$(call export-papers) > layers/papers/requirements.txt

.PHONY: notice
notice: .venv/ready ## Bring NOTICE, which lists what ships under which licence, up to date with the locks
	@$(IN_DEV)/python -m tools.project.licences --write

.PHONY: release
release: .venv/ready ## Write a release, ready to commit and tag: make release VERSION=1.2.3
	@$(IN_DEV)/python -m tools.project.release '$(VERSION)'
	@$(MAKE) --silent --no-print-directory lock .venv/ready
	@$(IN_DEV)/python -m contracts.generate
	@$(IN_DEV)/python -m tools.project.licences --write
	@echo 'now: git commit -am "Release $(VERSION)" && git tag -a v$(VERSION) -m $(VERSION)' >&2

# What compiled wheels are for; each architecture has a cache of its own, for SAM does not see what make is told.
PLATFORM = $(or $(PLATFORM_$(ARCHITECTURE)),$(error ARCHITECTURE is arm64 or x86_64))
PLATFORM_arm64 := aarch64-manylinux_2_28
PLATFORM_x86_64 := x86_64-manylinux_2_28

.PHONY: build
build: $(TOOLS)/sam/ready ## Build functions and layers for Lambda: make build ARCHITECTURE=arm64|x86_64
	@PATH="$(TOOLS)/sam/bin:$$PATH" BUILD_PYTHON=$(TOOLS)/sam/bin/python3.13 PLATFORM=$(PLATFORM) SAM_CLI_TELEMETRY=0 \
	  sam build --cached --parallel --cache-dir .aws-sam/cache/$(ARCHITECTURE) --parameter-overrides Architecture=$(ARCHITECTURE)

.PHONY: web
web: $(CLIENT) ## Build the web client

.PHONY: client
client: web/node_modules/.package-lock.json ## Build the TypeScript client into clients/typescript/dist
	@$(NPM) run --silent client

web/dist/index.html: pyproject.toml $(shell find web docs/*.json -type f -not -path '*/node_modules/*' -not -path 'web/dist/*' -not -path '*/generated/*' 2>/dev/null) \
  web/node_modules/.package-lock.json
	@echo 'building the web client' >&2
	@mkdir -p .local && ($(NPM) run --silent build) > .local/web-build.log 2>&1 || { cat .local/web-build.log >&2; exit 1; }
	@touch $@

web/node_modules/.package-lock.json: web/package-lock.json $(if $(filter $(TOOLS)/%,$(NODE_BIN)),$(TOOLS)/node/ready)
	@echo 'setting up the web client' >&2
	@$(NPM) ci --silent --no-audit --no-fund
	@touch $@

.PHONY: preflight
preflight: .venv/ready ## Say what an AWS account lacks before anything is created in it: make preflight ENVIRONMENT=dev|prod
	@$(IN_DEV)/python -m tools.ops.preflight --environment '$(ENVIRONMENT)' --parameters='$(DEPLOYED_PARAMETERS)'

# SAM asks before it changes anything in an environment that is not dev, unless CONFIRM=0.
CONFIRM ?= $(if $(filter dev,$(ENVIRONMENT)),0,1)
DEPLOYED_PARAMETERS = $(if $(filter-out arm64,$(ARCHITECTURE)),Architecture=$(ARCHITECTURE) )$(PARAMETERS)

.PHONY: deploy
deploy: preflight build $(CLIENT) ## Deploy to AWS with your credentials, web client and all: make deploy ENVIRONMENT=dev|prod PARAMETERS="Name=value …" CONFIRM=0|1
	@$(IN_DEV)/python -m tools.ops.deploy --environment '$(ENVIRONMENT)' --parameters='$(DEPLOYED_PARAMETERS)' \
	  --confirm '$(CONFIRM)' --sam-environment $(TOOLS)/sam

.PHONY: import-retained
import-retained: .venv/ready $(TOOLS)/sam/ready ## Find what a deleted stack has left, and say how a new one takes it over: ENVIRONMENT=dev|prod
	@$(IN_DEV)/python -m tools.ops.import_retained --environment '$(ENVIRONMENT)'

.PHONY: smoke
smoke: .venv/ready ## Try a running system from outside, step by step; STACK=name tries one on AWS
	@$(IN_DEV)/python -m tools.ops.smoke --outputs '$(OUTPUTS)' --stack='$(STACK)'

.PHONY: add-owner
add-owner: .venv/ready ## Add the first administrator: make add-owner USER_ID=a-sri EMAIL=sri@example.com; STACK=name on AWS
	@$(IN_DEV)/python -m tools.ops.add_owner --outputs '$(OUTPUTS)' --stack='$(STACK)' --user='$(USER_ID)' --email='$(EMAIL)'

.PHONY: import
import: .venv/ready ## Bring the original's exported collections in: make import FROM=folder [DRY=1]; STACK=name on AWS
	@$(IN_DEV)/python -m tools.ops.import_original --outputs '$(OUTPUTS)' --stack='$(STACK)' --from='$(FROM)' $(if $(DRY),--dry)

# ---- Set up ----------------------------------------------------------------------------------------------------------

$(TOOLS)/uv/bin/uv:
	@echo 'installing uv $(UV_VERSION)' >&2
	@$(or $(PYTHON_3_13),/usr/bin/env python3) -m venv $(TOOLS)/uv
	@$(TOOLS)/uv/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

.venv/ready: $(UV) pyproject.toml layers/common/pyproject.toml clients/python/pyproject.toml uv.lock $(CATALOGUES)
	@echo 'setting up the project' >&2
	@$(UV) sync --quiet --frozen
	@$(IN_DEV)/pybabel --quiet compile --domain marketplace --directory $(LOCALE)
	@touch $@

# Debian's packages: chromium for the tests of the web client, valgrind for the instructions of starts.
.PHONY: setup
setup: .venv/ready $(TOOLS)/emulator/ready $(TOOLS)/sam/ready ## Set up everything, Debian's chromium and valgrind too where we may install them
	@missing=$$(for package in chromium valgrind; do command -v $$package >/dev/null || echo $$package; done); \
	  test -z "$$missing" || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null \
	  && echo "setting up $$missing" >&2 && apt-get update -qq >&2 && apt-get install -y -qq $$missing >&2; } \
	  || echo "please install: $$missing" >&2

.PHONY: has-chromium
has-chromium:
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null \
	  || { echo 'the tests of the web client need chromium: make setup, or install it' >&2; exit 1; }

# The database of the server that we measure ourselves against: the machine's, or Debian's where we may install it.
.PHONY: postgresql
postgresql:
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null \
	  && echo 'setting up postgresql' >&2 && apt-get update -qq >&2 && apt-get install -y -qq postgresql >&2; } \
	  || { echo 'the part "alternative" needs PostgreSQL of Debian: please install it, or name other PARTS' >&2; exit 1; }

# What draws the API's reference ships with the function that serves it; nothing is built without.
REFERENCE := functions/browse_catalogue/redoc.js
$(TOOLS)/sam/ready: $(REFERENCE)
$(REFERENCE): tools/environments/reference/package-lock.json $(if $(filter $(TOOLS)/%,$(NODE_BIN)),$(TOOLS)/node/ready)
	@echo 'fetching the renderer of the reference' >&2
	@cd tools/environments/reference && PATH="$(NODE_BIN):$$PATH" npm ci --silent --ignore-scripts --no-audit --no-fund
	@cp tools/environments/reference/node_modules/redoc/LICENSE functions/browse_catalogue/redoc.LICENSE
	@cp tools/environments/reference/node_modules/redoc/bundles/redoc.standalone.js $@

$(TOOLS)/emulator/ready $(TOOLS)/sam/ready $(TOOLS)/node/ready $(TOOLS)/checkov/ready $(TOOLS)/docs/ready: $(TOOLS)/%/ready: $(UV) tools/environments/%/uv.lock
	@echo 'setting up the $*' >&2
	@UV_PROJECT_ENVIRONMENT=$(TOOLS)/$* $(UV) sync --quiet --frozen --project tools/environments/$*
	@touch $@
