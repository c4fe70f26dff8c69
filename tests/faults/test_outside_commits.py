# SPDX-License-Identifier: Apache-2.0
"""Commits of other writers beside PostgreSQL's own, and when processes die between them."""

import json
import os
import signal
import threading
import time

import psycopg2
import pyarrow
import pytest
from pyiceberg.exceptions import CommitFailedException

from support.database import Database
from support.pyiceberg_writer import PostgresCatalog
from support.reachable import ReachableFiles, files_in
from support.waiting import wait_for


def rows(connection, statement, parameters=None):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else None


def batch(*values):
    return pyarrow.table({"a": pyarrow.array(values, pyarrow.int32())})


@pytest.fixture
def lake(make_server):
    made = Database(make_server(**{"tarn.garbage_safe_age": 0}).start())
    made.sql("CREATE TABLE t (a int) USING iceberg")
    made.sql("INSERT INTO t VALUES (1)")
    return made


def content(lake):
    return [a for (a,) in lake.sql("SELECT a FROM t ORDER BY a")]


def await_tidy(lake):
    """Nothing stays that no metadata reaches."""
    def tidy():
        reached = ReachableFiles(lake.server).of_table(lake.metadata_location("t"))
        return files_in(lake.server) == reached

    wait_for(tidy, "files stay")
    lake.fsck()


def test_inserts_and_appends_beside_each_other(lake, rng):
    done, failures = set(), []

    def insert(first):
        connection = lake.connect()
        for value in range(first, first + 12):
            rows(connection, "INSERT INTO t VALUES (%s)", (value,))
            done.add(value)

    def append(first):
        catalog = PostgresCatalog(lake.connect(), lake.server.buckets)
        value = first
        while value < first + 6:
            try:
                catalog.load_table("t").append(batch(value))
                done.add(value)
                value += 1
            except CommitFailedException:
                continue  # PyIceberg has given up; its rows are not there

    def guarded(work, first):
        try:
            work(first)
        except Exception as error:  # pylint: disable=broad-except
            failures.append(error)

    kinds = [insert, append, insert, append]
    rng.shuffle(kinds)
    threads = [threading.Thread(target=guarded, args=(work, 1000 * (i + 1))) for i, work in enumerate(kinds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert content(lake) == [1, *sorted(done)] and len(done) == 36
    await_tidy(lake)


def start_commit(lake, *values):
    """A transaction with a commit from outside, not ended."""
    writer = lake.connect(autocommit=False)
    PostgresCatalog(writer, lake.server.buckets).load_table("t").append(batch(*values))
    return writer


def kill_engine(lake):
    (pid,) = lake.server.engine_pids()
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: pid not in lake.server.engine_pids() and lake.server.engine_pids(), "no new engine")


@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_the_engine_dies_between_commit_table_and_the_end(lake, end):
    writer = start_commit(lake, 2)
    kill_engine(lake)
    getattr(writer, end)()
    assert content(lake) == ([1, 2] if end == "commit" else [1])
    lake.sql("INSERT INTO t VALUES (3)")
    assert content(lake)[-1] == 3
    if end == "commit":
        await_tidy(lake)
    else:
        await_no_metadata_of_others(lake)


def await_no_metadata_of_others(lake):
    """The data file of a commit that never was is its writer's to remove; the metadata is ours."""
    def tidy():
        reached = ReachableFiles(lake.server).of_table(lake.metadata_location("t"))
        return not [file for file in files_in(lake.server) - reached if file.endswith(".metadata.json")]

    wait_for(tidy, "metadata files stay")


def test_the_backend_dies(lake):
    writer = start_commit(lake, 2)
    rows(writer, "INSERT INTO t VALUES (3)")
    ((pid,),) = rows(writer, "SELECT pg_backend_pid()")
    log = lake.server.log_size()
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: "ready to accept connections" in lake.server.log_text(log), "no recovery")
    lake.server.wait_until_ready()
    assert content(lake) == [1]
    await_no_metadata_of_others(lake)
    lake.fsck()


def test_the_server_dies_with_a_prepared_transaction(lake):
    writer = start_commit(lake, 2)
    rows(writer, "INSERT INTO t VALUES (3)")
    rows(writer, "PREPARE TRANSACTION 'outside'")
    lake.close_connections()
    lake.server.kill()
    lake.server.start()
    assert content(lake) == [1]
    lake.sql("COMMIT PREPARED 'outside'")
    assert content(lake) == [1, 2, 3]
    await_tidy(lake)


def test_rolled_back_savepoints_leave_no_metadata(lake):
    writer = lake.connect(autocommit=False)
    catalog = PostgresCatalog(writer, lake.server.buckets)
    for i in range(3):
        rows(writer, "SAVEPOINT s")
        catalog.load_table("t").append(batch(10 + i))
        rows(writer, "ROLLBACK TO s")
    writer.commit()
    assert content(lake) == [1]
    await_no_metadata_of_others(lake)


def expire(connection, lake, snapshot_ids):
    return rows(connection, "SELECT tarn.commit_table('t', '[]', %s)",
                (json.dumps([{"action": "remove-snapshots", "snapshot-ids": snapshot_ids}]),))


def test_expired_snapshots_go_when_their_removal_counts(lake):
    lake.sql("TRUNCATE t")
    lake.sql("INSERT INTO t VALUES (2)")
    reachable = ReachableFiles(lake.server)
    before = reachable.of_table(lake.metadata_location("t"))
    old = [s.snapshot_id for s in reachable.metadata(lake.metadata_location("t")).snapshots][:-1]
    assert len(old) == 2
    writer = lake.connect(autocommit=False)
    rows(writer, "SAVEPOINT s")
    expire(writer, lake, old)
    rows(writer, "ROLLBACK TO s")
    rows(writer, "INSERT INTO t VALUES (3)")
    writer.commit()
    kill_engine(lake)
    lake.sql("INSERT INTO t VALUES (4)")
    time.sleep(6)  # a round of the collection
    # Nothing that the savepoint took back was done: the files are there, and readable by their snapshots.
    assert {file for file in before if not file.endswith(".metadata.json")} <= files_in(lake.server)
    lake.fsck()

    expire(writer, lake, old)
    kill_engine(lake)
    writer.commit()
    assert content(lake) == [2, 3, 4]
    await_tidy(lake)
    assert len(reachable.metadata(lake.metadata_location("t")).snapshots) == 3


def test_a_table_that_is_dropped_after_a_commit(lake):
    writer = start_commit(lake, 2)
    rows(writer, "DROP TABLE t")
    writer.commit()
    wait_for(lambda: not files_in(lake.server), "the files stay")


def test_cancelled_and_timed_out(lake):
    writer = lake.connect()
    catalog = PostgresCatalog(writer, lake.server.buckets)
    table = catalog.load_table("t")
    blocker = start_commit(lake, 2)
    rows(writer, "SET lock_timeout = 200")
    with pytest.raises(psycopg2.errors.LockNotAvailable):
        table.append(batch(3))
    blocker.rollback()
    table.append(batch(3))
    assert content(lake) == [1, 3]
