# SPDX-License-Identifier: Apache-2.0
"""Values of every type as the client's own types, in both forms of results (Snowflake, "Summary of data types")."""

import datetime as dt
import json
from decimal import Decimal

import pytest

UTC = dt.timezone.utc
FIXED, REAL, TEXT, DATE, VARIANT, TIMESTAMP_LTZ, TIMESTAMP_TZ, TIMESTAMP_NTZ = 0, 1, 2, 3, 5, 6, 7, 8
OBJECT, ARRAY, BINARY, TIME, BOOLEAN = 9, 10, 11, 12, 13

VALUES = [
    ("1::NUMBER(38, 0)", FIXED, 1),
    ("-128::NUMBER(3, 0)", FIXED, -128),
    ("9223372036854775807::NUMBER(38, 0)", FIXED, 9223372036854775807),
    ("99999999999999999999999999999999999999::NUMBER(38, 0)", FIXED, 10**38 - 1),
    ("-99999999999999999999999999999999999999::NUMBER(38, 0)", FIXED, 1 - 10**38),
    ("-12.34::NUMBER(12, 2)", FIXED, Decimal("-12.34")),
    ("0.01::NUMBER(38, 2)", FIXED, Decimal("0.01")),
    ("1.2345678901234567890123456789012345678::NUMBER(38, 37)", FIXED,
     Decimal("1.2345678901234567890123456789012345678")),
    ("1.5::FLOAT", REAL, 1.5),
    ("1e300::FLOAT", REAL, 1e300),
    ("-0.1::FLOAT", REAL, -0.1),
    ("'inf'::FLOAT", REAL, float("inf")),
    ("'-inf'::FLOAT", REAL, float("-inf")),
    ("'text'", TEXT, "text"),
    ("''", TEXT, ""),
    ("'ünï ☃ 😀 \"quoted\" back\\\\slash'", TEXT, 'ünï ☃ 😀 "quoted" back\\slash'),
    ("TRUE", BOOLEAN, True),
    ("FALSE", BOOLEAN, False),
    ("'2024-02-29'::DATE", DATE, dt.date(2024, 2, 29)),
    ("'1969-12-31'::DATE", DATE, dt.date(1969, 12, 31)),
    ("'0001-01-01'::DATE", DATE, dt.date(1, 1, 1)),
    ("'9999-12-31'::DATE", DATE, dt.date(9999, 12, 31)),
    ("'12:34:56.789'::TIME(3)", TIME, dt.time(12, 34, 56, 789000)),
    ("'12:34:56'::TIME(0)", TIME, dt.time(12, 34, 56)),
    ("'23:59:59.999999'::TIME(9)", TIME, dt.time(23, 59, 59, 999999)),
    ("'00:00:00'::TIME", TIME, dt.time(0)),
    ("'2024-01-01 12:00:00.123456'::TIMESTAMP_NTZ(9)", TIMESTAMP_NTZ, dt.datetime(2024, 1, 1, 12, 0, 0, 123456)),
    ("'2024-01-01 12:00:00.123'::TIMESTAMP_NTZ(3)", TIMESTAMP_NTZ, dt.datetime(2024, 1, 1, 12, 0, 0, 123000)),
    ("'2024-01-01 12:00:00'::TIMESTAMP_NTZ(0)", TIMESTAMP_NTZ, dt.datetime(2024, 1, 1, 12)),
    ("'1969-12-31 23:59:59.5'::TIMESTAMP_NTZ(3)", TIMESTAMP_NTZ, dt.datetime(1969, 12, 31, 23, 59, 59, 500000)),
    ("'1969-12-31 23:59:59.5'::TIMESTAMP_NTZ(9)", TIMESTAMP_NTZ, dt.datetime(1969, 12, 31, 23, 59, 59, 500000)),
    ("'1900-01-01 00:00:00.25'::TIMESTAMP_NTZ(6)", TIMESTAMP_NTZ, dt.datetime(1900, 1, 1, 0, 0, 0, 250000)),
    ("'2024-07-01 12:00:00.5 +00:00'::TIMESTAMP_LTZ(9)", TIMESTAMP_LTZ,
     dt.datetime(2024, 7, 1, 12, 0, 0, 500000, UTC)),
    ("'2024-07-01 12:00:00.5 +05:30'::TIMESTAMP_TZ(9)", TIMESTAMP_TZ,
     dt.datetime(2024, 7, 1, 12, 0, 0, 500000, dt.timezone(dt.timedelta(minutes=330)))),
    ("'2024-07-01 12:00:00.5 -08:00'::TIMESTAMP_TZ(3)", TIMESTAMP_TZ,
     dt.datetime(2024, 7, 1, 12, 0, 0, 500000, dt.timezone(dt.timedelta(hours=-8)))),
    ("'2024-07-01 12:00:00 +01:00'::TIMESTAMP_TZ(0)", TIMESTAMP_TZ,
     dt.datetime(2024, 7, 1, 12, tzinfo=dt.timezone(dt.timedelta(hours=1)))),
    ("X'00FF10'", BINARY, b"\x00\xff\x10"),
    ("X''", BINARY, b""),
]
NULLS = ["NUMBER(38, 0)", "NUMBER(12, 2)", "FLOAT", "VARCHAR", "BOOLEAN", "DATE", "TIME", "TIMESTAMP_NTZ",
         "TIMESTAMP_NTZ(3)", "TIMESTAMP_LTZ", "TIMESTAMP_TZ", "TIMESTAMP_TZ(3)", "BINARY", "VARIANT", "OBJECT", "ARRAY"]


@pytest.mark.parametrize("text, code, expected", VALUES, ids=[text for text, _, _ in VALUES])
def test_value(either, text, code, expected):
    cursor = either.cursor().execute(f"SELECT {text} AS v")
    assert cursor.description[0].type_code == code
    row, = cursor.fetchall()
    assert row == (expected,)
    if code != BINARY:  # the older client gives a bytearray where rows are Arrow
        assert type(row[0]) is type(expected)
    if isinstance(expected, dt.datetime) and code == TIMESTAMP_TZ:
        assert row[0].utcoffset() == expected.utcoffset()


def test_not_a_number(either, query):
    (value,), = query(either, "SELECT 'NaN'::FLOAT")
    assert value != value


@pytest.mark.parametrize("text, code, expected", [
    ("PARSE_JSON('{\"a\": [1, 2.5, null, true, \"x\"]}')", VARIANT, {"a": [1, 2.5, None, True, "x"]}),
    ("OBJECT_CONSTRUCT('k', 1)", OBJECT, {"k": 1}),
    ("ARRAY_CONSTRUCT(1, 'two', 3.5)", ARRAY, [1, "two", 3.5]),
    ("PARSE_JSON('null')", VARIANT, None),
])
def test_semistructured(either, text, code, expected):
    cursor = either.cursor().execute(f"SELECT {text}")
    assert cursor.description[0].type_code == code
    assert json.loads(cursor.fetchone()[0]) == expected


def test_nulls(either, query):
    columns = ", ".join(f"NULL::{kind}" for kind in NULLS)
    assert query(either, f"SELECT {columns}, NULL") == [(None,) * (len(NULLS) + 1)]
    mixed = query(either, "SELECT column1, column2, column3 FROM VALUES (1, 'a', '2024-01-01'::TIMESTAMP_TZ), "
                          "(NULL, NULL, NULL), (3, 'c', '2024-01-03'::TIMESTAMP_TZ) ORDER BY 1 NULLS LAST")
    assert [(row[0], row[1], row[2] is None) for row in mixed] == [(1, "a", False), (3, "c", False), (None, None, True)]


def test_empty_result(either):
    cursor = either.cursor().execute("SELECT 1 AS a, 'x' AS b WHERE 1 = 0")
    assert cursor.fetchall() == []
    assert cursor.rowcount == 0
    assert [column.name for column in cursor.description] == ["A", "B"]


def test_description(either):
    cursor = either.cursor().execute("SELECT 1::NUMBER(12, 2) AS n, 'x'::VARCHAR(10) AS s, '1:00'::TIME(3) AS t")
    number, text, time = cursor.description
    assert (number.name, number.precision, number.scale) == ("N", 12, 2)
    assert (text.name, text.internal_size) == ("S", 10)
    assert time.scale == 3
    described = either.cursor().describe("SELECT 1::NUMBER(12, 2) AS n, 'x'::VARCHAR(10) AS s")
    assert [(column.name, column.type_code) for column in described] == [("N", FIXED), ("S", TEXT)]


BOUND = [
    ("NUMBER(38, 0)", 7), ("NUMBER(38, 0)", 10**30), ("NUMBER(12, 2)", Decimal("-1.25")), ("FLOAT", 0.1),
    ("VARCHAR", "a'b\\c ☃"), ("VARCHAR", ""), ("BOOLEAN", True), ("BOOLEAN", False), ("BINARY", b"\x00\x01\xff"),
    ("DATE", dt.date(1969, 7, 20)), ("TIME", dt.time(1, 2, 3, 456789)),
    ("TIMESTAMP_NTZ", dt.datetime(1969, 7, 20, 20, 17, 40, 123456)),
    ("VARCHAR", None), ("NUMBER(38, 0)", None), ("TIMESTAMP_NTZ", None),
]


@pytest.mark.parametrize("style", ["pyformat", "qmark", "numeric"])
def test_bound_values(connect, style):
    connection = connect(paramstyle=style)
    placeholder = {"pyformat": "%s", "qmark": "?", "numeric": ":1"}[style]
    for kind, value in BOUND:
        row, = connection.cursor().execute(f"SELECT {placeholder}::{kind}", (value,)).fetchall()
        assert row == (value,), (kind, value)


@pytest.mark.parametrize("style", ["pyformat", "qmark"])
def test_stored_values(connect, query, style):
    connection = connect(paramstyle=style)
    query(connection, "CREATE OR REPLACE TABLE stored (k INT, n NUMBER(12, 2), f FLOAT, s VARCHAR, b BOOLEAN, "
                      "y BINARY, d DATE, t TIME, ts TIMESTAMP_NTZ)")
    rows = [(1, Decimal("1.25"), 0.5, "x", True, b"\x01", dt.date(2024, 1, 2), dt.time(3, 4, 5),
             dt.datetime(2024, 1, 2, 3, 4, 5, 678901)),
            # Beside a null the older client binds texts: no text is a binary value, and of a time it is nanoseconds
            # that Snowflake takes for milliseconds.
            (2,) + (None,) * 4 + (b"", None, dt.time(23, 59, 59), None)]
    marks = ", ".join(["%s" if style == "pyformat" else "?"] * 9)
    cursor = connection.cursor()
    cursor.executemany(f"INSERT INTO stored VALUES ({marks})", rows)
    assert cursor.rowcount == 2
    assert query(connection, "SELECT * FROM stored ORDER BY k") == rows


def test_zoned_values(connect, query):
    connection = connect(paramstyle="qmark")
    moment = dt.datetime(2024, 1, 2, 3, 4, 5, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    query(connection, "CREATE OR REPLACE TABLE zoned (l TIMESTAMP_LTZ, z TIMESTAMP_TZ)")
    query(connection, "INSERT INTO zoned VALUES (?, ?)", (("TIMESTAMP_LTZ", moment), ("TIMESTAMP_TZ", moment)))
    (local, zoned), = query(connection, "SELECT * FROM zoned")
    assert local == moment and zoned == moment
