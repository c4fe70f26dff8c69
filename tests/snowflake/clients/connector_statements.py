# SPDX-License-Identifier: Apache-2.0
"""What statements tell of themselves: counts, statuses, errors, several at once, asynchronous ones."""

import threading
import time

import pytest
from snowflake.connector import DictCursor
from snowflake.connector import __version__ as VERSION
from snowflake.connector.errors import DatabaseError, ProgrammingError


def test_counts(connection):
    cursor = connection.cursor()
    cursor.execute("CREATE OR REPLACE TABLE counted (k INT, v VARCHAR)")
    assert cursor.fetchall() == [("Table COUNTED successfully created.",)]
    cursor.execute("INSERT INTO counted VALUES (1, 'a'), (2, 'b'), (3, 'c')")
    assert (cursor.rowcount, cursor.fetchall()) == (3, [(3,)])
    assert cursor.description[0].name == "number of rows inserted"
    cursor.execute("UPDATE counted SET v = 'z' WHERE k > 1")
    assert (cursor.rowcount, cursor.fetchall()) == (2, [(2, 0)])
    cursor.execute("MERGE INTO counted USING (SELECT 3 AS k UNION ALL SELECT 4) s ON counted.k = s.k "
                   "WHEN MATCHED THEN UPDATE SET v = 'm' WHEN NOT MATCHED THEN INSERT VALUES (s.k, 'n')")
    assert (cursor.rowcount, cursor.fetchall()) == (2, [(1, 1)])
    cursor.execute("DELETE FROM counted WHERE k < 3")
    assert (cursor.rowcount, cursor.fetchall()) == (2, [(2,)])
    cursor.execute("SELECT * FROM counted ORDER BY k")
    assert (cursor.rowcount, cursor.fetchall()) == (2, [(3, "m"), (4, "n")])
    cursor.execute("DROP TABLE counted")
    assert cursor.fetchall() == [("COUNTED successfully dropped.",)]


def test_errors_have_codes(connection):
    with pytest.raises(ProgrammingError) as missing:
        connection.cursor().execute("SELECT *\n  FROM no_such_table")
    assert (missing.value.errno, missing.value.sqlstate) == (2003, "42S02")
    assert "NO_SUCH_TABLE" in missing.value.msg and missing.value.sfqid
    with pytest.raises(ProgrammingError) as syntax:
        connection.cursor().execute("SELEC 1")
    assert (syntax.value.errno, syntax.value.sqlstate) == (1003, "42000")
    with pytest.raises(ProgrammingError) as division:
        connection.cursor().execute("SELECT 1 / (column1 - 1) FROM VALUES (1)").fetchall()
    assert division.value.errno == 100051
    assert connection.cursor().execute("SELECT 1").fetchall() == [(1,)]


def test_refused_by_name(connection, tmp_path):
    (tmp_path / "a.csv").write_text("1\n")
    with pytest.raises(DatabaseError, match="stages of users"):
        connection.cursor().execute(f"PUT file://{tmp_path}/a.csv @~")


@pytest.mark.parametrize("rows", [1, 3, 2500])
def test_executemany(connect, rows):
    connection = connect(paramstyle="qmark")
    cursor = connection.cursor()
    cursor.execute("CREATE OR REPLACE TABLE many (n INT, s VARCHAR)")
    cursor.executemany("INSERT INTO many (n, s) VALUES (?, ?)", [(i, f"row {i}") for i in range(rows)])
    assert cursor.rowcount == rows
    cursor.execute("SELECT count(*), count(DISTINCT s), sum(n) FROM many")
    assert cursor.fetchall() == [(rows, rows, rows * (rows - 1) // 2)]
    cursor.executemany("UPDATE many SET s = ? WHERE n = ?", [("first", 0), ("none", -1)])
    assert cursor.rowcount == 1


def test_failed_executemany_leaves_nothing(connect):
    connection = connect(paramstyle="qmark")
    cursor = connection.cursor()
    cursor.execute("CREATE OR REPLACE TABLE whole (n INT)")
    with pytest.raises(DatabaseError):
        cursor.executemany("INSERT INTO whole (n) SELECT ?::INT", [("1",), ("x",)])
    assert cursor.execute("SELECT count(*) FROM whole").fetchall() == [(0,)]


def test_several_statements(connection):
    cursor = connection.cursor()
    cursor.execute("SELECT 1; SELECT 'two', 2; CREATE OR REPLACE TABLE third (n INT)", num_statements=3)
    assert cursor.fetchall() == [(1,)]
    assert cursor.nextset()
    assert cursor.fetchall() == [("two", 2)]
    assert cursor.nextset()
    assert cursor.fetchall() == [("Table THIRD successfully created.",)]
    assert not cursor.nextset()
    with pytest.raises(ProgrammingError) as count:
        connection.cursor().execute("SELECT 1; SELECT 2")
    assert count.value.errno == 8


def test_execute_string(connection):
    results = connection.execute_string("CREATE OR REPLACE TABLE scripted (n INT);\nINSERT INTO scripted VALUES (5);\n"
                                        "SELECT n FROM scripted;")
    assert [cursor.fetchall() for cursor in results][-1] == [(5,)]


def test_asynchronous(connection):
    cursor = connection.cursor()
    cursor.execute_async("SELECT count(*) FROM TABLE(GENERATOR(ROWCOUNT => 1000))")
    query_id = cursor.sfqid
    deadline = time.monotonic() + 30
    while connection.is_still_running(connection.get_query_status(query_id)):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert connection.get_query_status(query_id).name == "SUCCESS"
    other = connection.cursor()
    other.get_results_from_sfqid(query_id)
    assert other.fetchall() == [(1000,)]


def test_asynchronous_failure(connection):
    cursor = connection.cursor()
    cursor.execute_async("SELECT * FROM no_such_table")
    deadline = time.monotonic() + 30
    while connection.is_still_running(connection.get_query_status(cursor.sfqid)):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    with pytest.raises(ProgrammingError, match="NO_SUCH_TABLE"):
        connection.get_query_status_throw_if_error(cursor.sfqid)


SLOW = "SELECT count(*) FROM TABLE(GENERATOR(ROWCOUNT => 200000)) a, TABLE(GENERATOR(ROWCOUNT => 2000000)) b"


@pytest.mark.skipif(int(VERSION.split(".")[0]) > 4, reason="the newer client takes timeout= and does nothing with it")
def test_timeout_cancels(connection):
    started = time.monotonic()
    with pytest.raises(ProgrammingError) as cancelled:
        connection.cursor().execute(SLOW, timeout=2)
    assert time.monotonic() - started < 20
    assert cancelled.value.errno == 604
    assert connection.cursor().execute("SELECT 1").fetchall() == [(1,)]


def test_statement_timeout(connection):
    started = time.monotonic()
    with pytest.raises(ProgrammingError) as over:
        connection.cursor().execute(SLOW, _statement_params={"STATEMENT_TIMEOUT_IN_SECONDS": 2})
    assert time.monotonic() - started < 20
    assert over.value.errno == 630
    assert connection.cursor().execute("SHOW PARAMETERS LIKE 'STATEMENT_TIMEOUT_IN_SECONDS'").fetchall()[0][1] != "2"


def test_abort_by_id(connect):
    connection, other = connect(), connect()
    cursor = connection.cursor()
    cursor.execute_async(SLOW)
    time.sleep(0.5)
    assert connection.cursor().abort_query(cursor.sfqid)
    assert not connection.is_still_running(connection.get_query_status(cursor.sfqid))
    assert connection.is_an_error(connection.get_query_status(cursor.sfqid))
    assert other.cursor().execute("SELECT 1").fetchall() == [(1,)]


def test_threads_share_a_session(connection):
    results = []

    def ask(number):
        results.append(connection.cursor().execute(f"SELECT {number}").fetchall()[0][0])

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == list(range(8))


def test_dictionaries_and_query_ids(connection):
    cursor = connection.cursor(DictCursor)
    assert cursor.execute("SELECT 1 AS one, 'x' AS \"two\"").fetchall() == [{"ONE": 1, "two": "x"}]
    again = connection.cursor().execute(f"SELECT * FROM TABLE(RESULT_SCAN('{cursor.sfqid}'))")
    assert again.fetchall() == [(1, "x")]


def test_show(connection, database):
    connection.cursor().execute("CREATE OR REPLACE TABLE listed (n INT)")
    rows = connection.cursor(DictCursor).execute("SHOW TABLES LIKE 'LISTED'").fetchall()
    assert [(row["name"], row["database_name"]) for row in rows] == [("LISTED", database)]
    described = connection.cursor().execute("DESCRIBE TABLE listed").fetchall()
    assert described[0][:2] == ("N", "NUMBER(38,0)")
