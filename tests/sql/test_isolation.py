# SPDX-License-Identifier: Apache-2.0
"""Two sessions at once: each sees what it would see of a heap table."""

import threading

import psycopg2
import pytest
from psycopg2 import extensions

LEVELS = {"READ COMMITTED": extensions.ISOLATION_LEVEL_READ_COMMITTED,
          "REPEATABLE READ": extensions.ISOLATION_LEVEL_REPEATABLE_READ,
          "SERIALIZABLE": extensions.ISOLATION_LEVEL_SERIALIZABLE}


@pytest.fixture(params=["lake", "heap"])
def table(request, conn, access_method):
    """The same script on both: the heap says what is right."""
    method = access_method if request.param == "lake" else "heap"
    with conn.cursor() as cursor:
        cursor.execute(f"CREATE TABLE t (a int) USING {method}")
        cursor.execute("INSERT INTO t VALUES (1)")
    return "t"


def session(db, level):
    connection = db.connect(autocommit=False)
    connection.set_isolation_level(LEVELS[level])
    return connection, connection.cursor()


def total(cursor, table):
    cursor.execute(f"SELECT count(*), coalesce(sum(a), 0) FROM {table}")
    return cursor.fetchone()


def test_what_a_snapshot_sees(db, conn, table):
    committed, rc = session(db, "READ COMMITTED")
    repeatable, rr = session(db, "REPEATABLE READ")
    assert total(rc, table) == total(rr, table) == (1, 1)
    with conn.cursor() as writer:
        writer.execute(f"INSERT INTO {table} VALUES (10)")
    assert total(rc, table) == (2, 11)
    assert total(rr, table) == (1, 1)
    rr.execute(f"INSERT INTO {table} VALUES (100)")
    assert total(rr, table) == (2, 101)
    assert total(rc, table) == (2, 11)
    repeatable.commit()
    assert total(rc, table) == (3, 111)
    committed.commit()


@pytest.mark.parametrize("level", LEVELS)
def test_appenders_both_commit(db, conn, table, level):
    one, first = session(db, level)
    two, second = session(db, level)
    first.execute(f"INSERT INTO {table} VALUES (10)")
    second.execute(f"INSERT INTO {table} VALUES (100)")
    one.commit()
    two.commit()
    with conn.cursor() as reader:
        assert total(reader, table) == (3, 111)


def test_many_appenders(db, conn, table):
    def append(start):
        connection, cursor = session(db, "READ COMMITTED")
        for i in range(10):
            cursor.execute(f"INSERT INTO {table} VALUES ({start + i})")
            connection.commit()

    threads = [threading.Thread(target=append, args=(1000 * n,)) for n in range(1, 6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with conn.cursor() as reader:
        assert total(reader, table) == (51, 1 + sum(1000 * n + i for n in range(1, 6) for i in range(10)))


def outcome(connection):
    try:
        connection.commit()
        return "committed"
    except psycopg2.Error as error:
        connection.rollback()
        return error.pgcode


@pytest.mark.parametrize("order", ["read first", "write first"])
def test_write_skew_is_prevented(db, table, order):
    one, first = session(db, "SERIALIZABLE")
    two, second = session(db, "SERIALIZABLE")
    outcomes = []
    try:
        if order == "read first":
            before = total(first, table), total(second, table)
            first.execute(f"INSERT INTO {table} VALUES (2)")
            second.execute(f"INSERT INTO {table} VALUES (3)")
        else:
            second.execute("SELECT 1")  # its snapshot is older than the other's commit
            first.execute(f"INSERT INTO {table} VALUES (2)")
            before = total(first, table), total(second, table)
            second.execute(f"INSERT INTO {table} VALUES (3)")
        assert before[1] == (1, 1)
        outcomes = [outcome(one), outcome(two)]
    except psycopg2.Error as error:
        outcomes = [error.pgcode, "committed"]
    assert sorted(outcomes) == ["40001", "committed"]


def test_skew_over_a_commit_between(db, table):
    """The second reads after the first committed, under an older snapshot."""
    one, first = session(db, "SERIALIZABLE")
    two, second = session(db, "SERIALIZABLE")
    second.execute("SELECT 1")
    assert total(first, table) == (1, 1)
    first.execute(f"INSERT INTO {table} VALUES (2)")
    one.commit()
    with pytest.raises(psycopg2.errors.SerializationFailure):
        assert total(second, table) == (1, 1)
        second.execute(f"INSERT INTO {table} VALUES (3)")
        two.commit()


def test_unrelated_tables_do_not_conflict(db, conn, access_method):
    with conn.cursor() as cursor:
        for i in range(4):
            cursor.execute(f"CREATE TABLE t{i} (a int) USING {access_method}")
    one, first = session(db, "SERIALIZABLE")
    two, second = session(db, "SERIALIZABLE")
    total(first, "t0")
    total(second, "t1")
    first.execute("INSERT INTO t2 VALUES (1)")
    second.execute("INSERT INTO t3 VALUES (1)")
    one.commit()
    two.commit()


def test_older_snapshots_and_ddl(db, conn, table):
    repeatable, rr = session(db, "REPEATABLE READ")
    rr.execute("SELECT 1")
    with conn.cursor() as writer:
        writer.execute(f"ALTER TABLE {table} ADD COLUMN b int DEFAULT 5")
        writer.execute(f"INSERT INTO {table} VALUES (2, 6)")
    rr.execute(f"SELECT * FROM {table}")
    assert rr.fetchall() == [(1, 5)]
    repeatable.commit()


def test_truncate_under_an_older_snapshot(db, conn, table):
    repeatable, rr = session(db, "REPEATABLE READ")
    rr.execute("SELECT 1")
    with conn.cursor() as writer:
        writer.execute(f"TRUNCATE {table}")
        writer.execute(f"INSERT INTO {table} VALUES (7)")
    # As PostgreSQL documents: after TRUNCATE the table appears empty to older snapshots.
    assert total(rr, table) == (0, 0)
    repeatable.commit()
    assert total(rr, table) == (1, 7)
    repeatable.commit()


def test_table_made_after_the_snapshot(db, conn, access_method):
    repeatable, rr = session(db, "REPEATABLE READ")
    rr.execute("SELECT 1")
    with conn.cursor() as writer:
        for name, method in (("young_lake", access_method), ("young_heap", "heap")):
            writer.execute(f"CREATE TABLE {name} (a int) USING {method}")
            writer.execute(f"INSERT INTO {name} VALUES (1)")
    assert total(rr, "young_heap") == total(rr, "young_lake") == (0, 0)
    repeatable.commit()


def test_vacuum_full_keeps_rows_of_older_snapshots(db, conn, table):
    repeatable, rr = session(db, "REPEATABLE READ")
    rr.execute("SELECT 1")
    with conn.cursor() as writer:
        writer.execute(f"INSERT INTO {table} VALUES (2)")
        writer.execute(f"VACUUM FULL {table}")
    assert total(rr, table) == (1, 1)
    repeatable.commit()
    assert total(rr, table) == (2, 3)
    repeatable.commit()


@pytest.mark.parametrize("lake", [True, False], ids=["lake", "heap"])
@pytest.mark.parametrize("rewrite", ["VACUUM FULL t", "VACUUM FULL t; VACUUM FULL t", "INSERT INTO t VALUES (2); VACUUM FULL t"])
def test_an_older_snapshot_keeps_the_default_of_a_new_column(db, conn, access_method, lake, rewrite):
    """VACUUM FULL forgets the defaults that rows from before ADD COLUMN have: a heap's have them written out by then."""
    with conn.cursor() as cursor:
        cursor.execute(f"CREATE TABLE t (a int) USING {access_method if lake else 'heap'}; INSERT INTO t VALUES (1)")
    session = db.connect(autocommit=False)
    session.set_isolation_level(LEVELS["REPEATABLE READ"])
    with session.cursor() as reader:
        reader.execute("SELECT 1")
        with conn.cursor() as cursor:
            cursor.execute("ALTER TABLE t ADD b int DEFAULT 5, ADD c text DEFAULT 'x', ADD d int[] DEFAULT '{1,2}', ADD e int")
            for statement in rewrite.split(";"):
                cursor.execute(statement)
        reader.execute("SELECT * FROM t")
        assert reader.fetchall() == [(1, 5, "x", [1, 2], None)]
        reader.execute("SELECT count(*) FROM t WHERE b = 5 AND c = 'x'")
        assert reader.fetchone() == (1,)
    session.rollback()
    with conn.cursor() as cursor:
        cursor.execute("SELECT * FROM t WHERE a = 1")
        assert cursor.fetchall() == [(1, 5, "x", [1, 2], None)]
        cursor.execute("ALTER TABLE t DROP c")
        cursor.execute("VACUUM FULL t")
        cursor.execute("SELECT * FROM t WHERE a = 1")
        assert cursor.fetchall() == [(1, 5, [1, 2], None)]
