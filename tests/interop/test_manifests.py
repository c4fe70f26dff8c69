# SPDX-License-Identifier: Apache-2.0
"""PyIceberg reads manifests and manifest lists that the codec wrote: the values are those of
src/iceberg/testing/sample_manifest.h. The other way round is a unit test over tests/data/manifests."""

import os
import pathlib
import subprocess
from decimal import Decimal

import pytest
from pyiceberg.io.pyarrow import PyArrowFileIO
from pyiceberg.manifest import (DataFileContent, FileFormat, ManifestContent, ManifestEntryStatus,
                                read_manifest_list)

pytestmark = pytest.mark.interop
ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    directory = tmp_path_factory.mktemp("manifests")
    program = pathlib.Path(os.environ.get("TARN_BUILD", ROOT / "build")) / "tarn_iceberg_test"
    subprocess.run([program, "--gtest_filter=ManifestInterop.*"], check=True,
                   env=os.environ | {"TARN_INTEROP_OUT": str(directory)})
    return directory


def manifest_of(samples):
    lists = list(read_manifest_list(PyArrowFileIO().new_input(f"file://{samples}/list.avro")))
    assert len(lists) == 1
    return lists[0]


@pytest.mark.shows("PyIceberg 0.12", "written by Tarn, read by it",
                   "every member of manifest lists")
def test_pyiceberg_reads_the_manifest_list(samples):
    manifest = manifest_of(samples)
    assert manifest.manifest_length == (samples / "manifest.avro").stat().st_size
    assert manifest.partition_spec_id == 5
    assert manifest.content == ManifestContent.DATA
    assert (manifest.sequence_number, manifest.min_sequence_number) == (9, 3)
    assert manifest.added_snapshot_id == 42
    assert (manifest.added_files_count, manifest.existing_files_count,
            manifest.deleted_files_count) == (1, 1, 1)
    assert (manifest.added_rows_count, manifest.existing_rows_count,
            manifest.deleted_rows_count) == (10, 20, 30)
    name, price, bucket = manifest.partitions
    assert (name.contains_null, name.lower_bound, name.upper_bound) == (True, "ä".encode(),
                                                                        "ä".encode())
    assert (price.contains_null, price.lower_bound, price.upper_bound) == (False, b"\xff",
                                                                           b"\x05\x8c")
    assert bucket.upper_bound == (15).to_bytes(4, "little")


def test_summaries_of_no_partitions_are_an_empty_list(samples):
    """Trino counts on it, and Java writes it; PyIceberg tells it from an absent one."""
    file = PyArrowFileIO().new_input(f"file://{samples}/without-summaries.avro")
    assert [each.partitions for each in read_manifest_list(file)] == [[], None]


@pytest.mark.shows("PyIceberg 0.12", "written by Tarn, read by it",
                   "every member of manifests")
def test_pyiceberg_reads_the_manifest(samples):
    entries = manifest_of(samples).fetch_manifest_entry(PyArrowFileIO(), discard_deleted=False)
    assert [entry.status for entry in entries] == [ManifestEntryStatus.ADDED,
                                                   ManifestEntryStatus.EXISTING,
                                                   ManifestEntryStatus.DELETED]
    assert [entry.snapshot_id for entry in entries] == [42, 41, 41]
    assert [entry.sequence_number for entry in entries] == [9, 3, 3]
    assert [entry.file_sequence_number for entry in entries] == [9, 2, 2]
    added, existing = entries[0].data_file, entries[1].data_file
    assert added.content == DataFileContent.DATA
    assert added.file_path == "s3://bucket/data/file 0.parquet"
    assert added.file_format == FileFormat.PARQUET
    assert (added.record_count, added.file_size_in_bytes) == (10, 5_000_000_000)
    assert list(added.partition) == ["ä", Decimal("14.20"), 3]
    assert list(existing.partition) == [None, Decimal("-0.01"), 15]
    assert added.column_sizes == {1: 7, 2: 8}
    assert added.value_counts == {1: 10, 2: 10}
    assert added.null_value_counts == {1: 0, 2: 1}
    assert added.nan_value_counts == {3: 0}
    assert added.lower_bounds == {1: bytes(8), 2: b"a"}
    assert added.upper_bounds == {1: b"\xff" * 7 + b"\x7f", 2: b"z"}
    assert added.key_metadata == b"\0key"
    assert existing.key_metadata is None
    assert added.split_offsets == [4, 1_000_000]
    assert added.equality_ids is None
    assert added.sort_order_id == 1
