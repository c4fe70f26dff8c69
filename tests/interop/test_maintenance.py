# SPDX-License-Identifier: Apache-2.0
"""PyIceberg and DuckDB read what `tarn maintain` left of a table that PyIceberg wrote: many small files, rows
deleted from some of them, partitions, and snapshots from before."""

import json
import os
import uuid

import pytest
from pyiceberg.partitioning import PartitionSpec
from pyiceberg.table import StaticTable

from support.directory_lake import APPENDS, BY_KIND, DirectoryLake, fill

pytestmark = pytest.mark.interop


@pytest.fixture
def lake(tmp_path):
    return DirectoryLake(tmp_path)


@pytest.mark.shows("PyIceberg 0.12", "written by it, rewritten by Tarn, read by it",
                   "small files, deleted rows, partitions, older snapshots")
@pytest.mark.shows("DuckDB 1.5", "written by PyIceberg, rewritten by Tarn, read by it",
                   "small files, deleted rows, partitions, older snapshots")
@pytest.mark.parametrize("spec", [PartitionSpec(), BY_KIND], ids=["unpartitioned", "partitioned"])
def test_others_read_a_maintained_table(lake, spec):
    lake.create(spec)
    rows = fill(lake)
    report = lake.maintain("--rewrite-data-files", "--rewrite-manifests")
    partitions = 1 + len(spec.fields)
    assert report["rewrite_data_files"]["added_files"] == partitions
    assert report["rewrite_data_files"]["rewritten_files"] >= APPENDS * partitions - 3
    assert lake.pyiceberg_rows() == rows
    assert lake.duckdb_rows() == rows
    files = StaticTable.from_metadata(lake.metadata_location()).inspect.files()
    assert len(files) == partitions
    # The history is there until it expires.
    assert len(StaticTable.from_metadata(lake.metadata_location()).snapshots()) > APPENDS
    report = lake.maintain("--expire-snapshots", "--older-than", "0")
    assert report["expire_snapshots"]["removed_files"] > APPENDS
    assert len(StaticTable.from_metadata(lake.metadata_location()).snapshots()) == 1
    assert lake.pyiceberg_rows() == rows
    assert lake.duckdb_rows() == rows
    lake.fsck()


def test_nothing_is_done_twice(lake):
    lake.create()
    rows = fill(lake)
    lake.maintain()
    before = lake.metadata_location()
    report = lake.maintain()
    assert report["rewrite_data_files"]["rewritten_files"] == 0
    assert lake.metadata_location() == before
    assert lake.pyiceberg_rows() == rows


def test_orphans_are_listed_and_removed(lake):
    lake.create()
    rows = fill(lake)
    orphan = lake.root / "lake/db/t/data/orphan.parquet"
    orphan.write_text("nobody knows me")
    assert lake.maintain("--remove-orphans")["remove_orphans"]["files"] == []
    four_days_ago = orphan.stat().st_mtime - 4 * 24 * 3600
    for file in orphan.parent.iterdir():
        os.utime(file, (four_days_ago, four_days_ago))
    expected = [f"file://{orphan}"]
    assert lake.maintain("--remove-orphans", "--dry-run")["remove_orphans"]["files"] == expected
    assert orphan.exists()
    assert lake.maintain("--remove-orphans")["remove_orphans"]["files"] == expected
    assert not orphan.exists()
    assert lake.pyiceberg_rows() == rows
    young = lake.tarn("maintain", "--state", lake.state, "--remove-orphans", "--older-than", "1h")
    assert young.returncode == 1 and "younger than a day" in young.stderr


def test_tables_of_others_are_refused(lake):
    lake.create()
    fill(lake)
    owner = {"format": 2, "table-uuid": str(lake.table.metadata.table_uuid), "node": str(uuid.uuid4()),
             "holder": "database 16384", "about": "server 7", "writer": str(uuid.uuid4())}
    file = lake.root / "lake/db/t/metadata/tarn-owner.json"
    file.write_text(json.dumps(owner))
    before = lake.metadata_location()
    refused = lake.tarn("maintain", "--state", lake.state)
    assert refused.returncode == 1
    assert "belongs to database 16384" in refused.stderr and "VACUUM" in refused.stderr
    assert lake.metadata_location() == before
    file.unlink()
    (lake.root / "lake/catalog" / f"{1:020}.json").unlink()
    unnamed = lake.tarn("maintain", "--state", lake.state)
    assert unnamed.returncode == 1 and "no catalog names table" in unnamed.stderr
