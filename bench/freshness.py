#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""From COMMIT in a managed PostgreSQL to the warehouse's answer: how long until a query there sees the row.

The table is one with AUTO_REFRESH; commits come at random moments, so that no rhythm of ours helps. What a query takes anyway is
measured beside it: nobody can see a row sooner."""

import argparse
import json
import pathlib
import random
import sys
import time
from contextlib import closing

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "tests"))

import psycopg2  # noqa: E402

import machine  # noqa: E402
from measurement import Report, percentile, seconds  # noqa: E402
from support.installation import Installation  # noqa: E402
from support.product import Product  # noqa: E402
from support.waiting import wait_for  # noqa: E402

BAR_S = 1.0


def row(cursor):
    (found,) = cursor.fetchall()
    return dict(zip((column.name for column in cursor.description), found))


def start(product, cursor):
    """A connection to the instance, and the warehouse's table over its table."""
    cursor.execute("CREATE POSTGRES INSTANCE shop COMPUTE_FAMILY = 'STANDARD_M' STORAGE_SIZE_GB = 10 "
                   "AUTHENTICATION_AUTHORITY = POSTGRES")
    passwords = {role["name"]: role["password"] for role in json.loads(row(cursor)["access_roles"])}

    def ready():
        cursor.execute("SHOW POSTGRES INSTANCES LIKE 'SHOP'")
        return row(cursor)["state"] == "READY"
    wait_for(ready, "SHOP is not READY", 60)
    (instance,) = json.loads(product.run("status", "--json"))["instances"]
    postgres = psycopg2.connect(host=instance["host"], port=instance["port"], dbname="postgres", user="snowflake_admin",
                                password=passwords["snowflake_admin"], sslmode="require",
                                options="-c pg_lake_iceberg.default_location_prefix=s3://lake/")
    postgres.autocommit = True
    with postgres.cursor() as own:
        own.execute("CREATE TABLE t (id bigint, at timestamptz) USING iceberg")
        own.execute("INSERT INTO t VALUES (0, now())")
        own.execute("SELECT metadata_location FROM iceberg_tables WHERE table_name = 't'")
        ((location,),) = own.fetchall()
    cursor.execute("CREATE EXTERNAL VOLUME v STORAGE_LOCATIONS = ((NAME = 'all' STORAGE_PROVIDER = 'S3' "
                   "STORAGE_BASE_URL = 's3://lake/' STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::012345678910:role/any'))")
    cursor.execute("CREATE CATALOG INTEGRATION i CATALOG_SOURCE = OBJECT_STORE TABLE_FORMAT = ICEBERG ENABLED = TRUE")
    cursor.execute("CREATE DATABASE d")
    cursor.execute("USE DATABASE d")
    cursor.execute("CREATE ICEBERG TABLE t EXTERNAL_VOLUME = 'v' CATALOG = 'i' "
                   f"METADATA_FILE_PATH = '{location.removeprefix('s3://lake/')}' AUTO_REFRESH = TRUE")
    return postgres


def measure(report, postgres, cursor, commits, chance):
    lags, queries = [], []

    def newest():
        cursor.execute("SELECT max(id) FROM t")
        return cursor.fetchone()[0]
    with postgres.cursor() as own:
        for number in range(1, commits + 1):
            time.sleep(chance.uniform(0, 0.3))
            own.execute("INSERT INTO t VALUES (%s, now())", (number,))
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
            with closing(start(product, cursor)) as postgres:
                measure(report, postgres, cursor, options.commits, random.Random(options.seed))
    finally:
        product.remove()
        installation.remove()
    report.print_table()


if __name__ == "__main__":
    main()
