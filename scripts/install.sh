#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the extension with its engine into a PostgreSQL of the user's own.
# Usage: PG_CONFIG=... install.sh BUILD_DIR
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/progress.sh"
cd "$here/.."
build=$1
: "${PG_CONFIG:?PG_CONFIG must name the pg_config of the server}"

major=$("$PG_CONFIG" --version | sed -E 's/^PostgreSQL ([0-9]+).*/\1/')
[ "$major" = 17 ] || fail "PostgreSQL $major is not supported" "Use a server of version 17."
headers=$("$PG_CONFIG" --includedir-server)
[ -f "$headers/postgres.h" ] ||
  fail "there are no server headers in $headers" "Install the development package of that server."

# The library is compiled against the headers of the server that loads it; the engine is the same for all.
extension_build=$build
if [ "$(realpath "$PG_CONFIG")" != "$(realpath .deps/postgresql-17/bin/pg_config)" ]; then
  extension_build=.build/install
  step "compiling the extension for $("$PG_CONFIG" --version)"
  quietly cmake --preset dev -B "$extension_build" -DPG_CONFIG="$PG_CONFIG" -DBUILD_TESTING=OFF
  ninja -C "$extension_build" --quiet tarn_extension
fi

step "installing into $("$PG_CONFIG" --pkglibdir)"
PG_CONFIG=$PG_CONFIG "$here/install-extension.sh" "$extension_build"
engine=$("$PG_CONFIG" --pkglibdir)/tarn
install -d "$engine"
for file in "$build/tarn" .deps/duckdb/lib/libduckdb.so; do
  name=$(basename "$file")
  # Renamed into place: a running engine keeps the file that it has mapped.
  install -m 755 "$file" "$engine/$name.tmp.$$"
  mv -f "$engine/$name.tmp.$$" "$engine/$name"
done
cat <<EOF
Add to postgresql.conf, then restart the server:
  shared_preload_libraries = 'tarn'
  tarn.engine_path = '$engine/tarn'
Then, in each database: CREATE EXTENSION tarn;
EOF
