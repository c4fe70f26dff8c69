# SPDX-License-Identifier: Apache-2.0
"""Spark as a reader: tables are registered from their metadata files in a catalog in its memory."""

import json
import os
import pathlib
import subprocess

from support import layout
from support.s3_gateway import ACCESS_KEY, REGION, SECRET_KEY


class SparkReader:
    """One session. Its S3 endpoint is fixed: what stands behind it may change."""

    def __init__(self, scratch, endpoint, catalog=None):
        """`catalog`: properties of another one than that in memory."""
        self._scratch = pathlib.Path(scratch)
        python = layout.DEPS / "spark" / "bin" / "python"
        if not python.exists():
            raise RuntimeError(f"there is no {python}; run: make deps-interop")
        catalog = catalog or {
            "catalog-impl": "org.apache.iceberg.inmemory.InMemoryCatalog",
            "warehouse": "s3://unused/",
            "s3.endpoint": endpoint,
            "s3.path-style-access": "true",
            "s3.access-key-id": ACCESS_KEY,
            "s3.secret-access-key": SECRET_KEY,
            "client.region": REGION,
        }
        with open(self._scratch / "spark.log", "wb") as log:
            self._process = subprocess.Popen(
                [str(python), str(pathlib.Path(__file__).with_name("spark_session.py"))],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, cwd=self._scratch,
                env={**os.environ, "PYSPARK_PYTHON": str(python), "TZ": "UTC", "SPARK_LOCAL_IP": "127.0.0.1"})
        self.version = self._exchange({"scratch": str(self._scratch), "catalog": catalog,
                                       "jars": str(layout.DEPS / "spark" / "iceberg-jars")})["ready"]

    def _exchange(self, request):
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            log = (self._scratch / "spark.log").read_text(errors="replace")
            raise RuntimeError(f"Spark is gone: {log[-4000:]}")
        return json.loads(line)

    def query(self, tables, query):
        """canonical_rows of a query over c.db.<name>; `tables` maps names to metadata files."""
        reply = self._exchange({"tables": tables, "query": query})
        if "error" in reply:
            raise RuntimeError(reply["error"])
        return reply["rows"]

    def run(self, script, **values):
        """Runs Python beside the session, with `session`, `catalog` (Iceberg's, in Java), `jvm` and the values as names;
        what it leaves in `result`, rows as canonical_rows."""
        reply = self._exchange({"script": script, "values": values})
        if "error" in reply:
            raise RuntimeError(reply["error"])
        return reply["rows"]

    def stop(self):
        self._process.stdin.close()
        self._process.wait(60)
