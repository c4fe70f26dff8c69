# SPDX-License-Identifier: Apache-2.0
"""Files leave the lake when nobody can need them any more: not before, and not never."""

import time

import pytest

from support.database import Database
from support.reachable import ReachableFiles, files_in
from support.waiting import wait_for

pytestmark = pytest.mark.slow


def data_files(lake):
    return {file for file in files_in(lake.server) if file.endswith(".parquet")}


def table_files(lake, table):
    """All files below the table's directory but the owner's mark."""
    folder = lake.metadata_location(table).rsplit("/metadata/", 1)[0]
    return {file for file in files_in(lake.server) if file.startswith((folder + "/data/", folder + "/metadata/"))}


def test_rolled_back_rows_leave_nothing(lake):
    lake.sql("CREATE TABLE t (a int) USING iceberg")
    before = files_in(lake.server)
    connection = lake.connect(autocommit=False)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO t SELECT generate_series(1, 2000000)")
    connection.rollback()
    wait_for(lambda: files_in(lake.server) == before, "the files stay")


def test_rolled_back_savepoint_leaves_nothing_but_the_rest(lake):
    lake.sql("CREATE TABLE t (a int) USING iceberg")
    connection = lake.connect(autocommit=False)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO t SELECT generate_series(1, 1000)")
        cursor.execute("SAVEPOINT s")
        cursor.execute("INSERT INTO t SELECT generate_series(1, 2000000)")
        cursor.execute("ROLLBACK TO s")
    connection.commit()
    reachable = ReachableFiles(lake.server)
    wait_for(lambda: data_files(lake) == reachable.live_data_files(lake.metadata_location("t")), "the files stay")
    assert lake.sql("SELECT count(*) FROM t") == [(1000,)]


def test_ten_thousand_inserts_make_one_file_and_one_snapshot(lake):
    lake.sql("CREATE TABLE t (a int) USING iceberg")
    connection = lake.connect(autocommit=False)
    with connection.cursor() as cursor:
        for i in range(10_000):
            cursor.execute("INSERT INTO t VALUES (%s)", (i,))
    connection.commit()
    metadata = ReachableFiles(lake.server).metadata(lake.metadata_location("t"))
    assert len(metadata.snapshots) == 1 and len(data_files(lake)) == 1
    assert lake.sql("SELECT count(*), count(DISTINCT a) FROM t") == [(10_000, 10_000)]


def test_dropped_table_goes_when_no_snapshot_sees_it(lake):
    lake.sql("CREATE TABLE t (a int) USING iceberg")
    lake.sql("INSERT INTO t VALUES (1)")
    lake.sql("CREATE TABLE other (a int) USING iceberg")
    lake.sql("INSERT INTO other VALUES (1)")
    files = table_files(lake, "t")
    assert len(files) >= 3
    watcher = lake.connect(autocommit=False)
    with watcher.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT * FROM other")
    lake.sql("DROP TABLE t")
    time.sleep(4)
    assert files <= files_in(lake.server)
    watcher.rollback()
    wait_for(lambda: not files & files_in(lake.server), "the files stay")
    assert lake.sql("SELECT * FROM other") == [(1,)]
    lake.fsck()


def test_rolled_back_drop_keeps_everything(lake):
    lake.sql("CREATE TABLE t (a int) USING iceberg")
    lake.sql("INSERT INTO t VALUES (1)")
    connection = lake.connect(autocommit=False)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE t")
    connection.rollback()
    files = table_files(lake, "t")
    time.sleep(3)
    assert files <= files_in(lake.server)
    assert lake.sql("SELECT * FROM t") == [(1,)]


@pytest.mark.parametrize("end", ["COMMIT", "ROLLBACK"])
def test_prepared_drop_waits_for_its_verdict(lake, end):
    lake.sql("CREATE TABLE t (a int) USING iceberg")
    lake.sql("INSERT INTO t VALUES (1)")
    files = table_files(lake, "t")
    connection = lake.connect(autocommit=False)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE t")
        cursor.execute("PREPARE TRANSACTION 'dropping'")
    connection.close()
    lake.server.restart()
    time.sleep(3)
    assert files <= files_in(lake.server)
    lake.sql(f"{end} PREPARED 'dropping'")
    if end == "COMMIT":
        wait_for(lambda: not files & files_in(lake.server), "the files stay")
    else:
        time.sleep(3)
        assert files <= files_in(lake.server)
        assert lake.sql("SELECT * FROM t") == [(1,)]


def test_dropped_database_takes_its_files_along(lake):
    server = lake.server
    other = Database(server)
    other.sql("CREATE TABLE t (a int) USING iceberg")
    other.sql("INSERT INTO t VALUES (1)")
    lake.sql("CREATE TABLE kept (a int) USING iceberg")
    lake.sql("INSERT INTO kept VALUES (1)")
    files, kept = table_files(other, "t"), table_files(lake, "kept")
    other.drop()
    wait_for(lambda: not files & files_in(server), "the files stay")
    assert kept <= files_in(server)


def test_truncated_rows_stay_for_time_travel(lake):
    """Snapshots younger than the limit keep their files: a truncated table is still there for readers of the lake."""
    lake.sql("CREATE TABLE t (a int) USING iceberg")
    lake.sql("INSERT INTO t VALUES (1)")
    files = table_files(lake, "t")
    lake.sql("TRUNCATE t")
    time.sleep(3)
    assert {file for file in files if file.endswith(".parquet")} <= files_in(lake.server)
    lake.fsck()
