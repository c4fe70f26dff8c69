# SPDX-License-Identifier: Apache-2.0
"""kill -9 of the engine, of compaction's worker and of the postmaster while small files are merged: no row is lost, none is
there twice, and no file is left behind."""

import os
import signal
import threading
import time

import psycopg2
import pytest

from support.database import Database
from support.server import wait_until_gone
from support.waiting import wait_for

pytestmark = pytest.mark.slow

ROUNDS = 8


class Inserter(threading.Thread):
    """One row a commit; remembers which were acknowledged, and which may be there or not."""

    def __init__(self, lake):
        super().__init__()
        self.lake, self.stopping = lake, threading.Event()
        self.acknowledged, self.unknown = set(), set()

    def run(self):
        number, connection = 0, None
        while not self.stopping.is_set():
            number += 1
            try:
                connection = connection or self.lake.server.connect(self.lake.name)
                with connection.cursor() as cursor:
                    cursor.execute("INSERT INTO t VALUES (%s, 'row ' || %s)", (number, number))
                self.acknowledged.add(number)
            except psycopg2.Error:
                self.unknown.add(number)
                connection = None
                time.sleep(0.05)


def strike(pids):
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    return bool(pids)


def kill_postmaster(server):
    processes = server.process_ids()
    server.kill()
    wait_until_gone(processes)
    server.start()


def compactors(server):
    return server.backend_pids("tarn compaction")


@pytest.mark.parametrize("victim", ["engine", "worker", "postmaster"])
def test_killed_while_it_compacts(make_server, rng, victim):
    server = make_server(**{"tarn.compaction_naptime": "1s", "tarn.garbage_safe_age": 0}).start()
    lake = Database(server)
    lake.sql("CREATE TABLE t (id int, text text) USING iceberg")
    inserter = Inserter(lake)
    inserter.start()
    kills = 0
    for _ in range(ROUNDS):
        # At a worker, or at what it leaves when it has just ended.
        wait_for(lambda: not inserter.is_alive() or compactors(server), "no compaction begins")
        time.sleep(0.1 * rng.random())
        if victim == "engine":
            kills += strike(server.engine_pids())
        elif victim == "worker":
            kills += strike(compactors(server))
        else:
            kill_postmaster(server)
            kills += 1
        wait_for(lambda: can_count(lake), "the table cannot be read")
    inserter.stopping.set()
    inserter.join()
    wait_for(lambda: can_count(lake), "the table cannot be read")
    rows = [number for (number,) in lake.sql("SELECT id FROM t")]
    assert len(rows) == len(set(rows)), "rows are there twice"
    assert inserter.acknowledged <= set(rows), f"lost: {sorted(inserter.acknowledged - set(rows))[:10]}"
    assert set(rows) <= inserter.acknowledged | inserter.unknown
    assert kills > 0
    wait_for(lambda: lake.sql("SELECT coalesce(sum(rewrites), 0) > 0 FROM tarn.compaction_results") == [(True,)],
             "nothing is compacted in the end")
    assert sorted(rows) == [number for (number,) in lake.sql("SELECT id FROM t ORDER BY id")]
    lake.fsck()


def can_count(lake):
    try:
        return lake.sql("SELECT count(*) FROM t") is not None
    except psycopg2.Error:
        return False
