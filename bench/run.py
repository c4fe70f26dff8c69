#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the measurements on a private server. Flags come from the command line or from BENCH_FLAGS."""

import argparse
import os
import pathlib
import shlex
import sys

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "tests"))

import commits  # noqa: E402
import ingest  # noqa: E402
import machine  # noqa: E402
import scans  # noqa: E402
from measurement import Report  # noqa: E402
from support.database import Database  # noqa: E402
from support.installation import Installation  # noqa: E402
from support.server import Server  # noqa: E402

# A server as people run it: durable, with memory for the heap's rows and no checkpoint in the middle.
SETTINGS = {"fsync": "on", "shared_buffers": "1GB", "max_wal_size": "16GB", "checkpoint_timeout": "1h",
            "work_mem": "64MB", "autovacuum": "off", "log_min_messages": "error"}


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the rows, few commits")
    parser.add_argument("--rows", type=int, default=None, help="rows of the ingest (5,000,000)")
    parser.add_argument("--only", choices=["ingest", "commits", "scans"], help="scans need ingest's tables and make them")
    parser.add_argument("--times", type=int, default=3, help="repetitions; the best one counts")
    return parser.parse_args([*shlex.split(os.environ.get("BENCH_FLAGS", "")), *sys.argv[1:]])


def main():
    options = parse()
    rows = options.rows or (500_000 if options.quick else 5_000_000)
    ages = [100, 1_000] if options.quick else [1_000, 20_000]
    installation = Installation()
    try:
        server = Server(installation, **SETTINGS).start()
        ((version,),) = server.sql("SHOW server_version")
        report = Report(machine.describe(REPOSITORY, server.home, version))
        database = Database(server)
        if options.only in (None, "ingest"):
            ingest.run(report, database, rows, options.times)
        elif options.only == "scans":
            ingest.prepare(database, rows)
            for table in ("heap_rows", "lake_rows"):
                database.sql(f"INSERT INTO {table} SELECT * FROM source")
            database.sql("VACUUM (ANALYZE) heap_rows")
        if options.only in (None, "scans"):
            scans.run(report, database, options.times + 2)
        if options.only in (None, "commits"):
            commits.run(report, database, ages, 2 if options.quick else 5)
        database.fsck()
        report.print_table()
    finally:
        for server in list(Server.instances):
            server.remove()
        installation.remove()


if __name__ == "__main__":
    main()
