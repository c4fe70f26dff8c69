#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs every measurement of bench/. Usage: bench.sh BUILD_DIR
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/progress.sh"
cd "$here/.."
"$here/deps.sh" tests
if [ ! -f bench/run.py ]; then fail "bench/run.py does not exist"; fi
TARN_BUILD=$(cd "$1" && pwd) exec .deps/venv/bin/python bench/run.py
