# Everything a person or CI types. Each target stands alone: on a fresh machine it sets itself up first.
PYTHON ?= python3
BIN := .venv/bin
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo test test-full check bench lock clean

help:  ## Mostrar esta lista
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: setup  ## Preparar todo y ver una reconexión completa en el Serviweb incluido
	@$(BIN)/serviweb demo $(ARGS)

test: check  ## Revisar el código y ejecutar las pruebas (lo mismo que CI)
	$(BIN)/python -m pytest -q -n 2 --dist worksteal -m "not full" $(ARGS)

test-full: check  ## Lo mismo, con los productos largos de fallas y efectos
	$(BIN)/python -m pytest -q -n 2 --dist worksteal $(ARGS)

bench: setup-dev  ## Medir tiempos y memoria contra un guion de Playwright
	$(BIN)/python benchmarks/bench.py $(ARGS)

check: setup-dev  ## Solo revisar el código: ruff y mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

setup:  ## Solo preparar lo que necesita el robot
	@$(PYTHON) tools/bootstrap.py

setup-dev:  ## Solo preparar lo que necesitan las pruebas
	@$(PYTHON) tools/bootstrap.py --dev

lock:  ## Resolver de nuevo las versiones (ARGS=--upgrade para subirlas)
	$(PYTHON) tools/lock.py $(ARGS)

clean:  ## Borrar lo que hicieron estas órdenes (los casos no se tocan)
	rm -rf .venv node_modules robot/web dist .mypy_cache .ruff_cache .pytest_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
