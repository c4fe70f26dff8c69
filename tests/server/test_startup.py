# SPDX-License-Identifier: Apache-2.0
"""The first bytes of a connection, authentication, and what is refused there."""

import struct
import time

import pytest

from support.wire_client import (CANCEL_REQUEST, GSS_REQUEST, SSL_REQUEST, Closed, cstring, fields, message, packet, query,
                                 startup)


def request(code):
    return packet(struct.pack("!I", code))


def refused(client):
    """The error that ends the connection."""
    kind, payload = client.receive()
    assert kind == "E", kind
    found = fields(payload)
    assert found["S"] == found["V"] == "FATAL"
    assert client.is_closed()
    return found


def test_reports_what_drivers_need(client):
    assert client.parameters["server_version"].startswith("15.0 (Tarn ")
    assert client.parameters["client_encoding"] == "UTF8"
    assert client.parameters["standard_conforming_strings"] == "on"
    assert client.parameters["DateStyle"] == "ISO, MDY"
    assert client.parameters["integer_datetimes"] == "on"
    assert client.parameters["TimeZone"] == "UTC"
    assert client.parameters["in_hot_standby"] == client.parameters["default_transaction_read_only"] == "off"
    assert client.process_id > 0 and len(client.key) == 4
    assert client.negotiation is None


def test_negotiates_the_version(wire):
    """The full version, and the names of unknown options, once and before authentication."""
    newest = wire.client().connect(version=0x0003270F, **{"_pq_.test_protocol_negotiation": "x"})
    assert newest.negotiation == struct.pack("!II", 0x00030002, 1) + b"_pq_.test_protocol_negotiation\0"
    assert 4 < len(newest.key) <= 256
    assert wire.client().connect(version=0x00030002).negotiation is None
    assert wire.client().connect(version=0x00030001).negotiation == struct.pack("!II", 0x00030000, 0)
    older = wire.client().send(startup(0x00020000, user="admin"))
    assert refused(older)["C"] == "0A000"


def test_encryption_requests_in_any_order(wire):
    client = wire.client().send(request(GSS_REQUEST))
    assert client.byte() == b"N"
    client.start_tls().connect()
    client.send(query("SELECT 1"))
    client.ready()
    again = wire.client().send(request(GSS_REQUEST))
    assert again.byte() == b"N"
    assert again.send(request(GSS_REQUEST)).is_closed()


def test_tls_is_needed_where_it_is_required(make_wire):
    wire = make_wire(require_tls=True)
    assert refused(wire.client().send(startup(user="admin")))["C"] == "28000"
    wire.client().start_tls().connect().close()


def test_without_tls(make_wire):
    wire = make_wire(plain=True)
    client = wire.client().send(request(SSL_REQUEST))
    assert client.byte() == b"N"
    assert client.connect().mechanisms == [b"SCRAM-SHA-256"]


def test_direct_tls_needs_alpn(wire):
    wire.client().start_tls(direct=True).connect().close()
    without = wire.client().start_tls(direct=True, alpn=())
    with pytest.raises((Closed, OSError)):
        without.connect()
    with pytest.raises(OSError):
        wire.client().start_tls(alpn=("http/1.1",))
    wire.client().start_tls(alpn=()).connect().close()


def test_nothing_unprotected_comes_before_tls(wire):
    assert refused(wire.client().send(request(SSL_REQUEST) + startup(user="admin")))["C"] == "08P01"


@pytest.mark.parametrize("first", [
    struct.pack("!I", 4), struct.pack("!I", 0), struct.pack("!i", -1), struct.pack("!I", 10_005), struct.pack("!I", 7),
    b"GET / HTTP/1.1\r\n\r\n", struct.pack("!II", 0x7fffffff, 0x00030000),
    struct.pack("!III", 12, CANCEL_REQUEST, 1), struct.pack("!IIII", 16, SSL_REQUEST, 0, 0)])
def test_bad_first_packets_close(wire, first):
    assert wire.client().send(first).is_closed()


@pytest.mark.parametrize("payload", [b"user", b"user\0", b"user\0admin", b"user\0admin\0", b"user\0admin\0\0x", b"\0", b"",
                                     b"database\0x\0\0"])
def test_bad_parameters(wire, payload):
    found = refused(wire.client().send(packet(struct.pack("!I", 0x00030000) + payload)))
    assert found["C"] in ("08P01", "28000")


@pytest.mark.parametrize("parameters, state", [
    ({"nosuch": "x"}, "42704"), ({"replication": "database"}, "0A000"), ({"client_encoding": "LATIN1"}, "22023"),
    ({"options": "-c nosuch=1"}, "42704"), ({"options": "nonsense"}, "42601"), ({"DateStyle": "German"}, "22023"),
    ({"database": "missing"}, "3D000")])
def test_bad_settings(wire, parameters, state):
    with pytest.raises(ConnectionRefusedError) as caught:
        wire.client().connect(**parameters)
    assert caught.value.args[0] == state


def test_settings_of_the_startup_packet(wire):
    client = wire.connect(client_encoding="'utf-8'", DATESTYLE="iso", TimeZone="Europe/Berlin", application_name="a b",
                          options=r"-c extra_float_digits=2 --statement-timeout=7s -c a.b=x\ y", replication="off", **{"my.own": "z"})
    assert client.parameters["TimeZone"] == "Europe/Berlin" and client.parameters["application_name"] == "a b"
    for name, value in [("statement_timeout", b"7s"), ("a.b", b"x y"), ("my.own", b"z"), ("extra_float_digits", b"2")]:
        client.send(query(f"SHOW {name}"))
        assert value in client.ready()[1][1]
        client.send(query(f"SET {name} = 0; RESET {name}; SHOW {name}"))
        assert value in client.ready()[3][1], name


@pytest.mark.parametrize("user", ["admin", "nobody"])
def test_wrong_passwords_and_unknown_users_look_alike(wire, user):
    with pytest.raises(ConnectionRefusedError) as caught:
        wire.client().connect(user=user, password="wrong")
    assert caught.value.args == ("28P01", f'password authentication failed for user "{user}"')


def first_challenge(client, user, first=b"n,,n=,r=abc:=`x"):
    client.send(startup(user=user))
    client.receive()
    client.send(message("p", cstring("SCRAM-SHA-256") + struct.pack("!i", len(first)) + first))
    return client.receive()


def test_unknown_users_have_a_salt_that_stays(wire):
    salts = [first_challenge(wire.client(), user)[1].split(b",")[1] for user in ("nobody", "nobody", "admin", "admin")]
    assert salts[0] == salts[1] != salts[2] == salts[3]


@pytest.mark.parametrize("first, state", [
    (b"n,,n=,r=", "08P01"), (b"n,a=x,n=,r=abc", "0A000"), (b"n,,m=x,n=,r=abc", "0A000"), (b"n", "08P01"), (b"", "08P01"),
    (b"p=tls-server-end-point,,n=,r=abc", "08P01"), (b"x,,n=,r=abc", "08P01"), (b"n,,n=,r=" + b"a" * 2000, "08P01")])
def test_malformed_scram(wire, first, state):
    kind, payload = first_challenge(wire.client(), "admin", first)
    assert kind == "E" and fields(payload)["C"] == state


def test_the_first_scram_message_may_come_later(wire):
    client = wire.client().send(startup(user="admin"))
    client.receive()
    client.send(message("p", cstring("SCRAM-SHA-256") + struct.pack("!i", -1)))
    assert client.receive() == ("R", struct.pack("!I", 11))
    kind, payload = client.send(message("p", b"n,,n=,r=abc")).receive()
    assert kind == "R" and payload.startswith(struct.pack("!I", 11) + b"r=abc")


def test_a_downgrade_of_channel_binding_is_noticed(wire):
    client = wire.client().start_tls()
    kind, payload = first_challenge(client, "admin", b"y,,n=,r=abc")
    assert kind == "E" and fields(payload)["C"] == "28000"


def test_only_passwords_before_authentication(wire):
    client = wire.client().send(startup(user="admin"))
    client.receive()
    assert refused(client.send(query("SELECT 1")))["C"] == "08P01"
    client = wire.client().send(startup(user="admin"))
    client.receive()
    assert refused(client.send(b"p" + struct.pack("!I", 70_000)))["C"] == "08P01"


def test_authentication_has_an_end(make_wire):
    wire = make_wire(authentication_seconds=1)
    silent, started = wire.client(), wire.client().send(startup(user="admin"))
    begun = wire.client().send(b"\0\0")
    encrypting = wire.client().send(request(SSL_REQUEST))
    connected = wire.connect()
    assert encrypting.byte() == b"S"
    for client in (silent, begun, encrypting):
        assert client.is_closed()
    started.receive()
    assert started.is_closed()
    connected.send(query("SELECT 1"))
    connected.ready()


def test_too_many_connections(make_wire):
    wire = make_wire(connections=3)
    first = [wire.connect() for _ in range(3)]
    with pytest.raises(ConnectionRefusedError) as caught:
        wire.connect()
    assert caught.value.args[0] == "53300"
    first[0].cancel()
    first.pop().close()
    for _ in range(100):
        try:
            wire.connect()
            break
        except ConnectionError:
            time.sleep(0.05)
    else:
        raise AssertionError("the place was not given back")


def test_those_who_do_not_authenticate_have_a_limit_of_their_own(make_wire):
    wire = make_wire(pending=5)
    silent = [wire.client().send(b"\0") for _ in range(5)]
    time.sleep(0.2)
    assert wire.client().is_closed()
    for client in silent:
        client.close()
    time.sleep(0.2)
    wire.connect()
