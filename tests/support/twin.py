# SPDX-License-Identifier: Apache-2.0
"""Comparing a lake table with a heap twin that received the same statements."""

import collections


def columns_of(connection, table):
    """(name, type, not null, default) in order; a dropped column is not listed."""
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
                   pg_get_expr(d.adbin, d.adrelid)
            FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum""",
                       (table,))
        return cursor.fetchall()


def rows_of(connection, table, columns, where="true"):
    """Every row as text, which in PostgreSQL is exact for every type, float and numeric scale included."""
    if not columns:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {table} WHERE {where}")
            return [()] * cursor.fetchone()[0]
    names = ", ".join('"' + name.replace('"', '""') + '"::text' for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {names} FROM {table} WHERE {where}")
        return cursor.fetchall()


def assert_twins(lake_connection, heap_connection, lake, heap, where="true", compare_definitions=False):
    """The same columns, and the same rows in any order, or a message that names what differs."""
    lake_columns, heap_columns = columns_of(lake_connection, lake), columns_of(heap_connection, heap)
    names = [column[0] for column in lake_columns]
    assert names == [column[0] for column in heap_columns]
    if compare_definitions:
        assert lake_columns == heap_columns
    found = collections.Counter(rows_of(lake_connection, lake, names, where))
    expected = collections.Counter(rows_of(heap_connection, heap, names, where))
    if found != expected:
        raise AssertionError(describe_difference(lake, names, found, expected))


def describe_difference(table, names, found, expected):
    surplus, missing = list((found - expected).elements()), list((expected - found).elements())
    lines = [f"{table}: {sum(found.values())} rows, expected {sum(expected.values())}; "
             f"{len(missing)} missing, {len(surplus)} that should not be there"]
    for name, index in zip(names, range(len(names))):
        if collections.Counter(r[index] for r in surplus) != collections.Counter(r[index] for r in missing):
            lines.append(f"  column {name}: found {sample(surplus, index)} expected {sample(missing, index)}")
    lines += [f"  missing {row}" for row in missing[:3]] + [f"  surplus {row}" for row in surplus[:3]]
    return "\n".join(lines)


def sample(rows, index):
    return [row[index] for row in rows[:5]]
