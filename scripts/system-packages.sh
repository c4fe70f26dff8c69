#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian packages that the build needs, or lists what is missing where apt cannot be used.
# Usage: system-packages.sh [interop | clients | drivers | browser]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/progress.sh"

# package: always wanted as a package. command=package: wanted only where the command is missing, so
# that a compiler or a Java that came some other way is kept.
wanted=(
  g++=g++ cmake=cmake ninja=ninja-build ccache=ccache git=git unzip=unzip openssl=openssl
  pkg-config=pkg-config python3=python3
  python3-venv libfmt-dev libspdlog-dev nlohmann-json3-dev libcli11-dev libgtest-dev libgmock-dev
  libroaring-dev libsqlite3-dev libzstd-dev zlib1g-dev libssl-dev libboost-dev libpq-dev ca-certificates
  libcurl4-openssl-dev libpugixml-dev libtomlplusplus-dev
)
if [ "${1:-}" = interop ]; then
  wanted=(java=openjdk-17-jre-headless mvn=maven)
elif [ "${1:-}" = clients ]; then
  # Drivers that tests/server uses where they are installed.
  wanted=(javac=openjdk-17-jdk-headless libpostgresql-jdbc-java odbc-postgresql unixodbc)
elif [ "${1:-}" = drivers ]; then
  # What Snowflake's drivers of other languages run in.
  wanted=(javac=openjdk-17-jdk-headless node=nodejs npm=npm)
elif [ "${1:-}" = browser ]; then
  wanted=(chromium)
fi

missing=()
for entry in "${wanted[@]}"; do
  package=${entry#*=}
  if [ "$entry" != "$package" ]; then
    command -v "${entry%%=*}" >/dev/null 2>&1 || missing+=("$package")
  elif ! dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed; then
    missing+=("$package")
  fi
done
[ ${#missing[@]} -gt 0 ] || exit 0

list="${missing[*]}"
elevate=()
if [ "$(id -u)" != 0 ]; then
  if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    elevate=(sudo -n)
  elif command -v sudo >/dev/null 2>&1 && [ -t 0 ]; then
    elevate=(sudo)
  else
    fail "missing packages: $list" "Ask an administrator to run: apt-get install $list"
  fi
fi
command -v apt-get >/dev/null 2>&1 ||
  fail "missing packages: $list" "This is not a Debian system; install their equivalents."

step "installing Debian packages: $list"
export DEBIAN_FRONTEND=noninteractive
apt=("${elevate[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq)
quietly "${apt[@]}" install -y --no-install-recommends "${missing[@]}" || {
  step "refreshing the package lists"
  quietly "${apt[@]}" update
  quietly "${apt[@]}" install -y --no-install-recommends "${missing[@]}"
} || fail "apt could not install: $list"
