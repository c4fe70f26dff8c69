# SPDX-License-Identifier: Apache-2.0
"""The engine can be killed at any moment: transactions with rows in it fail with a clear error, all else goes on."""

import os
import signal
import time

import psycopg2
import pytest

from support.database import Database
from support.waiting import wait_for


@pytest.fixture
def lake(db, conn, access_method):
    if access_method == "heap":
        pytest.skip("about the lake engine")
    conn.cursor().execute("CREATE TABLE lake (a int) USING iceberg; CREATE TABLE heap (a int); "
                          "INSERT INTO lake VALUES (1)")
    return "lake"


def kill_engine(server):
    killed = server.engine_pids()
    assert killed
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if set(server.engine_pids()) - set(killed):
            return
        time.sleep(0.01)
    raise AssertionError("no new engine")


def test_idle_sessions_notice_nothing(lake, conn, server):
    with conn.cursor() as cursor:
        for i in range(3):
            kill_engine(server)
            cursor.execute("INSERT INTO lake VALUES (%s)", (i,))
            kill_engine(server)
            cursor.execute("SELECT count(*) FROM lake")
            assert cursor.fetchone() == (i + 2,)


def test_a_transaction_with_rows_fails_and_the_next_works(lake, db, conn, server):
    writer = db.connect(autocommit=False)
    cursor = writer.cursor()
    cursor.execute("INSERT INTO heap VALUES (1); INSERT INTO lake SELECT generate_series(1, 200000)")
    cursor.execute("SELECT count(*) FROM lake")
    assert cursor.fetchone() == (200001,)
    kill_engine(server)
    with pytest.raises(psycopg2.Error) as raised:
        cursor.execute("INSERT INTO lake SELECT generate_series(1, 200000)")
        writer.commit()
    assert raised.value.pgcode == "58000"
    assert raised.value.diag.message_hint
    writer.rollback()
    cursor.execute("INSERT INTO lake VALUES (2)")
    writer.commit()
    cursor.execute("SELECT (SELECT count(*) FROM lake), (SELECT count(*) FROM heap)")
    assert cursor.fetchone() == (2, 0)
    writer.commit()


def test_rows_that_were_not_sent_are_not_lost(lake, db, server):
    """A few rows are still in the backend: the new engine gets them."""
    writer = db.connect(autocommit=False)
    cursor = writer.cursor()
    cursor.execute("INSERT INTO lake VALUES (2)")
    kill_engine(server)
    cursor.execute("INSERT INTO lake VALUES (3)")
    writer.commit()
    cursor.execute("SELECT a FROM lake ORDER BY a")
    assert cursor.fetchall() == [(1,), (2,), (3,)]


def test_lost_rows_of_a_savepoint(lake, db, server):
    writer = db.connect(autocommit=False)
    cursor = writer.cursor()
    cursor.execute("SAVEPOINT s; INSERT INTO lake SELECT generate_series(1, 100000)")
    cursor.execute("SELECT count(*) FROM lake")
    kill_engine(server)
    with pytest.raises(psycopg2.Error):
        cursor.execute("SELECT count(*) FROM lake")
    cursor.execute("ROLLBACK TO s")
    cursor.execute("INSERT INTO lake VALUES (5)")
    writer.commit()
    cursor.execute("SELECT a FROM lake ORDER BY a")
    assert cursor.fetchall() == [(1,), (5,)]


def test_a_prepared_transaction_outlives_the_engine(lake, db, conn, server):
    with db.connect().cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("INSERT INTO lake VALUES (2)")
        cursor.execute(f"PREPARE TRANSACTION '{db.name}-p'")
    kill_engine(server)
    with conn.cursor() as cursor:
        cursor.execute(f"COMMIT PREPARED '{db.name}-p'")
        cursor.execute("SELECT a FROM lake ORDER BY a")
        assert cursor.fetchall() == [(1,), (2,)]


def test_cancel_and_timeout(lake, conn, server):
    with conn.cursor() as cursor:
        cursor.execute("INSERT INTO lake SELECT generate_series(1, 300000)")
        cursor.execute("SET statement_timeout = 50")
        with pytest.raises(psycopg2.errors.QueryCanceled):
            cursor.execute("SELECT count(*) FROM lake a, lake b WHERE a.a + b.a < 0")
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SELECT count(*) FROM lake")
        assert cursor.fetchone() == (300001,)


def test_killed_launcher_takes_the_engine_along(lake, conn, server):
    (launcher,) = server.backend_pids("tarn launcher")
    before = server.engine_pids()
    os.kill(launcher, signal.SIGTERM)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and not set(server.engine_pids()) - set(before):
        time.sleep(0.02)
    assert not set(server.engine_pids()) & set(before)
    with conn.cursor() as cursor:
        cursor.execute("INSERT INTO lake VALUES (2)")
        cursor.execute("SELECT count(*) FROM lake")
        assert cursor.fetchone() == (2,)


def test_a_scan_of_many_batches_fails_and_the_next_works(lake, db, conn, server):
    """Batches that were asked ahead are lost, too."""
    with conn.cursor() as cursor:
        cursor.execute("INSERT INTO lake SELECT generate_series(2, 1000000)")
    reader = db.connect(autocommit=False)
    cursor = reader.cursor()
    cursor.execute("DECLARE open CURSOR FOR SELECT a FROM lake")
    cursor.execute("FETCH 500000 FROM open")
    kill_engine(server)
    with pytest.raises(psycopg2.Error) as raised:
        cursor.execute("FETCH ALL FROM open")
    assert raised.value.pgcode == "58000"
    reader.rollback()
    cursor.execute("SELECT count(a) FROM lake")
    assert cursor.fetchone() == (1000000,)


def test_an_error_in_the_launcher_loses_no_transaction(lake, db, server):
    engines = server.engine_pids()
    writer = db.connect(autocommit=False)
    cursor = writer.cursor()
    cursor.execute("INSERT INTO lake SELECT generate_series(1, 1000)")
    logged = server.log_size()
    db.sql("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE backend_type = 'tarn launcher'")
    wait_for(lambda: "maintenance of the lake: canceling statement" in server.log_text(logged), "no word of the error")
    writer.commit()
    assert server.engine_pids() == engines
    assert db.sql("SELECT count(*) FROM lake") == [(1001,)]


BROKEN_ENGINE = """#!/bin/sh
# Meets an internal error when it first reads a data file of a table named "broken".
exec {tarn} "$@" --fault-plan 'read:*/broken/*.parquet@0=internal'
"""


@pytest.fixture
def fragile(make_server, access_method):
    """A server whose engine, each time it is started, survives all but one read."""
    if access_method == "heap":
        pytest.skip("about the lake engine")
    server = make_server()
    program = server.home / "fragile-engine"
    program.write_text(BROKEN_ENGINE.format(tarn=server.installation.tarn))
    program.chmod(0o755)
    server.configure(**{"tarn.engine_path": program})
    database = Database(server.start())
    database.sql("CREATE TABLE broken (a int) USING iceberg; INSERT INTO broken VALUES (1)")
    database.sql("CREATE TABLE fine (a int) USING iceberg; INSERT INTO fine VALUES (1)")
    return database


def test_an_internal_error_ends_the_engine_and_not_the_lake(fragile):
    """Without that, every scan of every table would fail until the server is restarted."""
    server = fragile.server
    other = fragile.connect()
    for _ in range(2):
        engine = server.engine_pids()
        assert len(engine) == 1
        with pytest.raises(psycopg2.Error) as raised:
            fragile.sql("SELECT * FROM broken")
        assert raised.value.pgcode == "XX000", raised.value
        assert "internal error" in raised.value.diag.message_primary and raised.value.diag.message_hint
        assert "injected fault" in raised.value.diag.message_detail
        wait_for(lambda engine=engine: not set(engine) & set(server.engine_pids()), "the old engine to be gone")
        assert other_sees(other, "SELECT a FROM fine") == [(1,)]
        assert fragile.sql("INSERT INTO fine SELECT 2 WHERE false; SELECT a FROM fine") == [(1,)]


def other_sees(connection, query):
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()
