.DEFAULT_GOAL := help
SHELL := bash
BIN := .venv/bin
CLUSTER_ENV := $(if $(CONTEXT),,source localcluster/env.sh &&)
TOOLS := source localcluster/common.sh && source localcluster/programs.sh && get_tools

help: ## What can be made
	@grep -hE '^[a-z][a-z0-9-]*:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-18s %s\n", $$1, $$2}'

demo: STARTED := $(shell date +%s)
demo: venv ## From a folder of images to a served answer (CONTEXT=name uses a cluster you have)
	@$(CLUSTER_ENV) STARTED=$(STARTED) $(BIN)/python tools/demo.py

test: venv cluster images ## All tests: unit, integration, end to end
	@$(CLUSTER_ENV) $(BIN)/pytest tests

test-unit: venv ## Tests that need nothing but Python
	@$(BIN)/pytest tests/unit

test-integration: venv control-plane ## Tests against a real API server
	@$(CLUSTER_ENV) $(BIN)/pytest tests/integration

test-e2e: venv cluster images ## Tests with real pods
	@$(CLUSTER_ENV) $(BIN)/pytest tests/e2e

test-fuzz: venv ## Random input against noria-server, for five minutes
	@NORIA_FUZZ_SECONDS=75 $(BIN)/pytest tests/integration/serving/test_fuzz.py -s

test-soak: venv ## Versions swapped for minutes and servers drained ten times, under load
	@NORIA_SWAPS=60 NORIA_DRAINS=10 $(BIN)/pytest --timeout=3600 tests/integration/serving/test_swap.py -s

test-export: venv ## Every configuration of tabular-sklearn: what its graph answers against scikit-learn
	@NORIA_ALL_CONFIGURATIONS=1 $(BIN)/pytest -q tests/unit/trainers/test_tabular_sklearn.py

golden: venv ## Rewrite the golden files (children, orders, reports, models, cards), to be read in review
	@GOLDEN=1 $(BIN)/pytest -q tests/unit/operator/test_resources.py tests/unit/frozen

lint: venv ## Style, types and import rules
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy && PYTHONPATH= $(BIN)/lint-imports

generate: venv ## Write what follows from kinds, declared rights and the chart: CRDs, roles, manifests, docs
	@$(TOOLS) && $(BIN)/python tools/generate.py

verify: venv ## Fail where generated files are not what `make generate` writes
	@$(TOOLS) && $(BIN)/python tools/generate.py --check && helm lint --quiet --strict helm/noria

cluster: ## Start a real one-node Kubernetes on this machine (root, Debian or Ubuntu)
	@$(if $(CONTEXT),echo "cluster: using $(CONTEXT)",localcluster/cluster up)

cluster-status: ## What the local cluster runs and how to use it
	@localcluster/cluster status

control-plane: ## Start an API server with its controllers, without a node, as any user
	@CLUSTER_NAME=control localcluster/control-plane up

down: ## End the local cluster and the control plane; leaves nothing running
	@localcluster/cluster down && CLUSTER_NAME=control localcluster/control-plane down

images: ## Build the images and give them to the cluster (CONTEXT=name: to that one)
	@CONTEXT=$(CONTEXT) images/build.sh --load

wheel: venv ## The Python distribution, in dist/
	@$(BIN)/python -m hatchling build -t wheel

chart: ## The Helm chart as a package, in dist/
	@$(TOOLS) && helm package helm/noria --destination dist

bench-operator: venv ## Speed and cost of the operator beside an API server of its own (JOBS=1000)
	@$(BIN)/python benchmarks/bench_operator.py $(JOBS)

bench-serving: venv ## noria-server beside MLServer, KServe, BentoML and LitServe: same models, a core each
	@. tools/uv.sh && $(BIN)/python benchmarks/bench_serving.py --uv "$$uv"

TABLE ?= ../shared/data/oboe
bench-choose: venv ## How good the five are, on a public table of 418 datasets; goes on where it stopped (TABLE=folder)
	@$(BIN)/python benchmarks/bench_choose.py --table $(TABLE)

bench-learning: venv ## What the chooser learns from its own choices alone, on the same table (TABLE=folder ORDERS=20)
	@$(BIN)/python benchmarks/bench_learning.py --table $(TABLE) --orders $(or $(ORDERS),20)

bench-table: venv ## Rows of the same table measured by our own code, for an hour; goes on where it stopped (ONLY='--minutes N')
	@PYTHONPATH=tools TF_CPP_MIN_LOG_LEVEL=3 $(BIN)/python benchmarks/bench_table.py $(ONLY)

bench-seed: venv ## How good the five are on what `make experience` measured, one parent left out
	@$(BIN)/python benchmarks/bench_seed.py

seed: venv ## The experience that is shipped, made of the public table (TABLE=folder)
	@$(BIN)/python tools/make_seed.py --table $(TABLE)

experience: venv ## Measure experience on public data, for hours; goes on where it stopped (ONLY='--task TASK --minutes N')
	@NORIA_LOG_LEVEL=warning TF_CPP_MIN_LOG_LEVEL=3 $(BIN)/python tools/make_experience.py $(ONLY)

venv: .venv/.stamp ## The Python environment, from the locked requirements
.venv/.stamp: requirements/dev.txt pyproject.toml
	@tools/venv.sh

lock: ## Pin the dependencies of pyproject.toml anew, with hashes
	@tools/lock.sh

.PHONY: wheel chart bench-seed bench-table experience seed test-export test-fuzz test-soak bench-serving golden bench-operator cluster cluster-status control-plane down images help demo test test-unit test-integration test-e2e lint generate verify venv lock
