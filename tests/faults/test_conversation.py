# SPDX-License-Identifier: Apache-2.0
"""A statement that ends between a request to the engine and its answer: nobody gets an answer that is not his."""

import os
import shutil
import signal
import threading

import psycopg2
import pytest

from support.account import give_to_server
from support.database import Database
from support.server import Server
from support.waiting import wait_for


class Statement(threading.Thread):
    """A statement that waits; afterwards `error` tells how it ended."""

    def __init__(self, connection, sql):
        super().__init__()
        self.connection, self.sql, self.error = connection, sql, None
        self.start()

    def run(self):
        try:
            with self.connection.cursor() as cursor:
                cursor.execute(self.sql)
        except psycopg2.Error as error:
            self.error = error


class StoppedEngine:
    """Within it the engine answers nothing."""

    def __init__(self, server):
        (self.pid,) = server.engine_pids()

    def __enter__(self):
        os.kill(self.pid, signal.SIGSTOP)

    def __exit__(self, *_):
        os.kill(self.pid, signal.SIGCONT)


def waits_for_engine(server, connection):
    return server.sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'TarnEngine' AND pid = %s",
                      [connection.info.backend_pid]) == [(1,)]


def rows(connection, sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


@pytest.fixture
def standby(make_server, installation):
    primary = make_server(fresh=True).start()
    database = Database(primary)
    for name, value in [("a", 1), ("b", 2)]:
        database.sql(f"CREATE TABLE {name} (x int) USING iceberg")
        database.sql(f"INSERT INTO {name} VALUES ({value})")
    server = Server(installation)
    shutil.rmtree(server.data)
    primary.run_program("pg_basebackup", "-D", str(server.data), "-X", "stream", "-c", "fast")
    server.configure(unix_socket_directories=server.socket, primary_conninfo=f"host={primary.socket} user=postgres",
                     max_standby_streaming_delay=0)
    (server.data / "standby.signal").touch()
    give_to_server(server.data / "standby.signal")
    server.start()
    yield database, server
    server.stop()


@pytest.mark.slow
def test_a_recovery_conflict_leaves_no_answer_for_the_next_scan(standby):
    database, server = standby
    connection = server.connect(database.name)
    assert rows(connection, "SELECT x FROM a") == [(1,)]
    with StoppedEngine(server):
        statement = Statement(connection, "SELECT x FROM a")
        wait_for(lambda: waits_for_engine(server, connection), "the scan does not wait")
        database.sql("BEGIN; LOCK TABLE a IN ACCESS EXCLUSIVE MODE; COMMIT")
        wait_for(lambda: not statement.is_alive(), "replay does not end the scan")
    assert isinstance(statement.error, psycopg2.errors.SerializationFailure), statement.error
    assert rows(connection, "SELECT x FROM b") == [(2,)]
    assert rows(connection, "SELECT x FROM a") == [(1,)]


@pytest.mark.slow
def test_a_cancel_during_the_handshake_leaves_no_half_made_session(make_server):
    server = make_server(fresh=True).start()
    database = Database(server)
    database.sql("CREATE TABLE a (x int) USING iceberg")
    database.sql("INSERT INTO a VALUES (1)")
    connection = database.connect()
    with StoppedEngine(server):
        statement = Statement(connection, "SELECT x FROM a")
        wait_for(lambda: waits_for_engine(server, connection), "the scan does not wait")
        connection.cancel()
        # The answer comes while the backend still waits for it.
        wait_for(lambda: not waits_for_engine(server, connection), "the backend does not notice")
    statement.join()
    assert isinstance(statement.error, psycopg2.errors.QueryCanceled), statement.error
    rows(connection, "CREATE TABLE b (x int) USING iceberg; INSERT INTO b VALUES (2); SELECT 1")
    assert rows(connection, "SELECT x FROM b") == [(2,)]
    assert database.sql("SELECT count(DISTINCT node), bool_or(node = '00000000-0000-0000-0000-000000000000') "
                        "FROM tarn.tables") == [(1, False)]
    database.sql("INSERT INTO b VALUES (3)")
