# SPDX-License-Identifier: Apache-2.0
"""Scans of many batches: several at once on one connection, ended early, cancelled, between other work."""

import psycopg2
import pytest

ROWS = 120_000
FILL = ("INSERT INTO {} SELECT i, repeat(chr(97 + i % 26), 200), i % 7 FROM "
        f"generate_series(1, {ROWS}) i")
PIECE = 7_001


@pytest.fixture
def twins(conn, access_method):
    """24 MB each: some 50 batches."""
    with conn.cursor() as cursor:
        cursor.execute(f"CREATE TABLE lake (a int, b text, c int) USING {access_method}; "
                       "CREATE TABLE heap (a int, b text, c int)")
        for table in ("lake", "heap"):
            cursor.execute(FILL.format(table))
    conn.autocommit = False
    return conn


def execute(conn, statement):
    with conn.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else None


def declare(conn, name, query):
    execute(conn, f"DECLARE {name} CURSOR FOR {query}")


def drain(conn, name):
    rows = []
    while piece := execute(conn, f"FETCH {PIECE} FROM {name}"):
        rows += piece
    return rows


def test_cursors_read_in_turns(twins):
    declare(twins, "one", "SELECT a, b FROM lake")
    declare(twins, "two", "SELECT c, a FROM lake WHERE c < 5")
    declare(twins, "three", "SELECT a, b FROM heap")
    one, two, three = [], [], []
    for _ in range(6):
        one += execute(twins, f"FETCH {PIECE} FROM one")
        two += execute(twins, f"FETCH {PIECE} FROM two")
        three += execute(twins, f"FETCH {PIECE} FROM three")
    assert one == three
    two += drain(twins, "two")
    one += drain(twins, "one")
    assert one == three + drain(twins, "three")
    assert two == execute(twins, "SELECT c, a FROM heap WHERE c < 5")


def test_closed_early_between_other_statements(twins):
    total = execute(twins, "SELECT sum(a), max(b) FROM heap")
    for pieces in (1, 3, 5):
        declare(twins, "early", "SELECT a, b FROM lake")
        for _ in range(pieces):
            assert len(execute(twins, f"FETCH {PIECE} FROM early")) == PIECE
        assert execute(twins, "SELECT sum(a), max(b) FROM lake") == total
        execute(twins, "CLOSE early")
        assert execute(twins, "SELECT sum(a), max(b) FROM lake") == total


def test_rows_written_while_a_scan_is_open(twins):
    declare(twins, "open", "SELECT a, b FROM lake")
    before = [row for _ in range(4) for row in execute(twins, f"FETCH {PIECE} FROM open")]
    execute(twins, "INSERT INTO lake SELECT a + 1000000, b, c FROM lake")
    execute(twins, "INSERT INTO heap SELECT a + 1000000, b, c FROM heap")
    rest = drain(twins, "open")
    assert len(before) + len(rest) == ROWS  # a cursor sees what was there when it was opened
    both = "SELECT count(*), sum(a), sum(c), count(DISTINCT b) FROM {}"
    assert execute(twins, both.format("lake")) == execute(twins, both.format("heap"))
    twins.commit()
    assert execute(twins, both.format("lake")) == execute(twins, both.format("heap"))


def test_rolled_back_to_a_savepoint_in_the_middle(twins):
    execute(twins, "INSERT INTO lake VALUES (-1, 'kept', 0)")
    for pieces in (1, 5):
        execute(twins, "SAVEPOINT s")
        declare(twins, "lost", "SELECT a, b FROM lake")
        for _ in range(pieces):
            execute(twins, f"FETCH {PIECE} FROM lost")
        execute(twins, "ROLLBACK TO s")
        assert execute(twins, "SELECT count(*), min(a) FROM lake") == [(ROWS + 1, -1)]
    twins.commit()
    assert execute(twins, "SELECT count(*), min(a) FROM lake") == [(ROWS + 1, -1)]


def test_an_error_of_postgresql_in_the_middle(twins):
    execute(twins, "INSERT INTO lake VALUES (-1, 'kept', 0)")
    execute(twins, "SAVEPOINT s")
    with pytest.raises(psycopg2.errors.DivisionByZero):
        execute(twins, f"SELECT b, 1 / (a - {ROWS * 2 // 3}) FROM lake")
    execute(twins, "ROLLBACK TO s")
    assert execute(twins, "SELECT count(*), min(a) FROM lake") == [(ROWS + 1, -1)]


def test_cancelled_in_the_middle(twins):
    execute(twins, "SAVEPOINT s")
    execute(twins, "SET LOCAL statement_timeout = '100ms'")
    with pytest.raises(psycopg2.errors.QueryCanceled):
        execute(twins, "SELECT a, b, pg_sleep(0.00001) FROM lake")
    execute(twins, "ROLLBACK TO s")
    assert execute(twins, "SELECT count(b) FROM lake") == [(ROWS,)]


def test_scanned_again_and_again(twins):
    """The inner side of a nested loop, between the batches of the outer one."""
    for setting in ("enable_hashjoin", "enable_mergejoin", "enable_material", "enable_memoize"):
        execute(twins, f"SET LOCAL {setting} = off")
    join = "SELECT count(*), sum(o.a), sum(i.a) FROM {0} o JOIN {0} i ON i.a = o.a + 20000 WHERE o.a % 10000 = 1"
    assert execute(twins, join.format("lake")) == execute(twins, join.format("heap"))


def resident_peak_kb(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))


def test_scans_that_have_ended_hold_no_rows(conn, access_method):
    """A scan of many partitions ends theirs one after the other: their last batches do not add up."""
    partitions, kilobytes = 80, 500
    with conn.cursor() as cursor:
        cursor.execute("CREATE TABLE whole (part int, pad text) PARTITION BY LIST (part)")
        for part in range(partitions):
            cursor.execute(f"CREATE TABLE p{part} PARTITION OF whole FOR VALUES IN ({part}) USING {access_method}")
        cursor.execute(f"INSERT INTO whole SELECT part, repeat(md5(part::text || n), 32) FROM generate_series(0, {partitions - 1}) part, "
                       f"generate_series(1, {kilobytes}) n")
        cursor.execute("SET max_parallel_workers_per_gather = 0; SET enable_partition_pruning = off")
        query = "SELECT count(*), sum(length(pad)) FROM whole"
        cursor.execute(query + " WHERE part < 2")
        with open(f"/proc/{conn.info.backend_pid}/clear_refs", "w") as reset:
            reset.write("5")
        before = resident_peak_kb(conn.info.backend_pid)
        cursor.execute(query)
        assert cursor.fetchone() == (partitions * kilobytes, partitions * kilobytes * 1024)
        grown = resident_peak_kb(conn.info.backend_pid) - before
        assert grown < partitions * kilobytes / 4, f"{grown} kB"
