# SPDX-License-Identifier: Apache-2.0
"""Apache Iceberg's own compatibility kit for REST catalogs: what it finds here is what Java clients find."""

import re
import subprocess

import pytest

from support import layout
from support.rest_server import PASSWORD, USER, RestServer

pytestmark = [pytest.mark.interop, pytest.mark.slow]

SUITE = "org.apache.iceberg.rest.RESTCompatibilityKitSuite"
# Left out by the kit itself, by what a catalog says of itself: names with a slash, nested namespaces
# and an empty one (9 tests), and one that is switched off.
TESTS = 157
PASSED = 147
FLAGS = {"requires-namespace-create": "true", "supports-names-with-dot": "true"}


def run_kit(rest, scratch, database):
    jars = layout.DEPS / "rest-kit" / "jars"
    assert jars.exists(), f"there is no {jars}; run: make deps-interop"
    properties = {"rck.local": "false", "uri": rest.uri, "warehouse": database, "credential": f"{USER}:{PASSWORD}",
                  "org.slf4j.simpleLogger.defaultLogLevel": "error",
                  **{f"rck.{name}": value for name, value in FLAGS.items()}}
    done = subprocess.run(
        ["java", *(f"-D{name}={value}" for name, value in properties.items()), "-cp", f"{jars}/*",
         "org.junit.platform.console.ConsoleLauncher", "execute", "--select-class", SUITE,
         "--disable-banner", "--details=tree", "--disable-ansi-colors"],
        cwd=scratch, capture_output=True, text=True, timeout=900)
    return done.stdout + done.stderr


def count(report, what):
    return int(re.search(rf"\[\s*(\d+) tests {what}\s*\]", report).group(1))


@pytest.mark.shows("Java", "through the REST catalog", "the compatibility kit of REST catalogs")
def test_kit(tmp_path):
    # The kit places its tables in /tmp itself.
    rest = RestServer(tmp_path / "account", databases=["kit"], allowed=["file:///tmp/"])
    try:
        report = run_kit(rest, tmp_path, "kit")
    finally:
        rest.kill()
    failed = [line for line in report.splitlines() if "[X]" in line]
    assert failed == [], "\n".join(failed) + report[-8000:]
    assert (count(report, "found"), count(report, "successful"), count(report, "failed")) == (TESTS, PASSED, 0)
