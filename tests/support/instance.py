# SPDX-License-Identifier: Apache-2.0
"""A managed instance, made by the program as a user makes it."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile

import psycopg2


class Instance:
    """Has what support.database.fsck and support.reachable want of a server: home, buckets, local_path."""

    def __init__(self, installation, name):
        self.name, self._installation = name, installation
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="tarn-"))
        self.home.chmod(0o755)
        self.buckets = self.home / "buckets"
        self.tarn = installation.tarn
        answer = json.loads(self.run("instance", "create", name, "--json"))
        self.host, self.port, self.database = answer["host"], answer["port"], answer["database"]
        self.passwords = answer["users"]

    def run(self, *arguments):
        done = subprocess.run([str(self.tarn), *arguments], env={
            **os.environ, "TARN_DATA": str(self.home), "TARN_POSTGRES": str(self._installation.postgresql)},
                              capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise RuntimeError(f"tarn {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout

    def connect(self, user="snowflake_admin"):
        connection = psycopg2.connect(host=self.host, port=self.port, dbname=self.database, user=user,
                                      password=self.passwords[user], sslmode="require")
        connection.autocommit = True
        return connection

    def run_script(self, path, user="snowflake_admin"):
        """psql over a file, statement by statement; stops at the first error."""
        environment = {"PATH": os.environ["PATH"], "PGHOST": self.host, "PGPORT": str(self.port),
                       "PGDATABASE": self.database, "PGUSER": user, "PGPASSWORD": self.passwords[user],
                       "PGSSLMODE": "require"}
        done = subprocess.run([str(self._installation.program("psql")), "-X", "-v", "ON_ERROR_STOP=1", "-f", str(path)],
                              env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def local_path(self, location):
        return self.buckets / location.removeprefix("s3://")

    def fsck(self, location, *options):
        return self.run("fsck", *options, location)

    def log_tail(self):
        logs = sorted(self.home.rglob("*.log"), key=lambda path: path.stat().st_mtime)
        return "\n".join(f"{path}:\n{path.read_text(errors='replace')[-3000:]}" for path in logs[-3:])

    def remove(self):
        try:
            self.run("instance", "drop", self.name, "--purge")
        finally:
            shutil.rmtree(self.home, ignore_errors=True)
