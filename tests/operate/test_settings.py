# SPDX-License-Identifier: Apache-2.0
"""Settings of the engine that change while the server runs: a new engine has them, and no row is lost silently."""

import time
import threading

import psycopg2
import pytest

from support.account import make_server_directory
from support.database import Database
from support.waiting import wait_for

pytestmark = pytest.mark.slow


@pytest.fixture
def lake(make_server):
    database = Database(make_server().start())
    database.sql("CREATE TABLE heap (a int)")
    database.sql("CREATE TABLE t (a int) USING iceberg")
    database.sql("INSERT INTO t SELECT generate_series(1, 1000)")
    return database


def reload(server, **settings):
    """Sets them, and waits for the engine that has them."""
    before = server.engine_pids()
    for name, value in settings.items():
        server.sql(f"ALTER SYSTEM SET tarn.{name} = '{value}'")
    server.sql("SELECT pg_reload_conf()")
    wait_for(lambda: server.engine_pids() and not set(server.engine_pids()) & set(before), "no new engine")


def threads_of(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return int([line for line in file if line.startswith("Threads:")][0].split()[1])


def test_threads_and_spill_directory_take_effect(lake):
    server = lake.server
    spill = make_server_directory(server.home / "spill") / "deep"
    (make_server_directory(spill) / "somebody's").write_text("kept")
    reload(server, engine_threads=1, engine_spill_directory=spill)
    assert lake.sql("SELECT count(*) FROM t") == [(1000,)]
    # The engine clears what an earlier one left: in a directory of its own.
    assert (spill / "somebody's").read_text() == "kept" and len(list(spill.iterdir())) == 2
    (few,) = [threads_of(pid) for pid in server.engine_pids()]
    reload(server, engine_threads=17)
    assert lake.sql("SELECT count(*) FROM t") == [(1000,)]
    (many,) = [threads_of(pid) for pid in server.engine_pids()]
    assert many - few >= 12


def test_a_reload_without_changes_keeps_the_engine(lake):
    server = lake.server
    writer = lake.connect(autocommit=False)
    with writer.cursor() as cursor:
        cursor.execute("INSERT INTO t SELECT generate_series(1001, 300000)")
        cursor.execute("SELECT count(*) FROM t")
        before = server.engine_pids()
        for setting in ("work_mem = '5MB'", "tarn.garbage_safe_age = 7200", "tarn.engine_connect_timeout = '9s'"):
            server.sql(f"ALTER SYSTEM SET {setting}")
            server.sql("SELECT pg_reload_conf()")
            time.sleep(0.5)
        assert server.engine_pids() == before
    writer.commit()
    assert lake.sql("SELECT count(*) FROM t") == [(300000,)]


def test_rows_that_were_not_sent_survive(lake):
    writer = lake.connect(autocommit=False)
    with writer.cursor() as cursor:
        cursor.execute("INSERT INTO heap VALUES (1); INSERT INTO t VALUES (1001)")
        reload(lake.server, engine_memory="300MB")
        cursor.execute("INSERT INTO t VALUES (1002)")
    writer.commit()
    assert lake.sql("SELECT (SELECT count(*) FROM t), (SELECT count(*) FROM heap)") == [(1002, 1)]
    lake.fsck()


@pytest.mark.parametrize("then", ["commit", "read", "write", "prepare"])
def test_rows_that_were_sent_fail_with_a_clear_error(lake, then):
    writer = lake.connect(autocommit=False)
    with writer.cursor() as cursor:
        cursor.execute("INSERT INTO heap VALUES (1); INSERT INTO t SELECT generate_series(1001, 300000)")
        cursor.execute("SELECT count(*) FROM t")
        assert cursor.fetchone() == (300000,)
        reload(lake.server, engine_threads=2)
        with pytest.raises(psycopg2.Error) as raised:
            if then == "read":
                cursor.execute("SELECT count(*) FROM t")
            if then == "write":
                cursor.execute("INSERT INTO t SELECT generate_series(1, 300000)")
            if then == "prepare":
                cursor.execute("PREPARE TRANSACTION 'p'")
            writer.commit()
    assert raised.value.pgcode == "58000" and raised.value.diag.message_hint
    writer.rollback()
    assert lake.sql("SELECT (SELECT count(*) FROM t), (SELECT count(*) FROM heap)") == [(1000, 0)]
    with writer.cursor() as cursor:
        cursor.execute("INSERT INTO t VALUES (1001)")
    writer.commit()
    assert lake.sql("SELECT count(*) FROM t") == [(1001,)]
    lake.fsck()


def test_prepared_transactions_survive(lake):
    with lake.connect().cursor() as cursor:
        cursor.execute("BEGIN; INSERT INTO t SELECT generate_series(1001, 300000); PREPARE TRANSACTION 'p'")
    reload(lake.server, engine_threads=2)
    lake.sql("COMMIT PREPARED 'p'")
    assert lake.sql("SELECT count(*) FROM t") == [(300000,)]
    lake.fsck()


def test_writers_during_reloads_lose_nothing(lake):
    """What was acknowledged is there, what failed is not; the errors are clear."""
    acknowledged, errors, stop = [], [], threading.Event()

    def write(first):
        connection = lake.connect(autocommit=False)
        number = first
        while not stop.is_set():
            try:
                with connection.cursor() as cursor:
                    cursor.execute("INSERT INTO t SELECT -%s FROM generate_series(1, 3000)", (number,))
                    cursor.execute("INSERT INTO heap VALUES (%s)", (number,))
                connection.commit()
                acknowledged.append(number)
            except psycopg2.Error as error:
                errors.append(error.pgcode)
                connection.rollback()
            number += 1

    writers = [threading.Thread(target=write, args=(n * 1_000_000,)) for n in (1, 2)]
    for writer in writers:
        writer.start()
    for threads in (1, 2, 3, 4, 1, 2):
        reload(lake.server, engine_threads=threads)
        time.sleep(0.3)
    stop.set()
    for writer in writers:
        writer.join()
    assert set(errors) <= {"58000"}
    assert acknowledged
    assert sorted(lake.sql("SELECT a FROM heap")) == sorted((number,) for number in acknowledged)
    assert lake.sql("SELECT -a, count(*) FROM t WHERE a < 0 GROUP BY a ORDER BY 1") == [
        (number, 3000) for number in sorted(acknowledged)]
    lake.fsck()


def test_an_engine_that_cannot_start_is_told_and_mended(lake):
    server = lake.server
    server.sql("ALTER SYSTEM SET tarn.engine_path = '/nonexistent/tarn'")
    server.sql("SELECT pg_reload_conf()")
    wait_for(lambda: not server.engine_pids(), "the engine runs on")
    connection = lake.connect()
    with connection.cursor() as cursor:
        cursor.execute("SET tarn.engine_connect_timeout = '500ms'")
        with pytest.raises(psycopg2.Error) as raised:
            cursor.execute("SELECT count(*) FROM t")
        assert raised.value.pgcode == "58000" and "tarn.engine_path" in raised.value.diag.message_hint
        cursor.execute("SELECT count(*) FROM heap")
        server.sql("ALTER SYSTEM RESET tarn.engine_path")
        server.sql("SELECT pg_reload_conf()")
        cursor.execute("SET tarn.engine_connect_timeout = '60s'")
        cursor.execute("SELECT count(*) FROM t")
        assert cursor.fetchone() == (1000,)
