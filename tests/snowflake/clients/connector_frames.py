# SPDX-License-Identifier: Apache-2.0
"""Whole results: data frames, Arrow tables, and results too large for one answer."""

import datetime as dt
from decimal import Decimal

import pandas
import pytest


def test_frame(connection):
    frame = connection.cursor().execute(
        "SELECT column1 AS n, column2::NUMBER(12, 2) AS price, column3 AS s, column4::TIMESTAMP_NTZ AS ts, column5 AS b, "
        "column6::DATE AS d FROM VALUES (1, 1.25, 'a', '2024-01-01 01:02:03.5', TRUE, '2024-01-02'), "
        "(2, -3.5, NULL, NULL, FALSE, NULL) ORDER BY 1").fetch_pandas_all()
    assert list(frame.columns) == ["N", "PRICE", "S", "TS", "B", "D"]
    assert str(frame["N"].dtype).startswith("int") and frame["N"].tolist() == [1, 2]
    assert frame["PRICE"].astype(float).tolist() == [1.25, -3.5]
    assert frame["S"][0] == "a" and pandas.isna(frame["S"][1])
    assert frame["TS"][0] == pandas.Timestamp("2024-01-01 01:02:03.5") and pandas.isna(frame["TS"][1])
    assert frame["B"].tolist() == [True, False]
    assert frame["D"][0] == dt.date(2024, 1, 2)


def test_empty_frame(connection):
    frame = connection.cursor().execute("SELECT 1 AS a, 'x' AS b WHERE FALSE").fetch_pandas_all()
    assert list(frame.columns) == ["A", "B"] and len(frame) == 0


def test_arrow(connection):
    table = connection.cursor().execute("SELECT 1 AS a, 'x' AS b, NULL::VARCHAR AS c").fetch_arrow_all()
    assert table.num_rows == 1 and table.column_names == ["A", "B", "C"]
    assert table.to_pydict()["B"] == ["x"]


ROWS = 200_000
LARGE = f"""SELECT seq8() AS n, 'row ' || n AS s, (n / 100)::NUMBER(20, 2) AS amount,
                   DATEADD(second, n, '2024-01-01'::TIMESTAMP_NTZ) AS ts, IFF(n % 10 = 0, NULL, n) AS holes
            FROM TABLE(GENERATOR(ROWCOUNT => {ROWS}))"""


@pytest.fixture(scope="module")
def large(database):
    import snowflake.connector
    from conftest import parameters
    connection = snowflake.connector.connect(**parameters(database=database, schema="PUBLIC"))
    connection.cursor().execute(
        f"CREATE OR REPLACE TABLE large AS SELECT row_number() OVER (ORDER BY 1) - 1 AS n, 'row ' || n AS s, "
        f"(n / 100)::NUMBER(20, 2) AS amount, DATEADD(second, n, '2024-01-01'::TIMESTAMP_NTZ) AS ts, "
        f"IFF(n % 10 = 0, NULL, n) AS holes FROM TABLE(GENERATOR(ROWCOUNT => {ROWS}))")
    connection.close()
    return "SELECT * FROM large ORDER BY n"


def test_large_result_by_row(either, large):
    cursor = either.cursor().execute(large)
    assert cursor.rowcount == ROWS
    expected = 0
    for n, s, amount, ts, holes in cursor:
        assert n == expected and s == f"row {n}" and amount == Decimal(n).scaleb(-2)
        assert holes == (None if n % 10 == 0 else n)
        expected += 1
    assert expected == ROWS
    assert ts == dt.datetime(2024, 1, 1) + dt.timedelta(seconds=ROWS - 1)


def test_large_frame(connection, large):
    cursor = connection.cursor().execute(large)
    frame = cursor.fetch_pandas_all()
    assert len(frame) == ROWS and frame["N"].tolist() == list(range(ROWS))
    assert frame["HOLES"].isna().sum() == ROWS // 10
    parts = list(connection.cursor().execute(large).fetch_pandas_batches())
    assert len(parts) > 1 and sum(len(part) for part in parts) == ROWS


def test_parts_outlive_the_session(connect, large):
    connection = connect()
    batches = connection.cursor().execute(large).get_result_batches()
    assert sum(batch.rowcount for batch in batches) == ROWS
    connection.close()
    assert sum(len(list(batch.create_iter())) for batch in batches[1:3]) == sum(b.rowcount for b in batches[1:3])


def test_result_is_not_read_to_its_end(connection, large):
    cursor = connection.cursor().execute(large)
    assert cursor.fetchone()[0] == 0
    cursor.close()
    assert connection.cursor().execute("SELECT 1").fetchall() == [(1,)]
