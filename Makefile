# `make run` sets everything up and runs an experiment; `make test` sets everything up and runs the tests.
CONFIG ?= configs/quickstart.yaml
PYTEST_ARGS ?= -n 2 --dist loadfile -m "not slow and not gpu"
BIN = .venv/bin/python -m

.PHONY: help run test setup check format clean
help:
	@echo "make run [CONFIG=configs/quickstart.yaml]   set up, then run an experiment"
	@echo "make test                                   set up, then run the tests"
	@echo "make setup                                  set up only, with the tools for development"
	@echo "make check                                  lint, format, types, layers"
	@echo "make format                                 put the code into its format"
	@echo "make clean                                  remove .venv and what tools left; runs/ stays"

run:
	@.ci/install.sh run
	@$(BIN) neuromod run "$(CONFIG)" --plot

setup:
	@.ci/install.sh test

test: setup
	@$(BIN) pytest $(PYTEST_ARGS)

check: setup
	@$(BIN) ruff check
	@$(BIN) ruff format --check
	@$(BIN) mypy
	@.venv/bin/python -c 'from importlinter.cli import lint_imports_command as lint; lint()' --no-logo

format: setup
	@$(BIN) ruff check --fix
	@$(BIN) ruff format

clean:
	rm -rf .venv build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find neuromod tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
