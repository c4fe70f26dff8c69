# SPDX-License-Identifier: Apache-2.0
"""Tables that have no columns, or lose them."""

import psycopg2
import pytest

from support.both import Both


@pytest.fixture
def both(conn, access_method):
    return Both(conn, access_method)


QUESTIONS = ("SELECT count(*) FROM {t}", "SELECT FROM {t}", "SELECT * FROM {t} LIMIT 2", "SELECT 1 FROM {t} WHERE true",
             "SELECT count(*) FROM {t} a, {t} b", "SELECT count(t) FROM {t} t", "SELECT EXISTS (SELECT FROM {t})",
             "SELECT count(*) FROM {t} TABLESAMPLE SYSTEM (100)", "SELECT count(*) FROM {t} WHERE ctid IS NOT NULL")


def ask(both):
    for question in QUESTIONS:
        both.run(question)
    both.compare(compare_definitions=True)


def ask_count(both, rows):
    assert both.run("SELECT count(*) FROM {t}") == [(rows,)]


def refused(connection, statement):
    with connection.cursor() as cursor, pytest.raises(psycopg2.errors.FeatureNotSupported) as raised:
        cursor.execute(statement)
    assert "has no columns" in str(raised.value) and raised.value.diag.message_hint


def test_without_columns_from_the_start(both, conn, db, access_method):
    both.script("CREATE TABLE {t} () USING {am}")
    ask(both)
    both.script("ANALYZE {t}", "VACUUM {t}", "TRUNCATE {t}", "CREATE TABLE {t}_like (LIKE {t}) USING {am}",
                "CREATE TABLE {t}_as USING {am} AS SELECT WHERE false", "INSERT INTO {t} SELECT WHERE false")
    ask(both)
    both.script("ALTER TABLE {t} ADD COLUMN a int DEFAULT 5", "INSERT INTO {t} DEFAULT VALUES",
                "ALTER TABLE {t} ADD COLUMN b text DEFAULT 'later'", "INSERT INTO {t} VALUES (2, 'x')")
    ask(both)
    db.fsck()


def test_rows_are_refused(conn, db, access_method):
    """No data file can hold them: the one thing in which they are not like a heap's."""
    if access_method == "heap":
        pytest.skip("about lake tables")
    with conn.cursor() as cursor:
        cursor.execute("CREATE TABLE t () USING iceberg; CREATE TABLE h (); INSERT INTO h DEFAULT VALUES")
        for statement in ("INSERT INTO t DEFAULT VALUES", "INSERT INTO t SELECT FROM generate_series(1, 3)",
                          "CREATE TABLE u USING iceberg AS SELECT FROM generate_series(1, 3)",
                          "ALTER TABLE h SET ACCESS METHOD iceberg",
                          "BEGIN; CREATE TABLE u (a int) USING iceberg; INSERT INTO u VALUES (1); ALTER TABLE u DROP COLUMN a; "
                          "COMMIT"):
            refused(conn, statement)
            cursor.execute("ROLLBACK")
            cursor.execute("SELECT count(*) FROM t")
            assert cursor.fetchone() == (0,)
        cursor.execute("SELECT to_regclass('u')")
        assert cursor.fetchone() == (None,)
        cursor.execute("BEGIN; SAVEPOINT s")
        refused(conn, "INSERT INTO t DEFAULT VALUES")
        cursor.execute("ROLLBACK TO s; ALTER TABLE t ADD COLUMN a int; INSERT INTO t VALUES (1); COMMIT; SELECT a FROM t")
        assert cursor.fetchall() == [(1,)]


def test_all_columns_are_dropped(both, conn, db, access_method):
    both.script("CREATE TABLE {t} (a int, b text) USING {am}", "INSERT INTO {t} VALUES (1, 'x'), (2, 'y')",
                "ALTER TABLE {t} DROP COLUMN a", "ALTER TABLE {t} DROP COLUMN b")
    ask(both)
    ask_count(both, 2)
    both.script("VACUUM FULL {t}", "ANALYZE {t}")
    ask(both)
    if access_method != "heap":
        refused(conn, "INSERT INTO lake DEFAULT VALUES")
    both.script("ALTER TABLE {t} ADD COLUMN c int DEFAULT 7", "INSERT INTO {t} VALUES (8)")
    ask(both)
    conn.autocommit = False
    both.script("SAVEPOINT s", "INSERT INTO {t} VALUES (9)", "ALTER TABLE {t} DROP COLUMN c")
    ask_count(both, 4)
    both.script("ROLLBACK TO s", "INSERT INTO {t} VALUES (10)", "ALTER TABLE {t} DROP COLUMN c", "ALTER TABLE {t} ADD COLUMN d text")
    ask(both)
    conn.commit()
    ask(both)
    conn.commit()
    conn.autocommit = True
    both.script("ALTER TABLE {t} DROP COLUMN d", "TRUNCATE {t}")
    ask_count(both, 0)
    db.fsck()
