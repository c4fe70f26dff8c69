# SPDX-License-Identifier: Apache-2.0
"""ALTER COLUMN TYPE, above all where PostgreSQL leaves a heap's rows as they are: rows committed before, in the same
transaction, and under a savepoint that is rolled back, read by PostgreSQL and verified by fsck."""

import pathlib

import psycopg2
import pytest

from support.both import Both

DOMAINS = ("CREATE DOMAIN positive AS int CHECK (value > 0)", "CREATE DOMAIN word AS varchar(10)",
           "CREATE DOMAIN money2 AS numeric(10,2)", "CREATE DOMAIN instant AS timestamptz")

CHANGES = [
    ("timestamp", "timestamptz", "'2021-03-28 02:30:00.123456'"), ("timestamptz", "timestamp", "'2021-10-31 00:30:00+00'"),
    ("timestamptz", "instant", "'2021-10-31 00:30:00+00'"),
    ("timestamp", "instant", "'2021-10-31 00:30:00'"), ("timestamp(3)", "timestamp", "'2021-10-31 00:30:00.123'"),
    ("timestamp", "timestamp(3)", "'2021-10-31 00:30:00.123456'"), ("timestamptz(0)", "timestamptz(6)", "'2021-10-31 00:30:00+00'"),
    ("timestamp[]", "timestamptz[]", "'{2021-03-28 02:30:00,NULL}'"),
    ("varchar(5)", "varchar(20)", "'abc'"), ("varchar(5)", "varchar", "'abc'"), ("varchar", "text", "'Ä€'"),
    ("text", "varchar", "'Ä€'"), ("varchar(20)", "varchar(3)", "'abc'"), ("char(5)", "text", "'ab '"),
    ("text", "char(6)", "'ab'"), ("varchar(10)", "word", "'abc'"), ("word", "text", "'abc'"), ("bpchar", "text", "'ab '"),
    ("numeric(10,2)", "numeric(18,2)", "12345678.25"), ("numeric(10,2)", "numeric(38,2)", "12345678.25"),
    ("numeric(38,2)", "numeric(10,2)", "-1.25"), ("numeric(10,2)", "numeric(12,4)", "12345678.25"),
    ("numeric(12,4)", "numeric(10,1)", "1.25"), ("numeric(10,2)", "money2", "1.25"), ("money2", "numeric(20,2)", "1.25"),
    ("smallint", "int", "-32768"), ("int", "bigint", "2147483647"), ("bigint", "int", "-2147483648"), ("smallint", "bigint", "7"),
    ("int", "positive", "5"), ("positive", "int", "5"), ("positive", "bigint", "5"), ("int", "numeric(12,0)", "77"),
    ("real", "double precision", "0.1"), ("double precision", "real", "0.1"), ("date", "timestamptz", "'2021-03-28'"),
    ("json", "jsonb", "'{\"b\": 1, \"a\": 2, \"a\": 3}'"), ("bytea", "text", "'\\x00ff'"), ("uuid", "text", "'" + "1f" * 16 + "'"),
    ("int[]", "bigint[]", "'{1,NULL,3}'"), ("varchar(3)[]", "text[]", "'{a,b}'"), ("numeric(5,1)[]", "numeric(9,1)[]", "'{1.5}'")]




def concerns_time(before, after):
    return any(word in before + after for word in ("time", "date", "instant"))


#: The zone decides whether a heap's rows are touched, where time is concerned.
CASES = [(zone, *change) for change in CHANGES for zone in ("UTC", "Europe/Berlin")
         if zone == "UTC" or concerns_time(*change[:2])]
EVEN = [case for number, case in enumerate(CASES) if number % 2 == 0 or concerns_time(*case[1:3])]
ODD = [case for number, case in enumerate(CASES) if number % 2 == 1 or concerns_time(*case[1:3])]


def each(cases):
    return pytest.mark.parametrize("zone, before, after, value", cases, ids=["-".join(case)[:45] for case in cases])


@pytest.fixture
def both(conn, access_method):
    made = Both(conn, access_method)
    for statement in DOMAINS:
        made.run(statement)
    return made


def start(both, before, value, zone="UTC"):
    both.script(f"SET timezone = '{zone}'", f"CREATE TABLE {{t}} (id int, v {before}, last text DEFAULT 'x') USING {{am}}",
                f"INSERT INTO {{t}} VALUES (1, {value}, 'a'), (2, NULL, 'b')", f"INSERT INTO {{t}} VALUES (3, {value}, 'c')")


def check(both, db, access_method, filters=()):
    both.compare(compare_definitions=True)
    for where in ("v IS NULL", "v IS NOT NULL", "v::text > ''", "id > 1", *filters):
        both.compare(where=where)
    if access_method != "heap" and both.connection.info.transaction_status == 0:
        db.fsck("lake")


@each(CASES)
def test_change(both, db, access_method, zone, before, after, value):
    start(both, before, value, zone)
    outcome = both.run(f"ALTER TABLE {{t}} ALTER COLUMN v TYPE {after}")
    if isinstance(outcome, str):
        # No cast by assignment: with one.
        both.script(f"ALTER TABLE {{t}} ALTER COLUMN v TYPE {after} USING v::{after}")
    check(both, db, access_method)
    both.script("INSERT INTO {t} SELECT id + 10, v, last FROM {t}", "INSERT INTO {t} (id) VALUES (99)")
    check(both, db, access_method)
    # And back, after other files were written with the new type.
    both.script(f"ALTER TABLE {{t}} ALTER COLUMN v TYPE {before} USING v::{before}", "INSERT INTO {t} SELECT id + 20, v, last FROM {t}")
    check(both, db, access_method)


@each(EVEN)
def test_change_in_a_transaction_with_own_rows(both, conn, db, access_method, zone, before, after, value):
    start(both, before, value, zone)
    conn.autocommit = False
    both.script(f"INSERT INTO {{t}} VALUES (4, {value}, 'own')", f"ALTER TABLE {{t}} ALTER COLUMN v TYPE {after} USING v::{after}",
                "INSERT INTO {t} SELECT id + 10, v, last FROM {t}")
    check(both, db, access_method)
    both.script("SAVEPOINT s", "ALTER TABLE {t} ALTER COLUMN v TYPE text USING v::text", "INSERT INTO {t} VALUES (50, 'text', 'gone')")
    check(both, db, access_method)
    both.script("ROLLBACK TO s", "INSERT INTO {t} SELECT id + 100, v, last FROM {t} WHERE id < 10")
    check(both, db, access_method)
    conn.commit()
    check(both, db, access_method)
    conn.commit()
    both.script(f"ALTER TABLE {{t}} ALTER COLUMN v TYPE {before} USING v::{before}")
    conn.rollback()
    check(both, db, access_method)
    conn.commit()
    conn.autocommit = True
    check(both, db, access_method)


@each(ODD)
def test_change_under_a_savepoint_that_is_rolled_back(both, conn, db, access_method, zone, before, after, value):
    start(both, before, value, zone)
    conn.autocommit = False
    both.script(f"INSERT INTO {{t}} VALUES (4, {value}, 'own')", "SAVEPOINT s",
                f"ALTER TABLE {{t}} ALTER COLUMN v TYPE {after} USING v::{after}", "INSERT INTO {t} SELECT id + 10, v, last FROM {t}")
    check(both, db, access_method)
    both.script("ROLLBACK TO s", f"INSERT INTO {{t}} VALUES (5, {value}, 'after')")
    check(both, db, access_method)
    conn.commit()
    conn.autocommit = True
    check(both, db, access_method)
    both.script(f"ALTER TABLE {{t}} ALTER COLUMN v TYPE {after} USING v::{after}")
    check(both, db, access_method)


@pytest.mark.parametrize("zones", [("UTC", "Europe/Berlin"), ("Europe/Berlin", "UTC"), ("UTC", "UTC")])
def test_the_zone_is_the_one_of_the_change(both, conn, db, access_method, zones):
    """Of the session that changes the type; who reads it with another zone sees the same moments."""
    start(both, "timestamp", "'2021-03-28 12:30:00.123456'")
    both.script(f"SET timezone = '{zones[0]}'", "ALTER TABLE {t} ALTER COLUMN v TYPE timestamptz", f"SET timezone = '{zones[1]}'")
    check(both, db, access_method, ["v > '2021-03-28 11:00+00'", "v < '2021-03-28 11:00+00'"])
    both.script("INSERT INTO {t} VALUES (7, '2021-03-28 12:30:00')", "ALTER TABLE {t} ALTER COLUMN v TYPE timestamp")
    check(both, db, access_method, ["v > '2021-03-28 11:00'", "v < '2021-03-28 11:00'"])


def test_several_changes_at_once(both, conn, db, access_method):
    both.script("CREATE TABLE {t} (id int, v timestamp, w varchar(5) DEFAULT 'd', x int, y numeric(5,2)) USING {am}",
                "INSERT INTO {t} VALUES (1, '2021-03-28 12:00', 'abc', 5, 1.25)",
                "ALTER TABLE {t} ALTER v TYPE timestamptz, ALTER w TYPE text, ALTER x TYPE bigint, ALTER y TYPE numeric(9,2), "
                "ADD COLUMN z timestamptz DEFAULT '2020-01-01 00:00+00', DROP COLUMN id",
                "ALTER TABLE {t} ADD COLUMN id int DEFAULT 4", "INSERT INTO {t} (x) VALUES (8000000000)")
    check(both, db, access_method)
    both.script("ALTER TABLE {t} ALTER z TYPE timestamp, ALTER w TYPE varchar(9), ALTER y TYPE numeric(9,4)",
                "INSERT INTO {t} (y) VALUES (1.2345)")
    check(both, db, access_method)


@pytest.mark.parametrize("using", ["v", "v::timestamptz", "'2020-02-29'", "NULL", "v + interval '1 day'", "now() - now() + v",
                                   "CASE WHEN id = 1 THEN v END", "'2020-02-29'::text::timestamp", "id::text::timestamptz"])
def test_using(both, db, access_method, using):
    start(both, "timestamp", "'2021-03-28 12:30:00.123456'")
    both.run(f"ALTER TABLE {{t}} ALTER v TYPE timestamptz USING {using}")
    check(both, db, access_method)


def test_types_that_a_cast_declares_the_same(conn, db, access_method):
    """Without a rewrite the rows could not be read: refused, and nothing has changed."""
    if access_method == "heap":
        pytest.skip("about lake tables")
    with conn.cursor() as cursor:
        cursor.execute("CREATE CAST (bigint AS timestamp) WITHOUT FUNCTION AS ASSIGNMENT")
        cursor.execute("CREATE TABLE t (v bigint) USING iceberg; INSERT INTO t VALUES (86400000000)")
        try:
            cursor.execute("ALTER TABLE t ALTER v TYPE timestamp")
            cursor.execute("SELECT v::text FROM t")
            assert cursor.fetchall() == [("2000-01-02 00:00:00",)]
        except psycopg2.errors.FeatureNotSupported as error:
            assert error.diag.message_hint
            cursor.execute("SELECT v FROM t")
            assert cursor.fetchall() == [(86400000000,)]
        cursor.execute("CREATE CAST (timestamp AS bigint) WITHOUT FUNCTION AS ASSIGNMENT")
        cursor.execute("CREATE TABLE u (v timestamp) USING iceberg; INSERT INTO u VALUES ('2000-01-02')")
        with pytest.raises(psycopg2.errors.FeatureNotSupported) as raised:
            cursor.execute("ALTER TABLE u ALTER v TYPE bigint")
        assert "without a rewrite" in str(raised.value) and raised.value.diag.message_hint
        cursor.execute("SELECT v::text FROM u")
        assert cursor.fetchall() == [("2000-01-02 00:00:00",)]
        cursor.execute("ALTER TABLE u ALTER v TYPE bigint USING coalesce(v)::bigint")
        cursor.execute("SELECT v FROM u")
        assert cursor.fetchall() == [(86400000000,)]


def test_refused_as_by_the_heap(both, db, access_method):
    start(both, "text", "'abcdef'")
    for statement in ("ALTER TABLE {t} ALTER v TYPE varchar(3)", "ALTER TABLE {t} ALTER v TYPE int USING v::int",
                      "ALTER TABLE {t} ALTER v TYPE int", "ALTER TABLE {t} ALTER v TYPE timestamp",
                      "ALTER TABLE {t} ALTER v TYPE timestamptz USING v", "ALTER TABLE {t} ALTER v TYPE positive USING -1",
                      "ALTER TABLE {t} ALTER v TYPE numeric(2,1) USING 100", "ALTER TABLE {t} ALTER nothing TYPE int"):
        assert isinstance(both.run(statement), str)
        check(both, db, access_method)


def test_views_and_columns_that_depend(both, db, access_method):
    both.script("CREATE TABLE {t} (id int, v timestamp, g text GENERATED ALWAYS AS (id || '!') STORED, CHECK (v > '2000-01-01')) "
                "USING {am}", "INSERT INTO {t} VALUES (1, '2021-01-01')")
    both.run("CREATE VIEW {t}_v AS SELECT v FROM {t}")
    assert both.run("ALTER TABLE {t} ALTER v TYPE timestamptz") == "0A000"
    both.run("DROP VIEW {t}_v")
    both.script("ALTER TABLE {t} ALTER v TYPE timestamptz")
    assert both.run("ALTER TABLE {t} ALTER id TYPE bigint") == "0A000"  # a generated column needs it
    assert both.run("INSERT INTO {t} VALUES (2, '1999-01-01')") == "23514"
    check(both, db, access_method)


def test_partitions_and_children_change_with_their_parent(both, conn, access_method):
    both.script("CREATE TABLE {t}_p (id int, v timestamp, w varchar(5)) PARTITION BY LIST (id)",
                "CREATE TABLE {t}_1 PARTITION OF {t}_p FOR VALUES IN (1) USING {am}",
                "CREATE TABLE {t}_2 (w varchar(5), v timestamp, id int) USING {am}",
                "ALTER TABLE {t}_p ATTACH PARTITION {t}_2 FOR VALUES IN (2)",
                "INSERT INTO {t}_p VALUES (1, '2021-03-28 12:00', 'a'), (2, '2021-03-28 12:00', 'b')",
                "ALTER TABLE {t}_p ALTER v TYPE timestamptz, ALTER w TYPE varchar(9)",
                "INSERT INTO {t}_p VALUES (1, '2021-03-28 12:00', 'aaaaaaaaa'), (2, '2021-03-28 12:00', 'b')")
    both.run("SELECT id, v::text, w, tableoid::regclass::text LIKE '%1' FROM {t}_p")
    both.run("SELECT v::text FROM {t}_p WHERE v > '2021-03-28 11:00+00'")


def files_of(db, table):
    location = db.sql(f"SELECT location FROM tarn.tables WHERE table_oid = '{table}'::regclass")[0][0]
    folder = db.server.local_path(location)
    return {str(path.relative_to(folder)) for path in pathlib.Path(folder).rglob("*") if path.is_file()}


@pytest.mark.parametrize("before, after, written", [
    ("smallint", "int", 0), ("int", "bigint", 1), ("smallint", "bigint", 1), ("real", "double precision", 1),
    ("varchar(5)", "text", 0), ("numeric(10,2)", "numeric(12,2)", 1)])
def test_a_wider_type_leaves_the_files(both, db, access_method, before, after, written, pyiceberg, gateway_for):
    """A promotion is a change of the schema alone, and where the Iceberg type stays, nothing is written at all."""
    if access_method == "heap":
        pytest.skip("about lake tables")
    both.script(f"CREATE TABLE {{t}} (id int, v {before} DEFAULT 3, w {before} CHECK (w <> '-1')) USING {{am}}",
                "INSERT INTO {t} VALUES (1, '1', '2'), (2, NULL, NULL)")
    files = files_of(db, "lake")
    both.script(f"ALTER TABLE {{t}} ALTER v TYPE {after}, ALTER w TYPE {after}")
    check(both, db, access_method, filters=("w <> '9'",))
    made = files_of(db, "lake") - files
    assert len(made) == written and all(name.endswith(".metadata.json") for name in made), made
    both.script("INSERT INTO {t} (id, w) VALUES (3, '4')")
    check(both, db, access_method)
    gateway_for(db.server.buckets)
    found = [tuple(value if value is None else float(value) for value in row) for row in pyiceberg.rows(db.metadata_location("lake"))]
    assert sorted(found) == [(1, 1, 2), (2, None, None), (3, 3, 4)]
    assert both.run("INSERT INTO {t} VALUES (1, '1', '-1')") == "23514"


def test_wider_types_between_other_changes(both, conn, db, access_method):
    """The rows that a new storage takes over are read, added to, rewritten and truncated in the same transaction."""
    both.script("CREATE TABLE {t} (id smallint, v real, w text) USING {am}", "INSERT INTO {t} VALUES (1, 1.5, 'a'), (2, 2.5, 'b')")
    conn.autocommit = False
    both.script("ALTER TABLE {t} ALTER id TYPE int")
    both.compare()
    both.script("ALTER TABLE {t} ALTER v TYPE double precision, ALTER id TYPE bigint", "INSERT INTO {t} VALUES (3, 0.1, 'c')")
    both.compare()
    both.script("SAVEPOINT s", "ALTER TABLE {t} ALTER w TYPE varchar(1)", "INSERT INTO {t} VALUES (4, 4, 'd')")
    both.compare()
    both.script("ROLLBACK TO s", "SAVEPOINT s", "TRUNCATE {t}", "INSERT INTO {t} VALUES (5, 5, 'e')")
    both.compare()
    both.script("ROLLBACK TO s", "ALTER TABLE {t} ADD COLUMN x int DEFAULT 7")
    both.compare()
    conn.commit()
    check(both, db, access_method)
    both.script("SAVEPOINT s", "ALTER TABLE {t} ALTER x TYPE bigint")
    both.compare()
    both.script("ROLLBACK TO s", "INSERT INTO {t} VALUES (6, 6, 'f')")
    both.compare()
    conn.commit()
    conn.autocommit = True
    check(both, db, access_method)


def test_a_wider_type_is_refused_where_rows_break_a_constraint(both, conn, db, access_method):
    both.script("CREATE TABLE {t} (id int, v smallint) USING {am}", "INSERT INTO {t} VALUES (1, -5)",
                "ALTER TABLE {t} ADD CHECK (v > 0) NOT VALID")
    assert both.run("ALTER TABLE {t} ALTER v TYPE int, ADD CHECK (v > -3)") == "23514"
    both.run("ALTER TABLE {t} ALTER v TYPE int")
    check(both, db, access_method)
