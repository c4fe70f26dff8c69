#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Replication by the connector: how fast a table is copied, how fast a backlog of changes is applied, and how long after its
COMMIT a change can be queried, with inserts, updates and deletes at a steady rate.

Beside them in the same run: psql's COPY of the same table in binary form, and pg_recvlogical of the same changes to /dev/null."""

import argparse
import pathlib
import random
import subprocess
import sys
import threading
import time
from contextlib import closing

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPOSITORY / "tests"), str(REPOSITORY / "tests" / "capture")]

import machine  # noqa: E402
from measurement import Report, percentile  # noqa: E402
from replicated import Replicated  # noqa: E402
from support.installation import Installation  # noqa: E402
from support.waiting import wait_for  # noqa: E402

BAR_COPY, BAR_STREAM, BAR_LAG_S = 0.9, 0.8, 1.0


def shell(made, program, *arguments):
    started = time.perf_counter()
    with open("/dev/null", "wb") as nowhere:
        subprocess.run([str(made.source.installation.program(program)), "-h", "127.0.0.1", "-p", str(made.port), "-U", "postgres",
                        "-d", "postgres", *arguments], check=True, stdout=nowhere)
    return time.perf_counter() - started


def measure_copy(report, made, rows):
    made.run("CREATE TABLE s.copied (id bigint PRIMARY KEY, a int, b double precision, c text, d timestamp)",
             f"INSERT INTO s.copied SELECT i, i % 1000, i / 7.0, md5(i::text), timestamp '2024-01-01' + i * interval '1 s' "
             f"FROM generate_series(1, {rows}) i", "VACUUM ANALYZE s.copied", "CHECKPOINT")
    floor = shell(made, "psql", "-X", "-c", "COPY s.copied TO STDOUT (FORMAT binary)")
    started = time.perf_counter()
    made.add("copied")
    made.wait_until_copied("copied", seconds=600)
    took = time.perf_counter() - started
    report.add("first copy", f"{rows:,} rows of 5 columns, until they are committed", f"{rows / took:,.0f} rows/s",
               f"COPY binary {rows / floor:,.0f} rows/s", floor / took, f">= {BAR_COPY}", floor / took >= BAR_COPY)


def measure_backlog(report, made, rows):
    """Written while nobody reads the slot."""
    made.run("CREATE TABLE s.backlog (id bigint PRIMARY KEY, n int, t text)")
    made.add("backlog")
    made.wait_until_copied("backlog")
    made.run("SELECT pg_create_logical_replication_slot('floor', 'pgoutput')")
    made.product.run("down")
    for begin in range(0, rows, 1000):
        made.run(f"INSERT INTO s.backlog SELECT i, 0, md5(i::text) FROM generate_series({begin + 1}, {begin + 1000}) i")
    ((end,),) = made.run("SELECT pg_current_wal_flush_lsn()")
    floor = shell(made, "pg_recvlogical", "--start", "-S", "floor", "-o", "proto_version=1", "-o", "publication_names=everything",
                  "--endpos", end, "-f", "-")
    made.run("SELECT pg_drop_replication_slot('floor')")
    made.product.up()
    started = time.perf_counter()
    wait_for(lambda: made.sql('SELECT COUNT(*) FROM dest."s"."backlog"') == [(rows,)], "the backlog is not applied", 600)
    took = time.perf_counter() - started
    report.add("stream", f"a backlog of {rows:,} inserts, 1,000 per transaction, until all are committed",
               f"{rows / took:,.0f} changes/s", f"pg_recvlogical {rows / floor:,.0f} changes/s", floor / took, f">= {BAR_STREAM}",
               floor / took >= BAR_STREAM)


def measure_lag(report, made, seconds, rate, seed):
    made.run("CREATE TABLE s.steady (id int PRIMARY KEY, n int, t text)",
             "CREATE TABLE s.mark (id int PRIMARY KEY, n int)", "INSERT INTO s.mark VALUES (1, 0)",
             "INSERT INTO s.steady SELECT i, 0, md5(i::text) FROM generate_series(1, 100000) i")
    made.add("steady", "mark")
    made.wait_until_copied("steady", "mark")
    chance, ending = random.Random(seed), threading.Event()

    def write():
        with closing(made.connect()) as connection, connection.cursor() as cursor:
            started, done = time.perf_counter(), 0
            while not ending.is_set():
                first = chance.randint(1, 99_000)
                cursor.execute("UPDATE s.steady SET n = n + 1 WHERE id BETWEEN %s AND %s", (first, first + 79))
                cursor.execute("DELETE FROM s.steady WHERE id = %s", (chance.randint(1, 100_000),))
                cursor.execute("INSERT INTO s.steady SELECT i, 1, md5(i::text) FROM generate_series(%s, %s) i "
                               "ON CONFLICT DO NOTHING", (100_000 + done, 100_018 + done))
                done += 100
                time.sleep(max(0, started + done / rate - time.perf_counter()))
    writer = threading.Thread(target=write)
    writer.start()
    lags = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        time.sleep(chance.uniform(0, 0.7))
        made.run("UPDATE s.mark SET n = n + 1")
        committed = time.perf_counter()
        ((number,),) = made.run("SELECT n FROM s.mark")
        while made.sql('SELECT N FROM dest."s"."mark"') != [(number,)]:
            time.sleep(0.005)
        lags.append(time.perf_counter() - committed)
    ending.set()
    writer.join()
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        lag = percentile(lags, share)
        report.add("lag", f"COMMIT until it can be queried, {rate:,} changes/s beside it, {name}", f"{1000 * lag:.0f} ms",
                   f"{len(lags)} commits", BAR_LAG_S / lag, f"<= {BAR_LAG_S:.0f} s", lag <= BAR_LAG_S)
    made.wait_until_equal("steady", seconds=60)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--changes", type=int, default=300_000)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--rate", type=int, default=2_000, help="changes per second, of which 80 % are updates")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    report = Report(machine.describe(REPOSITORY, REPOSITORY, "17"))
    installation, plain = Installation(), Installation(with_extension=False)
    made = Replicated(installation, plain, fsync="on", max_wal_size="4GB")
    try:
        measure_copy(report, made, options.rows)
        measure_backlog(report, made, options.changes)
        measure_lag(report, made, options.seconds, options.rate, options.seed)
    finally:
        made.remove()
        installation.remove()
        plain.remove()
    report.print_table()


if __name__ == "__main__":
    main()
