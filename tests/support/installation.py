# SPDX-License-Identifier: Apache-2.0
"""A private copy of PostgreSQL with the build's extension and engine, where the servers' account can read it."""

import pathlib
import shutil
import subprocess
import tempfile

from support import layout
from support.account import give_to_server, make_server_directory, run_as_server


class Installation:
    """Owns a directory under the system's temporary one (short: socket paths end at 107 bytes)."""

    def __init__(self, with_extension=True, major=layout.POSTGRESQL_MAJOR):
        self.major = major
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="tarn-"))
        self.root.chmod(0o755)
        give_to_server(self.root)
        self.postgresql = self.root / "postgresql"
        subprocess.run(["cp", "-a", "--reflink=auto", str(layout.postgresql(major)), str(self.postgresql)],
                       check=True)
        self.with_extension = with_extension
        self.tarn = None
        self._template = None
        self._server_count = 0
        if with_extension:
            self._install(layout.build_directory())

    def _install(self, build):
        done = subprocess.run(
            ["bash", str(layout.REPOSITORY / "scripts" / "install-extension.sh"), str(build)],
            env={"PATH": "/usr/bin:/bin", "PGROOT": str(self.postgresql)}, capture_output=True,
            text=True)
        if done.returncode != 0:
            raise RuntimeError(f"the extension cannot be installed: {done.stdout}{done.stderr}")
        engine = self.root / "engine"
        engine.mkdir()
        self.tarn = engine / "tarn"
        shutil.copy2(build / "tarn", self.tarn)
        # Functions that only tests declare; the measurements build without it.
        self.testing_library = engine / "tarn_testing.so"
        if (build / "tarn_testing.so").exists():
            shutil.copy2(build / "tarn_testing.so", self.testing_library)
        shutil.copy2(layout.DEPS / "duckdb" / "lib" / "libduckdb.so", engine / "libduckdb.so")

    def program(self, name):
        return self.postgresql / "bin" / name

    def make_data_directory(self, path, fresh=False):
        """initdb at `path`. A copy of one made before unless `fresh`: the system identifier is then its own."""
        if fresh or self._template is None:
            target = path if fresh else self.root / "template"
            run_as_server([self.program("initdb"), "-D", target, "-U", "postgres", "-A", "trust",
                           "-E", "UTF8", "--locale=C", *self._locale_provider(), "--no-sync",
                           "--no-instructions"], cwd="/")
            if fresh:
                return
            self._template = target
        subprocess.run(["cp", "-a", "--reflink=auto", str(self._template), str(path)], check=True)

    def _locale_provider(self):
        # Of version 17 and later.
        return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if self.major >= 17 else []

    def new_home(self):
        self._server_count += 1
        return make_server_directory(self.root / f"s{self._server_count}")

    def remove(self):
        shutil.rmtree(self.root, ignore_errors=True)
