# SPDX-License-Identifier: Apache-2.0
"""kill -9 of engine, backends, background worker and postmaster, at random moments of a workload with several writers.

Every acknowledged commit must be there, an unacknowledged one whole or not at all, on the heap and in the lake alike;
fsck must be clean, files of dead transactions gone, everything reachable there, and no process left behind.
"""

import os
import random
import signal
import time

import psycopg2
import pytest

from faults.ledger import Ledger
from faults.writer import SHARED_PAIRS, Writer
from support.database import Database
from support.reachable import ReachableFiles, files_in, is_metadata_file, version_of
from support.server import wait_until_gone
from support.twin import assert_twins

WRITERS = 4
DEFAULT_KILLS = 100
KILLS_PER_ROUND = 10
COLUMNS = "(id bigint, k int, payload text, amount numeric(10,2))"


class Killing:
    def __init__(self, server, database, rng, access_method):
        self.server, self.database, self.rng = server, database, rng
        self.lake = access_method != "heap"
        self.ledger = Ledger()
        self.reachable = ReachableFiles(server)
        self.kills = {}
        self.writers = [Writer(n, server, database.name, self.ledger, random.Random(f"{rng.random()} {n}"),
                               access_method) for n in range(1, WRITERS + 1)]
        for pair in [*SHARED_PAIRS, *(f"w{writer.number}" for writer in self.writers)]:
            database.sql(f"CREATE TABLE {pair}_heap {COLUMNS}")
            database.sql(f"CREATE TABLE {pair}_lake {COLUMNS} USING {access_method}")

    # ---- killing ----

    def kill_once(self):
        time.sleep(self.rng.choice([0.02, 0.1, 0.3, 0.6]) * self.rng.random())
        kinds = ["backend", "postmaster"] + (["engine", "engine", "worker", "compaction"] if self.lake else [])
        kind = self.rng.choice(kinds)
        if getattr(self, f"kill_{kind}")():
            self.kills[kind] = self.kills.get(kind, 0) + 1

    def kill_backend(self):
        pid = self.rng.choice(self.writers).backend_pid
        return pid is not None and pid in self.server.process_ids() and strike(pid)

    def kill_engine(self):
        return any([strike(pid) for pid in self.server.engine_pids()])

    def kill_worker(self):
        return any([strike(pid) for pid in self.server.backend_pids("tarn launcher")])

    def kill_compaction(self):
        return any([strike(pid) for pid in self.server.backend_pids("tarn compaction")])

    def kill_postmaster(self):
        processes = self.server.process_ids()
        self.server.kill()
        wait_until_gone(processes)
        self.server.start()
        return True

    # ---- verification, while the writers stand still ----

    def verify(self):
        for writer in self.writers:
            writer.pause()
            if writer.unexpected is not None:
                raise AssertionError(f"{writer.name}: {writer.unexpected!r}")
        self.server.wait_until_ready()
        for writer in self.writers:
            self.decide_prepared(writer)
        self.verify_promises()
        for writer in self.writers:
            connection = self.database.connect()
            assert_twins(connection, connection, f"w{writer.number}_lake", f"w{writer.number}_heap")
            connection.close()
        if self.lake:
            self.database.fsck()
            self.verify_files()
            assert len(self.server.engine_pids()) == 1
        for writer in self.writers:
            writer.resume()

    def decide_prepared(self, writer):
        """A writer decides what it prepared when it connects: here it is made to."""
        deadline = time.monotonic() + 60
        while True:
            try:
                writer._close()
                writer._connected()
                return
            except psycopg2.Error:
                if time.monotonic() > deadline:
                    raise

    def verify_promises(self):
        present = {}
        for pair in SHARED_PAIRS:
            for side in ("lake", "heap"):
                table = f"{pair}_{side}"
                present[table] = dict(self.database.sql(f"SELECT id, count(*) FROM {table} GROUP BY id"))
                assert self.database.sql(f"SELECT count(*) FROM {table} WHERE k < 0") == [(0,)]
        wrong = []
        for identity, entry in self.ledger.entries.items():
            tables = [f"{pair}_{side}" for pair in entry.pairs for side in ("lake", "heap")]
            found = {table: present[table].pop(identity, 0) for table in tables}
            wrong.append(self.ledger.check(identity, entry, found))
        wrong += [f"{table} has rows of transactions that never were: {rows}" for table, rows in present.items()
                  if rows]
        wrong = [line for line in wrong if line]
        assert not wrong, "\n".join(wrong[:20])

    def verify_files(self):
        """Files that no table reaches must go: the worker finds out which transactions are dead, in its own time."""
        deadline = time.monotonic() + 60
        while True:
            locations = [location for _, _, location in self.database.lake_tables()]
            reached = set().union(*(self.reachable.of_table(location) for location in locations))
            present = files_in(self.server)
            if locations != [location for _, _, location in self.database.lake_tables()]:
                continue  # a compaction went on: what it superseded may be gone
            assert reached <= present, f"missing: {sorted(reached - present)[:10]}"
            orphans = self.orphans(present - reached, locations)
            if not orphans:
                return
            assert time.monotonic() < deadline, f"{len(orphans)} files stay behind: {sorted(orphans)[:10]}"
            time.sleep(0.25)

    def orphans(self, unreached, locations):
        """Without owner files, metadata files older than the log, and files of dropped tables within the safe age."""
        found = set()
        for location in locations:
            table = location.rsplit("/metadata/", 1)[0] + "/"
            mine = {file for file in unreached if file.startswith((table + "data/", table + "metadata/"))}
            log = self.reachable.metadata(location).metadata_log
            oldest = version_of(log[0].metadata_file) if log else 0
            found |= {file for file in mine if not (is_metadata_file(file) and version_of(file) < oldest)}
        return found


def strike(pid):
    try:
        os.kill(pid, signal.SIGKILL)
        return True
    except ProcessLookupError:
        return False


@pytest.mark.slow
def test_no_kill_loses_or_tears_a_commit(make_server, rng, access_method, request):
    wanted = request.config.getoption("--kills") or DEFAULT_KILLS
    # No safe age: files of expired snapshots go, too, and whatever stays was forgotten.
    server = make_server(restart_after_crash="on", **{"tarn.garbage_safe_age": 0, "tarn.compaction_naptime": "1s"}).start()
    killing = Killing(server, Database(server), rng, access_method)
    for writer in killing.writers:
        writer.start()
    try:
        while sum(killing.kills.values()) < wanted:
            for _ in range(KILLS_PER_ROUND):
                killing.kill_once()
            killing.verify()
    finally:
        for writer in killing.writers:
            writer.finish()
    print(f"kills {killing.kills}, transactions {killing.ledger.counts()}")
    counts = killing.ledger.counts()
    assert counts["committed"] > wanted / 2 and counts["absent"] > 0
    processes = server.process_ids()
    server.stop()
    wait_until_gone(processes)
