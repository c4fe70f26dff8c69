# SPDX-License-Identifier: Apache-2.0
"""scripts/install-extension.sh on a server's folders, which here are only folders."""

import os
import subprocess

import pytest

from support import layout


@pytest.fixture
def server(tmp_path):
    """A pg_config that names folders below tmp_path."""
    program = tmp_path / "pg_config"
    program.write_text("#!/bin/sh\ncase $1 in\n"
                       f"--pkglibdir) echo {tmp_path}/lib ;;\n--sharedir) echo {tmp_path}/share ;;\nesac\n")
    program.chmod(0o755)
    return tmp_path


@pytest.fixture
def build(tmp_path):
    folder = tmp_path / "build"
    folder.mkdir()
    (folder / "tarn.so").write_bytes(b"library")
    return folder


def install(server, build):
    return subprocess.run(["bash", str(layout.REPOSITORY / "scripts" / "install-extension.sh"), str(build)],
                          env={**os.environ, "PG_CONFIG": str(server / "pg_config"), "PGROOT": ""},
                          capture_output=True, text=True)


def test_files_arrive_and_again(server, build):
    for _ in range(2):
        done = install(server, build)
        assert done.returncode == 0, done.stderr
    assert (server / "lib" / "tarn.so").read_bytes() == b"library"
    controls = {path.name for path in (layout.REPOSITORY / "extension").glob("*.control")}
    assert "tarn.control" in controls
    assert controls <= {path.name for path in (server / "share" / "extension").iterdir()}
    assert not list(server.rglob("*.tmp.*"))


def test_another_product_is_not_overwritten(server, build):
    control = server / "share" / "extension" / "pg_lake.control"
    control.parent.mkdir(parents=True)
    control.write_text("comment = 'another product'\n")
    done = install(server, build)
    assert done.returncode != 0
    assert "belongs to another product" in done.stderr
    assert control.read_text() == "comment = 'another product'\n"
    assert not (server / "lib" / "tarn.so").exists()
