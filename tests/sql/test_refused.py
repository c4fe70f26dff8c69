# SPDX-License-Identifier: Apache-2.0
"""What lake tables can't do yet is refused with 0A000 and a hint, and changes nothing."""

import psycopg2
import pytest

PREPARATION = """
CREATE TABLE lake (a int, b text) USING iceberg;
INSERT INTO lake VALUES (1, 'one'), (2, 'two');
CREATE TABLE heap (a int PRIMARY KEY, b text);
INSERT INTO heap VALUES (1, 'x');
CREATE VIEW v AS SELECT * FROM lake;
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE TYPE point3 AS (x int, y int);
CREATE DOMAIN moods AS mood[];
CREATE TABLE typed (m moods, p point3[]) USING iceberg;
CREATE TABLE parent (a int, b numeric) PARTITION BY LIST (a);
CREATE TABLE p1 PARTITION OF parent FOR VALUES IN (1);
CREATE TABLE whole (a int, b int) PARTITION BY LIST (a);
CREATE TABLE whole1 PARTITION OF whole FOR VALUES IN (1) USING iceberg;
"""

REFUSED = [
    "UPDATE lake SET a = 3", "UPDATE lake SET a = 3 WHERE false", "UPDATE v SET a = 3", "UPDATE whole SET b = 1",
    "WITH u AS (UPDATE lake SET a = 3 RETURNING a) SELECT * FROM u",
    "DELETE FROM lake", "DELETE FROM lake WHERE a = 1 RETURNING a", "DELETE FROM whole",
    "WITH d AS (DELETE FROM lake RETURNING a) INSERT INTO heap SELECT a + 10 FROM d",
    "MERGE INTO lake USING heap ON lake.a = heap.a WHEN MATCHED THEN UPDATE SET b = 'm' "
    "WHEN NOT MATCHED THEN INSERT VALUES (heap.a, heap.b)",
    "INSERT INTO lake VALUES (1) ON CONFLICT (a) DO UPDATE SET b = 'c'",
    "EXPLAIN UPDATE lake SET a = 3",
    "CREATE INDEX ON lake (a)", "CREATE UNIQUE INDEX u ON lake (a)", "CREATE INDEX ON whole (a)",
    "CREATE TABLE t (a int PRIMARY KEY) USING iceberg", "CREATE TABLE t (a int UNIQUE) USING iceberg",
    "CREATE TABLE t (a int, PRIMARY KEY (a)) USING iceberg",
    "CREATE TABLE t (r int4range, EXCLUDE USING gist (r WITH &&)) USING iceberg",
    "CREATE TABLE t (LIKE heap INCLUDING ALL) USING iceberg",
    "ALTER TABLE lake ADD PRIMARY KEY (a)", "ALTER TABLE lake ADD UNIQUE (a)",
    "ALTER TABLE lake ADD COLUMN c int UNIQUE",
    "CREATE TABLE t (a int REFERENCES lake (a))", "CREATE TABLE t (a int, FOREIGN KEY (a) REFERENCES lake (a))",
    "ALTER TABLE heap ADD FOREIGN KEY (a) REFERENCES lake (a)",
    "CREATE UNLOGGED TABLE t (a int) USING iceberg", "ALTER TABLE lake SET UNLOGGED",
    "CREATE UNLOGGED TABLE t USING iceberg AS SELECT 1 AS a",
    "ALTER TYPE mood RENAME VALUE 'sad' TO 'glum'", "ALTER TYPE point3 ADD ATTRIBUTE z int",
    "ALTER TYPE point3 DROP ATTRIBUTE y", "ALTER TYPE point3 RENAME ATTRIBUTE x TO w",
    "ALTER TABLE lake SET TABLESPACE pg_default_is_not_here",
    "CREATE TABLE p2 PARTITION OF parent FOR VALUES IN (2) USING iceberg",
    "CREATE TABLE t (r tsvector) USING iceberg", "ALTER TABLE lake ADD COLUMN r tsvector",
]


@pytest.fixture
def refusing(conn, access_method):
    if access_method == "heap":
        pytest.skip("about lake tables")
    conn.cursor().execute(PREPARATION)
    return conn


def test_refusals(refusing):
    for statement in REFUSED:
        with refusing.cursor() as cursor:
            if "TABLESPACE" in statement:
                continue
            with pytest.raises(psycopg2.Error) as raised:
                cursor.execute(statement)
            error = raised.value
            assert error.pgcode == "0A000", f"{statement}: {error}"
            assert error.diag.message_hint, f"{statement}: {error}"
            cursor.execute("SELECT a, b FROM lake ORDER BY a")
            assert cursor.fetchall() == [(1, "one"), (2, "two")], statement


def test_what_is_allowed_beside_it(refusing):
    with refusing.cursor() as cursor:
        cursor.execute("INSERT INTO lake VALUES (3, 'three') ON CONFLICT DO NOTHING")
        cursor.execute("UPDATE heap SET b = lake.b FROM lake WHERE heap.a = lake.a")
        cursor.execute("DELETE FROM heap USING lake WHERE heap.a = lake.a RETURNING heap.b")
        assert cursor.fetchall() == [("one",)]
        cursor.execute("MERGE INTO heap USING lake ON lake.a = heap.a WHEN NOT MATCHED THEN INSERT VALUES (a, b)")
        assert cursor.rowcount == 3
        cursor.execute("ALTER TYPE mood ADD VALUE 'ecstatic'")
        cursor.execute("INSERT INTO typed VALUES ('{sad,ecstatic}', ARRAY[(1,2)::point3])")
        cursor.execute("SELECT m::text, p::text FROM typed")
        assert cursor.fetchall() == [("{sad,ecstatic}", '{"(1,2)"}')]
        cursor.execute("SELECT count(*) FROM lake")
        assert cursor.fetchone() == (3,)


def test_locations(refusing):
    hostile = ["s3://", "s3://a", "s3://bucket/../other/", "s3://bucket//x/", "file:///etc/", "file://relative/",
               "http://x/y", "/plain/path", "s3://bucket/a\tb/", "s3://Bucket_/x", "s3://bucket/%2e%2e/", "",
               "file:///", "s3://bucket/" + "x" * 600]
    with refusing.cursor() as cursor:
        for prefix in hostile:
            with pytest.raises(psycopg2.Error) as raised:
                cursor.execute("SET pg_lake_iceberg.default_location_prefix = %s", (prefix,))
            assert raised.value.pgcode in ("22023", "42501"), prefix
        for prefix, shown in [("s3://retail-lake-ap3/", "s3://retail-lake-ap3/frompg/tables/"),
                              ("s3://retail-lake-ap3", "s3://retail-lake-ap3/frompg/tables/"),
                              ("s3://b-1.x/deep/er", "s3://b-1.x/deep/er/frompg/tables/"),
                              ("s3://bkt/frompg/tables/", "s3://bkt/frompg/tables/"),
                              ("s3://bkt/frompg/tables", "s3://bkt/frompg/tables/")]:
            cursor.execute("SET pg_lake_iceberg.default_location_prefix = %s", (prefix,))
            cursor.execute("SHOW pg_lake_iceberg.default_location_prefix")
            assert cursor.fetchone() == (shown,)


def test_pointers_are_read_only(refusing, db):
    with refusing.cursor() as cursor:
        cursor.execute("CREATE ROLE nobody_special")
        try:
            cursor.execute("SET ROLE nobody_special")
            cursor.execute("SELECT count(*) FROM iceberg_tables")
            assert cursor.fetchone() == (3,)
            for statement in ("DELETE FROM tarn.tables", "SELECT * FROM tarn.tables",
                              "UPDATE iceberg_tables SET metadata_location = 'x'",
                              "SELECT tarn.adopt_table('lake')"):
                with pytest.raises(psycopg2.Error) as raised:
                    cursor.execute(statement)
                assert raised.value.pgcode in ("42501", "55000"), statement
        finally:
            cursor.execute("RESET ROLE; DROP ROLE nobody_special")


def test_databases_of_other_encodings(server, access_method):
    if access_method == "heap":
        pytest.skip("about lake tables")
    server.sql("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' LOCALE_PROVIDER libc TEMPLATE template0")
    try:
        with pytest.raises(psycopg2.errors.FeatureNotSupported):
            server.sql("CREATE EXTENSION tarn", database="latin")
    finally:
        server.sql("DROP DATABASE latin")
