# SPDX-License-Identifier: Apache-2.0
"""Commits of other writers, with PyIceberg as the one that writes: tarn.commit_table."""

import json

import psycopg2
import pyarrow
import pytest
from pyiceberg.exceptions import CommitFailedException
from psycopg2 import errors

from support.pyiceberg_writer import PostgresCatalog, append_file


def rows(connection, statement="SELECT a, b FROM t ORDER BY a, b", parameters=None):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else None


def batch(*values):
    """Rows of table t."""
    return pyarrow.table({"a": pyarrow.array([a for a, _ in values], pyarrow.int32()),
                          "b": pyarrow.array([b for _, b in values], pyarrow.string())})


@pytest.fixture
def catalog(conn, server):
    rows(conn, "CREATE TABLE t (a int, b text) USING iceberg")
    rows(conn, "INSERT INTO t VALUES (1, 'postgres')")
    return PostgresCatalog(conn, server.buckets)


def snapshot_count(catalog):
    return len(catalog.load_table("t").metadata.snapshots)


# ---- one writer after the other ----

def test_an_append_is_seen_at_once_and_by_the_next_insert(catalog, conn, db):
    catalog.load_table("t").append(batch((2, "pyiceberg")))
    assert rows(conn) == [(1, "postgres"), (2, "pyiceberg")]
    rows(conn, "INSERT INTO t VALUES (3, 'postgres')")
    assert rows(db.connect()) == [(1, "postgres"), (2, "pyiceberg"), (3, "postgres")]
    table = catalog.load_table("t")
    assert sorted(table.scan().to_arrow().column("a").to_pylist()) == [1, 2, 3]
    assert len(table.metadata.snapshots) == 3


def test_deletes_and_overwrites(catalog, conn):
    table = catalog.load_table("t")
    table.append(batch((2, "x"), (3, "y"), (4, "z")))
    table.delete("a = 3")
    assert rows(conn) == [(1, "postgres"), (2, "x"), (4, "z")]
    table.overwrite(batch((9, "new")))
    assert rows(conn) == [(9, "new")]
    rows(conn, "INSERT INTO t VALUES (10, 'postgres')")
    rows(conn, "TRUNCATE t")
    assert rows(conn) == []
    assert catalog.load_table("t").scan().to_arrow().num_rows == 0


def test_the_first_snapshot_may_come_from_outside(conn, server):
    rows(conn, "CREATE TABLE t (a int, b text) USING iceberg")
    catalog = PostgresCatalog(conn, server.buckets)
    catalog.load_table("t").append(batch((1, "x")))
    rows(conn, "INSERT INTO t VALUES (2, 'y')")
    assert rows(conn) == [(1, "x"), (2, "y")]


def test_a_requirement_that_fails(catalog, conn):
    stale = catalog.load_table("t")
    rows(conn, "INSERT INTO t VALUES (2, 'between')")
    # PyIceberg takes the message for what it is, and tries again on the newest state.
    stale.append(batch((3, "late")))
    assert len(catalog.commits) == 2
    expected = [(1, "postgres"), (2, "between"), (3, "late")]
    assert rows(conn) == expected
    with pytest.raises(CommitFailedException, match="Requirement failed: branch main has changed: expected id"):
        catalog.commit_again(0)
    with pytest.raises(errors.SerializationFailure, match="Requirement failed: table already exists"):
        rows(conn, "SELECT tarn.commit_table('t', '[{\"type\": \"assert-create\"}]', '[]')")
    assert rows(conn) == expected


# ---- the caller's transaction ----

def test_within_a_transaction(catalog, conn, db, server):
    writer = db.connect(autocommit=False)
    rows(writer, "INSERT INTO t VALUES (2, 'before')")
    PostgresCatalog(writer, server.buckets).load_table("t").append(batch((3, "outside")))
    expected = [(1, "postgres"), (2, "before"), (3, "outside")]
    assert rows(writer) == expected
    rows(writer, "INSERT INTO t VALUES (4, 'after')")
    assert rows(writer) == [*expected, (4, "after")]
    assert rows(conn) == [(1, "postgres")]
    writer.commit()
    assert rows(conn) == [*expected, (4, "after")]
    assert snapshot_count(catalog) == 3


def test_rollback(catalog, conn, db, server):
    before = db.metadata_location("t")
    writer = db.connect(autocommit=False)
    table = PostgresCatalog(writer, server.buckets).load_table("t")
    table.append(batch((2, "gone")))
    table.append(batch((3, "gone")))
    assert len(rows(writer)) == 3
    writer.rollback()
    assert rows(conn) == [(1, "postgres")]
    assert db.metadata_location("t") == before
    catalog.load_table("t").append(batch((4, "stays")))
    assert rows(conn) == [(1, "postgres"), (4, "stays")]


def test_savepoints(catalog, conn, db, server):
    writer = db.connect(autocommit=False)
    outside = PostgresCatalog(writer, server.buckets)
    for name in ("b", "c", "d", "e", "f", "g"):
        rows(writer, f"SAVEPOINT {name}")
        outside.load_table("t").append(batch((2, name)))
        assert rows(writer) == [(1, "postgres"), (2, name)]
        rows(writer, f"ROLLBACK TO {name}")
    assert rows(writer) == [(1, "postgres")]
    rows(writer, "SAVEPOINT kept")
    outside.load_table("t").append(batch((3, "kept")))
    rows(writer, "RELEASE kept")
    rows(writer, "INSERT INTO t VALUES (4, 'own')")
    writer.commit()
    assert rows(conn) == [(1, "postgres"), (3, "kept"), (4, "own")]
    assert snapshot_count(catalog) == 3
    names = [path.name for path in server.local_path(db.metadata_location("t")).parent.glob("*.metadata.json")]
    assert len(names) == 4, names


def test_two_phase_commit(catalog, conn, db, server):
    for name, end in (("kept", "COMMIT"), ("gone", "ROLLBACK")):
        writer = db.connect(autocommit=False)
        PostgresCatalog(writer, server.buckets).load_table("t").append(batch((2, name)))
        rows(writer, f"PREPARE TRANSACTION '{db.name}-{name}'")
        writer.close()
        assert (2, name) not in rows(conn)
        rows(conn, f"{end} PREPARED '{db.name}-{name}'")
    catalog.load_table("t").append(batch((3, "x")))
    assert rows(conn) == [(1, "postgres"), (2, "kept"), (3, "x")]


def test_repeatable_read(catalog, conn, db, server):
    writer = db.connect(autocommit=False)
    rows(writer, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    assert len(rows(writer)) == 1
    outside = PostgresCatalog(writer, server.buckets)
    outside.load_table("t").append(batch((2, "own")))
    outside.load_table("t").append(batch((3, "own")))
    assert len(rows(writer)) == 3
    writer.commit()

    rows(writer, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    assert len(rows(writer)) == 3
    rows(conn, "INSERT INTO t VALUES (4, 'unseen')")
    with pytest.raises(errors.SerializationFailure, match="concurrent update"):
        rows(writer, "SELECT tarn.commit_table('t', '[]', %s)",
             (json.dumps([{"action": "set-properties", "updates": {"k": "v"}}]),))
    writer.rollback()


def test_serializable_readers_and_writers_form_no_circle(catalog, conn, db, server):
    rows(conn, "CREATE TABLE u (a int, b text) USING iceberg")
    writers = [db.connect(autocommit=False) for _ in range(2)]
    catalogs = [PostgresCatalog(writer, server.buckets) for writer in writers]
    failed = 0
    for writer, other in zip(writers, ("t", "u")):
        rows(writer, "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
        rows(writer, f"SELECT count(*) FROM {other}")
    for writer, outside, own in zip(writers, catalogs, ("u", "t")):
        try:
            outside.load_table(own).append(batch((2, "x")))
            writer.commit()
        except errors.SerializationFailure:
            failed += 1
            writer.rollback()
    assert failed == 1


# ---- several tables ----

def append_of(connection, server, table, *values):
    """What PyIceberg would send for an append, not sent."""
    class Recorder(PostgresCatalog):
        def commit_again(self, number):
            raise InterruptedError

    recorder = Recorder(connection, server.buckets)
    with pytest.raises(InterruptedError):
        recorder.load_table(table).append(batch(*values))
    requirements, updates = recorder.commits[0][1]
    return {"table": table, "requirements": json.loads(requirements), "updates": json.loads(updates)}


def test_commit_tables_all_or_none(catalog, conn, server):
    rows(conn, "CREATE SCHEMA s; CREATE TABLE s.u (a int, b text) USING iceberg; CREATE TABLE v (a int, b text) USING iceberg")
    rows(conn, "SET search_path = public, s")
    changes = [append_of(conn, server, "v", (1, "v")), append_of(conn, server, "t", (2, "t"))]
    ((answer,),) = rows(conn, "SELECT tarn.commit_tables(%s)", (json.dumps(changes),))
    assert [each["table"] for each in answer] == ["public.v", "public.t"]
    locations = rows(conn, "SELECT table_name, metadata_location FROM iceberg_tables WHERE table_name IN ('t', 'v') ORDER BY 1 DESC")
    assert [each["metadata-location"] for each in answer] == [location for _, location in locations]
    assert rows(conn, "SELECT * FROM v") == [(1, "v")]

    changes = [append_of(conn, server, "v", (2, "v")), changes[1]]
    with pytest.raises(errors.SerializationFailure, match="Requirement failed"):
        rows(conn, "SELECT tarn.commit_tables(%s)", (json.dumps(changes),))
    assert rows(conn, "SELECT * FROM v") == [(1, "v")]
    rows(conn, "SELECT tarn.commit_tables('[]')")


@pytest.mark.parametrize("changes, message", [
    ("{}", "no array"), ("[1]", "changes[0]: no object"), ('[{"requirements": [], "updates": []}]', '"table" is no name'),
    ('[{"table": "t", "updates": []}]', '"requirements" is no array'),
    ('[{"table": "t", "requirements": [], "updates": 1}]', '"updates" is no array'),
    ('[{"table": "t", "requirements": [], "updates": []}, {"table": "public.t", "requirements": [], "updates": []}]',
     "stands twice"),
])
def test_malformed_changes(catalog, conn, changes, message):
    with pytest.raises(errors.InvalidParameterValue) as raised:
        rows(conn, "SELECT tarn.commit_tables(%s)", (changes,))
    assert message in raised.value.diag.message_primary


@pytest.mark.parametrize("requirements, updates, message", [
    ("{}", "[]", "array"), ("[]", "{}", "array"), ("[]", "[1]", "[0]"),
    ('[{"type": "assert-nothing"}]', "[]", "assert-nothing"),
    ("[]", '[{"action": "do-something"}]', "do-something"),
    ("[]", '[{"action": "add-snapshot", "snapshot": {"snapshot-id": 1}}]', "[0].snapshot"),
    ("[]", '[{"action": "set-snapshot-ref", "ref-name": "main", "type": "branch", "snapshot-id": 77}]', "77"),
])
def test_malformed_commits(catalog, conn, requirements, updates, message):
    with pytest.raises(errors.InvalidParameterValue) as raised:
        rows(conn, "SELECT tarn.commit_table('t', %s, %s)", (requirements, updates))
    assert message in raised.value.diag.message_primary


# ---- what else a commit may say ----

def commit(conn, *updates):
    return rows(conn, "SELECT tarn.commit_table('t', '[]', %s)", (json.dumps(updates),))[0][0]


def test_nothing_is_nothing(catalog, conn, db):
    before = db.metadata_location("t")
    assert commit(conn) == before
    assert db.metadata_location("t") == before


def test_tags_branches_and_properties(catalog, conn):
    first = catalog.load_table("t").metadata.current_snapshot_id
    table = catalog.load_table("t")
    table.append(batch((2, "two")))
    table.manage_snapshots().create_tag(first, "start").create_branch(first, "side").commit()
    table.append(batch((3, "side")), branch="side")
    with table.transaction() as transaction:
        transaction.set_properties({"owner": "them"})
    rows(conn, "INSERT INTO t VALUES (4, 'four')")
    assert rows(conn) == [(1, "postgres"), (2, "two"), (4, "four")]
    table.refresh()
    assert sorted(table.refs()) == ["main", "side", "start"]
    assert table.properties["owner"] == "them"
    assert table.scan().use_ref("side").to_arrow().column("a").to_pylist() == [3, 1]
    table.manage_snapshots().rollback_to_snapshot(first).commit()
    assert rows(conn) == [(1, "postgres")]
    rows(conn, "INSERT INTO t VALUES (5, 'five')")
    assert rows(conn) == [(1, "postgres"), (5, "five")]


@pytest.mark.parametrize("update", [
    {"action": "set-location", "location": "s3://lake/elsewhere"},
    {"action": "assign-uuid", "uuid": "11111111-2222-3333-4444-555555555555"},
    {"action": "add-encryption-key", "encryption-key": {"key-id": "k", "encrypted-key-metadata": "AA=="}},
])
def test_what_would_break_the_place_of_a_table(catalog, conn, update):
    if update["action"] == "add-encryption-key":
        commit(conn, {"action": "upgrade-format-version", "format-version": 3})
    with pytest.raises(errors.FeatureNotSupported):
        commit(conn, update)


def test_files_elsewhere_are_refused(catalog, conn, db, server):
    rows(conn, "CREATE TABLE secret (a int, b text) USING iceberg; INSERT INTO secret VALUES (7, 'secret')")
    ((stolen, size),) = rows(conn, "SELECT file_path, file_size_in_bytes FROM tarn.files('secret')")
    location = catalog.load_table("t").location()
    other = db.metadata_location("secret").rsplit("/", 2)[0]
    (server.local_path(location) / "data").mkdir(exist_ok=True)
    paths = [stolen, f"{location}/../{other.rsplit('/', 1)[1]}/data/{stolen.rsplit('/', 1)[1]}",
             location + "-x/data/file.parquet"]
    for path in paths:
        with pytest.raises(errors.InsufficientPrivilege, match="outside the location"):
            append_file(catalog, "t", path, size)
    assert rows(conn) == [(1, "postgres")]
