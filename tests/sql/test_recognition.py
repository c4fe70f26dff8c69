# SPDX-License-Identifier: Apache-2.0
"""Lake tables are known by their handler, and by nothing that anybody else may name likewise."""

import pytest

from support.database import Database
from support.twin import assert_twins

LOOKALIKE = "CREATE ACCESS METHOD iceberg TYPE TABLE HANDLER heap_tableam_handler"


@pytest.fixture
def plain(server, access_method):
    """A database without the extension."""
    if access_method == "heap":
        pytest.skip("about lake tables")
    database = Database(server, extension=False)
    yield database
    database.drop()


def test_a_heap_by_the_name_of_iceberg_is_a_heap(plain):
    connection = plain.connect()
    with connection.cursor() as cursor:
        cursor.execute(LOOKALIKE)
        for table, method in (("lake", "iceberg"), ("heap", "heap")):
            cursor.execute(f"CREATE TABLE {table} (a int PRIMARY KEY, b numeric, c interval) USING {method}")
            cursor.execute(f"INSERT INTO {table} SELECT i, i / 3.0, i * interval '1 s' FROM generate_series(1, 1000) i")
            cursor.execute(f"UPDATE {table} SET b = 0 WHERE a % 7 = 0")
            cursor.execute(f"DELETE FROM {table} WHERE a % 11 = 0")
            cursor.execute(f"ALTER TABLE {table} ADD COLUMN d timestamp, ALTER COLUMN b TYPE numeric")
            cursor.execute(f"CREATE INDEX ON {table} (b)")
            cursor.execute(f"SELECT a FROM {table} WHERE a < 3 FOR UPDATE")
            assert cursor.fetchall() == [(1,), (2,)]
        cursor.execute("CREATE TEMP TABLE t (a int) USING iceberg")
        cursor.execute("CREATE UNLOGGED TABLE u (a int) USING iceberg")
    assert connection.notices == []
    assert_twins(connection, connection, "lake", "heap", compare_definitions=True)


def test_another_name_with_our_handler_is_a_lake_table(conn, access_method):
    if access_method == "heap":
        pytest.skip("about lake tables")
    with conn.cursor() as cursor:
        cursor.execute("CREATE ACCESS METHOD floe TYPE TABLE HANDLER tarn.iceberg_handler")
        cursor.execute("CREATE TABLE t (a int, n numeric) USING floe")
        assert any("numeric(38,9)" in notice for notice in conn.notices)
        cursor.execute("INSERT INTO t VALUES (1, 1), (2, 2)")
        cursor.execute("SELECT count(*) FROM t")
        assert cursor.fetchone() == (2,)
        cursor.execute("EXPLAIN SELECT * FROM t")
        assert "IcebergScan" in cursor.fetchone()[0]
        for statement in ("UPDATE t SET a = 3", "CREATE INDEX ON t (a)", "ALTER TABLE t ADD PRIMARY KEY (a)"):
            with pytest.raises(Exception) as raised:
                cursor.execute(statement)
            assert raised.value.pgcode == "0A000", statement
        cursor.execute("CREATE TEMP TABLE s (a int) USING floe")
        assert "access method heap" in conn.notices[-1]
