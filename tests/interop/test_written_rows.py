# SPDX-License-Identifier: Apache-2.0
"""Partitioned tables, position deletes, vectors and updates that src/table wrote, as other readers see them. Rows are told
by Python; and since readers prune by partition, a row in a partition where it does not belong would be missed."""

import pytest
from pyiceberg.expressions import EqualTo, IsNull

from support.canonical import canonical_rows
from support.duckdb_reader import DuckDbReader
from support.pyiceberg_reader import PyIcebergReader
from support.row_writer import COLUMNS, row_of, rows_after, write_table

pytestmark = [pytest.mark.interop]

HISTORY = [["append", 0, 60], ["delete", [1, 2, 30]], ["append", 60, 90], ["update", [3, 33, 61], 200],
           ["delete", [2, 4, 62, 203]], ["rewrite position deletes"]]
PARTITIONS = {
    "none": [],
    "identity": [("name", "identity")],
    "amount": [("amount", "identity"), ("code", "identity")],
    "buckets": [("id", "bucket[4]"), ("name", "bucket[3]"), ("amount", "bucket[2]")],
    "more buckets": [("day", "bucket[3]"), ("at", "bucket[3]"), ("code", "bucket[2]")],
    "truncated": [("number", "truncate[100]"), ("name", "truncate[2]"), ("amount", "truncate[1000]")],
    "years": [("day", "year"), ("at", "month")],
    "months": [("day", "month"), ("at", "hour")],
    "days": [("day", "day"), ("at", "day")],
    "void": [("name", "void"), ("id", "truncate[20]")],
}


@pytest.fixture
def buckets(tmp_path):
    (tmp_path / "buckets").mkdir()
    return tmp_path / "buckets"


@pytest.fixture
def gateway(gateway_for, buckets):
    return gateway_for(buckets)


@pytest.mark.shows("PyIceberg 0.12", "written by Tarn, read by it",
                   "every partition transform, position deletes")
@pytest.mark.shows("DuckDB 1.5", "written by Tarn, read by it",
                   "every partition transform, position deletes")
@pytest.mark.parametrize("partitions", PARTITIONS)
def test_pyiceberg_and_duckdb_read_version_2(buckets, gateway, partitions):
    location = write_table(buckets, 2, PARTITIONS[partitions], HISTORY)[-1]
    expected = canonical_rows(rows_after(HISTORY))
    reader = PyIcebergReader(gateway)
    assert canonical_rows(reader.rows(location, COLUMNS)) == expected
    assert canonical_rows(DuckDbReader(gateway).rows(location, COLUMNS)) == expected
    table = reader.load(location)
    for row_id in (0, 6, 7, 31, 32, 60, 75, 80, 233, 261):
        row = row_of(row_id)
        for column, value in zip(COLUMNS, row):
            if value is None or column == "code":
                continue
            found = table.scan(row_filter=EqualTo(column, value), selected_fields=("id",)).to_arrow()
            assert row_id in found.column("id").to_pylist(), (row_id, column)
    nulls = table.scan(row_filter=IsNull("name"), selected_fields=("id",)).to_arrow().column("id").to_pylist()
    assert sorted(nulls) == sorted(row[0] for row in rows_after(HISTORY) if row[2] is None)


@pytest.mark.shows("PyIceberg 0.12", "written by Tarn, read by it",
                   "every compression codec")
@pytest.mark.parametrize("codec", ["zstd", "snappy", "gzip", "lz4", "brotli", "uncompressed"])
def test_pyiceberg_reads_every_codec(buckets, gateway, codec):
    steps = [["append", 0, 500]]
    location = write_table(buckets, 2, [], steps, {"write.parquet.compression-codec": codec})[-1]
    assert canonical_rows(PyIcebergReader(gateway).rows(location, COLUMNS)) == canonical_rows(rows_after(steps))


@pytest.mark.shows("DuckDB 1.5", "written by Tarn, read by it",
                   "deletion vectors")
def test_duckdb_reads_vectors(buckets, gateway):
    location = write_table(buckets, 3, PARTITIONS["truncated"], HISTORY)[-1]
    assert canonical_rows(DuckDbReader(gateway).rows(location, COLUMNS)) == canonical_rows(rows_after(HISTORY))


@pytest.mark.shows("Spark 4.1", "written by Tarn, read by it",
                   "every partition transform, deletes and updates, versions 2 and 3")
@pytest.mark.slow
@pytest.mark.parametrize("version", [2, 3])
def test_spark_reads_all_of_it(buckets, gateway, spark, version):
    for partitions in PARTITIONS:
        directory = buckets / "bucket"
        location = write_table(buckets, version, PARTITIONS[partitions], HISTORY)[-1]
        expected = canonical_rows(rows_after(HISTORY))
        columns = ", ".join(f"`{column}`" for column in COLUMNS)
        assert spark.query({"t": location}, f"SELECT {columns} FROM c.db.t") == expected, partitions
        for row_id in (0, 31, 74, 233):
            name, day, at = row_of(row_id)[2:5]
            found = spark.query({}, f"""SELECT id FROM c.db.t WHERE id = {row_id} AND name = '{name}'
                AND day = DATE '{day}' AND at = TIMESTAMP_NTZ '{at}' AND number = {row_id * 7 - 100}""")
            assert found == [[str(row_id)]], (partitions, row_id)
        directory.rename(buckets / f"used-{version}-{partitions.replace(' ', '-')}")


@pytest.mark.shows("Spark 4.1", "written by Tarn, read by it",
                   "row ids that updates keep")
@pytest.mark.slow
def test_spark_sees_the_row_ids_that_updates_keep(buckets, gateway, spark):
    steps = [["append", 0, 10], ["append", 10, 20], ["update", [3, 15], 100]]
    location = write_table(buckets, 3, [], steps)[-1]
    found = spark.query({"t": location},
                        "SELECT id, _row_id, _last_updated_sequence_number FROM c.db.t")
    expected = [(each, each, 1 if each < 10 else 2) for each in range(20) if each not in (3, 15)]
    assert found == canonical_rows(expected + [(103, 3, 3), (115, 15, 3)])


@pytest.mark.shows("Spark 4.1", "written by Tarn, read by it",
                   "position deletes that became vectors after an upgrade")
@pytest.mark.slow
def test_spark_reads_deletes_that_became_vectors(buckets, gateway, spark):
    steps = [["append", 0, 40], ["delete", [1, 2]], ["append", 40, 50], ["delete", [3, 41]], ["upgrade"],
             ["rewrite position deletes"], ["delete", [4, 42]]]
    location = write_table(buckets, 2, PARTITIONS["identity"], steps)[-1]
    columns = ", ".join(f"`{column}`" for column in COLUMNS)
    assert spark.query({"t": location}, f"SELECT {columns} FROM c.db.t") == canonical_rows(rows_after(steps))
