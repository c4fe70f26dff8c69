#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Refreshes of dynamic tables against the whole computed anew: by Tarn (CREATE TABLE … AS the same query, which writes the rows as
a refresh does) and by plain DuckDB on the same files (the query alone). Changes are updates scattered over the table and inserts.

dynamic_tables.py [--rows N] [--times N] [--only NAME] [--peer-threads N]"""

import argparse
import json
import pathlib
import sys
from contextlib import closing

import duckdb

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "tests"))

import machine  # noqa: E402
from measurement import Report, seconds  # noqa: E402
from support.installation import Installation  # noqa: E402
from support.product import Product  # noqa: E402

BAR = 20.0
SHARES = (0.0001, 0.01, 0.1, 0.5)
GROUPS = 100_000

FACTS = f"""SELECT seq AS id, (seq * 7919) % {GROUPS} AS customer, seq % 12 AS product, seq % 14 AS merchant,
  CAST(seq % 9973 AS NUMBER(12,2)) AS amount, seq % 5 AS quantity, 'note ' || (seq % 1000) AS note
  FROM (SELECT SEQ8() AS seq FROM TABLE(GENERATOR(ROWCOUNT => {{rows}})))"""
DIMENSIONS = {
    "customers": f"SELECT seq AS customer, 'customer ' || seq AS name, seq % 70 + 18 AS age FROM "
                 f"(SELECT SEQ8() AS seq FROM TABLE(GENERATOR(ROWCOUNT => {GROUPS})))",
    "products": "SELECT seq AS product, 'product ' || seq AS name, seq % 4 AS category, CAST(seq AS NUMBER(10,2)) + 0.5 AS price "
                "FROM (SELECT SEQ8() AS seq FROM TABLE(GENERATOR(ROWCOUNT => 12)))",
    "merchants": "SELECT seq AS merchant, 'merchant ' || seq AS name FROM (SELECT SEQ8() AS seq FROM TABLE(GENERATOR(ROWCOUNT => 14)))",
}
QUERIES = {
    "group by: sum, count": "SELECT customer, SUM(amount) AS total, COUNT(*) AS n FROM facts GROUP BY customer",
    "group by: sum, count, min, max": "SELECT customer, SUM(amount) AS total, COUNT(*) AS n, MIN(amount) AS least, MAX(amount) AS most "
                                      "FROM facts GROUP BY customer",
    "join, group by": "SELECT c.age, p.category, SUM(f.amount) AS total, COUNT(*) AS n FROM facts f JOIN customers c ON f.customer = "
                      "c.customer JOIN products p ON f.product = p.product GROUP BY c.age, p.category",
    "distinct": "SELECT DISTINCT customer, product FROM facts",
    "window by partition": "SELECT id, customer, SUM(amount) OVER (PARTITION BY customer) AS total FROM facts",
    # The shape of the change data capture document's table.
    "the document's join": "SELECT f.id, c.name AS customer, c.age, p.name AS product, p.category, f.quantity * p.price AS total, m.name "
                           "AS merchant, f.note FROM facts f JOIN customers c ON f.customer = c.customer JOIN products p ON f.product = "
                           "p.product JOIN merchants m ON f.merchant = m.merchant",
}


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--times", type=int, default=3, help="refreshes of each size; the best one counts")
    parser.add_argument("--only", choices=sorted(QUERIES))
    parser.add_argument("--shares", type=float, nargs="*", default=SHARES)
    parser.add_argument("--peer-threads", type=int, default=None)
    return parser.parse_args()


class Bench:
    def __init__(self, product, cursor, options):
        self.product, self.cursor, self.options, self.turn = product, cursor, options, 0
        self.files = {}  # of each table before it changes

    def sql(self, text):
        self.cursor.execute(text)
        return self.cursor.fetchall() if self.cursor.description else []

    def make(self, name, query):
        before = set(self.product.home.rglob("*.parquet"))
        self.sql(f"CREATE OR REPLACE TABLE {name} AS {query}")
        self.files[name] = sorted(set(self.product.home.rglob("*.parquet")) - before)

    def make_facts(self):
        self.make("facts", FACTS.format(rows=self.options.rows))
        self.sql("ALTER TABLE facts SET CHANGE_TRACKING = TRUE")

    def change(self, rows):
        """Half updates all over the table, a quarter deletes, a quarter new rows."""
        self.turn += 1
        every = max(2, self.options.rows // max(1, rows // 2))
        self.sql(f"UPDATE facts SET amount = amount + 1 WHERE id % {every} = {self.turn % every}")
        self.sql(f"DELETE FROM facts WHERE id % {2 * every} = {(self.turn + every // 2) % (2 * every)}")
        first = self.options.rows * (10 + self.turn)
        self.sql(f"INSERT INTO facts SELECT id + {first}, customer, product, merchant, amount, quantity, note FROM facts "
                 f"WHERE id < {self.options.rows} AND id % {2 * every} = {(self.turn + 1) % (2 * every)}")

    def refresh(self):
        return seconds(lambda: self.sql("ALTER DYNAMIC TABLE d REFRESH"))

    def last(self):
        ((action, statistics),) = self.sql("SELECT refresh_action, statistics FROM TABLE(INFORMATION_SCHEMA."
                                           "DYNAMIC_TABLE_REFRESH_HISTORY(NAME => 'D')) LIMIT 1")
        return action, json.loads(statistics)

    def duckdb_seconds(self, query):
        """Before anything changed, the files are the tables."""
        connection = duckdb.connect()
        if self.options.peer_threads:
            connection.execute(f"SET threads = {self.options.peer_threads}")
        for name, files in self.files.items():
            connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet({[str(file) for file in files]})")
        return min(seconds(lambda: connection.execute(query).to_arrow_table()) for _ in range(self.options.times))

    def measure(self, report, name, query):
        self.make_facts()
        try:
            peer = self.duckdb_seconds(query)
        except Exception as error:  # The peer is not there: the rest still is.
            print(f"DuckDB: {error}", file=sys.stderr)
            peer = None
        whole = min(seconds(lambda: self.sql(f"CREATE OR REPLACE TABLE whole AS {query}")) for _ in range(self.options.times))
        self.sql(f"CREATE OR REPLACE DYNAMIC TABLE d TARGET_LAG = '1 day' WAREHOUSE = COMPUTE_WH REFRESH_MODE = AUTO AS {query}")
        unchanged = min(self.refresh() for _ in range(5))
        report.add("dynamic tables", f"{name}: nothing changed", f"{1000 * unchanged:.2f} ms", "", None, "< 1 ms", unchanged < 0.001)
        self.change(max(8, self.options.rows // 10_000))
        first = self.refresh()
        for share in self.options.shares:
            rows = max(8, int(self.options.rows * share))
            taken, actions = [], []
            for _ in range(self.options.times if share < 0.05 else 1):
                self.change(rows)
                taken.append(self.refresh())
                actions.append(self.last()[0])
            best = min(taken)
            bar = f">= {BAR:.0f}" if share <= 0.0001 else None
            report.add("dynamic tables", f"{name}: {100 * share:g} % changed", f"{1000 * best:.0f} ms ({actions[-1]})",
                       f"{1000 * whole:.0f} ms anew, DuckDB {1000 * peer:.0f} ms" if peer else f"{1000 * whole:.0f} ms anew",
                       whole / best, bar, whole / best >= BAR if bar else None, against_duckdb=peer and peer / best,
                       first_ms=1000 * first, actions=actions)
        difference = self.sql(f"SELECT COUNT(*) FROM ((SELECT * FROM d EXCEPT {query}) UNION ALL ({query} EXCEPT SELECT * FROM d))")
        assert difference == [(0,)], (name, difference)


def main():
    options = parse()
    report = Report(machine.describe(REPOSITORY, REPOSITORY, "none"))
    installation = Installation()
    product = Product(installation).up()
    try:
        with closing(product.connect()) as connection, connection.cursor() as cursor:
            bench = Bench(product, cursor, options)
            bench.sql("CREATE DATABASE bench")
            bench.sql("USE SCHEMA bench.public")
            for name, text in DIMENSIONS.items():
                bench.make(name, text)
            for name, query in QUERIES.items():
                if options.only in (None, name):
                    bench.measure(report, name, query)
    finally:
        product.remove()
        installation.remove()
    report.print_table()


if __name__ == "__main__":
    main()
