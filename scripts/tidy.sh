#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# clang-tidy over what changed in src/ and extension/. Usage: tidy.sh BUILD_DIR [FILE...]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/progress.sh"
cd "$here/.."
"$here/deps.sh" tests
# The compiler's flags of every file, which need no build.
if [ -f "$1/build.ninja" ]; then
  quietly cmake -B "$1"
else
  quietly cmake --preset dev -B "$1"
fi
step "clang-tidy"
exec python3 "$here/tidy.py" "$@"
