# SPDX-License-Identifier: Apache-2.0
"""Slow, vanished, hostile and many clients; cancels, timeouts, the end of the server."""

import random
import socket
import struct
import threading
import time

import pytest

from support.wire_client import (FLUSH, SYNC, TERMINATE, Closed, bind, describe, execute, fields, message, parse, query, startup)

MANY_ROWS = "rows 100000000"


def wait_until(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("it did not come about")


def errors(messages):
    return [fields(payload) for kind, payload in messages if kind == "E"]


def test_cancel_meets_what_runs_and_nothing_later(client):
    """Also: twice in a row, and with a key that is not the connection's."""
    for _ in range(2):
        client.send(query("sleep 60000"))
        time.sleep(0.1)
        client.cancel()
        assert [error["C"] for error in errors(client.ready())] == ["57014"]
    client.cancel()
    time.sleep(0.1)
    client.send(query("SELECT 1"))
    assert not errors(client.ready())
    key, client.key = client.key, b"\0\0\0\0"
    client.send(query("sleep 400"))
    time.sleep(0.1)
    client.cancel()
    assert not errors(client.ready())
    client.key = key


def test_cancel_in_the_middle_of_rows(client):
    """The client reads nothing meanwhile: the statement ends all the same."""
    client.send(query(MANY_ROWS))
    time.sleep(0.3)
    client.cancel()
    seen = client.ready()
    assert seen[-2][0] == "E" and fields(seen[-2][1])["C"] == "57014"
    assert fields(seen[-2][1])["M"] == "canceling statement due to user request"
    assert seen[-1] == ("Z", b"I")


def test_cancel_ends_the_whole_pipeline(client):
    client.send(parse("SELECT pg_sleep(60)"), bind(), execute(), parse("SELECT 1"), bind(), execute(), SYNC)
    time.sleep(0.1)
    client.cancel()
    seen = client.ready()
    assert [kind for kind, _ in seen] == ["1", "2", "E", "Z"]


def test_statement_timeout(client):
    client.send(query("SET statement_timeout = 100"))
    client.ready()
    client.send(query("sleep 60000"))
    assert errors(client.ready())[0]["M"] == "canceling statement due to statement timeout"
    client.send(query("SELECT 1"))
    assert not errors(client.ready())
    client.send(query("SET statement_timeout = 0"))
    client.ready()
    client.send(query("sleep 300"))
    assert not errors(client.ready())


@pytest.mark.parametrize("setting, block, state", [
    ("idle_session_timeout", False, "57P05"), ("idle_in_transaction_session_timeout", True, "25P03"),
    ("transaction_timeout", True, "25P04")])
def test_idle_timeouts(wire, setting, block, state):
    client = wire.connect()
    client.send(query(f"SET {setting} = 200"))
    client.ready()
    if block:
        client.send(query("BEGIN"))
        client.ready()
    error = errors(client.until("E"))[0]
    assert error["C"] == state and error["S"] == "FATAL"
    assert client.is_closed()


def test_transaction_timeout_while_a_statement_runs(wire):
    client = wire.connect()
    client.send(query("SET transaction_timeout = 300; BEGIN; COMMIT"))
    client.ready()
    client.send(query("BEGIN"))
    client.ready()
    client.send(query("sleep 60000"))
    assert "25P04" in [error["C"] for error in errors(client.until("Z"))]
    assert client.until("E")[-1][0] == "E"
    assert client.is_closed()


def test_clients_that_do_not_read_hold_no_memory(wire):
    clients = [wire.connect() for _ in range(4)]
    before = wire.resident_kb()
    for client in clients:
        client.send(query(MANY_ROWS))
    time.sleep(1)
    assert wire.resident_kb() - before < 16 * 1024
    for client in clients:
        client.close()


@pytest.mark.parametrize("text", [MANY_ROWS, "sleep 60000", "BEGIN; sleep 60000", f"COPY ({MANY_ROWS}) TO STDOUT"])
@pytest.mark.parametrize("how", ["close", "reset", "half"])
def test_vanished_clients_leave_nothing(make_wire, text, how):
    """Their statements end at once: a single place among the connections is free again."""
    wire = make_wire(connections=1)
    client = wire.connect()
    client.send(query(text))
    time.sleep(0.1)
    if how == "half":
        client.socket.shutdown(socket.SHUT_WR)
    else:
        if how == "reset":
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()

    def connects():
        try:
            wire.connect()
            return True
        except ConnectionError:
            return False
    wait_until(connects)


def test_a_vanished_client_with_a_full_pipeline(make_wire):
    """More is sent than is read ahead: the end is seen behind it."""
    wire = make_wire(connections=1)
    client = wire.connect()
    for _ in range(2):
        client.send(query("sleep 60000"), query("SELECT '" + "x" * 60_000 + "'"))
    client.close()

    def connects():
        try:
            wire.connect()
            return True
        except ConnectionError:
            return False
    wait_until(connects)


def test_flush_sends_what_is_pending(client):
    client.send(parse("SELECT $1 AS a"), describe("S"), FLUSH)
    assert [kind for kind, _ in client.until("T")] == ["1", "t", "T"]
    client.send(bind(["x"]), execute(), FLUSH)
    assert [kind for kind, _ in client.until("C")] == ["2", "D", "C"]
    client.send(bind([]), FLUSH)
    assert client.receive()[0] == "E"
    client.send(SYNC)
    assert client.receive() == ("Z", b"I")


def test_first_rows_come_early(client):
    """Rows that a slow statement has found do not wait for those that it is still looking for."""
    client.send(query("stall 3"))
    assert [kind for kind, _ in [client.receive() for _ in range(4)]] == ["T", "D", "D", "D"]
    client.cancel()
    assert errors(client.ready())[0]["C"] == "57014"


def test_deep_pipelines(client):
    """A client that writes a lot before it reads anything."""
    count = 5000
    sender = threading.Thread(target=lambda: client.send(*[
        parse("SELECT $1::int8 AS a") + bind([str(i)]) + execute() + SYNC for i in range(count)]))
    sender.start()
    time.sleep(0.5)
    values = [payload for _ in range(count) for kind, payload in client.ready() if kind == "D"]
    sender.join()
    assert [int(value[6:]) for value in values] == list(range(count))


@pytest.mark.parametrize("bad, state", [
    (message("?"), "08P01"), (b"Q" + struct.pack("!i", -5), "08P01"), (b"Q" + struct.pack("!I", 3), "08P01"),
    (b"Q" + struct.pack("!I", 0x7fffffff), "08P01"), (b"S" + struct.pack("!I", 20_000), "08P01"),
    (b"E" + struct.pack("!I", 0x40000000), "08P01"), (message("p", b"x\0"), "08P01")])
def test_streams_that_cannot_be_followed(wire, bad, state):
    client = wire.connect()
    client.send(query("SELECT 1"), bad)
    seen = client.until("E")
    assert [kind for kind, _ in seen][-3:] == ["C", "Z", "E"]
    assert fields(seen[-1][1])["C"] == state and fields(seen[-1][1])["S"] == "FATAL"
    assert client.is_closed()


@pytest.mark.parametrize("payload", [
    b"\0\0" + struct.pack("!hhi", 0, 1, -2) + b"\0\0", b"\0\0" + struct.pack("!hhi", 0, 1, 0x7fffffff) + b"\0\0",
    b"\0\0" + struct.pack("!hhi", 0, 1, 100) + b"x\0\0", b"\0\0" + struct.pack("!hHi", 0, 65535, -1) + b"\0\0",
    b"\0\0" + struct.pack("!H", 65535), b"\0\0" + struct.pack("!hhi", 0, 1, -1) + b"\0\0x", b"\0\0\0", b"\0"])
def test_bind_is_read_within_its_frame(client, payload):
    client.send(parse("SELECT $1 AS a"), message("B", payload), SYNC, query("SELECT 1"))
    assert errors(client.ready())[0]["C"] == "08P01"
    assert not errors(client.ready())


def test_bytes_that_come_one_by_one(wire):
    client = wire.connect()
    for byte in parse("SELECT $1::int8 AS a") + bind(["7"]) + execute() + SYNC:
        client.send(bytes([byte]))
    assert ("D", b"\0\1\0\0\0\0017") in client.ready()


def test_large_messages_have_a_common_limit(make_wire):
    wire = make_wire(message_bytes=8 << 20)
    client = wire.connect()
    client.send(query("SELECT '" + "x" * (4 << 20) + "'"))
    assert len(client.ready()[1][1]) > 4 << 20
    with pytest.raises((Closed, OSError)):
        client.send(query("SELECT '" + "x" * (16 << 20) + "'"))
        client.ready()
        client.ready()
    wire.connect()


def test_a_length_alone_takes_no_memory(wire):
    before = wire.resident_kb()
    clients = [wire.connect().send(b"Q" + struct.pack("!I", 0x3fffffff) + b"x" * 1000) for _ in range(20)]
    time.sleep(0.3)
    assert wire.resident_kb() - before < 32 * 1024
    for client in clients:
        client.close()


def test_many_connections(wire):
    """Idle ones need no thread; all of them answer."""
    clients = [wire.connect() for _ in range(190)]
    for round_number in range(3):
        for client in clients:
            client.send(query(f"SELECT {round_number}"))
        for client in clients:
            assert not errors(client.ready())
    running = [client.send(query("sleep 500")) for client in clients]
    for client in running:
        assert not errors(client.ready())
    for client in clients:
        client.send(TERMINATE)
        assert client.is_closed()


def test_memory_stays_as_it_is(wire):
    def work():
        client = wire.client().start_tls().connect()
        for _ in range(20):
            client.send(query("rows 5000"), parse("rows 100", name="s"), bind(name="s", portal="p"), execute("p", 10), SYNC)
            client.ready()
            client.ready()
            client.send(query("BEGIN; DECLARE c SCROLL CURSOR FOR rows 20000; FETCH LAST FROM c; ROLLBACK; DEALLOCATE ALL"))
            client.ready()
        client.send(TERMINATE)
        client.close()

    for _ in range(3):
        work()
    before = wire.resident_kb()
    for _ in range(5):
        work()
    assert wire.resident_kb() - before < 8 * 1024


def test_cursors_that_keep_rows_have_a_limit(make_wire):
    wire = make_wire(spool_bytes=20 << 20)
    client = wire.connect()
    client.send(query("BEGIN; DECLARE c SCROLL CURSOR FOR rows 100000; FETCH LAST FROM c; FETCH ABSOLUTE 77777 FROM c; ROLLBACK"))
    seen = client.ready()
    assert [kind for kind, _ in seen if kind in "DE"] == ["D", "D"]
    assert b"77777" in [payload for kind, payload in seen if kind == "D"][1]
    client.send(query("BEGIN; DECLARE c SCROLL CURSOR FOR rows 1000000; FETCH LAST FROM c"))
    assert errors(client.ready())[0]["C"] == "53400"
    client.send(query("ROLLBACK; BEGIN; DECLARE c SCROLL CURSOR FOR rows 100000; FETCH LAST FROM c"))
    assert not errors(client.ready())


def test_the_end_of_the_server(make_wire):
    wire = make_wire()
    idle, busy, stuck = wire.connect(), wire.connect(), wire.connect()
    busy.send(query("sleep 60000"))
    stuck.send(query(MANY_ROWS))
    silent = wire.client()
    begun = wire.client().send(startup(user="admin"))
    time.sleep(0.2)
    assert wire.stop() == 0
    for client in (idle, busy):
        found = errors(client.until("E"))[0]
        assert found["C"] == "57P01"
    assert silent.is_closed()
    begun.close()


def test_random_messages(wire, rng):
    """Whatever valid messages come, each Sync and Query has one ReadyForQuery with a state that fits."""
    texts = ["SELECT 1::int8 AS a", "BEGIN", "COMMIT", "ROLLBACK", "error 22012", "INSERT INTO t VALUES (1)", "SELECT $1 AS a", "",
             "SHOW TimeZone", "SET jit = off", "rows 5", "SAVEPOINT a", "ROLLBACK TO a", "DECLARE c CURSOR FOR rows 9", "FETCH 2 FROM c",
             "DISCARD ALL", "CLOSE ALL", "nonsense", "SELECT 'open"]
    for _ in range(20):
        client = wire.connect()
        parts, expected = [], 0
        for _ in range(rng.randrange(5, 60)):
            name = rng.choice(["", "", "s", "p"])
            part = rng.choice([
                lambda: query("; ".join(rng.choices(texts, k=rng.randrange(1, 4)))), lambda: parse(rng.choice(texts), name),
                lambda: bind(rng.choice([[], ["x"], [None]]), name, name), lambda: execute(name, rng.randrange(3)),
                lambda: describe(rng.choice("SP"), name), lambda: SYNC, lambda: FLUSH,
                lambda: message("C", rng.choice([b"S", b"P"]) + name.encode() + b"\0")])()
            parts.append(part)
        # A Query that is skipped after an error has no answer: only what follows a Sync is counted.
        parts.append(SYNC)
        client.send(*parts, SYNC, query("ROLLBACK"), query("notice end"))
        seen = []
        while not (seen and seen[-1][0] == "Z" and any(k == "N" and b"Mend\0" in p for k, p in seen)):
            seen.append(client.receive())
            if seen[-1][0] == "Z":
                assert seen[-1][1] in (b"I", b"T", b"E")
        assert seen[-1][1] == b"I"
        assert 3 <= sum(kind == "Z" for kind, _ in seen) <= expected + len(parts) + 3
        client.close()
