# SPDX-License-Identifier: Apache-2.0
"""A lake whose file system is not mounted is no empty lake."""

import psycopg2
import pytest

from support.account import make_server_directory
from support.database import Database


def test_nothing_is_made_or_forgotten_below_a_mount_point(make_server):
    server = make_server(fresh=True, **{"tarn.garbage_safe_age": 0}).start()
    database = Database(server)
    database.sql("CREATE TABLE t (x int) USING iceberg")
    database.sql("INSERT INTO t VALUES (1)")
    mounted = server.home / "mounted elsewhere"
    server.buckets.rename(mounted)
    make_server_directory(server.buckets)
    for statement in ["SELECT x FROM t WHERE x > 0", "INSERT INTO t VALUES (2)",
                      "CREATE TABLE made (x int) USING iceberg", "TRUNCATE t"]:
        with pytest.raises(psycopg2.errors.SystemError) as error:
            database.sql(statement)
        assert f'the lake in "{server.buckets}" is not there' in str(error.value), statement
        assert "Mount" in error.value.diag.message_hint
    assert list(server.buckets.iterdir()) == []
    server.buckets.rmdir()
    mounted.rename(server.buckets)
    assert database.sql("SELECT x FROM t") == [(1,)]
    database.sql("INSERT INTO t VALUES (2)")
    database.fsck()
