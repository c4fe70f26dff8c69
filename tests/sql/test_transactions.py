# SPDX-License-Identifier: Apache-2.0
"""Heap and lake end together, whole or not at all; a transaction sees its own rows."""

import glob
import json

import pytest

from support.both import Both


@pytest.fixture
def both(conn, access_method):
    made = Both(conn, access_method)
    made.script("CREATE TABLE {t} (a int, b text) USING {am}")
    return made


def snapshots(db, table="lake"):
    with open(db.server.local_path(db.metadata_location(table)), encoding="utf-8") as file:
        return json.load(file)["snapshots"]


def test_own_rows_are_visible(both, conn):
    conn.autocommit = False
    both.script("INSERT INTO {t} SELECT i, 'x' FROM generate_series(1, 10) i")
    both.compare()
    # A statement does not see its own rows.
    both.script("INSERT INTO {t} SELECT a + 10, b FROM {t}")
    assert both.run("SELECT count(*) FROM {t}") == [(20,)]
    both.script("WITH i AS (INSERT INTO {t} VALUES (99, 'cte') RETURNING a) "
                "SELECT (SELECT count(*) FROM {t}), a FROM i")
    assert both.run("WITH i AS (INSERT INTO {t} VALUES (98, 'cte')) SELECT count(*) FROM {t}") == [(21,)]
    conn.commit()
    both.compare()


def test_savepoints(both, conn):
    conn.autocommit = False
    both.script("INSERT INTO {t} VALUES (1, 'kept')", "SAVEPOINT one", "INSERT INTO {t} VALUES (2, 'gone')",
                "SAVEPOINT two", "INSERT INTO {t} VALUES (3, 'gone')", "RELEASE two",
                "INSERT INTO {t} VALUES (4, 'gone')")
    both.compare()
    both.script("ROLLBACK TO one")
    both.compare()
    both.script("INSERT INTO {t} VALUES (5, 'kept')", "SAVEPOINT three", "INSERT INTO {t} VALUES (6, 'kept')",
                "RELEASE three")
    both.compare()
    conn.commit()
    both.compare()
    assert both.run("SELECT a FROM {t}") == [(1,), (5,), (6,)]


def test_rows_after_a_rolled_back_insert_have_the_new_column(both, conn, db):
    """The first row with the new column is rolled back, and with it what was decided about the column."""
    conn.autocommit = False
    both.script("ALTER TABLE {t} ADD COLUMN c real DEFAULT 'Infinity'", "SAVEPOINT one",
                "INSERT INTO {t} VALUES (1, 'gone', 1.5)", "ROLLBACK TO one", "INSERT INTO {t} VALUES (2, 'kept', 2.5)")
    both.compare()
    both.script("SAVEPOINT two", "ALTER TABLE {t} ADD COLUMN d int DEFAULT 7", "INSERT INTO {t} VALUES (3, 'gone', 3.5, 3)",
                "ROLLBACK TO two", "ALTER TABLE {t} ADD COLUMN d text DEFAULT 'seven'",
                "INSERT INTO {t} VALUES (4, 'kept', 4.5, 'four')")
    conn.commit()
    both.compare()
    db.fsck()


def test_exception_blocks(both, conn):
    both.script("""DO $$ BEGIN
      FOR i IN 1..50 LOOP
        BEGIN
          INSERT INTO {t} VALUES (i, 'try');
          IF i % 3 = 0 THEN RAISE EXCEPTION 'no'; END IF;
        EXCEPTION WHEN raise_exception THEN
          INSERT INTO {t} VALUES (-i, 'caught');
        END;
      END LOOP; END $$""")
    both.compare()
    assert both.run("SELECT count(*), count(*) FILTER (WHERE a < 0) FROM {t}") == [(50, 16)]


def test_everything_rolled_back_leaves_nothing(both, conn, db, access_method):
    conn.autocommit = False
    both.script("INSERT INTO {t} VALUES (1, 'x')")
    conn.rollback()
    both.script("SAVEPOINT s", "INSERT INTO {t} SELECT i, repeat('y', 1000) FROM generate_series(1, 2000) i",
                "ROLLBACK TO s")
    conn.commit()
    both.compare()
    if access_method != "heap":
        assert snapshots(db) == []


def test_ten_thousand_inserts_make_one_file_and_one_snapshot(both, conn, db, access_method):
    conn.autocommit = False
    with conn.cursor() as cursor:
        for i in range(10_000):
            cursor.execute("INSERT INTO lake VALUES (%s, 'row')", (i,))
        conn.commit()
        cursor.execute("SELECT count(*), sum(a), count(DISTINCT a) FROM lake")
        assert cursor.fetchone() == (10_000, 49_995_000, 10_000)
        conn.commit()
    if access_method != "heap":
        assert len(snapshots(db)) == 1
        table = str(db.server.local_path(db.metadata_location("lake"))).rsplit("/metadata/")[0]
        assert len(glob.glob(f"{table}/data/**/*.parquet", recursive=True)) == 1


def test_several_tables_commit_together(conn, db, access_method):
    with conn.cursor() as cursor:
        cursor.execute("CREATE TABLE h (n int)")
        for i in range(4):
            cursor.execute(f"CREATE TABLE l{i} (n int) USING {access_method}")
    conn.autocommit = False
    other = db.connect()
    with conn.cursor() as cursor, other.cursor() as watcher:
        cursor.execute("INSERT INTO h VALUES (1)")
        for i in (2, 0, 3, 1):
            cursor.execute(f"INSERT INTO l{i} SELECT generate_series(1, {i + 1})")
        counts = "SELECT (SELECT count(*) FROM h), " + ", ".join(f"(SELECT count(*) FROM l{i})" for i in range(4))
        watcher.execute(counts)
        assert watcher.fetchone() == (0, 0, 0, 0, 0)
        cursor.execute(counts)
        assert cursor.fetchone() == (1, 1, 2, 3, 4)
        conn.commit()
        watcher.execute(counts)
        assert watcher.fetchone() == (1, 1, 2, 3, 4)


def test_deferred_constraint_fails_the_commit(both, conn, db):
    with conn.cursor() as cursor:
        cursor.execute("CREATE TABLE p (id int PRIMARY KEY)")
        both.script("ALTER TABLE {t} ADD FOREIGN KEY (a) REFERENCES p DEFERRABLE INITIALLY DEFERRED")
        for key, table in enumerate(("lake", "heap")):
            cursor.execute(f"BEGIN; INSERT INTO {table} VALUES ({key}, 'no parent')")
            with pytest.raises(Exception) as raised:
                cursor.execute("COMMIT")
            assert raised.value.pgcode == "23503"
            cursor.execute(f"BEGIN; INSERT INTO {table} VALUES ({key}, 'later'); INSERT INTO p VALUES ({key}); COMMIT")
    assert both.run("SELECT b FROM {t}") == [("later",)]


def test_cursors(both, conn):
    conn.autocommit = False
    both.script("INSERT INTO {t} SELECT i, 'r' FROM generate_series(1, 3000) i")
    conn.commit()
    both.script("DECLARE c_{t} CURSOR FOR SELECT a FROM {t} ORDER BY a", "INSERT INTO {t} VALUES (5000, 'after')")
    assert both.run("FETCH 3 FROM c_{t}") == [(1,), (2,), (3,)]
    both.run("MOVE 2990 FROM c_{t}")
    # The row that came after the cursor was opened is not in it.
    assert both.run("FETCH ALL FROM c_{t}") == [(i,) for i in range(2994, 3001)]
    both.script("DECLARE s_{t} SCROLL CURSOR FOR SELECT a FROM {t}", "FETCH 10 FROM s_{t}", "FETCH BACKWARD 4 FROM s_{t}",
                "DECLARE h_{t} CURSOR WITH HOLD FOR SELECT count(*) FROM {t}")
    conn.commit()
    assert both.run("FETCH h_{t}") == [(3001,)]


def test_data_modifying_ctes_feed_heap_and_lake(conn, access_method):
    with conn.cursor() as cursor:
        cursor.execute(f"CREATE TABLE lake (a int, b text) USING {access_method}")
        cursor.execute("CREATE TABLE source (a int, b text, synced_at timestamp)")
        cursor.execute("INSERT INTO source SELECT i, 'r' || i FROM generate_series(1, 100) i")
        cursor.execute("WITH moved AS (INSERT INTO lake SELECT a, b FROM source WHERE a <= 40 RETURNING a) "
                       "UPDATE source s SET synced_at = now() FROM moved WHERE s.a = moved.a")
        assert cursor.rowcount == 40
        cursor.execute("WITH marked AS (UPDATE source SET synced_at = now() WHERE synced_at IS NULL RETURNING a, b) "
                       "INSERT INTO lake SELECT a, b FROM marked")
        assert cursor.rowcount == 60
        cursor.execute("WITH gone AS (DELETE FROM source WHERE a > 90 RETURNING a, b) "
                       "INSERT INTO lake SELECT a + 1000, b FROM gone RETURNING a")
        assert sorted(cursor.fetchall()) == [(i + 1000,) for i in range(91, 101)]
        cursor.execute("SELECT count(*), sum(a) FROM lake")
        assert cursor.fetchone() == (110, 5050 + 10 * 1000 + sum(range(91, 101)))


def test_ddl_and_rows_in_one_transaction_roll_back(both, conn):
    both.script("INSERT INTO {t} VALUES (1, 'before')")
    conn.autocommit = False
    both.script("ALTER TABLE {t} ADD COLUMN c int DEFAULT 3", "INSERT INTO {t} VALUES (2, 'x', 4)", "SAVEPOINT s",
                "ALTER TABLE {t} DROP COLUMN b", "INSERT INTO {t} VALUES (3, 5)")
    both.compare()
    both.script("ROLLBACK TO s", "INSERT INTO {t} VALUES (4, 'y', 6)")
    both.compare()
    both.script("SAVEPOINT u", "ALTER TABLE {t} ADD COLUMN d int DEFAULT 8", "INSERT INTO {t} VALUES (5, 'z', 7, 9)",
                "ROLLBACK TO u", "ALTER TABLE {t} ADD COLUMN e text DEFAULT 'e'")
    both.compare()
    conn.commit()
    both.compare(compare_definitions=True)
