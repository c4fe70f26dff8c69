#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Configures and builds with a preset. Usage: build.sh PRESET BUILD_DIR JOBS [TARGET...]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/progress.sh"
cd "$here/.."
preset=$1 build=$2 jobs=$3
shift 3

if [ ! -f "$build/build.ninja" ]; then
  step "configuring $build ($preset)"
  quietly cmake --preset "$preset" -B "$build"
fi
step "building $build"
if [ -t 1 ]; then
  ninja -C "$build" -j "$jobs" "$@"
else
  quietly ninja -C "$build" -j "$jobs" "$@"
fi
# The instances run the extension from the PostgreSQL beside it.
if [ "$preset" = dev ] && [ -f "$build/tarn.so" ]; then
  quietly ninja -C "$build" install-dev
fi
