# SPDX-License-Identifier: Apache-2.0
"""An instance from creation to removal, and `tarn up` around it."""

import json
import os
import pathlib
import pwd
import signal
import socket
import time
from contextlib import closing

import psycopg2
import pytest

from support.account import give_to_server
from support.waiting import wait_for
from tarn_program import connect, query

NODE = "0c5e6a54-54f5-4a0c-9d0d-3f1a0a4f6a11"
OTHER_NODE = "9b2f0d1e-0000-4000-8000-000000000001"


def states(tarn):
    return {status["name"]: status["state"] for status in tarn.json("instance", "list")}


def test_create_stop_start_drop(tarn):
    instance = tarn.create("shop")
    with closing(connect(instance)) as connection:
        query(connection, "CREATE TABLE t AS SELECT 1 AS a")
    assert "already exists" in tarn.fails("instance", "create", "shop", "--without-extension")
    assert tarn.json("instance", "stop", "shop")["state"] == "stopped"
    with pytest.raises(psycopg2.OperationalError):
        connect(instance)
    assert "is not running" in tarn.run("instance", "stop", "shop").stderr
    assert tarn.json("instance", "start", "shop")["state"] == "running"
    with closing(connect(instance)) as connection:
        assert query(connection, "SELECT a FROM t") == [(1,)]
    tarn.ok("instance", "drop", "shop")
    assert states(tarn) == {}
    assert tarn.server_processes() == []
    assert "does not exist" in tarn.fails("instance", "drop", "shop")


def test_instances_have_addresses_of_their_own(tarn):
    first, second = tarn.create("first"), tarn.create("second")
    assert (first["host"], first["port"]) != (second["host"], second["port"])
    connect(first).close()
    connect(second).close()
    assert states(tarn) == {"first": "running", "second": "running"}


@pytest.mark.parametrize("name", ["", "../shop", ".new-x", "a b", "1st", "-x", "x" * 64, "ö"])
def test_bad_names(tarn, name):
    assert "invalid instance name" in tarn.fails("instance", "create", "--without-extension", "--", name)


@pytest.mark.parametrize("location, why", [
    ("/etc", "neither s3 nor file"), ("file://srv/lake/", "neither s3 nor file"), ("file:///", "the root directory"),
    ("file:///srv/../etc/", "\"..\""), ("file:///srv//lake/", "empty path component"), ("s3://a/", "a bucket"),
    ("s3://lake/,file:///srv/", "comma"), *((f"file:///srv/{name}/", "a character")
                                         for name in ("it's", 'quo"te', "100%", "%2e%2e", "a*", "Ärger", "a\tb", "a\\b"))],
    ids=repr)
def test_bad_locations(tarn, location, why):
    """Refused before anything is made: the server itself would only warn, and ignore all locations."""
    error = tarn.fails("instance", "create", "shop", "--without-extension", "--allow-location", location)
    assert "invalid allowed location" in error and why in error
    assert states(tarn) == {}


def test_allowed_locations_reach_the_server(tarn):
    instance = tarn.create("shop", "--allow-location", "s3://elsewhere/with space/", "--allow-location",
                           "file:///srv/la-ke.x")
    with closing(connect(instance)) as connection:
        assert query(connection, "SHOW tarn.allowed_locations") == [
            ("s3://elsewhere/with space/,file:///srv/la-ke.x",)]


def test_commands_that_name_nothing(tarn):
    assert "does not exist" in tarn.fails("instance", "start", "nothing")
    assert "does not exist" in tarn.fails("logs", "nothing")
    for words in [(), ("instance",), ("instance", "create"), ("frobnicate",), ("up", "--no-such-option")]:
        tarn.fails(*words)


def test_long_paths(tarn):
    """Socket paths end at 107 bytes; data directories do not."""
    tarn.data = tarn.home / ("deep" * 20) / ("deeper" * 10) / "it's"
    tarn.data.parent.mkdir(parents=True)
    tarn.environment["TARN_DATA"] = str(tarn.data)
    connect(tarn.create("shop")).close()
    record = json.loads((tarn.data / "instances" / "shop" / "instance.json").read_text())
    assert len(record["socket_directory"]) < 90
    tarn.ok("instance", "drop", "shop")
    assert not pathlib.Path(record["socket_directory"]).exists()


def test_up_keeps_instances_running(tarn):
    instance = tarn.create("shop")
    tarn.ok("instance", "stop", "shop")
    assert tarn.json("status")["running"] is False
    status = tarn.json("up")
    assert status["running"] and status["instances"][0]["state"] == "running"
    assert "already running" in tarn.run("up").stderr
    os.kill(status["instances"][0]["pid"], signal.SIGKILL)
    def came_back():
        now = tarn.json("status")["instances"][0]
        return now["state"] == "running" and now["pid"] != status["instances"][0]["pid"]
    wait_for(came_back, "the instance does not come back")
    connect(instance).close()
    tarn.ok("instance", "stop", "shop")
    time.sleep(3)  # longer than the supervisor's interval
    assert states(tarn) == {"shop": "stopped"}
    tarn.ok("instance", "start", "shop")
    lines = tarn.ok("logs", "shop", "-n", "3").splitlines()
    assert any(line.startswith("shop: ") and "LOG" in line for line in lines)
    assert {line.split(": ")[0] for line in tarn.ok("logs").splitlines()} <= {"tarn", "shop", "shop start"}
    tarn.ok("down")
    assert states(tarn) == {"shop": "stopped"}
    assert tarn.server_processes() == []
    assert "nothing was running" in tarn.run("down").stderr


def test_up_in_the_foreground_ends_with_a_signal(tarn):
    tarn.create("shop")
    process = tarn.start("up", "--foreground", "--json")
    assert json.loads(process.stdout.readline())["instances"][0]["state"] == "running"
    process.send_signal(signal.SIGTERM)
    process.communicate()
    assert process.returncode == 0
    assert states(tarn) == {"shop": "stopped"}


def test_address_taken_while_stopped(tarn):
    import socket
    instance = tarn.create("shop")
    tarn.ok("instance", "stop", "shop")
    with socket.create_server((instance["host"], instance["port"])):
        assert f"{instance['host']}:{instance['port']}" in tarn.fails("instance", "start", "shop")
    tarn.ok("instance", "start", "shop")


def make_table(tarn, path, node):
    table = tarn.data / "buckets" / path
    (table / "metadata").mkdir(parents=True)
    (table / "data").mkdir()
    (table / "data" / "a.parquet").write_bytes(b"x")
    (table / "metadata" / "tarn-owner.json").write_text(json.dumps({"node": node}))
    return table


@pytest.mark.parametrize("purge", [False, True])
def test_drop_keeps_lake_files_unless_purge(tarn, purge):
    tarn.create("shop")
    node = tarn.cluster("shop") / "tarn" / "journal" / "node"
    node.parent.mkdir(parents=True)
    node.write_text(f'{{"node": "{NODE}", "inode": 1}}\n')
    own = make_table(tarn, "lake/frompg/tables/postgres/public/own/1", NODE)
    other = make_table(tarn, "lake/frompg/tables/postgres/public/other/2", OTHER_NODE)
    loose = tarn.data / "buckets" / "lake" / "loose.txt"
    loose.write_text("kept")
    for folder in (tarn.cluster("shop") / "tarn", tarn.data / "buckets"):
        for path in [folder, *folder.rglob("*")]:
            give_to_server(path)
    result = tarn.json("instance", "drop", "shop", *(["--purge"] if purge else []))
    assert result == {"name": "shop", "state": "dropped", "purged_tables": 1 if purge else 0}
    assert own.exists() is not purge
    assert own.parent.exists() is not purge
    assert (other / "data" / "a.parquet").exists() and loose.exists()


def test_damaged_record_is_listed(tarn):
    tarn.create("shop")
    (tarn.data / "instances" / "shop" / "instance.json").write_text("{")
    assert states(tarn) == {"shop": "damaged"}
    assert "already exists" in tarn.fails("instance", "create", "shop", "--without-extension")
    pid = int((tarn.cluster("shop") / "postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGQUIT)


def test_up_names_who_holds_an_address(tarn):
    instance = tarn.create("shop")
    tarn.ok("instance", "stop", "shop")
    address = f"{instance['host']}:{instance['port']}"
    with socket.create_server((instance["host"], instance["port"])):
        # Started by root, the program is another account by then, which may not look closer.
        me = "a process of the account root" if os.geteuid() == 0 else f"process {os.getpid()} ("
        for words in [("up",), ("instance", "start", "shop")]:
            done = tarn.run(*words)
            assert done.returncode != 0
            assert address in done.stderr and me in done.stderr, done.stderr
        logged = tarn.ok("logs")
        assert "tarn: " in logged and address in logged and me in logged, logged
    wait_for(lambda: states(tarn) == {"shop": "running"}, "it does not start when the address is free", seconds=90)
    connect(instance).close()


def arguments_of(pid):
    """None of a process that has ended since it was listed."""
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return []


def test_nothing_is_inherited_but_what_is_documented(tarn):
    """Neither by the server nor by its engine: secrets of whoever typed the command, or his home."""
    tarn.environment.update(PGPASSWORD="secret", AWS_SECRET_ACCESS_KEY="secret", HOME="/somewhere/else", LANG="de_DE")
    instance = tarn.json("instance", "create", "shop")
    with closing(connect(instance)) as connection:
        query(connection, "CREATE EXTENSION tarn")
        query(connection, "CREATE TABLE t (a int) USING iceberg; INSERT INTO t VALUES (1)")
    sockets = tarn.data / "instances" / "shop" / "socket"
    with closing(psycopg2.connect(host=str(sockets), port=instance["port"], dbname="postgres", user="postgres")) as owner:
        query(owner, "CREATE TEMP TABLE seen (line text)")
        query(owner, "COPY seen FROM PROGRAM 'env'")
        server = [line for (line,) in query(owner, "SELECT line FROM seen")]
    (engine,) = [pid for pid in tarn.server_processes() if "engine" in arguments_of(pid)]
    owner = pwd.getpwuid(os.stat(f"/proc/{engine}").st_uid)
    for lines in (server, pathlib.Path(f"/proc/{engine}/environ").read_text().split("\0")):
        environment = dict(line.split("=", 1) for line in lines if "=" in line)
        assert "secret" not in environment.values()
        assert "LANG" not in environment
        if pathlib.Path(owner.pw_dir).is_dir():
            assert environment["HOME"] == owner.pw_dir
