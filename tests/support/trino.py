# SPDX-License-Identifier: Apache-2.0
"""A Trino server, and its protocol over HTTP: statements as its command line sends them."""

import base64
import datetime
import decimal
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import urllib.request
import uuid

from support import layout
from support.account import as_server, give_to_server
from support.ports import free_port


class TrinoError(RuntimeError):
    """`name` is Trino's, such as ICEBERG_COMMIT_ERROR."""

    def __init__(self, error):
        causes = [error["message"]]
        failure = error.get("failureInfo")
        while failure := (failure or {}).get("cause"):
            causes.append(f"{failure['type']}: {failure.get('message')}")
        super().__init__(f"{error['errorName']}: " + "\n  caused by ".join(causes))
        self.name = error["errorName"]


class Trino:
    """One node that is everything. Its catalogs come by CREATE CATALOG and are in its memory. It runs as the servers do: they
    and it write to the same directories."""

    def __init__(self):
        self._scratch = pathlib.Path(tempfile.mkdtemp(prefix="tarn-trino-"))
        give_to_server(self._scratch)
        home = layout.DEPS / "trino"
        java = home / "java" / "bin" / "java"
        if not java.exists():
            raise RuntimeError(f"there is no {java}; run: make deps-interop")
        port = free_port()
        self._uri = f"http://127.0.0.1:{port}"
        configuration = self._scratch / "config.properties"
        configuration.write_text("\n".join([
            "coordinator=true", "node-scheduler.include-coordinator=true",
            f"http-server.http.port={port}", f"discovery.uri={self._uri}", "catalog.management=dynamic",
            "catalog.store=memory", f"plugin.dir={home / 'plugin'}", ""]), encoding="utf-8")
        give_to_server(configuration)
        self._log = self._scratch / "trino.log"
        with open(self._log, "wb") as log:
            self._process = subprocess.Popen(
                ["nice", str(java), "-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Duser.timezone=UTC",
                 "-Djdk.attach.allowAttachSelf=true", "-Dnode.environment=tests", "-Dnode.id=tests",
                 "-Dnode.bind-ip=127.0.0.1", "-Dnode.internal-address=127.0.0.1",
                 f"-Dnode.data-dir={self._scratch / 'data'}", f"-Dconfig={configuration}",
                 "-cp", f"{home / 'lib'}/*", "io.trino.server.TrinoServer"],
                cwd=self._scratch, env={**os.environ, "TZ": "UTC"}, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                **as_server())
        self._wait_until_ready()

    def _wait_until_ready(self):
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline and self._process.poll() is None:
            if "SERVER STARTED" in self._log.read_text(errors="replace"):
                return
            time.sleep(0.2)
        said = self._log.read_text(errors="replace")[-4000:]
        self.stop()
        raise RuntimeError(f"Trino did not start: {said}")

    def create_catalog(self, name, properties):
        def quoted(text):
            return "'" + text.replace("'", "''") + "'"

        settings = ", ".join(f'"{key}" = {quoted(value)}' for key, value in properties.items())
        self.run(f"CREATE CATALOG {name} USING iceberg WITH ({settings})")

    def run(self, statement, catalog=None, schema=None):
        """The rows as Python's values; a statement that gives none: how many rows it changed, where it tells."""
        headers = {"X-Trino-User": "tests", "X-Trino-Time-Zone": "UTC",
                   "X-Trino-Client-Capabilities": "PARAMETRIC_DATETIME"}  # else times come rounded to milliseconds
        if catalog:
            headers["X-Trino-Catalog"] = catalog
        if schema:
            headers["X-Trino-Schema"] = schema
        request = urllib.request.Request(self._uri + "/v1/statement", data=statement.encode(), headers=headers)
        columns, rows = [], []
        while True:
            with urllib.request.urlopen(request, timeout=120) as response:
                answer = json.load(response)
            columns = answer.get("columns", columns)
            rows += answer.get("data", [])
            if "nextUri" not in answer:
                break
            request = urllib.request.Request(answer["nextUri"], headers=headers)
        if "error" in answer:
            raise TrinoError(answer["error"])
        if "updateType" in answer:
            return answer.get("updateCount")
        types = [column["typeSignature"] for column in columns]
        return [tuple(value_of(kind, value) for kind, value in zip(types, row)) for row in rows]

    def stop(self):
        self._process.kill()
        self._process.wait(30)
        shutil.rmtree(self._scratch, ignore_errors=True)


def value_of(kind, value):
    """What stands in the answer's JSON, by the signature of its type."""
    if value is None:
        return None
    name, arguments = kind["rawType"], [argument["value"] for argument in kind["arguments"]]
    convert = _CONVERSIONS.get(name)
    if convert:
        return convert(value)
    if name == "array":
        return [value_of(arguments[0], each) for each in value]
    if name == "map":
        return {value_of({"rawType": "varchar", "arguments": []}, key): value_of(arguments[1], each)
                for key, each in value.items()}
    if name == "row":
        return {field["fieldName"]["name"]: value_of(field["typeSignature"], each) for field, each in zip(arguments, value)}
    raise TypeError(f"no value of Trino's type {name}")


def _timestamp(text):
    return datetime.datetime.fromisoformat(_microseconds(text))


def _instant(text):
    moment, zone = text.rsplit(" ", 1)
    return datetime.datetime.fromisoformat(_microseconds(moment) + zone.replace("UTC", "+00:00"))


def _microseconds(text):
    """Trino tells as many digits as the type has, Python 3.11 reads up to six."""
    return re.sub(r"(\.\d{6})\d+", r"\1", text)


_CONVERSIONS = {
    **dict.fromkeys(("boolean", "tinyint", "smallint", "integer", "bigint", "varchar", "char", "json"), lambda value: value),
    **dict.fromkeys(("real", "double"), float),
    "decimal": decimal.Decimal,
    "varbinary": base64.b64decode,
    "uuid": uuid.UUID,
    "date": datetime.date.fromisoformat,
    "time": datetime.time.fromisoformat,
    "timestamp": _timestamp,
    "timestamp with time zone": _instant,
}
