# SPDX-License-Identifier: Apache-2.0
"""A statement that is cancelled ends soon, wherever it is; the server goes on, and the table is as before."""

import os
import signal
import subprocess
import threading
import time

import psycopg2
import pytest

from support.account import as_server
from support.database import Database
from support.reachable import files_in
from support.waiting import wait_for

pytestmark = pytest.mark.slow

ROWS = 3_000_000
#: No measurement: what a person would take for "it does not react".
PATIENCE_S = 30


@pytest.fixture(scope="module")
def lake(installation):
    from support.server import Server
    server = Server(installation, **{"tarn.garbage_safe_age": 0}).start()
    database = Database(server)
    database.sql("CREATE TABLE t (a int, b text) USING iceberg")
    database.sql(f"INSERT INTO t SELECT i, 'row ' || i FROM generate_series(1, {ROWS}) i")
    database.sql("CREATE TABLE target (a int, b text) USING iceberg")
    database.sql("INSERT INTO target VALUES (0, 'before')")
    yield database
    server.remove()


class Running(threading.Thread):
    """A statement in a session of its own."""

    def __init__(self, database, *statements):
        super().__init__()
        self.connection = database.connect()
        self.statements, self.error, self.done = statements, None, False
        self.pid = self.connection.info.backend_pid
        self.start()

    def run(self):
        try:
            with self.connection.cursor() as cursor:
                for statement in self.statements:
                    cursor.execute(statement)
        except psycopg2.Error as error:
            self.error = error
        self.done = True

    def ended(self):
        self.join(PATIENCE_S)
        assert self.done, "the statement runs on"
        return self.error


def waits_for_engine(database, pid):
    return database.sql(f"SELECT wait_event = 'TarnEngine' AND state = 'active' FROM pg_stat_activity WHERE pid = {pid}")[0][0]


def assert_as_before(database, files):
    assert database.sql("SELECT count(*), sum(a::bigint) FROM t") == [(ROWS, ROWS * (ROWS + 1) // 2)]
    assert database.sql("SELECT a, b FROM target") == [(0, "before")]
    wait_for(lambda: files_in(database.server) == files, "files of the cancelled statement stay")
    database.fsck("target")


def cancel(database, running):
    assert database.sql(f"SELECT pg_cancel_backend({running.pid})") == [(True,)]


SCANS = ["SELECT sum(length(x.b)) FROM t x, generate_series(1, 1000)", "SELECT a, count(*) FROM t GROUP BY a HAVING count(*) > 1 "
         "UNION ALL SELECT count(*)::int, 1 FROM t x JOIN t y ON x.b < y.b", "SELECT x.a FROM t x ORDER BY md5(x.b) OFFSET 2999999",
         "SELECT count(*) FROM t x WHERE x.b LIKE '%no such row%' OR (SELECT count(*) FROM t y WHERE y.b LIKE x.b || '%z') > 0"]
WRITES = ["INSERT INTO target SELECT a, b FROM t, generate_series(1, 100)",
          "COPY target FROM PROGRAM 'yes 1,x' (FORMAT csv)", "CREATE TABLE made USING iceberg AS SELECT t.* FROM t, generate_series(1, 100)",
          "ALTER TABLE t ALTER COLUMN a TYPE bigint USING a + length(repeat(md5(b), 20)) * 0"]


@pytest.mark.parametrize("statement", SCANS + WRITES, ids=lambda s: s[:30])
@pytest.mark.parametrize("way", ["timeout", "pg_cancel_backend", "client"])
def test_while_it_runs(lake, statement, way):
    files = files_in(lake.server)
    if way == "timeout":
        running = Running(lake, "SET statement_timeout = 700", statement)
    else:
        running = Running(lake, statement)
        wait_for(lambda: running.connection.info.transaction_status == 1, "the statement does not start")
        time.sleep(0.7)
        if way == "client":
            running.connection.cancel()
        else:
            cancel(lake, running)
    error = running.ended()
    assert isinstance(error, psycopg2.errors.QueryCanceled), error
    # The session goes on, too.
    with running.connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SELECT count(*) FROM target")
        assert cursor.fetchone() == (1,)
    assert lake.sql("SELECT to_regclass('made')") == [(None,)]
    assert_as_before(lake, files)


def test_while_the_commit_writes_data_files(lake):
    """Columns with defaults make the COMMIT write all rows anew, which takes a while."""
    files = files_in(lake.server)
    added = ", ".join(f"ADD COLUMN c{number} text DEFAULT repeat('x', 200)" for number in range(12))
    for delay in (0, 0.02, 0.1):
        connection = lake.connect(autocommit=False)
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE t {added}")
            cursor.execute("INSERT INTO target VALUES (1, 'gone')")
        outcomes = []
        committing = threading.Thread(target=lambda: outcomes.append(commit(connection)))
        committing.start()
        time.sleep(delay)
        while committing.is_alive():
            lake.sql(f"SELECT pg_cancel_backend({connection.info.backend_pid})")
            committing.join(0.05)
        assert outcomes == ["57014"]
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM target")
            assert cursor.fetchone() == (1,)
        connection.close()
        assert lake.sql("SELECT count(*) FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'c'") == [(0,)]
        assert_as_before(lake, files)


def commit(connection):
    try:
        connection.commit()
        return "committed"
    except psycopg2.Error as error:
        return error.pgcode


@pytest.mark.parametrize("what", ["SELECT count(*) FROM t", "INSERT INTO target SELECT a, b FROM t", "COMMIT"])
def test_an_engine_that_does_not_answer(lake, what):
    """Stopped in the middle: the backend does not wait for it forever."""
    files = files_in(lake.server)
    (engine,) = lake.server.engine_pids()
    if what == "COMMIT":
        connection = lake.connect(autocommit=False)
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO target SELECT a, b FROM t LIMIT 100000")
            cursor.execute("SELECT count(*) FROM target")
        os.kill(engine, signal.SIGSTOP)
        outcomes = []
        running = threading.Thread(target=lambda: outcomes.append(commit(connection)))
        running.start()
        pid = connection.info.backend_pid
    else:
        os.kill(engine, signal.SIGSTOP)
        running = Running(lake, what)
        pid = running.pid
    try:
        wait_for(lambda: waits_for_engine(lake, pid), "the backend does not wait")
        lake.sql(f"SELECT pg_cancel_backend({pid})")
        running.join(PATIENCE_S)
        assert not running.is_alive()
        assert (outcomes[0] if what == "COMMIT" else running.error.pgcode) == "57014"
    finally:
        os.kill(engine, signal.SIGCONT)
    assert lake.server.engine_pids() == [engine]
    assert_as_before(lake, files)


def test_terminated_sessions(lake):
    files = files_in(lake.server)
    for statement in (SCANS[0], WRITES[0]):
        running = Running(lake, statement)
        wait_for(lambda: running.connection.info.transaction_status == 1, "the statement does not start")
        time.sleep(0.5)
        logged = lake.server.log_size()
        lake.sql(f"SELECT pg_terminate_backend({running.pid})")
        assert isinstance(running.ended(), psycopg2.OperationalError)
        assert "terminating connection due to administrator command" in lake.server.log_text(logged)
        assert_as_before(lake, files)


def test_interrupt_in_psql(lake):
    """Ctrl-C: psql asks the server to cancel, and goes on with its next statement."""
    files = files_in(lake.server)
    process = subprocess.Popen(
        [str(lake.server.installation.program("psql")), "-X", "-h", str(lake.server.socket), "-U", "postgres", lake.name],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd="/", **as_server())
    process.stdin.write(f"{WRITES[0]};\n")
    process.stdin.flush()
    wait_for(lambda: lake.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'psql' AND state = 'active'") == [(1,)],
             "psql does not start")
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate("SELECT 'goes ' || 'on';\n", timeout=PATIENCE_S)
    assert "canceling statement due to user request" in err, (out, err)
    assert_as_before(lake, files)
