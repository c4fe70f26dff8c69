#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the extension with its engine into a PostgreSQL of the user's own.
# Usage: PG_CONFIG=... install.sh BUILD_DIR
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/progress.sh"
build=$1
root=$(dirname "$here")
: "${PG_CONFIG:?PG_CONFIG must name the pg_config of the server}"

major=$("$PG_CONFIG" --version | sed -E 's/^PostgreSQL ([0-9]+).*/\1/')
[ "$major" = 17 ] || fail "PostgreSQL $major is not supported" "Use a server of version 17."

# The library must be compiled against the headers of the server that loads it.
own=$(dirname "$(dirname "$build")")
if [ "$PG_CONFIG" != .deps/postgresql-17/bin/pg_config ]; then
  build=$root/.build/install
  own=$build
  cmake --preset dev -B "$build" -DPG_CONFIG="$PG_CONFIG" -DBUILD_TESTING=OFF >/dev/null
  ninja -C "$build" --quiet tarn tarn_extension
fi

step "installing into $("$PG_CONFIG" --pkglibdir)"
PG_CONFIG=$PG_CONFIG "$here/install-extension.sh" "$build"
engine=$("$PG_CONFIG" --pkglibdir)/tarn
install -d "$engine"
install -m 755 "$build/tarn" "$engine/tarn"
install -m 755 "$root/.deps/duckdb/lib/libduckdb.so" "$engine/libduckdb.so"
cat <<EOF
Add to postgresql.conf, then restart the server:
  shared_preload_libraries = 'tarn'
  tarn.engine_path = '$engine/tarn'
Then, in each database: CREATE EXTENSION tarn;
EOF
