# SPDX-License-Identifier: Apache-2.0
"""Rows into a lake table: INSERT … SELECT and COPY FROM."""

from measurement import alternate

COLUMNS = """id bigint, branch int, price numeric(10,2), name text, sold_at timestamptz, day date, paid boolean,
             score double precision"""
ROWS = """SELECT i, (i * 7919 % 1000)::int, (i * 104729 % 10000000) / 100.0, lpad(md5(i::text), 20),
                 timestamptz '2024-01-01+00' + i * interval '1 second', date '2024-01-01' + (i % 700)::int,
                 i % 3 = 0, i / 7.0
          FROM generate_series(1::bigint, {rows}) i"""


def prepare(database, rows):
    """The source of the ingest, and the twins that the scans read."""
    database.sql(f"CREATE UNLOGGED TABLE source ({COLUMNS})")
    database.sql("INSERT INTO source " + ROWS.format(rows=rows))
    database.sql("VACUUM (ANALYZE, FREEZE) source")
    database.sql(f"CREATE TABLE heap_rows ({COLUMNS})")
    database.sql(f"CREATE TABLE lake_rows ({COLUMNS}) USING iceberg")


def refill(connection, table, statement):
    """A timed action must not pay for emptying the table: that happens before."""
    with connection.cursor() as cursor:
        cursor.execute(statement.format(table=table))


def run(report, database, rows, times):
    prepare(database, rows)
    connection = database.connect()
    inserted = "INSERT INTO {table} SELECT * FROM source"
    best = measure(connection, times, {
        "copy_out": "COPY (SELECT * FROM source) TO '/dev/null' (FORMAT binary)",
        "heap": inserted.format(table="heap_rows"), "lake": inserted.format(table="lake_rows")})
    add(report, "INSERT … SELECT", rows, best, bar=0.7)

    path = database.server.home / "rows.copy"
    with connection.cursor() as cursor:
        cursor.execute(f"COPY source TO '{path}'")
    best = measure(connection, times, {
        "copy_out": "COPY source TO '/dev/null' (FORMAT binary)",
        "heap": f"COPY heap_rows FROM '{path}'", "lake": f"COPY lake_rows FROM '{path}'"})
    add(report, "COPY FROM (text)", rows, best, bar=None)
    path.unlink()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) heap_rows")
        cursor.execute("CHECKPOINT")


def measure(connection, times, statements):
    """Each statement into an empty table; what is in it stays for the next measurement."""
    def action(name):
        with connection.cursor() as cursor:
            cursor.execute(statements[name])

    best = {}
    for _ in range(times):
        for table in ("heap_rows", "lake_rows"):
            refill(connection, table, "TRUNCATE {table}")
        refill(connection, "", "CHECKPOINT")
        for name, value in alternate({name: lambda name=name: action(name) for name in statements}, 1).items():
            best[name] = min(value, best.get(name, value))
    return best


def add(report, name, rows, best, bar):
    def rate(key):
        return f"{rows / best[key] / 1e6:.2f} M rows/s"

    ratio = best["copy_out"] / best["lake"]
    report.add("ingest", f"{name}, {rows:,} rows", rate("lake"), f"{rate('copy_out')} COPY TO binary", ratio,
               bar and f">= {bar}", None if bar is None else ratio >= bar, seconds=best)
    report.add("ingest", f"{name}, {rows:,} rows", rate("lake"), f"{rate('heap')} heap", best["heap"] / best["lake"],
               seconds=best)
