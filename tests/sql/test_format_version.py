# SPDX-License-Identifier: Apache-2.0
"""WITH (format_version = 2 | 3): which version of the format lake tables are written in."""

import json

import pytest
from psycopg2 import errors
from pyiceberg.types import LongType, StringType

from support.database import Database
from support.pyiceberg_writer import PostgresCatalog


def rows(connection, statement, parameters=None):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else None


def metadata(db, table="t"):
    return json.loads(db.server.local_path(db.metadata_location(table)).read_text())


def options(conn, table="t"):
    ((found,),) = rows(conn, "SELECT reloptions FROM pg_class WHERE oid = %s::regclass", (table,))
    return found


def test_version_2_is_the_default(conn, db):
    rows(conn, "CREATE TABLE t (a int) USING iceberg")
    assert metadata(db)["format-version"] == 2
    assert options(conn) is None
    rows(conn, "CREATE TABLE u (a int) USING iceberg WITH (format_version = 2)")
    assert metadata(db, "u")["format-version"] == 2
    assert options(conn, "u") == ["format_version=2"]


def test_version_3_numbers_rows(conn, db, server):
    rows(conn, "CREATE TABLE t (a int, b text) USING iceberg WITH (format_version = 3)")
    for count in (3, 2):
        rows(conn, f"INSERT INTO t SELECT i, 'x' FROM generate_series(1, {count}) i")
    found = metadata(db)
    assert (found["format-version"], found["next-row-id"]) == (3, 5)
    assert [(s["first-row-id"], s["added-rows"]) for s in found["snapshots"]] == [(0, 3), (3, 2)]
    assert sorted(rows(conn, "SELECT first_row_id, record_count FROM tarn.files('t')")) == [(0, 3), (3, 2)]
    table = PostgresCatalog(conn, server.buckets).load_table("t")
    assert table.format_version == 3
    assert sorted(table.scan().to_arrow().column("a").to_pylist()) == [1, 1, 2, 2, 3]
    rows(conn, "TRUNCATE t")
    rows(conn, "INSERT INTO t VALUES (9, 'y')")
    assert metadata(db)["next-row-id"] == 6


@pytest.mark.parametrize("statement", [
    "CREATE TABLE t USING iceberg WITH (format_version = 3) AS SELECT 1 AS a",
    "CREATE MATERIALIZED VIEW t USING iceberg WITH (format_version = '3') AS SELECT 1 AS a",
    "CREATE TABLE IF NOT EXISTS t (a) USING iceberg WITH (format_version = 3, autovacuum_enabled = off) AS SELECT 1",
    "SET default_table_access_method = iceberg; CREATE TABLE t (a int) WITH (format_version = 3); INSERT INTO t VALUES (1)",
    "CREATE TABLE p (a int) PARTITION BY LIST (a); "
    "CREATE TABLE t PARTITION OF p FOR VALUES IN (1) USING iceberg WITH (format_version = 3); INSERT INTO p VALUES (1)",
    "EXPLAIN ANALYZE CREATE TABLE t USING iceberg WITH (format_version = 3) AS SELECT 1 AS a",
])
def test_whatever_makes_the_table(conn, db, statement):
    rows(conn, statement)
    assert metadata(db)["format-version"] == 3
    assert "format_version=3" in options(conn)
    assert rows(conn, "SELECT a FROM t") == [(1,)]


def test_a_table_that_exists_keeps_its_version(conn, db):
    rows(conn, "CREATE TABLE t (a int) USING iceberg")
    rows(conn, "CREATE TABLE IF NOT EXISTS t (a int) USING iceberg WITH (format_version = 3)")
    assert options(conn) is None
    assert metadata(db)["format-version"] == 2


def test_what_is_refused(conn, db):
    for version in ("1", "4", "'x'", "2.5"):
        with pytest.raises(errors.InvalidParameterValue):
            rows(conn, f"CREATE TABLE t (a int) USING iceberg WITH (format_version = {version})")
    with pytest.raises(errors.InvalidParameterValue):
        rows(conn, "CREATE TABLE t (a int) WITH (format_version = 3)")
    rows(conn, "CREATE TABLE t (a int) USING iceberg WITH (format_version = 3)")
    with pytest.raises(errors.FeatureNotSupported, match="cannot go back"):
        rows(conn, "ALTER TABLE t SET (format_version = 2)")
    with pytest.raises(errors.FeatureNotSupported, match="cannot be reset"):
        rows(conn, "ALTER TABLE t RESET (format_version)")
    with pytest.raises(errors.FeatureNotSupported):
        rows(conn, "ALTER TABLE t SET (fillfactor = 70)")
    assert options(conn) == ["format_version=3"]
    rows(conn, "CREATE ROLE somebody_else")
    try:
        rows(conn, "SET ROLE somebody_else")
        with pytest.raises(errors.InsufficientPrivilege):
            rows(conn, "ALTER TABLE t SET (format_version = 3)")
    finally:
        rows(conn, "RESET ROLE; DROP ROLE somebody_else")


def test_upgrade(conn, db, server):
    rows(conn, "CREATE TABLE t (a int) USING iceberg")
    rows(conn, "INSERT INTO t VALUES (1), (2)")
    writer = db.connect(autocommit=False)
    rows(writer, "ALTER TABLE t SET (format_version = 3, autovacuum_enabled = off)")
    rows(writer, "INSERT INTO t VALUES (3)")
    writer.rollback()
    assert (options(conn), metadata(db)["format-version"]) == (None, 2)
    rows(conn, "BEGIN; INSERT INTO t VALUES (3); ALTER TABLE t SET (format_version = 3); INSERT INTO t VALUES (4); COMMIT")
    assert metadata(db)["format-version"] == 3
    rows(conn, "ALTER TABLE t SET (autovacuum_enabled = off)")
    assert sorted(options(conn)) == ["autovacuum_enabled=off", "format_version=3"]
    rows(conn, "ALTER TABLE t RESET (autovacuum_enabled)")
    assert options(conn) == ["format_version=3"]
    rows(conn, "INSERT INTO t VALUES (5)")
    table = PostgresCatalog(conn, server.buckets).load_table("t")
    assert sorted(table.scan().to_arrow().column("a").to_pylist()) == [1, 2, 3, 4, 5]


def test_access_methods_that_change(conn, db):
    rows(conn, "CREATE TABLE t (a int) USING iceberg WITH (format_version = 3)")
    rows(conn, "INSERT INTO t VALUES (1)")
    rows(conn, "ALTER TABLE t SET ACCESS METHOD heap")
    assert options(conn) is None
    rows(conn, "ALTER TABLE t SET (fillfactor = 70)")
    rows(conn, "ALTER TABLE t RESET (fillfactor)")
    rows(conn, "ALTER TABLE t SET ACCESS METHOD iceberg")
    rows(conn, "ALTER TABLE t SET (format_version = 3)")
    assert rows(conn, "SELECT a FROM t") == [(1,)]
    assert metadata(db)["format-version"] == 3


def test_dump_and_restore(conn, db, server, tmp_path):
    rows(conn, "CREATE TABLE t (a int) USING iceberg WITH (format_version = 3)")
    rows(conn, "INSERT INTO t VALUES (1), (2)")
    dump = server.run_program("pg_dump", "--no-owner", database=db.name)
    assert "format_version='3'" in dump
    other = Database(server)
    try:
        connection = other.connect()
        rows(connection, "DROP EXTENSION tarn")
        path = server.home / f"{db.name}.sql"
        path.write_text(dump)
        path.chmod(0o644)
        server.run_program("psql", "-q", "-v", "ON_ERROR_STOP=1", "-f", path, database=other.name)
        assert rows(other.connect(), "SELECT a FROM t ORDER BY a") == [(1,), (2,)]
        assert metadata(other)["format-version"] == 3
        other.fsck()
    finally:
        other.drop()


# ---- from outside ----

def test_another_writer_upgrades_and_adds_defaults(conn, db, server):
    rows(conn, "CREATE TABLE t (a int) USING iceberg")
    rows(conn, "INSERT INTO t VALUES (1)")
    rows(conn, "SELECT tarn.commit_table('t', '[]', '[{\"action\": \"upgrade-format-version\", \"format-version\": 3}]')")
    assert options(conn) == ["format_version=3"]
    table = PostgresCatalog(conn, server.buckets).load_table("t")
    # PyIceberg reads version 3, and writes no manifests of it.
    rows(conn, "INSERT INTO t VALUES (2)")
    table.refresh()
    with table.update_schema() as update:
        update.add_column("b", StringType(), default_value="it's")
        update.add_column("c", LongType(), default_value=7, required=True)
    assert rows(conn, "SELECT * FROM t ORDER BY a") == [(1, "it's", 7), (2, "it's", 7)]
    rows(conn, "INSERT INTO t (a) VALUES (3)")
    rows(conn, "INSERT INTO t VALUES (4, NULL, 8)")
    expected = [(1, "it's", 7), (2, "it's", 7), (3, "it's", 7), (4, None, 8)]
    assert rows(db.connect(), "SELECT * FROM t ORDER BY a") == expected
    assert rows(conn, "SELECT a FROM t WHERE b = 'it''s' AND c = 7 ORDER BY a") == [(1,), (2,), (3,)]
    assert metadata(db)["next-row-id"] == 4
    with pytest.raises(errors.NotNullViolation):
        rows(conn, "INSERT INTO t VALUES (5, 'x', NULL)")
