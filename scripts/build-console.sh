#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds console/ with the packages that scripts/fetch-console.sh installed, or checks its types.
# Usage: build-console.sh OUT | check
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/deps-folder.sh"
. "$here/node.sh"
out=$1
work=
if [ "$out" = check ]; then
  work=$(mktemp -d)
  out=$work
  trap 'rm -rf "$work"' EXIT
fi
[ -d "$DEPS/console/node_modules" ] || fail "the packages of the console are not installed" "Run: make deps"
find_node

# In a copy, so that nothing is written between the sources, and checkouts can share the packages.
mkdir -p "$out"
rm -rf "$out/source" "$out/dist"
cp -R "$here/../console" "$out/source"
rm -rf "$out/source/node_modules"
ln -s "$DEPS/console/node_modules" "$out/source/node_modules"
cd "$out/source"
if [ -n "$work" ]; then
  "$NODE" node_modules/typescript/bin/tsc --noEmit
  echo "console: types fit"
  exit 0
fi
"$NODE" node_modules/vite/bin/vite.js build --logLevel warn --outDir "$out/dist"
python3 "$here/console_assets.py" "$out/dist" "$out"
