#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs Snowflake's own client libraries for tests/snowflake, each generation in an environment of its own:
# $DEPS/snowflake-connector has the connector with the Rust core, $DEPS/snowflake-snowpark has Snowpark, which
# brings the one before.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/progress.sh"
. "$here/pins.sh"
export DEPS=${DEPS:-$(dirname "$here")/.deps}
mkdir -p "$DEPS"
exec 7>"$DEPS/.lock-snowflake"
flock 7
uv=$DEPS/uv/bin/uv

# environment NAME PACKAGE...
environment() {
  local name=$1 key
  shift
  key="$* pyarrow $PYARROW_VERSION"
  stamped "$name" "$key" && return
  step "installing $*"
  quietly "$uv" venv --allow-existing --python "$DEPS/uv/bin/python" "$DEPS/$name"
  quietly "$uv" pip install --python "$DEPS/$name/bin/python" "$@" "pyarrow==$PYARROW_VERSION" pytest \
    cryptography
  stamp "$name" "$key"
}

environment snowflake-connector "snowflake-connector-python==$SNOWFLAKE_CONNECTOR_VERSION" \
  "pandas==$SNOWFLAKE_CONNECTOR_PANDAS_VERSION"
environment snowflake-snowpark "snowflake-snowpark-python==$SNOWPARK_VERSION" \
  "snowflake-connector-python==$SNOWPARK_CONNECTOR_VERSION" "pandas==$SNOWPARK_PANDAS_VERSION" \
  "streamlit==$STREAMLIT_VERSION"
