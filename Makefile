# SPDX-License-Identifier: Apache-2.0
# Every workflow is one target; what they do is in scripts/ and CMake.
SHELL := /bin/bash
BUILD ?= build
ASAN_BUILD ?= .build/asan
JOBS ?= $(shell nproc)
PG_CONFIG ?= .deps/postgresql-17/bin/pg_config

.PHONY: help deps deps-interop build asan test test-fast test-long lint format tidy demo demo-cdc up down bench install clean

help:
	@echo "make build     the program build/tarn, its extension, and a PostgreSQL to run them in"
	@echo "make demo      a PostgreSQL instance with Iceberg tables, filled and queried"
	@echo "make demo-cdc  PostgreSQL tables replicated into Iceberg, and a join of them kept fresh"
	@echo "make test      everything that must hold (an hour at most on two cores)"
	@echo "make test-fast lint, unit tests and some tests across processes (minutes)"
	@echo "make test-long random kills and statements, fuzzing: hours, ends with a table"
	@echo "make up        starts the instances of ./tarn-data; make down stops them"
	@echo "make bench     measurements, as tables and JSON"
	@echo "make install PG_CONFIG=...   the extension into a PostgreSQL of your own"
	@echo "make deps deps-interop format lint tidy clean"

deps:
	@scripts/deps.sh tests

deps-interop: deps
	@scripts/deps-interop.sh
	@scripts/deps-snowflake.sh
	@scripts/deps-browser.sh

build:
	@scripts/deps.sh build
	@scripts/build.sh dev $(BUILD) $(JOBS) tarn tarn_extension

asan:
	@scripts/deps.sh build
	@scripts/build.sh asan $(ASAN_BUILD) $(JOBS)

test:
	@scripts/test.sh all

test-fast:
	@scripts/test.sh fast

test-long:
	@scripts/test.sh long

lint:
	@scripts/lint.sh

format:
	@scripts/format.sh write

tidy:
	@scripts/tidy.sh

demo:
	@scripts/demo.sh

demo-cdc:
	@EXAMPLE=library scripts/demo.sh

up: build
	@$(BUILD)/tarn up

down:
	@$(BUILD)/tarn down

bench: build
	@scripts/bench.sh $(BUILD)

install: build
	@PG_CONFIG=$(PG_CONFIG) scripts/install.sh $(BUILD)

clean:
	@rm -rf $(BUILD) .build
