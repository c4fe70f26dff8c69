# SPDX-License-Identifier: Apache-2.0
"""An instance from creation to removal, and `tarn up` around it."""

import json
import os
import pathlib
import signal
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
    assert "LOG" in tarn.ok("logs", "shop", "-n", "3")
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
