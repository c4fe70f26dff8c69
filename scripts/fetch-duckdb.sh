#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fetches DuckDB into $DEPS/duckdb: the library from npm, the headers of the same patch from PyPI.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/deps-folder.sh"
. "$here/node.sh"
key="$DUCKDB_NPM_VERSION $DUCKDB_NPM_SHA256 $DUCKDB_SDIST_SHA256 layout2"
if stamped duckdb "$key"; then exit 0; fi

work=$(mktemp -d "$DEPS/duckdb.XXXXXX")
trap 'rm -rf "$work"' EXIT

find_node
step "fetching DuckDB $DUCKDB_VERSION: library"
quietly "${NPM[@]}" pack --pack-destination "$work" --cache "$work/npm-cache" \
  "$DUCKDB_NPM_PACKAGE@$DUCKDB_NPM_VERSION"
tarball=$(echo "$work"/duckdb-*.tgz)
check_sha256 "$tarball" "$DUCKDB_NPM_SHA256"
mkdir -p "$work/out/lib"
tar -xzf "$tarball" -C "$work" package/libduckdb.so package/LICENSE
install -m 755 "$work/package/libduckdb.so" "$work/out/lib/libduckdb.so"
install -m 644 "$work/package/LICENSE" "$work/out/LICENSE"

step "fetching DuckDB $DUCKDB_VERSION: headers"
quietly "$DEPS/uv/bin/python" -m pip download -q --no-deps --no-binary duckdb -d "$work" \
  "duckdb==$DUCKDB_VERSION"
check_sha256 "$work/duckdb-$DUCKDB_VERSION.tar.gz" "$DUCKDB_SDIST_SHA256"
root="duckdb-$DUCKDB_VERSION/external/duckdb"
tar -xzf "$work/duckdb-$DUCKDB_VERSION.tar.gz" -C "$work" --wildcards \
  "$root/src/include/*" "$root/extension/parquet/include/*" \
  "$root/third_party/*.h" "$root/third_party/*.hpp" "$root/third_party/*.tcc"
mv "$work/$root/src/include" "$work/out/include"
mv "$work/$root/extension/parquet/include" "$work/out/parquet-include"
mv "$work/$root/third_party" "$work/out/third_party"

chmod -R a+rX "$work/out"
rm -rf "$DEPS/duckdb"
mv "$work/out" "$DEPS/duckdb"
stamp duckdb "$key"
