# SPDX-License-Identifier: Apache-2.0
"""A second crash before the launcher settled the first one's transactions.

What a transaction did before PostgreSQL's log was on disk is lost with a crash, and the next run of the server gives its id to
somebody else. When that one committed and the server crashed again, "committed" is PostgreSQL's answer for the id, though
not for the lost transaction.
"""

import contextlib
import os
import signal
import threading

import psycopg2
import pytest

from support.database import Database
from support.reachable import ReachableFiles, files_in
from support.server import wait_until_gone
from support.waiting import wait_for

pytestmark = pytest.mark.slow


def stop_process(server, title):
    (pid,) = server.backend_pids(title)
    os.kill(pid, signal.SIGSTOP)


def crash(server):
    processes = server.process_ids()
    for pid in processes:
        with contextlib.suppress(ProcessLookupError):  # it saw its postmaster die
            os.kill(pid, signal.SIGKILL)
    server.kill()
    wait_until_gone(processes)


def freeze_background(server):
    """Neither writes PostgreSQL's log in the background, nor the end of a transaction into the lake's journal."""
    stop_process(server, "walwriter")
    stop_process(server, "tarn launcher")


def execute(connection, *statements):
    """Returns the transaction's id."""
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        return cursor.fetchone()[0]


def commit_in_vain(connection):
    with pytest.raises(psycopg2.OperationalError):
        connection.commit()


def crash_again_after_reuse(server, database, lost):
    """Without an engine nobody's fate is settled; somebody else commits with the lost id."""
    engine = server.installation.tarn
    server.configure(**{"tarn.engine_path": ""})
    server.start()
    used = []
    while not used or used[-1] < lost:
        used += database.sql("INSERT INTO filler VALUES (1) RETURNING pg_current_xact_id()::text::bigint")[0]
    assert lost in used, "the id was not lost: the test shows nothing"
    crash(server)
    server.configure(**{"tarn.engine_path": engine})
    server.start()


@pytest.fixture
def lake(make_server):
    server = make_server(**{"tarn.garbage_safe_age": 0, "wal_writer_delay": "10s", "autovacuum": "off"}).start()
    database = Database(server)
    database.sql("CREATE TABLE filler (a int)")
    database.sql("CREATE TABLE t (a int) USING iceberg")
    database.sql("INSERT INTO t VALUES (1)")
    return database


def test_files_of_the_lost_commit_go(lake):
    server = lake.server
    before = files_in(server)
    connection = lake.connect(autocommit=False)
    freeze_background(server)
    lost = execute(connection, "SET synchronous_commit = off", "INSERT INTO t VALUES (2)")
    connection.commit()
    crash(server)
    assert len(files_in(server)) > len(before)
    crash_again_after_reuse(server, lake, lost)
    assert lake.sql("SELECT a FROM t") == [(1,)]
    wait_for(lambda: files_in(server) == before, "files of the lost transaction stay behind")
    lake.sql("INSERT INTO t VALUES (3)")
    lake.fsck("t")
    assert ReachableFiles(server).of_table(lake.metadata_location("t")) == files_in(server)


def test_files_of_the_lost_drop_stay(lake):
    """Its verdict decides about the table's files: taken for committed, they would be deleted."""
    server = lake.server
    lake.sql("CREATE TABLE busy (a int) USING iceberg")
    with lake.connect().cursor() as cursor:
        cursor.execute("BEGIN; INSERT INTO busy VALUES (1); PREPARE TRANSACTION 'holder'")
    before = files_in(server)
    # Its COMMIT waits for the prepared transaction, with the drop in the journal.
    connection = lake.connect(autocommit=False)
    freeze_background(server)
    lost = execute(connection, "DROP TABLE t", "INSERT INTO busy VALUES (2)")
    waiting = threading.Thread(target=commit_in_vain, args=(connection,))
    waiting.start()
    wait_for(lambda: lake.sql("SELECT count(*) FROM pg_stat_activity WHERE query = 'COMMIT' AND "
                              "wait_event_type = 'Lock'") == [(1,)], "the COMMIT does not wait")
    crash(server)
    waiting.join()
    crash_again_after_reuse(server, lake, lost)
    assert lake.sql("SELECT a FROM t") == [(1,)]
    lake.sql("COMMIT PREPARED 'holder'")  # it sees all tables: nothing is deleted before its end
    # A drop after it has gone through the same rounds of the launcher.
    lake.sql("CREATE TABLE later (a int) USING iceberg")
    lake.sql("INSERT INTO later VALUES (1)")
    lake.sql("DROP TABLE later")
    wait_for(lambda: len(files_in(server)) <= len(before), "files of the later drop stay behind")
    assert files_in(server) == before
    assert lake.sql("SELECT a FROM busy") == [(1,)]
    lake.fsck()


def test_commits_of_every_run_stay(lake):
    """Three runs with journals that end in the middle: what was committed in them is there."""
    server = lake.server
    for number in range(2, 5):
        stop_process(server, "tarn launcher")
        lake.sql(f"INSERT INTO t VALUES ({number})")
        crash(server)
        server.start()
    assert lake.sql("SELECT a FROM t ORDER BY a") == [(1,), (2,), (3,), (4,)]
    # Two rounds of the launcher.
    lake.sql("CREATE TABLE later (a int) USING iceberg")
    lake.sql("DROP TABLE later")
    # A compaction may move the table on meanwhile.
    wait_for(lambda: files_in(server) == ReachableFiles(server).of_table(lake.metadata_location("t")),
             "files differ from what the table reaches")
    lake.fsck("t")


def test_a_list_of_runs_that_cannot_be_read_is_not_replaced(make_server):
    """Reading it gives EIO, as a broken disk does."""
    server = make_server(fresh=True).start()
    database = Database(server)
    runs = server.data / "tarn" / "runs"
    wait_for(runs.exists, "no list of runs")
    server.stop()
    saved = runs.rename(runs.with_name("saved"))
    runs.symlink_to("/proc/self/mem")
    server.start()
    wait_for(lambda: 'could not read "tarn/runs"' in server.log_text(), "nobody reads the list")
    database.sql("SELECT 1")
    assert runs.is_symlink()
    server.stop()
    runs.unlink()
    saved.rename(runs)
    before = runs.stat().st_size
    server.start()
    wait_for(lambda: runs.stat().st_size > before, "the run is not written down")
