# SPDX-License-Identifier: Apache-2.0
"""Snowflake's drivers of other languages, unchanged, against `tarn up`: go/, jdbc/ and node/ have a small test program of each."""

import os
import re
import subprocess

import pytest

from support import layout

HERE = layout.REPOSITORY / "tests" / "snowflake"
JDBC = layout.DEPS / "snowflake-jdbc"

pytestmark = pytest.mark.interop


def run(command, directory, **environment):
    """What it printed; it must end well."""
    done = subprocess.run([str(part) for part in command], cwd=directory, env={**os.environ, **environment},
                          capture_output=True, text=True, timeout=600)
    output = done.stdout + done.stderr
    assert done.returncode == 0, output[-20000:]
    return output


def passed(output, pattern):
    found = re.search(pattern, output)
    return int(found[1]) if found else 0


def test_go(snowflake, tmp_path):
    go = layout.DEPS / "go-env" / "bin" / "go"
    if not (layout.DEPS / "stamps" / "snowflake-go").exists():
        pytest.skip("scripts/deps-snowflake.sh installs the driver")
    settings = {"GOTOOLCHAIN": "local", "CGO_ENABLED": "0", "GOFLAGS": "-mod=readonly"}
    subprocess.run([go, "test", "-c", "-o", tmp_path / "program", "."], cwd=HERE / "go", check=True,
                   env={**os.environ, **settings})
    output = run([tmp_path / "program", "-test.v"], tmp_path, **snowflake.environment(),
                 SNOWFLAKE_DISABLE_PLATFORM_DETECTION="true")
    assert output.count("--- PASS") > 0 and "--- SKIP" not in output


def test_jdbc(snowflake, tmp_path):
    if not (JDBC / "driver.jar").exists():
        pytest.skip("scripts/deps-snowflake.sh installs the driver")
    path = f"{JDBC / 'driver.jar'}:{JDBC / 'junit.jar'}"
    subprocess.run(["javac", "-d", tmp_path, "-cp", path, *sorted((HERE / "jdbc").glob("*.java"))], check=True)
    output = run(
        ["java", "--add-opens=java.base/java.nio=ALL-UNNAMED", "-Duser.timezone=UTC", "-cp", f"{path}:{tmp_path}",
         "org.junit.platform.console.ConsoleLauncher", "execute", "--disable-banner", "--details=tree",
         f"--scan-class-path={tmp_path}", "--include-classname=.*Test"],
        tmp_path, **snowflake.environment())
    assert passed(output, r"(\d+) tests successful") > 0


def test_node(snowflake, tmp_path):
    if not (layout.DEPS / "stamps" / "snowflake-node").exists():
        pytest.skip("scripts/deps-snowflake.sh installs the driver")
    output = run(["node", "--test", HERE / "node" / "driver.test.mjs"], tmp_path, **snowflake.environment(),
                 TARN_TEST_DRIVER=str(layout.DEPS / "snowflake-node"), SNOWFLAKE_DISABLE_PLATFORM_DETECTION="true")
    assert passed(output, r"# pass (\d+)") > 0
