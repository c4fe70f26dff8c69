# SPDX-License-Identifier: Apache-2.0
"""A database of its own for one test, verified when the test is over."""

import itertools
import os
import subprocess

import psycopg2

_numbers = itertools.count(1)
PREFIX = "s3://lake/"


class Database:
    def __init__(self, server, name=None, extension=True, template=None):
        self.server = server
        self.name = name or f"t{next(_numbers)}"
        self._connections = []
        server.sql(f'CREATE DATABASE "{self.name}"' + (f' TEMPLATE "{template}"' if template else ""))
        if extension and not template and server.installation.with_extension:
            self.sql("CREATE EXTENSION tarn")
            self.server.sql(f'ALTER DATABASE "{self.name}" '
                            f"SET pg_lake_iceberg.default_location_prefix = '{PREFIX}'")

    def connect(self, autocommit=True, user="postgres", **parameters):
        """A connection that is closed with the database."""
        connection = self.server.connect(self.name, user, autocommit, **parameters)
        self._connections.append(connection)
        return connection

    def sql(self, statement, parameters=None, user="postgres"):
        return self.server.sql(statement, parameters, self.name, user)

    def lake_tables(self):
        """[(namespace, table, metadata_location)]"""
        try:
            return self.sql("SELECT table_namespace, table_name, metadata_location FROM iceberg_tables "
                            "ORDER BY 1, 2")
        except psycopg2.errors.UndefinedTable:
            return []

    def metadata_location(self, table, namespace="public"):
        (row,) = [row for row in self.lake_tables() if row[:2] == (namespace, table)]
        return row[2]

    def fsck(self, table=None, *options):
        """Verifies one table, or all of them; fails with the findings."""
        for _, name, location in self.lake_tables():
            if (table is None or name == table) and location:
                fsck(self.server, location, *options)

    def close_connections(self):
        for connection in self._connections:
            connection.close()
        self._connections.clear()

    def drop(self):
        self.close_connections()
        for (name,) in self.sql("SELECT gid FROM pg_prepared_xacts WHERE database = current_database()"):
            self.sql(f"ROLLBACK PREPARED '{name}'")
        self.server.sql(f'DROP DATABASE "{self.name}" WITH (FORCE)')


def fsck(server, location, *options):
    done = subprocess.run([str(server.installation.tarn), "fsck", *options, location],
                          env={**os.environ, "TARN_DATA": str(server.home)}, capture_output=True,
                          text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, f"fsck {location}: {done.stdout}{done.stderr}"
    return done.stdout
