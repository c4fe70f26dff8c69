# SPDX-License-Identifier: Apache-2.0
# The folder that everything is installed into, with pins, stamps and progress. Sourced, with `here` set.
# shellcheck shell=bash
. "$here/progress.sh"
. "$here/pins.sh"
export DEPS=${DEPS:-$(dirname "$here")/.deps}
mkdir -p "$DEPS"

# One installation at a time, so that two shells cannot mix their files: Go's and Python's folders serve several
# scripts. Held until this shell ends.
lock_deps() {
  local lock
  exec {lock}>"$DEPS/.lock"
  if ! flock -n "$lock"; then
    step "waiting for another installation to finish"
    flock "$lock"
  fi
}
