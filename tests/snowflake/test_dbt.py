# SPDX-License-Identifier: Apache-2.0
"""dbt-snowflake, unchanged, with the project of dbt/: seeds, models of every materialisation, tests, a snapshot, documentation.
What must come out follows from the project's own rows and dbt's documentation."""

import json
import os
import shutil
import subprocess

import pytest

from support import layout

PROJECT = layout.REPOSITORY / "tests" / "snowflake" / "dbt"
DBT = layout.DEPS / "snowflake-dbt" / "bin" / "dbt"

pytestmark = pytest.mark.interop


class Dbt:
    """The project in a directory of its own, against one database."""

    def __init__(self, directory, server, database):
        self.directory, self.server, self.database = directory, server, database
        shutil.copytree(PROJECT, directory / "project")

    def run(self, *arguments, expected=0):
        done = subprocess.run(
            [str(DBT), *arguments, "--profiles-dir", "."], cwd=self.directory / "project", capture_output=True, text=True, timeout=600,
            env={**os.environ, **self.server.environment(), "TARN_TEST_DATABASE": self.database, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
                 "SNOWFLAKE_DISABLE_PLATFORM_DETECTION": "true", "NO_COLOR": "1"})
        assert done.returncode == expected, done.stdout + done.stderr + self.log()
        return done.stdout

    def log(self):
        path = self.directory / "project" / "logs" / "dbt.log"
        return path.read_text()[-8000:] if path.exists() else ""

    def statuses(self):
        results = json.loads((self.directory / "project" / "target" / "run_results.json").read_text())["results"]
        return {result["unique_id"].split(".")[2]: result["status"] for result in results}

    def seed(self, name, text):
        (self.directory / "project" / "seeds" / f"{name}.csv").write_text(text)

    def rows(self, text):
        return self.server.rows(text)


@pytest.fixture(scope="module")
def dbt(snowflake, tmp_path_factory):
    if not DBT.exists():
        pytest.skip("scripts/deps-snowflake.sh installs dbt")
    snowflake.run("CREATE OR REPLACE DATABASE dbt_shop", "CREATE WAREHOUSE IF NOT EXISTS dbt")
    yield Dbt(tmp_path_factory.mktemp("dbt"), snowflake, "DBT_SHOP")
    snowflake.check("dbt_shop.public.spending", "dbt_shop.public.order_log")
    snowflake.run("DROP DATABASE dbt_shop")


def test_debug(dbt):
    assert "All checks passed!" in dbt.run("debug")


def test_build(dbt):
    dbt.run("seed")
    assert dbt.statuses() == {"customers": "success", "orders": "success"}
    dbt.run("run")
    assert dbt.statuses() == {"spending": "success", "large_orders": "success", "order_log": "success", "spending_live": "success"}
    dbt.run("test")
    assert set(dbt.statuses().values()) == {"pass"}
    assert len(dbt.statuses()) == 7
    rows = dbt.rows("SELECT customer_id, name, total, orders FROM dbt_shop.public.spending ORDER BY 1")
    assert rows == [["1", "Ann", "15.75", "2"], ["2", "Bob", "100.00", "1"], ["3", "Cem", "0.00", "1"]]
    assert dbt.rows("SELECT id FROM dbt_shop.public.large_orders ORDER BY 1") == [["1"], ["3"]]
    assert dbt.rows("SELECT customer_id, total FROM dbt_shop.public.spending_live WHERE total IS NOT NULL ORDER BY 1") == [
        ["1", "15.75"], ["2", "100.00"]]


def test_second_run(dbt):
    """An incremental model merges by its key, a snapshot closes the row that changed and opens another."""
    dbt.run("snapshot")
    dbt.seed("customers", "id,name,tier\n1,Ann,gold\n2,Bob,gold\n3,Cem,basic\n")
    dbt.seed("orders", "id,customer_id,placed,amount\n1,1,2024-01-01,99\n3,2,2024-01-02,100\n4,3,2024-01-05,7\n5,3,2024-01-06,8\n")
    dbt.run("build", "--vars", "run: second")
    assert dbt.statuses()["order_log"] == "success"
    assert dbt.rows("SELECT id, amount, loaded_by FROM dbt_shop.public.order_log ORDER BY id") == [
        ["1", "10.50", "first"], ["2", "5.25", "first"], ["3", "100.00", "first"], ["4", "7.00", "second"], ["5", "8.00", "second"]]
    assert dbt.rows("SELECT id, tier, dbt_valid_to IS NULL FROM dbt_shop.public.customer_history ORDER BY id, dbt_valid_from") == [
        ["1", "gold", "True"], ["2", "basic", "False"], ["2", "gold", "True"], ["3", "basic", "True"]]
    assert dbt.rows("SELECT a.dbt_valid_to = b.dbt_valid_from FROM dbt_shop.public.customer_history a, dbt_shop.public.customer_history b "
                    "WHERE a.id = 2 AND b.id = 2 AND a.tier = 'basic' AND b.tier = 'gold'") == [["True"]]
    # What it makes on the way is gone with its sessions.
    assert dbt.rows("SELECT table_name FROM dbt_shop.information_schema.tables WHERE CONTAINS(LOWER(table_name), '__dbt_tmp')") == []


def test_documentation(dbt):
    dbt.run("docs", "generate")
    catalog = json.loads((dbt.directory / "project" / "target" / "catalog.json").read_text())
    assert catalog["errors"] is None
    nodes = {name.split(".")[2]: node for name, node in catalog["nodes"].items()}
    assert {"customers", "orders", "spending", "large_orders", "order_log", "spending_live"} <= set(nodes)
    assert nodes["spending"]["metadata"]["comment"] == "What each customer's orders come to"
    columns = nodes["spending"]["columns"]
    assert [name for name, column in sorted(columns.items(), key=lambda item: item[1]["index"])] == [
        "CUSTOMER_ID", "NAME", "TOTAL", "ORDERS"]
    assert columns["CUSTOMER_ID"]["comment"] == "Whose" and columns["CUSTOMER_ID"]["type"] == "NUMBER"
    assert nodes["spending"]["stats"]["row_count"]["value"] == 3
    assert nodes["spending_live"]["metadata"]["type"] == "DYNAMIC TABLE"


def test_a_failing_test_is_told(dbt):
    dbt.seed("orders", "id,customer_id,placed,amount\n1,9,2024-01-09,1\n")
    dbt.run("build", "--select", "orders", "order_log", "--vars", "run: third", expected=1)
    assert sorted(dbt.statuses().values()) == ["fail", "pass", "success", "success"]


def test_full_refresh(dbt):
    dbt.seed("orders", "id,customer_id,placed,amount\n7,1,2024-01-09,1\n")
    dbt.run("build", "--full-refresh", "--select", "orders", "order_log", "spending_live")
    assert dbt.rows("SELECT id, loaded_by FROM dbt_shop.public.order_log") == [["7", "first"]]
    assert dbt.rows("SELECT customer_id, total FROM dbt_shop.public.spending_live") == [["1", "1.00"]]
