# SPDX-License-Identifier: Apache-2.0
"""A source database, and the program tarn_source_probe on it."""

import json
import subprocess
import threading
import time
import urllib.parse

from support.layout import build_directory

PROGRAM = "tarn_source_probe"


class ProbeError(Exception):
    def __init__(self, line):
        super().__init__(json.dumps(line))
        self.kind, self.message = line["error"], line["message"]
        self.detail, self.hint = line["detail"], line["hint"]


class SourceProbe:
    def __init__(self, server, database, publication="all"):
        self.server, self.database, self.publication = server, database, publication
        server.sql(f'CREATE DATABASE "{database}"')
        self.connection = server.connect(database)
        self.sql(f'CREATE PUBLICATION "{publication}" FOR ALL TABLES '
                 "WITH (publish_via_partition_root = true)")
        self.streams = []

    def close(self):
        for stream in self.streams:
            stream.close()
        self.connection.close()
        for (slot,) in self.server.sql("SELECT slot_name FROM pg_replication_slots WHERE database = %s",
                                       (self.database,)):
            wait_until(lambda name=slot: not self.slot(name)["active"])
            self.server.sql("SELECT pg_drop_replication_slot(%s)", (slot,))
        self.server.sql(f'DROP DATABASE "{self.database}" WITH (FORCE)')

    def sql(self, statement, parameters=None):
        with self.connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else None

    def rows(self, query):
        """Every value as PostgreSQL's output function has it, in the columns' order."""
        with self.connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()

    def url(self, user="postgres", database=None):
        socket = urllib.parse.quote(str(self.server.socket), safe="")
        return f"postgresql://{user}@{socket}/{database or self.database}"

    def run(self, *arguments):
        """The program's lines; its error is raised."""
        done = subprocess.run([program(), *arguments], capture_output=True, text=True, timeout=300,
                              stdin=subprocess.DEVNULL)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        if done.returncode != 0:
            assert lines and "error" in lines[-1], f"{done.returncode} {done.stderr}"
            raise ProbeError(lines[-1])
        return lines

    def describe(self, table, schema="public", publication=None, user="postgres"):
        return self.run("describe", self.url(user), publication or self.publication, schema, table)[0]

    def snapshot(self, table, schema="public", publication=None, workers=4, user="postgres"):
        """Its rows, and what the last line says of them."""
        *rows, summary = self.run("snapshot", self.url(user), publication or self.publication, schema,
                                  table, str(workers))
        assert summary["rows"] == len(rows)
        summary["rows_of_range"] = [line["range"] for line in rows]
        return [line["row"] for line in rows], summary

    def make_slot(self, name="slot"):
        self.sql("SELECT pg_create_logical_replication_slot(%s, 'pgoutput')", (name,))
        return name

    def slot(self, name="slot"):
        columns = "active, active_pid, confirmed_flush_lsn, restart_lsn, wal_status"
        rows = self.server.sql(f"SELECT {columns} FROM pg_replication_slots WHERE slot_name = %s", (name,))
        return dict(zip(columns.split(", "), rows[0]))

    def stream(self, slot="slot", binary=True, publication=None, queue_bytes=64 << 20):
        made = Stream(["stream", self.url(), publication or self.publication, slot,
                       "binary" if binary else "text", str(queue_bytes)])
        self.streams.append(made)
        return made


class Stream:
    def __init__(self, arguments):
        self.lines, self.done = [], False
        self._changed = threading.Condition()
        self._process = subprocess.Popen([program(), *arguments], stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, text=True)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self):
        for line in self._process.stdout:
            with self._changed:
                self.lines.append(json.loads(line))
                self._changed.notify_all()
        with self._changed:
            self.done = True
            self._changed.notify_all()

    def say(self, command):
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()

    def wait_for(self, condition, seconds=60):
        """The lines up to the first that the condition is true of, which are forgotten then."""
        deadline = time.monotonic() + seconds
        with self._changed:
            seen = 0
            while True:
                while seen < len(self.lines):
                    seen += 1
                    if "error" in self.lines[seen - 1]:
                        raise ProbeError(self.lines[seen - 1])
                    if condition(self.lines[seen - 1]):
                        found, self.lines = self.lines[:seen], self.lines[seen:]
                        return found
                assert not self.done, f"the stream ended: {self.lines}"
                left = deadline - time.monotonic()
                assert left > 0, f"nothing of the kind came: {self.lines[-5:]}"
                self._changed.wait(left)

    def started(self):
        self.wait_for(lambda line: line["kind"] == "started")
        return self

    def transaction(self, seconds=60):
        """The changes of the next transaction that has some, without Begin and Relation."""
        while True:
            lines = self.wait_for(lambda line: line["kind"] == "commit", seconds)
            self.last_commit = lines[-1]
            changes = [line for line in lines
                       if line["kind"] in ("insert", "update", "delete", "truncate", "message")]
            if changes:
                return changes

    def stop(self):
        self.say("stop")
        self._process.wait(30)
        self._reader.join()
        return self.lines[-1]

    def kill(self):
        self._process.kill()
        self._process.wait()

    def close(self):
        if self._process.poll() is None:
            self._process.stdin.close()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()
        self._reader.join()
        self._process.stdout.close()


def program():
    return str(build_directory(PROGRAM) / PROGRAM)


def wait_until(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it does not become true"
        time.sleep(0.02)
