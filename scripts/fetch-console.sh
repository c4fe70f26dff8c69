#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the packages that console/ is built of and with into $DEPS/console, as its package-lock.json pins them.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/deps-folder.sh"
. "$here/node.sh"
folder=$here/../console
key="$(cat "$folder/package.json" "$folder/package-lock.json" "$folder/.npmrc" | sha256sum | cut -d' ' -f1)"
if stamped console "$key" && [ -d "$DEPS/console/node_modules" ]; then exit 0; fi
find_node

step "installing the packages of the console"
work=$(mktemp -d "$DEPS/console.XXXXXX")
trap 'rm -rf "$work"' EXIT
cp "$folder/package.json" "$folder/package-lock.json" "$folder/.npmrc" "$work"
# Nothing of them runs before we run it.
(cd "$work" && quietly "${NPM[@]}" ci --ignore-scripts --cache "$work/npm-cache")
rm -rf "$work/npm-cache" "$DEPS/console"
chmod -R a+rX "$work"
mv "$work" "$DEPS/console"
stamp console "$key"
