# SPDX-License-Identifier: Apache-2.0
"""Tables that Spark or PyIceberg wrote into buckets of their own, and what `tarn scan` and `tarn fsck` say of them."""

import datetime
import json
import re
import subprocess
import uuid

import pyarrow
import pyarrow.parquet

from support import layout
from support.canonical import canonical

ARROW_TYPES = {"int": pyarrow.int32(), "string": pyarrow.string()}
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(\+00:00)?")

FIELDS = "result = [[f.name(), f.fieldId(), f.type().toString()] for f in table.schema().columns()]"

EQUALITY_DELETE = """
table = catalog.loadTable(jvm.org.apache.iceberg.catalog.TableIdentifier.parse("db." + name))
spec = table.spec()
fields = gateway.new_array(jvm.int, len(ids))
for i, field in enumerate(ids):
    fields[i] = field
builder = jvm.org.apache.iceberg.FileMetadata.deleteFileBuilder(spec).ofEqualityDeletes(fields)
builder = builder.withPath(path).withFormat("parquet").withFileSizeInBytes(size).withRecordCount(rows)
if partition is not None:
    place = jvm.org.apache.iceberg.PartitionData(spec.partitionType())
    for i, value in enumerate(partition):
        place.put(i, value)
    builder = builder.withPartition(place)
table.newRowDelta().addDeletes(builder.build()).commit()
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
        # Not DROP TABLE: that reads the metadata of an earlier test, whose buckets are served no more.
        self._spark.run("catalog.dropTable(jvm.org.apache.iceberg.catalog.TableIdentifier.parse('db.' + name), False)",
                        name=name)
        self.sql(f"CREATE TABLE c.db.{name} ({columns}) USING iceberg {clauses} "
                 f"LOCATION 's3://lake/{name}' TBLPROPERTIES ({options})")

    def delete_by_equality(self, name, columns, rows, partition=None):
        """Spark never writes such deletes: the file is Arrow's, the commit that of Iceberg's Java library."""
        known = {column: (int(field), kind) for column, field, kind in self.java(name, FIELDS)}
        schema = pyarrow.schema([
            pyarrow.field(column, ARROW_TYPES[known[column][1]],
                          metadata={"PARQUET:field_id": str(known[column][0])}) for column in columns])
        values = [dict(zip(columns, row)) for row in rows]
        key = f"{name}/data/equality-{uuid.uuid4()}.parquet"
        file = self._buckets / "lake" / key
        file.parent.mkdir(parents=True, exist_ok=True)
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(values, schema), file)
        self._spark.run(EQUALITY_DELETE, name=name, path=f"s3://lake/{key}", size=file.stat().st_size, rows=len(rows),
                        ids=[known[column][0] for column in columns], partition=partition)

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
