# SPDX-License-Identifier: Apache-2.0
"""PyIceberg, DuckDB and Spark read what the heap twin has: every type, nested ones, and tables with a history."""

import psycopg2.extras
import pytest

from support.canonical import canonical_rows
from support.duckdb_reader import DuckDbReader
from support.twin import assert_twins

pytestmark = [pytest.mark.interop, pytest.mark.slow]

# (column, type, values). Reals are sums of powers of two: readers widen them.
SCALARS = [
    ("c_boolean", "boolean", ["true", "false"]),
    ("c_smallint", "smallint", ["-32768", "32767"]),
    ("c_int", "int", ["-2147483648", "2147483647"]),
    ("c_bigint", "bigint", ["-9223372036854775808", "9223372036854775807"]),
    ("c_real", "real", ["1.5", "-0.25"]),
    ("c_double", "double precision", ["0.1", "-1.7976931348623157e308"]),
    ("c_numeric", "numeric(10,2)", ["12345678.90", "-0.01"]),
    ("c_numeric18", "numeric(18,4)", ["99999999999999.9999", "-99999999999999.9999"]),
    ("c_numeric38", "numeric(38,10)", ["1234567890123456789012345678.0123456789", "-1"]),
    ("c_text", "text", ["Ärger 漢字 🦆", ""]),
    ("c_varchar", "varchar(20)", ["twenty characters ok", "x"]),
    ("c_bytea", "bytea", ["\\x00ff10", "\\x"]),
    ("c_uuid", "uuid", ["00112233-4455-6677-8899-aabbccddeeff", "ffffffff-ffff-ffff-ffff-ffffffffffff"]),
    ("c_date", "date", ["1969-12-31", "2024-02-29"]),
    ("c_timestamp", "timestamp", ["1969-12-31 23:59:59.999999", "2262-04-12 00:00:00"]),
    ("c_timestamptz", "timestamptz", ["2024-03-31 02:30:00+01", "1900-01-01 00:00:00+00"]),
    ("c_enum", "mood", ["glad", "sad"]),
    ("c_domain", "positive", ["1", "2147483647"]),
]
TIME = [("c_time", "time", ["00:00:00", "23:59:59.999999"])]
NESTED = [
    ("c_ints", "int[]", ["{1,NULL,3}", "{}"]),
    ("c_texts", "text[]", ['{"a","",NULL}', '{"{"}']),
    ("c_numerics", "numeric(10,2)[]", ["{1.50,-2.25}", "{NULL}"]),
    ("c_place", "place", ["(1,here)", "(,)"]),
    ("c_places", "place[]", ['{"(1,a)","(2,)"}', "{NULL}"]),
    ("c_visit", "visit", ['("(3,there)","{1,2}")', "(,)"]),
]


@pytest.fixture
def twins(conn):
    """lake and heap with all types: two rows of values and one of nulls."""
    return make_twins(conn, SCALARS + TIME + NESTED)


@pytest.fixture
def twins_without_time(conn):
    return make_twins(conn, SCALARS + NESTED)


def make_twins(conn, columns):
    with conn.cursor() as cursor:
        cursor.execute("""
            CREATE TYPE mood AS ENUM ('sad', 'glad');
            CREATE DOMAIN positive AS int CHECK (VALUE > 0);
            CREATE TYPE place AS (x int, label text);
            CREATE TYPE visit AS (at_place place, scores int[])""")
        definition = ", ".join(f"{name} {kind}" for name, kind, _ in columns)
        for table, using in (("lake", "USING iceberg"), ("heap", "")):
            cursor.execute(f"CREATE TABLE {table} ({definition}) {using}")
            for row in range(2):
                cursor.execute(f"INSERT INTO {table} VALUES ({', '.join(['%s'] * len(columns))})",
                               [values[row] for _, _, values in columns])
            cursor.execute(f"INSERT INTO {table} (c_int) VALUES (NULL)")
    for composite in ("place", "visit"):
        psycopg2.extras.register_composite(composite, conn)
    return [name for name, _, _ in columns]


def heap_rows(conn, columns):
    with conn.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(columns)} FROM heap")
        return canonical_rows(cursor.fetchall())


def assert_column_by_column(found, expected, columns):
    for index, name in enumerate(columns):
        assert canonical_rows([row[index]] for row in found) == canonical_rows([row[index]] for row in expected), name
    assert found == expected


@pytest.mark.shows("PyIceberg 0.12", "written by PostgreSQL, read by it",
                   "every type")
def test_pyiceberg_reads_every_type(conn, db, pyiceberg, twins):
    # PyIceberg 0.12 rebuilds lists of structs without their validity: a null list reads as an empty one. The other
    # readers of this file show that the data files have the null.
    columns = [name for name in twins if name != "c_places"]
    found = canonical_rows(pyiceberg.rows(db.metadata_location("lake"), columns))
    assert_column_by_column(found, heap_rows(conn, columns), columns)


@pytest.mark.shows("DuckDB 1.5", "written by PostgreSQL, read by it",
                   "every type")
def test_duckdb_reads_every_type(conn, db, duckdb_reader, twins):
    found = canonical_rows(duckdb_reader.rows(db.metadata_location("lake"), twins))
    assert_column_by_column(found, heap_rows(conn, twins), twins)


@pytest.mark.shows("Spark 4.1", "written by PostgreSQL, read by it",
                   "every type but time")
def test_spark_reads_every_type(conn, db, gateway_for, spark, twins_without_time):
    """All but time: Spark refuses files that hold one, read or not."""
    gateway_for(db.server.buckets)
    columns = twins_without_time
    found = spark.query({"t": db.metadata_location("lake")}, f"SELECT {', '.join(columns)} FROM c.db.t")
    assert_column_by_column(found, heap_rows(conn, columns), columns)


HISTORIES = {
    "add column": ["ALTER TABLE {t} ADD COLUMN extra text", "INSERT INTO {t} VALUES (9, 'nine', 9.9, 'x')"],
    "add column with default": ["ALTER TABLE {t} ADD COLUMN extra int NOT NULL DEFAULT 7",
                                "INSERT INTO {t} VALUES (9, 'nine', 9.9)"],
    "drop and add again": ["ALTER TABLE {t} DROP COLUMN name", "ALTER TABLE {t} ADD COLUMN name text",
                           "INSERT INTO {t} VALUES (9, 9.9, 'new')"],
    "rename": ["ALTER TABLE {t} RENAME COLUMN name TO title", "INSERT INTO {t} VALUES (9, 'nine', 9.9)"],
    "truncate": ["TRUNCATE {t}", "INSERT INTO {t} VALUES (9, 'nine', 9.9)"],
    "truncate to nothing": ["TRUNCATE {t}"],
    "rolled-back rows": ["BEGIN", "INSERT INTO {t} VALUES (7, 'in', 1)", "SAVEPOINT s",
                         "INSERT INTO {t} VALUES (8, 'out', 1)", "ROLLBACK TO s", "COMMIT"],
    "renamed table": ["ALTER TABLE {t} RENAME TO other", "INSERT INTO other VALUES (9, 'nine', 9.9)",
                      "ALTER TABLE other RENAME TO {t}"],
    "many commits": ["INSERT INTO {t} VALUES (9, 'nine', 9.9)"] * 30,
    "many rows": ["INSERT INTO {t} SELECT i, 'row ' || i, i / 100.0 FROM generate_series(1, 300000) i"],
    "empty": [],
}


@pytest.mark.shows("PyIceberg 0.12", "written by PostgreSQL, read by it",
                   "tables with a history of DDL, TRUNCATE and rewrites")
@pytest.mark.shows("Spark 4.1", "written by PostgreSQL, read by it",
                   "tables with a history of DDL, TRUNCATE and rewrites")
@pytest.mark.parametrize("history", HISTORIES)
def test_readers_follow_a_tables_history(conn, db, gateway_for, pyiceberg, spark, history):
    with conn.cursor() as cursor:
        for table, using in (("lake", "USING iceberg"), ("heap", "")):
            cursor.execute(f"CREATE TABLE {table} (id int, name text, amount numeric(10,2)) {using}")
            cursor.execute(f"INSERT INTO {table} SELECT i, 'row ' || i, i / 4.0 FROM generate_series(1, 20) i")
            for statement in HISTORIES[history]:
                cursor.execute(statement.replace("{t}", table))
        cursor.execute("SELECT attname FROM pg_attribute WHERE attrelid = 'heap'::regclass AND attnum > 0 "
                       "AND NOT attisdropped ORDER BY attnum")
        columns = [row[0] for row in cursor.fetchall()]
    assert_twins(conn, conn, "lake", "heap")
    location = db.metadata_location("lake")
    expected = heap_rows(conn, columns)
    assert canonical_rows(pyiceberg.rows(location, columns)) == expected
    assert canonical_rows(DuckDbReader(gateway_for(db.server.buckets)).rows(location, columns)) == expected
    assert spark.query({"t": location}, f"SELECT {', '.join(columns)} FROM c.db.t") == expected
