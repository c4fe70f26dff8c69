# SPDX-License-Identifier: Apache-2.0
"""The installed program on a data directory of its own, as a user runs it."""

import os
import pathlib
import shutil
import subprocess
import tempfile


class InstalledProgram:
    """Has what support.database.fsck and support.reachable want of a server: home, buckets, local_path."""

    def __init__(self, installation):
        self._installation = installation
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="tarn-"))
        self.home.chmod(0o755)
        self.buckets = self.home / "buckets"
        self.environment = {**os.environ, "TARN_DATA": str(self.home),
                            "TARN_POSTGRES": str(installation.postgresql)}

    def attempt(self, *arguments):
        return subprocess.run([str(self._installation.tarn), *map(str, arguments)], env=self.environment,
                              capture_output=True, text=True, stdin=subprocess.DEVNULL)

    def start(self, *arguments):
        """In the background; its output goes where the test's does."""
        return subprocess.Popen([str(self._installation.tarn), *map(str, arguments)], env=self.environment,
                                stdin=subprocess.DEVNULL)

    def run(self, *arguments):
        done = self.attempt(*arguments)
        assert done.returncode == 0, f"tarn {' '.join(map(str, arguments))}: {done.stdout}{done.stderr}\n{self.log_tail()}"
        return done.stdout

    def run_psql(self, path, **connection):
        """A file through psql, statement by statement, which stops at the first error. `connection`: PGHOST=… and so on."""
        done = subprocess.run([str(self._installation.program("psql")), "-X", "-v", "ON_ERROR_STOP=1", "-f", str(path)],
                              env={"PATH": os.environ["PATH"], "PGSSLMODE": "require",
                                   **{key: str(value) for key, value in connection.items() if value}},
                              capture_output=True, text=True, stdin=subprocess.DEVNULL)
        assert done.returncode == 0, f"{done.stdout}{done.stderr}\n{self.log_tail()}"
        return done.stdout

    def local_path(self, location):
        return self.buckets / location.removeprefix("s3://")

    def fsck(self, location, *options):
        return self.run("fsck", *options, location)

    def log_tail(self):
        logs = sorted(self.home.rglob("*.log"), key=lambda path: path.stat().st_mtime)
        return "\n".join(f"{path}:\n{path.read_text(errors='replace')[-3000:]}" for path in logs[-3:])

    def remove_home(self):
        shutil.rmtree(self.home, ignore_errors=True)
