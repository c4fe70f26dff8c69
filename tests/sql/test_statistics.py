# SPDX-License-Identifier: Apache-2.0
"""ANALYZE, the planner's estimates and TABLESAMPLE on a table of several files, beyond what one batch or one sample holds."""

import re

import psycopg2
import pytest

from support.both import Both
from support.database import Database
from support.waiting import wait_for

ROWS = 500_000
FILES = 5


@pytest.fixture(scope="module")
def large(server, access_method):
    """Rows in files that differ: ordered ids, a skewed column, and one whose values depend on the file."""
    database = Database(server)
    # The files are counted: none may be merged meanwhile.
    if access_method != "heap":
        database.server.sql(f'ALTER DATABASE "{database.name}" SET tarn.compaction = off')
    made = Both(database.connect(), access_method)
    made.script("CREATE TABLE {t} (id int, few int, mid int, skewed text, sparse int, per_file int, arr int[], wide text) "
                "USING {am}")
    with made.connection.cursor() as cursor:
        cursor.execute("CREATE TABLE source AS SELECT i AS id, i % 10 AS few, (i::bigint * 7919 % 5000)::int AS mid, "
                       "CASE WHEN i % 10 < 7 THEN 'common' WHEN i % 10 = 7 THEN 'rare' ELSE 'v' || i % 100000 END AS skewed, "
                       "CASE WHEN i % 20 = 0 THEN i END AS sparse, (i - 1) / 100000 AS per_file, ARRAY[i % 3, i % 7] AS arr, "
                       f"repeat('x', i % 50) AS wide FROM generate_series(1, {ROWS}) i")
    step = ROWS // FILES
    for first in range(0, ROWS, step):
        made.script(f"INSERT INTO {{t}} SELECT * FROM source WHERE id > {first} AND id <= {first + step}")
    made.script("ANALYZE {t}")
    yield made
    database.drop()


def statistics(both, table):
    with both.connection.cursor() as cursor:
        cursor.execute("SELECT attname, null_frac, avg_width, n_distinct, most_common_vals::text::text[], most_common_freqs, "
                       "array_length(histogram_bounds, 1), correlation FROM pg_stats WHERE tablename = %s", (table,))
        return {row[0]: row[1:] for row in cursor.fetchall()}


def share(distinct):
    return -distinct if distinct < 0 else distinct / ROWS


def test_several_files(large, access_method):
    if access_method == "heap":
        pytest.skip("about lake tables")
    with large.connection.cursor() as cursor:
        cursor.execute("EXPLAIN SELECT * FROM lake")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert int(re.search(r"Files[^:]*: (\d+)", plan).group(1)) >= FILES, plan


def test_row_count_is_exact(large):
    with large.connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'lake'")
        assert cursor.fetchone() == (float(ROWS),)


def test_statistics_are_like_the_heaps(large):
    """Both are samples: what differs is chance, within wide bounds for it (30,000 rows sampled)."""
    lake, heap = statistics(large, "lake"), statistics(large, "heap")
    assert set(lake) == set(heap)
    for column, (null, width, distinct, values, frequencies, bounds, correlation) in lake.items():
        expected_null, expected_width, expected_distinct, expected_values, expected_frequencies, expected_bounds, \
            expected_correlation = heap[column]
        assert abs(null - expected_null) < 0.02, column
        assert abs(width - expected_width) <= 1 + 0.1 * expected_width, column
        assert share(distinct) == pytest.approx(share(expected_distinct), rel=0.3, abs=0.02), column
        assert (bounds is None) == (expected_bounds is None), column
        if correlation is not None:
            assert abs(correlation - expected_correlation) < 0.1, column
        found = dict(zip(values or [], frequencies or []))
        for value, frequency in zip(expected_values or [], expected_frequencies or []):
            if frequency > 0.02:
                assert found.get(value) == pytest.approx(frequency, abs=0.02), (column, value)
    assert lake["id"][2] == -1
    assert lake["few"][2] == 10
    assert lake["mid"][2] == pytest.approx(5000, rel=0.1)
    # Every file has its part in the sample.
    assert sorted(lake["per_file"][3]) == [str(n) for n in range(FILES)]
    assert lake["per_file"][4] == pytest.approx([0.2] * FILES, abs=0.05)


@pytest.mark.parametrize("where", [
    "true", "few = 3", "few IN (1, 2)", "id < 100000", "id BETWEEN 250000 AND 260000", "skewed = 'common'", "skewed = 'rare'",
    "sparse IS NULL", "sparse IS NOT NULL", "per_file = 4", "mid < 500", "id < 0", "few = 3 AND mid < 2500",
    "arr @> ARRAY[2]", "length(wide) > 10"])
def test_estimates(large, where):
    """The estimate is the heap's within chance."""
    with large.connection.cursor() as cursor:
        found = {}
        for table in ("lake", "heap"):
            cursor.execute(f"EXPLAIN (FORMAT JSON) SELECT * FROM {table} WHERE {where}")
            plan = cursor.fetchone()[0][0]["Plan"]
            while "Plans" in plan:
                plan = plan["Plans"][0]
            found[table] = plan["Plan Rows"]
        cursor.execute(f"EXPLAIN (FORMAT JSON) SELECT * FROM lake WHERE {where}")
        found["top"] = cursor.fetchone()[0][0]["Plan"]["Plan Rows"]
        cursor.execute("SET max_parallel_workers_per_gather = 0")
        cursor.execute(f"EXPLAIN (FORMAT JSON) SELECT * FROM heap WHERE {where}")
        expected = cursor.fetchone()[0][0]["Plan"]["Plan Rows"]
        cursor.execute("RESET max_parallel_workers_per_gather")
    assert found["top"] == pytest.approx(expected, rel=0.3, abs=2000)


def test_joins_are_estimated(large):
    with large.connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")
        rows = []
        for table in ("lake", "heap"):
            cursor.execute(f"EXPLAIN (FORMAT JSON) SELECT few, count(*) FROM {table} GROUP BY few")
            groups = cursor.fetchone()[0][0]["Plan"]["Plan Rows"]
            cursor.execute(f"EXPLAIN (FORMAT JSON) SELECT * FROM {table} a JOIN source b ON a.id = b.id WHERE a.few = 1")
            rows.append((groups, cursor.fetchone()[0][0]["Plan"]["Plan Rows"]))
        cursor.execute("RESET max_parallel_workers_per_gather")
    assert rows[0][0] == rows[1][0] == 10
    assert rows[0][1] == pytest.approx(rows[1][1], rel=0.3)


@pytest.mark.parametrize("method", ["SYSTEM", "BERNOULLI"])
def test_sample_bounds_are_exact(large, method):
    assert large.run(f"SELECT count(*), sum(id::bigint) FROM {{t}} TABLESAMPLE {method} (100)") == [
        (ROWS, ROWS * (ROWS + 1) // 2)]
    assert large.run(f"SELECT count(*) FROM {{t}} TABLESAMPLE {method} (0)") == [(0,)]
    for percentage in ("-1", "101", "NULL", "'NaN'"):
        assert large.run(f"SELECT count(*) FROM {{t}} TABLESAMPLE {method} ({percentage})") in ("2202H", "22023")
    assert large.run(f"SELECT count(*) FROM {{t}} TABLESAMPLE {method} (10) REPEATABLE (NULL)") == "2202G"


@pytest.mark.parametrize("percentage", [0.01, 1, 25, 90])
@pytest.mark.parametrize("method", ["SYSTEM", "BERNOULLI"])
def test_samples_repeat_themselves(large, method, percentage):
    with large.connection.cursor() as cursor:
        samples = []
        for seed in (1, 1, 2):
            cursor.execute(f"SELECT id FROM lake TABLESAMPLE {method} ({percentage}) REPEATABLE ({seed})")
            samples.append([row[0] for row in cursor.fetchall()])
        # The order, and other columns, a filter or another plan change nothing.
        cursor.execute(f"SELECT count(*), count(DISTINCT id), sum(id::bigint), min(few), max(per_file) FROM lake "
                       f"TABLESAMPLE {method} ({percentage}) REPEATABLE (1)")
        count, distinct, total, _, last_file = cursor.fetchone()
        cursor.execute(f"SELECT id FROM lake TABLESAMPLE {method} ({percentage}) REPEATABLE (1) WHERE few = 3")
        filtered = [row[0] for row in cursor.fetchall()]
    assert samples[0] == samples[1]
    if percentage >= 1:  # of fewer blocks often none is chosen
        assert samples[0] != samples[2]
    assert (count, distinct, total or 0) == (len(samples[0]), len(samples[0]), sum(samples[0]))
    assert filtered == [identity for identity in samples[0] if identity % 10 == 3]
    # Twelve standard deviations; a block of SYSTEM has 128 rows.
    rows_at_once = 128 if method == "SYSTEM" else 1
    p = percentage / 100
    deviation = (ROWS / rows_at_once * p * (1 - p)) ** 0.5 * rows_at_once
    assert abs(len(samples[0]) - ROWS * p) <= 12 * deviation + rows_at_once
    if percentage >= 1:
        assert last_file == FILES - 1


def test_samples_joined_and_repeated_by_a_nested_loop(large):
    with large.connection.cursor() as cursor:
        cursor.execute("SELECT few, count(*) FROM (SELECT few FROM lake TABLESAMPLE BERNOULLI (5) REPEATABLE (3)) x GROUP BY 1")
        assert len(cursor.fetchall()) == 10
        cursor.execute("SELECT g, (SELECT sum(id::bigint) FROM lake TABLESAMPLE SYSTEM (1) REPEATABLE (g % 2)) "
                       "FROM generate_series(1, 4) g ORDER BY 1")
        sums = [row[1] for row in cursor.fetchall()]
        assert sums[0] == sums[2] and sums[1] == sums[3] and sums[0] != sums[1]


def test_vacuum_keeps_the_counts(large):
    with large.connection.cursor() as cursor:
        for statement in ("VACUUM lake", "VACUUM (ANALYZE, VERBOSE) lake", "VACUUM (FREEZE) lake", "ANALYZE (VERBOSE) lake (id, few)"):
            cursor.execute(statement)
            cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'lake'")
            assert cursor.fetchone() == (float(ROWS),), statement
    large.run("SELECT count(*), sum(id::bigint), count(sparse) FROM {t}")


def test_extended_statistics_and_inheritance(large):
    large.script("CREATE STATISTICS {t}_s (dependencies, ndistinct, mcv) ON few, per_file FROM {t}", "ANALYZE {t}")
    with large.connection.cursor() as cursor:
        for table in ("lake", "heap"):
            cursor.execute(f"SELECT n_distinct::text FROM pg_stats_ext WHERE tablename = '{table}'")
            ((text,),) = cursor.fetchall()
            assert re.search(r": 50\b", text), text


@pytest.mark.parametrize("method", ["SYSTEM", "BERNOULLI"])
def test_samples_are_of_the_scans_snapshot_and_transaction(db, method, access_method):
    """What others commit meanwhile, own rows, and rows that a later command adds are counted as for any scan."""
    db.sql(f"CREATE TABLE s (a int) USING {access_method}")
    db.sql("INSERT INTO s SELECT generate_series(1, 1000)")
    sample = f"SELECT count(*), count(DISTINCT a), sum(a) FROM s TABLESAMPLE {method} (100)"
    reader = db.connect(autocommit=False)
    with reader.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT 1")
        db.sql("INSERT INTO s SELECT generate_series(1001, 3000)")
        cursor.execute(sample)
        assert cursor.fetchone() == (1000, 1000, 500500)
        cursor.execute("INSERT INTO s SELECT generate_series(5001, 5300)")
        cursor.execute("SAVEPOINT x; INSERT INTO s SELECT generate_series(6001, 6500); ROLLBACK TO x")
        cursor.execute("INSERT INTO s SELECT generate_series(7001, 7100)")
        cursor.execute(sample)
        expected = [*range(1, 1001), *range(5001, 5301), *range(7001, 7101)]
        assert cursor.fetchone() == (1400, 1400, sum(expected))
        cursor.execute(f"SELECT a FROM s TABLESAMPLE {method} (100) ORDER BY a")
        assert [a for (a,) in cursor.fetchall()] == expected
        cursor.execute("TRUNCATE s")
        cursor.execute(sample)
        assert cursor.fetchone() == (0, 0, None)
    reader.rollback()
    assert db.sql(sample) == [(3000, 3000, 4501500)]


@pytest.mark.slow
def test_a_sample_without_the_engine_is_an_error(make_server, access_method):
    if access_method == "heap":
        pytest.skip("about lake tables")
    database = Database(make_server().start())
    database.sql("CREATE TABLE s (a int) USING iceberg")
    database.sql("INSERT INTO s SELECT generate_series(1, 1000)")
    server = database.server
    for setting in ("engine_path = '/nonexistent/tarn'", "engine_connect_timeout = '200ms'"):
        server.sql(f"ALTER SYSTEM SET tarn.{setting}")
    server.sql("SELECT pg_reload_conf()")
    wait_for(lambda: not server.engine_pids(), "the engine stays")
    for method in ("SYSTEM", "BERNOULLI"):
        with pytest.raises(psycopg2.Error) as raised:
            database.sql(f"SELECT count(*) FROM s TABLESAMPLE {method} (100)")
        assert raised.value.pgcode == "58000"
