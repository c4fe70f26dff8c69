# SPDX-License-Identifier: Apache-2.0
"""`tarn notebook`: cells of SQL and Python, as those of Snowflake's notebooks."""

import json
import subprocess

import pytest

from support import layout

PYTHON = layout.DEPS / "snowflake-snowpark" / "bin" / "python"

pytestmark = pytest.mark.interop


def cell(source, name=None, language=None):
    metadata = {key: value for key, value in {"name": name, "language": language}.items() if value}
    return {"cell_type": "code", "id": name or "x", "metadata": metadata, "outputs": [], "execution_count": None,
            "source": source.splitlines(keepends=True)}


@pytest.fixture
def run(snowflake, tmp_path):
    """run(cells, *options, status=0): what it printed, and the notebook with its results."""
    if not PYTHON.exists():
        pytest.skip("scripts/deps-snowflake.sh installs Snowpark")
    program = snowflake.program
    program.ok("sql", "-c", "CREATE OR REPLACE DATABASE book")

    def run_cells(cells, *options, status=0):
        file, output = tmp_path / "book.ipynb", tmp_path / "done.ipynb"
        document = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": {"name": "streamlit"}},
                    "cells": [{"cell_type": "markdown", "metadata": {}, "source": ["# told"]}, *cells]}
        file.write_text(json.dumps(document))
        done = subprocess.run(
            [program.program, "notebook", file, "--database", "book", "--output", output, *options],
            env={**program.environment, "TARN_PYTHON": str(PYTHON)}, capture_output=True, text=True, timeout=120)
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout, done.stderr, json.loads(output.read_text())["cells"] if output.exists() else None

    return run_cells


def test_sql_and_python_share_a_session(run):
    """The calls of the change data capture document's notebook: statements in a row, a dynamic table, its rows."""
    out, _, cells = run([
        cell("CREATE OR REPLACE TABLE customers (id INT, age INT);\n-- two of them\nINSERT INTO customers VALUES (1, 30), (2, 40);",
             "create_db_objects", "sql"),
        cell("CREATE OR REPLACE DYNAMIC TABLE summary TARGET_LAG = '1 minute' WAREHOUSE = compute_wh AS\n"
             "SELECT COUNT(*) AS customers, SUM(age) AS years FROM customers;\nSELECT * FROM summary;", "create_dynamic_table", "sql"),
        cell("from snowflake.snowpark.context import get_active_session\n"
             "assert get_active_session() is session\nyears = create_dynamic_table.to_pandas().iloc[0, 1]\nint(years) + 1", "read"),
        cell("SELECT years + {{int(years)}} AS twice FROM {{create_dynamic_table}}", "again", "sql"),
        cell("%%sql -r named\nSELECT 'x' AS t"),
        cell("session.table('customers').order_by('id')\n", "frame"),
        cell("named.to_df().collect()[0].T", "use_named"),
        cell("-- DROP TABLE customers;", "clean_up")])
    texts = {known["metadata"].get("name"): "".join(text for output in known["outputs"] for text in output["text"])
             for known in cells if known["cell_type"] == "code"}
    assert "Table CUSTOMERS successfully created." in texts["create_db_objects"] and "number of rows inserted" in texts["create_db_objects"]
    assert texts["create_dynamic_table"].splitlines()[-3:] == ["CUSTOMERS | YEARS", "----------+------", "2         | 70"]
    assert texts["read"] == "71\n"
    assert texts["again"].splitlines()[-1].strip() == "140"
    assert "30" in texts["frame"] and "40" in texts["frame"]
    assert texts["use_named"] == "'x'\n"
    assert texts["clean_up"] == ""
    assert "== read ==\n71\n" in out
    assert [known["execution_count"] for known in cells[1:]] == list(range(1, 9))


def test_one_cell(run):
    cells = [cell("SELECT 1 AS a", "first", "sql"), cell("SELECT 2 AS b", "second", "sql")]
    out, _, _ = run(cells, "--cell", "second")
    assert out == "== second ==\nB\n-\n2\n"
    _, err, _ = run(cells, "--cell", "third", status=1)
    assert 'the notebook has no cell "third"' in err and "first, second" in err


def test_the_first_failure_ends_it(run):
    cells = [cell("SELECT 1 AS a", "fine", "sql"), cell("SELECT * FROM nowhere", "wrong", "sql"), cell("SELECT 2 AS b", "later", "sql")]
    out, err, done = run(cells, status=1)
    assert "== fine ==" in out and "later" not in out
    assert err.startswith("ERROR:  cell wrong: ProgrammingError") and "NOWHERE" in err
    assert done[1]["outputs"] and not done[3]["outputs"]
    _, err, _ = run([cell("a = 1\nb = a / 0\n", "divides")], status=1)
    assert err == "ERROR:  cell divides, line 2: ZeroDivisionError: division by zero\n"


def test_what_is_no_notebook_is_said(snowflake, tmp_path):
    assert 'file "nothing.ipynb" does not exist' in snowflake.program.fails("notebook", "nothing.ipynb")
