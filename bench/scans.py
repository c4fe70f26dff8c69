# SPDX-License-Identifier: Apache-2.0
"""Reading: counts, sums and filters, by PostgreSQL from the lake and from the heap, and by DuckDB from the same files."""

import duckdb

from measurement import alternate
from support.reachable import ReachableFiles

QUERIES = {
    "count(*)": "SELECT count(*) FROM {t}",
    "sum(bigint)": "SELECT sum(id) FROM {t}",
    "sum(numeric)": "SELECT sum(price) FROM {t}",
    "count(text)": "SELECT count(name) FROM {t}",
    "filter, 1 row of all": "SELECT count(*), max(price) FROM {t} WHERE id = 4242",
    "filter, 1 % by date": "SELECT count(*), sum(price) FROM {t} WHERE day BETWEEN '2024-03-01' AND '2024-03-07'",
    "filter, time range of 2 %": "SELECT count(*), sum(price) FROM {t} "
                                 "WHERE sold_at >= '2024-01-01 00:00:00+00' AND sold_at < '2024-01-02 04:00:00+00'",
    "group by branch": "SELECT branch, count(*), sum(price) FROM {t} GROUP BY branch",
    "all columns": "SELECT count(id), count(branch), count(price), count(name), count(sold_at), count(day), "
                   "count(paid), count(score) FROM {t}",
}


def data_files(database, table):
    live = ReachableFiles(database.server).live_data_files(database.metadata_location(table))
    return [str(database.server.local_path(file)) for file in live]


def run(report, database, times):
    files = data_files(database, "lake_rows")
    duck = duckdb.connect(config={"threads": "2"})
    duck.execute("SET TimeZone = 'UTC'")
    parquet = "read_parquet([" + ", ".join(f"'{file}'" for file in files) + "])"
    connection = database.connect()
    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")

    def postgres(query, table):
        with connection.cursor() as cursor:
            cursor.execute(query.format(t=table))
            return cursor.fetchall()

    for name, query in QUERIES.items():
        best = alternate({
            "lake": lambda query=query: postgres(query, "lake_rows"),
            "heap": lambda query=query: postgres(query, "heap_rows"),
            "duckdb": lambda query=query: duck.execute(query.format(t=parquet)).fetchall()}, times)
        milliseconds = {key: round(1000 * value, 1) for key, value in best.items()}
        ratio = best["heap"] / best["lake"]
        report.add("scan", name, f"{milliseconds['lake']} ms", f"{milliseconds['heap']} ms heap", ratio, ">= 1",
                   ratio >= 1, milliseconds=milliseconds)
        report.add("scan", name, f"{milliseconds['lake']} ms", f"{milliseconds['duckdb']} ms DuckDB",
                   best["duckdb"] / best["lake"], milliseconds=milliseconds)
