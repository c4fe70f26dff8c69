# SPDX-License-Identifier: Apache-2.0
"""Values of every type go into a lake table and come back exactly, or are refused with their column's name."""

import psycopg2
import pytest

from support.twin import assert_twins

PRELUDE = """
CREATE TYPE mood AS ENUM ('sad', 'ok', 'it''s "odd"');
CREATE TYPE point2 AS (x int, y numeric(10,3), tags text[], m mood);
CREATE TYPE deep AS (p point2, ps point2[], d date);
CREATE DOMAIN positive AS int CHECK (value > 0);
CREATE DOMAIN price AS numeric(12,2);
CREATE DOMAIN names AS text[];
CREATE TYPE measure AS (value numeric);
CREATE DOMAIN amount AS numeric;
"""

TYPES = {
    "boolean": ["true", "false"],
    "smallint": ["'-32768'", "32767"],
    "int": ["'-2147483648'", "2147483647"],
    "bigint": ["'-9223372036854775808'", "9223372036854775807"],
    "real": ["'NaN'", "'Infinity'", "'-Infinity'", "'-0'", "3.4028235e38", "1.4e-45", "0.1"],
    "double precision": ["'NaN'", "'Infinity'", "'-Infinity'", "'-0'", "1.7976931348623157e308", "5e-324", "0.1"],
    "numeric(1,0)": ["9", "'-9'", "0"],
    "numeric(4,4)": ["0.9999", "'-0.0001'", "0"],
    "numeric(9,2)": ["9999999.99", "'-9999999.99'", "0.01", "10000", "9999", "0.10"],
    "numeric(18,3)": ["999999999999999.999", "'-999999999999999.999'", "100000000"],
    "numeric(19,0)": ["9999999999999999999", "9223372036854775808", "18446744073709551615"[:19]],
    "numeric(38,0)": ["99999999999999999999999999999999999999", "'-99999999999999999999999999999999999999'",
                      "10000000000000000", "18446744073709551616"],
    "numeric(38,38)": ["0.99999999999999999999999999999999999999", "'-0.00000000000000000000000000000000000001'"],
    "numeric(38,9)": ["99999999999999999999999999999.999999999", "0.5", "12345.678901234"],
    "numeric(5,-2)": ["9999900", "'-100'", "12345"],
    "numeric(3,5)": ["0.00999", "'-0.00001'"],
    "numeric(38,5)": ["1e32", "1e-5"],
    "text": ["''", "'a'", "'Ärger 漢字 🦆'", "repeat('xyz', 400000)", "E'\\n\\t\\r\\\\'", "' '", "E'\\x01\\x7f'"],
    "varchar(5)": ["''", "'abcde'", "'ä漢🦆'"],
    "varchar": ["repeat('v', 3000)"],
    "char(5)": ["''", "'ab'", "'abcde'", "'ä'"],
    "bytea": ["''", "'\\x00'", "'\\x00ff00'", "decode(repeat('00ff', 100000), 'hex')"],
    "uuid": ["'00000000-0000-0000-0000-000000000000'", "'ffffffff-ffff-ffff-ffff-ffffffffffff'",
             "'01234567-89ab-cdef-0123-456789abcdef'"],
    "date": ["'1970-01-01'", "'4713-01-01 BC'", "'0001-12-31 BC'", "'0001-01-01'", "'5874897-12-31'", "'2000-02-29'"],
    "time": ["'00:00'", "'23:59:59.999999'"],
    "time(0)": ["'12:34:56'"],
    "timestamp": ["'1970-01-01'", "'1969-12-31 23:59:59.999999'", "'4713-01-01 00:00:00 BC'",
                  "'294247-01-10 04:00:54.775806'", "'1582-10-10 12:00'"],
    "timestamptz": ["'1970-01-01 00:00+00'", "'4713-01-01 00:00:00+00 BC'", "'294247-01-10 04:00:54.775806+00'",
                    "'2024-03-31 02:30+01'"],
    "timestamp(3)": ["'2024-01-01 00:00:00.123'"],
    "json": ["""'{"a" : 1.50, "a": 2}'""", "'null'", "'\"x\"'", "' [ ] '"],
    "jsonb": ["""'{"b": [1.50, null, true, "\\u00e4"], "a": {}}'""", "'null'", "'1e400'", "'\"\"'"],
    "mood": ["'sad'", "'it''s \"odd\"'"],
    "positive": ["5"],
    "price": ["9999999999.99"],
    "int[]": ["'{}'", "'{1,NULL,-3}'", "ARRAY(SELECT generate_series(1, 5000))"],
    "text[]": ["'{}'", "'{\"\",NULL,a}'", "ARRAY[repeat('q', 100000), 'x']"],
    "numeric(10,2)[]": ["'{1.10,NULL,99999999.99}'"],
    "numeric[]": ["'{1.000000001}'"],
    "boolean[]": ["'{t,NULL,f}'"],
    "uuid[]": ["'{ffffffff-ffff-ffff-ffff-ffffffffffff}'"],
    "timestamptz[]": ["'{1970-01-01 00:00:00+00,NULL}'"],
    "bytea[]": ["ARRAY['\\x00'::bytea, '']"],
    "jsonb[]": ["""ARRAY['{"a": 1}'::jsonb, NULL]"""],
    "mood[]": ["'{sad,NULL,ok}'"],
    "names": ["'{a,b}'"],
    "positive[]": ["'{1,2}'"],
    "point2": ["ROW(1, -0.001, '{a,NULL,\"\"}', 'sad')", "ROW(NULL, NULL, NULL, NULL)", "ROW(0, 0, '{}', 'ok')"],
    "point2[]": ["ARRAY[ROW(1, 2, NULL, NULL)::point2, NULL]", "'{}'"],
    "deep": ["ROW(ROW(1, 2, '{x}', 'ok'), ARRAY[NULL, ROW(3, NULL, NULL, 'sad')::point2], '2024-01-01')",
             "ROW(NULL, NULL, NULL)", "ROW(ROW(NULL, NULL, NULL, NULL), '{}', NULL)"],
}


@pytest.mark.parametrize("declared", TYPES)
def test_values_come_back_exactly(db, access_method, declared):
    connection = db.connect(autocommit=False)
    with connection.cursor() as cursor:
        cursor.execute(PRELUDE)
        values = [f"({number}, ({value})::{declared})" for number, value in enumerate(TYPES[declared])]
        for table, method in (("heap", "heap"), ("lake", access_method)):
            cursor.execute(f"CREATE TABLE {table} (id int, c {declared}) USING {method}")
            cursor.execute(f"INSERT INTO {table} VALUES " + ", ".join(values) + ", (100, NULL)")
            # A toasted and a detoasted source, a plain and a short header.
            cursor.execute(f"INSERT INTO {table} SELECT id + 200, c FROM heap WHERE id < 200")
    assert_twins(connection, connection, "lake", "heap", compare_definitions=declared != "numeric[]")
    connection.commit()
    assert_twins(connection, connection, "lake", "heap")


REFUSED = {
    "date": ("22008", ["'infinity'", "'-infinity'"]),
    "timestamp": ("22008", ["'infinity'", "'-infinity'", "'294276-12-31 23:59:59'", "'294247-01-10 04:00:54.775807'"]),
    "timestamptz": ("22008", ["'infinity'", "'-infinity'", "'294247-01-10 04:00:54.775807+00'"]),
    "time": ("22008", ["'24:00:00'"]),
    "numeric(10,2)": ("22003", ["'NaN'"]),
    "numeric": ("22003", ["'NaN'"]),
    "numeric[]": ("22003", ["'{NaN}'"]),
    "measure": ("22003", ["ROW(1.0000000001)", "ROW(1e29)", "ROW('NaN')", "ROW('Infinity')"]),
    "amount": ("22003", ["1.0000000001", "1e29", "'NaN'", "'-Infinity'"]),
    "timestamp[]": ("22008", ["'{infinity}'"]),
    "int[]": ("0A000", ["'{{1,2},{3,4}}'", "'[2:3]={1,2}'", "'[0:0]={1}'"]),
    "text[]": ("0A000", ["'{{a}}'"]),
}


@pytest.mark.parametrize("declared", REFUSED)
def test_what_iceberg_cannot_hold_is_refused(db, access_method, declared):
    """With the column's name, and the row is not there; rows before and after it are."""
    if access_method == "heap":
        pytest.skip("a heap holds them")
    sqlstate, values = REFUSED[declared]
    connection = db.connect(autocommit=False)
    with connection.cursor() as cursor:
        cursor.execute(PRELUDE)
        cursor.execute(f'CREATE TABLE lake (id int, "odd Name" {declared}, after text) USING {access_method}')
        cursor.execute("INSERT INTO lake VALUES (1, NULL, 'x')")
        for value in values:
            cursor.execute("SAVEPOINT s")
            with pytest.raises(psycopg2.Error) as raised:
                cursor.execute(f"INSERT INTO lake VALUES (2, NULL, 'y'), (3, ({value})::{declared}, 'z')")
            assert raised.value.pgcode == sqlstate, value
            assert '"odd Name"' in raised.value.diag.message_primary
            cursor.execute("ROLLBACK TO s")
        cursor.execute("INSERT INTO lake VALUES (4, NULL, 'w')")
        cursor.execute("SELECT * FROM lake ORDER BY id")
        assert cursor.fetchall() == [(1, None, "x"), (4, None, "w")]
    connection.commit()


@pytest.mark.parametrize("declared", ["interval", "timetz", "money", "inet", "xml", "int4range", "point", "bit(3)", "tsvector",
                                      "interval[]", "numeric(39,2)", "numeric(10,40)", "holder", "oidvector"])
def test_types_without_a_place_in_iceberg_are_refused(conn, access_method, declared):
    if access_method == "heap":
        pytest.skip("a heap takes them")
    with conn.cursor() as cursor:
        cursor.execute("CREATE TYPE holder AS (a int, b interval)")
        with pytest.raises(psycopg2.errors.FeatureNotSupported) as raised:
            cursor.execute(f"CREATE TABLE lake (c {declared}) USING {access_method}")
        assert '"c"' in raised.value.diag.message_primary
        assert raised.value.diag.message_hint


def test_a_refusal_names_the_declared_type(conn, access_method):
    if access_method == "heap":
        pytest.skip("a heap takes them")
    with conn.cursor() as cursor:
        cursor.execute("CREATE DOMAIN spans AS interval[]; CREATE TYPE holder AS (a int, b interval[])")
        for declared, message in [("interval[]", 'column "t" has type interval[],'), ("spans", 'column "t" has type spans,'),
                                  ("numeric(39,2)[]", 'column "t" has type numeric(39,2)[],'),
                                  ("interval", 'column "t" has type interval,'),
                                  ("holder[]", 'attribute "b" of column "t" has type interval[],')]:
            with pytest.raises(psycopg2.errors.FeatureNotSupported) as raised:
                cursor.execute(f"CREATE TABLE lake (t {declared}) USING iceberg")
            assert raised.value.diag.message_primary.startswith(message)


def test_rows_survive_the_columnar_form_without_an_engine(db, access_method, rng):
    """Packing and unpacking alone, over many random values of each width."""
    if access_method == "heap":
        pytest.skip("needs the extension's library")
    connection = db.connect(autocommit=False)
    with connection.cursor() as cursor:
        cursor.execute("CREATE FUNCTION roundtrip(record) RETURNS record LANGUAGE c STRICT "
                       f"AS '{db.server.installation.testing_library}', 'tarn_pack_roundtrip'")
        cursor.execute(PRELUDE)
        cursor.execute("SELECT setseed(%s)", (rng.random(),))
        cursor.execute("""
            CREATE TABLE source AS SELECT
              (random() * 10 ^ (random() * 37))::numeric(38,0) AS whole,
              (random() * 10 ^ (-random() * 30))::numeric * 0.9::numeric(38,38) AS fraction,
              (random() * 10 ^ (random() * 16.9) - 5)::numeric(20,3) AS mixed,
              (-(random() * 10 ^ (random() * 5.9)))::numeric(12,6) AS negative,
              CASE WHEN random() < 0.7 THEN repeat('x', (random() * 300)::int) END AS body,
              CASE WHEN random() < 0.5 THEN random() < 0.5 END AS flag,
              (random() * 1e9)::int AS number, random() AS double, random()::real AS single,
              timestamptz '2000-01-01' + random() * interval '400 years' - interval '200 years' AS instant,
              date '2000-01-01' + ((random() - 0.5) * 1e6)::int AS day, gen_random_uuid() AS id,
              CASE WHEN i % 3 = 0 THEN NULL ELSE ARRAY(SELECT (random() * 10)::int FROM generate_series(1, i % 7)) END AS list,
              CASE WHEN i % 5 > 0 THEN ROW(i, i / 7.0, CASE WHEN i % 2 = 0 THEN ARRAY['t', NULL] END, 'ok')::point2 END AS p
            FROM generate_series(1, 20000) i""")
        cursor.execute("ALTER TABLE source ALTER fraction TYPE numeric(38,38), DROP COLUMN number, ADD COLUMN late text DEFAULT 'l'")
        cursor.execute("SELECT count(*), count(*) FILTER (WHERE record_image_eq(s, roundtrip(s))) FROM source s")
        total, same = cursor.fetchone()
        assert (total, same) == (20000, 20000)
    connection.rollback()
