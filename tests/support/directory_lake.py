# SPDX-License-Identifier: Apache-2.0
"""A directory catalog over a table that PyIceberg made, maintained by `tarn maintain`."""

import json
import subprocess
import uuid

import duckdb
import pyarrow
from pyiceberg.catalog.memory import InMemoryCatalog
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table import StaticTable
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import LongType, NestedField, StringType

from support import layout
from support.duckdb_reader import extension_file

SCHEMA = Schema(NestedField(1, "n", LongType()), NestedField(2, "kind", StringType()))
BY_KIND = PartitionSpec(PartitionField(2, 1000, IdentityTransform(), "kind"))
COLUMNS = pyarrow.schema([pyarrow.field("n", pyarrow.int64()), pyarrow.field("kind", pyarrow.string())])
APPENDS = 12


class DirectoryLake:
    """The table is at <root>/lake/db/t, and rows are (n, kind)."""

    def __init__(self, root):
        self.root = root
        self.state = root / "state"
        self.catalog = InMemoryCatalog("memory", warehouse=f"file://{root}/lake")
        self.catalog.create_namespace("db")
        self.table = None

    def create(self, spec=PartitionSpec()):
        location = f"file://{self.root}/lake/db/t"
        self.table = self.catalog.create_table("db.t", SCHEMA, location, spec)

    def append(self, rows):
        self.table.append(pyarrow.Table.from_pylist(rows, COLUMNS))

    def publish(self):
        """The table belongs to the directory catalog from now on."""
        state = self.root / "lake" / "catalog" / f"{1:020}.json"
        state.parent.mkdir()
        state.write_text(json.dumps({
            "version": 1, "commit": str(uuid.uuid4()), "recent-commits": [],
            "tables": [{"name": ["db", "t"], "metadata-location": self.table.metadata_location}]}))

    def metadata_location(self):
        newest = max((self.root / "lake" / "catalog").iterdir())
        return json.loads(newest.read_text())["tables"][0]["metadata-location"]

    def tarn(self, command, *words):
        return subprocess.run(self.words(command, *words), capture_output=True, text=True)

    def words(self, command, *words):
        return [layout.build_directory() / "tarn", command, self.root / "lake/db/t", *words]

    def maintain(self, *words):
        done = self.tarn("maintain", "--state", self.state, "--json", *words)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def pyiceberg_rows(self):
        table = StaticTable.from_metadata(self.metadata_location())
        return sorted((row["n"], row["kind"]) for row in table.scan().to_arrow().to_pylist())

    def duckdb_rows(self):
        connection = duckdb.connect(config={"autoinstall_known_extensions": "false",
                                            "autoload_known_extensions": "false"})
        for name in ("avro", "iceberg"):
            connection.execute(f"LOAD '{extension_file(name)}'")
        location = self.metadata_location().removeprefix("file://")
        return sorted(connection.execute(f"SELECT n, kind FROM iceberg_scan('{location}')").fetchall())

    def fsck(self):
        location = self.metadata_location()
        done = subprocess.run([layout.build_directory() / "tarn", "fsck", location, "--json"], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)


def fill(lake):
    """Rows n of both kinds, in small files; those of every fourth commit lose a row."""
    rows = []
    for i in range(APPENDS):
        new = [{"n": 10 * i + k, "kind": "odd" if k % 2 else "even"} for k in range(4)]
        lake.append(new)
        rows += [(row["n"], row["kind"]) for row in new]
    for i in range(0, APPENDS, 4):
        lake.table.delete(f"n = {10 * i + 1}")
        rows.remove((10 * i + 1, "odd"))
    lake.publish()
    return sorted(rows)
