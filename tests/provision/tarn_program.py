# SPDX-License-Identifier: Apache-2.0
"""Runs the program `tarn` on a data directory of the test's own, as a person would."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile

import psycopg2

from support import layout


class TarnProgram:
    """Owns a data directory below the system's temporary one; remove() stops and deletes everything."""

    def __init__(self, program=None, environment=None):
        self.program = program or layout.build_directory() / "tarn"
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="tarn-i"))
        self.home.chmod(0o755)
        self.data = self.home / "data"
        self.environment = {**os.environ, "TARN_DATA": str(self.data),
                            "TARN_POSTGRES": str(layout.POSTGRESQL), "TARN_PORT": "0",
                            "TARN_HTTP_PORT": "0", **(environment or {})}

    def start(self, *words):
        return subprocess.Popen([str(self.program), *map(str, words)], env=self.environment, cwd=self.home,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                text=True)

    def run(self, *words):
        process = self.start(*words)
        out, err = process.communicate()
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    def ok(self, *words):
        done = self.run(*words)
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    def fails(self, *words):
        done = self.run(*words)
        assert done.returncode != 0, f"{words} succeeded: {done.stdout}"
        assert done.stdout == ""
        return done.stderr

    def json(self, *words):
        return json.loads(self.ok(*words, "--json"))

    def create(self, name, *words):
        return self.json("instance", "create", name, "--without-extension", *words)

    def cluster(self, name):
        return self.data / "instances" / name / "pgdata"

    def server_processes(self):
        """Process ids that work below the data directory."""
        found = []
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if (process / "cwd").resolve().is_relative_to(self.data.resolve()):
                    found.append(int(process.name))
            except OSError:
                pass
        return found

    def warehouse(self, **options):
        """A connection to the warehouse as its first user; autocommits."""
        found = self.json("status")["warehouse"]
        parameters = dict(host=found["host"], port=found["port"], user=found["user"], sslmode="require",
                          password=pathlib.Path(found["password_file"]).read_text().strip(), connect_timeout=10)
        connection = psycopg2.connect(**{**parameters, **options})
        connection.autocommit = True
        return connection

    def remove(self):
        self.run("down")
        for instance in json.loads(self.run("instance", "list", "--json").stdout or "[]"):
            self.run("instance", "drop", instance["name"])
        shutil.rmtree(self.home, ignore_errors=True)


def connect(instance, user="snowflake_admin", **options):
    """Autocommits. As a context manager psycopg2 would open a transaction: use closing()."""
    parameters = dict(host=instance["host"], port=instance["port"], dbname=instance["database"], user=user,
                      password=instance["users"].get(user, ""), sslmode="require", connect_timeout=10)
    connection = psycopg2.connect(**{**parameters, **options})
    connection.autocommit = True
    return connection


def query(connection, sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else None
