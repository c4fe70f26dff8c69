# SPDX-License-Identifier: Apache-2.0
"""The warehouse in front of the bakery's lake: its statements are in warehouse/*.sql."""

import pathlib
import string
import time

import psycopg2

HERE = pathlib.Path(__file__).resolve().parent / "warehouse"
TABLES = ["branch", "article", "member", "receipt", "receipt_line"]


class Warehouse:
    """A session of user `admin`; every statement is its own transaction."""

    def __init__(self, status):
        self.address = status["warehouse"]
        self.http = status["http"]["url"]
        password = pathlib.Path(self.address["password_file"]).read_text(encoding="utf-8").strip()
        self._connection = psycopg2.connect(
            host=self.address["host"], port=self.address["port"], user=self.address["user"], password=password,
            dbname="", sslmode="require")
        self._connection.autocommit = True

    def rows(self, statement):
        with self._connection.cursor() as cursor:
            cursor.execute(statement)
            if cursor.description is None:
                return [], []
            return [column.name for column in cursor.description], cursor.fetchall()

    def value(self, statement):
        return self.rows(statement)[1][0][0]

    def run_file(self, name, **names):
        """Several statements at once; the server splits them."""
        text = string.Template((HERE / name).read_text(encoding="utf-8")).substitute(names)
        with self._connection.cursor() as cursor:
            cursor.execute(text)

    def state_of(self, instance):
        names, found = self.rows(f"SHOW POSTGRES INSTANCES LIKE '{instance}'")
        return dict(zip(names, found[0])) if found else None

    def create_instance(self, instance):
        """The answer to CREATE, which has the passwords, and only this once."""
        names, (row,) = self.rows(
            f"CREATE POSTGRES INSTANCE {instance} COMPUTE_FAMILY = 'STANDARD_M' STORAGE_SIZE_GB = 10 "
            "AUTHENTICATION_AUTHORITY = POSTGRES COMMENT = 'a bakery chain'")
        return dict(zip(names, row))

    def wait_until_ready(self, instance, seconds=60):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = self.state_of(instance)
            if found["state"] == "READY":
                return found
            time.sleep(0.2)
        raise SystemExit(f"instance {instance} is {found['state']} after {seconds} s")

    def register(self, table, location):
        """`location` of the newest metadata file: s3://bucket/folder/file."""
        folder, file = location.removeprefix("s3://bakery/").rsplit("/", 1)
        self.run_file("table.sql", table=table, folder=folder, file=file)

    def wait_for_receipts(self, count, seconds=90):
        """How long it took until a table shows as many rows."""
        started = time.monotonic()
        while time.monotonic() < started + seconds:
            if self.value("SELECT COUNT(*) FROM receipt") == count:
                return time.monotonic() - started
            time.sleep(0.2)
        raise SystemExit(f"the warehouse did not come to {count} receipts in {seconds} s")
