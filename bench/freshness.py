#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""From COMMIT in a managed PostgreSQL to the warehouse's answer: how long until a query there sees the row.

The table is one with AUTO_REFRESH; commits come at random moments, so that no rhythm of ours helps. What a query takes anyway is
measured beside it: nobody can see a row sooner."""

import argparse
import pathlib
import random
import sys
import time
from contextlib import closing

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "tests"))

import machine  # noqa: E402
from measurement import Report, percentile, seconds  # noqa: E402
from support.installation import Installation  # noqa: E402
from support.managed_instance import ManagedInstance  # noqa: E402
from support.product import Product  # noqa: E402

BAR_S = 1.0


def measure(report, shop, cursor, commits, chance):
    lags, queries = [], []

    def newest():
        cursor.execute("SELECT max(id) FROM t")
        return cursor.fetchone()[0]
    for number in range(1, commits + 1):
        time.sleep(chance.uniform(0, 0.3))
        shop.execute("INSERT INTO t VALUES (%s, now())", (number,))
        committed = time.perf_counter()
        while newest() != number:
            assert time.perf_counter() - committed < 60, "the row does not come"
        lags.append(time.perf_counter() - committed)
        queries.append(seconds(newest))
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        lag, query = percentile(lags, share), percentile(queries, share)
        report.add("freshness", f"COMMIT until the warehouse shows it, {name}", f"{1000 * lag:.0f} ms",
                   f"a query alone {1000 * query:.0f} ms", BAR_S / lag, f"<= {BAR_S:.0f} s", lag <= BAR_S)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--commits", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    report = Report(machine.describe(REPOSITORY, REPOSITORY, "17"))
    installation = Installation()
    product = Product(installation).up()
    try:
        with closing(product.connect()) as connection, connection.cursor() as cursor:
            with closing(ManagedInstance(product)) as shop:
                shop.execute("CREATE TABLE t (id bigint, at timestamptz) USING iceberg")
                shop.execute("INSERT INTO t VALUES (0, now())")
                shop.follow(cursor, "t")
                measure(report, shop, cursor, options.commits, random.Random(options.seed))
    finally:
        product.remove()
        installation.remove()
    report.print_table()


if __name__ == "__main__":
    main()
