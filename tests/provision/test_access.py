# SPDX-License-Identifier: Apache-2.0
"""Who can reach an instance, and what they may do there."""

import os
import pathlib
import socket
import ssl
import struct
import subprocess
from contextlib import closing

import psycopg2
import pytest

from support import layout
from support.listing import contents_below
from tarn_program import connect, query


def test_json_has_what_a_client_needs(shared):
    assert set(shared.instance) == {"name", "host", "port", "database", "users"}
    assert shared.instance["name"] == "shop"
    assert shared.instance["database"] == "postgres"
    assert set(shared.instance["users"]) == {"snowflake_admin", "application"}
    assert shared.instance["host"].startswith("127.0.0.") and shared.instance["host"] != "127.0.0.1"


@pytest.mark.parametrize("user", ["snowflake_admin", "application"])
def test_users_connect_with_tls(shared, user):
    with closing(connect(shared.instance, user)) as connection:
        assert query(connection, "SELECT current_user::text, ssl FROM pg_stat_ssl "
                                 "WHERE pid = pg_backend_pid()") == [(user, True)]


def test_refused(shared):
    for options in [dict(password="wrong"), dict(sslmode="disable"),
                    dict(user="postgres", password="postgres"), dict(user="nobody", password="x")]:
        with pytest.raises(psycopg2.OperationalError):
            connect(shared.instance, **options)


def listening_addresses(pid):
    """(host, port) of the listening sockets of one process, from the kernel."""
    inodes = set()
    for descriptor in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = os.readlink(descriptor)
        except FileNotFoundError:  # closed meanwhile
            continue
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    found = set()
    for table, words in (("tcp", 1), ("tcp6", 4)):
        for line in pathlib.Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:
                host, port = fields[1].split(":")
                packed = b"".join(struct.pack("<I", int(host[8 * i:8 * i + 8], 16)) for i in range(words))
                family = socket.AF_INET if words == 1 else socket.AF_INET6
                found.add((socket.inet_ntop(family, packed), int(port, 16)))
    return found


def test_listens_on_its_own_address_only(shared):
    [status] = shared.json("instance", "list")
    assert listening_addresses(status["pid"]) == {(shared.instance["host"], shared.instance["port"])}


def test_certificate_is_for_the_address(shared):
    certificate = shared.cluster("shop") / "server.crt"
    context = ssl.create_default_context(cafile=str(certificate))
    with socket.create_connection((shared.instance["host"], shared.instance["port"])) as raw:
        raw.sendall(struct.pack("!II", 8, 80877103))
        assert raw.recv(1) == b"S"
        with context.wrap_socket(raw, server_hostname=shared.instance["host"]) as secure:
            assert secure.version() in ("TLSv1.2", "TLSv1.3")


def test_passwords_are_stored_nowhere(shared):
    passwords = [password.encode() for password in shared.instance["users"].values()]
    looked_at = 0
    for path, content in contents_below(shared.data):
        looked_at += 1
        assert not any(password in content for password in passwords), path
    assert looked_at > 500


def test_private_files(shared):
    cluster = shared.cluster("shop")
    assert cluster.stat().st_mode & 0o777 == 0o700
    assert (cluster / "server.key").stat().st_mode & 0o777 == 0o600
    assert (shared.data / "buckets").stat().st_mode & 0o777 == 0o700
    if os.geteuid() == 0:
        assert cluster.stat().st_uid != 0


def test_settings(shared):
    with closing(connect(shared.instance)) as connection:
        settings = dict(query(connection, "SELECT name, setting FROM pg_settings"))
        assert settings["wal_level"] == "logical"
        assert settings["max_prepared_transactions"] == "64"
        assert settings["data_checksums"] == "on"
        assert settings["server_encoding"] == "UTF8"
        assert query(connection, "SHOW tarn.buckets_directory") == [(str(shared.data.resolve() / "buckets"),)]
        assert query(connection, "SELECT datlocprovider::text, datlocale FROM pg_database "
                                 "WHERE datname = 'postgres'") == [("b", "C.UTF-8")]


def test_administrator_is_no_superuser_but_owns_the_database(shared):
    with closing(connect(shared.instance)) as connection:
        assert query(connection, "SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles "
                                 "WHERE rolname = current_user") == [(False, True, True)]
        assert query(connection, "SELECT pg_get_userbyid(datdba) FROM pg_database "
                                 "WHERE datname = 'postgres'") == [("snowflake_admin",)]
        query(connection, "CREATE EXTENSION pg_trgm")  # trusted
        query(connection, "ALTER DATABASE postgres SET work_mem = '8MB'")
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            query(connection, "CREATE EXTENSION file_fdw")
        query(connection, "CREATE ROLE analyst")
        query(connection, "SET ROLE analyst")
        assert query(connection, "SELECT current_user::text") == [("analyst",)]


def test_application_is_an_ordinary_user(shared):
    with closing(connect(shared.instance, "application")) as connection:
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            query(connection, "CREATE ROLE intruder")


def test_owner_reaches_the_superuser_over_the_socket(shared):
    socket_directory = shared.data / "instances" / "shop" / "socket"
    out = subprocess.run([layout.POSTGRESQL / "bin" / "psql", "-h", socket_directory, "-p",
                          str(shared.instance["port"]), "-U", "postgres", "-Atc",
                          "SELECT rolsuper FROM pg_roles WHERE rolname = current_user", "postgres"],
                         capture_output=True, text=True, check=True)
    assert out.stdout == "t\n"
