# SPDX-License-Identifier: Apache-2.0
"""COPY in both directions and all formats."""

import io

import pytest

from support.both import Both

ROWS = ("SELECT i, CASE WHEN i % 7 = 0 THEN NULL ELSE E'text\\twith\\n' || i END, i / 8.0::float8, "
        "i / 100.0, '2001-01-01'::timestamptz + i * interval '1 hour', ARRAY[i, NULL, -i] "
        "FROM generate_series(1, 5000) i")


@pytest.fixture
def both(conn, access_method):
    made = Both(conn, access_method)
    made.script("CREATE TABLE {t} (a int, b text, f float8, n numeric(12,2), z timestamptz, l int[]) USING {am}")
    return made


def copy_out(connection, what, options):
    file = io.BytesIO()
    connection.cursor().copy_expert(f"COPY {what} TO STDOUT ({options})", file)
    return file.getvalue()


@pytest.mark.parametrize("options", ["FORMAT text", "FORMAT csv, HEADER", "FORMAT binary"])
def test_round_trip(both, conn, options):
    both.script("INSERT INTO {t} " + ROWS)
    # The heap puts short rows into gaps: its order is its own.
    data = {table: copy_out(conn, table, options) for table in ("lake", "heap")}
    assert sorted(data["lake"]) == sorted(data["heap"])
    assert copy_out(conn, "(SELECT * FROM lake ORDER BY a)", options) == \
        copy_out(conn, "(SELECT * FROM heap ORDER BY a)", options)
    both.script("TRUNCATE {t}")
    for table in ("lake", "heap"):
        conn.cursor().copy_expert(f"COPY {table} FROM STDIN ({options})", io.BytesIO(data[table]))
    both.compare()


def test_defaults_columns_where_and_errors(both, conn):
    both.script("ALTER TABLE {t} ALTER COLUMN b SET DEFAULT 'default'", "ALTER TABLE {t} ADD CHECK (a < 100)")
    for table in ("lake", "heap"):
        cursor = conn.cursor()
        cursor.copy_expert(f"COPY {table} (a, f) FROM STDIN WHERE a > 1", io.StringIO("1\t1\n2\t2\n3\t\\N\n"))
        with pytest.raises(Exception) as raised:
            cursor.copy_expert(f"COPY {table} (a) FROM STDIN", io.StringIO("4\n5\n100\n"))
        assert raised.value.pgcode == "23514"
        with pytest.raises(Exception) as raised:
            cursor.copy_expert(f"COPY {table} (a) FROM STDIN", io.StringIO("6\nseven\n"))
        assert raised.value.pgcode == "22P02"
        cursor.copy_expert(f"COPY {table} (a) FROM STDIN (ON_ERROR ignore)", io.StringIO("8\nnine\n10\n"))
    both.compare()
    assert both.run("SELECT a FROM {t}") == [(10,), (2,), (3,), (8,)]


def test_into_a_table_of_the_same_transaction(conn, access_method):
    both = Both(conn, access_method)
    conn.autocommit = False
    both.script("CREATE TABLE {t} (a int) USING {am}")
    for table in ("lake", "heap"):
        conn.cursor().copy_expert(f"COPY {table} FROM STDIN (FREEZE)",
                                  io.StringIO("".join(f"{i}\n" for i in range(20_000))))
    both.compare()
    conn.commit()
    both.compare()
