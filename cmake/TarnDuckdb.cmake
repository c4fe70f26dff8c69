# SPDX-License-Identifier: Apache-2.0
# DuckDB as an imported target. Only modules declared with DUCKDB see its headers.

add_library(tarn_duckdb SHARED IMPORTED GLOBAL)
set_target_properties(tarn_duckdb PROPERTIES
  IMPORTED_LOCATION ${TARN_DEPS}/duckdb/lib/libduckdb.so
  # The library carries no SONAME: without this the linker would record its path in the checkout.
  IMPORTED_NO_SONAME ON)
# third_party first-level folders that DuckDB's own headers and the Parquet reader's headers include.
set(TARN_DUCKDB_INCLUDES ${TARN_DEPS}/duckdb/include ${TARN_DEPS}/duckdb/parquet-include
  ${TARN_DEPS}/duckdb/third_party/parquet ${TARN_DEPS}/duckdb/third_party/thrift
  ${TARN_DEPS}/duckdb/third_party)
