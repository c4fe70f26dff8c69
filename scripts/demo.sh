#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs, builds, and shows the product with examples/$EXAMPLE (retail). Arguments go to the example.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/progress.sh"
cd "$here/.."
build=${BUILD:-build}
"$here/deps.sh" tests
"$here/build.sh" dev "$build" "${JOBS:-$(nproc)}" tarn tarn_extension
TARN_BUILD="$PWD/$build" exec .deps/venv/bin/python "examples/${EXAMPLE:-retail}/demo.py" "$@"
