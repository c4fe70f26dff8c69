# SPDX-License-Identifier: Apache-2.0
# Progress lines, failure messages and stamps for the other scripts. Sourced, not run.
# shellcheck shell=bash

step() { printf '==> %s\n' "$*"; }

fail() {
  printf 'ERROR:  %s\n' "$1" >&2
  if [ $# -gt 1 ]; then printf 'HINT:  %s\n' "$2" >&2; fi
  exit 1
}

# Runs a command quietly: its output goes to a log that is shown only when the command fails.
quietly() {
  local log
  log=$(mktemp)
  if "$@" >"$log" 2>&1; then
    rm -f "$log"
  else
    local status=$?
    tail -n 40 "$log" >&2
    rm -f "$log"
    return "$status"
  fi
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
