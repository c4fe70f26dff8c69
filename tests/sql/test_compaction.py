# SPDX-License-Identifier: Apache-2.0
"""Small files of lake tables become few, and nobody notices: rows are those of a heap twin throughout."""

import threading

import psycopg2
import pytest

from support.database import Database
from support.reachable import ReachableFiles
from support.twin import assert_twins
from support.waiting import wait_for

QUICK = {"tarn.compaction_naptime": "1s", "tarn.garbage_safe_age": 0}


@pytest.fixture
def lake(make_server, access_method):
    if access_method == "heap":
        pytest.skip("of lake tables only")
    database = Database(make_server(**QUICK).start())
    yield database
    database.fsck()


def configure(lake, **settings):
    for name, value in settings.items():
        lake.server.sql(f"ALTER SYSTEM SET tarn.{name} = '{value}'")
    lake.server.sql("SELECT pg_reload_conf()")


def results(lake, table="t"):
    """(rewrites, failures, rewritten files, added files)"""
    rows = lake.sql("SELECT rewrites, failures, rewritten_files, added_files FROM tarn.compaction_results "
                    f"WHERE relation = '{table}'::regclass")
    return rows[0] if rows else (0, 0, 0, 0)


def make_twins(lake, columns="(id int, text text)", name="t"):
    lake.sql(f"CREATE TABLE {name} {columns} USING iceberg")
    lake.sql(f"CREATE TABLE twin_of_{name} {columns}")


def insert(lake, count, first=0, name="t"):
    connection = lake.connect()
    with connection.cursor() as cursor:
        for i in range(first, first + count):
            for table in (name, f"twin_of_{name}"):
                cursor.execute(f"INSERT INTO {table} VALUES (%s, 'row ' || %s)", (i, i))
    connection.close()


def compare(lake, name="t"):
    connection = lake.connect()
    assert_twins(connection, connection, name, f"twin_of_{name}")
    connection.close()


def await_compaction(lake, name="t", beyond=0):
    wait_for(lambda: results(lake, name)[0] > beyond, f"nothing of {name} was rewritten")


# ---- by itself ----

def test_commits_are_compacted_by_themselves(lake):
    make_twins(lake)
    insert(lake, 60)
    await_compaction(lake)
    compare(lake)
    assert results(lake)[2] > results(lake)[3]
    assert lake.sql("SELECT count(*) FROM tarn.compaction_progress WHERE bytes_done > bytes") == [(0,)]


def test_one_file_is_left_when_commits_cease(lake):
    make_twins(lake)
    insert(lake, 30)
    # The last look finds nothing more to do: VACUUM does not either.
    connection = lake.connect()

    def is_settled():
        with connection.cursor() as cursor:
            connection.notices.clear()
            cursor.execute("SELECT count(*) FROM tarn.compaction_progress")
            before = results(lake)
            if before[0] == 0:
                return False
            location = lake.metadata_location("t")
            cursor.execute("SELECT pg_sleep(12)")
            return lake.metadata_location("t") == location

    wait_for(is_settled, "it goes on for ever", seconds=120)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (VERBOSE) t")
    assert "no files are worth a rewrite" in connection.notices[-1], connection.notices
    compare(lake)


def test_a_new_engine_looks_at_every_table(lake):
    configure(lake, compaction="off")
    make_twins(lake)
    insert(lake, 12)
    configure(lake, compaction="on", engine_threads=1)  # which starts a new engine
    await_compaction(lake)
    compare(lake)


# ---- VACUUM ----

def test_vacuum_compacts_at_once(lake):
    configure(lake, compaction="off")
    make_twins(lake)
    insert(lake, 20)
    connection = lake.connect()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (VERBOSE) t")
        assert any("rewrote 20 files" in notice and "as 1 files" in notice
                   for notice in connection.notices), connection.notices
        cursor.execute("VACUUM (VERBOSE) t")
        assert "no files are worth a rewrite" in connection.notices[-1]
    compare(lake)
    assert results(lake)[:2] == (1, 0)
    insert(lake, 10, first=20)
    lake.sql("VACUUM t")
    compare(lake)


def test_the_pointer_tells_the_snapshot_that_a_rewrite_made(lake):
    """Whoever commits from outside requires the snapshot that it finds there."""
    configure(lake, compaction="off")
    make_twins(lake)
    insert(lake, 12)
    before = lake.metadata_location("t")
    lake.sql("VACUUM t")
    ((location, *told, committed),) = lake.sql(
        "SELECT metadata_location, snapshot_id, sequence_number, pg_xact_status(committed_xid) = 'committed' "
        "FROM tarn.tables WHERE table_oid = 't'::regclass")
    assert location != before and committed
    metadata = ReachableFiles(lake.server).metadata(location)
    assert metadata.current_snapshot().summary.operation.value == "replace"
    assert told == [metadata.current_snapshot_id, metadata.last_sequence_number]


def test_old_snapshots_keep_reading(lake):
    configure(lake, compaction="off")
    make_twins(lake)
    insert(lake, 20)
    reader = lake.connect(autocommit=False)
    reader.set_session(isolation_level="REPEATABLE READ")
    with reader.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM t")
        assert cursor.fetchone() == (20,)
        lake.sql("VACUUM t")
        # Until the snapshots that the reader's is one of have expired, and what can be deleted is.
        insert(lake, 120, first=20)
        lake.sql("VACUUM t")
        assert lake.sql("SELECT count(*) FROM t") == [(140,)]
        cursor.execute("SELECT pg_sleep(11)")
        cursor.execute("SELECT count(*), count(DISTINCT text), sum(id) FROM t")
        assert cursor.fetchone() == (20, 20, 190)
        assert_twins(reader, reader, "t", "twin_of_t")
    reader.rollback()
    compare(lake)


def test_serializable_transactions_do_not_fail_by_it(lake):
    configure(lake, compaction="off")
    make_twins(lake)
    insert(lake, 10)
    transaction = lake.connect(autocommit=False)
    transaction.set_session(isolation_level="SERIALIZABLE")
    with transaction.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM t")
        lake.sql("VACUUM t")
        cursor.execute("SELECT count(*) FROM t")
        assert cursor.fetchone() == (10,)
        for table in ("t", "twin_of_t"):
            cursor.execute(f"INSERT INTO {table} VALUES (10, 'row 10')")
    transaction.commit()
    compare(lake)


def test_savepoints_of_a_writer(lake):
    configure(lake, compaction="off")
    make_twins(lake)
    insert(lake, 10)
    writer = lake.connect(autocommit=False)
    with writer.cursor() as cursor:
        for number, text in ((100, "kept"), (101, "gone")):
            for table in ("t", "twin_of_t"):
                cursor.execute(f"INSERT INTO {table} VALUES ({number}, '{text}')")
            if number == 100:
                cursor.execute("SAVEPOINT s")
        cursor.execute("ROLLBACK TO SAVEPOINT s")
        for table in ("t", "twin_of_t"):
            cursor.execute(f"INSERT INTO {table} VALUES (102, 'kept')")
    # VACUUM needs no lock that an open writer holds, and the writer's commit takes its result as the base.
    lake.sql("VACUUM t")
    writer.commit()
    compare(lake)
    lake.sql("VACUUM t")
    compare(lake)


# ---- beside others ----

def test_rows_are_right_under_concurrent_writers(lake, rng):
    make_twins(lake)
    stop, errors = threading.Event(), []

    def write(number):
        connection = lake.connect(autocommit=False)
        i = 0
        while not stop.is_set():
            i += 1
            with connection.cursor() as cursor:
                for table in ("t", "twin_of_t"):
                    cursor.execute(f"INSERT INTO {table} VALUES (%s, %s)", (i, f"writer {number}"))
            connection.rollback() if i % 7 == 0 else connection.commit()

    def run(work, *arguments):
        try:
            work(*arguments)
        except BaseException as error:  # pylint: disable=broad-exception-caught
            errors.append(error)

    writers = [threading.Thread(target=run, args=(write, number)) for number in range(3)]
    for writer in writers:
        writer.start()
    reader = lake.connect(autocommit=False)
    reader.set_session(isolation_level="REPEATABLE READ")
    rounds = 0
    while results(lake)[0] < 4 and rounds < 400 and not errors:
        rounds += 1
        assert_twins(reader, reader, "t", "twin_of_t")
        reader.rollback()
        if rounds % 10 == 0:
            lake.sql("VACUUM t")
    stop.set()
    for writer in writers:
        writer.join()
    assert not errors, errors
    assert results(lake)[0] >= 4
    compare(lake)


def test_definitions_change_meanwhile(lake, rng):
    make_twins(lake)
    stop, errors = threading.Event(), []

    def vacuum():
        connection = lake.connect()
        while not stop.is_set():
            try:
                with connection.cursor() as cursor:
                    cursor.execute("VACUUM t")
            except psycopg2.errors.UndefinedTable:
                pass
            except psycopg2.Error as error:
                errors.append(error)

    thread = threading.Thread(target=vacuum)
    thread.start()
    connection = lake.connect()
    for step in range(40):
        insert_both(connection, step * 10, rng.randrange(3, 10))
        change = rng.choice([f"ALTER TABLE {{t}} ADD COLUMN c{step} int DEFAULT 7", "TRUNCATE {t}", "ANALYZE {t}",
                             f"ALTER TABLE {{t}} ADD COLUMN c{step} text", "ALTER TABLE {t} ALTER COLUMN id TYPE bigint"])
        with connection.cursor() as cursor:
            for table in ("t", "twin_of_t"):
                cursor.execute(change.format(t=table))
        assert_twins(connection, connection, "t", "twin_of_t")
    stop.set()
    thread.join()
    assert not errors, errors
    lake.fsck()
    lake.sql("DROP TABLE t")


def insert_both(connection, first, count):
    with connection.cursor() as cursor:
        for i in range(first, first + count):
            for table in ("t", "twin_of_t"):
                cursor.execute(f"INSERT INTO {table} (id, text) VALUES (%s, 'row')", (i,))


def test_prepared_transactions_are_not_waited_for(lake):
    """Its lock holds everybody back who commits to the table: VACUUM gives up after a while, and so does the worker."""
    configure(lake, compaction="off")
    make_twins(lake)
    insert(lake, 10)
    with lake.connect().cursor() as cursor:
        cursor.execute("BEGIN; INSERT INTO t VALUES (1000, 'prepared'); PREPARE TRANSACTION 'p'")
    vacuum = lake.connect()
    with vacuum.cursor() as cursor:
        cursor.execute("VACUUM t")
    assert "are left as they are" in vacuum.notices[-1], vacuum.notices
    compare(lake)
    configure(lake, compaction="on")
    other = lake.connect()
    with other.cursor() as cursor:
        cursor.execute("CREATE TABLE u (id int) USING iceberg")
        for i in range(10):
            cursor.execute("INSERT INTO u VALUES (%s)", (i,))
    await_compaction(lake, "u")  # nobody else waits
    lake.sql("COMMIT PREPARED 'p'")
    lake.sql("INSERT INTO twin_of_t VALUES (1000, 'prepared')")
    insert(lake, 20, first=10)
    await_compaction(lake)
    compare(lake)


def test_databases_can_be_dropped_while_they_are_compacted(lake, rng):
    for _ in range(4):
        other = Database(lake.server)
        make_twins(other)
        insert(other, 120)
        if rng.random() < 0.7:
            # A short one may have ended already.
            wait_for(lambda: lake.server.backend_pids("tarn compaction") or results(other)[0] > 0,
                     "no compaction begins", seconds=20)
        other.close_connections()
        lake.server.sql(f'DROP DATABASE "{other.name}"')


# ---- where it is not wanted ----

def test_tables_and_databases_that_do_not_want_it(lake):
    make_twins(lake)
    lake.sql("CREATE TABLE off (id int, text text) USING iceberg WITH (autovacuum_enabled = off)")
    lake.sql("CREATE TABLE twin_of_off (id int, text text)")
    others = [Database(lake.server) for _ in range(2)]
    lake.server.sql(f'ALTER DATABASE "{others[0].name}" SET tarn.compaction = off')
    for other in others:
        make_twins(other)
        insert(other, 30)
    lake.server.sql(f'ALTER DATABASE "{others[1].name}" SET default_transaction_read_only = on')
    insert(lake, 30, name="off")
    before = [lake.metadata_location("off"), *(other.metadata_location("t") for other in others)]
    insert(lake, 30)
    await_compaction(lake)
    assert before == [lake.metadata_location("off"), *(other.metadata_location("t") for other in others)]
    lake.server.sql(f'ALTER DATABASE "{others[1].name}" RESET default_transaction_read_only')
    lake.sql("VACUUM off")
    assert results(lake, "off")[0] == 1
    for table in ("t", "off"):
        compare(lake, table)


def test_tables_of_another_database_are_left_alone(lake):
    configure(lake, compaction="off")
    make_twins(lake)
    insert(lake, 20)
    lake.close_connections()
    copy = Database(lake.server, template=lake.name)
    before = copy.metadata_location("t")
    copy.sql("VACUUM (VERBOSE) t")
    assert copy.metadata_location("t") == before
    lake.sql("VACUUM t")
    compare(copy)
    compare(lake)
