#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Scans of tables of which one row in a hundred is deleted, against the same rows compacted. Spark writes both, so that it
runs apart from run.py: deletes.py [--rows N] [--times N]. Prints a JSON line for each sort of delete, and a table."""

import argparse
import pathlib
import subprocess
import sys
import tempfile

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "tests"))

import machine  # noqa: E402
from measurement import Report, alternate  # noqa: E402
from support import layout, s3_gateway  # noqa: E402
from support.foreign_tables import ForeignTables  # noqa: E402
from support.spark import SparkReader  # noqa: E402

COLUMNS = "id, price, name"
MERGE_ON_READ = {"write__delete__mode": "merge-on-read"}
TABLES = {"deletion vectors": ("vectors", 3), "position delete files": ("positions", 2)}


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--times", type=int, default=5, help="repetitions; the best one counts")
    return parser.parse_args()


def make(foreign, name, version, rows):
    foreign.create(name, "id bigint, price decimal(12,2), name string", format_version=version, **MERGE_ON_READ)
    foreign.create(name + "_compact", "id bigint, price decimal(12,2), name string", format_version=version)
    foreign.sql(f"INSERT INTO c.db.{name} SELECT id, cast(id % 100000 as decimal(12,2)) / 8, concat('customer ', id % 1000) "
                f"FROM range(0, {rows}, 1, 4)",
                f"DELETE FROM c.db.{name} WHERE hash(id) % 100 = 7",
                f"INSERT INTO c.db.{name}_compact SELECT * FROM c.db.{name}")
    return foreign.location(name), foreign.location(name + "_compact")


def main():
    options = parse()
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        buckets = scratch / "buckets"
        buckets.mkdir()
        gateway = s3_gateway.S3Gateway(buckets, scratch / "gateway.log", s3_gateway.free_port())
        spark = SparkReader(scratch, f"http://127.0.0.1:{gateway.port}")
        foreign = ForeignTables(spark, buckets)
        report = Report(machine.describe(REPOSITORY, scratch, "none"))
        locations = {name: make(foreign, *table, options.rows) for name, table in TABLES.items()}
        spark.stop()

        def scan(location):
            subprocess.run([str(layout.build_directory() / "tarn"), "scan", location, "--buckets", str(buckets),
                            "--count", "--columns", COLUMNS.replace(" ", "")], check=True, capture_output=True)

        for name, (deleted, compact) in locations.items():
            best = alternate({"deleted": lambda location=deleted: scan(location),
                              "compact": lambda location=compact: scan(location)}, options.times)
            ratio = best["deleted"] / best["compact"]
            report.add("deletes", f"scan with 1 % of rows in {name}", f"{1000 * best['deleted']:.0f} ms",
                       f"{1000 * best['compact']:.0f} ms compacted", ratio, "<= 1.2", ratio <= 1.2)
        gateway.stop()
        report.print_table()


if __name__ == "__main__":
    main()
