#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A bakery chain: receipts in PostgreSQL, exports to the lake, and a warehouse that follows by itself."""

import argparse
import json
import os
import pathlib
import sys
import time

import psycopg2
import pyarrow

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import display
import outside_reader
import outside_writer
from generator import Generator
from program import Program
from warehouse import TABLES, Warehouse

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]


class Access:
    """Host, port and passwords of the demo's instance, kept in a file that only its user can read: they are shown once."""

    def __init__(self, program, warehouse, name):
        self._file = pathlib.Path(program.data) / f"demo-{name}.json"
        self.name = name
        self.is_new = warehouse.state_of(name) is None
        if not self.is_new and not self._file.exists():
            sys.exit(f"there is an instance {name} whose password is not known here; use --name")
        if self.is_new:
            self._create(warehouse)
        else:
            self.values = json.loads(self._file.read_text(encoding="utf-8"))
            if warehouse.state_of(name)["state"] == "SUSPENDED":
                warehouse.rows(f"ALTER POSTGRES INSTANCE {name} RESUME")
        warehouse.wait_until_ready(name)

    def _create(self, warehouse):
        created = warehouse.create_instance(self.name)
        users = {role["name"]: role["password"] for role in json.loads(created["access_roles"])}
        warehouse.run_file("instance.sql", instance=self.name)
        ready = warehouse.wait_until_ready(self.name)
        self.values = {"host": ready["host"], "port": 5432, "database": created["default_database"], "users": users}
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


def let_another_write(connection, buckets):
    display.heading("Rows of another engine, in a transaction of PostgreSQL")
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS lake.forecast (branch_id int, receipts bigint, made_by text) USING iceberg")
        cursor.execute("TRUNCATE lake.forecast")
        cursor.execute("INSERT INTO lake.forecast SELECT branch_id, count(*), 'PostgreSQL' FROM lake.receipt GROUP BY 1")
    _, branches = rows(connection, "SELECT branch_id, receipts FROM lake.forecast ORDER BY 1")
    with connection:
        outside_writer.append(connection, buckets, "lake", "forecast", pyarrow.table({
            "branch_id": pyarrow.array([branch for branch, _ in branches], pyarrow.int32()),
            "receipts": pyarrow.array([receipts * 2 for _, receipts in branches], pyarrow.int64()),
            "made_by": ["PyIceberg"] * len(branches)}))
    display.table(*rows(connection, "SELECT made_by, count(*) AS branches, sum(receipts) AS receipts "
                                    "FROM lake.forecast GROUP BY 1 ORDER BY 1 DESC"))


def follow_in_the_warehouse(connection, warehouse):
    """The document's way: stages, streams, procedures and tasks, every ten seconds."""
    display.heading("The same files in the warehouse (examples/retail/warehouse)")
    warehouse.run_file("lakehouse.sql")
    _, tables = rows(connection, "SELECT table_name, metadata_location FROM iceberg_tables "
                                 "WHERE table_namespace = 'lake'")
    for table, location in tables:
        if table in TABLES:
            warehouse.register(table, location)
    display.table(*warehouse.rows("SELECT COUNT(*) AS receipts, SUM(total) AS revenue FROM receipt"))


def compare_revenue(connection, warehouse, seed):
    display.heading("More receipts, and how long until the warehouse has them")
    generator = Generator(connection, seed + 1)
    generator.sell(connection, 500)
    connection.commit()
    run_file(connection, "export.sql")
    _, ((count,),) = rows(connection, "SELECT count(*) FROM lake.receipt")
    took = warehouse.wait_for_receipts(count)
    print(f"  {count:,} receipts after {took:.1f} s, by tasks that look every 10 s")
    display.heading("Revenue by town, from the warehouse (examples/retail/warehouse/revenue.sql)")
    text = (HERE / "warehouse" / "revenue.sql").read_text(encoding="utf-8")
    names, found = warehouse.rows(text)
    display.table(names, found)
    _, expected = rows(connection, text.replace("FROM receipt", "FROM shop.receipt").replace("JOIN branch", "JOIN shop.branch"))
    if found != expected:
        sys.exit(f"PostgreSQL has {expected}")
    print("  equal to what PostgreSQL's own tables give")


def show_way_on(program, access, location):
    display.heading("Go on from here")
    print(f"  {program.path} sql --data {program.data} -c \"SELECT * FROM bakery_dw.lake.receipt LIMIT 5\"\n")
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

    display.heading("The warehouse")
    warehouse = Warehouse(program.run("up"))
    print(f"  SQL on {warehouse.address['host']}:{warehouse.address['port']}, HTTP on {warehouse.http}")
    display.heading(f"A PostgreSQL instance, made by the warehouse: {options.name}")
    access = Access(program, warehouse, options.name)
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
    let_another_write(connection, buckets)
    follow_in_the_warehouse(connection, warehouse)
    compare_revenue(connection, warehouse, options.seed)
    show_way_on(program, access, location)


if __name__ == "__main__":
    main()
