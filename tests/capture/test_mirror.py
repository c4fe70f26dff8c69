# SPDX-License-Identifier: Apache-2.0
"""Mirror mode: tables of the warehouse that are those of the source. The oracle is the source; PyIceberg tells of field ids."""

import datetime
import decimal
import time
import uuid
from contextlib import closing

import psycopg2
import pytest

from replicated import CONNECTOR, Mirrored
from test_replication import RandomHistory
from support.waiting import wait_for

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def mirrored(installation, plain_installation):
    made = Mirrored(installation, plain_installation)
    yield made
    made.fsck()
    made.remove()


def test_rows_that_are_deleted_are_gone_and_nothing_is_added(mirrored):
    mirrored.run('CREATE TABLE s."Mixed Case" (id int PRIMARY KEY, "Select" text, b text)',
                 """INSERT INTO s."Mixed Case" SELECT i, 'x' || i, NULL FROM generate_series(1, 500) i""")
    mirrored.copied("Mixed Case")
    mirrored.wait_until_equal("Mixed Case")
    assert list(mirrored.fields("Mixed Case")) == ["id", "Select", "b"]
    mirrored.run('DELETE FROM s."Mixed Case" WHERE id % 3 = 0', """UPDATE s."Mixed Case" SET b = 'u' WHERE id < 50""",
                 'UPDATE s."Mixed Case" SET id = id + 1000 WHERE id % 7 = 0', 'INSERT INTO s."Mixed Case" VALUES (3)')
    mirrored.wait_until_equal("Mixed Case")
    assert sorted(row["id"] for row in mirrored.outside_rows("Mixed Case")) == \
        sorted(row[0] for row in mirrored.run('SELECT id FROM s."Mixed Case"'))


def test_trap_27_truncate_empties(mirrored):
    mirrored.run("CREATE TABLE s.emptied (id int PRIMARY KEY, n int)",
                 "INSERT INTO s.emptied SELECT i, i FROM generate_series(1, 100) i")
    mirrored.copied("emptied")
    mirrored.run("INSERT INTO s.emptied VALUES (200, 1); TRUNCATE s.emptied; INSERT INTO s.emptied VALUES (7, 7), (300, 3)")
    mirrored.wait_until_equal("emptied")
    mirrored.run("DELETE FROM s.emptied WHERE id = 7", "TRUNCATE s.emptied")
    mirrored.wait_until_equal("emptied")
    mirrored.run("INSERT INTO s.emptied VALUES (7, 8)")
    mirrored.wait_until_equal("emptied")


def test_trap_23_values_that_the_stream_leaves_out_are_kept(mirrored):
    mirrored.run("CREATE TABLE s.large (id int PRIMARY KEY, n int, body text)",
                 "ALTER TABLE s.large ALTER body SET STORAGE EXTERNAL",
                 "INSERT INTO s.large SELECT i, 0, repeat(md5(i::text), 500) FROM generate_series(1, 20) i")
    mirrored.copied("large")
    mirrored.run("UPDATE s.large SET n = n + 1", "UPDATE s.large SET id = id + 1000 WHERE id <= 3",
                 "DELETE FROM s.large WHERE id IN (1001, 7)")
    mirrored.wait_until_equal("large")


VALUES = {
    "small": ("smallint", "-32768", "int", -32768),
    "whole": ("integer", "2147483647", "int", 2147483647),
    "big": ("bigint", "-9223372036854775808", "long", -9223372036854775808),
    "single": ("real", "0.1", "float", pytest.approx(0.1, rel=1e-7)),
    "double": ("double precision", "0.1", "double", 0.1),
    "exact": ("numeric(12,3)", "-123456789.125", "decimal(12, 3)", decimal.Decimal("-123456789.125")),
    "any": ("numeric", "1.23456789012345678901234567890123456789012", "string",
            "1.23456789012345678901234567890123456789012"),
    "truth": ("boolean", "true", "boolean", True),
    "day": ("date", "'2024-02-29'", "date", datetime.date(2024, 2, 29)),
    "clock": ("time", "'23:59:59.999999'", "time", datetime.time(23, 59, 59, 999999)),
    "zoned_clock": ("timetz", "'12:00:00+05:30'", "string", "12:00:00+05:30"),
    "moment": ("timestamp", "'2024-02-29 12:00:00.000001'", "timestamp", datetime.datetime(2024, 2, 29, 12, 0, 0, 1)),
    "instant": ("timestamptz", "'2024-02-29 12:00:00.5+05:30'", "timestamptz",
                datetime.datetime(2024, 2, 29, 6, 30, 0, 500000, datetime.timezone.utc)),
    "id16": ("uuid", "'6f1c7a30-0000-4000-8000-00000000000a'", "uuid",
             uuid.UUID("6f1c7a30-0000-4000-8000-00000000000a")),
    "bytes": ("bytea", "'\\x00ff'", "binary", b"\x00\xff"),
    "words": ("text", "'ä'", "string", "ä"),
    "short": ("varchar(5)", "'abc'", "string", "abc"),
    "padded": ("char(4)", "'ab'", "string", "ab  "),
    "document": ("jsonb", """'{"b": [1, null]}'""", "string", '{"b":[1,null]}'),
    "many": ("int[]", "'{1,NULL,3}'", "string", "{1,NULL,3}"),
    "span": ("int4range", "'[1,5)'", "string", "[1,5)"),
}


def test_types_are_those_of_the_source_by_copy_and_by_stream(mirrored):
    columns = ", ".join(f'"{name}" {kind}' for name, (kind, *_) in VALUES.items())
    row = ", ".join(literal for _, literal, *_ in VALUES.values())
    mirrored.run(f"CREATE TABLE s.typed (id int PRIMARY KEY, {columns})", f"INSERT INTO s.typed VALUES (1, {row})",
                 "INSERT INTO s.typed (id) VALUES (2)")
    mirrored.copied("typed")
    mirrored.run(f"INSERT INTO s.typed VALUES (3, {row})", "INSERT INTO s.typed (id) VALUES (4)")
    wait_for(lambda: len(mirrored.alive("typed", '"id"')) == 4, "the rows do not come", 30)
    fields = mirrored.fields("typed")
    assert {name: fields[name][1] for name in VALUES} == {name: kind for name, (_, _, kind, _) in VALUES.items()}
    rows = {row["id"]: row for row in mirrored.outside_rows("typed")}
    for number in (1, 3):
        for name, (_, _, _, expected) in VALUES.items():
            found = rows[number][name]
            if isinstance(expected, uuid.UUID) and isinstance(found, bytes):
                found = uuid.UUID(bytes=found)
            assert found == expected, (number, name)
    for number in (2, 4):
        assert set(rows[number].values()) == {number, None}
    described = {line[0]: line[1] for line in mirrored.sql('DESCRIBE TABLE dest."s"."typed"')}
    assert (described["whole"], described["big"], described["id16"]) == ("NUMBER(10,0)", "NUMBER(19,0)", "UUID")
    assert described["instant"].startswith("TIMESTAMP_LTZ")
    ((found,),) = mirrored.sql('SELECT COUNT(*) FROM dest."s"."typed" WHERE "whole" > 2147483646 AND "single" < 0.2 '
                               """AND "document":b[0] = 1 AND "instant" < '2024-02-29 06:30:01+00:00'""")
    assert int(found) == 2


def test_trap_16_columns_are_renamed_added_and_dropped_by_their_field_ids(mirrored):
    mirrored.run("CREATE TABLE s.evolved (id int PRIMARY KEY, a int, b text)", "INSERT INTO s.evolved VALUES (1, 1, 'one')")
    mirrored.copied("evolved")
    before = mirrored.fields("evolved")
    mirrored.run("INSERT INTO s.evolved VALUES (2, 2, 'two')", "ALTER TABLE s.evolved RENAME a TO amount",
                 "INSERT INTO s.evolved VALUES (3, 3, 'three')", "ALTER TABLE s.evolved ADD c int DEFAULT 7",
                 "INSERT INTO s.evolved VALUES (4, 4, 'four', 44)", "UPDATE s.evolved SET b = 'eins' WHERE id = 1",
                 "ALTER TABLE s.evolved DROP b", "INSERT INTO s.evolved VALUES (5, 5, 55)",
                 "ALTER TABLE s.evolved RENAME id TO number", "INSERT INTO s.evolved VALUES (6, 6, 66)",
                 "DELETE FROM s.evolved WHERE number = 2")
    mirrored.wait_until_equal("evolved")
    wait_for(lambda: list(mirrored.fields("evolved")) == ["number", "amount", "c"], lambda: mirrored.fields("evolved"), 20)
    after = mirrored.fields("evolved")
    assert after["amount"] == before["a"]
    assert after["number"] == before["id"]
    assert after["c"][0] > max(number for number, _ in before.values())
    # Without a copy: what was inserted before is of the first snapshot still.
    assert [row for row in mirrored.sql(f"SELECT COUNT(*) FROM {CONNECTOR}.AGENT_AUDIT_LOG WHERE "
                                        "ACTION_TYPE = 'Snapshot load started' AND PARAMETERS:table_name = 'evolved'")] \
        == [(1,)]
    mirrored.kill()
    mirrored.run("ALTER TABLE s.evolved RENAME amount TO total", "INSERT INTO s.evolved VALUES (7, 7, 77)",
                 "UPDATE s.evolved SET total = total + 1")
    mirrored.wait_until_equal("evolved", seconds=60)
    assert mirrored.fields("evolved")["total"][0] == before["a"][0]


def test_a_dropped_name_that_comes_again_is_another_field(mirrored):
    mirrored.run("CREATE TABLE s.reborn (id int PRIMARY KEY, a int)", "INSERT INTO s.reborn VALUES (1, 1)")
    mirrored.copied("reborn")
    before = mirrored.fields("reborn")
    mirrored.run("INSERT INTO s.reborn VALUES (2, 2)", "ALTER TABLE s.reborn DROP a", "ALTER TABLE s.reborn ADD a int",
                 "INSERT INTO s.reborn VALUES (3, 3)")
    mirrored.wait_until_equal("reborn")
    assert mirrored.fields("reborn")["a"][0] != before["a"][0]


def test_names_that_are_swapped_keep_their_fields(mirrored):
    mirrored.run("CREATE TABLE s.swapped (id int PRIMARY KEY, a int, b int)", "INSERT INTO s.swapped VALUES (1, 1, 2)")
    mirrored.copied("swapped")
    before = mirrored.fields("swapped")
    mirrored.run("BEGIN; ALTER TABLE s.swapped RENAME a TO x; ALTER TABLE s.swapped RENAME b TO a; "
                 "ALTER TABLE s.swapped RENAME x TO b; COMMIT", "INSERT INTO s.swapped VALUES (2, 3, 4)")
    wait_for(lambda: mirrored.fields("swapped")["b"] == before["a"], lambda: mirrored.fields("swapped"), 20)
    mirrored.wait_until_equal("swapped")
    assert mirrored.fields("swapped")["a"] == before["b"]


def test_types_that_change_are_followed(mirrored):
    mirrored.run("CREATE TABLE s.retyped (id int PRIMARY KEY, n int, d numeric(8,2), v varchar(3), t int)",
                 "INSERT INTO s.retyped VALUES (1, 1, 1.25, 'abc', 12)")
    mirrored.copied("retyped")
    before = mirrored.fields("retyped")
    mirrored.run("ALTER TABLE s.retyped ALTER d TYPE numeric(14,2), ALTER v TYPE varchar(10)",
                 "INSERT INTO s.retyped VALUES (2, 2, 123456789.5, 'abcdefgh', 13)")
    mirrored.wait_until_equal("retyped")
    mirrored.run("ALTER TABLE s.retyped ALTER n TYPE bigint", "INSERT INTO s.retyped VALUES (3, 9000000000, 0, '', 14)")
    mirrored.wait_until_equal("retyped")
    after = mirrored.fields("retyped")
    assert after["n"] == (before["n"][0], "long")
    assert after["d"] == (before["d"][0], "decimal(14, 2)")
    assert dict(line[:2] for line in mirrored.sql('DESCRIBE TABLE dest."s"."retyped"'))["v"] == "VARCHAR(10)"
    # No promotion of Iceberg's: another field of the same name.
    mirrored.run("ALTER TABLE s.retyped ALTER t TYPE text USING 'number ' || t", "INSERT INTO s.retyped VALUES (4, 4, 4, '4', 'four')")
    mirrored.wait_until_equal("retyped")
    assert mirrored.fields("retyped")["t"][0] not in [number for number, _ in before.values()]


def test_trap_21_another_key_is_followed(mirrored):
    mirrored.run("CREATE TABLE s.rekeyed (a int CONSTRAINT rekeyed_key PRIMARY KEY, b int NOT NULL)",
                 "INSERT INTO s.rekeyed VALUES (1, 1)")
    mirrored.copied("rekeyed")
    mirrored.run("ALTER TABLE s.rekeyed DROP CONSTRAINT rekeyed_key", "ALTER TABLE s.rekeyed ADD PRIMARY KEY (b)",
                 "INSERT INTO s.rekeyed VALUES (1, 2)", "UPDATE s.rekeyed SET a = 5 WHERE b = 2")
    mirrored.wait_until_equal("rekeyed")
    keys = mirrored.sql('SHOW PRIMARY KEYS IN TABLE dest."s"."rekeyed"')
    assert any("b" in row for row in keys) and not any("a" in row for row in keys)


def test_a_transaction_shows_as_a_whole(mirrored):
    """Deletes and inserts of one flush are one commit."""
    mirrored.run("CREATE TABLE s.ledger (id int PRIMARY KEY, amount int)",
                 "INSERT INTO s.ledger SELECT i, 10 FROM generate_series(1, 100) i")
    mirrored.copied("ledger")
    sums = set()
    with closing(mirrored.connect(autocommit=False)) as connection, connection.cursor() as cursor:
        deadline = time.monotonic() + 8
        number = 100
        while time.monotonic() < deadline:
            number += 1
            cursor.execute("DELETE FROM s.ledger WHERE id = (SELECT min(id) FROM s.ledger)")
            cursor.execute("INSERT INTO s.ledger VALUES (%s, 10)", (number,))
            connection.commit()
            sums.update(mirrored.sql('SELECT SUM("amount"), COUNT(*) FROM dest."s"."ledger"'))
    assert sums == {(1000, 100)}
    mirrored.wait_until_equal("ledger")


def test_modes_have_names(mirrored):
    for mode in ("'SIDEWAYS'", "''"):
        with pytest.raises(psycopg2.Error, match="MIRROR|empty"):
            mirrored.sql(f"CALL {CONNECTOR}.ADD_DATA_SOURCE('OTHER', 'OTHER', {mode})")


def test_random_histories_with_kills_end_equal(mirrored, rng):
    history = RandomHistory(mirrored, rng)
    mirrored.add(*history.TABLES)
    for round_number in range(6):
        for _ in range(60):
            history.transaction()
        if round_number % 2 == 1:
            mirrored.kill()
        for _ in range(40):
            history.transaction()
        for table in history.TABLES:
            mirrored.wait_until_equal(table, seconds=60)
    history.connection.close()
