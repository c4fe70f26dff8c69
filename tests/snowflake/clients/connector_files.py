# SPDX-License-Identifier: Apache-2.0
"""PUT, GET and write_pandas."""

import datetime as dt
import decimal
import gzip

import pandas
import pytest
from snowflake.connector.pandas_tools import write_pandas


@pytest.fixture
def stage(connection):
    connection.cursor().execute("CREATE OR REPLACE STAGE files")
    return connection


def names(connection, stage="files"):
    return sorted(row[0] for row in connection.cursor().execute(f"LIST @{stage}").fetchall())


def test_put_packs_and_get_brings_back(stage, tmp_path, query):
    (tmp_path / "a b.csv").write_text("1,x\n2,y\n")
    rows = query(stage, f"PUT 'file://{tmp_path}/a b.csv' @files")
    assert [(row[0], row[1], row[6]) for row in rows] == [("a b.csv", "a b.csv.gz", "UPLOADED")]
    assert names(stage) == ["files/a b.csv.gz"]
    stage.cursor().execute("CREATE OR REPLACE TABLE put_rows (i INT, v VARCHAR)")
    stage.cursor().execute("COPY INTO put_rows FROM @files")
    assert query(stage, "SELECT * FROM put_rows ORDER BY i") == [(1, "x"), (2, "y")]
    target = tmp_path / "back"
    target.mkdir()
    rows = query(stage, f"GET @files file://{target}")
    assert [(row[0], row[2]) for row in rows] == [("a b.csv.gz", "DOWNLOADED")]
    assert gzip.decompress((target / "a b.csv.gz").read_bytes()) == b"1,x\n2,y\n"


def test_several_files_keep_their_names(stage, tmp_path, query):
    for number in range(5):
        (tmp_path / f"part{number}.txt").write_text(f"{number}\n" * (number + 1))
    (tmp_path / "other.txt").write_text("other")
    rows = query(stage, f"PUT file://{tmp_path}/part*.txt @files/in/er AUTO_COMPRESS = FALSE PARALLEL = 3")
    assert [row[6] for row in rows] == ["UPLOADED"] * 5
    assert names(stage) == [f"files/in/er/part{number}.txt" for number in range(5)]
    assert [row[1] for row in sorted(stage.cursor().execute("LIST @files").fetchall())] == [2 * (number + 1) for number in range(5)]
    target = tmp_path / "back"
    target.mkdir()
    query(stage, f"GET @files/in/er/ file://{target} PATTERN = '.*[234].txt'")
    assert {path.name: path.read_text() for path in target.iterdir()} == {
        f"part{number}.txt": f"{number}\n" * (number + 1) for number in (2, 3, 4)}


def test_large_files(stage, tmp_path, query):
    # Beyond what the server takes of a request in memory.
    content = bytes(range(256)) * (40 * 4096)
    (tmp_path / "large.bin").write_bytes(content)
    query(stage, f"PUT file://{tmp_path}/large.bin @files AUTO_COMPRESS = FALSE")
    assert [row[1] for row in stage.cursor().execute("LIST @files").fetchall()] == [len(content)]
    target = tmp_path / "back"
    target.mkdir()
    query(stage, f"GET @files file://{target}")
    assert (target / "large.bin").read_bytes() == content


def test_a_file_is_replaced_only_if_that_was_said(stage, tmp_path, query):
    file = tmp_path / "x.txt"
    target = tmp_path / "back"
    target.mkdir()
    file.write_text("old")
    put = f"PUT file://{file} @files AUTO_COMPRESS = FALSE"
    query(stage, put)
    assert query(stage, put)[0][6] in ("UPLOADED", "SKIPPED")  # the same file
    file.write_text("new")
    try:
        status = query(stage, put)[0][6]
    except Exception:
        status = "ERROR"
    assert status in ("SKIPPED", "ERROR")
    query(stage, f"GET @files file://{target}")
    assert (target / "x.txt").read_text() == "old"
    assert query(stage, put + " OVERWRITE = TRUE")[0][6] == "UPLOADED"
    query(stage, f"GET @files file://{target}")
    assert (target / "x.txt").read_text() == "new"


def test_rights_hold(stage, connect, tmp_path):
    (tmp_path / "x.txt").write_text("x")
    cursor = stage.cursor()
    for statement in ("CREATE ROLE IF NOT EXISTS looker", "GRANT ROLE looker TO USER admin", "GRANT USAGE ON DATABASE {0} TO ROLE looker",
                      "GRANT USAGE ON SCHEMA {0}.PUBLIC TO ROLE looker", "GRANT READ ON STAGE files TO ROLE looker"):
        cursor.execute(statement.format(stage.database))
    reader = connect(role="looker")
    reader.cursor().execute("USE SECONDARY ROLES NONE")
    with pytest.raises(Exception, match="rivileges"):
        reader.cursor().execute(f"PUT file://{tmp_path}/x.txt @files")
    assert names(stage) == []
    with pytest.raises(Exception, match="does not exist"):
        stage.cursor().execute(f"PUT file://{tmp_path}/x.txt @nothing")


FRAME = pandas.DataFrame({
    "ID": [1, 2, 3], "NAME": ["ann", None, "Zo\u00eb"], "AMOUNT": [1.5, None, -2.25], "YES": [True, False, None],
    "DAY": [dt.date(2026, 1, 2), None, dt.date(1969, 12, 31)],
    "AT": pandas.to_datetime(["2026-01-02 03:04:05.678901", None, "1970-01-01"], format="ISO8601"),
    "PRICE": [decimal.Decimal("10.50"), None, decimal.Decimal("-0.01")]})
ROWS = [(1, "ann", 1.5, True, dt.date(2026, 1, 2), dt.datetime(2026, 1, 2, 3, 4, 5, 678901), decimal.Decimal("10.50")),
        (2, None, None, False, None, None, None),
        (3, "Zo\u00eb", -2.25, None, dt.date(1969, 12, 31), dt.datetime(1970, 1, 1), decimal.Decimal("-0.01"))]


def test_write_pandas_into_a_table(connection, query):
    connection.cursor().execute("CREATE OR REPLACE TABLE framed (id INT, name VARCHAR, amount FLOAT, yes BOOLEAN, day DATE, "
                                "at TIMESTAMP_NTZ, price NUMBER(12, 2))")
    done = write_pandas(connection, FRAME, "FRAMED")
    assert (done[0], done[1], done[2]) == (True, 1, 3)
    assert query(connection, "SELECT * FROM framed ORDER BY id") == ROWS
    write_pandas(connection, FRAME, "FRAMED", chunk_size=1)
    assert query(connection, "SELECT COUNT(*), COUNT(DISTINCT id) FROM framed") == [(6, 3)]


def test_write_pandas_makes_the_table(connection, connect, query):
    write_pandas(connection, FRAME, "MADE", auto_create_table=True, overwrite=True)
    assert query(connection, 'SELECT "ID", "NAME", "AMOUNT", "YES", "DAY", "AT", "PRICE" FROM made ORDER BY 1') == ROWS
    write_pandas(connection, FRAME.head(1), "MADE", auto_create_table=True, overwrite=True)
    assert query(connection, "SELECT COUNT(*) FROM made") == [(1,)]
    write_pandas(connection, FRAME, "PASSING", auto_create_table=True, table_type="temp")
    assert query(connection, "SHOW TABLES LIKE 'PASSING'")[0][4] == "TEMPORARY"
    # What it uploads to is its session's.
    assert query(connect(), "SHOW STAGES LIKE '%PANDAS%'") == []
