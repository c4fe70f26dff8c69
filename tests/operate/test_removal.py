# SPDX-License-Identifier: Apache-2.0
"""Lake tables that go with something larger take their files along, and nobody else's."""

import time

import psycopg2
import pytest

from support.database import Database
from support.listing import files_below
from support.reachable import files_in
from support.waiting import wait_for

pytestmark = pytest.mark.slow


def make(database, table, rows=10):
    database.sql(f"CREATE TABLE {table} (a int) USING iceberg")
    database.sql(f"INSERT INTO {table} SELECT generate_series(1, {rows})")


def folder_of(database, table, schema="public"):
    return database.metadata_location(table, schema).rsplit("/metadata/", 1)[0]


def all_below(database, folder):
    """Every file below a table's directory, its owner's mark included."""
    return files_below(database.server.local_path(folder))


def assert_sound(database, table, rows=10):
    assert database.sql(f"SELECT count(*) FROM {table}") == [(rows,)]
    database.fsck(table.split(".")[-1])
    database.sql(f"INSERT INTO {table} VALUES (0)")
    assert database.sql(f"SELECT count(*) FROM {table}") == [(rows + 1,)]


def test_drop_schema_cascade(lake):
    lake.sql("CREATE SCHEMA going")
    make(lake, "going.one")
    make(lake, "going.two")
    make(lake, "kept")
    lake.sql("CREATE VIEW going.v AS SELECT * FROM kept")
    going = [folder_of(lake, table, "going") for table in ("one", "two")]
    connection = lake.connect(autocommit=False)
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA going CASCADE")
    connection.rollback()
    assert lake.sql("SELECT count(*) FROM going.one") == [(10,)]
    lake.sql("DROP SCHEMA going CASCADE")
    wait_for(lambda: not any(all_below(lake, folder) for folder in going), "the files stay")
    assert_sound(lake, "kept")


def test_drop_owned(lake):
    lake.sql("DROP ROLE IF EXISTS leaver")
    lake.sql("CREATE ROLE leaver LOGIN")
    lake.sql("GRANT CREATE ON SCHEMA public TO leaver")
    lake.sql("GRANT lake_write TO leaver")
    make(lake, "kept")
    lake.sql("GRANT SELECT ON kept TO leaver")
    for statement in ("CREATE TABLE going (a int) USING iceberg", "INSERT INTO going VALUES (1)"):
        lake.sql(statement, user="leaver")
    folder = folder_of(lake, "going")
    lake.sql("DROP OWNED BY leaver")
    lake.sql("DROP ROLE leaver")
    wait_for(lambda: not all_below(lake, folder), "the files stay")
    assert_sound(lake, "kept")


def test_drop_partitioned_parent_and_inheritance(lake):
    lake.sql("CREATE TABLE parent (a int) PARTITION BY LIST (a)")
    lake.sql("CREATE TABLE part PARTITION OF parent FOR VALUES IN (1) USING iceberg")
    lake.sql("INSERT INTO parent VALUES (1)")
    make(lake, "kept")
    folder = folder_of(lake, "part")
    lake.sql("DROP TABLE parent")
    wait_for(lambda: not all_below(lake, folder), "the files stay")
    assert_sound(lake, "kept")


@pytest.mark.parametrize("extension", ["tarn", "pg_lake"])
def test_drop_extension_cascade(lake, extension):
    server = lake.server
    if extension == "pg_lake":
        lake.sql("CREATE EXTENSION pg_lake")
    other = Database(server)
    make(other, "kept")
    make(lake, "going")
    lake.sql("CREATE TABLE heap AS SELECT 1 AS a")
    folder = folder_of(lake, "going")
    with pytest.raises(psycopg2.errors.DependentObjectsStillExist):
        lake.sql("DROP EXTENSION tarn")
    connection = lake.connect(autocommit=False)
    with connection.cursor() as cursor:
        cursor.execute("DROP EXTENSION tarn CASCADE")
        cursor.execute("SELECT count(*) FROM pg_class WHERE relname = 'going'")
        assert cursor.fetchone() == (0,)
    connection.rollback()
    assert lake.sql("SELECT count(*) FROM going") == [(10,)]
    lake.sql("DROP EXTENSION tarn CASCADE")
    wait_for(lambda: not all_below(lake, folder), "the files stay")
    assert lake.sql("SELECT a FROM heap") == [(1,)]
    assert_sound(other, "kept")
    # The same database can start again.
    lake.sql("CREATE EXTENSION tarn")
    make(lake, "again")
    assert_sound(lake, "again")


def test_drop_extension_after_other_changes_in_the_transaction(lake):
    make(lake, "old")
    folder = folder_of(lake, "old")
    before = files_in(lake.server)
    connection = lake.connect(autocommit=False)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE new (a int) USING iceberg")
        cursor.execute("INSERT INTO new SELECT generate_series(1, 300000)")
        cursor.execute("INSERT INTO old VALUES (11)")
        cursor.execute("DROP EXTENSION tarn CASCADE")
    connection.commit()
    wait_for(lambda: not all_below(lake, folder) and not files_in(lake.server), "the files stay")
    assert before


def test_drop_database_waits_for_nobody_elses_and_may_fail(lake):
    server = lake.server
    other = Database(server)
    make(other, "t")
    make(lake, "kept")
    folder = folder_of(other, "t")
    holder = other.connect()
    # Each refusal comes after its tables were listed: nothing of that may last.
    with pytest.raises(psycopg2.errors.ObjectInUse):
        server.sql(f'DROP DATABASE "{other.name}"')
    with holder.cursor() as cursor:
        cursor.execute("INSERT INTO t VALUES (11)")
    holder.close()
    time.sleep(6)  # a round of the launcher
    assert_sound(other, "t", 11)
    server.sql("DROP DATABASE IF EXISTS not_there")
    with pytest.raises(psycopg2.errors.InvalidCatalogName):
        server.sql("DROP DATABASE not_there")
    other.drop()
    wait_for(lambda: not all_below(lake, folder), "the files stay")
    assert_sound(lake, "kept")


def test_drop_database_without_an_engine_tells_that_files_stay(lake):
    server = lake.server
    other = Database(server)
    make(other, "t")
    empty = Database(server, extension=False)
    folder = folder_of(other, "t")
    for setting in ("engine_path = '/nonexistent/tarn'", "engine_connect_timeout = '200ms'"):
        server.sql(f"ALTER SYSTEM SET tarn.{setting}")
    server.sql("SELECT pg_reload_conf()")
    wait_for(lambda: not server.engine_pids(), "the engine stays")
    connection = server.connect()
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{empty.name}"')
        assert connection.notices == []
        cursor.execute(f'DROP DATABASE "{other.name}"')
    assert "WARNING" in connection.notices[0] and "will not be deleted" in connection.notices[0]
    assert all_below(lake, folder)


def test_drop_of_a_copy_harms_no_template(lake):
    """A database that was made from another shares its files: its drops are not the other's."""
    server = lake.server
    make(lake, "t")
    for drop in ("DROP TABLE t", "DROP SCHEMA public CASCADE", "DROP EXTENSION tarn CASCADE", None):
        lake.close_connections()
        copy = Database(server, template=lake.name)
        if drop is not None:
            copy.sql(drop)
        copy.drop()
    files = all_below(lake, folder_of(lake, "t"))
    make(lake, "later")
    folder = folder_of(lake, "later")
    lake.sql("DROP TABLE later")
    wait_for(lambda: not all_below(lake, folder), "the files stay")
    assert all_below(lake, folder_of(lake, "t")) == files
    assert_sound(lake, "t")


def test_drop_of_the_original_keeps_an_adopted_copy(lake):
    """Once a copy has adopted the tables, they are its own: the original's drop deletes nothing of them."""
    server = lake.server
    original = Database(server)
    make(original, "t")
    original.close_connections()
    adopter = Database(server, template=original.name)
    adopter.sql("SELECT tarn.adopt_table('t')")
    adopter.sql("INSERT INTO t VALUES (11)")
    make(original, "own")
    folder = folder_of(original, "own")
    original.drop()
    wait_for(lambda: not all_below(lake, folder), "the files stay")
    assert_sound(adopter, "t", 11)
    adopter.drop()
