# SPDX-License-Identifier: Apache-2.0
# DuckDB as an imported target. Only modules declared with DUCKDB see its headers.

add_library(tarn_duckdb SHARED IMPORTED GLOBAL)
set_target_properties(tarn_duckdb PROPERTIES
  IMPORTED_LOCATION ${TARN_DEPS}/duckdb/lib/libduckdb.so
  # The library carries no SONAME: without this the linker would record its path in the checkout.
  IMPORTED_NO_SONAME ON)
# Of third_party only what the Parquet reader's headers include: DuckDB's copies of fmt and zstd would
# hide the system's.
set(TARN_DUCKDB_INCLUDES ${TARN_DEPS}/duckdb/include ${TARN_DEPS}/duckdb/parquet-include)
foreach(folder parquet thrift fastpforlib fsst)
  list(APPEND TARN_DUCKDB_INCLUDES ${TARN_DEPS}/duckdb/third_party/${folder})
endforeach()
