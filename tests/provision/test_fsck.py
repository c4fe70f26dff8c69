# SPDX-License-Identifier: Apache-2.0
"""`tarn fsck` of a table by its name: the instance knows which metadata file is the current one."""

import json
import pathlib
import re
from contextlib import closing

import psycopg2
import pytest

from tarn_program import TarnProgram, connect, query

TABLES = ['items', '"Odd.Näme ""x""/%$"', 'sales."Q 1"']


@pytest.fixture(scope="module")
def shop(installation):
    program = TarnProgram(environment={"TARN_POSTGRES": str(installation.postgresql)})
    allowed = program.home / "allowed"
    try:
        program.instance = program.json("instance", "create", "shop", "--allow-location", f"file://{allowed}/")
        with closing(connect(program.instance)) as connection:
            query(connection, "CREATE EXTENSION tarn")
            query(connection, "CREATE SCHEMA sales")
            for number, table in enumerate(TABLES, 1):
                query(connection, f"CREATE TABLE {table} (a int) USING iceberg")
                query(connection, f"INSERT INTO {table} SELECT generate_series(1, {number})")
                query(connection, f"INSERT INTO {table} SELECT generate_series(1, {number})")
            query(connection, "CREATE TABLE heap (a int)")
            query(connection, "CREATE VIEW v AS SELECT * FROM items")
            query(connection, "CREATE TABLE parts (a int) PARTITION BY LIST (a)")
            query(connection, "CREATE DATABASE plain")
            query(connection, 'CREATE DATABASE "Da ta=\'x"')
        yield program
    finally:
        program.remove()


def full(table):
    return "postgres." + (table if table.startswith("sales.") else f"public.{table}")


@pytest.mark.parametrize("number", range(1, len(TABLES) + 1))
@pytest.mark.parametrize("form", ["alone", "slash", "option"])
def test_a_table_by_its_name(shop, number, form):
    name = full(TABLES[number - 1])
    words = {"alone": [name], "slash": [f"shop/{name}"], "option": ["--instance", "shop", name]}[form]
    with closing(connect(shop.instance)) as connection:
        [(location,)] = query(connection, "SELECT metadata_location FROM iceberg_tables WHERE table_name = "
                                          f"(parse_ident('{TABLES[number - 1]}'))[array_length(parse_ident("
                                          f"'{TABLES[number - 1]}'), 1)]")
    report = shop.ok("fsck", *words)
    # Two commits of so many rows each; every snapshot's data files are read. Compaction, which comes when nobody
    # has written for a while, makes a third, maybe just now.
    found = re.search(r"clean: (\S+)/metadata/\S+, ([23]) snapshots", report)
    assert found and location.startswith(f"{found[1]}/metadata/")
    assert f"{2 * number} rows" in report


def test_what_it_prints_for_programs(shop):
    assert json.loads(shop.ok("fsck", "--json", full("items")))["clean"] is True


def test_names_are_folded_as_in_sql(shop):
    assert "clean" in shop.ok("fsck", "Postgres.PUBLIC.Items")
    error = shop.fails("fsck", 'postgres.public."Items"')
    assert 'table postgres.public."Items" does not exist in instance "shop"' in error and "HINT:" in error


@pytest.mark.parametrize("name, message", [
    ("postgres.public.nothing", 'table postgres.public.nothing does not exist in instance "shop"'),
    ("postgres.nothing.items", 'table postgres.nothing.items does not exist in instance "shop"'),
    ("nothing.public.items", 'database "nothing" does not exist in instance "shop"'),
    ("plain.public.items", 'table plain.public.items does not exist in instance "shop"'),
    ('"Da ta=\'x".public.items', 'table "Da ta=\'x".public.items does not exist in instance "shop"'),
    ('"dbname=postgres".public.items', 'database "dbname=postgres" does not exist in instance "shop"'),
    ("postgres.public.heap", "postgres.public.heap is not a lake table"),
    ("postgres.public.v", "postgres.public.v is not a lake table"),
    ("postgres.public.parts", "postgres.public.parts is not a lake table"),
    ("postgres.pg_catalog.iceberg_tables", "is not a lake table"),
    ("other/postgres.public.items", 'instance "other" does not exist')])
def test_what_is_no_lake_table_is_told(shop, name, message):
    error = shop.fails("fsck", name)
    assert error.startswith("ERROR:  ") and message in error
    if message.startswith("table") or "not a lake" in message or "database" in message:
        assert "\nHINT:  " in error


@pytest.mark.parametrize("what", ["public.items", "items", "a.b.c.d", 'postgres.public."items', "shop/items",
                                  "no/such.dir/00000-1.metadata.json"])
def test_what_is_no_name_is_taken_for_a_file(shop, what):
    error = shop.fails("fsck", what)
    assert error.startswith("ERROR:  ") and "file://" in error
    assert "does not name a table" in shop.fails("fsck", "--instance", "shop", what)


def test_a_file_that_is_there_comes_first(shop):
    with closing(connect(shop.instance)) as connection:
        [(location,)] = query(connection, "SELECT metadata_location FROM iceberg_tables WHERE table_name = 'items'")
    path = shop.data / "buckets" / location.removeprefix("s3://")
    link = shop.home / "postgres.public.items"
    link.symlink_to(path.parents[1])
    try:
        assert shop.run("fsck", "postgres.public.items").returncode in (0, 1)
        assert str(link) in shop.run("fsck", "postgres.public.items").stdout + shop.run(
            "fsck", "postgres.public.items").stderr
        assert f"clean: {location}" in shop.ok("fsck", "--instance", "shop", "postgres.public.items")
    finally:
        link.unlink()
    assert "clean" in shop.ok("fsck", path.parents[1])
    assert "clean" in shop.ok("fsck", path)


def test_damage_is_found_and_the_status_tells(shop):
    with closing(connect(shop.instance)) as connection:
        query(connection, "CREATE TABLE broken (a int) USING iceberg")
        query(connection, "INSERT INTO broken VALUES (1)")
        [(location,)] = query(connection, "SELECT metadata_location FROM iceberg_tables WHERE table_name = 'broken'")
    path = shop.data / "buckets" / location.removeprefix("s3://")
    [data_file] = (path.parents[1] / "data").glob("*.parquet")
    data_file.unlink()
    done = shop.run("fsck", "postgres.public.broken")
    assert done.returncode == 1 and "data-file-missing" in done.stdout
    with closing(connect(shop.instance)) as connection:
        query(connection, "DROP TABLE broken")


def test_own_objects_in_the_place_of_the_catalog_run_nothing(shop):
    """The question is asked by the superuser in a database that an ordinary role owns."""
    with closing(connect(shop.instance)) as connection:
        query(connection, "CREATE DATABASE trap")
        trap = dict(shop.instance, database="trap")
        with closing(connect(trap)) as inside:
            query(inside, "CREATE SCHEMA tarn")
            query(inside, "CREATE FUNCTION public.spring() RETURNS text LANGUAGE plpgsql AS "
                          "$$ BEGIN EXECUTE 'CREATE TABLE public.sprung()'; RETURN 's3://x/y'; END $$")
            query(inside, "CREATE VIEW tarn.tables AS SELECT 1::oid AS table_oid, public.spring() AS metadata_location")
            query(inside, "CREATE TABLE items (a int)")
            query(inside, "CREATE FUNCTION public.count(oid) RETURNS bigint LANGUAGE sql AS $$ SELECT 1 $$")
            query(inside, "ALTER DATABASE trap SET search_path = public, pg_catalog")
            assert shop.run("fsck", "trap.public.items").returncode == 1
            assert query(inside, "SELECT to_regclass('public.sprung')") == [(None,)]
        query(connection, "DROP DATABASE trap")


def test_files_outside_the_buckets(shop):
    allowed = shop.home / "allowed"
    allowed.mkdir()
    from support.account import give_to_server
    give_to_server(allowed)
    with closing(connect(shop.instance)) as connection:
        query(connection, f"SET pg_lake_iceberg.default_location_prefix = 'file://{allowed}/'")
        query(connection, "CREATE TABLE outside (a int) USING iceberg")
        query(connection, "INSERT INTO outside SELECT generate_series(1, 10)")
        assert query(connection, "SELECT sum(a) FROM outside") == [(55,)]
    assert f"clean: file://{allowed}/frompg/tables/postgres/public/outside/" in shop.ok(
        "fsck", "postgres.public.outside")


def test_a_choice_of_instances(shop):
    shop.create("second")
    try:
        error = shop.fails("fsck", full("items"))
        assert re.search(r"there are 2 instances.*\nHINT:.* \S+/postgres.public.items", error)
        assert "clean" in shop.ok("fsck", f"shop/{full('items')}")
        # An instance without the extension has no lake tables.
        assert "does not exist" in shop.fails("fsck", f"second/{full('items')}")
    finally:
        shop.ok("instance", "drop", "second")


def test_a_stopped_instance(shop):
    shop.ok("instance", "stop", "shop")
    try:
        error = shop.fails("fsck", full("items"))
        assert 'instance "shop" is not running' in error and "tarn instance start shop" in error
    finally:
        shop.ok("instance", "start", "shop")
    assert "clean" in shop.ok("fsck", full("items"))


def test_without_a_data_directory(shop, tmp_path):
    error = shop.fails("fsck", "--data", tmp_path / "nowhere", full("items"))
    assert "there is no data directory" in error and "--data" in error
    assert not pathlib.Path(tmp_path / "nowhere").exists()


def test_help_shows_the_forms(shop):
    assert "database.schema.table" in shop.ok("fsck", "--help")


def test_a_role_needs_no_rights_for_it(shop):
    """The tool is the owner's: a table nobody else may read is verified all the same."""
    with closing(connect(shop.instance)) as connection:
        query(connection, "REVOKE ALL ON items FROM PUBLIC")
        with closing(connect(shop.instance, "application")) as application:
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                query(application, "SELECT * FROM items")
    assert "clean" in shop.ok("fsck", full("items"))
