# SPDX-License-Identifier: Apache-2.0
"""What the catalogues say of tables, and what is refused with which words."""

import pytest

from source_probe import ProbeError, SourceProbe


def names(described, positions):
    return [described["columns"][position]["name"] for position in positions]


def refused(source, table, **options):
    with pytest.raises(ProbeError) as failure:
        source.describe(table, **options)
    return failure.value


def test_keys_in_their_order(source):
    source.sql("CREATE TABLE t (a int, b int, c int, d int, PRIMARY KEY (c, a) INCLUDE (d))")
    described = source.describe("t")
    assert names(described, described["primary_key"]) == ["c", "a"]
    assert names(described, described["identity_columns"]) == ["c", "a"]
    assert [column["not_null"] for column in described["columns"]] == [True, False, True, False]


def test_trap_21_replica_identities(source):
    source.sql("CREATE TABLE t (a int PRIMARY KEY, b int NOT NULL, c int NOT NULL)")
    source.sql("CREATE UNIQUE INDEX other ON t (c, b)")
    for identity, letter, columns in (("USING INDEX other", "i", ["c", "b"]), ("FULL", "f", ["a", "b", "c"]),
                                      ("NOTHING", "n", []), ("DEFAULT", "d", ["a"])):
        source.sql(f"ALTER TABLE t REPLICA IDENTITY {identity}")
        described = source.describe("t")
        assert described["identity"] == letter
        assert names(described, described["identity_columns"]) == columns
        assert names(described, described["primary_key"]) == ["a"]
    source.sql("CREATE TABLE keyless (a int)")
    described = source.describe("keyless")
    assert described["primary_key"] == [] and described["identity_columns"] == []


def test_columns_that_are_not_published_are_none_of_the_key(source):
    source.sql("CREATE TABLE t (a int PRIMARY KEY, b int)")
    source.sql("CREATE PUBLICATION part FOR TABLE t (b)")
    described = source.describe("t", publication="part")
    assert [column["name"] for column in described["columns"]] == ["b"]
    assert described["primary_key"] == []


def test_trap_19_dropped_columns_and_tables_made_anew(source):
    source.sql("CREATE TABLE t (a int PRIMARY KEY, gone int, b int)")
    first = source.describe("t")
    source.sql("ALTER TABLE t DROP COLUMN gone; ALTER TABLE t RENAME b TO c; ALTER TABLE t ADD b text")
    second = source.describe("t")
    assert [(column["number"], column["name"]) for column in second["columns"]] == [(1, "a"), (3, "c"), (4, "b")]
    assert second["oid"] == first["oid"]
    source.sql("DROP TABLE t; CREATE TABLE t (a int PRIMARY KEY)")
    assert source.describe("t")["oid"] != first["oid"]


def test_trap_18_a_rewrite_changes_the_filenode(source):
    source.sql("CREATE TABLE t (a int PRIMARY KEY, b int)")
    before = source.describe("t")["filenode"]
    source.sql("ALTER TABLE t ADD c int DEFAULT 1")
    assert source.describe("t")["filenode"] == before
    source.sql("ALTER TABLE t ALTER b TYPE text USING 'x' || b")
    assert source.describe("t")["filenode"] != before


def test_trap_2_the_server_and_its_history(source):
    source.sql("CREATE TABLE t (a int PRIMARY KEY)")
    described = source.describe("t")
    assert described["system"] == str(source.sql("SELECT system_identifier FROM pg_control_system()")[0][0])
    assert described["timeline"] == 1


def test_domains_and_their_modifiers(source):
    source.sql("CREATE DOMAIN money_like AS numeric(9,3) NOT NULL; CREATE DOMAIN nested AS money_like")
    source.sql("CREATE DOMAIN word AS varchar(12)")
    source.sql("CREATE TABLE t (a int PRIMARY KEY, n nested, w word, v varchar(3), c char, t timestamptz(3))")
    columns = {column["name"]: column for column in source.describe("t")["columns"]}
    assert {name: column["target"] for name, column in columns.items()} == {
        "a": "NUMBER(38,0)", "n": "NUMBER(9,3)", "w": "VARCHAR(12)", "v": "VARCHAR(3)", "c": "VARCHAR(1)",
        "t": "TIMESTAMP_TZ"}
    assert columns["n"]["oid"] == 1700 and columns["n"]["class"] == "b" and columns["n"]["type"] == "public.nested"


def test_what_is_no_table_is_refused(source):
    source.sql("CREATE TABLE t (a int PRIMARY KEY)")
    source.sql("CREATE VIEW v AS SELECT * FROM t; CREATE MATERIALIZED VIEW m AS SELECT * FROM t")
    source.sql("CREATE UNLOGGED TABLE u (a int PRIMARY KEY)")
    assert refused(source, "nothing").kind == "not found"
    for table, message in (("v", '"public"."v" is a view'), ("m", '"public"."m" is a view'),
                           ("u", 'table "public"."u" is unlogged')):
        failure = refused(source, table)
        assert (failure.kind, failure.message) == ("invalid argument", message)
        assert failure.detail and failure.hint
    assert "SET LOGGED" in refused(source, "u").hint


def test_trap_15_what_the_publication_does_not_have(source):
    source.sql("CREATE TABLE t (a int PRIMARY KEY); CREATE TABLE u (a int PRIMARY KEY)")
    source.sql("CREATE TABLE p (a int PRIMARY KEY) PARTITION BY RANGE (a)")
    source.sql("CREATE TABLE p1 PARTITION OF p DEFAULT")
    source.sql('CREATE PUBLICATION "a few" FOR TABLE t, p')
    failure = refused(source, "u", publication="a few")
    assert failure.kind == "invalid argument"
    assert failure.hint == 'Run ALTER PUBLICATION "a few" ADD TABLE "public"."u" in the source.'
    assert "publish_via_partition_root = true" in refused(source, "p", publication="a few").hint
    source.describe("p1", publication="a few")
    assert "partitioned table" in refused(source, "p1").hint
    missing = refused(source, "t", publication="no such")
    assert missing.kind == "not found" and "CREATE PUBLICATION" in missing.hint


def test_who_is_not_let_in(source):
    with pytest.raises(ProbeError) as failure:
        source.run("ready", source.url(user="nobody at all".replace(" ", "%20")))
    assert failure.value.kind == "permission denied" and "SQLSTATE 28000" in failure.value.detail
    with pytest.raises(ProbeError) as failure:
        source.run("ready", source.url(database="nowhere"))
    assert failure.value.kind == "not found"
    with pytest.raises(ProbeError) as failure:
        source.run("ready", "postgresql://u:secret@127.0.0.1:1/x?connect_timeout=2")
    assert failure.value.kind == "unavailable" and "secret" not in str(failure.value)


def test_readiness(source, make_source):
    assert source.run("ready", source.url()) == [{"ready": True}]
    source.server.sql("DROP ROLE IF EXISTS plain")
    source.server.sql("CREATE ROLE plain LOGIN")
    with pytest.raises(ProbeError) as failure:
        source.run("ready", source.url(user="plain"))
    assert failure.value.hint == 'Run ALTER ROLE "plain" REPLICATION in the source.'
    server = make_source(wal_level="replica", max_replication_slots=0).start()
    other = SourceProbe.__new__(SourceProbe)
    other.server, other.database = server, "postgres"
    with pytest.raises(ProbeError) as failure:
        other.run("ready", other.url())
    assert failure.value.kind == "invalid argument" and "wal_level" in failure.value.message


def test_no_slot_left(make_source):
    server = make_source(max_replication_slots=1).start()
    source = SourceProbe(server, "full")
    source.sql("CREATE TABLE t (a int PRIMARY KEY)")
    source.make_slot()
    with pytest.raises(ProbeError) as failure:
        source.run("ready", source.url())
    assert "max_replication_slots" in failure.value.hint
    with pytest.raises(ProbeError) as failure:
        source.snapshot("t")
    assert failure.value.kind == "resource exhausted"
    source.close()
