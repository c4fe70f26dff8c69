# SPDX-License-Identifier: Apache-2.0
"""COPY INTO tables from Parquet files that pyarrow wrote: every type, nested ones, nulls; what comes out is what pyarrow
was given."""

import datetime
import decimal
from contextlib import closing

import pyarrow
import pyarrow.parquet
import pytest

from tarn_program import query

UTC = datetime.timezone.utc
COLUMNS = {
    "small": pyarrow.array([1, None, -7], pyarrow.int8()),
    "big": pyarrow.array([2**62, None, 0], pyarrow.int64()),
    "unsigned": pyarrow.array([2**64 - 1, None, 0], pyarrow.uint64()),
    "amount": pyarrow.array([decimal.Decimal("12345.67"), None, decimal.Decimal("-0.10")], pyarrow.decimal128(18, 2)),
    "ratio": pyarrow.array([0.1, None, -2.5e300], pyarrow.float64()),
    "single": pyarrow.array([0.5, None, -2.0], pyarrow.float32()),
    "yes": pyarrow.array([True, None, False]),
    "text": pyarrow.array(["Zoë \"q\" \\ \n", None, ""]),
    "bytes": pyarrow.array([b"\x00\xff", None, b"plain"], pyarrow.binary()),
    "day": pyarrow.array([datetime.date(2026, 2, 28), None, datetime.date(1969, 12, 31)]),
    "clock": pyarrow.array([datetime.time(23, 59, 59, 123456), None, datetime.time(0)], pyarrow.time64("us")),
    "naive": pyarrow.array([datetime.datetime(2026, 1, 2, 3, 4, 5, 678901), None, datetime.datetime(1969, 12, 31)],
                           pyarrow.timestamp("us")),
    "nanos": pyarrow.array([datetime.datetime(2026, 1, 2, 3, 4, 5, 678901), None, datetime.datetime(1970, 1, 1)],
                           pyarrow.timestamp("ns")),
    "instant": pyarrow.array([datetime.datetime(2026, 7, 1, 12, tzinfo=UTC), None, datetime.datetime(1970, 1, 1, tzinfo=UTC)],
                             pyarrow.timestamp("us", tz="UTC")),
    "list": pyarrow.array([[1, None, 3], None, []], pyarrow.list_(pyarrow.int32())),
    "inner": pyarrow.array([{"k": 1, "t": "x"}, None, {"k": None, "t": "y"}]),
    "pairs": pyarrow.array([[("a", 1)], None, []], pyarrow.map_(pyarrow.string(), pyarrow.int64())),
}
TYPES = {"small": "INT", "big": "NUMBER(38, 0)", "unsigned": "NUMBER(38, 0)", "amount": "NUMBER(18, 2)", "ratio": "FLOAT",
         "single": "FLOAT", "yes": "BOOLEAN", "text": "VARCHAR", "bytes": "BINARY", "day": "DATE", "clock": "TIME",
         "naive": "TIMESTAMP_NTZ", "nanos": "TIMESTAMP_NTZ", "instant": "TIMESTAMP_LTZ"}


@pytest.fixture
def connection(tarn):
    """A stage outside, whose bucket is a directory, with one file of all types."""
    tarn.ok("up")
    bucket = tarn.data / "buckets" / "landing" / "in"
    bucket.mkdir(parents=True)
    pyarrow.parquet.write_table(pyarrow.table(COLUMNS), bucket / "all.parquet", row_group_size=2)
    with closing(tarn.warehouse()) as first:
        query(first, "CREATE DATABASE d")
    with closing(tarn.warehouse(dbname="d")) as opened:
        opened.autocommit = True
        with opened.cursor() as cursor:
            cursor.execute("CREATE STORAGE INTEGRATION landing TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE "
                           "STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::1:role/r' STORAGE_ALLOWED_LOCATIONS = ('s3://landing/')")
            cursor.execute("CREATE FILE FORMAT p TYPE = PARQUET BINARY_AS_TEXT = FALSE")
            cursor.execute("CREATE STAGE st URL = 's3://landing/in/' STORAGE_INTEGRATION = landing "
                           "FILE_FORMAT = (FORMAT_NAME = 'p')")
        yield opened


def test_every_type_by_name(connection):
    columns = ", ".join(f'"{name}" {type}' for name, type in TYPES.items())
    query(connection, f"CREATE TABLE t ({columns})")
    query(connection, "COPY INTO t FROM @st MATCH_BY_COLUMN_NAME = CASE_SENSITIVE")
    names = list(TYPES)
    rows = query(connection, "SELECT " + ", ".join(f'"{name}"' for name in names) + ' FROM t ORDER BY "yes" DESC NULLS LAST')
    for name, got in zip(names, zip(*rows)):
        values = COLUMNS[name].to_pylist()
        expected = [values[0], values[2], values[1]]
        if name == "nanos":
            expected = [value if value is None else datetime.datetime.fromisoformat(str(value)) for value in expected]
        got = [bytes(value) if isinstance(value, memoryview) else value for value in got]
        assert got == expected, name


def test_nested_values_are_documents(connection):
    rows = query(connection, 'SELECT TO_JSON($1:"list"), TO_JSON($1:"inner"), TO_JSON($1:"pairs") FROM @st '
                             'ORDER BY METADATA$FILE_ROW_NUMBER')
    assert rows == [("[1,null,3]", '{"k":1,"t":"x"}', '{"a":1}'), (None, None, None), ("[]", '{"t":"y"}', "{}")]


def test_the_schema_is_inferred(connection):
    rows = query(connection, "SELECT column_name, type FROM TABLE(INFER_SCHEMA(LOCATION => '@st', FILE_FORMAT => 'p')) "
                             "ORDER BY order_id")
    assert rows == [
        ("small", "NUMBER(38, 0)"), ("big", "NUMBER(38, 0)"), ("unsigned", "NUMBER(38, 0)"), ("amount", "NUMBER(18, 2)"),
        ("ratio", "REAL"), ("single", "REAL"), ("yes", "BOOLEAN"), ("text", "TEXT"), ("bytes", "BINARY"), ("day", "DATE"),
        ("clock", "TIME"), ("naive", "TIMESTAMP_NTZ"), ("nanos", "TIMESTAMP_NTZ"), ("instant", "TIMESTAMP_NTZ"),
        ("list", "VARIANT"), ("inner", "VARIANT"), ("pairs", "VARIANT")]
