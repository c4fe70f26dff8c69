#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what Tarn is built from and tested with. A second run does nothing and takes a moment.
# Usage: deps.sh [build | tests]   (tests is the default and includes build)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/deps-folder.sh"
lock_deps

bash "$here/system-packages.sh"
bash "$here/python-env.sh" bootstrap
bash "$here/fetch-duckdb.sh"
bash "$here/fetch-console.sh"
bash "$here/fetch-postgresql.sh"
if [ "${1:-tests}" = tests ]; then
  bash "$here/python-env.sh" tests
  while read -r major version sha256; do
    bash "$here/fetch-postgresql.sh" "$major" "$version" "$sha256"
  done <<<"$POSTGRESQL_SOURCES"
fi
bash "$here/system-account.sh"
