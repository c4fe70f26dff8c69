# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL's protocol byte by byte, for tests of what clients send and servers answer."""

import base64
import hashlib
import hmac
import os
import socket
import ssl
import struct

SSL_REQUEST, GSS_REQUEST, CANCEL_REQUEST = 80877103, 80877104, 80877102


def cstring(text):
    return (text if isinstance(text, bytes) else text.encode()) + b"\0"


def message(kind, payload=b""):
    return kind.encode() + struct.pack("!I", len(payload) + 4) + payload


def query(text):
    return message("Q", cstring(text))


def parse(text, name="", oids=()):
    return message("P", cstring(name) + cstring(text) + struct.pack(f"!H{len(oids)}I", len(oids), *oids))


def bind(values=(), portal="", name="", formats=(), result_formats=()):
    payload = cstring(portal) + cstring(name)
    payload += struct.pack(f"!H{len(formats)}h", len(formats), *formats)
    payload += struct.pack("!H", len(values))
    for value in values:
        if value is None:
            payload += struct.pack("!i", -1)
        else:
            value = value if isinstance(value, bytes) else value.encode()
            payload += struct.pack("!i", len(value)) + value
    payload += struct.pack(f"!H{len(result_formats)}h", len(result_formats), *result_formats)
    return message("B", payload)


def describe(kind, name=""):
    return message("D", kind.encode() + cstring(name))


def execute(portal="", limit=0):
    return message("E", cstring(portal) + struct.pack("!i", limit))


def close(kind, name=""):
    return message("C", kind.encode() + cstring(name))


FLUSH, SYNC, TERMINATE = message("H"), message("S"), message("X")


def startup(version=0x00030000, **parameters):
    payload = struct.pack("!I", version)
    for name, value in parameters.items():
        payload += cstring(name) + cstring(value)
    return packet(payload + b"\0")


def packet(payload):
    return struct.pack("!I", len(payload) + 4) + payload


def fields(payload):
    """The fields of an ErrorResponse or NoticeResponse."""
    found = {}
    for part in payload.split(b"\0"):
        if part:
            found[chr(part[0])] = part[1:].decode()
    return found


def row_description(payload):
    """(name, table, column, type, length, typmod, format) of each column."""
    count, at, columns = struct.unpack("!H", payload[:2])[0], 2, []
    for _ in range(count):
        end = payload.index(b"\0", at)
        columns.append((payload[at:end].decode(), *struct.unpack("!IhIhih", payload[end + 1:end + 19])))
        at = end + 19
    return columns


def data_row(payload):
    count, at, values = struct.unpack("!H", payload[:2])[0], 2, []
    for _ in range(count):
        length = struct.unpack("!i", payload[at:at + 4])[0]
        at += 4
        values.append(None if length < 0 else payload[at:at + length])
        at += max(length, 0)
    return values


class Closed(Exception):
    """The server has closed the connection."""


class WireClient:
    """`address`: (host, port), or the path of a socket."""

    def __init__(self, address, timeout=20):
        family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
        self.address = address
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        self.socket.connect(address)
        self.parameters, self.key, self.process_id = {}, None, None
        self._buffer = b""

    def send(self, *parts):
        self.socket.sendall(b"".join(parts))
        return self

    def _take(self, count):
        while len(self._buffer) < count:
            try:
                got = self.socket.recv(65536)
            except ConnectionResetError:
                got = b""
            if not got:
                raise Closed(self._buffer)
            self._buffer += got
        taken, self._buffer = self._buffer[:count], self._buffer[count:]
        return taken

    def byte(self):
        return self._take(1)

    def receive(self):
        head = self._take(5)
        return chr(head[0]), self._take(struct.unpack("!I", head[1:])[0] - 4)

    def until(self, *kinds):
        """The messages up to the first of these kinds, with it."""
        seen = []
        while not seen or seen[-1][0] not in kinds:
            seen.append(self.receive())
        return seen

    def ready(self):
        return self.until("Z")

    def is_closed(self):
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True

    def start_tls(self, alpn=("postgresql",), direct=False):
        if not direct:
            self.send(packet(struct.pack("!I", SSL_REQUEST)))
            assert self.byte() == b"S"
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if alpn:
            context.set_alpn_protocols(list(alpn))
        self.socket = context.wrap_socket(self.socket, server_hostname="localhost")
        return self

    def connect(self, user="admin", password="secret", version=0x00030000, **parameters):
        """All up to the first ReadyForQuery."""
        self.send(startup(version, user=user, **parameters))
        self.negotiation = None
        while True:
            kind, payload = self.receive()
            if kind == "R":
                code = struct.unpack("!I", payload[:4])[0]
                if code == 10:
                    self.mechanisms = payload[4:].rstrip(b"\0").split(b"\0")
                    self._scram(password)
            elif kind == "S":
                name, value = payload.split(b"\0")[:2]
                self.parameters[name.decode()] = value.decode()
            elif kind == "K":
                self.process_id, self.key = struct.unpack("!I", payload[:4])[0], payload[4:]
            elif kind == "v":
                self.negotiation = payload
            elif kind == "E":
                raise ConnectionRefusedError(fields(payload)["C"], fields(payload)["M"])
            elif kind == "Z":
                return self

    def _scram(self, password):
        bare = b"n=,r=" + base64.b64encode(os.urandom(18))
        self.send(message("p", cstring("SCRAM-SHA-256") + struct.pack("!i", len(bare) + 3) + b"n,," + bare))
        kind, payload = self.receive()
        if kind == "E":
            raise ConnectionRefusedError(fields(payload)["C"], fields(payload)["M"])
        server_first = payload[4:]
        values = dict(part.split(b"=", 1) for part in server_first.split(b","))
        salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(values[b"s"]), int(values[b"i"]))
        client_key = hmac.digest(salted, b"Client Key", "sha256")
        without_proof = b"c=biws,r=" + values[b"r"]
        auth_message = bare + b"," + server_first + b"," + without_proof
        signature = hmac.digest(hashlib.sha256(client_key).digest(), auth_message, "sha256")
        proof = bytes(a ^ b for a, b in zip(client_key, signature))
        self.send(message("p", without_proof + b",p=" + base64.b64encode(proof)))
        kind, payload = self.receive()
        if kind == "E":
            raise ConnectionRefusedError(fields(payload)["C"], fields(payload)["M"])
        server_key = hmac.digest(salted, b"Server Key", "sha256")
        assert payload[4:] == b"v=" + base64.b64encode(hmac.digest(server_key, auth_message, "sha256"))

    def cancel(self):
        """Asks on a connection of its own, and waits for its end as clients do."""
        with socket.create_connection(self.address) as other:
            other.settimeout(10)
            other.sendall(packet(struct.pack("!II", CANCEL_REQUEST, self.process_id) + self.key))
            assert other.recv(1) == b""

    def close(self):
        self.socket.close()


def digest(messages):
    """What two servers have to agree on, of messages that either sent."""
    seen = []
    for kind, payload in messages:
        if kind in "EN":
            seen.append((kind, fields(payload)["C"]))
        elif kind == "T":
            seen.append((kind, [(name, oid, length, typmod, form) for name, _, _, oid, length, typmod, form
                                in row_description(payload)]))
        elif kind == "D":
            seen.append((kind, data_row(payload)))
        elif kind == "Z":
            seen.append((kind, payload.decode()))
        elif kind == "C":
            seen.append((kind, payload.rstrip(b"\0").decode()))
        elif kind == "t":
            count = struct.unpack("!H", payload[:2])[0]
            seen.append((kind, struct.unpack(f"!{count}I", payload[2:])))
        elif kind == "d" and seen and seen[-1][0] == "d":
            # Where CopyData is divided means nothing.
            seen[-1] = (kind, seen[-1][1] + payload)
        else:
            seen.append((kind, payload))
    return seen
