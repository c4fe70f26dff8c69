# SPDX-License-Identifier: Apache-2.0
"""Full disks, read-only directories, files that are missing, broken or forbidden: an error that names the file, and a
server and a table as they were before."""

import contextlib
import os
import shutil
import subprocess

import psycopg2
import pytest

from support.database import Database
from support.reachable import ReachableFiles, files_in
from support.twin import assert_twins

# What an error may not be: an internal one, or a lost connection.
UNCLEAR = ("XX000", None)


@pytest.fixture
def lake(make_server):
    """A database on a server of its own: `t_lake` and `t_heap` with the same rows in three files."""
    server = make_server().start()
    database = Database(server)
    for side, using in (("lake", "USING iceberg"), ("heap", "")):
        database.sql(f"CREATE TABLE t_{side} (id int, name text) {using}")
        for part in range(3):
            database.sql(f"INSERT INTO t_{side} SELECT i, md5(i::text) FROM generate_series({part}, 3000, 3) i")
    yield database
    assert_as_before(database)
    database.fsck()


def assert_as_before(database):
    connection = database.connect()
    assert_twins(connection, connection, "t_lake", "t_heap")
    connection.close()


def refusal(database, statement):
    """The error of a statement that must fail clearly."""
    with pytest.raises(psycopg2.Error) as raised:
        database.sql(statement)
    error = raised.value
    assert error.pgcode not in UNCLEAR, f"{error.pgcode}: {error}"
    database.sql("SELECT 1")
    return error


def text_of(error):
    return " ".join(filter(None, (error.diag.message_primary, error.diag.message_detail, error.diag.message_hint)))


def forget_cached_files(database):
    """A new engine has read nothing yet."""
    before = database.server.engine_pids()
    for pid in before:
        os.kill(pid, 9)
    for _ in range(200):
        with contextlib.suppress(psycopg2.Error):
            database.sql("SELECT count(*) FROM t_lake")
        if database.server.engine_pids() not in ([], before):
            return
    raise AssertionError("no new engine")


def files_of(database, kind):
    """Local paths of the current files of t_lake of one kind."""
    reachable, location = ReachableFiles(database.server), database.metadata_location("t_lake")
    found = {
        "metadata": lambda: {location},
        "manifest list": lambda: {reachable.current_manifest_list(location)},
        "manifest": lambda: reachable.current_manifests(location),
        "data": lambda: reachable.live_data_files(location),
    }[kind]()
    return sorted(database.server.local_path(file) for file in found)


def truncated(path):
    os.truncate(path, path.stat().st_size // 2)


def emptied(path):
    os.truncate(path, 0)


def overwritten(path):
    path.write_bytes(bytes(path.stat().st_size))


def missing(path):
    path.unlink()


def forbidden(path):
    path.chmod(0)


@pytest.mark.parametrize("damage", [missing, truncated, emptied, overwritten, forbidden], ids=lambda f: f.__name__)
@pytest.mark.parametrize("kind", ["metadata", "manifest list", "manifest", "data"])
def test_damaged_file_is_named(lake, kind, damage):
    path = files_of(lake, kind)[0]
    copy = lake.server.home / "copy"
    shutil.copy2(path, copy)
    owner = path.stat()
    damage(path)
    try:
        with contextlib.suppress(AssertionError):
            forget_cached_files(lake)
        error = refusal(lake, "SELECT sum(id), max(name) FROM t_lake")
        assert path.name in text_of(error)
        lake.sql("SELECT count(*) FROM t_heap")
        if kind == "metadata":
            assert path.name in text_of(refusal(lake, "INSERT INTO t_lake VALUES (-1, 'lost')"))
    finally:
        path.unlink(missing_ok=True)
        shutil.copy2(copy, path)
        os.chown(path, owner.st_uid, owner.st_gid)
        path.chmod(owner.st_mode & 0o777)


def test_fsck_finds_a_missing_file(lake):
    path = files_of(lake, "data")[0]
    moved = path.rename(path.with_suffix(".moved"))
    done = subprocess.run([str(lake.server.installation.tarn), "fsck", lake.metadata_location("t_lake")],
                          env={**os.environ, "TARN_DATA": str(lake.server.home)}, capture_output=True, text=True)
    moved.rename(path)
    assert done.returncode != 0
    assert path.name in done.stdout + done.stderr


def test_read_only_directory_refuses_rows(lake):
    table = files_of(lake, "data")[0].parents[1]
    folders = [table / "data", table / "metadata"]
    for folder in folders:
        folder.chmod(0o555)
    try:
        error = refusal(lake, "INSERT INTO t_lake SELECT i, 'lost' FROM generate_series(1, 1000) i")
        assert table.name in text_of(error)
        assert_as_before(lake)
    finally:
        for folder in folders:
            folder.chmod(0o755)
    for side in ("lake", "heap"):
        lake.sql(f"INSERT INTO t_{side} VALUES (-5, 'after')")


def test_read_only_buckets_refuse_a_table(lake):
    root = lake.server.buckets
    for folder in [root, *(path for path in root.rglob("*") if path.is_dir())]:
        folder.chmod(0o555)
    try:
        refusal(lake, "CREATE TABLE refused (a int) USING iceberg")
        assert lake.sql("SELECT to_regclass('refused')") == [(None,)]
    finally:
        for folder in [root, *(path for path in root.rglob("*") if path.is_dir())]:
            folder.chmod(0o755)
    lake.sql("CREATE TABLE refused (a int) USING iceberg")


@pytest.fixture
def small_disk(make_server):
    """A server whose buckets are on a file system of 24 MB."""
    server = make_server()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m,mode=755", "tmpfs", str(server.buckets)],
                          capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip(f"a small file system needs the right to mount one: {done.stderr.strip()}")
    try:
        shutil.chown(server.buckets, "tarn", "tarn")
        server.start()
        yield server
        server.stop("immediate")
    finally:
        subprocess.run(["umount", "-l", str(server.buckets)], check=True)


def test_full_disk_refuses_and_recovers(small_disk):
    database = Database(small_disk)
    for side, using in (("lake", "USING iceberg"), ("heap", "")):
        database.sql(f"CREATE TABLE t_{side} (id int, name text) {using}")
        database.sql(f"INSERT INTO t_{side} SELECT i, md5(i::text) FROM generate_series(1, 1000) i")
    before = files_in(small_disk)
    filler = small_disk.buckets / "filler"
    space = shutil.disk_usage(small_disk.buckets).free
    filler.write_bytes(bytes(space - 300_000))
    big = "SELECT i, md5(i::text) || md5((-i)::text) FROM generate_series(1, 400000) i"
    error = refusal(database, f"INSERT INTO t_lake {big}")
    assert error.pgcode.startswith("53"), f"{error.pgcode}: {error}"
    assert ".parquet" in text_of(error)
    assert_as_before(database)
    assert files_in(small_disk) - before == {"s3://filler"}
    filler.unlink()
    for side in ("lake", "heap"):
        database.sql(f"INSERT INTO t_{side} SELECT i, md5(i::text) FROM generate_series(1, 100000) i")
    assert_as_before(database)
    database.fsck()


def test_full_disk_at_the_last_step_of_a_commit(small_disk):
    """Room for rows, none for metadata: heap and lake roll back together."""
    database = Database(small_disk)
    for side, using in (("lake", "USING iceberg"), ("heap", "")):
        database.sql(f"CREATE TABLE t_{side} (id int, name text) {using}")
    filler = small_disk.buckets / "filler"
    filler.write_bytes(bytes(shutil.disk_usage(small_disk.buckets).free))
    connection = database.connect(autocommit=False)
    with pytest.raises(psycopg2.Error) as raised, connection.cursor() as cursor:
        cursor.execute("INSERT INTO t_heap VALUES (1, 'x')")
        cursor.execute("INSERT INTO t_lake VALUES (1, 'x')")
        connection.commit()
    assert raised.value.pgcode.startswith("53"), raised.value
    connection.rollback()
    assert database.sql("SELECT (SELECT count(*) FROM t_heap), (SELECT count(*) FROM t_lake)") == [(0, 0)]
    filler.unlink()
    for side in ("lake", "heap"):
        database.sql(f"INSERT INTO t_{side} VALUES (1, 'x')")
    assert_as_before(database)
    database.fsck()
