# SPDX-License-Identifier: Apache-2.0
"""The same bytes to PostgreSQL and to us: types, SQLSTATEs, tags, status bytes and values agree."""

import struct

import pytest

from support.wire_client import (FLUSH, SYNC, bind, close, describe, digest, execute, message, parse, query)

INT4, INT8, TEXT, NUMERIC, TIMESTAMP, FLOAT8, DATE, BOOL, BYTEA = 23, 20, 25, 1700, 1114, 701, 1082, 16, 17
# Fails when it runs: PostgreSQL computes 1/0 when it plans.
FAILS = "SELECT 1/(g-g)::int8 AS x FROM generate_series(1, 1) g"
TYPES = ("SELECT 1::int8 AS a, '-12.50'::numeric(12,2) AS b, 'x'::text AS c, 'y'::varchar(10) AS d, true AS e, "
         "'2000-01-02'::date AS f, '01:02:03.5'::time(6) AS g, '2000-01-02 03:04:05.12'::timestamp(6) AS h, "
         "'2000-01-02 03:04:05+02'::timestamptz(6) AS i, '\\x00ff'::bytea AS j, 0.1::float8 AS k, "
         "'{\"a\": 1}'::json AS l, '00112233-4455-6677-8899-aabbccddeeff'::uuid AS m, NULL AS n")
VALUES = [
    "SELECT '0001-01-01'::date AS a, '9999-12-31'::date AS b, '0044-03-15 BC'::date AS c, '12345-06-07'::date AS d",
    "SELECT '1969-12-31 23:59:59.999999'::timestamp(6) AS a, '0001-01-01 00:00:00'::timestamp(6) AS b, "
    "'1600-02-29 12:00:00.5'::timestamp(6) AS c, '2000-01-01 00:00:00.000001'::timestamp(6) AS d",
    "SELECT '0'::numeric(12,2) AS a, '0.01'::numeric(12,2) AS b, '-0.01'::numeric(12,2) AS c, '9999.9999'::numeric(20,4) AS d, "
    "'100000000'::numeric(30,5) AS e, '0.00001234'::numeric(30,9) AS f, "
    "'99999999999999999999999999999999999999'::numeric(38,0) AS g, '-1'::numeric(38,37) AS h, '10000.0001'::numeric(38,8) AS i",
    "SELECT 1e15::float8 AS a, 1e14::float8 AS b, 1e-5::float8 AS c, 0.0001::float8 AS d, 'NaN'::float8 AS e, "
    "'-Infinity'::float8 AS f, -0.5::float8 AS g, 1.7976931348623157e308::float8 AS h, 123456.789::float8 AS i, "
    "5e-324::float8 AS j, 123456789012345680::float8 AS k, 0::float8 AS l, '-0'::float8 AS m",
    "SELECT ''::text AS a, ''::bytea AS b, false AS c, '00:00:00'::time(6) AS d, '24:00:00'::time(6) AS e",
    "SELECT -9223372036854775807::int8 AS a, 9223372036854775807::int8 AS b",
]
BOTH = pytest.mark.parametrize("binary", [0, 1])


def compare(client, peer, *parts, ready=1):
    answers = []
    for side in (client, peer):
        side.send(*parts)
        seen = []
        for _ in range(ready):
            seen += side.ready()
        answers.append([entry for entry in digest(seen) if entry[0] != "S"])
    assert answers[0] == answers[1]
    return answers[0]


@BOTH
@pytest.mark.parametrize("text", [TYPES, *VALUES])
def test_values_and_types(client, peer, text, binary):
    compare(client, peer, parse(text), bind(result_formats=[binary]), describe("P"), execute(), SYNC)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe",
                                  "Africa/Casablanca", "Europe/Dublin", "America/St_Johns"])
def test_moments_in_zones(client, peer, zone):
    moments = ["1890-01-01 00:00:00+00", "1916-05-01 01:30:00+00", "1970-01-01 00:00:00+00", "2024-03-31 00:59:59+00",
               "2024-03-31 01:00:00+00", "2024-07-01 12:00:00+00", "2024-10-27 01:00:00+00", "2050-01-01 00:00:00+00",
               "2050-07-01 00:00:00.5+00", "2100-03-28 01:00:00+00", "2400-07-01 00:00:00+00"]
    items = ", ".join(f"'{moment}'::timestamptz(6) AS m{i}" for i, moment in enumerate(moments))
    compare(client, peer, query(f"SET TimeZone = '{zone}'"))
    compare(client, peer, query(f"SELECT {items}"))


@pytest.mark.parametrize("text", [
    "", ";", "-- ping", "/* a /* b */ */ ;;", "SELECT 1::int8 AS a; SELECT 2::int8 AS b", FAILS,
    "SELECT 'x'::text AS a; " + FAILS + "; SELECT 'y'::text AS b", "BEGIN", "BEGIN; COMMIT", "COMMIT", "ROLLBACK", "END", "ABORT",
    "BEGIN; BEGIN; COMMIT", "BEGIN; " + FAILS + "; ROLLBACK", "START TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY",
    "SAVEPOINT a", "RELEASE a", "ROLLBACK TO a", "BEGIN; SAVEPOINT a; RELEASE a; ROLLBACK", "SELECT 1::int8 AS a; SAVEPOINT a",
    "BEGIN; SAVEPOINT a; ROLLBACK TO b", "SET nosuch TO 1", "SHOW nosuch.x", "SET a.b = 'c'; SHOW a.b", "RESET a.b",
    "SET client_encoding = 'LATIN9X'", "SET extra_float_digits = 2", "SET statement_timeout = '5s'; SHOW statement_timeout",
    "SET statement_timeout = 90000; SHOW statement_timeout", "SET statement_timeout = 'x'", "SET server_version = '1'",
    "SHOW transaction isolation level", "SHOW server_encoding", "SHOW standard_conforming_strings", "SET LOCAL jit = off",
    "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY; SHOW default_transaction_read_only", "SET TIME ZONE 'Europe/Rome'",
    "SET NAMES 'utf8'", "SET ROLE NONE", "SET SESSION AUTHORIZATION DEFAULT", "SHOW DateStyle", "SET DateStyle = 'ISO, DMY'",
    "RESET ALL", "DISCARD ALL", "DISCARD PLANS", "BEGIN; DISCARD ALL", "LISTEN a", "UNLISTEN *", "CLOSE ALL", "CLOSE nosuch",
    "DEALLOCATE ALL", "DEALLOCATE nosuch", "FETCH 1 FROM nosuch", "MOVE nosuch", "EXECUTE nosuch",
    "DECLARE c CURSOR FOR SELECT 1::int8 AS a", "PREPARE p AS SELECT $1::int8 AS a; EXECUTE p(7); EXECUTE p(NULL); EXECUTE p",
    "PREPARE q (text) AS SELECT $1 AS a; PREPARE q AS SELECT 1::int8 AS a", "DEALLOCATE q",
    "PREPARE TRANSACTION 'x' oops", "BEGIN READ ONLY; SHOW transaction_read_only; ROLLBACK",
    "BEGIN ISOLATION LEVEL REPEATABLE READ; SHOW transaction_isolation; COMMIT; SHOW transaction_isolation",
    "SELECT 1::int8 AS a; BEGIN; SELECT 2::int8 AS b", "INSERT INTO t VALUES (1); ROLLBACK; SELECT count(*) FROM t",
    "SELECT nosuch", "SELECT 1::int8 AS a FROM nosuch", "SELEC 1", "SELECT 'é', nosuch", "COPY (SELECT 1::int8 AS a) TO STDOUT",
    "COPY (SELECT 'a\tb\\c\nd'::text AS a, NULL AS b, ''::text AS c) TO STDOUT;",
    "COPY (SELECT 'a,b\"c'::text AS a, NULL AS b, ''::text AS c, '\\.'::text AS d) TO STDOUT WITH CSV HEADER",
    "COPY (SELECT 'a;b'::text AS a, NULL AS b) TO STDOUT WITH DELIMITER AS ';' NULL AS 'nil'",
    "COPY (SELECT '\\.'::text AS a) TO STDOUT (FORMAT 'csv', FORCE_QUOTE *)", "COPY (" + FAILS + ") TO STDOUT",
    "COPY (SELECT 1::int8 AS a, '2.5'::numeric(5,2) AS b, NULL AS c) TO STDOUT (FORMAT binary)",
    "COPY (SELECT g::int8 AS g FROM generate_series(1, 3) g) TO STDOUT", "COPY t TO STDOUT (nosuch)",
])
def test_statements(client, peer, text):
    """One Query each, then what state it left behind."""
    seen = compare(client, peer, query(text))
    if seen[-1] != ("Z", "I"):
        compare(client, peer, query("SELECT 1::int8 AS a"))
        compare(client, peer, query("ROLLBACK"))


def test_failed_block(client, peer):
    for text in ["BEGIN", "INSERT INTO t VALUES (1)", FAILS, "SELECT 1::int8 AS a", "SHOW TimeZone", "BEGIN",
                 "SAVEPOINT x", "", "COMMIT", "SELECT count(*) FROM t", "BEGIN", "SAVEPOINT s", FAILS,
                 "ROLLBACK TO s", "SELECT 1::int8 AS a", "COMMIT"]:
        compare(client, peer, query(text))


def test_several_statements_are_one_transaction(client, peer):
    for text in ["INSERT INTO t VALUES (1); " + FAILS, "SELECT count(*) FROM t",
                 "INSERT INTO t VALUES (1); INSERT INTO t VALUES (2)", "SELECT count(*) FROM t",
                 "INSERT INTO t VALUES (3); COMMIT; INSERT INTO t VALUES (4); " + FAILS, "SELECT count(*) FROM t",
                 "INSERT INTO t VALUES (3); BEGIN; INSERT INTO t VALUES (4)", "ROLLBACK", "SELECT count(*) FROM t",
                 "DELETE FROM t"]:
        compare(client, peer, query(text))


def test_parameters_are_undone_and_told(client, peer):
    """ParameterStatus comes once for each change, before ReadyForQuery."""
    for text in ["SET TimeZone = 'Asia/Tokyo'", "BEGIN; SET TimeZone = 'Europe/Rome'", "ROLLBACK",
                 "BEGIN; SET LOCAL TimeZone = 'Europe/Rome'; COMMIT", "BEGIN; SET TimeZone = 'Europe/Rome'; ROLLBACK",
                 "SET application_name = 'x'; SET application_name = 'y'", "SET TimeZone = 'UTC'; " + FAILS,
                 "SHOW TimeZone", "BEGIN; SAVEPOINT a; SET TimeZone = 'UTC'; ROLLBACK TO a; SHOW TimeZone; COMMIT",
                 "SET DateStyle = 'ISO, DMY'; RESET DateStyle", "SET IntervalStyle = iso_8601", "RESET ALL"]:
        told = []
        for side in (client, peer):
            side.send(query(text))
            seen = [entry for entry in digest(side.ready()) if entry[0] in "SZCE"]
            # In which order parameters are told of is anybody's choice.
            told.append(sorted(seen, key=lambda entry: entry if entry[0] == "S" else ("A", b"")))
        assert told[0] == told[1], text


PAGE = "SELECT g::int8 AS g FROM generate_series(1, 4) g"


@pytest.mark.parametrize("parts", [
    [parse(PAGE), bind(), execute(limit=2), execute(limit=2), execute(limit=2), execute(limit=2), SYNC],
    [parse(PAGE), bind(), execute(limit=3), execute(limit=3), execute(limit=3), SYNC],
    [parse(PAGE), bind(), execute(), execute(), SYNC],
    [parse(PAGE), bind(), describe("S"), describe("P"), SYNC],
    [parse(PAGE, name="s"), bind(name="s", portal="p"), execute("p", 1), FLUSH, execute("p", 1), close("P", "p"), execute("p"),
     SYNC, close("S", "s"), SYNC],
    [parse(PAGE), bind(portal="p"), SYNC, execute("p"), SYNC],
    [parse("BEGIN"), bind(), execute(), SYNC, parse(PAGE), bind(portal="p"), execute("p", 1), SYNC, execute("p", 2), SYNC,
     parse("COMMIT"), bind(), execute(), SYNC, execute("p", 1), SYNC],
    [parse("SELECT $1 AS a"), describe("S"), bind(["x"]), execute(), SYNC],
    [parse("SELECT $1::int8 AS a, $2::text AS b", oids=[0]), describe("S"), bind(["5", None]), execute(), SYNC],
    [parse("SELECT $1::int8 AS a", oids=[INT8]), describe("S"), bind([struct.pack("!q", -5)], formats=[1]), execute(), SYNC],
    [parse("SELECT $1::int8 AS a", oids=[705]), describe("S"), bind(["x"]), execute(), SYNC],
    [parse("SELECT $1::bool AS a"), bind(["yes"]), execute(), bind(["off"]), execute(), bind(["maybe"]), execute(), SYNC],
    [parse("SELECT $1::timestamp AS a"), bind(["2020-01-02T03:04:05.678901Z"]), execute(), bind(["2020-01-02"]), execute(), SYNC],
    [parse("SELECT $1::date AS a"), bind(["1970-01-01 +00"]), execute(), SYNC],
    [parse("SELECT $1::timestamptz(6) AS a"), bind(["2020-01-02 03:04:05+05:30"]), execute(), SYNC],
    [parse("SELECT $1::timestamptz(6) AS a"), bind([struct.pack("!q", 86_400_000_000)], formats=[1]), execute(), SYNC],
    [parse("SELECT $1::date AS a, $2::float8 AS b"), bind([struct.pack("!i", -1), struct.pack("!d", 2.5)], formats=[1]),
     execute(), SYNC],
    [parse("SELECT $1::numeric(10,2) AS a"), bind([struct.pack("!hhHh3h", 3, 1, 0x4000, 2, 1, 2345, 6700)], formats=[1]), execute(), SYNC],
    [parse("SELECT $1::bytea AS a"), bind(["\\x0aFF"]), execute(), bind(["a\\\\b\\001"]), execute(), bind(["\\x0"]), execute(), SYNC],
    [parse("SELECT $1::int8 AS a"), bind([b"\0\0\0\x01"], formats=[1]), execute(), SYNC],
    [parse("SELECT $1::text AS a"), bind([b"\xff\xfe"]), execute(), SYNC],
    [parse("SELECT $1::int8 AS a"), bind([]), SYNC],
    [parse("SELECT $1::int8 AS a"), bind(["1", "2"]), SYNC],
    [parse("SELECT $1::int8 AS a"), bind(["1"], formats=[0, 0]), SYNC],
    [parse("SELECT 1::int8 AS a"), bind(result_formats=[0, 0]), SYNC],
    [parse("SELECT 1::int8 AS a"), bind(result_formats=[1]), execute(), SYNC],
    [parse("SELECT 1::int8 AS a"), bind(formats=[1]), execute(), SYNC],
    [bind(name="nosuch"), SYNC], [execute("nosuch"), SYNC], [describe("S", "nosuch"), SYNC], [describe("P", "nosuch"), SYNC],
    [close("S", "nosuch"), close("P", "nosuch"), SYNC], [parse("SELECT 1::int8 AS a; SELECT 2::int8 AS b"), SYNC],
    [parse(""), bind(), describe("P"), execute(), SYNC], [parse("-- nothing"), describe("S"), SYNC],
    [parse("SELECT 1::int8 AS a", name="x"), SYNC, parse("SELECT 2::int8 AS a", name="x"), SYNC, close("S", "x"), SYNC],
    [parse(FAILS), bind(), execute(), parse("SELECT 1::int8 AS a"), bind(), execute(), SYNC],
    [parse("INSERT INTO t VALUES (1)"), describe("S"), bind(), execute(), parse(FAILS), bind(), execute(), SYNC,
     query("SELECT count(*) FROM t")],
    [parse("INSERT INTO t VALUES (1)"), bind(), execute(), bind(), execute(), SYNC, query("DELETE FROM t")],
    [parse("BEGIN"), bind(), execute(), parse(FAILS), bind(), execute(), SYNC, parse("SELECT 1::int8 AS a"), SYNC,
     parse("ROLLBACK"), bind(), execute(), SYNC],
    [parse("SELECT 1::int8 AS a"), SYNC, query("SELECT 2::int8 AS a"), bind(), SYNC],
    [parse("SELECT 1::int8 AS a"), SYNC, bind(), execute(), SYNC, bind(), execute(), SYNC],
    [query("BEGIN; DECLARE c CURSOR FOR " + PAGE), describe("P", "c"), execute("c", 1), SYNC, query("FETCH 1 FROM c; CLOSE c; COMMIT")],
    [query("BEGIN"), parse(PAGE), bind(portal="p"), execute("p", 1), query("MOVE FORWARD 2 FROM p; FETCH ALL FROM p; COMMIT")],
    [parse("SHOW TimeZone"), describe("S"), bind(), describe("P"), execute(), SYNC],
    [parse("SET jit = off"), bind(), describe("P"), execute(), execute(), SYNC],
    [message("d", b"x"), message("c"), query("SELECT 1::int8 AS a")],
    [message("E", b"abc"), SYNC], [message("D", b"Xabc\0"), SYNC],
    [message("P", b"\0SELECT 1\0\0\1"), SYNC], [message("Q", b"SELECT 1"), SYNC], [message("Q", b"SELECT 1\0x\0"), SYNC],
    [SYNC, SYNC, SYNC], [parse(FAILS), FLUSH, SYNC, parse(FAILS), bind(), execute(), SYNC],
])
def test_messages(client, peer, parts):
    ready = sum(part[:1] in b"QSF" for part in parts)
    seen = compare(client, peer, *parts, ready=ready)
    if seen[-1] != ("Z", "I"):
        compare(client, peer, query("ROLLBACK"))


@pytest.mark.parametrize("options", ["", "SCROLL", "NO SCROLL"])
def test_cursors(client, peer, options):
    moves = ["FETCH c", "FETCH 2 FROM c", "MOVE 1 IN c", "FETCH ALL FROM c", "FETCH c", "FETCH FORWARD 0 FROM c"]
    if options == "SCROLL":
        moves += ["FETCH PRIOR FROM c", "FETCH BACKWARD 2 FROM c", "FETCH FIRST FROM c", "FETCH LAST FROM c", "FETCH ABSOLUTE 3 FROM c",
                  "FETCH RELATIVE -2 FROM c", "FETCH RELATIVE 0 FROM c", "FETCH ABSOLUTE -1 FROM c", "FETCH ABSOLUTE 99 FROM c",
                  "FETCH PRIOR FROM c", "MOVE BACKWARD ALL IN c", "FETCH FORWARD ALL FROM c", "MOVE ABSOLUTE 0 IN c", "FETCH NEXT FROM c",
                  "FETCH BACKWARD ALL FROM c", "FETCH 3 FROM c", "MOVE FIRST IN c", "MOVE LAST IN c", "FETCH BACKWARD 1 FROM c"]
    text = f"DECLARE c {options} CURSOR FOR SELECT g::int8 AS g FROM generate_series(1, 7) g"
    compare(client, peer, query("BEGIN"))
    compare(client, peer, query(text))
    for move in moves:
        compare(client, peer, query(move))
    if options == "NO SCROLL":
        compare(client, peer, query("FETCH PRIOR FROM c"))
    compare(client, peer, query("ROLLBACK"))
    compare(client, peer, query("FETCH c"))


def test_cursors_that_outlive_their_transaction(client, peer):
    for text in ["BEGIN; DECLARE h CURSOR WITH HOLD FOR " + PAGE, "FETCH 1 FROM h", "COMMIT", "FETCH 1 FROM h",
                 "BEGIN; FETCH 1 FROM h; ROLLBACK", "FETCH ALL FROM h", "CLOSE h", "FETCH h",
                 "BEGIN; DECLARE h CURSOR WITH HOLD FOR " + FAILS, "COMMIT", "DECLARE k CURSOR WITH HOLD FOR " + PAGE,
                 "FETCH ALL FROM k", "BEGIN; DECLARE k CURSOR FOR " + PAGE, "ROLLBACK", "FETCH k", "CLOSE ALL", "FETCH k",
                 "BEGIN; DECLARE r CURSOR WITH HOLD FOR " + PAGE + "; ROLLBACK", "FETCH r",
                 "BEGIN; DECLARE b BINARY CURSOR FOR " + PAGE + "; FETCH 2 FROM b", "ROLLBACK"]:
        compare(client, peer, query(text))
