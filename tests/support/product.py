# SPDX-License-Identifier: Apache-2.0
"""The product as a user runs it: `tarn up`, `tarn sql`, psql and drivers against it."""

import json
import pathlib

import psycopg2

from support.installed_program import InstalledProgram


class Product(InstalledProgram):
    def up(self, *options):
        """On any free ports, which the directory remembers."""
        self.run("up", "--port", "0", "--http-port", "0", *options)
        status = json.loads(self.run("status", "--json"))
        self.warehouse, self.http = status["warehouse"], status["http"]
        self.password = pathlib.Path(self.warehouse["password_file"]).read_text(encoding="utf-8").strip()
        return self

    def sql(self, path):
        """Everything in a file, through `tarn sql`."""
        return self.run("sql", "-f", path)

    def psql(self, path, **connection):
        """A file through psql: on the warehouse, or where `connection` says."""
        return self.run_psql(path, **{"PGHOST": self.warehouse["host"], "PGPORT": self.warehouse["port"],
                                      "PGUSER": self.warehouse["user"], "PGPASSWORD": self.password, **connection})

    def connect(self, **options):
        """A driver's connection to the warehouse, which autocommits."""
        connection = psycopg2.connect(**{"host": self.warehouse["host"], "port": self.warehouse["port"],
                                         "user": self.warehouse["user"], "password": self.password,
                                         "sslmode": "require", "dbname": "", **options})
        connection.autocommit = True
        return connection

    def remove(self):
        self.attempt("down")
        for instance in json.loads(self.attempt("instance", "list", "--json").stdout or "[]"):
            self.attempt("instance", "drop", instance["name"], "--purge")
        self.remove_home()
