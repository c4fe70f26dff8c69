# SPDX-License-Identifier: Apache-2.0
"""Started by root: the servers run as the account tarn, with programs and data that it can reach."""

import os
import pathlib
import shutil
import tempfile

import pytest

from support import layout
from tarn_program import TarnProgram, connect

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root starts servers as another account")


@pytest.fixture
def closed_checkout():
    """A folder like a checkout in root's home: build/tarn and .deps, mode 0700."""
    home = pathlib.Path(tempfile.mkdtemp(prefix="tarn-root"))
    (home / "build").mkdir()
    shutil.copy2(layout.build_directory() / "tarn", home / "build" / "tarn")
    (home / ".deps").mkdir()
    shutil.copytree(layout.POSTGRESQL, home / ".deps" / "postgresql-17", symlinks=True)
    (home / ".deps" / "duckdb").symlink_to(layout.DEPS / "duckdb")
    yield home
    shutil.rmtree(home)


@pytest.mark.slow
def test_closed_checkout(closed_checkout):
    tarn = TarnProgram(closed_checkout / "build" / "tarn")
    tarn.environment.pop("TARN_POSTGRES")
    requested = closed_checkout / "tarn-data"
    tarn.environment["TARN_DATA"] = str(requested)
    tarn.data = requested
    real = staged = None
    try:
        done = tarn.run("instance", "create", "shop", "--without-extension", "--json")
        assert done.returncode == 0, done.stderr
        assert "the data is in" in done.stderr
        assert "the programs are in" not in tarn.run("instance", "list").stderr  # told once
        import json
        connect(json.loads(done.stdout)).close()
        real = requested.resolve()
        assert real.is_relative_to("/var/lib/tarn/data") and requested.is_symlink()
        pid = tarn.json("instance", "list")[0]["pid"]
        assert os.stat(f"/proc/{pid}").st_uid != 0
        executable = pathlib.Path(f"/proc/{pid}/exe").resolve()
        assert executable.is_relative_to("/var/lib/tarn/runtime")
        staged = executable.parents[2]
        tarn.ok("instance", "drop", "shop")
    finally:
        tarn.remove()
        for left in filter(None, (real, staged)):
            shutil.rmtree(left, ignore_errors=True)
