# SPDX-License-Identifier: Apache-2.0
"""Types, literals and series for the model test. Every value is one that both twins must keep exactly."""

# type: (literals, expression of the series variable i)
TYPES = {
    "int": (["0", "1", "-1", "2147483647", "-2147483648", "42"], "i::int"),
    "bigint": (["0", "9223372036854775807", "-9223372036854775808", "7"], "i * 1000000007::bigint"),
    "smallint": (["0", "32767", "-32768", "12"], "(i % 30000)::smallint"),
    "boolean": (["true", "false"], "i % 3 = 0"),
    "real": (["0", "'-0'", "'NaN'", "'Infinity'", "'-Infinity'", "1.1", "3.4e38"], "i / 7.0::real"),
    "double precision": (["0", "'-0'", "'NaN'", "'Infinity'", "1.1", "5e-324", "1.7e308"],
                         "i / 3.0::double precision"),
    "numeric(10,2)": (["0", "0.01", "-99999999.99", "12.3", "1e3"], "round(i / 100.0, 2)"),
    "numeric(38,9)": (["0", "99999999999999999999999999999.999999999", "-0.000000001"], "i / 7.0"),
    "text": (["''", "'a'", "'Ärger 漢字 🦆'", "'it''s'", "repeat('x', 300)", "E'\\n\\t\\\\'"], "'row ' || i"),
    "varchar(12)": (["''", "'twelve chars'", "'ä'"], "left('v' || i, 12)"),
    "bytea": (["''", "'\\x00ff'", "decode(repeat('ab', 100), 'hex')"], "int8send(i)"),
    "uuid": (["'00000000-0000-0000-0000-000000000000'", "'ffffffff-ffff-ffff-ffff-ffffffffffff'"],
             "md5(i::text)::uuid"),
    "date": (["'1970-01-01'", "'0001-01-01'", "'9999-12-31'", "'2024-02-29'"], "date '2000-01-01' + (i % 9000)::int"),
    "time": (["'00:00'", "'23:59:59.999999'"], "time '00:00' + i * interval '1 second'"),
    "timestamp": (["'1970-01-01'", "'1969-12-31 23:59:59.999999'", "'9999-12-31 23:59:59'"],
                  "timestamp '2020-01-01' + i * interval '1 minute'"),
    "timestamptz": (["'1970-01-01+00'", "'2024-03-31 02:30+01'", "'0001-01-01 00:00:00+00'"],
                    "timestamptz '2020-01-01+00' + i * interval '1 hour'"),
    "jsonb": (["'{}'", "'null'", """'{"a": [1, 2.50, "x"], "b": null}'"""], "jsonb_build_object('i', i)"),
    "int[]": (["'{}'", "'{1,NULL,3}'"], "ARRAY[i, -i]::int[]"),
    "text[]": (["'{}'", "'{a,NULL,\"\"}'"], "ARRAY['x', i::text]"),
}

COMPARABLE = [name for name in TYPES if not name.endswith("[]") and name != "jsonb"]


def literal(rng, type_name):
    if rng.random() < 0.2:
        return "NULL"
    return f"({rng.choice(TYPES[type_name][0])})::{type_name}"


def series(type_name):
    return f"({TYPES[type_name][1]})::{type_name}"


def base_type(declared):
    """The key of TYPES for what format_type says."""
    names = {"integer": "int", "character varying(12)": "varchar(12)", "integer[]": "int[]",
             "timestamp without time zone": "timestamp", "timestamp with time zone": "timestamptz",
             "time without time zone": "time"}
    return names.get(declared, declared)
