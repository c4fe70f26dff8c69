# SPDX-License-Identifier: Apache-2.0
"""Clauses, parameters and settings that would have no effect on a lake table are refused, each with a way to go."""

import psycopg2
import pytest

PREPARATION = """
CREATE TABLE lake (a int, b text) USING iceberg;
CREATE TABLE plain (a int, b text);
CREATE TABLE filled (a int) WITH (fillfactor = 70);
CREATE TABLE stored (a int, b text STORAGE EXTERNAL);
CREATE TABLE pressed (a int, b text COMPRESSION pglz);
CREATE MATERIALIZED VIEW mat AS SELECT 1 AS a, 2::numeric AS n;
CREATE MATERIALIZED VIEW filled_mat WITH (fillfactor = 70) AS SELECT 1 AS a;
CREATE MATERIALIZED VIEW lake_mat USING iceberg AS SELECT 1 AS a;
CREATE TABLE parent (a int, b text STORAGE EXTERNAL) PARTITION BY LIST (a);
"""

# (statement, what its hint names)
REFUSED = [
    ("CREATE TABLE t (a int) USING iceberg WITH (fillfactor = 70)", "autovacuum"),
    ("CREATE TABLE t (a int) USING iceberg WITH (parallel_workers = 2)", "autovacuum"),
    ("CREATE TABLE t (a int) USING iceberg WITH (toast.autovacuum_enabled = off)", "autovacuum"),
    ("CREATE TABLE t (a int) USING iceberg WITH (toast_tuple_target = 200)", "autovacuum"),
    ("CREATE TABLE t (a int) USING iceberg WITH (user_catalog_table = true)", "autovacuum"),
    ("CREATE TABLE t (a int) USING iceberg WITH (misspelt = 1)", "autovacuum"),
    ("CREATE TABLE t (a int) USING iceberg WITH (location = 's3://b/x/')", "default_location_prefix"),
    ("CREATE TABLE t (a int) USING iceberg WITH (partition_by = 'a')", "PARTITION BY"),
    ("CREATE TABLE t (a int) USING iceberg WITH (catalog = 'rest')", "iceberg_tables"),
    ("CREATE TABLE t USING iceberg WITH (fillfactor = 70) AS SELECT 1 AS a", "autovacuum"),
    ("CREATE TABLE t USING iceberg WITH (location = 's3://b/x/') AS SELECT 1 AS a", "default_location_prefix"),
    ("CREATE MATERIALIZED VIEW m USING iceberg WITH (fillfactor = 70) AS SELECT 1 AS a", "autovacuum"),
    ("CREATE TABLE t PARTITION OF parent FOR VALUES IN (1) USING iceberg WITH (fillfactor = 70)", "autovacuum"),
    ("SET default_table_access_method = iceberg; CREATE TABLE t (a int) WITH (fillfactor = 70)", "autovacuum"),
    ("ALTER TABLE lake SET (fillfactor = 70)", "autovacuum"),
    ("ALTER TABLE lake SET (autovacuum_enabled = off, fillfactor = 70)", "autovacuum"),
    ("ALTER TABLE filled SET ACCESS METHOD iceberg", "RESET (fillfactor)"),
    ("ALTER MATERIALIZED VIEW mat SET ACCESS METHOD iceberg", "numeric(38,9)"),
    ("ALTER MATERIALIZED VIEW filled_mat SET ACCESS METHOD iceberg", "RESET (fillfactor)"),
    ("ALTER MATERIALIZED VIEW lake_mat SET (fillfactor = 70)", "autovacuum"),
    ("CREATE TABLE t (a int) USING iceberg TABLESPACE pg_default", "default_location_prefix"),
    ("CREATE TABLE t USING iceberg TABLESPACE pg_default AS SELECT 1 AS a", "default_location_prefix"),
    ("CREATE TABLE t (a text COMPRESSION pglz) USING iceberg", "Parquet"),
    ("CREATE TABLE t (a text STORAGE EXTERNAL) USING iceberg", "Parquet"),
    ("CREATE TABLE t (LIKE pressed INCLUDING COMPRESSION) USING iceberg", "EXCLUDING COMPRESSION"),
    ("CREATE TABLE t (LIKE stored INCLUDING ALL) USING iceberg", "EXCLUDING STORAGE"),
    ("ALTER TABLE lake ADD COLUMN c text COMPRESSION pglz", "Parquet"),
    ("ALTER TABLE lake ADD COLUMN c text STORAGE MAIN", "Parquet"),
    ("ALTER TABLE lake ALTER COLUMN b SET STORAGE EXTERNAL", "Parquet"),
    ("ALTER TABLE lake ALTER COLUMN b SET COMPRESSION pglz", "Parquet"),
    ("ALTER TABLE stored SET ACCESS METHOD iceberg", "SET STORAGE DEFAULT"),
    ("ALTER TABLE pressed SET ACCESS METHOD iceberg", "SET COMPRESSION DEFAULT"),
    ("ALTER TABLE lake REPLICA IDENTITY FULL", "write-ahead log"),
    ("COPY lake TO 's3://bucket/file.parquet'", "COPY ... TO STDOUT"),
    ("COPY lake TO 's3://bucket/file.parquet' WITH (FORMAT parquet)", "COPY ... TO STDOUT"),
    ("COPY (SELECT * FROM plain) TO 'https://host/file.csv'", "COPY ... TO STDOUT"),
    ("COPY lake FROM 's3://bucket/file.csv'", "COPY ... FROM STDIN"),
    ("COPY plain FROM 'gs://bucket/*.parquet' WITH (FORMAT parquet)", "COPY ... FROM STDIN"),
]

UNKNOWN_SETTINGS = ["pg_lake_iceberg.default_location_prefx", "pg_lake_table.target_file_size_mb", "pg_lake.stage_location",
                    "pg_lake_engine.max_cache_size", "tarn.pushdwon"]


@pytest.fixture
def lake(conn, access_method):
    if access_method == "heap":
        pytest.skip("about lake tables")
    conn.cursor().execute(PREPARATION)
    return conn


def test_clauses_without_effect(lake):
    with lake.cursor() as cursor:
        for statement, hint in REFUSED:
            with pytest.raises(psycopg2.Error) as raised:
                cursor.execute(statement)
            assert raised.value.pgcode == "0A000", f"{statement}: {raised.value}"
            assert hint in (raised.value.diag.message_hint or ""), f"{statement}: {raised.value}"
            cursor.execute("SELECT to_regclass('t'), to_regclass('m')")
            assert cursor.fetchone() == (None, None), statement


def test_clauses_with_effect(lake):
    with lake.cursor() as cursor:
        for statement in ("CREATE TABLE t (a int, b text) USING iceberg WITH (autovacuum_enabled = off)",
                          "ALTER TABLE t SET (autovacuum_analyze_threshold = 7)", "ALTER TABLE t RESET (autovacuum_enabled)",
                          "ALTER TABLE t ALTER COLUMN b SET STORAGE DEFAULT, ALTER COLUMN b SET COMPRESSION DEFAULT",
                          "CREATE TABLE u (LIKE stored INCLUDING ALL EXCLUDING STORAGE) USING iceberg",
                          "CREATE TABLE v (LIKE stored) USING iceberg", "INSERT INTO stored VALUES (1, 'x')",
                          "ALTER TABLE stored ALTER COLUMN b SET STORAGE DEFAULT, ALTER COLUMN b SET COMPRESSION DEFAULT",
                          "ALTER TABLE stored SET ACCESS METHOD iceberg", "ALTER TABLE filled RESET (fillfactor)",
                          "ALTER TABLE filled SET ACCESS METHOD iceberg",
                          # The parent's clauses are for its heap partitions.
                          "CREATE TABLE p1 PARTITION OF parent FOR VALUES IN (1) USING iceberg",
                          "CREATE TABLE p2 PARTITION OF parent FOR VALUES IN (2)", "TRUNCATE p1, parent, t",
                          "CREATE TEMP TABLE temporary (a text COMPRESSION pglz) USING iceberg WITH (fillfactor = 70)",
                          "COPY t TO '/dev/null'", "COPY t TO PROGRAM 'cat >/dev/null # s3://x'"):
            cursor.execute(statement)
        cursor.execute("SELECT * FROM stored")
        assert cursor.fetchall() == [(1, "x")]
        cursor.execute("SELECT reloptions FROM pg_class WHERE relname = 't'")
        assert cursor.fetchone() == (["autovacuum_analyze_threshold=7"],)


@pytest.mark.parametrize("name", UNKNOWN_SETTINGS)
def test_unknown_settings(lake, db, name):
    with lake.cursor() as cursor:
        for statement in (f"SET {name} = 1", f"SET LOCAL {name} = 1", f"ALTER SYSTEM SET {name} = 1",
                          f'ALTER DATABASE "{db.name}" SET {name} = 1', f"ALTER ROLE postgres SET {name} = 1"):
            with pytest.raises(psycopg2.Error) as raised:
                cursor.execute(statement)
            assert raised.value.pgcode == "42704", f"{statement}: {raised.value}"
            hint = raised.value.diag.message_hint
            assert ("tarn." if name.startswith("tarn") else "default_location_prefix") in hint
        # The other ways lead to PostgreSQL's own refusal.
        for statement in (f"SELECT set_config('{name}', '1', false)",
                          f"CREATE FUNCTION f() RETURNS int LANGUAGE sql SET {name} = 1 AS 'SELECT 1'"):
            with pytest.raises(psycopg2.Error) as raised:
                cursor.execute(statement)
            assert raised.value.pgcode == "42602", statement
        cursor.execute("SET other.name = 1; SET tarn.pushdown = on; RESET tarn.pushdown")


def test_unknown_settings_of_the_file_are_told(make_server):
    server = make_server(**{"pg_lake_table.misspelt": 1}).start()
    assert 'invalid configuration parameter name "pg_lake_table.misspelt"' in server.log_text()


@pytest.mark.parametrize("prefix", ["s3://bucket?region=eu", "s3://bucket/path?x=1/", "file:///srv/a?b/"])
def test_prefix_with_parameters(lake, prefix):
    with lake.cursor() as cursor, pytest.raises(psycopg2.Error) as raised:
        cursor.execute("SET pg_lake_iceberg.default_location_prefix = %s", (prefix,))
    assert raised.value.pgcode == "22023"
    assert "parameters" in raised.value.diag.message_detail and raised.value.diag.message_hint
