.DEFAULT_GOAL := help
SHELL := bash
BIN := .venv/bin
CLUSTER_ENV := $(if $(CONTEXT),,source localcluster/env.sh &&)
UNIT_TESTS := $(BIN)/pytest --numprocesses=auto --dist=loadfile tests/unit
INTEGRATION_TESTS := $(BIN)/pytest --numprocesses=2 tests/integration
TOOLS := source localcluster/common.sh && source localcluster/programs.sh && get_tools

help: ## Show this list
	@grep -hE '^[a-z][a-z0-9-]*:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-18s %s\n", $$1, $$2}'

demo: STARTED := $(shell date +%s)
demo: venv ## Train on a folder of images and serve the model (CONTEXT=name uses an existing cluster)
	@$(CLUSTER_ENV) STARTED=$(STARTED) $(BIN)/python tools/demo.py

test: venv ## Run all tests: unit, integration, end to end
	@status=0; $(UNIT_TESTS) || status=$$?; $(MAKE) --no-print-directory test-on-cluster || status=$$?; exit $$status

test-on-cluster: venv cluster images
	@$(CLUSTER_ENV) { status=0; $(INTEGRATION_TESTS) || status=$$?; $(BIN)/pytest tests/e2e || status=$$?; exit $$status; }

test-unit: venv ## Run the tests that need only Python
	@$(UNIT_TESTS)

test-integration: venv control-plane ## Run the tests against a real API server
	@$(CLUSTER_ENV) $(INTEGRATION_TESTS)

test-e2e: venv cluster images ## Run the tests with real pods
	@$(CLUSTER_ENV) $(BIN)/pytest tests/e2e

test-fuzz: venv ## Send random input to noria-server for five minutes
	@NORIA_FUZZ_SECONDS=75 $(BIN)/pytest tests/integration/serving/test_fuzz.py -s

test-soak: venv ## Swap versions for minutes and drain servers ten times, under load
	@NORIA_SWAPS=60 NORIA_DRAINS=10 $(BIN)/pytest --timeout=3600 tests/integration/serving/test_swap.py -s

test-loop: venv cluster images ## Kill the operator at every write of a round, and roll back versions that serve badly
	@$(CLUSTER_ENV) NORIA_KILLS=1000 NORIA_BAD_VERSIONS=2 $(BIN)/pytest -q --timeout=3600 tests/e2e/test_loop.py

test-files: venv ## Profile 2,000 damaged files of all formats
	@NORIA_MUTATED_FILES=2000 NORIA_LOG_LEVEL=critical $(BIN)/pytest -q tests/unit/trainers/test_mutated_files.py
test-skew: venv ## Compare served answers to rows as they lie in 500 generated files with those to stored examples
	@NORIA_TABLES=500 $(BIN)/pytest -q --timeout=7200 tests/unit/trainers/test_skew.py

PAGES ?= .pages
test-pages: venv ## Open model cards in Chromium: small screen, dark, paper, axe (CHROMIUM=path, PAGES=folder)
	@. tools/uv.sh && "$$uv" venv -q --allow-existing --python $(BIN)/python .venv-pages \
		&& "$$uv" pip sync -q --python .venv-pages/bin/python --require-hashes requirements/pages.txt
	@mkdir -p $(PAGES) && PYTHONPATH=tests TF_CPP_MIN_LOG_LEVEL=3 $(BIN)/python tests/pages/write.py $(PAGES)
	@.venv-pages/bin/python tests/pages/look.py $(PAGES)

test-export: venv ## Compare the graph of every tabular-sklearn configuration with scikit-learn
	@NORIA_ALL_CONFIGURATIONS=1 $(BIN)/pytest -q tests/unit/trainers/test_tabular_sklearn.py

golden: venv ## Rewrite the golden files (children, orders, reports, models, cards) for review
	@GOLDEN=1 $(BIN)/pytest -q tests/unit/operator/test_resources.py tests/unit/frozen

lint: venv ## Check style, types and import rules
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy && PYTHONPATH= $(BIN)/lint-imports

generate: venv ## Write the generated files: CRDs, roles, manifests, docs
	@$(TOOLS) && $(BIN)/python tools/generate.py

verify: venv ## Fail if generated files differ from what `make generate` writes
	@$(TOOLS) && $(BIN)/python tools/generate.py --check && helm lint --quiet --strict helm/noria

cluster: ## Start a real one-node Kubernetes on this machine (root, Debian or Ubuntu)
	@$(if $(CONTEXT),echo "cluster: using $(CONTEXT)",localcluster/cluster up)

cluster-status: ## Show what the local cluster runs and how to use it
	@localcluster/cluster status

control-plane: ## Start an API server and its controllers without a node, as any user
	@CLUSTER_NAME=control localcluster/control-plane up

down: ## Stop the local cluster and the control plane
	@localcluster/cluster down && CLUSTER_NAME=control localcluster/control-plane down

images: ## Build the images and load them into the cluster (CONTEXT=name for an existing one)
	@CONTEXT=$(CONTEXT) images/build.sh --load

wheel: venv ## Build the Python distributions in dist/: noria, and noria_client for programs that only ask models
	@$(BIN)/python -m hatchling build -t wheel && cd client && ../$(BIN)/python -m hatchling build -t wheel -d ../dist

chart: ## Package the Helm chart in dist/
	@$(TOOLS) && helm package helm/noria --destination dist

bench-operator: venv ## Measure the operator's speed and cost with its own API server (JOBS=1000)
	@$(BIN)/python benchmarks/bench_operator.py $(JOBS)

bench-serving: venv ## Compare noria-server with MLServer, KServe, BentoML and LitServe: same models, one core each
	@. tools/uv.sh && $(BIN)/python benchmarks/bench_serving.py --uv "$$uv"

TABLE ?= ../shared/data/oboe
bench-choose: venv ## Measure the choices on a public table of 418 datasets; resumes where it stopped (TABLE=folder)
	@$(BIN)/python benchmarks/bench_choose.py --table $(TABLE)

bench-learning: venv ## Measure what the chooser learns from only its own choices, on the same table (TABLE=folder ORDERS=20)
	@$(BIN)/python benchmarks/bench_learning.py --table $(TABLE) --orders $(or $(ORDERS),20)

bench-table: venv ## Measure rows of the same table with our own code, for an hour; resumes where it stopped (ONLY='--minutes N')
	@PYTHONPATH=tools TF_CPP_MIN_LOG_LEVEL=3 $(BIN)/python benchmarks/bench_table.py $(ONLY)

bench-promotion: venv ## Measure how often equal, better and worse candidates are promoted (ROLLOUTS=2000)
	@TF_CPP_MIN_LOG_LEVEL=3 $(BIN)/python benchmarks/bench_promotion.py --rollouts $(or $(ROLLOUTS),2000)

bench-seed: venv ## Measure the choices on the results of `make experience`, leaving out one parent at a time
	@$(BIN)/python benchmarks/bench_seed.py

seed: venv ## Make the shipped experience from the public table (TABLE=folder)
	@$(BIN)/python tools/make_seed.py --table $(TABLE)

experience: venv ## Measure experience on public data, for hours; resumes where it stopped (ONLY='--task TASK --minutes N')
	@NORIA_LOG_LEVEL=warning TF_CPP_MIN_LOG_LEVEL=3 $(BIN)/python tools/make_experience.py $(ONLY)

venv: .venv/.stamp ## Make the Python environment from the locked requirements
.venv/.stamp: requirements/dev.txt pyproject.toml client/pyproject.toml
	@tools/venv.sh

lock: ## Update the pinned dependencies of pyproject.toml, with hashes
	@tools/lock.sh

.PHONY: test-pages test-on-cluster test-loop bench-promotion test-skew test-files wheel chart bench-seed bench-table experience seed test-export test-fuzz test-soak bench-serving golden bench-operator cluster cluster-status control-plane down images help demo test test-unit test-integration test-e2e lint generate verify venv lock
