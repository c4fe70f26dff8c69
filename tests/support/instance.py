# SPDX-License-Identifier: Apache-2.0
"""A managed instance, made by the program as a user makes it."""

import json

import psycopg2

from support.installed_program import InstalledProgram


class Instance(InstalledProgram):
    def __init__(self, installation, name):
        super().__init__(installation)
        self.name = name
        answer = json.loads(self.run("instance", "create", name, "--json"))
        self.host, self.port, self.database = answer["host"], answer["port"], answer["database"]
        self.passwords = answer["users"]

    def connect(self, user="snowflake_admin"):
        connection = psycopg2.connect(host=self.host, port=self.port, dbname=self.database, user=user,
                                      password=self.passwords[user], sslmode="require")
        connection.autocommit = True
        return connection

    def run_script(self, path, user="snowflake_admin"):
        """psql over a file, statement by statement; stops at the first error."""
        return self.run_psql(path, PGHOST=self.host, PGPORT=self.port, PGDATABASE=self.database, PGUSER=user,
                             PGPASSWORD=self.passwords[user])

    def remove(self):
        try:
            self.run("instance", "drop", self.name, "--purge")
        finally:
            self.remove_home()
