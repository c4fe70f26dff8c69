# SPDX-License-Identifier: Apache-2.0
"""Clauses too deep or too large to be sent: PostgreSQL evaluates them, and the transaction goes on."""

import pytest

ROWS = "SELECT i, CASE WHEN i % 7 = 0 THEN NULL ELSE 'v' || i % 5 END FROM generate_series(1, 200) i"


@pytest.fixture
def twins(conn):
    with conn.cursor() as cursor:
        for table, method in [("lake", "iceberg"), ("heap", "heap")]:
            cursor.execute(f"CREATE TABLE {table} (a int, b text COLLATE \"C\") USING {method}")
            cursor.execute(f"INSERT INTO {table} {ROWS}")
        yield cursor


def assert_same(cursor, condition, parameters=None, limit=""):
    found = []
    for table in ("lake", "heap"):
        cursor.execute(f"SELECT b FROM {table} WHERE {condition} ORDER BY a {limit}", parameters)
        found.append(cursor.fetchall())
    assert found[0] == found[1]
    return found[0]


def nested(depth):
    clause = "a = 1"
    for level in range(depth):
        clause = f"a = {level} OR (b <> 'x{level}' AND ({clause}))"
    return clause


@pytest.mark.parametrize("depth", [1, 10, 12, 13, 20, 35, 70, 300])
def test_nested_connectives(twins, depth):
    twins.execute("BEGIN")
    twins.execute("INSERT INTO lake VALUES (1000, 'own'); INSERT INTO heap VALUES (1000, 'own')")
    assert_same(twins, nested(depth))
    assert_same(twins, f"NOT ({nested(depth)})")
    twins.execute("COMMIT")
    twins.execute("SELECT count(*) FROM lake WHERE b = 'own'")
    assert twins.fetchone() == (1,)


def test_many_clauses(twins):
    assert_same(twins, " OR ".join(f"(a = {i} AND b IS NOT NULL)" for i in range(0, 20000, 3)))


def test_many_members(twins):
    assert assert_same(twins, "a = ANY (%s)", [list(range(100, 200_000))])


def test_members_beyond_what_a_frame_holds(twins):
    """More than is sent, in an array that is only known when the scan starts."""
    big = "array_fill(repeat('x', 1000000), ARRAY[100]) || ARRAY['v1', 'v3']"
    found = assert_same(twins, f"b = ANY (SELECT unnest({big})) OR b = ANY ((SELECT {big})::text[])")
    assert found
    twins.execute("SET plan_cache_mode = force_generic_plan")
    twins.execute("PREPARE q(text[]) AS SELECT count(*) FROM lake WHERE b = ANY ($1)")
    twins.execute(f"EXECUTE q({big})")
    (many,) = twins.fetchone()
    twins.execute("SELECT count(*) FROM heap WHERE b IN ('v1', 'v3')")
    assert twins.fetchone() == (many,)
    twins.execute("PREPARE l(text[]) AS SELECT a FROM lake WHERE b = ANY ($1) LIMIT 5")
    twins.execute(f"EXECUTE l({big})")
    assert len(twins.fetchall()) == 5
    twins.execute("SET plan_cache_mode = auto")
