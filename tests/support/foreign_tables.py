# SPDX-License-Identifier: Apache-2.0
"""Tables that Spark or PyIceberg wrote into buckets of their own, and what `tarn scan` and `tarn fsck` say of them."""

import datetime
import json
import re
import subprocess

from support import layout
from support.canonical import canonical

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(\+00:00)?")

EQUALITY_DELETE = """
table = catalog.loadTable(jvm.org.apache.iceberg.catalog.TableIdentifier.parse("db." + name))
def strings(values):
    array = gateway.new_array(jvm.java.lang.String, len(values))
    for i, value in enumerate(values):
        array[i] = value
    return array
keys = table.schema().select(strings(columns))
ids = gateway.new_array(jvm.int, len(columns))
for i, column in enumerate(columns):
    ids[i] = keys.findField(column).fieldId()
spec = table.specs().get(spec_id) if spec_id is not None else table.spec()
place = None
if partition is not None:
    place = jvm.org.apache.iceberg.PartitionData(spec.partitionType())
    for i, value in enumerate(partition):
        place.put(i, value)
factory = jvm.org.apache.iceberg.data.GenericAppenderFactory(table.schema(), spec, ids, keys, None)
target = table.io().newOutputFile(table.location() + "/data/eq-" + jvm.java.util.UUID.randomUUID().toString() + ".parquet")
encrypted = jvm.org.apache.iceberg.encryption.EncryptedFiles.plainAsEncryptedOutput(target)
writer = factory.newEqDeleteWriter(encrypted, jvm.org.apache.iceberg.FileFormat.PARQUET, place)
for row in rows:
    record = jvm.org.apache.iceberg.data.GenericRecord.create(keys)
    for column, value in zip(columns, row):
        record.setField(column, value)
    writer.write(record)
writer.close()
table.newRowDelta().addDeletes(writer.toDeleteFile()).commit()
"""

METADATA_LOCATION = """
table = catalog.loadTable(jvm.org.apache.iceberg.catalog.TableIdentifier.parse("db." + name))
result = [[table.operations().current().metadataFileLocation()]]
"""


def plain(value):
    """A value of `tarn scan` as canonical.py tells it."""
    if isinstance(value, str) and INSTANT.fullmatch(value):
        return datetime.datetime.fromisoformat(value.removesuffix("+00:00")).isoformat()
    return canonical(value)


class ForeignTables:
    def __init__(self, spark, buckets):
        self._spark = spark
        self._buckets = buckets
        (buckets / "lake").mkdir(parents=True)

    def sql(self, *statements):
        """Statements over c.db; rows of the last."""
        script = "for statement in statements:\n    rows = session.sql(statement).collect()\nresult = rows"
        return self._spark.run(script, statements=list(statements))

    def create(self, name, columns, clauses="", **properties):
        options = ", ".join(f"'{key.replace('__', '.').replace('_', '-')}' = '{value}'"
                            for key, value in properties.items())
        self._spark.run("session.sql('DROP TABLE IF EXISTS c.db.' + name)", name=name)
        self.sql(f"CREATE TABLE c.db.{name} ({columns}) USING iceberg {clauses} "
                 f"LOCATION 's3://lake/{name}' TBLPROPERTIES ({options})")

    def delete_by_equality(self, name, columns, rows, partition=None, spec_id=None):
        """Spark never writes such deletes: through Iceberg's Java API."""
        self._spark.run(EQUALITY_DELETE, name=name, columns=columns, rows=rows, partition=partition,
                        spec_id=spec_id)

    def java(self, name, script):
        """A script that finds the table as `table`."""
        find = 'table = catalog.loadTable(jvm.org.apache.iceberg.catalog.TableIdentifier.parse("db." + name))\n'
        return self._spark.run(find + script, name=name)

    def location(self, name):
        return self._spark.run(METADATA_LOCATION, name=name)[0][0]

    def scan(self, location, columns=None, snapshot=None):
        """Rows as lists of canonical texts, in one order."""
        command = [str(layout.build_directory() / "tarn"), "scan", location, "--buckets", str(self._buckets)]
        if columns:
            command += ["--columns", ",".join(columns)]
        if snapshot is not None:
            command += ["--snapshot", str(snapshot)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        rows = [list(json.loads(line, parse_float=float).values()) for line in done.stdout.splitlines()]
        return sorted(([plain(value) for value in row] for row in rows), key=repr)

    def count(self, location):
        return int(subprocess.run([str(layout.build_directory() / "tarn"), "scan", location, "--buckets", str(self._buckets), "--count"],
                                  capture_output=True, text=True, check=True).stdout)

    def fsck_errors(self, location):
        done = subprocess.run([str(layout.build_directory() / "tarn"), "fsck", location, "--buckets", str(self._buckets), "--json"],
                              capture_output=True, text=True, check=False)
        findings = json.loads(done.stdout)["findings"]
        return [finding for finding in findings if finding["severity"] == "error"]

    def assert_equal(self, name, columns="*"):
        """Spark and Tarn read the same rows; the count without columns agrees."""
        location = self.location(name)
        expected = self.sql(f"SELECT {columns} FROM c.db.{name}")
        names = None if columns == "*" else [column.strip() for column in columns.split(",")]
        found = self.scan(location, names)
        assert found == expected
        assert self.count(location) == len(expected)
        return expected
