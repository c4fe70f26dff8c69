#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One-row commits for a long time, with nothing configured: do they stay as fast, and what do they leave?

Commits COUNT single rows to one table, with a count(*) after every tenth, then waits a minute and compares with the same
rows loaded at once: pace of the last quarter against the first, bytes on disk, the engine's memory, the time of a scan."""

import argparse
import pathlib
import statistics
import sys
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "tests"))

import machine  # noqa: E402
from measurement import Report, seconds  # noqa: E402
from support.database import Database  # noqa: E402
from support.installation import Installation  # noqa: E402
from support.server import Server  # noqa: E402

PACE_BAR, DISK_BAR_MB, SCAN_BAR, MEMORY_BAR_MB = 1.5, 200, 2.0, 20
SETTLE_SECONDS = 60
TABLE = "(id bigint, name text, at timestamptz)"


def disk(folder):
    """(bytes that the files take, files)."""
    sizes = [path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file()]
    return sum(sizes), len(sizes)


def engine_mb(server):
    (pid,) = server.engine_pids()
    for line in pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no VmRSS")


def commit_rows(connection, first, count):
    with connection.cursor() as cursor:
        for i in range(first, first + count):
            cursor.execute("INSERT INTO small VALUES (%s, 'row ' || %s, now())", (i, i))
            if i % 10 == 9:
                cursor.execute("SELECT count(*) FROM small")
                assert cursor.fetchone()[0] == i + 1


def scan_seconds(connection, table):
    with connection.cursor() as cursor:
        return statistics.median(
            seconds(lambda: cursor.execute(f"SELECT count(*), sum(id), max(name) FROM {table}")) for _ in range(9))


def run(report, server, commits):
    database = Database(server)
    connection = database.connect()
    database.sql(f"CREATE TABLE small {TABLE} USING iceberg")
    quarter = commits // 4
    commit_rows(connection, 0, 20)
    paces, memory = [], []
    for part in range(4):
        first = 20 + part * quarter
        paces.append(seconds(lambda: commit_rows(connection, first, quarter)))
        memory.append(engine_mb(server))
        print(f"# {first + quarter} commits: {paces[-1]:.1f} s, engine {memory[-1]:.0f} MB", file=sys.stderr, flush=True)
    peak, peak_files = disk(server.buckets)
    deadline = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < deadline:
        time.sleep(1)
    left, files = disk(server.buckets)
    database.sql(f"CREATE TABLE loaded {TABLE} USING iceberg")
    database.sql("INSERT INTO loaded SELECT * FROM small")
    scan_seconds(connection, "loaded")
    loaded, small = scan_seconds(connection, "loaded"), scan_seconds(connection, "small")
    database.fsck("small")
    name = f"{commits:,} one-row commits"
    report.add("small commits", f"{name}: pace, last quarter / first", f"{paces[-1]:.1f} s", f"{paces[0]:.1f} s",
               paces[0] / paces[-1], f"<= {PACE_BAR}", paces[-1] <= PACE_BAR * paces[0], seconds=paces)
    report.add("small commits", f"{name}: on disk a minute later", f"{left / 1e6:.0f} MB in {files:,} files",
               f"{peak / 1e6:.0f} MB in {peak_files:,} at the end", None, f"<= {DISK_BAR_MB} MB", left <= DISK_BAR_MB * 1e6,
               bytes=left, files=files)
    report.add("small commits", f"{name}: the engine's memory", f"{memory[-1]:.0f} MB", f"{memory[0]:.0f} MB after a quarter",
               None, f"<= + {MEMORY_BAR_MB} MB", memory[-1] - memory[0] <= MEMORY_BAR_MB, megabytes=memory)
    report.add("small commits", f"{name}: scan, against the rows loaded at once", f"{1000 * small:.1f} ms",
               f"{1000 * loaded:.1f} ms", loaded / small, f"<= {SCAN_BAR}", small <= SCAN_BAR * loaded)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--commits", type=int, default=6000)
    options = parser.parse_args()
    installation = Installation()
    try:
        server = Server(installation, fsync="on", log_min_messages="error").start()
        ((version,),) = server.sql("SHOW server_version")
        report = Report(machine.describe(REPOSITORY, server.home, version))
        run(report, server, options.commits)
        report.print_table()
    finally:
        for server in list(Server.instances):
            server.remove()
        installation.remove()


if __name__ == "__main__":
    main()
