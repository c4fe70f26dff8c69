#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A bakery chain on a PostgreSQL instance of its own: receipts, exports to the lake, and what came of it."""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import time

import psycopg2

import display
import outside_reader
from generator import Generator

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]


class Program:
    """build/tarn with a data directory."""

    def __init__(self, build, data):
        self.path, self.data = build / "tarn", data
        if not self.path.exists():
            sys.exit(f"there is no {self.path}; run: make build")

    def run(self, *arguments):
        done = subprocess.run([str(self.path), *arguments, "--data", str(self.data), "--json"], text=True,
                              stdout=subprocess.PIPE, check=False)
        if done.returncode != 0:
            sys.exit(f"tarn {' '.join(arguments)} failed")
        return json.loads(done.stdout)


class Access:
    """Host, port and passwords of the demo's instance, kept in a file that only its user can read: they are shown once."""

    def __init__(self, program, name):
        self._file = pathlib.Path(program.data) / f"demo-{name}.json"
        self.name = name
        exists = name in [instance["name"] for instance in program.run("instance", "list")]
        if exists and not self._file.exists():
            sys.exit(f"there is an instance {name} whose password is not known here; use --name")
        self.is_new = not exists
        if exists:
            self.values = json.loads(self._file.read_text(encoding="utf-8"))
            program.run("instance", "start", name)
        else:
            self.values = program.run("instance", "create", name)
            descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(self.values, file)

    @property
    def host(self):
        return self.values["host"]

    @property
    def password(self):
        return self.values["users"]["snowflake_admin"]

    def connect(self):
        return psycopg2.connect(host=self.host, port=self.values["port"], dbname=self.values["database"],
                                user="snowflake_admin", password=self.password, sslmode="require")

    def psql(self):
        program = REPOSITORY / ".deps" / "postgresql-17" / "bin" / "psql"
        shown = program.relative_to(pathlib.Path.cwd()) if program.is_relative_to(pathlib.Path.cwd()) else program
        return (f"PGPASSWORD={self.password} {shown} \"host={self.host} port={self.values['port']} "
                f"dbname={self.values['database']} user=snowflake_admin sslmode=require\"")


def run_file(connection, name):
    """One transaction."""
    with connection, connection.cursor() as cursor:
        cursor.execute((HERE / name).read_text(encoding="utf-8"))


def rows(connection, statement):
    with connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return [column.name for column in cursor.description], cursor.fetchall()


def sell_and_export(connection, receipts, export_every, seed):
    generator = Generator(connection, seed)
    bar = display.ProgressBar(receipts, "receipts")
    exports = sold = 0
    while sold < receipts:
        for _ in range(max(export_every // 100, 1)):
            count = min(100, receipts - sold)
            if count:
                generator.sell(connection, count)
                connection.commit()
                sold += count
                bar.advance(count)
        started = time.monotonic()
        run_file(connection, "export.sql")
        exports += 1
        bar.line(f"export {exports:2d}: receipts up to {sold:,} in {1000 * (time.monotonic() - started):.0f} ms")
    bar.finish()


def show_lake(connection, buckets):
    display.heading("The Iceberg tables, as every catalog client sees them")
    names, tables = rows(connection, "SELECT table_namespace, table_name, metadata_location FROM iceberg_tables "
                                     "WHERE table_namespace = 'lake' ORDER BY 2")
    display.table(names, tables)
    location = next(row[2] for row in tables if row[1] == "receipt")
    display.heading("The files of lake.receipt")
    display.file_tree(pathlib.Path(location.replace("s3://", f"{buckets}/", 1)).parents[1])
    return location


def compare_readers(connection, location, buckets):
    display.heading("The same rows, three times")
    _, ((heap, heap_total),) = rows(connection, "SELECT count(*), sum(total) FROM shop.receipt "
                                                "WHERE exported_at IS NOT NULL")
    _, ((lake, lake_total),) = rows(connection, "SELECT count(*), sum(total) FROM lake.receipt")
    arrow = outside_reader.read(location, buckets, ["total"])
    total = sum(value.as_py() for value in arrow.column("total"))
    display.table(["read by", "from", "receipts", "total"], [
        ("PostgreSQL", "the heap, shop.receipt", heap, heap_total),
        ("PostgreSQL", "the lake, lake.receipt", lake, lake_total),
        ("PyIceberg", "the files alone", arrow.num_rows, total)])
    if not (heap, heap_total) == (lake, lake_total) == (arrow.num_rows, total):
        sys.exit("they differ")


def show_way_on(program, access, location):
    display.heading("Go on from here")
    print(f"  {access.psql()}\n")
    print("  CREATE TABLE visits (at timestamptz, page text) USING iceberg;")
    print("  INSERT INTO visits SELECT now() + i * interval '1 s', '/page' || i % 9 FROM generate_series(1, 100000) i;")
    print("  SELECT page, count(*) FROM visits GROUP BY page ORDER BY 2 DESC;\n")
    data = f"--data {program.data}"
    print(f"  {program.path} fsck {data} {location}")
    print(f"  {program.path} instance list {data}")
    print(f"  {program.path} instance stop {access.name} {data}      (drop --purge removes it with its files)")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--receipts", type=int, default=5000)
    parser.add_argument("--export-every", type=int, default=500, help="receipts")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--name", default="bakery", help="the instance's name")
    parser.add_argument("--data", default=os.environ.get("TARN_DATA", "tarn-data"), help="data directory")
    parser.add_argument("--build", default=os.environ.get("TARN_BUILD", str(REPOSITORY / "build")))
    return parser.parse_args()


def main():
    options = arguments()
    data = pathlib.Path(options.data).resolve()
    program = Program(pathlib.Path(options.build).resolve(), data)
    buckets = data / "buckets"

    display.heading(f"A PostgreSQL instance: {options.name}")
    access = Access(program, options.name)
    print(f"  {access.host}, port {access.values['port']}, TLS, {'new' if access.is_new else 'made by an earlier run'}")
    connection = access.connect()
    _, ((present,),) = rows(connection, "SELECT to_regclass('lake.receipt_line') IS NOT NULL")
    if not present:
        run_file(connection, "schema.sql")
        print("  heap tables in schema shop, Iceberg tables in schema lake")

    display.heading(f"{options.receipts:,} receipts, exported to the lake every {options.export_every:,}")
    sell_and_export(connection, options.receipts, options.export_every, options.seed)

    location = show_lake(connection, buckets)
    display.heading("Revenue, from the lake (examples/retail/report.sql)")
    display.table(*rows(connection, (HERE / "report.sql").read_text(encoding="utf-8")))
    compare_readers(connection, location, buckets)
    show_way_on(program, access, location)


if __name__ == "__main__":
    main()
