# SPDX-License-Identifier: Apache-2.0
"""tarn.notify_commits: who listens to tarn_commit is told what became durable, and nothing else."""

import json

import pyarrow
import pytest

from support.pyiceberg_writer import PostgresCatalog


def rows(connection, statement, parameters=None):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else None


@pytest.fixture
def listener(db):
    connection = db.connect()
    rows(connection, "LISTEN tarn_commit")
    return connection


def heard(listener):
    """What arrived by now: a query brings it along."""
    rows(listener, "SELECT 1")
    listener.poll()
    told = [json.loads(notify.payload) for notify in listener.notifies]
    listener.notifies.clear()
    return told


def state(conn, table="t"):
    ((oid, snapshot, location),) = rows(
        conn, "SELECT table_oid::int, snapshot_id, metadata_location FROM tarn.tables WHERE table_oid = %s::regclass",
        (table,))
    return oid, snapshot, location


def test_commits_are_told(conn, db, listener, server):
    rows(conn, "CREATE TABLE t (a int) USING iceberg; INSERT INTO t VALUES (1)")
    assert heard(listener) == []
    rows(conn, "SET tarn.notify_commits = on")
    rows(conn, 'CREATE SCHEMA "S"; CREATE TABLE "S"."U ""x" (a int) USING iceberg')
    oid, snapshot, location = state(conn, '"S"."U ""x"')
    assert snapshot is None
    assert heard(listener) == [{"database": db.name, "schema": "S", "table": 'U "x', "oid": oid, "snapshot_id": None,
                                "metadata_location": location}]
    for change in ("INSERT INTO t VALUES (2)", "TRUNCATE t", "ALTER TABLE t ADD COLUMN b text"):
        rows(conn, change)
        oid, snapshot, location = state(conn)
        assert heard(listener) == [{"database": db.name, "schema": "public", "table": "t", "oid": oid,
                                    "snapshot_id": snapshot, "metadata_location": location}], change
    catalog = PostgresCatalog(conn, server.buckets)
    catalog.load_table("t").append(pyarrow.table({"a": pyarrow.array([3], pyarrow.int32()), "b": ["x"]}))
    (told,) = heard(listener)
    assert told["snapshot_id"] == catalog.load_table("t").metadata.current_snapshot_id
    rows(conn, "BEGIN; INSERT INTO t VALUES (4)")
    catalog.load_table("t").append(pyarrow.table({"a": pyarrow.array([5], pyarrow.int32()), "b": ["x"]}))
    rows(conn, 'INSERT INTO "S"."U ""x" VALUES (1); COMMIT')
    assert sorted(told["table"] for told in heard(listener)) == ['U "x', "t"]


def test_what_did_not_happen_is_not_told(conn, db, listener):
    rows(conn, "CREATE TABLE t (a int) USING iceberg")
    rows(conn, "SET tarn.notify_commits = on")
    rows(conn, "BEGIN; INSERT INTO t VALUES (1); ROLLBACK")
    rows(conn, "BEGIN; SAVEPOINT s; INSERT INTO t VALUES (1); ROLLBACK TO s; COMMIT")
    rows(conn, "ALTER TABLE t RENAME TO u; ALTER TABLE u RENAME TO t; SELECT * FROM t")
    rows(conn, f"BEGIN; INSERT INTO t VALUES (1); PREPARE TRANSACTION '{db.name}'")
    rows(conn, f"COMMIT PREPARED '{db.name}'")
    rows(conn, "DROP TABLE t")
    assert heard(listener) == []


def test_the_pointer_row_tells_the_commit(conn, db):
    rows(conn, "CREATE TABLE t (a int) USING iceberg")
    rows(conn, "BEGIN; INSERT INTO t VALUES (1)")
    ((xid,),) = rows(conn, "SELECT pg_current_xact_id()")
    rows(conn, "COMMIT")
    assert rows(conn, "SELECT committed_xid, sequence_number FROM tarn.tables") == [(xid, 1)]
    assert rows(conn, "SELECT pg_xact_status(committed_xid) FROM tarn.tables") == [("committed",)]
    assert rows(conn, "SELECT snapshot_id FROM tarn.tables") == rows(conn, "SELECT snapshot_id FROM tarn.snapshots('t')")
    rows(conn, "ALTER TABLE t RENAME TO u")
    assert rows(conn, "SELECT committed_xid FROM tarn.tables") == [(xid,)]
