# SPDX-License-Identifier: Apache-2.0
"""PREPARE TRANSACTION: what it holds, and what becomes of it."""

import psycopg2
import pytest

from support.both import Both
from support.database import Database


@pytest.fixture
def both(conn, access_method):
    made = Both(conn, access_method)
    made.script("CREATE TABLE {t} (a int) USING {am}", "INSERT INTO {t} VALUES (1)")
    return made


def prepare(db, name, *statements):
    connection = db.connect(autocommit=True)
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        for statement in statements:
            for table in ("lake", "heap") if "{t}" in statement else ("",):
                cursor.execute(statement.replace("{t}", table))
        cursor.execute(f"PREPARE TRANSACTION '{name}'")
    return connection


def test_commit_and_rollback_prepared(both, conn, db):
    prepare(db, f"{db.name}-a", "INSERT INTO {t} VALUES (2)", "SAVEPOINT s", "INSERT INTO {t} VALUES (3)",
            "ROLLBACK TO s")
    assert both.run("SELECT a FROM {t}") == [(1,)]
    conn.cursor().execute(f"COMMIT PREPARED '{db.name}-a'")
    assert both.run("SELECT a FROM {t}") == [(1,), (2,)]
    prepare(db, f"{db.name}-b", "INSERT INTO {t} VALUES (4)").close()
    conn.cursor().execute(f"ROLLBACK PREPARED '{db.name}-b'")
    both.compare()
    both.script("INSERT INTO {t} VALUES (5)")
    both.compare()


def test_prepared_ddl(both, conn, db, access_method):
    prepare(db, f"{db.name}-c", "ALTER TABLE {t} ADD COLUMN b int DEFAULT 7", "INSERT INTO {t} VALUES (2, 8)")
    conn.cursor().execute(f"COMMIT PREPARED '{db.name}-c'")
    both.compare(compare_definitions=True)
    prepare(db, f"{db.name}-d", "DROP TABLE {t}")
    conn.cursor().execute(f"ROLLBACK PREPARED '{db.name}-d'")
    both.compare()
    prepare(db, f"{db.name}-e", "TRUNCATE {t}")
    conn.cursor().execute(f"COMMIT PREPARED '{db.name}-e'")
    both.compare()


def test_a_prepared_appender_holds_back_others_until_its_end(both, conn, db):
    prepare(db, f"{db.name}-f", "INSERT INTO {t} VALUES (2)")
    waiting = db.connect(autocommit=False)
    with waiting.cursor() as cursor:
        cursor.execute("SET lock_timeout = 300")
        cursor.execute("INSERT INTO lake VALUES (3)")
        if both.methods["lake"] != "heap":
            with pytest.raises(psycopg2.errors.LockNotAvailable):
                cursor.execute("COMMIT")
    waiting.rollback()
    conn.cursor().execute(f"COMMIT PREPARED '{db.name}-f'")
    both.script("INSERT INTO {t} VALUES (3)")
    both.compare()


def test_prepared_transactions_survive_crashes(make_server, access_method):
    server = make_server().start()
    db = Database(server)
    conn = db.connect()
    both = Both(conn, access_method)
    both.script("CREATE TABLE {t} (a int) USING {am}")
    prepare(db, "kept", "INSERT INTO {t} SELECT generate_series(1, 1000)").close()
    db.close_connections()
    server.kill()
    server.start()
    both.connection = db.connect()
    assert both.run("SELECT count(*) FROM {t}") == [(0,)]
    both.connection.cursor().execute("COMMIT PREPARED 'kept'")
    assert both.run("SELECT count(*), sum(a) FROM {t}") == [(1000, 500500)]
    db.fsck()
