# SPDX-License-Identifier: Apache-2.0
"""What SQL tells of a lake table's metadata, compared with PyIceberg's own view of it."""

import psycopg2
import pyarrow
import pytest
from psycopg2 import errors

from support.pyiceberg_writer import PostgresCatalog


def rows(connection, statement, parameters=None):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else None


@pytest.fixture
def table(conn, server):
    rows(conn, "CREATE TABLE t (a int, b text) USING iceberg")
    for value in (1, 2):
        rows(conn, f"INSERT INTO t VALUES ({value}, 'x')")
    made = PostgresCatalog(conn, server.buckets).load_table("t")
    made.append(pyarrow.table({"a": pyarrow.array([3, 4], pyarrow.int32()), "b": ["y", "z"]}))
    made.manage_snapshots().create_tag(made.metadata.snapshots[0].snapshot_id, "first").commit()
    return made


def test_snapshots_history_and_refs(conn, table):
    expected = [(s.snapshot_id, s.parent_snapshot_id, s.sequence_number, s.summary.operation.value, s.manifest_list,
                 s.timestamp_ms) for s in table.metadata.snapshots]
    assert rows(conn, """SELECT snapshot_id, parent_id, sequence_number, operation, manifest_list,
                         (extract(epoch FROM committed_at) * 1000)::bigint FROM tarn.snapshots('t')""") == expected
    assert rows(conn, "SELECT (summary ->> 'total-records')::int FROM tarn.snapshots('t')") == [(1,), (2,), (4,)]
    history = [(entry.snapshot_id, True) for entry in table.metadata.snapshot_log]
    assert rows(conn, "SELECT snapshot_id, is_current_ancestor FROM tarn.history('t')") == history
    refs = sorted((name, ref.snapshot_ref_type.value.upper(), ref.snapshot_id)
                  for name, ref in table.metadata.refs.items())
    assert rows(conn, "SELECT name, type, snapshot_id FROM tarn.refs('t') ORDER BY 1") == refs


def test_files_and_partitions(conn, table):
    files = table.inspect.files()
    expected = sorted(zip(files.column("file_path").to_pylist(), files.column("record_count").to_pylist(),
                          files.column("file_size_in_bytes").to_pylist()))
    assert rows(conn, "SELECT file_path, record_count, file_size_in_bytes FROM tarn.files('t') ORDER BY 1") == expected
    assert rows(conn, "SELECT DISTINCT content, file_format, spec_id, partition FROM tarn.files('t')") == [
        ("DATA", "PARQUET", 0, "")]
    assert rows(conn, "SELECT spec_id, partition, record_count, file_count FROM tarn.partitions('t')") == [
        (0, "", 4, 3)]


def test_functions_of_pg_lake(conn, db, table):
    location = db.metadata_location("t")
    assert rows(conn, "SELECT lake_iceberg.metadata(%s) ->> 'table-uuid'", (location,)) == [
        (str(table.metadata.table_uuid),)]
    assert rows(conn, "SELECT sequence_number, snapshot_id FROM lake_iceberg.snapshots(%s)", (location,)) == [
        (s.sequence_number, s.snapshot_id) for s in table.metadata.snapshots]
    assert rows(conn, "SELECT sum(record_count) FROM lake_iceberg.files(%s)", (location,)) == [(4,)]
    reachable = {path for (path,) in rows(
        conn, "SELECT path FROM lake_iceberg.find_all_referenced_files(%s)", (location,))}
    assert {location, *(s.manifest_list for s in table.metadata.snapshots),
            *table.inspect.files().column("file_path").to_pylist()} <= reachable


def test_who_may_look(conn, db, table):
    rows(conn, "CREATE ROLE looker")
    try:
        reader = db.connect(user="postgres")
        rows(reader, "SET ROLE looker")
        for function in ("snapshots", "history", "refs", "files", "partitions"):
            with pytest.raises(errors.InsufficientPrivilege):
                rows(reader, f"SELECT * FROM tarn.{function}('t')")
        with pytest.raises(errors.InsufficientPrivilege):
            rows(reader, "SELECT * FROM lake_iceberg.snapshots(%s)", (db.metadata_location("t"),))
        rows(conn, "GRANT SELECT ON t TO looker; GRANT lake_read TO looker")
        assert len(rows(reader, "SELECT * FROM tarn.snapshots('t')")) == 3
        assert len(rows(reader, "SELECT * FROM lake_iceberg.snapshots(%s)", (db.metadata_location("t"),))) == 3
    finally:
        rows(conn, "DROP OWNED BY looker; DROP ROLE looker")


def test_the_own_transaction_and_other_relations(conn, db):
    writer = db.connect(autocommit=False)
    rows(writer, "CREATE TABLE made (a int) USING iceberg")
    assert rows(writer, "SELECT * FROM tarn.snapshots('made')") == []
    writer.rollback()
    rows(conn, "CREATE TABLE heap (a int)")
    with pytest.raises(psycopg2.errors.WrongObjectType):
        rows(conn, "SELECT * FROM tarn.files('heap')")
