# SPDX-License-Identifier: Apache-2.0
"""Copies of a database or of a whole server reach the same files: they may read, and never write until they are adopted."""

import shutil
import time

import psycopg2
import pytest

from support.account import give_to_server, run_as_server
from support.database import Database
from support.server import Server
from support.waiting import wait_for

READ_ONLY = "25006"

pytestmark = pytest.mark.slow


def fill(database):
    database.sql("CREATE TABLE t (a int) USING iceberg")
    database.sql("INSERT INTO t SELECT generate_series(1, 100)")


def count(run):
    return run("SELECT count(*) FROM t")[0][0]


def assert_refused(run):
    with pytest.raises(psycopg2.Error) as raised:
        run("INSERT INTO t VALUES (0)")
    assert raised.value.pgcode != "XX000", raised.value
    return raised.value


def test_copied_database_reads_and_does_not_write(db, server):
    fill(db)
    db.close_connections()
    server.sql(f"CREATE DATABASE {db.name}_copy TEMPLATE {db.name}")

    def copy(statement):
        return server.sql(statement, database=f"{db.name}_copy")

    try:
        assert count(copy) == 100
        assert "adopt" in (assert_refused(copy).diag.message_hint or "")
        db.sql("INSERT INTO t VALUES (101)")
        assert (count(db.sql), count(copy)) == (101, 100)
        copy("CREATE TABLE own (a int) USING iceberg")
        copy("INSERT INTO own VALUES (1)")
    finally:
        server.sql(f"DROP DATABASE {db.name}_copy WITH (FORCE)")
    assert count(db.sql) == 101


def test_dropping_a_copy_keeps_the_originals_files(make_server):
    server = make_server(**{"tarn.garbage_safe_age": 0}).start()
    original = Database(server)
    fill(original)
    server.sql(f"CREATE DATABASE copied TEMPLATE {original.name}")
    server.sql("DROP TABLE t", database="copied")
    server.sql("DROP DATABASE copied WITH (FORCE)")
    time.sleep(3)
    server.restart()
    time.sleep(2)
    assert count(original.sql) == 100
    original.fsck()


def test_copied_server_reads_and_does_not_write(make_server, installation):
    first = make_server(fresh=True).start()
    database = Database(first)
    fill(database)
    database.close_connections()
    first.stop()
    second = copy_of(installation, first)
    second.start()
    first.start()
    for run in (database.sql, lambda statement: second.sql(statement, database=database.name)):
        assert count(run) == 100
    assert_refused(lambda statement: second.sql(statement, database=database.name))
    database.sql("INSERT INTO t VALUES (101)")
    assert second.sql("SELECT count(*) FROM t", database=database.name) == [(100,)]
    database.fsck()
    second.stop()
    first.restart()
    assert count(database.sql) == 101


def copy_of(installation, server):
    """A server over a copy of the data directory; the buckets are shared."""
    made = Server(installation)
    shutil.rmtree(made.data)
    run_as_server(["cp", "-a", server.data, made.data])
    made.configure(unix_socket_directories=made.socket)
    return made


def test_standby_reads_and_survives_promotion(make_server, installation):
    """Files that a standby's queries need are the primary's: it reads them and writes nothing."""
    primary = make_server(fresh=True, hot_standby_feedback="on").start()
    database = Database(primary)
    fill(database)
    standby = Server(installation)
    shutil.rmtree(standby.data)
    primary.run_program("pg_basebackup", "-D", str(standby.data), "-X", "stream", "-c", "fast")
    standby.configure(unix_socket_directories=standby.socket, primary_conninfo=f"host={primary.socket} user=postgres")
    (standby.data / "standby.signal").touch()
    give_to_server(standby.data / "standby.signal")
    standby.start()
    assert standby.sql("SELECT count(*) FROM t", database=database.name) == [(100,)]
    database.sql("INSERT INTO t VALUES (101)")
    wait_for(lambda: standby.sql("SELECT count(*) FROM t", database=database.name) == [(101,)], "the standby lags", seconds=30)
    with pytest.raises(psycopg2.Error) as raised:
        standby.sql("INSERT INTO t VALUES (102)", database=database.name)
    assert raised.value.pgcode == READ_ONLY
    with pytest.raises(psycopg2.errors.ReadOnlySqlTransaction):
        standby.sql("SELECT tarn.commit_table('t', '[]', '[]')", database=database.name)
    assert standby.sql("SELECT count(*) > 0 FROM tarn.snapshots('t')", database=database.name) == [(True,)]
    standby.sql("SELECT pg_promote()")
    wait_for(lambda: standby.sql("SELECT pg_is_in_recovery()") == [(False,)], "it is not promoted", seconds=30)
    assert standby.sql("SELECT count(*) FROM t", database=database.name) == [(101,)]
    assert_refused(lambda statement: standby.sql(statement, database=database.name))
    database.sql("INSERT INTO t VALUES (103)")
    database.fsck()
    standby.stop()
