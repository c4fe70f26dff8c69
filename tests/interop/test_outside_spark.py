# SPDX-License-Identifier: Apache-2.0
"""Spark writes to PostgreSQL's tables: the files and the snapshot are those of Iceberg's Java library, the commit is PostgreSQL's."""

import json

import psycopg2
import pytest

from support.canonical import canonical_rows

pytestmark = [pytest.mark.interop, pytest.mark.slow]

SNAPSHOT = """
table = catalog.loadTable(jvm.org.apache.iceberg.catalog.TableIdentifier.parse("db.t"))
current = table.operations().current()
result = [[jvm.org.apache.iceberg.SnapshotParser.toJson(current.currentSnapshot()), current.metadataFileLocation()]]
"""


def rows(connection, statement, parameters=None):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else None


class SparkWriter:
    """Spark on the table's newest metadata; what it commits there is committed here."""

    def __init__(self, spark, db, conn):
        self._spark, self._db, self._conn = spark, db, conn

    def run(self, statement):
        """Spark retries what another writer came before, here the compaction, from the table's new state."""
        for _ in range(20):
            try:
                return self._commit(statement)
            except psycopg2.errors.SerializationFailure as error:
                refused = error
        raise refused

    def _commit(self, statement):
        ((location, parent),) = rows(self._conn, "SELECT metadata_location, snapshot_id FROM tarn.tables "
                                                 "WHERE table_oid = 't'::regclass")
        self._spark.query({"t": location}, "SELECT 1")
        self._spark.run("session.sql(statement).collect()", statement=statement)
        ((snapshot, metadata_file),) = self._spark.run(SNAPSHOT)
        snapshot = json.loads(snapshot)
        assert snapshot["parent-snapshot-id"] == parent
        self._db.server.local_path(metadata_file).unlink()
        requirements = [{"type": "assert-ref-snapshot-id", "ref": "main", "snapshot-id": parent}]
        updates = [{"action": "add-snapshot", "snapshot": snapshot},
                   {"action": "set-snapshot-ref", "ref-name": "main", "type": "branch",
                    "snapshot-id": snapshot["snapshot-id"]}]
        rows(self._conn, "SELECT tarn.commit_table('t', %s, %s)", (json.dumps(requirements), json.dumps(updates)))

    def read(self):
        return self._spark.query({"t": self._db.metadata_location("t")}, "SELECT * FROM c.db.t")


@pytest.mark.shows("Spark 4.1", "commits to PostgreSQL's tables, in turns with it",
                   "append, DELETE, UPDATE and MERGE, copy-on-write and merge-on-read, versions 2 and 3")
@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("mode", ["copy-on-write", "merge-on-read"])
def test_spark_and_postgres_take_turns(conn, db, gateway_for, spark, version, mode):
    gateway_for(db.server.buckets)
    rows(conn, f"CREATE TABLE t (a int, b text) USING iceberg WITH (format_version = {version})")
    rows(conn, "CREATE TABLE heap (a int, b text)")
    properties = {f"write.{kind}.mode": mode for kind in ("delete", "update", "merge")}
    rows(conn, "SELECT tarn.commit_table('t', '[]', %s)",
         (json.dumps([{"action": "set-properties", "updates": properties}]),))
    writer = SparkWriter(spark, db, conn)

    def compare():
        expected = canonical_rows(rows(conn, "SELECT * FROM heap"))
        assert canonical_rows(rows(conn, "SELECT * FROM t")) == expected
        assert writer.read() == expected

    def both(statement):
        rows(conn, statement.replace("{t}", "heap"))
        rows(conn, statement.replace("{t}", "t"))
        compare()

    def by_spark(statement):
        rows(conn, statement.replace("{t}", "heap"))
        writer.run(statement.replace("{t}", "c.db.t"))
        compare()

    both("INSERT INTO {t} SELECT i, 'row ' || i FROM generate_series(1, 100) i")
    by_spark("INSERT INTO {t} VALUES (101, 'spark'), (102, NULL)")
    by_spark("DELETE FROM {t} WHERE a % 10 = 3")
    both("INSERT INTO {t} VALUES (103, 'postgres'), (3, 'again')")
    by_spark("UPDATE {t} SET b = 'changed' WHERE a BETWEEN 40 AND 60 OR a = 3")
    both("INSERT INTO {t} VALUES (104, 'postgres')")
    by_spark("DELETE FROM {t} WHERE a > 100")
    assert rows(conn, "SELECT count(*) FROM t WHERE b = 'changed'") == rows(conn, "SELECT count(*) FROM heap WHERE b = 'changed'")
    both("TRUNCATE {t}")
    both("INSERT INTO {t} VALUES (1, 'one')")
