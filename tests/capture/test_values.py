# SPDX-License-Identifier: Apache-2.0
"""Values of every type, in the snapshot and in both forms of the stream, against PostgreSQL's own text."""

import csv
import io
import re

import pytest

from source_probe import ProbeError

NULL = "this is NULL"
csv.field_size_limit(1 << 30)

# Type, and texts of values that its input function takes.
VALUES = [
    ("int2", ["-32768", "0", "32767"]),
    ("int4", ["-2147483648", "2147483647", "7"]),
    ("int8", ["-9223372036854775808", "9223372036854775807"]),
    ("oid", ["0", "4294967295"]),
    ("xid8", ["18446744073709551615"]),
    ("pg_lsn", ["16/B374D848", "0/0"]),
    ("numeric(38,0)", ["99999999999999999999999999999999999999", "-99999999999999999999999999999999999999", "0"]),
    ("numeric(38,37)", ["9.9999999999999999999999999999999999999", "-0.0000000000000000000000000000000000001"]),
    ("numeric(10,2)", ["12345678.90", "-0.01", "100", "0.005", "99999999.99"]),
    ("numeric(12,5)", ["1234567.89012", "0.00001", "-10000", "10000.0001"]),
    ("numeric(5,-2)", ["1234567", "-149", "0"]),
    ("numeric(3,5)", ["0.00123", "-0.00999"]),
    ("numeric", ["0", "-0.00", "1e40", "1e-40", "123456789012345678901234567890.123456789",
                 "-10000.00010", "0.0001", "100000000", "NaN", "Infinity", "-Infinity"]),
    ("numeric(60,20)", ["123456789012345678901234567890.12345678901234567890"]),
    ("bool", ["t", "f"]),
    ("text", ["", "plain", "Grüße ✓ 𝄞", "tab\tline\nback\\slash 'quote' \"double\"", "x" * 5000]),
    ("varchar(10)", ["", "ääääääääää", "trail  "]),
    ("bpchar(6)", ["ab", "", "äöü"]),
    ("char(1)", ["x"]),
    ("name", ["a name"]),
    ('"char"', ["a", "", "\\377"]),
    ("uuid", ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"]),
    ("xml", ["<a b='c'>text</a>"]),
    ("inet", ["192.168.1.5", "10.0.0.0/8", "::1"]),
    ("cidr", ["10.0.0.0/8"]),
    ("macaddr", ["08:00:2b:01:02:03"]),
    ("interval", ["1 year 2 mons -3 days 04:05:06.789", "-00:00:01"]),
    ("bit(5)", ["10101"]),
    ("varbit", ["1", ""]),
    ("point", ["(1.5,-2.25)"]),
    ("tsvector", ["'a':1 'b':2"]),
    ("int4range", ["[6,31)", "empty"]),
    ("int4multirange", ["{[1,3),[5,7)}"]),
    ("int4[]", ["{1,2,NULL,5}", "{}", "[0:1]={7,8}", "{{1,2},{3,4}}"]),
    ("text[]", ['{"a b","NULL",NULL,"q\\"uote"}']),
    ("jsonpath", ["$.a"]),
    ("regclass", ["pg_class"]),
]
# Types with a form of their own: text for PostgreSQL, what is shown of what was captured.
OWN_FORMS = [
    ("float4", [("0.1", "0.10000000149011612"), ("NaN", "NaN"), ("-Infinity", "-Infinity"),
                ("3.4028235e+38", "3.4028234663852886e+38"), ("-0", "-0")]),
    ("float8", [("0.1", "0.10000000000000001"), ("Infinity", "Infinity"), ("NaN", "NaN"),
                ("5e-324", "4.9406564584124654e-324"), ("1.7976931348623157e308", "1.7976931348623157e+308")]),
    ("bytea", [("\\x", ""), ("\\x00ff10", "00ff10")]),
    ("date", [("0001-01-01", "0001-01-01"), ("9999-12-31", "9999-12-31"), ("1970-01-01", "1970-01-01"),
              ("2024-02-29", "2024-02-29"), ("1899-12-31", "1899-12-31")]),
    ("time", [("00:00:00", "00:00:00"), ("23:59:59.999999", "23:59:59.999999")]),
    ("timetz", [("04:05:06.7+02", "04:05:06.700000"), ("23:59:59-15:59", "23:59:59"),
                ("01:02:03+05:30:15", "01:02:03")]),
    ("timestamp", [("0001-01-01 00:00:00", "0001-01-01 00:00:00"),
                   ("9999-12-31 23:59:59.999999", "9999-12-31 23:59:59.999999"),
                   ("1969-12-31 23:59:59.999999", "1969-12-31 23:59:59.999999")]),
    ("timestamptz", [("2024-03-31 02:30:00.5+02", "2024-03-31 00:30:00 nanoseconds 500000000 minutes 0"),
                     ("1969-12-31 23:59:59.999999+00", "1969-12-31 23:59:59 nanoseconds 999999000 minutes 0"),
                     ("9999-12-31 23:59:59+00", "9999-12-31 23:59:59 nanoseconds 0 minutes 0")]),
    ("json", [('{ "b" : [1, 2,\t3],\n "b": "x  \\"  y" , "n": 1.50e3 }', '{"b":[1,2,3],"b":"x  \\"  y","n":1.50e3}'),
              (" null ", "null"), ('" \\\\ "', '" \\\\ "'), ("[]", "[]")]),
    ("jsonb", [('{"b": [1, 2, 3], "a": "x: , y"}', '{"a":"x: , y","b":[1,2,3]}'), ("null", "null")]),
    ("money", [("12.34", "12.34"), ("-92233720368547758.08", "-92233720368547758.08"), ("0.05", "0.05"),
               ("-0.5", "-0.50")]),
    ("numeric(10,3)", [("NaN", None)]),
]
BINARY = {"int2", "int4", "int8", "oid", "xid8", "pg_lsn", "numeric", "bool", "text", "varchar", "bpchar", "char",
          "name", '"char"', "uuid", "float4", "float8", "bytea", "date", "time", "timetz", "timestamp", "timestamptz",
          "json", "jsonb", "money"}


def make_table(source, forms):
    columns = ", ".join(f"c{i} {kind}" for i, (kind, _) in enumerate(forms))
    source.sql(f"CREATE TABLE every (id int PRIMARY KEY, {columns})")


def expected_rows(source):
    """What the output functions say: COPY writes it."""
    text = io.StringIO()
    with source.connection.cursor() as cursor:
        cursor.execute("SET TimeZone = 'UTC'; SET extra_float_digits = 3; SET DateStyle = 'ISO'; SET bytea_output = 'hex';"
                       "SET IntervalStyle = 'postgres'")
        cursor.copy_expert("COPY (SELECT * FROM every ORDER BY id) TO STDOUT (FORMAT csv, NULL '\\N', FORCE_QUOTE *)", text)
    text.seek(0)
    # A quoted value is never NULL.
    rows = csv.reader(io.StringIO(re.sub(r'(^|,)\\N(?=,|$)', r'\1"' + NULL + '"', text.read(), flags=re.M)), strict=True)
    return [[None if value == NULL else value for value in row[1:]] for row in rows]


def insert_all(source, forms):
    longest = max(len(texts) for _, texts in forms)
    for number in range(longest + 1):
        values = [texts[number] if number < len(texts) else None for _, texts in forms]
        casts = ", ".join(f"%s::{kind}" for kind, _ in forms)
        source.sql(f"INSERT INTO every VALUES ({number}, {casts})", values)
    return longest + 1


def streamed_rows(source, forms, binary):
    source.make_slot("values")
    source.sql("BEGIN")
    count = insert_all(source, forms)
    source.sql("COMMIT")
    stream = source.stream("values", binary).started()
    changes = stream.transaction()
    stream.stop()
    assert len(changes) == count
    return [change["row"] for change in changes]


def all_forms():
    return VALUES + [(kind, [text for text, _ in pairs]) for kind, pairs in OWN_FORMS]


def expected_of(source, forms):
    rows = expected_rows(source)
    own = {kind: [shown for _, shown in pairs] for kind, pairs in OWN_FORMS}
    expected = []
    for number, row in enumerate(rows):
        values = {"id": str(number)}
        for i, (kind, _) in enumerate(forms):
            value = row[i]
            if kind in own:
                value = own[kind][number] if number < len(own[kind]) else None
            elif kind == "bool" and value is not None:
                value = value == "t"
            values[f"c{i}"] = value
        expected.append(values)
    return expected


def compare(forms, expected, captured):
    assert len(captured) == len(expected)
    for want, got in zip(expected, captured):
        for name, value in want.items():
            kind = forms[int(name[1:])][0] if name.startswith("c") else name
            assert got[name] == value, f"{kind}: {got[name]!r} is not {value!r}"


def test_every_type_in_the_snapshot(source):
    forms = all_forms()
    make_table(source, forms)
    insert_all(source, forms)
    rows, _ = source.snapshot("every")
    compare(forms, expected_of(source, forms), sorted(rows, key=lambda row: int(row["id"])))


def test_trap_33_every_type_in_the_stream_as_text(source):
    """The database's own settings would write it all differently."""
    for setting in ("DateStyle = 'German, DMY'", "TimeZone = 'Asia/Kathmandu'", "IntervalStyle = 'iso_8601'",
                    "extra_float_digits = 0", "bytea_output = 'escape'"):
        source.sql(f'ALTER DATABASE "{source.database}" SET {setting}')
    forms = all_forms()
    make_table(source, forms)
    rows = streamed_rows(source, forms, binary=False)
    compare(forms, expected_of(source, forms), rows)


def test_every_type_in_the_stream_in_binary(source):
    forms = [(kind, texts) for kind, texts in all_forms() if kind.split("(")[0] in BINARY]
    make_table(source, forms)
    rows = streamed_rows(source, forms, binary=True)
    compare(forms, expected_of(source, forms), rows)
    assert all(column["binary"] for column in source.describe("every")["columns"])


def test_trap_36_types_of_the_database(source):
    source.sql("CREATE SCHEMA \"Odd\"")
    source.sql("CREATE TYPE \"Odd\".mood AS ENUM ('sad', 'o''k', 'glad ✓')")
    source.sql("CREATE DOMAIN positive AS numeric(6,2) CHECK (VALUE > 0)")
    source.sql("CREATE DOMAIN very_positive AS positive CHECK (VALUE > 10)")
    source.sql("CREATE DOMAIN moods AS \"Odd\".mood[]")
    source.sql("CREATE TYPE pair AS (t text, n int)")
    source.sql("CREATE TABLE t (id int PRIMARY KEY, m \"Odd\".mood, d very_positive, a moods, p pair)")
    source.make_slot()
    source.sql("INSERT INTO t VALUES (1, 'o''k', 12.345, '{sad,NULL,glad ✓}', ROW('a, \"b\"', NULL)),"
               " (2, NULL, NULL, NULL, NULL), (3, 'sad', 11, '{}', ROW(NULL, NULL))")
    expected = [
        {"id": "1", "m": "o'k", "d": "12.35", "a": '{sad,NULL,"glad ✓"}', "p": '("a, ""b""",)'},
        {"id": "2", "m": None, "d": None, "a": None, "p": None},
        {"id": "3", "m": "sad", "d": "11.00", "a": "{}", "p": "(,)"}]
    assert source.snapshot("t")[0] == expected
    stream = source.stream(binary=False).started()
    assert [change["row"] for change in stream.transaction()] == expected
    targets = {column["name"]: column["target"] for column in source.describe("t")["columns"]}
    assert targets == {"id": "NUMBER(38,0)", "m": "VARCHAR", "d": "NUMBER(6,2)", "a": "VARCHAR", "p": "VARCHAR"}


@pytest.mark.parametrize("kind, value", [
    ("date", "infinity"), ("date", "-infinity"), ("date", "10000-01-01"), ("date", "0044-03-15 BC"),
    ("timestamp", "infinity"), ("timestamp", "-infinity"), ("timestamp", "294276-12-31 23:59:59.999999"),
    ("timestamp", "10000-01-01 00:00:00"), ("timestamp", "4713-01-01 00:00:00 BC"),
    ("timestamptz", "infinity"), ("timestamptz", "10000-01-01 00:00:00+00"), ("timestamptz", "0001-12-31 00:00:00+00 BC"),
    ("time", "24:00:00")])
@pytest.mark.parametrize("binary", [True, False])
def test_trap_34_what_does_not_fit_fails_the_table_by_name(source, kind, value, binary):
    source.sql(f'CREATE TABLE t (id int PRIMARY KEY, "when" {kind})')
    source.make_slot()
    source.sql(f"INSERT INTO t VALUES (1, '{value}')")
    with pytest.raises(ProbeError) as failure:
        source.snapshot("t")
    assert failure.value.kind == "invalid argument"
    shown = value.removesuffix("+00").replace("+00 BC", " BC")
    assert failure.value.message == (
        f'column "when" of table "public"."t": {kind} "{shown}" does not fit into '
        + {"date": "DATE", "time": "TIME", "timestamp": "TIMESTAMP_NTZ", "timestamptz": "TIMESTAMP_TZ"}[kind])
    stream = source.stream(binary=binary).started()
    with pytest.raises(ProbeError) as failure:
        stream.transaction()
    assert failure.value.kind == "invalid argument" and kind in failure.value.message


def test_trap_35_numerics_round_as_postgresql_rounds(source, rng):
    """A column that lost digits while the stream was behind: values still come with those they had."""
    source.sql("CREATE TABLE t (id int PRIMARY KEY, n numeric(30,10))")
    source.sql("CREATE TABLE narrow (id int PRIMARY KEY, n numeric(24,3))")
    source.make_slot()
    source.sql("BEGIN")
    for number in range(200):
        digits = str(rng.randrange(10 ** rng.randrange(1, 31))).rjust(11, "0")
        source.sql("INSERT INTO t VALUES (%s, %s)", (number, f"{rng.choice(['', '-'])}{digits[:-10]}.{digits[-10:]}"))
    source.sql("INSERT INTO t VALUES (200, 0.0005), (201, -0.0005), (202, 0.00049999), (203, 999.9995), (204, 9999.9995)")
    source.sql("COMMIT")
    expected = [value for (value,) in source.sql("SELECT n::numeric(24,3)::text FROM t ORDER BY id")]
    source.sql("ALTER TABLE t ALTER n TYPE numeric(24,3)")
    for binary in (True, False):
        stream = source.stream(binary=binary).started()
        changes = stream.transaction()
        stream.stop()
        assert [change["row"]["n"].replace("-0.000", "0.000") for change in changes] == expected
