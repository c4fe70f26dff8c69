# SPDX-License-Identifier: Apache-2.0
"""Tables outside the bucket directories: below allowed file:// prefixes everything works, elsewhere nothing is touched."""

import os
import pathlib

import psycopg2
import pytest

from support.account import make_server_directory
from support.database import Database, fsck
from support.listing import files_below
from support.reachable import LAKE_MARK
from support.twin import assert_twins
from support.waiting import wait_for

pytestmark = pytest.mark.slow

PREFIX = "pg_lake_iceberg.default_location_prefix"
UNCLEAR = ("XX000", None)


@pytest.fixture(scope="module")
def server(installation):
    from support.server import Server
    made = Server(installation, **{"tarn.garbage_safe_age": 0})
    for name in ("la ke.v1", "second", "outside", "la ke.v1-neighbour"):
        make_server_directory(made.home / name)
    os.symlink(made.home / "second", made.home / "link")
    # Odd spacing, a missing slash, a bucket (always allowed), a directory that is not there, a link.
    made.configure(**{"tarn.allowed_locations": f" file://{made.home}/la ke.v1 ,s3://lake/,file://{made.home}/missing/, "
                                                f"file://{made.home}/link/,"})
    yield made.start()
    made.remove()


@pytest.fixture
def lake(server):
    database = Database(server)
    yield database
    database.drop()


@pytest.fixture
def conn(lake):
    return lake.connect()


def use(connection, location):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT set_config('{PREFIX}', %s, false)", (location,))


def lake_files(path):
    return [file for file in files_below(path) if file.name != LAKE_MARK]


def path_of(location):
    assert location.startswith("file://"), location
    return pathlib.Path(location.removeprefix("file://"))


def refused(run):
    with pytest.raises(psycopg2.Error) as raised:
        run()
    assert raised.value.pgcode not in UNCLEAR, f"{raised.value.pgcode}: {raised.value}"
    return raised.value


@pytest.mark.parametrize("name", ["la ke.v1", "link"])
def test_a_table_lives_there(server, lake, conn, name):
    use(conn, f"file://{server.home}/{name}/")
    with conn.cursor() as cursor:
        cursor.execute("CREATE TABLE lake (a int, b text) USING iceberg; CREATE TABLE heap (a int, b text)")
        for table in ("lake", "heap"):
            cursor.execute(f"INSERT INTO {table} SELECT i, 'b' || i FROM generate_series(1, 200000) i")
            cursor.execute(f"ALTER TABLE {table} ADD COLUMN c int DEFAULT 7")
            cursor.execute(f"INSERT INTO {table} VALUES (0, NULL, NULL)")
        assert_twins(conn, conn, "lake", "heap")
        for table in ("lake", "heap"):
            cursor.execute(f"TRUNCATE {table}")
            cursor.execute(f"INSERT INTO {table} VALUES (1, 'after', 2)")
        assert_twins(conn, conn, "lake", "heap")
        location = lake.metadata_location("lake")
        oid = lake.sql("SELECT 'lake'::regclass::oid")[0][0]
        folder = server.home / name / "frompg" / "tables" / lake.name / "public" / "lake" / str(oid)
        assert path_of(location).parent == folder / "metadata"
        assert len(list((folder / "data").glob("*.parquet"))) >= 2
        fsck(server, location)
        # By its path, and by its directory, as somebody without the server would.
        fsck(server, str(path_of(location)))
        fsck(server, str(folder))
        cursor.execute("DROP TABLE lake")
    wait_for(lambda: not folder.exists(), "the files stay")
    assert (server.home / name).exists()


def test_rollback_leaves_nothing(server, lake):
    connection = lake.connect(autocommit=False)
    use(connection, f"file://{server.home}/la ke.v1/")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE t (a int) USING iceberg")
        cursor.execute("INSERT INTO t SELECT generate_series(1, 2000000)")
    connection.rollback()
    wait_for(lambda: not lake_files(server.home / "la ke.v1"), "the files stay")


@pytest.mark.parametrize("name", ["a%2e%2e", "with space", "Ärger漢字", "it's", 'quo"te', "../../outside", "..", "a/b", "$x"])
def test_names_of_tables_are_only_names(server, lake, conn, name):
    use(conn, f"file://{server.home}/la ke.v1/")
    outside = lake_files(server.home / "outside")
    table = '"' + name.replace('"', '""') + '"'
    with conn.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {table}; CREATE TABLE {table}.{table} (a int) USING iceberg")
        cursor.execute(f"INSERT INTO {table}.{table} VALUES (1)")
        cursor.execute(f"SELECT * FROM {table}.{table}")
        assert cursor.fetchall() == [(1,)]
    ((_, _, location),) = lake.lake_tables()
    assert path_of(location).resolve().is_relative_to((server.home / "la ke.v1").resolve())
    assert "%" not in location and ".." not in location
    fsck(server, location)
    assert lake_files(server.home / "outside") == outside


@pytest.mark.parametrize("location", [
    "{home}/outside/", "{home}/la ke.v1-neighbour/", "{home}/la ke.v12/", "{home}/la ke.v/", "{home}/second/", "{home}/",
    "{home}/la ke.v1/../outside/", "{home}/la ke.v1/./x/", "{home}/la ke.v1//x/", "{home}/la ke.v1/%2e%2e/outside/",
    "{home}/la ke.v1/it's/", '{home}/la ke.v1/"x"/', "{home}/la ke.v1/Ärger/", "{home}/la ke.v1/a*b/", "{home}/la%20ke.v1/",
    "{home}/LA KE.V1/", "/", "localhost{home}/la ke.v1/"])
def test_elsewhere_is_refused(server, lake, location):
    """Both when it is set, and, where a setting came about otherwise, when the table is made."""
    location = "file://" + location.format(home=server.home)
    before = lake_files(server.home / "outside")
    connection = lake.connect()
    error = refused(lambda: use(connection, location))
    assert error.diag.message_hint or error.diag.message_detail
    try:
        lake.sql("SELECT 1")
        quoted = location.replace("'", "''")
        lake.sql(f"ALTER DATABASE \"{lake.name}\" SET {PREFIX} = '{quoted}'")
    except psycopg2.Error as error:
        assert error.pgcode not in UNCLEAR
    lake.sql("CREATE TABLE t (a int) USING iceberg")
    assert not lake.metadata_location("t").startswith("file://")
    assert lake_files(server.home / "outside") == before


def test_links_below_the_prefix_are_not_followed(server, lake, conn):
    inside = server.home / "la ke.v1"
    for part in ("frompg", "tables", lake.name):
        inside = make_server_directory(inside / part)
    os.symlink(server.home / "outside", inside / "public")
    use(conn, f"file://{server.home}/la ke.v1/")

    def make():
        with conn.cursor() as cursor:
            cursor.execute("CREATE TABLE t (a int) USING iceberg")
            cursor.execute("INSERT INTO t VALUES (1)")
    refused(make)
    assert lake_files(server.home / "outside") == []
    (inside / "public").unlink()
    make()
    fsck(server, lake.metadata_location("t"))


def test_a_directory_that_is_not_there_is_named(server, lake, conn):
    use(conn, f"file://{server.home}/missing/")

    def make():
        with conn.cursor() as cursor:
            cursor.execute("CREATE TABLE t (a int) USING iceberg")
    error = refused(make)
    assert f"{server.home}/missing" in str(error)
    make_server_directory(server.home / "missing")
    make()
    with conn.cursor() as cursor:
        cursor.execute("INSERT INTO t VALUES (1)")
    fsck(server, lake.metadata_location("t"))


def test_a_location_that_is_no_longer_allowed(server, lake, conn):
    """Its tables can't be read or written until it is allowed again; nothing else is concerned."""
    use(conn, f"file://{server.home}/la ke.v1/")
    with conn.cursor() as cursor:
        cursor.execute("CREATE TABLE t (a int) USING iceberg; INSERT INTO t VALUES (1)")
        cursor.execute(f"RESET {PREFIX}; CREATE TABLE kept (a int) USING iceberg; INSERT INTO kept VALUES (1)")
    allowed = server.sql("SHOW tarn.allowed_locations")[0][0]

    def reload(value):
        before = server.engine_pids()
        server.sql("ALTER SYSTEM SET tarn.allowed_locations = '" + value + "'")
        server.sql("SELECT pg_reload_conf()")
        wait_for(lambda: server.engine_pids() and not set(server.engine_pids()) & set(before), "the engine stays")

    reload("")
    try:
        for statement in ("SELECT * FROM t", "INSERT INTO t VALUES (2)"):
            error = refused(lambda: lake.sql(statement))
            assert error.pgcode == "42501" and "outside the allowed locations" in str(error)
        refused(lambda: use(lake.connect(), f"file://{server.home}/la ke.v1/"))
        lake.sql("INSERT INTO kept VALUES (2)")
    finally:
        reload(allowed)
    lake.sql("INSERT INTO t VALUES (2)")
    assert lake.sql("SELECT a FROM t ORDER BY a") == [(1,), (2,)]


def test_a_server_warns_of_what_it_does_not_understand(server):
    for value in ("/etc/", "file:///", "file:///a/../b/", "http://x/", "file:///it''s/"):
        error = refused(lambda: server.sql(f"ALTER SYSTEM SET tarn.allowed_locations = '{value}'"))
        assert error.pgcode == "22023" and error.diag.message_detail
