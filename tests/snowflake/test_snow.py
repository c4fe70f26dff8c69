# SPDX-License-Identifier: Apache-2.0
"""The command `snow`, unchanged, with a connection that has nothing but host, port and protocol more than one to Snowflake."""

import json
import os
import subprocess

import pytest

from support import layout

SNOW = layout.DEPS / "snowflake-cli" / "bin" / "snow"

pytestmark = pytest.mark.interop


@pytest.fixture(scope="module")
def snow(snowflake, tmp_path_factory):
    if not SNOW.exists():
        pytest.skip("scripts/deps-snowflake.sh installs the command")
    home = tmp_path_factory.mktemp("snow")
    snowflake.run("CREATE OR REPLACE DATABASE snow_shop", "CREATE WAREHOUSE IF NOT EXISTS snow")
    settings = home / "config.toml"
    settings.write_text(f"""[cli.logs]
save_logs = false
[connections.tarn]
account = "tarn"
host = "{snowflake.host}"
port = {snowflake.port}
protocol = "http"
user = "{snowflake.user}"
database = "SNOW_SHOP"
schema = "PUBLIC"
warehouse = "SNOW"
role = "ACCOUNTADMIN"
""")
    settings.chmod(0o600)

    def run(*arguments, expected=0, given=None):
        done = subprocess.run(
            [str(SNOW), "--config-file", str(settings), *arguments], cwd=home, capture_output=True, text=True, timeout=400, input=given,
            env={**os.environ, "HOME": str(home), "SNOWFLAKE_HOME": str(home), "SNOWFLAKE_DEFAULT_CONNECTION_NAME": "tarn",
                 "SNOWFLAKE_CONNECTIONS_TARN_PASSWORD": snowflake.password, "SNOWFLAKE_DISABLE_PLATFORM_DETECTION": "true",
                 "SNOWFLAKE_CLI_FEATURES_ENABLE_RELEASE_CHECK": "false"})
        assert done.returncode == expected, done.stdout + done.stderr
        return done.stdout if expected == 0 else done.stdout + done.stderr

    yield run
    snowflake.run("DROP DATABASE snow_shop")


def objects(text):
    return json.loads(text)


def test_connection(snow):
    shown = objects(snow("connection", "test", "--format", "json"))
    assert shown["Status"] == "OK"
    assert (shown["Role"], shown["Database"], shown["Warehouse"]) == ("ACCOUNTADMIN", "SNOW_SHOP", "SNOW")


def test_sql(snow):
    several = objects(snow("sql", "-i", "-D", "what=template", "--format", "json", given="""
        CREATE OR REPLACE TABLE orders (id INT, amount NUMBER(12, 2));
        INSERT INTO orders VALUES (1, 10.5), (2, 7.25);
        SELECT SUM(amount) AS total, '<% what %>' AS v FROM orders;
        CREATE OR REPLACE VIEW big AS SELECT * FROM orders WHERE amount > 8;"""))
    assert several[0] == [{"status": "Table ORDERS successfully created."}]
    assert several[1] == [{"number of rows inserted": 2}]
    assert several[2] == [{"TOTAL": "17.75", "V": "template"}]
    assert "does not exist or not authorized" in snow("sql", "-q", "SELECT * FROM there_is_none", expected=1)


def test_objects(snow):
    listed = {kind: {row["name"] for row in objects(snow("object", "list", kind, "--format", "json"))} for kind in ("table", "view")}
    assert listed == {"table": {"ORDERS"}, "view": {"BIG"}}
    assert objects(snow("object", "list", "table", "--in", "database", "SNOW_SHOP", "--like", "NONE%", "--format", "json")) == []
    described = objects(snow("object", "describe", "table", "ORDERS", "--format", "json"))
    assert [(row["name"], row["type"]) for row in described] == [("ID", "NUMBER(38,0)"), ("AMOUNT", "NUMBER(12,2)")]
    assert {row["name"] for row in objects(snow("object", "list", "schema", "--format", "json"))} >= {"PUBLIC"}
