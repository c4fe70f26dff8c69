# SPDX-License-Identifier: Apache-2.0
"""Small commits: what they cost over a heap commit, when the table is old, and when several writers commit."""

import statistics
import threading
import time

from measurement import seconds, summary

TABLE = "(id bigint, name text, amount numeric(10,2), at timestamptz)"
INSERT = "INSERT INTO {table} SELECT i, 'row ' || i, i / 4.0, now() FROM generate_series(1, {rows}) i"
BAR_MS = 20
AT_A_TIME = 200  # commits of a measurement


def latencies(connection, table, rows, count):
    statement = INSERT.format(table=table, rows=rows)
    with connection.cursor() as cursor:
        return [seconds(lambda: cursor.execute(statement)) for _ in range(count)]


def run(report, database, ages, writers_seconds):
    connection = database.connect()
    database.sql(f"CREATE TABLE commits_heap {TABLE}")
    for rows in (1, 100, 1000):
        latencies(connection, "commits_heap", rows, 20)
        heap = latencies(connection, "commits_heap", rows, AT_A_TIME)
        database.sql(f"CREATE TABLE commits_{rows} {TABLE} USING iceberg")
        latencies(connection, f"commits_{rows}", rows, 5)
        lake = latencies(connection, f"commits_{rows}", rows, AT_A_TIME)
        add(report, f"{rows} rows, young table", lake, heap)
    age(report, database, connection, ages)
    for count in (1, 2, 8):
        several(report, database, count, writers_seconds)


def age(report, database, connection, ages):
    """One table that grows by one-row commits, measured on the way."""
    database.sql(f"CREATE TABLE commits_aged {TABLE} USING iceberg")
    done = 0
    for target in ages:
        last = []
        while done < target:
            last = latencies(connection, "commits_aged", 1, min(AT_A_TIME, target - done))
            done += len(last)
        heap = latencies(connection, "commits_heap", 1, AT_A_TIME)
        add(report, f"1 row, after {target:,} commits", last, heap)
        for rows in (100, 1000):
            lake = latencies(connection, "commits_aged", rows, AT_A_TIME // 4)
            done += len(lake)
            heap = latencies(connection, "commits_heap", rows, AT_A_TIME)
            add(report, f"{rows} rows, after {target:,} commits", lake, heap)


def add(report, name, lake, heap):
    over = 1000 * (statistics.median(lake) - statistics.median(heap))
    report.add("commit", name, "{median_ms} ms (p99 {p99_ms})".format(**summary(lake)),
               "{median_ms} ms (p99 {p99_ms}) heap".format(**summary(heap)), None,
               f"<= heap + {BAR_MS} ms", over <= BAR_MS, over_heap_ms=round(over, 2), tarn=summary(lake),
               heap=summary(heap))


def several(report, database, writers, duration):
    rates = {}
    for access_method in ("heap", "iceberg"):
        for shared in (True, False):
            tables = [f"w{writers}_{access_method}_{0 if shared else n}_{shared}" for n in range(writers)]
            for table in set(tables):
                database.sql(f"CREATE TABLE {table} {TABLE} USING {access_method}")
            rates[access_method, shared] = commits_per_second(database, tables, duration)
    for shared, where in ((True, "one table"), (False, "a table each")):
        lake, heap = rates["iceberg", shared], rates["heap", shared]
        report.add("commit", f"{writers} writers, {where}", f"{lake:.0f} commits/s", f"{heap:.0f} commits/s heap",
                   lake / heap)


def commits_per_second(database, tables, duration):
    done = [0] * len(tables)
    deadline = time.monotonic() + duration

    def write(index):
        connection = database.connect()
        statement = INSERT.format(table=tables[index], rows=1)
        with connection.cursor() as cursor:
            while time.monotonic() < deadline:
                cursor.execute(statement)
                done[index] += 1

    threads = [threading.Thread(target=write, args=(n,)) for n in range(len(tables))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / duration
