# SPDX-License-Identifier: Apache-2.0
"""Writes the manifests and manifest lists of this folder with PyIceberg. Usage: make_manifests.py"""

import datetime
import pathlib
import sys
import types
from decimal import Decimal

import pyarrow

# PyIceberg asks for python-snappy; pyarrow has the same raw format.
sys.modules["snappy"] = types.SimpleNamespace(
    compress=lambda data: pyarrow.compress(data, codec="snappy", asbytes=True))

from pyiceberg.io.pyarrow import PyArrowFileIO
from pyiceberg.manifest import (DataFile, DataFileContent, FileFormat, ManifestEntry,
                                ManifestEntryStatus, write_manifest, write_manifest_list)
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import (BucketTransform, DayTransform, IdentityTransform,
                                  TruncateTransform)
from pyiceberg.typedef import Record
from pyiceberg.types import (DecimalType, DoubleType, IntegerType, LongType, NestedField,
                             StringType, TimestampType)

HERE = pathlib.Path(__file__).resolve().parent
IO = PyArrowFileIO()

SCHEMA = Schema(
    NestedField(1, "id", LongType(), required=True),
    NestedField(2, "name", StringType(), required=False),
    NestedField(3, "price", DecimalType(9, 2), required=False),
    NestedField(4, "at", TimestampType(), required=False),
    NestedField(5, "weight", DoubleType(), required=False),
    NestedField(6, "kind", IntegerType(), required=False),
    schema_id=3,
)
SPEC = PartitionSpec(
    PartitionField(2, 1000, TruncateTransform(2), "name_trunc"),
    PartitionField(3, 1001, IdentityTransform(), "price"),
    PartitionField(4, 1002, DayTransform(), "at_day"),
    PartitionField(1, 1003, BucketTransform(16), "id_bucket"),
    spec_id=5,
)


# PyIceberg's writers take files and entries in the layout of version 2, whatever they write.
def data_file(name, rows, partition):
    return DataFile.from_args(
        _table_format_version=2, content=DataFileContent.DATA,
        file_path=f"s3://bucket/data/{name}.parquet", file_format=FileFormat.PARQUET,
        partition=Record(*partition), record_count=rows, file_size_in_bytes=1000 + rows,
        column_sizes={1: 100, 2: 200}, value_counts={1: rows, 2: rows},
        null_value_counts={1: 0, 2: 1}, nan_value_counts={5: 2},
        lower_bounds={1: (1).to_bytes(8, "little"), 2: b"ab"},
        upper_bounds={1: rows.to_bytes(8, "little"), 2: b"zz"},
        key_metadata=None, split_offsets=[4, 400], sort_order_id=0, equality_ids=None)


def entry(status, file, snapshot, sequence=None):
    return ManifestEntry.from_args(_table_format_version=2, status=status, snapshot_id=snapshot,
                                   sequence_number=sequence, file_sequence_number=sequence,
                                   data_file=file)


def write(version, codec):
    path = HERE / f"v{version}-{codec}-manifest.avro"
    tuples = [("ap", Decimal("14.20"), datetime.date(2017, 11, 16), 3),
              (None, Decimal("-0.01"), datetime.date(1969, 12, 31), 15)]
    days = [(t[0], t[1], (t[2] - datetime.date(1970, 1, 1)).days, t[3]) for t in tuples]
    with write_manifest(version, SPEC, SCHEMA, IO.new_output(f"file://{path}"), 77, codec) as writer:
        writer.add_entry(entry(ManifestEntryStatus.ADDED,
                               data_file("added", 10, days[0]), 77))
        writer.add_entry(entry(ManifestEntryStatus.EXISTING,
                               data_file("existing", 20, days[1]), 55, 4))
        writer.add_entry(entry(ManifestEntryStatus.DELETED,
                               data_file("deleted", 30, days[1]), 77, 4))
    manifest = writer.to_manifest_file()
    # The path in the list must not be one of this machine.
    manifest[0] = f"s3://bucket/metadata/{path.name}"
    lists = HERE / f"v{version}-{codec}-list.avro"
    with write_manifest_list(version, IO.new_output(f"file://{lists}"), 77, 55, 9, codec) as writer:
        writer.add_manifests([manifest])


for version, codec in [(1, "null"), (2, "deflate"), (2, "zstd"), (2, "snappy")]:
    write(version, codec)
