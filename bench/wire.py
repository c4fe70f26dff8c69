#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL's protocol as Tarn serves it against PostgreSQL itself: rows per second and time per statement.

Tarn's sessions are scripted ones that give the same batch again and again, PostgreSQL scans a table that is in its memory:
what is compared is the way from a row to the client, over TCP. The client throws everything away, or is psql."""

import argparse
import pathlib
import statistics
import subprocess
import sys
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "tests"))

import machine  # noqa: E402
from measurement import Report, alternate, summary  # noqa: E402
from support.installation import Installation  # noqa: E402
from support.ports import free_port  # noqa: E402
from support.server import Server  # noqa: E402
from support.wire_client import SYNC, WireClient, bind, execute, parse, query  # noqa: E402
from support.wire_server import PASSWORD, WireServer  # noqa: E402

COLUMNS = "123456::int8 AS id, 'a name of some letters'::text AS name, '1234.56'::numeric(12,2) AS amount, " \
          "'2023-11-14 22:13:20.123456'::timestamp(6) AS at"
READY = b"Z\0\0\0\5I"


def drain(client, parts):
    """Reads all up to ReadyForQuery without looking at it."""
    client.send(*parts)
    buffer, last = bytearray(1 << 18), b""
    while not last.endswith(READY):
        got = client.socket.recv_into(buffer)
        assert got > 0
        last = (last + bytes(buffer[max(0, got - 6):got]))[-6:]


def statements(client, parts, count):
    taken = []
    for _ in range(count):
        started = time.perf_counter()
        drain(client, parts)
        taken.append(time.perf_counter() - started)
    return taken


def psql(port, user, text):
    program = REPOSITORY / ".deps" / "postgresql-17" / "bin" / "psql"
    subprocess.run([str(program), f"host=127.0.0.1 port={port} user={user} password={PASSWORD} dbname=postgres sslmode=disable",
                    "-XAtq", "-o", "/dev/null", "-v", "FETCH_COUNT=0", "-c", text], check=True)


def measure(report, wire, port, rows, times, count):
    ours, theirs = f"SELECT {COLUMNS} FROM generate_series(1, {rows})", "SELECT * FROM wide"
    tarn = wire.client().connect()
    secure = wire.client().start_tls().connect()
    postgres = WireClient(("127.0.0.1", port)).connect(user="postgres", database="postgres")
    for name, formats in [("text", []), ("binary", [1])]:
        def parts(text):
            return [parse(text), bind(result_formats=formats), execute(), SYNC]
        best = alternate({"tarn": lambda: drain(tarn, parts(ours)), "tls": lambda: drain(secure, parts(ours)),
                          "postgres": lambda: drain(postgres, parts(theirs))}, times)
        ratio = best["postgres"] / best["tarn"]
        report.add("wire", f"rows to a client, {name}", f"{rows / best['tarn'] / 1e6:.2f} M rows/s",
                   f"PostgreSQL {rows / best['postgres'] / 1e6:.2f} M rows/s", ratio, ">= 1", ratio >= 1,
                   tls=f"{rows / best['tls'] / 1e6:.2f} M rows/s")
    best = alternate({"tarn": lambda: psql(wire.port, "admin", ours), "postgres": lambda: psql(port, "postgres", theirs)}, times)
    ratio = best["postgres"] / best["tarn"]
    report.add("wire", "rows to psql", f"{rows / best['tarn'] / 1e6:.2f} M rows/s",
               f"PostgreSQL {rows / best['postgres'] / 1e6:.2f} M rows/s", ratio, ">= 1", ratio >= 1)
    text = "SELECT 1::int8 AS a"
    for name, parts in [("simple", [query(text)]), ("extended", [parse(text), bind(), execute(), SYNC])]:
        taken = {}
        for side, client in [("tarn", tarn), ("postgres", postgres)] * 2:
            taken.setdefault(side, []).extend(statements(client, parts, count))
        ratio = statistics.median(taken["postgres"]) / statistics.median(taken["tarn"])
        report.add("wire", f"one statement, {name}", f"{1e6 * statistics.median(taken['tarn']):.0f} us",
                   f"PostgreSQL {1e6 * statistics.median(taken['postgres']):.0f} us", ratio, p99=summary(taken["tarn"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--statements", type=int, default=5_000)
    options = parser.parse_args()
    report = Report(machine.describe(REPOSITORY, REPOSITORY, "17"))
    installation = Installation(with_extension=False)
    port = free_port()
    server = Server(installation, listen_addresses="127.0.0.1", port=port, shared_buffers="1GB",
                    max_parallel_workers_per_gather=0)
    try:
        server.start(wait=False)
        time.sleep(3)
        connection = WireClient(("127.0.0.1", port), timeout=120).connect(user="postgres", database="postgres")
        drain(connection, [query(f"CREATE UNLOGGED TABLE wide AS SELECT {COLUMNS} FROM generate_series(1, {options.rows})")])
        drain(connection, [query("VACUUM ANALYZE wide")])
        drain(connection, [query("SELECT count(*) FROM wide")])
        wire = WireServer()
        measure(report, wire, port, options.rows, options.times, options.statements)
        wire.stop()
    finally:
        server.remove()
        installation.remove()
    report.print_table()


if __name__ == "__main__":
    main()
