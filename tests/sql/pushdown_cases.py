# SPDX-License-Identifier: Apache-2.0
"""Columns, values at the edges and constants around them, for the comparison of pushed filters with a heap."""

COMPARISONS = ["=", "<>", "<", "<=", ">", ">="]


class Case:
    """One column type. `values` fill it; every constant is compared with it by every operator."""

    def __init__(self, declared, values, constants=(), operators=COMPARISONS, random=None, not_pushed=(),
                 settings=()):
        self.declared = declared
        self.values = values
        self.constants = [f"({value})::{declared}" for value in values] + list(constants)
        self.operators = operators
        self.random = random          # rng -> a literal that the column and constants can be
        self.not_pushed = not_pushed  # operators that PostgreSQL must keep
        self.settings = settings      # statements to repeat everything under


def decimal_text(rng, whole, places):
    number = str(rng.randrange(10 ** rng.randint(0, whole)))
    fraction = "".join(rng.choice("0123456789") for _ in range(rng.randint(0, places)))
    return f"'{rng.choice(['', '-'])}{number}{'.' + fraction if fraction else ''}'"


def date_text(rng):
    return f"'{rng.randint(1, 9999):04}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}'"


def timestamp_text(rng):
    return (date_text(rng)[:-1] + f" {rng.randint(0, 23):02}:{rng.randint(0, 59):02}:{rng.randint(0, 59):02}"
            f".{rng.randrange(10 ** 6):06}'")


ZONES = ["SET timezone = 'UTC'", "SET timezone = 'America/New_York'", "SET timezone = 'Asia/Kolkata'"]
INSTANTS = ["'1970-01-01 00:00:00+00'", "'1969-12-31 23:59:59.999999+00'", "'2024-03-10 06:59:59.999999+00'",
            "'2024-03-10 07:00:00+00'", "'2024-11-03 05:30:00+00'", "'2024-11-03 06:30:00+00'",
            "'4713-01-01 00:00:00+00 BC'", "'294247-01-10 04:00:54.775806+00'", "'0001-01-01 00:00:00+00'"]

CASES = {
    "boolean": Case("boolean", ["true", "false"]),
    "smallint": Case(
        "smallint", ["'-32768'", "'-1'", "0", "1", "32767"],
        ["32768", "-32769", "2147483648", "(-9223372036854775808)::bigint", "7::bigint", "1::int"],
        random=lambda rng: f"'{rng.randint(-32768, 32767)}'"),
    "int": Case(
        "int", ["'-2147483648'", "'-1'", "0", "1", "2147483647"],
        ["2147483648", "(-2147483649)", "9223372036854775807", "1::smallint", "(-32768)::smallint"],
        random=lambda rng: f"'{rng.randint(-2 ** 31, 2 ** 31 - 1)}'"),
    "bigint": Case(
        "bigint", ["'-9223372036854775808'", "'-1'", "0", "1", "4294967296", "9223372036854775807"],
        ["1::smallint", "2147483647::int"],
        random=lambda rng: f"'{rng.randint(-2 ** 63, 2 ** 63 - 1)}'"),
    "real": Case(
        "real", ["'NaN'", "'Infinity'", "'-Infinity'", "'-0'", "0", "1", "0.1", "'-0.1'", "3.4028235e38",
                 "1.4e-45", "16777216"],
        ["0.1::float8", "1e300::float8", "(-1e300)::float8", "'NaN'::float8", "'Infinity'::float8",
         "'-Infinity'::float8", "16777217::float8", "1e-300::float8", "'-0'::float8", "3.4028235677973366e38::float8"],
        random=lambda rng: f"'{rng.uniform(-1, 1) * 10 ** rng.randint(-30, 30)!r}'"),
    "double": Case(
        "double precision", ["'NaN'", "'Infinity'", "'-Infinity'", "'-0'", "0", "0.1", "'-0.1'",
                             "1.7976931348623157e308", "5e-324", "9007199254740993"],
        ["0.1::real", "'NaN'::real", "'-0'::real", "9007199254740993::bigint", "0.1::numeric", "3"],
        random=lambda rng: f"'{rng.uniform(-1, 1) * 10 ** rng.randint(-300, 300)!r}'"),
    "decimal_small": Case(
        "numeric(9,2)", ["0", "0.01", "'-0.01'", "9999999.99", "'-9999999.99'", "1.5", "'-1.5'", "12.30"],
        ["0.005", "(-0.005)", "0.015", "1.5000000000000000000000001", "(-1.499999)", "9999999.991", "(-9999999.991)",
         "1e30", "(-1e30)", "'NaN'::numeric", "'Infinity'::numeric", "'-Infinity'::numeric", "12.3", "12", "1::int",
         "2::bigint", "0.00001", "(-0.00001)"],
        random=lambda rng: decimal_text(rng, 7, 2)),
    "decimal_medium": Case(
        "numeric(18,4)", ["0", "99999999999999.9999", "'-99999999999999.9999'", "0.0001", "'-0.0001'"],
        ["0.00005", "99999999999999.99991", "100000000000000", "(-100000000000000)"],
        random=lambda rng: decimal_text(rng, 14, 4)),
    "decimal_large": Case(
        "numeric(38,9)", ["0", "99999999999999999999999999999.999999999", "'-99999999999999999999999999999.999999999'",
                          "0.000000001", "'-0.000000001'", "18446744073709551616"],
        ["0.0000000005", "1e29", "(-1e29)", "1e40", "18446744073709551615.5", "'NaN'::numeric"],
        random=lambda rng: decimal_text(rng, 29, 9)),
    "decimal_whole": Case(
        "numeric(38,0)", ["0", "1", "'-1'", "99999999999999999999999999999999999999",
                          "'-99999999999999999999999999999999999999'"],
        ["0.5", "(-0.5)", "1e38", "(-1e38)", "99999999999999999999999999999999999998.5"],
        random=lambda rng: decimal_text(rng, 38, 0)),
    "decimal_negative_scale": Case(
        "numeric(5,-2)", ["0", "100", "'-9999900'", "9999900"], ["50", "99", "9999901", "1e10"],
        random=lambda rng: decimal_text(rng, 6, 0)),
    "text": Case(
        "text", ["''", "'a'", "'A'", "'ab'", "'a '", "'Ä'", "'ä'", "'漢字'", "'🦆'", "E'\\uFFFF'", "'a%b'", "'a_b'",
                 "E'a\\\\b'", "repeat('long', 200)"],
        ["'a'::varchar", "'b'::varchar(3)"],
        random=lambda rng: "'" + "".join(rng.choice("aAbB zäÄß漢🦆") for _ in range(rng.randint(0, 5))) + "'"),
    "text_c": Case("text COLLATE \"C\"", ["''", "'a'", "'B'", "'ä'", "'🦆'", "E'\\uFFFF'"]),
    "text_linguistic": Case(
        "text COLLATE \"C.utf8\"", ["''", "'a'", "'B'", "'ä'"], not_pushed=["<", "<=", ">", ">="]),
    "varchar": Case("varchar(5)", ["''", "'abcde'", "'a '"], ["'a'::text", "'abcdef'::text"]),
    "char": Case("char(4)", ["''", "'a'", "'a b'", "'abcd'"], ["'a   '::char(4)", "'a'::bpchar"], not_pushed=COMPARISONS),
    "bytea": Case("bytea", ["''", "'\\x00'", "'\\x00ff'", "'\\xff'", "'\\x7f'", "'\\x80'"]),
    "uuid": Case(
        "uuid", ["'00000000-0000-0000-0000-000000000000'", "'ffffffff-ffff-ffff-ffff-ffffffffffff'",
                 "'7fffffff-ffff-ffff-ffff-ffffffffffff'", "'80000000-0000-0000-0000-000000000000'"],
        random=lambda rng: f"'{rng.getrandbits(128):032x}'"),
    "date": Case(
        "date", ["'1970-01-01'", "'1969-12-31'", "'4713-01-01 BC'", "'5874897-12-31'", "'2024-02-29'", "'0001-01-01'"],
        ["'infinity'::date", "'-infinity'::date", "'2024-02-29 00:00'::timestamp", "'2024-02-29 00:00:00.000001'::timestamp",
         "'1969-12-31 23:59:59.999999'::timestamp", "'infinity'::timestamp", "'-infinity'::timestamp",
         "'4713-01-01 00:00:01 BC'::timestamp"],
        random=date_text),
    "time": Case(
        "time", ["'00:00'", "'23:59:59.999999'", "'12:00'"], ["'24:00'::time", "'12:00:00.000001'::time"]),
    "timestamp": Case(
        "timestamp", ["'1970-01-01'", "'1969-12-31 23:59:59.999999'", "'4713-01-01 BC'", "'294247-01-10 04:00:54.775806'",
                      "'2024-02-29'", "'2024-02-29 00:00:00.000001'"],
        ["'infinity'::timestamp", "'-infinity'::timestamp", "'294276-12-31 23:59:59'::timestamp", "'2024-02-29'::date",
         "'infinity'::date", "'-infinity'::date", "'5874897-12-31'::date", "'294247-01-10 04:00:54.775807'::timestamp"],
        random=timestamp_text),
    "timestamptz": Case(
        "timestamptz", INSTANTS,
        ["'infinity'::timestamptz", "'-infinity'::timestamptz", "'294276-12-31 23:59:59+00'::timestamptz",
         "'2024-03-10'::date", "'2024-11-03'::date", "'2024-03-10 02:30'::timestamp", "'2024-11-03 01:30'::timestamp",
         "'infinity'::timestamp", "'5874897-12-31'::date"],
        random=timestamp_text, settings=ZONES),
}
