# SPDX-License-Identifier: Apache-2.0
"""A row lock that locked nothing would hand one row to two workers: it is refused wherever it can be asked for."""

import psycopg2
import pytest

PREPARATION = """
CREATE TABLE jobs (id int, note text) USING iceberg;
INSERT INTO jobs VALUES (1, 'one'), (2, 'two');
CREATE TABLE heap (id int PRIMARY KEY, note text);
INSERT INTO heap VALUES (1, 'x');
CREATE VIEW v AS SELECT * FROM jobs;
CREATE TABLE whole (a int, b int) PARTITION BY LIST (a);
CREATE TABLE whole1 PARTITION OF whole FOR VALUES IN (1) USING iceberg;
CREATE TABLE whole2 PARTITION OF whole FOR VALUES IN (2);
INSERT INTO whole VALUES (1, 1), (2, 2);
CREATE TABLE base (a int);
CREATE TABLE child () INHERITS (base) USING iceberg;
CREATE FUNCTION take() RETURNS int LANGUAGE plpgsql AS $$ BEGIN
  RETURN (SELECT id FROM jobs ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED); END $$;
CREATE FUNCTION take_sql() RETURNS SETOF int LANGUAGE sql AS 'SELECT id FROM jobs FOR SHARE';
"""

REFUSED = [f"SELECT * FROM jobs FOR {strength}{policy}"
           for strength in ("UPDATE", "NO KEY UPDATE", "SHARE", "KEY SHARE")
           for policy in ("", " SKIP LOCKED", " NOWAIT")] + [
    "SELECT id FROM jobs WHERE id = 1 ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED",
    "SELECT * FROM jobs JOIN heap USING (id) FOR UPDATE", "SELECT * FROM jobs JOIN heap USING (id) FOR UPDATE OF jobs",
    "SELECT * FROM heap WHERE id IN (SELECT id FROM jobs FOR UPDATE)",
    "SELECT * FROM (SELECT * FROM jobs FOR SHARE) s",
    "WITH c AS (SELECT * FROM jobs FOR UPDATE) SELECT * FROM c",
    "WITH c AS MATERIALIZED (SELECT id FROM jobs FOR UPDATE SKIP LOCKED) UPDATE heap SET note = 'y' FROM c "
    "WHERE heap.id = c.id",
    "UPDATE heap SET note = 'y' WHERE id = (SELECT id FROM jobs LIMIT 1 FOR UPDATE)",
    "INSERT INTO heap SELECT id + 10, note FROM jobs FOR UPDATE",
    "SELECT * FROM v FOR UPDATE", "SELECT * FROM whole FOR UPDATE", "SELECT * FROM whole WHERE a = 1 FOR SHARE",
    "SELECT * FROM base FOR UPDATE", "SELECT * FROM child FOR UPDATE",
    "DO $$ DECLARE c CURSOR FOR SELECT * FROM jobs FOR UPDATE; BEGIN OPEN c; END $$",
    "SELECT take()", "SELECT * FROM take_sql()", "CREATE TABLE copied AS SELECT * FROM jobs FOR UPDATE",
    "COPY (SELECT * FROM jobs FOR UPDATE) TO '/dev/null'", "EXPLAIN SELECT * FROM jobs FOR UPDATE",
]


@pytest.fixture
def locking(conn, access_method):
    if access_method == "heap":
        pytest.skip("about lake tables")
    conn.cursor().execute(PREPARATION)
    return conn


def test_row_locks_are_refused(locking):
    with locking.cursor() as cursor:
        for statement in REFUSED:
            with pytest.raises(psycopg2.Error) as raised:
                cursor.execute(statement)
            assert raised.value.pgcode == "0A000", f"{statement}: {raised.value}"
            assert "row lock" in str(raised.value) and raised.value.diag.message_hint, statement


def test_prepared_statements_and_cursors(locking):
    with locking.cursor() as cursor:
        cursor.execute("PREPARE p AS SELECT * FROM jobs FOR UPDATE")
        with pytest.raises(psycopg2.errors.FeatureNotSupported):
            cursor.execute("EXECUTE p")
        cursor.execute("BEGIN")
        with pytest.raises(psycopg2.errors.FeatureNotSupported):
            cursor.execute("DECLARE c CURSOR FOR SELECT * FROM jobs FOR UPDATE")
        cursor.execute("ROLLBACK")


def test_locks_of_other_rows_work(locking, db):
    """Beside a lake table, rows of heap tables are locked as ever; so is the lake table as a whole."""
    with locking.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT heap.id FROM heap JOIN jobs USING (id) FOR UPDATE OF heap")
        assert cursor.fetchall() == [(1,)]
        with db.connect().cursor() as other:
            other.execute("SELECT id FROM heap FOR UPDATE SKIP LOCKED")
            assert other.fetchall() == []
        cursor.execute("SELECT * FROM whole2 FOR UPDATE")
        assert cursor.fetchall() == [(2, 2)]
        cursor.execute("SELECT * FROM whole WHERE a = 2 FOR UPDATE")
        assert cursor.fetchall() == [(2, 2)]
        cursor.execute("LOCK TABLE jobs IN SHARE ROW EXCLUSIVE MODE")
        with db.connect(autocommit=False).cursor() as other, pytest.raises(psycopg2.errors.LockNotAvailable):
            other.execute("LOCK TABLE jobs IN SHARE ROW EXCLUSIVE MODE NOWAIT")
        cursor.execute("UPDATE heap SET note = jobs.note FROM jobs WHERE jobs.id = heap.id RETURNING heap.note")
        assert cursor.fetchall() == [("one",)]
        cursor.execute("COMMIT")
