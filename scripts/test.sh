#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What must hold, cheapest first; stops at the first tier that fails and says how long each took.
# Usage: test.sh [fast | all | long]
#   fast  lint, unit tests, and some tests across processes that meet every part once
#   all   (the default) lint, unit tests, those of parsers under sanitizers, all tests across processes
#   long  random kills, random statements and fuzzing for long; ends with a table for docs/internals/STATUS.md
# long takes KILLS, STEPS, FUZZ_SECONDS (of each target) and SEED from the environment.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/progress.sh"
cd "$here/.."
build=${BUILD:-build} asan=${ASAN_BUILD:-.build/asan} jobs=${JOBS:-$(nproc)}
kills=${KILLS:-500} steps=${STEPS:-20000} fuzz_seconds=${FUZZ_SECONDS:-300}
seed=${SEED:-$RANDOM}
mapfile -t fuzz_targets < <(sed -nE "s/^tarn_fuzz\\((\\w+) .*/fuzz_\\1/p" fuzz/CMakeLists.txt)
smoke=(tests/lint tests/sql/test_transactions.py tests/sql/test_values.py tests/sql/test_refused.py
  tests/provision/test_life.py)

times=()
tier() {
  local name=$1 start=$SECONDS
  shift
  step "$name"
  current="$name, not finished" current_start=$start
  "$@"
  times+=("$(printf '%-32s %5d s' "$name" $((SECONDS - start)))")
  current=
}
current=
print_times() {
  if [ -n "$current" ]; then
    times+=("$(printf '%-32s %5d s' "$current" $((SECONDS - current_start)))")
  fi
  printf '\ntime by tier\n'
  printf '  %s\n' "${times[@]}" "$(printf '%-32s %5d s' total $SECONDS)"
}

install_dependencies() {
  "$here/deps.sh" tests
  if [ "$1" = all ] && [ -z "${TARN_SKIP_INTEROP:-}" ]; then
    "$here/deps-interop.sh"
    "$here/deps-snowflake.sh"
    "$here/deps-browser.sh"
  fi
}
unit_tests() {
  ctest --test-dir "$build" --output-on-failure --no-tests=error -j "$jobs" --progress
}
build_sanitized() {
  "$here/build.sh" asan "$asan" "$jobs" "$@" "${fuzz_targets[@]}"
}
sanitized_tests() {
  ctest --test-dir "$asan" -L '^(base|storage|iceberg|fuzz)$' --output-on-failure --no-tests=error \
    -j "$jobs" --progress
}
across_processes() {
  TARN_BUILD="$PWD/$build" .deps/venv/bin/pytest -q --durations=10 "$@"
}

# Of the documents, whose schedules take minutes, nearly all is waiting: they run beside the others.
all_across_processes() {
  local retail=tests/seeds/retail_lakehouse/test_whole_document.py
  local capture=tests/seeds/change_data_capture/test_whole_document.py output failed=
  output=$(mktemp)
  across_processes "$retail" "$capture" >"$output" 2>&1 &
  local beside=$!
  across_processes tests --ignore "$retail" --ignore "$capture" || failed=yes
  # 5: nothing was collected.
  wait "$beside" || [ $? -eq 5 ] || failed=yes
  cat "$output"
  rm -f "$output"
  [ -z "$failed" ]
}

# Tests across processes wait more than they compute: parsers are built and tested under sanitizers beside them, with
# what they leave over of the processors.
across_processes_and_sanitized() {
  local output failed= started=$SECONDS
  output=$(mktemp)
  (
    renice -n 19 "$BASHPID" >/dev/null
    build_sanitized tarn_base_test tarn_storage_test tarn_iceberg_test && sanitized_tests
    status=$?
    printf 'sanitized build and unit tests: %d s\n' $((SECONDS - started))
    exit $status
  ) >"$output" 2>&1 &
  local beside=$!
  all_across_processes || failed=yes
  wait "$beside" || failed=yes
  cat "$output"
  rm -f "$output"
  [ -z "$failed" ]
}

results=()
# long_run NAME SCALE COMMAND...: a row of the table; the other runs go on when one fails.
long_run() {
  local name=$1 scale=$2 start=$SECONDS outcome=passed
  shift 2
  step "$name: $scale"
  "$@" || outcome="**failed**"
  results+=("| $name | $scale | $outcome | $((SECONDS - start)) s |")
}
# Seeded mutations, one seed after the other, until the time is over.
fuzz_for() {
  local target=$1 end=$((SECONDS + fuzz_seconds)) next=$seed
  while [ "$SECONDS" -lt "$end" ]; do
    "$asan/$target" --seed "$next" --runs 200000 || return 1
    next=$((next + 1))
  done
}
long_runs() {
  long_run "kill -9 at random" "$kills kills" across_processes -s --seed "$seed" \
    tests/faults/test_kill.py --kills "$kills"
  long_run "random statements on twins" "$steps steps" across_processes -s --seed "$seed" \
    tests/model --steps "$steps"
  local target
  for target in "${fuzz_targets[@]}"; do
    long_run "$target" "$fuzz_seconds s of mutations, sanitized" fuzz_for "$target"
  done
  local head
  head=$(git rev-parse --short HEAD 2>/dev/null || echo unknown)
  printf '\nLong runs of %s, %s, seed %s\n\n' "$head" "$(date -u +%F)" "$seed"
  printf '| run | length | result | took |\n|---|---|---|---|\n'
  printf '%s\n' "${results[@]}"
  if printf '%s\n' "${results[@]}" | grep -q failed; then return 1; fi
}

kind=${1:-all}
case $kind in fast | all | long) ;; *) fail "there is no tier \"$kind\"" "Use fast, all or long." ;; esac
trap print_times EXIT
tier "dependencies" install_dependencies "$kind"
if [ "$kind" != long ]; then tier "lint and format" "$here/lint.sh"; fi
tier "build" "$here/build.sh" dev "$build" "$jobs"
case $kind in
  fast)
    tier "unit tests" unit_tests
    tier "tests across processes, some" across_processes "${smoke[@]}"
    ;;
  all)
    tier "unit tests" unit_tests
    tier "tests across processes" across_processes_and_sanitized
    ;;
  long)
    tier "sanitized build" build_sanitized
    tier "long runs" long_runs
    ;;
esac
