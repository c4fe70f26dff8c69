# SPDX-License-Identifier: Apache-2.0
"""Hostile names, locations, links and settings reach no file outside the bucket directories."""

import json
import os
import pathlib
import shutil

import psycopg2
import pytest

from support.account import give_to_server, make_server_directory
from support.database import Database
from support.server import Server
from support.twin import assert_twins

UNCLEAR = ("XX000", None)
NAMES = ["../../x", "..", ".", "a/b/c", "/etc/passwd", "a\\b", "a\nb", "a b", "'; DROP TABLE heap; --", 'quo"te',
         "Ärger漢字", "x" * 63, "%2e%2e%2f", "$(id)", "-rf", "~", "a\tb", "con.metadata.json", "*", "?q=1#f"]
PREFIXES = ["file:///etc", "file:///etc/", "file:///", "file://localhost/etc", "/etc", "s3://", "s3:///x/", "s3://../x/",
            "s3://lake/../../etc/", "s3://lake/./../x/", "s3://lake/a/../../x/", "s3://lake//etc/", "s3://.hidden/x/",
            "s3://lake/%2e%2e/x/", "http://example.com/x/", "S3://lake/x/", "s3://la ke/x/", "s3://lake/x\n/",
            "s3://lake\\..\\x/", "relative/path", "~/x"]


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


@pytest.fixture(scope="module")
def contained_server(installation):
    server = Server(installation)
    outside = make_server_directory(server.home / "outside")
    (outside / "secret").write_text("secret")
    yield server.start()
    server.remove()


@pytest.fixture
def contained(contained_server):
    """A database; afterwards nothing but the server's own directories may have changed around it."""
    database = Database(contained_server)
    before = outline(contained_server)
    yield database
    for link in contained_server.buckets.rglob("evil"):
        link.unlink()
    database.drop()
    assert outline(contained_server) == before
    assert not pathlib.Path("/etc/frompg").exists() and not pathlib.Path("/frompg").exists()


def outline(server):
    """Files of the server's home outside data and buckets, with their contents' sizes."""
    found = {}
    for path in sorted(server.home.rglob("*")):
        inside = path.relative_to(server.home)
        if inside.parts[0] not in ("data", "buckets", "socket", "log"):
            found[str(inside)] = path.stat().st_size if path.is_file() else None
    return found


def refused(database, statement):
    with pytest.raises(psycopg2.Error) as raised:
        database.sql(statement)
    assert raised.value.pgcode not in UNCLEAR, f"{raised.value.pgcode}: {raised.value}"
    database.sql("SELECT 1")


@pytest.mark.parametrize("name", NAMES, ids=repr)
@pytest.mark.parametrize("what", ["schema", "table"])
def test_hostile_name_is_only_a_name(db, conn, what, name):
    schema, table = (name, "t") if what == "schema" else ("plain", name)
    lake, heap = f"{quoted(schema)}.{quoted(table)}", "heap"
    with conn.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {quoted(schema)}")
        cursor.execute(f"CREATE TABLE {lake} (a int, {quoted(name)} text) USING iceberg")
        cursor.execute(f"CREATE TABLE {heap} (a int, {quoted(name)} text)")
        for target in (lake, heap):
            cursor.execute(f"INSERT INTO {target} VALUES (1, 'x'), (2, NULL)")
    assert_twins(conn, conn, lake, heap)
    ((namespace, table_name, location),) = db.lake_tables()
    assert (namespace, table_name) == (schema, table)
    parts = location.removeprefix("s3://lake/frompg/tables/").split("/")
    assert len(parts) == 6 and not {"..", ".", ""} & set(parts)
    assert all(set(part) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") or part.isalnum()
               for part in parts[:4])
    assert db.server.local_path(location).resolve().is_relative_to(db.server.buckets.resolve())


@pytest.mark.parametrize("prefix", PREFIXES, ids=repr)
def test_hostile_prefix_is_refused_or_harmless(contained, prefix):
    """Refused when it is set, or when a table is made; an odd but legal bucket path may be taken as it is."""
    connection = contained.connect()
    with connection.cursor() as cursor:
        try:
            cursor.execute("SELECT set_config('pg_lake_iceberg.default_location_prefix', %s, false)", (prefix,))
            cursor.execute("CREATE TABLE t (a int) USING iceberg")
            cursor.execute("INSERT INTO t VALUES (1)")
        except psycopg2.Error as error:
            assert error.pgcode not in UNCLEAR, f"{error.pgcode}: {error}"
            return
    location = contained.metadata_location("t")
    assert location.startswith("s3://"), location
    assert contained.server.local_path(location).resolve().is_relative_to(contained.server.buckets.resolve())


def test_prefix_of_a_role_is_checked_too(contained):
    """Whether the setting is refused or kept: no table is made with it."""
    contained.sql("DROP ROLE IF EXISTS roamer")
    contained.sql("CREATE ROLE roamer LOGIN")
    contained.sql("GRANT CREATE ON SCHEMA public TO roamer")
    contained.sql("GRANT lake_write TO roamer")
    try:
        contained.sql("ALTER ROLE roamer SET pg_lake_iceberg.default_location_prefix = 'file:///etc/'")
    except psycopg2.Error:
        pass
    try:
        contained.sql("CREATE TABLE t (a int) USING iceberg", user="roamer")
        contained.sql("INSERT INTO t VALUES (1)", user="roamer")
    except psycopg2.Error as error:
        assert error.pgcode not in UNCLEAR
        return
    assert contained.metadata_location("t").startswith("s3://")


@pytest.mark.parametrize("setting", ["tarn.engine_path", "tarn.buckets_directory", "tarn.allowed_locations",
                                     "tarn.engine_spill_directory"])
def test_settings_that_reach_files_are_not_a_users(contained, setting):
    contained.sql("DROP ROLE IF EXISTS visitor")
    contained.sql("CREATE ROLE visitor LOGIN")
    connection = contained.connect(user="visitor")
    with connection.cursor() as cursor, pytest.raises(psycopg2.Error) as raised:
        cursor.execute("SELECT set_config(%s, '/', false)", (setting,))
    assert raised.value.pgcode in ("42501", "55P02")


def test_link_in_a_bucket_is_not_followed(contained):
    server = contained.server
    contained.sql("CREATE TABLE first (a int) USING iceberg")
    os.symlink(server.home / "outside", server.buckets / "lake" / "evil")
    for prefix in ("s3://lake/evil/", "s3://evil/"):
        connection = contained.connect()
        with connection.cursor() as cursor, pytest.raises(psycopg2.Error) as raised:
            cursor.execute("SELECT set_config('pg_lake_iceberg.default_location_prefix', %s, false)", (prefix,))
            if prefix == "s3://evil/":
                os.symlink(server.home / "outside", server.buckets / "evil")
            cursor.execute("CREATE TABLE t (a int) USING iceberg")
            cursor.execute("INSERT INTO t VALUES (1)")
        assert raised.value.pgcode not in UNCLEAR


def test_folder_replaced_by_a_link_is_not_followed(contained):
    server = contained.server
    contained.sql("CREATE TABLE t (a int) USING iceberg")
    contained.sql("INSERT INTO t VALUES (1)")
    table = server.local_path(contained.metadata_location("t")).parents[1]
    for folder in ("data", "metadata"):
        kept = (table / folder).rename(table / f"{folder}.kept")
        os.symlink(server.home / "outside", table / folder)
        refused(contained, "INSERT INTO t VALUES (2)")
        (table / folder).unlink()
        kept.rename(table / folder)
    contained.sql("INSERT INTO t VALUES (2)")
    assert contained.sql("SELECT count(*) FROM t") == [(2,)]


@pytest.mark.parametrize("target", ["file:///etc/passwd", "/etc/passwd", "s3://lake/../../outside/secret",
                                    "s3://../outside/secret", "http://127.0.0.1/x"])
def test_metadata_that_points_outside_is_refused(contained, target):
    server = contained.server
    contained.sql("CREATE TABLE t (a int) USING iceberg")
    contained.sql("INSERT INTO t VALUES (1)")
    path = server.local_path(contained.metadata_location("t"))
    document = json.loads(path.read_bytes())
    original = shutil.copy2(path, server.home / "data" / "kept.json")
    document["snapshots"][-1]["manifest-list"] = target
    path.write_text(json.dumps(document))
    give_to_server(path)
    for pid in server.engine_pids():
        os.kill(pid, 9)
    refused(contained, "SELECT * FROM t")
    shutil.copy2(original, path)
    give_to_server(path)


def test_two_servers_do_not_share_a_table(make_server):
    """The documented path is taken by another instance with the same OIDs: the second one's directory is its own."""
    first = make_server(fresh=True).start()
    second = make_server(fresh=True, **{"tarn.buckets_directory": first.buckets}).start()
    locations = []
    for number, server in enumerate((first, second)):
        server.sql("CREATE EXTENSION tarn")
        server.sql("CREATE TABLE t (a int) USING iceberg")
        server.sql(f"INSERT INTO t VALUES ({number})")
        locations.append(server.sql("SELECT metadata_location FROM iceberg_tables")[0][0].rsplit("/metadata/", 1)[0])
    for number, server in enumerate((first, second)):
        assert server.sql("SELECT a FROM t") == [(number,)]
    assert locations[0] != locations[1]
