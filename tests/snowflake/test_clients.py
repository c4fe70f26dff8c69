# SPDX-License-Identifier: Apache-2.0
"""Snowflake's own clients, unchanged, against `tarn up`: every file of clients/ in the environments that have its client."""

import os
import subprocess

import pytest

from support import layout
from support.wire_server import PASSWORD, WireServer

CLIENTS = layout.REPOSITORY / "tests" / "snowflake" / "clients"
CONNECTORS = ["snowflake-connector", "snowflake-snowpark"]
ENVIRONMENTS = {"connector": CONNECTORS, "snowpark": CONNECTORS[1:], "sqlalchemy": ["snowflake-sqlalchemy"]}
SUITES = [(environment, path.stem) for path in sorted(CLIENTS.glob("*_*.py"))
          for environment in ENVIRONMENTS.get(path.stem.split("_")[0], [])]


def run_suite(environment, suite, server, directory):
    """Every test of the file, in the client's environment; what failed is in the message."""
    python = layout.DEPS / environment / "bin" / "python"
    if not python.exists():
        pytest.skip("scripts/deps-snowflake.sh installs the clients")
    done = subprocess.run(
        [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", CLIENTS, "--confcutdir", CLIENTS,
         "--tb=short", CLIENTS / f"{suite}.py"],
        env={**os.environ, **server}, cwd=directory, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout


@pytest.mark.interop
@pytest.mark.parametrize("environment, suite", SUITES, ids=["-".join(suite) for suite in SUITES])
def test_client(snowflake, environment, suite):
    run_suite(environment, suite, snowflake.environment(), snowflake.program.home)


@pytest.mark.interop
@pytest.mark.parametrize("environment", CONNECTORS)
def test_short_tokens(tmp_path, environment):
    server = WireServer(http=tmp_path / "results", token_seconds=2, master_seconds=8, answer_ms=500)
    try:
        run_suite(environment, "tokens_renewal", {
            "TARN_TEST_HOST": "127.0.0.1", "TARN_TEST_PORT": str(server.http_port), "TARN_TEST_USER": "admin",
            "TARN_TEST_PASSWORD": PASSWORD}, tmp_path)
    finally:
        assert server.stop() == 0
