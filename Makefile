# The only door. Options are variables: make unit T=tests/unit/test_names.py
.DEFAULT_GOAL := help
T ?=
.PHONY: help up down status logs doctor test unit hub integration browser test-languages bench bench-storm bench-builds bench-publish rehearse lint format settings lock clean

help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} \
	      /^[a-z][a-z-]*:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##@ Run a class
up: ## Set up and start Lectern; print the address, the admin's password and the sign-up link
	@scripts/up
down: ## Stop it; people, homes and environments stay
	@scripts/down
status: ## Show services and participants' servers
	@scripts/status
logs: ## Follow the services' logs
	@scripts/logs
doctor: ## Look for what is wrong and say what to do
	@scripts/doctor

rehearse: ## Let N synthetic participants come at once; say what the machine can bear (N=60, FORCE=1)
	@scripts/rehearse

##@ Work on Lectern
test: ## All tests: lint, unit, integration, browser
	@scripts/test
unit: ## Tests without Docker (T=path for one)
	@scripts/dev pytest -n auto $(or $(T),tests/unit)
hub: ## Tests of logins and people on a hub's own process, with real peers and without Docker
	@scripts/dev pytest -n auto $(or $(T),tests/hub)
integration: ## Tests on the real stack
	@scripts/dev pytest $(or $(T),tests/integration)
browser: ## Tests in Chromium on the real stack
	@scripts/dev pytest $(or $(T),tests/browser)
test-languages: ## Every language of the catalogue, in images of their own (20 minutes)
	@scripts/dev pytest tests/languages
bench: ## Measure; print the table of docs/explanation/capacity.md
	@scripts/dev python -m tests.load.bench
bench-storm: ## Measure sixty people at once, interleaved with stock parts (PEOPLE=60 ROUNDS=3)
	@scripts/dev python -m tests.load.storm
bench-builds: ## Measure builds against a plain Dockerfile (ROUNDS=3)
	@scripts/dev python -m tests.load.build_bench
bench-publish: ## Measure pushes, rollback and starts beside a build (ROUNDS=3 CROWD=30)
	@scripts/dev python -m tests.load.publish_bench
lint: ## ruff, mypy, layers, shellcheck
	@scripts/dev scripts/lint
format: ## Write the code in house style
	@scripts/dev ruff format . && scripts/dev ruff check --fix .
settings: ## Write .env.example and the reference of settings and commands anew
	@scripts/dev scripts/settings-reference
lock: ## Write the lock files anew (UPGRADE=--upgrade for newer versions)
	@scripts/dev scripts/lock $(UPGRADE)
clean: ## Remove images and logs; ALSO="homes database environments" removes those for ever
	@scripts/clean $(ALSO)
