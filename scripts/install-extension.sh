#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Copies the extension's files into the PostgreSQL that PG_CONFIG names, or, with PGROOT set, into a
# copy of that tree. Usage: PG_CONFIG=... [PGROOT=...] install-extension.sh BUILD_DIR
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/progress.sh"
build=$1
root=$(dirname "$here")

if [ -n "${PGROOT:-}" ]; then PG_CONFIG=$PGROOT/bin/pg_config; fi
pkglibdir=$("$PG_CONFIG" --pkglibdir) || fail "cannot run $PG_CONFIG"
extensiondir=$("$PG_CONFIG" --sharedir)/extension

# Another product of this name may be there: its file is not ours to replace.
for control in "$root"/extension/*.control; do
  [ -e "$control" ] || continue
  installed=$extensiondir/$(basename "$control")
  if [ -f "$installed" ] && ! grep -q '^# installed by tarn$' "$installed"; then
    fail "$installed belongs to another product" "Remove that product's extension first, or use another PostgreSQL."
  fi
done

install -d "$pkglibdir" "$extensiondir"
# Installed under another name and renamed: a running server keeps the file that it has mapped.
put() {
  install -m "$1" "$2" "$3.tmp.$$"
  mv -f "$3.tmp.$$" "$3"
}
put 755 "$build/tarn.so" "$pkglibdir/tarn.so"
for file in "$root"/extension/*.control "$root"/extension/sql/*.sql; do
  [ -e "$file" ] || continue
  put 644 "$file" "$extensiondir/$(basename "$file")"
done
