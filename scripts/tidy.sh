#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# clang-tidy over what changed in src/ and extension/. Usage: tidy.sh [FILE...]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/progress.sh"
cd "$here/.."
"$here/deps.sh" tests
# The compiler's flags of every file by itself, which need no build.
quietly cmake --preset dev -B .build/tidy -DTARN_UNITY=OFF
step "clang-tidy"
exec python3 "$here/tidy.py" .build/tidy "$@"
