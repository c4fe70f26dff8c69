# SPDX-License-Identifier: Apache-2.0
"""Run by Spark's own Python: answers one JSON request per line, so that one JVM serves all tests.

Request: {"tables": {name: metadata_location}, "query": SQL over c.db.<name>}, or {"script": Python, "values": {…}}. Answer:
{"rows": […]} with every value as support/canonical.py tells it, or {"error": …}.
"""

import glob
import json
import os
import pathlib
import sys

from pyspark.sql import SparkSession

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from support.canonical import canonical_rows  # noqa: E402


def make_session(options):
    builder = (
        SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
        .config("spark.driver.memory", "1g").config("spark.sql.session.timeZone", "UTC")
        .config("spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.warehouse.dir", options["scratch"])
        .config("spark.jars", ",".join(glob.glob(options["jars"] + "/*.jar")))
        .config("spark.sql.extensions",
                "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions")
        .config("spark.sql.catalog.c", "org.apache.iceberg.spark.SparkCatalog")
        .config("spark.sql.catalog.c.cache-enabled", "false"))
    for name, value in options["catalog"].items():
        builder = builder.config(f"spark.sql.catalog.c.{name}", value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    if "catalog-impl" in options["catalog"]:
        read_from_s3(session, options["catalog"])
        session.sql("CREATE NAMESPACE IF NOT EXISTS c.db")
    return session


def read_from_s3(session, properties):
    """The catalog in memory knows only files in memory: it is given S3FileIO in their place."""
    jvm = session.sparkContext._jvm
    file_io = jvm.org.apache.iceberg.CatalogUtil.loadFileIO("org.apache.iceberg.aws.s3.S3FileIO",
                                                            properties, None)
    catalog = iceberg_catalog(session)
    field = catalog.getClass().getDeclaredField("io")
    field.setAccessible(True)
    field.set(catalog, file_io)


def iceberg_catalog(session):
    return session._jsparkSession.sessionState().catalogManager().catalog("c").icebergCatalog()


def forget(session, name):
    """Not DROP TABLE: that reads the old metadata, which may have lain in a bucket that is served no more."""
    identifiers = session.sparkContext._jvm.org.apache.iceberg.catalog.TableIdentifier
    iceberg_catalog(session).dropTable(identifiers.parse(f"db.{name}"), False)


def run_script(session, request):
    names = {"session": session, "catalog": iceberg_catalog(session), "jvm": session.sparkContext._jvm,
             "gateway": session.sparkContext._gateway, "result": [], **request["values"]}
    exec(request["script"], names)  # noqa: S102 - the scripts are those of our own tests
    return canonical_rows(names["result"])


def answer(session, request):
    if "script" in request:
        return run_script(session, request)
    for name, location in request["tables"].items():
        forget(session, name)
        session.sql(f"CALL c.system.register_table(table => 'db.{name}', metadata_file => '{location}')")
    return canonical_rows(session.sql(request["query"]).collect())


def main():
    # Libraries print to stdout: the answers get a descriptor of their own.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    session = make_session(json.loads(sys.stdin.readline()))
    print(json.dumps({"ready": session.version}), file=answers, flush=True)
    for line in sys.stdin:
        try:
            reply = {"rows": answer(session, json.loads(line))}
        except Exception as error:  # noqa: BLE001 - the test decides what it means
            reply = {"error": str(error)[:4000]}
        print(json.dumps(reply), file=answers, flush=True)


if __name__ == "__main__":
    main()
