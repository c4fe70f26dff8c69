# SPDX-License-Identifier: Apache-2.0
"""A private PostgreSQL with the extension, its engine and its own bucket directories."""

import os
import pathlib
import signal
import subprocess
import time

import psycopg2

from support.account import as_server, make_server_directory, run_as_server

BASE_SETTINGS = {
    "listen_addresses": "",
    "max_connections": 60,
    "max_prepared_transactions": 30,
    "wal_level": "logical",
    "fsync": "off",
    "timezone": "UTC",
    "log_line_prefix": "%m [%p] %b ",
    "logging_collector": "off",
}


class Server:
    """`home` holds data/, buckets/, socket/ and log; home is what TARN_DATA names for the program."""

    instances = []

    def __init__(self, installation, fresh=False, **settings):
        self.installation = installation
        self.home = installation.new_home()
        self.data = self.home / "data"
        self.buckets = make_server_directory(self.home / "buckets")
        self.socket = make_server_directory(self.home / "socket", 0o755)
        self.log = self.home / "log"
        self._postmaster = None
        installation.make_data_directory(self.data, fresh=fresh)
        self.configure(**{**BASE_SETTINGS, "unix_socket_directories": self.socket,
                          **self._extension_settings(), **settings})
        Server.instances.append(self)

    def _extension_settings(self):
        if not self.installation.with_extension:
            return {}
        return {
            "shared_preload_libraries": "tarn",
            "tarn.engine_path": self.installation.tarn,
            "tarn.buckets_directory": self.buckets,
        }

    def configure(self, **settings):
        with open(self.data / "postgresql.conf", "a", encoding="utf-8") as file:
            for name, value in settings.items():
                quoted = str(value).replace("'", "''")
                file.write(f"{name} = '{quoted}'\n")

    # ---- life ----

    def start(self, wait=True):
        assert not self.running
        with open(self.log, "ab") as log:
            self._postmaster = subprocess.Popen(
                [str(self.installation.program("postgres")), "-D", str(self.data)], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, cwd="/", start_new_session=True, **as_server())
        if wait:
            self.wait_until_ready()
        return self

    def wait_until_ready(self, seconds=60):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not self.running:
                raise RuntimeError(f"the server did not start:\n{self.log_tail()}")
            try:
                self.connect("postgres", user="postgres").close()
                return
            except psycopg2.OperationalError:
                time.sleep(0.03)
        raise RuntimeError(f"the server is not ready after {seconds} s:\n{self.log_tail()}")

    @property
    def running(self):
        return self._postmaster is not None and self._postmaster.poll() is None

    @property
    def postmaster_pid(self):
        return self._postmaster.pid

    def stop(self, mode="fast", seconds=60):
        if not self.running:
            return
        signals = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}
        self._postmaster.send_signal(signals[mode])
        try:
            self._postmaster.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise RuntimeError(f"the server did not stop ({mode}):\n{self.log_tail()}") from None

    def kill(self):
        """SIGKILL to the postmaster, then waits until its children have noticed and gone."""
        if self._postmaster is None:
            return
        processes = self.process_ids()
        if self.running:
            self._postmaster.kill()
            self._postmaster.wait()
        # And those that it started since: they all work in its data directory.
        wait_until_gone({*processes, *processes_in(self.data)})

    def restart(self, mode="fast"):
        self.stop(mode)
        self.start()

    def remove(self):
        if self.running:
            self.stop("immediate")
        if self in Server.instances:
            Server.instances.remove(self)

    # ---- looking at it ----

    def process_ids(self):
        """The postmaster and all that descend from it, engine included (it has a session of its own)."""
        if self._postmaster is None:
            return []
        children = {}
        for pid, parent, _ in all_processes():
            children.setdefault(parent, []).append(pid)
        found, todo = [], [self._postmaster.pid]
        while todo:
            pid = todo.pop()
            found.append(pid)
            todo += children.get(pid, [])
        return found

    def engine_pids(self):
        own = set(self.process_ids())
        tarn = str(self.installation.tarn)
        return [pid for pid, _, command in all_processes() if pid in own and command.startswith(tarn)]

    def backend_pids(self, title):
        """Processes of the server whose title contains `title`."""
        own = set(self.process_ids())
        return [pid for pid, _, command in all_processes() if pid in own and title in command]

    def log_text(self, start=0):
        with open(self.log, "rb") as file:
            file.seek(start)
            return file.read().decode(errors="replace")

    def log_size(self):
        return self.log.stat().st_size if self.log.exists() else 0

    def log_tail(self, start=0, characters=6000):
        return self.log_text(start)[-characters:] if self.log.exists() else ""

    # ---- using it ----

    def connect(self, database="postgres", user="postgres", autocommit=True, **parameters):
        connection = psycopg2.connect(host=str(self.socket), dbname=database, user=user, **parameters)
        connection.autocommit = autocommit
        return connection

    def sql(self, statement, parameters=None, database="postgres", user="postgres"):
        """One statement on a connection of its own; its rows, or None where it has none."""
        connection = self.connect(database, user)
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement, parameters)
                return cursor.fetchall() if cursor.description else None
        finally:
            connection.close()

    def run_program(self, name, *arguments, database="postgres", **options):
        """A client program of PostgreSQL (psql, pg_dump, pgbench) against this server."""
        environment = {"PATH": os.environ["PATH"], "PGHOST": str(self.socket), "PGUSER": "postgres",
                       "PGDATABASE": database}
        return run_as_server([self.installation.program(name), *arguments], env=environment, cwd="/",
                             **options)

    def local_path(self, location):
        """The file of an s3:// location: a bucket without an endpoint is a directory."""
        assert location.startswith("s3://"), location
        return self.buckets / location.removeprefix("s3://")


def all_processes():
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text()
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        state, parent = stat.rpartition(")")[2].split()[:2]
        if state != "Z":
            yield int(entry.name), int(parent), command


def processes_in(directory):
    """Those whose working directory it is."""
    for pid, _, _ in all_processes():
        try:
            if os.path.samefile(f"/proc/{pid}/cwd", directory):
                yield pid
        except OSError:
            continue


def wait_until_gone(pids, seconds=30):
    deadline = time.monotonic() + seconds
    remaining = set(pids)
    while remaining and time.monotonic() < deadline:
        remaining &= {pid for pid, _, _ in all_processes()}
        if remaining:
            time.sleep(0.02)
    if remaining:
        names = [f"{pid} {command}" for pid, _, command in all_processes() if pid in remaining]
        raise AssertionError("processes stay behind: " + "; ".join(names))
