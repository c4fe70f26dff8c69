# SPDX-License-Identifier: Apache-2.0
"""HTTP as `tarn up` serves it: what is watched, and clients that misbehave."""

import http.client
import json
import socket
import threading
import urllib.parse
from contextlib import closing

import pytest

from support.waiting import wait_for
from tarn_program import TarnProgram, query
from test_warehouse import ENDLESS


@pytest.fixture(scope="module")
def up():
    program = TarnProgram()
    try:
        program.url = urllib.parse.urlsplit(program.json("up")["http"]["url"])
        yield program
    finally:
        program.remove()


def connect(up):
    return http.client.HTTPConnection(up.url.hostname, up.url.port, timeout=60)


def get(up, path, method="GET", **options):
    with closing(connect(up)) as connection:
        connection.request(method, path, **options)
        response = connection.getresponse()
        return response.status, response.read().decode(), response


def metrics(up):
    _, text, response = get(up, "/metrics")
    assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    samples = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            name, value = line.rsplit(" ", 1)
            samples[name] = float(value)
    return samples


def raw(up, request):
    """All that comes back until the server closes."""
    with socket.create_connection((up.url.hostname, up.url.port), timeout=60) as connection:
        connection.sendall(request)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
        return answer.decode()


def test_health(up):
    status, body, response = get(up, "/health")
    assert status == 200 and json.loads(body)["status"] == "ok"
    assert response.headers["Content-Type"] == "application/json"


def test_metrics_count(up):
    before = metrics(up)
    with closing(up.warehouse()) as connection:
        assert query(connection, "SELECT repeat('x', 100000)")
        with pytest.raises(Exception):
            query(connection, "SELECT nosuch")
        assert metrics(up)["tarn_sessions"] == before["tarn_sessions"] + 1
    after = metrics(up)
    changed = {name: after[name] - before[name] for name in after}
    assert changed['tarn_statements_total{outcome="succeeded"}'] == 1
    assert changed['tarn_statements_total{outcome="failed"}'] == 1
    assert changed['tarn_client_bytes_total{direction="sent"}'] > 100_000
    assert changed['tarn_client_bytes_total{direction="received"}'] > 0
    assert after["tarn_engine_memory_limit_bytes"] > 0 and after["tarn_uptime_seconds"] > 0
    wait_for(lambda: metrics(up)["tarn_sessions"] == before["tarn_sessions"], "the session stays")


def test_metrics_count_cancelled_statements(up):
    before = metrics(up)
    with closing(up.warehouse()) as connection:
        thread = threading.Thread(target=lambda: pytest.raises(Exception, query, connection, ENDLESS))
        thread.start()
        wait_for(lambda: metrics(up)["tarn_sessions_active"] == 1, "nothing runs")
        while thread.is_alive():
            connection.cancel()
            thread.join(0.05)
    cancelled = 'tarn_statements_total{outcome="cancelled"}'
    assert metrics(up)[cancelled] == before[cancelled] + 1


def test_connections_are_kept(up):
    with closing(connect(up)) as connection:
        for path, expected in [("/health", 200), ("/nothing", 404), ("/health?x=1", 200), ("/healthy", 404)]:
            connection.request("GET", path)
            response = connection.getresponse()
            response.read()
            assert response.status == expected, path
            descriptor = connection.sock.fileno()
            assert connection.sock is not None and descriptor >= 0


def test_methods(up):
    status, body, response = get(up, "/health", "HEAD")
    assert status == 200 and body == "" and int(response.headers["Content-Length"]) > 0
    status, _, response = get(up, "/metrics", "POST", body=b"x" * 100_000)
    assert status == 405 and response.headers["Allow"] == "GET, HEAD"


def test_chunked_bodies_and_continue(up):
    answer = raw(up, b"POST /health HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n"
                     b"Connection: close\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
    assert answer.startswith("HTTP/1.1 100 ") and "HTTP/1.1 405 " in answer


def test_old_clients(up):
    answer = raw(up, b"GET /health HTTP/1.0\r\n\r\n")
    assert answer.startswith("HTTP/1.0 200 ")


def test_pipelined_requests(up):
    one = b"GET /health HTTP/1.1\r\nHost: x\r\n"
    answer = raw(up, one + b"\r\n" + one + b"Connection: close\r\n\r\n")
    assert answer.count("HTTP/1.1 200 OK") == 2


@pytest.mark.parametrize("request_text, status", [
    (b"nonsense\r\n\r\n", 400),
    (b"GET health HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    (b"GET /a%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    (b"GET /health?a=% HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    (b"GET /health HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
    (b"GET /health HTTP/1.1\r\nX: " + b"x" * 40_000 + b"\r\n\r\n", 431),
    (b"POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n", 413),
], ids=["no request", "no slash", "bad path", "bad query", "two lengths", "long header", "long body"])
def test_bad_requests(up, request_text, status):
    assert raw(up, request_text).startswith(f"HTTP/1.1 {status} ")
    assert get(up, "/health")[0] == 200


def test_slow_clients_do_not_block_others(up):
    """More of them than there are threads for handlers, at every stage of a request."""
    slow = []
    try:
        for text in [b"", b"GET /hea", b"POST /health HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc"] * 20:
            slow.append(socket.create_connection((up.url.hostname, up.url.port)))
            slow[-1].sendall(text)
        assert get(up, "/health")[0] == 200
    finally:
        for connection in slow:
            connection.close()


def test_too_many_clients_are_told(up):
    others = [socket.create_connection((up.url.hostname, up.url.port)) for _ in range(300)]
    try:
        wait_for(lambda: get(up, "/health")[0] == 503, "all 300 were let in")
    finally:
        for connection in others:
            connection.close()
    wait_for(lambda: get(up, "/health")[0] == 200, "nobody is let in again")
