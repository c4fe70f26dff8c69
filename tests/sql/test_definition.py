# SPDX-License-Identifier: Apache-2.0
"""Tables come about, change and go as heap tables do."""

import pytest

from support.both import Both


@pytest.fixture
def both(conn, access_method):
    return Both(conn, access_method)


def test_defaults_identity_and_checks(both, conn):
    conn.cursor().execute("CREATE TABLE parent (id int PRIMARY KEY); INSERT INTO parent VALUES (1), (2)")
    both.script(
        "CREATE TABLE {t} (id serial, n int GENERATED ALWAYS AS IDENTITY, d text DEFAULT 'x' || 1, "
        "twice int GENERATED ALWAYS AS (p * 2) STORED, p int NOT NULL REFERENCES parent, "
        "q int CHECK (q > 0)) USING {am}",
        "INSERT INTO {t} (p, q) VALUES (1, 1), (2, NULL)",
        "INSERT INTO {t} (p, d) SELECT 1, NULL FROM generate_series(1, 5)")
    assert both.run("INSERT INTO {t} (p) VALUES (3)") == "23503"
    assert both.run("INSERT INTO {t} (p) VALUES (NULL)") == "23502"
    assert both.run("INSERT INTO {t} (p, q) VALUES (1, -1)") == "23514"
    assert both.run("INSERT INTO {t} (p, n) VALUES (1, 7)") == "428C9"
    # Failed rows have taken numbers from the sequences of both.
    both.script("INSERT INTO {t} (p) VALUES (2) RETURNING id, n, d, twice")
    both.compare()


def test_create_as_select_into_and_like(both, conn, access_method):
    with conn.cursor() as cursor:
        cursor.execute("CREATE TABLE source AS SELECT i AS id, i::text AS name, i / 3.0::float8 AS f "
                       "FROM generate_series(1, 1000) i")
        cursor.execute(f"SET default_table_access_method = {access_method}")
        cursor.execute("SELECT * INTO lake FROM source")
        cursor.execute("SET default_table_access_method = heap")
        cursor.execute("SELECT * INTO heap FROM source")
        both.compare(compare_definitions=True)
        both.script("DROP TABLE {t}", "CREATE TABLE {t} USING {am} AS SELECT id, name FROM source WHERE id % 7 = 0")
        both.compare(compare_definitions=True)
        both.script("DROP TABLE {t}", "CREATE TABLE {t} USING {am} AS SELECT * FROM source WITH NO DATA")
        both.compare(compare_definitions=True)
        both.script("DROP TABLE {t}", "CREATE TABLE {t} (LIKE source INCLUDING ALL, extra int DEFAULT 3) USING {am}",
                    "INSERT INTO {t} SELECT * FROM source")
        both.compare(compare_definitions=True)


def test_create_as_inside_plpgsql_with_variables(both):
    both.script("DO $$ DECLARE n int := 5; BEGIN CREATE TABLE {t} USING {am} AS SELECT i, i * n AS x "
                "FROM generate_series(1, n) i; END $$")
    both.compare(compare_definitions=True)


def test_explain_analyze_runs_create_as(both, conn, access_method):
    for table, method in both.methods.items():
        conn.cursor().execute(f"EXPLAIN (ANALYZE, COSTS OFF) CREATE TABLE {table} USING {method} AS SELECT 1 AS a")
    both.compare()


def test_unconstrained_numeric_gets_a_precision(conn, access_method):
    if access_method == "heap":
        pytest.skip("a rule of lake tables")
    with conn.cursor() as cursor:
        cursor.execute("CREATE TABLE a (n numeric, m numeric[], p numeric(5,2)) USING iceberg")
        cursor.execute("CREATE TABLE b USING iceberg AS SELECT 2::numeric / 3 AS n, ARRAY[1::numeric / 3] AS m")
        cursor.execute("CREATE TABLE c (LIKE a) USING iceberg")
        cursor.execute("ALTER TABLE c ADD COLUMN q numeric, ALTER COLUMN p TYPE numeric")
        assert len([n for n in conn.notices if "numeric(38,9)" in n]) == 6
        for table, columns in (("a", "nm"), ("b", "nm"), ("c", "nmqp")):
            cursor.execute("SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute "
                           "WHERE attrelid = %s::regclass AND attnum > 0", (table,))
            types = dict(cursor.fetchall())
            assert all(types[c].startswith("numeric(38,9)") for c in columns), types
        # PostgreSQL's own rounding to the declared scale.
        cursor.execute("SELECT n, m, (2::numeric / 3)::numeric(38,9), ARRAY[(1::numeric / 3)::numeric(38,9)] FROM b")
        n, m, expected_n, expected_m = cursor.fetchone()
        assert (str(n), m) == (str(expected_n), expected_m)
        cursor.execute("INSERT INTO a VALUES (1.0000000005, NULL, 1)")
        cursor.execute("SELECT n::text, 1.0000000005::numeric(38,9)::text FROM a")
        found, expected = cursor.fetchone()
        assert found == expected


def test_temporary_tables_are_heap(conn, access_method):
    if access_method == "heap":
        pytest.skip("a rule of lake tables")
    with conn.cursor() as cursor:
        cursor.execute("SET default_table_access_method = iceberg")
        cursor.execute("CREATE TEMP TABLE a (n int PRIMARY KEY)")
        cursor.execute("CREATE TABLE pg_temp.b (n int) USING iceberg")
        cursor.execute("CREATE TEMP TABLE c USING iceberg AS SELECT 1 AS n")
        cursor.execute("SELECT 1 AS n INTO TEMP d")
        assert len([n for n in conn.notices if "access method heap" in n]) == 4
        cursor.execute("SELECT DISTINCT amname FROM pg_class c JOIN pg_am a ON a.oid = relam "
                       "WHERE relname IN ('a', 'b', 'c', 'd') AND relpersistence = 't' AND relkind = 'r'")
        assert cursor.fetchall() == [("heap",)]


def test_add_column_with_and_without_default(both):
    both.script(
        "CREATE TABLE {t} (a int) USING {am}", "INSERT INTO {t} SELECT generate_series(1, 100)",
        "ALTER TABLE {t} ADD COLUMN b text",
        "INSERT INTO {t} VALUES (101, 'new')",
        "ALTER TABLE {t} ADD COLUMN c int DEFAULT 42, ADD COLUMN d timestamptz DEFAULT '2020-02-29 12:00+00'")
    both.compare(compare_definitions=True)
    both.script("INSERT INTO {t} VALUES (102, 'x', NULL, NULL)",
                "ALTER TABLE {t} ALTER COLUMN c SET DEFAULT 7",
                "INSERT INTO {t} (a) VALUES (103)")
    both.compare(compare_definitions=True)
    both.script("ALTER TABLE {t} ADD COLUMN e int NOT NULL DEFAULT 9, ADD COLUMN f bigserial",
                "ALTER TABLE {t} ADD COLUMN g uuid DEFAULT NULL")
    both.compare()


def test_add_column_after_own_rows_in_a_transaction(both, conn):
    conn.autocommit = False
    both.script("CREATE TABLE {t} (a int) USING {am}", "INSERT INTO {t} VALUES (1), (2)",
                "ALTER TABLE {t} ADD COLUMN b int DEFAULT 5", "INSERT INTO {t} VALUES (3, NULL), (4, 6)")
    both.compare()
    both.script("ALTER TABLE {t} DROP COLUMN a", "ALTER TABLE {t} ADD COLUMN a text DEFAULT 'again'",
                "INSERT INTO {t} VALUES (7, 'seven')")
    both.compare()
    conn.commit()
    both.compare()


def test_drop_and_rename_columns(both):
    both.script("CREATE TABLE {t} (a int, b text, c int, d text) USING {am}",
                "INSERT INTO {t} SELECT i, 'b' || i, -i, 'd' || i FROM generate_series(1, 50) i",
                "ALTER TABLE {t} DROP COLUMN b", "ALTER TABLE {t} RENAME COLUMN d TO b",
                "INSERT INTO {t} VALUES (51, -51, 'renamed')",
                "ALTER TABLE {t} ADD COLUMN d text", "INSERT INTO {t} VALUES (52, 1, 'x', 'd again')")
    both.compare(compare_definitions=True)
    both.script("ALTER TABLE {t} DROP COLUMN a, DROP COLUMN c, DROP COLUMN b, DROP COLUMN d")
    assert both.run("SELECT count(*) FROM {t}") == [(52,)]
    both.script("ALTER TABLE {t} ADD COLUMN z int")
    both.compare()


@pytest.mark.parametrize("before, after, value", [
    ("int", "bigint", "7"), ("real", "double precision", "1.5"), ("numeric(10,2)", "numeric(20,2)", "3.25"),
    ("numeric(10,2)", "numeric(12,4)", "3.25"), ("bigint", "int", "5"), ("int", "text", "12"),
    ("varchar(10)", "text", "'abc'"), ("text", "varchar(20)", "'abc'"), ("timestamp", "timestamptz", "'2001-02-03'"),
    ("timestamptz", "timestamp", "'2001-02-03 04:05'"), ("date", "timestamp", "'2001-02-03'"),
    ("int", "numeric(10,3)", "4"), ("smallint", "int", "4"), ("int[]", "bigint[]", "'{1,NULL}'")])
def test_change_type(both, before, after, value):
    both.script(f"CREATE TABLE {{t}} (id int, v {before}, last text) USING {{am}}",
                f"INSERT INTO {{t}} VALUES (1, {value}, 'a'), (2, NULL, 'b')",
                f"ALTER TABLE {{t}} ALTER COLUMN v TYPE {after}")
    both.compare(compare_definitions=True)
    both.script(f"INSERT INTO {{t}} SELECT id + 10, v, last FROM {{t}}", "ALTER TABLE {t} ADD COLUMN w int DEFAULT 1")
    both.compare(compare_definitions=True)


def test_change_type_with_using_and_rollback(both, conn):
    both.script("CREATE TABLE {t} (a int, b text) USING {am}", "INSERT INTO {t} SELECT i, i FROM generate_series(1, 9) i")
    conn.autocommit = False
    both.script("ALTER TABLE {t} ALTER COLUMN a TYPE text USING a || '/' || b, DROP COLUMN b",
                "INSERT INTO {t} VALUES ('new')")
    both.compare()
    conn.rollback()
    both.compare(compare_definitions=True)
    both.script("INSERT INTO {t} VALUES (100, 'after')", "ALTER TABLE {t} ALTER COLUMN b TYPE int USING length(b)")
    both.compare(compare_definitions=True)
    conn.commit()
    both.compare(compare_definitions=True)


def test_constraints_over_existing_rows(both):
    both.script("CREATE TABLE {t} (a int) USING {am}", "INSERT INTO {t} VALUES (1), (NULL), (-1)")
    assert both.run("ALTER TABLE {t} ALTER COLUMN a SET NOT NULL") == "23502"
    assert both.run("ALTER TABLE {t} ADD CHECK (a > 0)") == "23514"
    both.script("ALTER TABLE {t} ADD CONSTRAINT later CHECK (a > 0) NOT VALID")
    assert both.run("ALTER TABLE {t} VALIDATE CONSTRAINT later") == "23514"
    assert both.run("INSERT INTO {t} VALUES (-2)") == "23514"
    both.compare()


def test_access_method_changes_both_ways(conn, access_method):
    with conn.cursor() as cursor:
        cursor.execute("CREATE TABLE t (a int, b text); INSERT INTO t SELECT i, 'r' || i FROM generate_series(1, 500) i")
        cursor.execute("CREATE TABLE expected AS TABLE t")
        for method in (access_method, "heap", access_method):
            cursor.execute(f"ALTER TABLE t SET ACCESS METHOD {method}")
            cursor.execute("SELECT count(*) FROM (TABLE t EXCEPT TABLE expected) x")
            assert cursor.fetchone() == (0,)
            cursor.execute("INSERT INTO t VALUES (0, 'more')")
            cursor.execute("INSERT INTO expected VALUES (0, 'more')")
        cursor.execute("SELECT count(*) FROM t")
        assert cursor.fetchone() == (503,)


def test_truncate_rolls_back(both, conn):
    both.script("CREATE TABLE {t} (a int) USING {am}", "INSERT INTO {t} VALUES (1), (2)")
    conn.autocommit = False
    both.script("TRUNCATE {t}", "INSERT INTO {t} VALUES (3)")
    both.compare()
    both.script("SAVEPOINT s", "TRUNCATE {t}", "INSERT INTO {t} VALUES (4)")
    both.compare()
    both.script("ROLLBACK TO s")
    both.compare()
    conn.rollback()
    both.compare()
    both.script("TRUNCATE {t}")
    conn.commit()
    both.compare()
    both.script("INSERT INTO {t} VALUES (5)", "TRUNCATE {t}", "INSERT INTO {t} VALUES (6)", "TRUNCATE {t}")
    conn.commit()
    both.compare()


def test_truncate_discards_rows_that_the_engine_has_written(both, conn):
    """100,000 rows of 100 bytes are more than a backend packs: the engine has most of them at the TRUNCATE."""
    conn.autocommit = False
    fill = "INSERT INTO {t} SELECT i, repeat('x', 100) FROM generate_series({0}, {0} + 99999) i"
    both.script("CREATE TABLE {t} (a int, b text) USING {am}", fill.replace("{0}", "1"), "TRUNCATE {t}",
                fill.replace("{0}", "500000"), "SAVEPOINT s", "INSERT INTO {t} VALUES (1, 'gone')",
                "ROLLBACK TO s")
    both.compare()
    both.script("TRUNCATE {t}", "INSERT INTO {t} VALUES (2, 'stays')")
    both.compare()
    conn.commit()
    both.compare()


def test_truncate_of_a_table_made_in_the_transaction(both, conn):
    conn.autocommit = False
    both.script("CREATE TABLE {t} (a int) USING {am}", "INSERT INTO {t} VALUES (1)", "TRUNCATE {t}")
    both.compare()
    both.script("INSERT INTO {t} VALUES (2)", "SAVEPOINT s", "INSERT INTO {t} VALUES (3)")
    both.compare()
    conn.commit()
    both.compare()


def test_rename_schema_and_owner(both, conn, db, access_method):
    with conn.cursor() as cursor:
        cursor.execute("CREATE ROLE mover; CREATE SCHEMA elsewhere")
        both.script("CREATE TABLE {t} (a int) USING {am}", "INSERT INTO {t} VALUES (1)")
        try:
            before = dict((row[1], row[2]) for row in db.lake_tables())
            cursor.execute("ALTER TABLE lake RENAME TO moved")
            cursor.execute("ALTER TABLE moved SET SCHEMA elsewhere; ALTER TABLE elsewhere.moved OWNER TO mover")
            cursor.execute("INSERT INTO elsewhere.moved VALUES (2)")
            cursor.execute("SELECT a FROM elsewhere.moved ORDER BY a")
            assert cursor.fetchall() == [(1,), (2,)]
            if access_method != "heap":
                ((schema, name, location),) = db.lake_tables()
                assert (schema, name) == ("elsewhere", "moved")
                # The location never moves.
                assert location.rsplit("/metadata/")[0] == before["lake"].rsplit("/metadata/")[0]
        finally:
            cursor.execute("DROP OWNED BY mover CASCADE; DROP ROLE mover")


def test_documented_paths(conn, db, access_method):
    if access_method == "heap":
        pytest.skip("a rule of lake tables")
    with conn.cursor() as cursor:
        cursor.execute("SET pg_lake_iceberg.default_location_prefix TO 's3://retail-lake-ap3/'")
        cursor.execute('CREATE SCHEMA "Ä sch/.."; CREATE TABLE "Ä sch/.."."../etc" (a int) USING iceberg')
        cursor.execute("CREATE TABLE plain (a int) USING iceberg")
        cursor.execute("SELECT oid FROM pg_class WHERE relname IN ('plain', '../etc') ORDER BY relname DESC")
        plain, hostile = (row[0] for row in cursor.fetchall())
        found = {name: location for _, name, location in db.lake_tables()}
        prefix = f"s3://retail-lake-ap3/frompg/tables/{db.name}"
        assert found["plain"].startswith(f"{prefix}/public/plain/{plain}/metadata/00000-")
        assert found["plain"].endswith(".metadata.json")
        # "Ä" is two bytes: each becomes an underscore.
        assert found["../etc"].startswith(f"{prefix}/___sch___/___etc/{hostile}/metadata/00000-")
        assert db.server.local_path(found["../etc"]).exists()


def test_drop_and_create_again(both, conn):
    for round_number in range(3):
        both.script("CREATE TABLE {t} (a int) USING {am}", f"INSERT INTO {{t}} VALUES ({round_number})")
        both.compare()
        conn.autocommit = False
        both.script("DROP TABLE {t}", "CREATE TABLE {t} (b text) USING {am}", "INSERT INTO {t} VALUES ('x')")
        both.compare()
        conn.rollback()
        both.compare()
        conn.rollback()
        conn.autocommit = True
        both.script("DROP TABLE {t}")


def test_partitions_and_inheritance(both, conn):
    both.script(
        "CREATE TABLE {t}_parent (day date, v int) PARTITION BY RANGE (day)",
        "CREATE TABLE {t}_old PARTITION OF {t}_parent FOR VALUES FROM ('2000-01-01') TO ('2020-01-01') USING {am}",
        "CREATE TABLE {t}_new PARTITION OF {t}_parent FOR VALUES FROM ('2020-01-01') TO ('2040-01-01')",
        "INSERT INTO {t}_parent SELECT '2010-01-01'::date + i * 365, i FROM generate_series(1, 25) i",
        "CREATE TABLE {t} USING {am} AS SELECT tableoid::regclass::text = '{t}_old' AS old, day, v FROM {t}_parent")
    both.compare()
    both.script("ALTER TABLE {t}_parent ADD COLUMN extra text DEFAULT 'e'", "ALTER TABLE {t}_parent DETACH PARTITION {t}_old")
    assert both.run("SELECT * FROM {t}_old") == both.run("SELECT * FROM {t}_old WHERE extra = 'e'")
    both.script("CREATE TABLE {t}_base (a int)", "CREATE TABLE {t}_child (b int) INHERITS ({t}_base) USING {am}",
                "INSERT INTO {t}_child VALUES (1, 2)", "INSERT INTO {t}_base VALUES (3)")
    assert both.run("SELECT a FROM {t}_base") == [(1,), (3,)]
    assert both.run("SELECT a FROM ONLY {t}_base") == [(3,)]


def test_materialized_view(both, conn):
    both.script("CREATE TABLE {t}_source AS SELECT i FROM generate_series(1, 10) i",
                "CREATE MATERIALIZED VIEW {t} USING {am} AS SELECT i, i * i AS square FROM {t}_source",
                "INSERT INTO {t}_source VALUES (11)")
    both.compare()
    both.script("REFRESH MATERIALIZED VIEW {t}")
    both.compare()
    both.script("REFRESH MATERIALIZED VIEW {t} WITH NO DATA")
    assert both.run("SELECT * FROM {t}") == "55000"
    both.script("REFRESH MATERIALIZED VIEW {t}")
    both.compare()


def test_row_security_and_grants(both, conn, db):
    with conn.cursor() as cursor:
        cursor.execute("CREATE ROLE reader")
        try:
            both.script("CREATE TABLE {t} (owner text, v int) USING {am}",
                        "INSERT INTO {t} VALUES ('reader', 1), ('other', 2), ('reader', 3)")
            cursor.execute("SET ROLE reader")
            assert both.run("SELECT * FROM {t}") == "42501"
            cursor.execute("RESET ROLE")
            both.script("GRANT SELECT (v), INSERT ON {t} TO reader")
            cursor.execute("SET ROLE reader")
            assert both.run("SELECT v FROM {t}") == [(1,), (2,), (3,)]
            assert both.run("SELECT owner FROM {t}") == "42501"
            cursor.execute("RESET ROLE")
            both.script("GRANT SELECT ON {t} TO reader", "ALTER TABLE {t} ENABLE ROW LEVEL SECURITY",
                        "CREATE POLICY mine ON {t} USING (owner = current_user) WITH CHECK (v < 10)")
            cursor.execute("SET ROLE reader")
            assert both.run("SELECT v FROM {t}") == [(1,), (3,)]
            assert both.run("SELECT count(*) FROM {t}") == [(2,)]
            assert both.run("INSERT INTO {t} VALUES ('reader', 10)") == "42501"
            both.script("INSERT INTO {t} VALUES ('reader', 5)")
            assert both.run("SELECT sum(v) FROM {t}") == [(9,)]
        finally:
            cursor.execute("RESET ROLE; DROP OWNED BY reader; DROP ROLE reader")
