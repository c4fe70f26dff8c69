# SPDX-License-Identifier: Apache-2.0
"""VACUUM, ANALYZE, sizes, samples."""

import pytest

from support.both import Both


@pytest.fixture
def both(conn, access_method):
    made = Both(conn, access_method)
    made.script("CREATE TABLE {t} (a int, b text, c float8) USING {am}",
                "INSERT INTO {t} SELECT i, 'v' || i % 10, CASE WHEN i % 4 = 0 THEN NULL ELSE i END "
                "FROM generate_series(1, 10000) i")
    return made


def test_analyze_learns_what_a_heap_would(both, conn):
    both.script("ANALYZE {t}")
    both.run("SELECT reltuples FROM pg_class WHERE oid = '{t}'::regclass")
    both.run("SELECT attname, null_frac, n_distinct, most_common_vals::text, histogram_bounds::text, correlation "
             "FROM pg_stats WHERE tablename = '{t}' AND attname <> 'b'")
    assert both.run("SELECT n_distinct FROM pg_stats WHERE tablename = '{t}' AND attname = 'b'") == [(10.0,)]


def test_analyze_in_a_transaction_counts_own_rows(both, conn):
    conn.autocommit = False
    both.script("INSERT INTO {t} SELECT i FROM generate_series(1, 500) i", "ANALYZE {t}")
    assert both.run("SELECT reltuples FROM pg_class WHERE oid = '{t}'::regclass") == [(10500.0,)]
    conn.rollback()


def test_vacuum_moves_the_horizon(both, conn):
    with conn.cursor() as cursor:
        for _ in range(20):
            cursor.execute("SELECT pg_current_xact_id()")
        cursor.execute("SELECT relfrozenxid::text::bigint, age(relfrozenxid) FROM pg_class WHERE relname = 'lake'")
        before, age = cursor.fetchone()
        assert age < 1000
        cursor.execute("VACUUM lake")
        cursor.execute("VACUUM (FREEZE, VERBOSE) lake")
        cursor.execute("SELECT relfrozenxid::text::bigint FROM pg_class WHERE relname = 'lake'")
        assert cursor.fetchone()[0] > before
        cursor.execute("VACUUM FULL lake")
        cursor.execute("VACUUM (ANALYZE) lake")
    both.compare()
    both.script("INSERT INTO {t} VALUES (-1)", "VACUUM FULL {t}", "VACUUM FULL {t}", "INSERT INTO {t} VALUES (-2)")
    both.compare()


def test_tablesample(both, conn):
    assert both.run("SELECT count(*), sum(a) FROM {t} TABLESAMPLE SYSTEM (100)") == [(10000, 50005000)]
    assert both.run("SELECT count(*) FROM {t} TABLESAMPLE BERNOULLI (0)") == [(0,)]
    with conn.cursor() as cursor:
        seen = set()
        for method in ("BERNOULLI", "SYSTEM"):
            for seed in range(3):
                query = f"SELECT a FROM lake TABLESAMPLE {method} (20) REPEATABLE ({seed})"
                cursor.execute(query)
                sample = cursor.fetchall()
                # Ten standard deviations of the sampled count, for blocks of 128 rows.
                assert 500 < len(sample) < 3500
                assert len(set(sample)) == len(sample)
                cursor.execute(query)
                assert cursor.fetchall() == sample
                seen.add(tuple(sample))
        assert len(seen) == 6
        cursor.execute("BEGIN; INSERT INTO lake SELECT -i FROM generate_series(1, 1000) i")
        cursor.execute("SELECT count(*), count(*) FILTER (WHERE a < 0) FROM lake TABLESAMPLE SYSTEM (100)")
        assert cursor.fetchone() == (11000, 1000)
        cursor.execute("ROLLBACK")


def test_rows_by_tid(both, conn):
    with conn.cursor() as cursor:
        cursor.execute("SELECT ctid, a FROM lake WHERE a IN (1, 5000, 10000)")
        for tid, a in cursor.fetchall():
            cursor.execute("SELECT a FROM lake WHERE ctid = %s", (tid,))
            assert cursor.fetchall() == [(a,)]
        cursor.execute("SELECT count(DISTINCT ctid), count(DISTINCT tableoid) FROM lake")
        assert cursor.fetchone() == (10000, 1)
        cursor.execute("SELECT a FROM lake WHERE ctid = '(4000000000,1)'")
        assert cursor.fetchall() == []
        cursor.execute("BEGIN; INSERT INTO lake VALUES (-7) RETURNING ctid")
        (tid,) = cursor.fetchone()
        cursor.execute("SELECT a FROM lake WHERE ctid = %s", (tid,))
        assert cursor.fetchall() == [(-7,)]
        cursor.execute("ROLLBACK")
