# SPDX-License-Identifier: Apache-2.0
"""An instance with the extension: its administrator makes lake tables, and `drop --purge` removes them."""

from contextlib import closing

import psycopg2
import pytest

from support import layout
from tarn_program import TarnProgram, connect, query


@pytest.fixture
def tarn(installation):
    program = TarnProgram(environment={"TARN_POSTGRES": str(installation.postgresql)})
    yield program
    program.remove()


def test_administrator_makes_lake_tables_and_purge_removes_them(tarn):
    instance = tarn.json("instance", "create", "shop")
    with closing(connect(instance)) as connection:
        query(connection, "CREATE EXTENSION IF NOT EXISTS pg_lake CASCADE")
        query(connection, "SET pg_lake_iceberg.default_location_prefix TO 's3://lake/'")
        query(connection, "CREATE TABLE orders (id int) USING iceberg")
        query(connection, "INSERT INTO orders SELECT generate_series(1, 10)")
        assert query(connection, "SELECT count(*), sum(id) FROM orders") == [(10, 55)]
        [(location,)] = query(connection, "SELECT metadata_location FROM iceberg_tables "
                                          "WHERE table_name = 'orders'")
    file = tarn.data / "buckets" / location.removeprefix("s3://")
    assert file.exists()
    assert tarn.json("instance", "drop", "shop", "--purge")["purged_tables"] == 1
    assert not file.exists()
    assert tarn.server_processes() == []


def test_users_place_tables_and_others_do_not(tarn):
    """Both users of an instance may, where they may create; who else may is the administrator's to say."""
    instance = tarn.json("instance", "create", "shop")
    with closing(connect(instance)) as admin, closing(connect(instance, "application")) as application:
        query(admin, "CREATE EXTENSION pg_lake CASCADE")
        query(admin, "CREATE ROLE analyst")
        query(admin, "GRANT CREATE ON SCHEMA public TO application, analyst")
        query(application, "SET pg_lake_iceberg.default_location_prefix TO 's3://app/'")
        query(application, "CREATE TABLE theirs USING iceberg AS SELECT 1 AS id")
        assert query(application, "SELECT count(*) FROM theirs") == [(1,)]
        query(admin, "SET ROLE analyst")
        with pytest.raises(psycopg2.errors.InsufficientPrivilege) as raised:
            query(admin, "CREATE TABLE report (id int) USING iceberg")
        assert "lake_write" in raised.value.diag.message_hint
        query(admin, "RESET ROLE")
        query(admin, "GRANT lake_read_write TO analyst")
        query(admin, "SET ROLE analyst")
        query(admin, "CREATE TABLE report (id int) USING iceberg")


def test_missing_extension_is_told(tarn):
    tarn.environment["TARN_POSTGRES"] = str(layout.POSTGRESQL)
    if (layout.POSTGRESQL / "lib" / "tarn.so").exists() or list(layout.POSTGRESQL.rglob("tarn.so")):
        pytest.skip("the extension is installed in the PostgreSQL of .deps")
    assert "is not installed" in tarn.fails("instance", "create", "shop")
