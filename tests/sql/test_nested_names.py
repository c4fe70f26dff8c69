# SPDX-License-Identifier: Apache-2.0
"""Full names of nested fields: other engines refuse a table in which two fields share one, so that it is not made."""

import psycopg2
import pytest

PRELUDE = """
CREATE TYPE b_only AS (b int);
CREATE TYPE nested AS (a b_only, x int);
CREATE TYPE broken AS (a b_only, "a.b" int);
"""

SHARED = [
    '("a.b" int, a b_only)', '(a b_only, "a.b" text)', '(l int[], "l.element" int)', '("l.element" int, l text[])',
    '(l b_only[], "l.element.b" int)', '(n nested, "n.a.b" int)', '(n nested, "n.a" int)', '(z broken)', '(z broken[])',
]

APART = [
    '("a.b" int, a int)', '("A.b" int, a b_only)', '(element int, l int[])', '("l.key" int, l int[])', '("a.b.c" int, a b_only)',
]


@pytest.fixture
def types(conn, access_method):
    if access_method == "heap":
        pytest.skip("about lake tables")
    conn.cursor().execute(PRELUDE)
    return conn


def refused(cursor, statement):
    with pytest.raises(psycopg2.errors.FeatureNotSupported) as raised:
        cursor.execute(statement)
    assert "full name" in raised.value.diag.message_primary and raised.value.diag.message_hint, statement


@pytest.mark.parametrize("columns", SHARED)
def test_a_shared_full_name_is_refused_when_the_table_is_made(types, columns):
    with types.cursor() as cursor:
        refused(cursor, f"CREATE TABLE t {columns} USING iceberg")
        cursor.execute(f"CREATE TABLE h {columns}")
        refused(cursor, "CREATE TABLE t (LIKE h) USING iceberg")
        refused(cursor, "CREATE TABLE t USING iceberg AS SELECT * FROM h")
        refused(cursor, "ALTER TABLE h SET ACCESS METHOD iceberg")


@pytest.mark.parametrize("columns", APART)
def test_names_that_only_look_alike(types, db, columns, pyiceberg, gateway_for):
    with types.cursor() as cursor:
        cursor.execute(f"CREATE TABLE t {columns} USING iceberg")
        cursor.execute("INSERT INTO t SELECT; SELECT count(*) FROM t")
        assert cursor.fetchone() == (1,)
    gateway_for(db.server.buckets)
    assert len(pyiceberg.rows(db.metadata_location("t"))) == 1


def test_a_shared_full_name_is_refused_when_the_table_changes(types):
    with types.cursor() as cursor:
        cursor.execute('CREATE TABLE t (a b_only, l int[], other int, "x.b" int) USING iceberg; INSERT INTO t VALUES (ROW(1), \'{2}\', 3, 4)')
        cursor.execute("CREATE TABLE parent (other int); CREATE TABLE child (l int[]) INHERITS (parent) USING iceberg")
        for statement in ('ALTER TABLE t ADD "a.b" int', 'ALTER TABLE t RENAME other TO "l.element"', 'ALTER TABLE t RENAME a TO x',
                          'ALTER TABLE t ADD COLUMN z broken', 'ALTER TABLE parent RENAME other TO "l.element"',
                          'ALTER TABLE parent ADD "l.element" int', 'ALTER TABLE t ALTER other TYPE broken USING NULL'):
            refused(cursor, statement)
        cursor.execute("SELECT a::text, l::text, other FROM t")
        assert cursor.fetchall() == [("(1)", "{2}", 3)]
