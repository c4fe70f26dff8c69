# SPDX-License-Identifier: Apache-2.0
"""`tarn streamlit`: an app finds its session, and shows what the warehouse has."""

import json
import subprocess
import time
import urllib.request

import pytest

from support import layout
from support.ports import free_port

CLIENTS = layout.REPOSITORY / "tests" / "snowflake" / "clients"
PYTHON = layout.DEPS / "snowflake-snowpark" / "bin" / "python"


def wait_until_healthy(port, process):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2) as answer:
                return answer.status == 200
        except OSError:
            time.sleep(0.2)
    return False


@pytest.fixture
def app(snowflake):
    """The port of the running app."""
    if not PYTHON.exists():
        pytest.skip("scripts/deps-snowflake.sh installs Streamlit")
    program = snowflake.program
    program.ok("sql", "-c", "CREATE OR REPLACE DATABASE app; CREATE TABLE orders (id INT, amount NUMBER(12, 2)); "
                            "INSERT INTO orders VALUES (1, 10.5), (2, 20), (3, 4.5)")
    port = free_port()
    process = subprocess.Popen(
        [program.program, "streamlit", CLIENTS / "streamlit_app.py", "--database", "app", "--", "--server.port", str(port),
         "--server.headless", "true", "--browser.gatherUsageStats", "false"],
        env={**program.environment, "TARN_PYTHON": str(PYTHON)}, cwd=program.home, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True)
    healthy = wait_until_healthy(port, process)
    if not healthy:
        process.kill()
    assert healthy, process.communicate()[0]
    yield port
    process.terminate()
    process.communicate(timeout=30)


@pytest.mark.interop
def test_app_shows_the_warehouse(app):
    for _ in range(2):  # two visitors share the session
        done = subprocess.run([PYTHON, CLIENTS / "streamlit_browser.py", str(app)], capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        shown = [json.loads(line) for line in done.stdout.splitlines()]
        assert {"kind": "metric", "text": "$35.00"} in shown
        assert not [entry for entry in shown if entry["kind"] == "exception"], shown
        assert {"arrow_data_frame", "dataframe"} & {entry["kind"] for entry in shown}


def test_what_is_missing_is_said(snowflake, tmp_path):
    assert 'file "nothing.py" does not exist' in snowflake.program.fails("streamlit", "nothing.py")
