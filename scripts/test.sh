#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Everything that must hold, cheapest first: lint, unit tests, unit tests under sanitizers, then what
# crosses processes. Stops at the first tier that fails.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/progress.sh"
cd "$here/.."
build=${BUILD:-build} asan=${ASAN_BUILD:-.build/asan} jobs=${JOBS:-$(nproc)}

"$here/deps.sh" tests
if [ -z "${TARN_SKIP_INTEROP:-}" ]; then "$here/deps-interop.sh"; fi

step "lint and format"
"$here/lint.sh"

"$here/build.sh" dev "$build" "$jobs"
step "unit tests"
ctest --test-dir "$build" --output-on-failure --no-tests=error -j "$jobs" --progress

# What parses bytes that others wrote. `make asan` builds the rest, too.
"$here/build.sh" asan "$asan" "$jobs" tarn_base_test tarn_storage_test tarn_iceberg_test \
  fuzz_batch fuzz_wire fuzz_manifest fuzz_table_metadata
step "unit tests under AddressSanitizer and UndefinedBehaviorSanitizer"
ctest --test-dir "$asan" -L '^(base|storage|iceberg|fuzz)$' --output-on-failure --no-tests=error \
  -j "$jobs" --progress

step "tests across processes"
TARN_BUILD="$PWD/$build" .deps/venv/bin/pytest tests -q --durations=10
