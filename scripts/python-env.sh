#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes the Python environments: $DEPS/uv (pip and uv themselves) and $DEPS/venv (tests, formatters).
# Usage: python-env.sh bootstrap | tests
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/deps-folder.sh"

bootstrap() {
  local key="uv $UV_VERSION"
  if stamped uv "$key" && "$DEPS/uv/bin/python" -c '' 2>/dev/null; then return; fi
  step "making the Python environment"
  rm -rf "$DEPS/uv"
  quietly python3 -m venv "$DEPS/uv"
  quietly "$DEPS/uv/bin/python" -m pip install -q --disable-pip-version-check "uv==$UV_VERSION"
  stamp uv "$key"
}

tests() {
  local requirements="$here/requirements-test.txt" key
  key="$(sha256sum "$requirements" | cut -d' ' -f1) $CLANG_FORMAT_VERSION $CLANG_TIDY_VERSION"
  if stamped venv "$key" && "$DEPS/venv/bin/python" -c '' 2>/dev/null; then return; fi
  step "installing the Python packages of the tests"
  local uv="$DEPS/uv/bin/uv"
  quietly "$uv" venv --allow-existing --python "$DEPS/uv/bin/python" "$DEPS/venv"
  quietly "$uv" pip install --python "$DEPS/venv/bin/python" -r "$requirements" \
    "clang-format==$CLANG_FORMAT_VERSION" "clang-tidy==$CLANG_TIDY_VERSION"
  stamp venv "$key"
}

"$1"
