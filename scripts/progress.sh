# SPDX-License-Identifier: Apache-2.0
# Progress lines, failure messages and stamps for the other scripts. Sourced, not run.
# shellcheck shell=bash

step() { printf '==> %s\n' "$*"; }

fail() {
  printf 'ERROR:  %s\n' "$1" >&2
  if [ $# -gt 1 ]; then printf 'HINT:  %s\n' "$2" >&2; fi
  exit 1
}

# Says every 15 seconds that a step goes on, and its last line, while this shell lives.
tick() {
  local log=$1 seconds=0
  while sleep 1 && kill -0 $$ 2>/dev/null; do
    seconds=$((seconds + 1))
    if [ $((seconds % 15)) = 0 ]; then
      printf '    %3d s  %s\n' "$seconds" "$(tail -n 1 "$log" | tr '\r' '\n' | tail -n 1 | cut -c1-80)"
    fi
  done
}

# Runs a command quietly: its output goes to a log that is shown only when the command fails.
quietly() {
  local log ticker status=0
  log=$(mktemp)
  tick "$log" &
  ticker=$!
  "$@" >"$log" 2>&1 || status=$?
  kill "$ticker" 2>/dev/null
  wait "$ticker" 2>/dev/null || true
  if [ "$status" != 0 ]; then tail -n 40 "$log" >&2; fi
  rm -f "$log"
  return "$status"
}

# A stamp holds what was installed (versions and checksums): a changed pin installs anew.
stamped() { [ -f "$DEPS/stamps/$1" ] && [ "$(cat "$DEPS/stamps/$1")" = "$2" ]; }
stamp() { mkdir -p "$DEPS/stamps" && printf '%s' "$2" >"$DEPS/stamps/$1"; }

check_sha256() {
  local file=$1 expected=$2 actual
  actual=$(sha256sum "$file" | cut -d' ' -f1)
  [ "$actual" = "$expected" ] ||
    fail "checksum of ${file##*/} is $actual, expected $expected" "Remove the download and try again, or check scripts/pins.sh."
}
