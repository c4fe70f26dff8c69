# SPDX-License-Identifier: Apache-2.0
"""The warehouse of `tarn up`: started, found, killed, stopped."""

import os
import pathlib
import signal
import socket
import sqlite3
import threading
import urllib.request
from contextlib import closing

import psycopg2
import pytest

from support.waiting import wait_for
from tarn_program import query

SLOW = ("SELECT count(*) FROM (SELECT seq4() AS n FROM TABLE(GENERATOR(ROWCOUNT => {}))) AS a "
        "JOIN (SELECT seq4() AS m FROM TABLE(GENERATOR(ROWCOUNT => 100000))) AS b ON sqrt(n * m) >= 0")
ENDLESS = SLOW.format(100_000_000)


def warehouse(tarn):
    return tarn.json("status")["warehouse"]


def metrics_text(url):
    with urllib.request.urlopen(url + "/metrics", timeout=60) as response:
        return response.read().decode()


def answers(tarn):
    try:
        tarn.warehouse().close()
        return True
    except psycopg2.OperationalError:
        return False


def test_status_says_how_to_connect(tarn):
    stopped = tarn.json("status")
    assert stopped["warehouse"]["state"] == "stopped" and stopped["warehouse"]["pid"] is None
    up = tarn.json("up")
    found = up["warehouse"]
    assert found["state"] == "running" and found["user"] == "admin" and up["instances"] == []
    assert up["http"]["url"].startswith(f"http://{found['host']}:")
    assert tarn.json("status") == up
    password_file = pathlib.Path(found["password_file"])
    assert password_file.is_relative_to(tarn.data.resolve())
    assert password_file.stat().st_mode & 0o777 == 0o600
    with closing(tarn.warehouse()) as connection:
        assert query(connection, "SELECT current_user(), current_role()") == [("ADMIN", "ACCOUNTADMIN")]
        assert connection.info.ssl_in_use
    log = tarn.data / "run" / "tarn.log"
    assert f"{found['host']}:{found['port']}" in log.read_text()
    assert password_file.read_text().strip() not in log.read_text()


def test_only_the_password_opens(tarn):
    tarn.ok("up")
    for options in [{"password": "wrong"}, {"user": "nobody"}]:
        with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
            tarn.warehouse(**options)


def test_all_is_kept_from_one_start_to_the_next(tarn):
    first = tarn.json("up")["warehouse"]
    password = pathlib.Path(first["password_file"]).read_text()
    certificate = (tarn.data / "warehouse" / "server.crt").read_text()
    with closing(tarn.warehouse()) as connection:
        query(connection, "CREATE DATABASE kept")
    tarn.ok("down")
    assert warehouse(tarn)["state"] == "stopped" and not answers(tarn)
    assert tarn.server_processes() == []
    again = tarn.json("up")["warehouse"]
    assert (again["host"], again["port"]) == (first["host"], first["port"])
    assert pathlib.Path(again["password_file"]).read_text() == password
    assert (tarn.data / "warehouse" / "server.crt").read_text() == certificate
    with closing(tarn.warehouse(dbname="kept")) as connection:
        assert query(connection, "SELECT current_database()") == [("KEPT",)]


def test_killed_warehouse_comes_back(tarn):
    tarn.ok("up")
    with closing(tarn.warehouse()) as connection:
        query(connection, "CREATE DATABASE kept")
        before = warehouse(tarn)
        os.kill(before["pid"], signal.SIGKILL)
        with pytest.raises(psycopg2.OperationalError):
            query(connection, "SELECT 1")
    wait_for(lambda: answers(tarn), "the warehouse did not come back")
    after = warehouse(tarn)
    assert after["pid"] != before["pid"] and after["port"] == before["port"]
    with closing(tarn.warehouse(dbname="kept")) as connection:
        assert query(connection, "SELECT current_database()") == [("KEPT",)]
    assert "signal 9" in (tarn.data / "run" / "tarn.log").read_text()


def test_instances_outlive_a_killed_warehouse(tarn):
    tarn.create("shop")
    pid = tarn.json("up")["instances"][0]["pid"]
    os.kill(warehouse(tarn)["pid"], signal.SIGKILL)
    wait_for(lambda: answers(tarn), "the warehouse did not come back")
    assert tarn.json("status")["instances"][0]["pid"] == pid


def test_warehouse_ends_with_its_supervisor(tarn):
    os.kill(tarn.json("up")["pid"], signal.SIGKILL)
    wait_for(lambda: tarn.server_processes() == [], "something goes on")
    assert warehouse(tarn)["state"] == "stopped"
    tarn.ok("up")
    assert answers(tarn)


def test_statements_may_finish_when_it_stops(tarn):
    url = tarn.json("up")["http"]["url"]
    connections = {name: tarn.warehouse(sslmode="disable") for name in ("short", "endless", "idle")}
    outcomes = {}

    def run(name, sql):
        try:
            outcomes[name] = query(connections[name], sql)
        except psycopg2.Error as error:
            outcomes[name] = error.pgcode or str(error)

    threads = [threading.Thread(target=run, args=args)
               for args in [("short", SLOW.format(300)), ("endless", ENDLESS)]]
    for thread in threads:
        thread.start()
    wait_for(lambda: "tarn_sessions_active 2\n" in metrics_text(url), "they do not begin")
    tarn.ok("down")
    for thread in threads:
        thread.join()
    assert outcomes["short"] == [(30_000_000,)]
    assert outcomes["endless"] in ("57014", "57P01"), outcomes
    # A driver would write first, which the closed socket refuses before it has read why.
    with socket.socket(fileno=os.dup(connections["idle"].fileno())) as idle:
        idle.settimeout(60)
        assert b"57P01" in idle.recv(65536)
    assert tarn.server_processes() == []


@pytest.mark.parametrize("option", ["--port", "--http-port"])
def test_busy_port(tarn, option):
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        error = tarn.fails("up", option, port)
        assert f"could not listen on 127.0.0.1:{port}" in error and "The address is held by" in error
        assert f"tarn up {option}" in error
    assert tarn.json("status")["running"] is False and tarn.server_processes() == []
    assert tarn.json("up", option, port)["running"]
    # Remembered, though the environment names none.
    tarn.ok("down")
    again = tarn.json("up")
    assert port in (again["warehouse"]["port"], int(again["http"]["url"].rsplit(":", 1)[1]))


def test_addresses_that_cannot_be(tarn):
    assert "is not an IPv4 address" in tarn.fails("up", "--host", "nowhere")
    assert "not between" in tarn.fails("up", "--port", "65536")


def test_second_up(tarn):
    first = tarn.json("up")
    again = tarn.run("up", "--json")
    assert again.returncode == 0 and f"already running (pid {first['pid']})" in again.stderr
    for words in [("--foreground",), ("--port", "1")]:
        error = tarn.fails("up", *words)
        assert "is already running on data directory" in error and "tarn down" in error
    assert tarn.json("status")["pid"] == first["pid"]


def test_data_of_a_newer_version(tarn):
    tarn.ok("up")
    tarn.ok("down")
    with closing(sqlite3.connect(tarn.data / "warehouse" / "metastore.db")) as metastore:
        version = metastore.execute("PRAGMA user_version").fetchone()[0]
        metastore.execute("PRAGMA user_version = 4000")
    error = tarn.fails("up")
    assert "version 4000" in error and "HINT:" in error
    assert tarn.server_processes() == []
    with closing(sqlite3.connect(tarn.data / "warehouse" / "metastore.db")) as metastore:
        metastore.execute(f"PRAGMA user_version = {version}")
    tarn.ok("up")
    assert answers(tarn)
