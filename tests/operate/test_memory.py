# SPDX-License-Identifier: Apache-2.0
"""What the engine holds for all sessions together has one limit."""

import pytest

from support.database import Database

pytestmark = pytest.mark.slow

SESSIONS = 100
ROWS = 60_000
LIMIT_MB = 128


@pytest.fixture
def lake(make_server):
    server = make_server(**{"tarn.engine_buffer_memory": f"{LIMIT_MB}MB", "tarn.engine_memory": "512MB",
                            "max_connections": SESSIONS + 20})
    return Database(server.start())


def memory(lake):
    return {row[0]: row[1:] for row in lake.sql("SELECT consumer, used, peak, share, refusals FROM tarn.engine_memory()")}


def resident_bytes(server):
    (pid,) = server.engine_pids()
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return int([line for line in file if line.startswith("VmRSS:")][0].split()[1]) << 10


def test_a_hundred_open_transactions_stay_within_the_limit(lake):
    lake.sql("CREATE TABLE t (writer int, n int, text text) USING iceberg")
    lake.sql("CREATE TABLE twin (writer int, n int, text text)")
    before = resident_bytes(lake.server)
    writers = [lake.connect(autocommit=False) for _ in range(SESSIONS)]
    for number, writer in enumerate(writers):
        with writer.cursor() as cursor:
            # About 4 MB of it each: no session reaches a limit of its own.
            rows = f"SELECT {number}, n, repeat(md5(n::text), 2) FROM generate_series(1, {ROWS}) n"
            cursor.execute(f"INSERT INTO t {rows}")
            cursor.execute("SELECT count(*) FROM t")
            assert cursor.fetchone() == (ROWS,)
            cursor.execute(f"INSERT INTO twin SELECT {number}, count(*), 'rows' FROM ({rows}) r")
    used = memory(lake)
    limit = LIMIT_MB << 20
    assert used["all"][2] == limit
    assert 0 < used["all"][1] <= limit, used
    assert used["write buffers"][3] > 0, "nobody was refused: the test proves nothing"
    # The encoder's memory has a limit of its own, tarn.engine_memory.
    assert resident_bytes(lake.server) - before < limit + (512 << 20)
    for writer in writers:
        writer.commit()
    assert memory(lake)["write buffers"][0] == 0
    assert lake.sql("SELECT writer, count(*) FROM t GROUP BY 1 ORDER BY 1") == lake.sql(
        "SELECT writer, n FROM twin ORDER BY 1")
    lake.fsck()


def test_memory_is_told_to_those_who_monitor(lake):
    lake.sql("CREATE ROLE watcher LOGIN IN ROLE pg_monitor")
    lake.sql("CREATE ROLE nobody_special LOGIN")
    names = [name for (name,) in lake.sql("SELECT consumer FROM tarn.engine_memory()", user="watcher")]
    assert names[-1] == "all" and {"write buffers", "scan batches", "manifests", "table metadata"} < set(names)
    assert lake.sql("SELECT has_function_privilege('nobody_special', 'tarn.engine_memory()', 'execute')") == [(False,)]
