.DEFAULT_GOAL := help
SHELL := bash
PYTHON ?= python3
UV := $(or $(shell command -v uv),$(HOME)/.cache/noria/uv/bin/uv)
BIN := .venv/bin
LOCKS := requirements/operator.txt requirements/trainers.txt requirements/trainers-gpu.txt requirements/serving.txt requirements/dev.txt

help: ## What can be made
	@grep -hE '^[a-z][a-z-]*:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-16s %s\n", $$1, $$2}'

venv: .venv/.stamp ## The Python environment, from the locked requirements
.venv/.stamp: requirements/dev.txt pyproject.toml
	@hack/venv.sh

lock: ## Pin the dependencies of pyproject.toml anew, with hashes
	@hack/lock.sh
