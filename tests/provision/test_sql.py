# SPDX-License-Identifier: Apache-2.0
"""`tarn sql`: scripts and statements against the warehouse."""

import csv
import io
import json
import signal
import subprocess

import pytest

from tarn_program import TarnProgram
from support.waiting import wait_for
from test_warehouse import ENDLESS


@pytest.fixture(scope="module")
def up():
    program = TarnProgram()
    try:
        program.ok("up")
        yield program
    finally:
        program.remove()


def script(up, text):
    path = up.home / "script.sql"
    path.write_text(text)
    return str(path)


def test_needs_a_warehouse(tarn):
    error = tarn.fails("sql", "-c", "SELECT 1")
    assert "does not run" in error and "tarn up" in error


def test_tables_with_times(up):
    out = up.ok("sql", "-c", "SELECT 7 AS seven, NULL AS \"none\", 'ä\nb' AS t; SELECT 1 WHERE false")
    lines = out.splitlines()
    assert lines[0].split() == ["SEVEN", "|", "none", "|", "T"]
    assert lines[2].split() == ["7", "|", "|", "ä+"] and lines[3].split() == ["|", "|", "b"]
    assert lines[4] == "(1 row)" and "(0 rows)" in lines
    assert sum(line.startswith("Time: ") for line in lines) == 2


def test_csv(up):
    out = up.ok("sql", "--format", "csv", "-c", "SELECT 'a,\"b\"' AS \"x\", '' AS \"y\", NULL AS \"z\", 1.50 AS \"n\"")
    assert list(csv.reader(io.StringIO(out))) == [["x", "y", "z", "n"], ["a,\"b\"", "", "", "1.50"]]
    assert out.splitlines()[1].endswith('"",,1.50')


def test_json(up):
    out = up.ok("sql", "--format", "json", "-c",
                "SELECT 12345678901234567890 AS \"n\", true AS \"b\", NULL AS \"z\", 'ä\\n\"' AS \"t\"")
    assert json.loads(out) == [{"n": 12345678901234567890, "b": True, "z": None, "t": "ä\n\""}]
    assert json.loads(up.ok("sql", "--format", "json", "-c", "SELECT 1 WHERE false")) == []


def test_strings_are_snowflakes(up):
    """Backslashes escape, and dollar quotes do not end at semicolons."""
    out = up.ok("sql", "--format", "json", "-c", r"SELECT 'it\'s' AS a, $$one; 'two'$$ AS b")
    assert json.loads(out) == [{"A": "it's", "B": "one; 'two'"}]


def test_statements_without_rows_say_what_they_did(up):
    assert "Database SAID successfully created." in up.ok("sql", "-c", "CREATE DATABASE said")


def test_first_error_ends_a_script(up):
    path = script(up, "-- a comment; with a semicolon\nSELECT 1 AS first;\n\nSELECT 2,\n  nosuch;\nSELECT 3 AS third;\n")
    done = up.run("sql", "-f", path)
    assert done.returncode == 1
    assert "FIRST" in done.stdout and "THIRD" not in done.stdout
    assert f"{path}:5: ERROR:" in done.stderr and "LINE 5:   nosuch;\n" in done.stderr
    assert done.stderr.splitlines()[-1].index("^") == len("LINE 5:   ")


def test_continue_goes_on_and_fails_all_the_same(up):
    done = up.run("sql", "--continue", "--format", "csv", "-f", script(up, "SELECT x;\nSELECT 3 AS third;\n"))
    assert done.returncode == 1 and "THIRD" in done.stdout and ":1: ERROR" in done.stderr


def test_texts_that_cannot_be_split(up):
    done = up.run("sql", "-f", script(up, "SELECT 1;\nSELECT 'open;\n"))
    assert done.returncode == 1 and done.stdout == "" and "ERROR:" in done.stderr


def test_standard_input(up):
    done = subprocess.run([up.program, "sql", "--format", "csv"], input="SELECT 1 AS a; SELECT 2 AS b", text=True,
                          env=up.environment, capture_output=True, check=True)
    assert done.stdout.split() == ["A", "1", "B", "2"]


def test_roles_and_databases(up):
    up.ok("sql", "-c", "CREATE DATABASE IF NOT EXISTS mine")
    out = up.ok("sql", "--role", "public", "-d", "mine", "--format", "csv", "-c", "SELECT current_role()")
    assert out.split() == ["CURRENT_ROLE()", "PUBLIC"]
    assert "Role 'nosuch' does not exist" in up.run("sql", "--role", "nosuch", "-c", "SELECT 1").stderr


def test_missing_file(up):
    assert "does not exist" in up.fails("sql", "-f", "/nonexistent.sql")


def test_rows_stream(up):
    """The first rows are there while the last ones are far away."""
    process = up.start("sql", "--format", "csv", "-c",
                       "SELECT 1 AS n FROM TABLE(GENERATOR(ROWCOUNT => 1000000000000))")
    try:
        assert [process.stdout.readline().strip() for _ in range(3)] == ["N", "1", "1"]
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()


def test_interrupt_cancels_the_statement(up):
    process = up.start("sql", "-c", "SELECT 'begun' AS b", "-c", ENDLESS, "-c", "SELECT 'after' AS a")
    while "Time:" not in process.stdout.readline():
        pass

    def ended():
        process.send_signal(signal.SIGINT)
        return process.poll() is not None

    wait_for(ended, "the statement goes on")
    out, err = process.communicate()
    assert process.returncode == 1 and "canceling statement due to user request" in err and "after" not in out
    assert up.ok("sql", "--format", "csv", "-c", "SELECT 1 AS a").split() == ["A", "1"]
