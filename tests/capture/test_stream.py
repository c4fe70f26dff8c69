# SPDX-License-Identifier: Apache-2.0
"""The stream of a slot: what comes, what is acknowledged, and how it ends."""

import time

import pytest

from source_probe import ProbeError, SourceProbe, wait_until


def plain_table(source, identity="DEFAULT"):
    source.sql("CREATE TABLE t (id int PRIMARY KEY, big text, n int)")
    source.sql("ALTER TABLE t ALTER big SET STORAGE EXTERNAL")
    source.sql(f"ALTER TABLE t REPLICA IDENTITY {identity}")


BIG = "0123456789" * 1000
UNCHANGED = {"unchanged": True}


def test_trap_21_what_comes_of_the_old_row(source):
    """By replica identity: nothing or the key where it changed; everything for FULL."""
    plain_table(source)
    source.make_slot()
    stream = source.stream().started()
    source.sql("INSERT INTO t VALUES (1, 'a', 1)")
    (insert,) = stream.transaction()
    assert insert["row"] == {"id": "1", "big": "a", "n": "1"} and insert["table"] == "public.t"
    source.sql("UPDATE t SET n = 2")
    (update,) = stream.transaction()
    assert "old_key" not in update and "old_row" not in update
    source.sql("UPDATE t SET id = 5")
    (update,) = stream.transaction()
    assert update["old_key"] == {"id": "1", "big": None, "n": None}
    assert update["row"] == {"id": "5", "big": "a", "n": "2"}
    source.sql("DELETE FROM t")
    (delete,) = stream.transaction()
    assert delete["old_key"] == {"id": "5", "big": None, "n": None}
    source.sql("ALTER TABLE t REPLICA IDENTITY FULL")
    source.sql("INSERT INTO t VALUES (1, 'a', 1)")
    stream.transaction()
    source.sql("UPDATE t SET n = 2")
    (update,) = stream.transaction()
    assert update["old_row"] == {"id": "1", "big": "a", "n": "1"}
    source.sql("DELETE FROM t")
    (delete,) = stream.transaction()
    assert delete["old_row"] == {"id": "1", "big": "a", "n": "2"}


def test_trap_23_unchanged_values_out_of_line(source):
    plain_table(source)
    source.make_slot()
    stream = source.stream().started()
    source.sql("INSERT INTO t VALUES (1, %s, 1)", (BIG,))
    assert stream.transaction()[0]["row"]["big"] == BIG
    source.sql("UPDATE t SET n = 2")
    assert stream.transaction()[0]["row"] == {"id": "1", "big": UNCHANGED, "n": "2"}
    source.sql("UPDATE t SET id = 2")
    (update,) = stream.transaction()
    assert update["row"] == {"id": "2", "big": UNCHANGED, "n": "2"} and update["old_key"]["id"] == "1"
    source.sql("UPDATE t SET big = %s", (BIG + "x",))
    assert stream.transaction()[0]["row"]["big"] == BIG + "x"
    source.sql("UPDATE t SET big = NULL")
    assert stream.transaction()[0]["row"]["big"] is None
    source.sql("ALTER TABLE t REPLICA IDENTITY FULL")
    source.sql("UPDATE t SET big = %s", (BIG,))
    stream.transaction()
    source.sql("UPDATE t SET n = 3")
    (update,) = stream.transaction()
    assert update["row"]["big"] == UNCHANGED and update["old_row"]["big"] == BIG


def test_trap_27_truncate_stands_where_it_was(source):
    source.sql("CREATE TABLE a (id serial PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY REFERENCES a)")
    source.make_slot()
    source.sql("BEGIN; INSERT INTO a VALUES (1); TRUNCATE a RESTART IDENTITY CASCADE; INSERT INTO a VALUES (2); COMMIT")
    changes = source.stream().started().transaction()
    assert [change["kind"] for change in changes] == ["insert", "truncate", "insert"]
    assert sorted(changes[1]["tables"]) == ["public.a", "public.b"]
    assert changes[1]["restart"] and changes[1]["cascade"]


def test_trap_14_a_row_filter_turns_updates_into_inserts_and_deletes(source):
    plain_table(source)
    source.sql("CREATE PUBLICATION few FOR TABLE t WHERE (id > 10)")
    source.sql("INSERT INTO t VALUES (5, 'a', 1), (15, 'b', 2)")
    source.make_slot()
    stream = source.stream(publication="few").started()
    source.sql("UPDATE t SET id = 16 WHERE id = 5")
    assert [change["kind"] for change in stream.transaction()] == ["insert"]
    source.sql("UPDATE t SET id = 6 WHERE id = 16")
    assert [change["kind"] for change in stream.transaction()] == ["delete"]


def test_trap_5_messages_come_in_and_out_of_transactions(source):
    source.make_slot()
    stream = source.stream().started()
    source.sql("SELECT pg_logical_emit_message(true, 'tarn', 'within')")
    (message,) = stream.transaction()
    assert (message["prefix"], message["content"], message["transactional"]) == ("tarn", "within", True)
    source.sql("SELECT pg_logical_emit_message(false, 'tarn', 'outside', true)")
    message = stream.wait_for(lambda line: line["kind"] == "message")[-1]
    assert message["content"] == "outside" and not message["transactional"]


def test_trap_3_acknowledged_positions_are_seen_by_the_source(source):
    plain_table(source)
    source.make_slot()
    stream = source.stream().started()
    before = source.slot()["confirmed_flush_lsn"]
    source.sql("INSERT INTO t VALUES (1, 'a', 1)")
    stream.transaction()
    end = stream.last_commit["end"]
    time.sleep(1)
    assert source.slot()["confirmed_flush_lsn"] == before, "acknowledged without being told to"
    stream.say(f"acknowledge {end}")
    wait_until(lambda: source.slot()["confirmed_flush_lsn"] == end)
    stream.say("acknowledge 0/1")
    time.sleep(0.5)
    assert source.slot()["confirmed_flush_lsn"] == end
    source.sql("INSERT INTO t VALUES (2, 'a', 1)")
    stream.transaction()
    stream.kill()
    wait_until(lambda: not source.slot()["active"])
    # What was not acknowledged comes again, and nothing else.
    (again,) = source.stream().started().transaction()
    assert again["row"]["id"] == "2"


def test_keepalives_tell_that_everything_was_sent(source):
    """Nothing of ours changes, the log grows: what may be acknowledged grows with it."""
    source.sql("CREATE UNLOGGED TABLE nothing (n int)")
    source.make_slot()
    stream = source.stream().started()
    source.server.sql("SELECT pg_logical_emit_message(false, 'other', repeat('x', 100000))")
    end = source.sql("SELECT pg_current_wal_lsn()")[0][0]

    def is_behind(line):
        return line["kind"] == "keepalive" and position(line["end"]) >= position(end)
    said = stream.wait_for(is_behind)[-1]["end"]
    stream.say(f"acknowledge {said}")
    wait_until(lambda: position(source.slot()["confirmed_flush_lsn"]) >= position(end))


def position(lsn):
    high, low = lsn.split("/")
    return int(high, 16) << 32 | int(low, 16)


@pytest.mark.slow
@pytest.mark.parametrize("queue_bytes", [64 << 20, 100_000])
def test_trap_4_a_slow_reader_keeps_the_connection(source, queue_bytes):
    """Feedback goes on while nothing is taken, also when the queue is full and the server cannot write."""
    plain_table(source)
    source.make_slot()
    source.server.sql("ALTER SYSTEM SET wal_sender_timeout = '2s'")
    source.server.sql("SELECT pg_reload_conf()")
    try:
        stream = source.stream(queue_bytes=queue_bytes).started()
        stream.say("pause 6000")
        source.sql("INSERT INTO t SELECT i, repeat('x', 1000), 1 FROM generate_series(1, 20000) i")
        pid = source.slot()["active_pid"]
        changes = stream.transaction()
        assert [int(change["row"]["id"]) for change in changes] == list(range(1, 20001))
        assert source.slot()["active_pid"] == pid
    finally:
        source.server.sql("ALTER SYSTEM RESET wal_sender_timeout")
        source.server.sql("SELECT pg_reload_conf()")


def test_trap_6_a_slot_in_use_is_a_conflict_that_names_the_process(source):
    source.make_slot()
    first = source.stream().started()
    pid = source.slot()["active_pid"]
    with pytest.raises(ProbeError) as failure:
        source.stream().started()
    assert failure.value.kind == "conflict" and str(pid) in failure.value.message
    assert first.stop() == {"kind": "stopped", "as": "cancelled"}
    # Stopping lets go of it.
    source.stream().started()


def test_trap_1_a_slot_that_is_gone_is_not_found(source):
    with pytest.raises(ProbeError) as failure:
        source.stream("nowhere").started()
    assert failure.value.kind == "not found" and '"nowhere"' in failure.value.message


@pytest.mark.slow
def test_trap_1_a_slot_whose_log_is_gone_is_not_found(make_source):
    server = make_source(max_slot_wal_keep_size="1MB", max_wal_size="32MB", min_wal_size="32MB").start()
    source = SourceProbe(server, "lost")
    source.make_slot()
    source.sql("CREATE TABLE t (id int)")
    for _ in range(4):
        source.sql("INSERT INTO t SELECT generate_series(1, 200000)")
        source.sql("SELECT pg_switch_wal()")
        source.sql("CHECKPOINT")
    assert source.slot()["wal_status"] == "lost"
    with pytest.raises(ProbeError) as failure:
        source.stream().started()
    assert failure.value.kind == "not found"
    source.close()


def test_a_server_that_goes_away_ends_the_stream(make_source):
    server = make_source().start()
    source = SourceProbe(server, "away")
    source.sql("CREATE TABLE t (id int PRIMARY KEY)")
    source.make_slot()
    stream = source.stream().started()
    source.sql("INSERT INTO t VALUES (1)")
    stream.transaction()
    server.kill()
    with pytest.raises(ProbeError) as failure:
        stream.transaction()
    assert failure.value.kind == "unavailable"
    stream.close()


def test_trap_19_names_of_publications_slots_and_columns(source):
    """Whatever can be a name."""
    hostile = 'we"ird, \'na\\me\'; -- ✓'
    quoted = '"' + hostile.replace('"', '""') + '"'
    source.sql(f'CREATE SCHEMA {quoted}')
    source.sql(f"CREATE TABLE {quoted}.{quoted} ({quoted} int PRIMARY KEY, \"SELECT\" text, \"%s {{}}\" int[])")
    source.sql(f"CREATE PUBLICATION {quoted} FOR TABLE {quoted}.{quoted}")
    source.make_slot()
    source.sql(f"INSERT INTO {quoted}.{quoted} VALUES (1, 'x', '{{1}}')")
    expected = {hostile: "1", "SELECT": "x", "%s {}": "{1}"}
    rows, _ = source.snapshot(hostile, hostile, hostile)
    assert rows == [expected]
    (insert,) = source.stream(publication=hostile, binary=False).started().transaction()
    assert insert["row"] == expected and insert["table"] == f"{hostile}.{hostile}"


def test_trap_7_interleaved_transactions_come_in_the_order_of_their_commits(source):
    source.sql("CREATE TABLE t (id int PRIMARY KEY)")
    source.make_slot()
    early = source.server.connect(source.database, autocommit=False)
    early.cursor().execute("INSERT INTO t VALUES (1)")
    source.sql("INSERT INTO t VALUES (2)")
    early.commit()
    early.close()
    stream = source.stream().started()
    first, second = stream.transaction(), stream.transaction()
    assert (first[0]["row"]["id"], second[0]["row"]["id"]) == ("2", "1")
    assert position(second[0]["at"]) < position(first[0]["at"]), "as the trap has it"


def test_trap_20_columns_that_come_within_a_transaction(source):
    source.sql("CREATE TABLE t (id int PRIMARY KEY)")
    source.make_slot()
    source.sql("BEGIN; INSERT INTO t VALUES (1); ALTER TABLE t ADD COLUMN c text; INSERT INTO t VALUES (2, 'x'); COMMIT")
    lines = source.stream().started().wait_for(lambda line: line["kind"] == "commit")
    assert [line["columns"] for line in lines if line["kind"] == "relation"] == [["id"], ["id", "c"]]
    assert [line["row"] for line in lines if line["kind"] == "insert"] == [{"id": "1"}, {"id": "2", "c": "x"}]
