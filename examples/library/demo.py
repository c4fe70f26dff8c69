#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A lending library: its PostgreSQL tables in Iceberg as they change, and a report that keeps itself fresh."""

import argparse
import json
import os
import pathlib
import random
import sys
import time

import psycopg2

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import display
from program import Program

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
TABLES = ["member", "title", "branch", "loan"]
CARDS = ["American Express", "Visa", "Mastercard", "Discover"]
DASHBOARD_TABLE = "library.reports.customer_purchase_summary"
NAME = "LIBRARY"


class Session:
    """A connection on which every statement is its own transaction."""

    def __init__(self, **options):
        self._connection = psycopg2.connect(**options, sslmode="require")
        self._connection.autocommit = True

    def rows(self, statement):
        with self._connection.cursor() as cursor:
            cursor.execute(statement)
            return ([], []) if cursor.description is None else ([column.name for column in cursor.description], cursor.fetchall())

    def run_file(self, name):
        for statement in (HERE / name).read_text(encoding="utf-8").split(";\n"):
            if statement.strip():
                self.rows(statement)


def wait(condition, what, seconds=60):
    """How long it took."""
    started = time.monotonic()
    while not condition():
        if time.monotonic() > started + seconds:
            sys.exit(f"{what} after {seconds} s")
        time.sleep(0.02)
    return time.monotonic() - started


def open_warehouse(program):
    status = program.run("up")
    address = status["warehouse"]
    password = pathlib.Path(address["password_file"]).read_text(encoding="utf-8").strip()
    print(f"  SQL on {address['host']}:{address['port']}, HTTP on {status['http']['url']}")
    return status, Session(host=address["host"], port=address["port"], user=address["user"], password=password, dbname="")


def open_library(program, data):
    """The database to be replicated, and its address for the connector in datasources.json."""
    kept = data / "demo-library.json"
    if kept.exists():
        made = json.loads(kept.read_text(encoding="utf-8"))
    else:
        made = program.run("instance", "create", NAME.lower())
        with os.fdopen(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(made, file)
    print(f"  {made['host']}, port {made['port']}, TLS")
    source = {"url": f"jdbc:postgresql://{made['host']}:{made['port']}/{made['database']}?sslmode=require",
              "username": "snowflake_admin", "password": made["users"]["snowflake_admin"], "publication": "library", "ssl": True}
    with os.fdopen(os.open(data / "datasources.json", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w",
                   encoding="utf-8") as file:
        json.dump({NAME: source}, file, indent=2)
    if os.geteuid() == 0:
        # The warehouse runs as an account of its own.
        owner = (data / "warehouse").stat()
        os.chown(data / "datasources.json", owner.st_uid, owner.st_gid)
    return Session(host=made["host"], port=made["port"], user="snowflake_admin", dbname=made["database"],
                   password=made["users"]["snowflake_admin"])


def replicate(warehouse):
    state = "SELECT * FROM SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.PUBLIC.REPLICATION_STATE"
    _, known = warehouse.rows(state)
    if not known:
        warehouse.run_file("replicate.sql")

    def is_done():
        names, found = warehouse.rows(state)
        states = [dict(zip(names, row)) for row in found]
        return len(states) == len(TABLES) and all(each["SNAPSHOT_REPLICATION_STATUS"] == "DONE" for each in states)
    took = wait(is_done, "not all tables are replicated")
    names, found = warehouse.rows(state.replace("*", "TABLE_NAME, REPLICATION_PHASE, SNAPSHOT_REPLICATION_STATUS"))
    display.table(names, found)
    print(f"  after {took:.1f} s")


def lend(library, loans, seed):
    chance = random.Random(seed)
    bar = display.ProgressBar(loans, "loans")
    for _ in range(0, loans, 100):
        values = ", ".join(f"({chance.randint(1, 500)}, {chance.randint(1, 200)}, {chance.randint(1, 6)}, '{chance.choice(CARDS)}', "
                           f"{chance.randint(1, 4)})" for _ in range(100))
        library.rows(f"INSERT INTO lending.loan (member_id, title_id, branch_id, card, weeks) VALUES {values}")
        library.rows(f"UPDATE lending.loan SET returned = true WHERE loan_id % 97 = {chance.randint(0, 96)} AND NOT returned")
        library.rows(f"DELETE FROM lending.loan WHERE loan_id = {chance.randint(1, 5000)}")
        bar.advance(100)
    bar.finish()


def compare(library, warehouse):
    """How long until the warehouse has every loan, and until the report does."""
    _, expected = library.rows("SELECT count(*), sum(weeks), count(*) FILTER (WHERE returned) FROM lending.loan")
    query = ('SELECT COUNT(*), SUM(WEEKS), COUNT_IF(RETURNED) FROM library."lending"."loan" WHERE NOT _SNOWFLAKE_DELETED')
    arrived = wait(lambda: warehouse.rows(query)[1] == expected, "the loans are not in the warehouse")
    reported = wait(lambda: warehouse.rows("SELECT SUM(loans) FROM library.reports.fees")[1][0][0] == expected[0][0],
                    "the report is not fresh")
    print(f"  every loan in the warehouse {arrived:.2f} s after the last commit, in the report {arrived + reported:.2f} s after it")


def report(library, warehouse):
    names, found = warehouse.rows("SELECT shelf, SUM(loans) AS loans, SUM(fees) AS fees FROM library.reports.fees "
                                  "GROUP BY shelf ORDER BY shelf")
    display.table(names, found)
    _, expected = library.rows("SELECT shelf, count(*), sum(weeks * fee) FROM lending.loan JOIN lending.title USING (title_id) "
                               "GROUP BY shelf ORDER BY shelf")
    if found != expected:
        sys.exit(f"PostgreSQL has {expected}")
    print("  equal to what PostgreSQL's own tables give")
    names, found = warehouse.rows("SELECT refresh_action, COUNT(*) AS refreshes FROM TABLE(library.INFORMATION_SCHEMA."
                                  "DYNAMIC_TABLE_REFRESH_HISTORY(NAME => 'FEES')) GROUP BY refresh_action ORDER BY 2 DESC")
    display.table(names, found)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--loans", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", default=os.environ.get("TARN_DATA", "tarn-data"), help="data directory")
    parser.add_argument("--build", default=os.environ.get("TARN_BUILD", str(REPOSITORY / "build")))
    options = parser.parse_args()
    data = pathlib.Path(options.data).resolve()
    program = Program(pathlib.Path(options.build).resolve(), data)
    display.heading("The warehouse")
    status, warehouse = open_warehouse(program)
    display.heading("A PostgreSQL database with a lending library")
    library = open_library(program, data)
    if library.rows("SELECT to_regclass('lending.loan')")[1] == [(None,)]:
        library.run_file("schema.sql")
    display.heading("Its tables in the warehouse (examples/library/replicate.sql)")
    replicate(warehouse)
    display.heading("A join of them that keeps itself fresh (examples/library/fees.sql)")
    warehouse.run_file("fees.sql")
    warehouse.run_file("dashboard.sql")
    report(library, warehouse)
    display.heading(f"{options.loans:,} loans, some returned, some deleted")
    lend(library, options.loans, options.seed)
    compare(library, warehouse)
    report(library, warehouse)
    display.heading("The dashboard")
    print(f"  {status['http']['dashboard']}?table={DASHBOARD_TABLE}")
    print(f"  user {status['warehouse']['user']}, password in {status['warehouse']['password_file']}")
    print("  It changes by itself with the loans: run this once more while you look at it.")
    display.heading("Go on from here")
    print(f"  {program.path} sql --data {data} -c 'SELECT * FROM library.\"lending\".\"loan\" LIMIT 5'")
    print(f"  {program.path} sql --data {data} -c 'SELECT * FROM SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.PUBLIC.CONNECTOR_STATS'")
    print(f"  {program.path} down --data {data}")


if __name__ == "__main__":
    main()
