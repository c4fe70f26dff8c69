# SPDX-License-Identifier: Apache-2.0
"""Values of parameters that PostgreSQL's types have and ours take in another form."""

import json
import struct

import pytest

from support.wire_client import SYNC, bind, describe, digest, execute, parse, query

BOOL_ARRAY, BYTEA_ARRAY, INT4_ARRAY, TEXT_ARRAY, FLOAT8_ARRAY, DATE_ARRAY, NUMERIC_ARRAY = 1000, 1001, 1007, 1009, 1022, 1182, 1231


def answer(client, oid, value, binary):
    client.send(parse("SELECT $1 AS a", oids=[oid]), bind([value], formats=[binary]), execute(), SYNC)
    kinds = digest(client.ready())
    rows = [payload for kind, payload in kinds if kind == "D"]
    return rows[0][0] if rows else [payload for kind, payload in kinds if kind == "E"][0]


def array(element, values):
    """As array_send writes one dimension."""
    head = struct.pack("!iiIii", 1, int(None in values), element, len(values), 1)
    return head + b"".join(struct.pack("!i", -1) if value is None else struct.pack("!i", len(value)) + value for value in values)


@pytest.mark.parametrize("oid, text, expected", [
    (INT4_ARRAY, "{}", []), (INT4_ARRAY, " { 1 , NULL,-3 } ", [1, None, -3]), (BOOL_ARRAY, "{t,f,NULL}", [True, False, None]),
    (TEXT_ARRAY, r'{a,"b,c","NULL",NULL,"q\"x","",a\\b,"  "," {}"}', ["a", "b,c", "NULL", None, 'q"x', "", "a\\b", "  ", " {}"]),
    (NUMERIC_ARRAY, "{1.50,-2}", [1.5, -2]), (DATE_ARRAY, "{2020-01-02}", ["2020-01-02"]), (TEXT_ARRAY, "{é\u0001}", ["é\u0001"])])
def test_arrays_as_text(client, oid, text, expected):
    assert json.loads(answer(client, oid, text, 0)) == expected


@pytest.mark.parametrize("text", ["", "{", "{1", "{1}}", "{,}", "{1,}", "x", '{"a', "{a b}", "{1.5}"])
def test_malformed_arrays(client, text):
    assert answer(client, INT4_ARRAY, text, 0) == "22P02"


@pytest.mark.parametrize("oid, element, values, expected", [
    (INT4_ARRAY, 23, [], []), (INT4_ARRAY, 23, [struct.pack("!i", -7), None], [-7, None]), (BOOL_ARRAY, 16, [b"\1", b"\0"], [True, False]),
    (TEXT_ARRAY, 25, ["é,\"".encode(), b"", None], ['é,"', "", None]), (FLOAT8_ARRAY, 701, [struct.pack("!d", 0.1)], [0.1]),
    (DATE_ARRAY, 1082, [struct.pack("!i", 1)], ["2000-01-02"]), (BYTEA_ARRAY, 17, [b"\0\xff"], ["00ff"]),
    (NUMERIC_ARRAY, 1700, [struct.pack("!4h2h", 2, 0, 0, 2, 1, 5000)], [1.5])])
def test_arrays_in_binary(client, oid, element, values, expected):
    assert json.loads(answer(client, oid, array(element, values), 1)) == expected


@pytest.mark.parametrize("value, state", [
    (array(25, [b"x"]), "42804"), (array(23, [b"\0\0\0\1"])[:-1], "22P03"), (struct.pack("!iiI", 0, 0, 23) + b"x", "22P03"),
    (struct.pack("!iiIii", 1, 0, 23, 0x7fffffff, 1), "22P03"), (struct.pack("!iiIii", -1, 0, 23, 1, 1), "22P03"), (b"", "22P03"),
    (struct.pack("!iiIiiii", 2, 0, 23, 1, 1, 1, 1), "0A000")])
def test_malformed_binary_arrays(client, value, state):
    assert answer(client, INT4_ARRAY, value, 1) == state


def test_types_without_a_counterpart(client):
    assert answer(client, 1186, "1 day", 0) == b"1 day"
    assert answer(client, 1186, b"\0" * 16, 1) == "0A000"


def test_describing_runs_nothing(client):
    client.send(query("DELETE FROM t"))
    client.ready()
    client.send(parse("INSERT INTO t VALUES (1)"), describe("S"), bind(), describe("P"), SYNC)
    assert [kind for kind, _ in client.ready()] == ["1", "t", "n", "2", "n", "Z"]
    client.send(query("SELECT count(*) FROM t"))
    assert ("D", [b"0"]) in digest(client.ready())


def test_choices_of_types(client):
    types = "SELECT 1::numeric(38,0) AS a, '{}'::json AS b"
    for setting, oids in [("", [1700, 114]), ("SET tarn.wide_integers_as_int8 = on; ", [20, 114]), ("SET tarn.json_as_text = on; ", [20, 25])]:
        client.send(query(setting + types))
        described = [payload for kind, payload in digest(client.ready()) if kind == "T"]
        assert [column[1] for column in described[0]] == oids
