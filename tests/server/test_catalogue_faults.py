# SPDX-License-Identifier: Apache-2.0
"""The private server of the catalogues: killed, damaged, asked by many, with hostile names."""

import os
import pathlib
import signal
import threading
import time
from contextlib import closing

import psycopg2
import pytest

from support.waiting import wait_for
from tarn_program import query

ASKED = "SELECT relname FROM pg_class WHERE relname LIKE 'V%' AND oid >= 16384 ORDER BY 1"


def postmaster(program):
    return int((program.data / "warehouse" / "catalogues" / "pgdata" / "postmaster.pid").read_text().split()[0])


def is_alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] != "Z"
    except OSError:
        return False


def filled(program):
    program.ok("up")
    with closing(program.warehouse()) as connection:
        query(connection, "CREATE DATABASE sales")
        query(connection, "CREATE VIEW sales.public.v1 AS SELECT 1 AS a")
    return program.warehouse(dbname="sales")


def test_the_server_starts_with_the_first_query_and_again_after_it_was_killed(tarn):
    with closing(filled(tarn)) as connection:
        query(connection, "SELECT version()")
        assert not (tarn.data / "warehouse" / "catalogues").exists()
        assert query(connection, ASKED) == [("V1",)]
        for victim in (signal.SIGKILL, signal.SIGQUIT):
            os.kill(postmaster(tarn), victim)
            assert query(connection, ASKED) == [("V1",)]
        query(connection, "CREATE VIEW v2 AS SELECT 1 AS a")
        os.kill(postmaster(tarn), signal.SIGKILL)
        assert query(connection, ASKED) == [("V1",), ("V2",)]


def test_it_ends_with_the_warehouse(tarn):
    with closing(filled(tarn)) as connection:
        assert query(connection, ASKED) == [("V1",)]
    first = postmaster(tarn)
    os.kill(tarn.json("status")["warehouse"]["pid"], signal.SIGKILL)
    wait_for(lambda: not is_alive(first), "the private server outlived the warehouse", 20)

    def answers():
        try:
            with closing(tarn.warehouse(dbname="sales")) as connection:
                return query(connection, ASKED) == [("V1",)]
        except psycopg2.OperationalError:
            return False

    wait_for(answers, "the warehouse did not come back")
    second = postmaster(tarn)
    assert second != first
    tarn.ok("down")
    assert not is_alive(second) and tarn.server_processes() == []


@pytest.mark.parametrize("damage", ["control", "catalogue", "stamp", "all"])
def test_damaged_files_are_made_anew(tarn, damage):
    with closing(filled(tarn)) as connection:
        assert query(connection, ASKED) == [("V1",)]
    tarn.ok("down")
    folder = tarn.data / "warehouse" / "catalogues"
    if damage == "control":
        (folder / "pgdata" / "global" / "pg_control").write_bytes(b"\0" * 8192)
    elif damage == "catalogue":
        for base in (folder / "pgdata" / "base").iterdir():
            (base / "PG_VERSION").write_text("9\n")
    elif damage == "stamp":
        (folder / "made").write_text("of another version")
    else:
        for path in folder.rglob("*"):
            if path.is_file():
                path.write_bytes(b"")
    tarn.ok("up")
    with closing(tarn.warehouse(dbname="sales")) as connection:
        assert query(connection, ASKED) == [("V1",)]


def test_cancel_reaches_it(tarn):
    with closing(filled(tarn)) as connection:
        query(connection, ASKED)
        timer = threading.Timer(1, connection.cancel)
        timer.start()
        began = time.monotonic()
        with pytest.raises(psycopg2.errors.QueryCanceled):
            query(connection, "SELECT pg_sleep(50)")
        assert time.monotonic() - began < 10
        query(connection, "SET statement_timeout = '500ms'")
        with pytest.raises(psycopg2.errors.QueryCanceled):
            query(connection, "SELECT pg_sleep(50)")
        query(connection, "RESET statement_timeout")
        assert query(connection, ASKED) == [("V1",)]


def test_many_sessions_at_once(tarn):
    filled(tarn).close()
    failures = []

    def work(number):
        try:
            with closing(tarn.warehouse(dbname="sales")) as connection:
                for round_number in range(5):
                    if number % 5 == 0:
                        query(connection, f"CREATE VIEW w{number}_{round_number} AS SELECT 1 AS a")
                        assert query(connection, f"SELECT count(*) FROM pg_class WHERE relname = 'W{number}_{round_number}'") == [(1,)]
                    assert query(connection, ASKED) == [("V1",)]
        except BaseException as error:
            failures.append((number, error))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


HOSTILE = ['a"b', "a'b", "a\\b", "line\nbreak", "tab\tand  blanks", "$$body$$", "; DROP TABLE pg_class; --", "é漢字🦊", "%s %d", "{}[]",
           "x" * 200, "x" * 199 + "y", "é" * 100, "pg_class", "PG_FOO", "public", "select", "-", "null", "NULL"]


def test_hostile_names(tarn):
    with closing(filled(tarn)) as connection:
        query(connection, "SET standard_conforming_strings = on")
        for name in HOSTILE:
            quoted = '"' + name.replace('"', '""') + '"'
            query(connection, f"CREATE VIEW {quoted} AS SELECT 1 AS {quoted}")
            query(connection, f"COMMENT ON VIEW {quoted} IS '{name.replace(chr(39), chr(39) * 2)}'")
            query(connection, f"CREATE SCHEMA {quoted}" if name not in ("public",) else "SELECT 1")
            query(connection, "USE SCHEMA sales.public")
            query(connection, f"CREATE ROLE {quoted}")
        found = query(connection, "SELECT relname, attname, obj_description(c.oid, 'pg_class'), c.oid FROM pg_class c JOIN pg_attribute a "
                                  "ON attrelid = c.oid WHERE relnamespace = '\"PUBLIC\"'::regnamespace AND relname <> 'V1'")
        assert sorted(row[2] for row in found) == sorted(HOSTILE)
        for relation, column, name, number in found:
            whole = name.encode()
            if len(whole) <= 63:
                assert (relation, column) == (name, name)
            else:
                assert len(relation.encode()) <= 63 and relation.endswith(f"~{number}") and name.startswith(relation.split("~")[0])
                assert column.endswith("~1") and len(column.encode()) <= 63
        roles = {row[0] for row in query(connection, "SELECT rolname FROM pg_roles")}
        for name in HOSTILE:
            if len(name.encode()) <= 63 and name not in ("public", "pg_class"):
                assert name in roles, name


def test_mirrors_are_dropped_when_there_are_too_many(tarn):
    with closing(filled(tarn)) as connection:
        for number in range(45):
            query(connection, f"CREATE DATABASE d{number}")
            query(connection, f"CREATE VIEW d{number}.public.v{number} AS SELECT 1 AS a")
            query(connection, f"USE DATABASE d{number}")
            assert query(connection, ASKED) == [(f"V{number}",)]
        query(connection, "USE DATABASE d0")
        assert query(connection, ASKED) == [("V0",)]
    bases = list((tarn.data / "warehouse" / "catalogues" / "pgdata" / "base").iterdir())
    assert len(bases) <= 45


@pytest.mark.slow
def test_two_thousand_relations(tarn):
    """Prints what it takes: the first query, one after a change, one without."""
    with closing(filled(tarn)) as connection:
        query(connection, ASKED)
        columns = ", ".join(f"{number} AS c{number}" for number in range(20))
        for number in range(2000):
            query(connection, f"CREATE VIEW t{number} AS SELECT {columns}")

        def timed(asked):
            began = time.monotonic()
            rows = query(connection, asked)
            return time.monotonic() - began, rows

        first, rows = timed("SELECT count(*) FROM pg_class WHERE relname LIKE 'T%' AND oid >= 16384 AND relkind = 'v'")
        assert rows == [(2000,)]
        query(connection, "CREATE VIEW one_more AS SELECT 1 AS a")
        changed, rows = timed("SELECT count(*) FROM pg_class WHERE relname = 'ONE_MORE'")
        assert rows == [(1,)]
        unchanged, _ = timed("SELECT 1 FROM pg_class LIMIT 1")
        columns_time, rows = timed("SELECT relname, attname, format_type(atttypid, atttypmod) FROM pg_attribute JOIN pg_class c ON c.oid = attrelid "
                                   "WHERE attrelid BETWEEN 16384 AND 2999999999")
        assert len(rows) == 2000 * 20 + 2
        print(f"first {first:.2f} s, after a change {changed:.2f} s, without {unchanged:.4f} s, all columns {columns_time:.2f} s")
        assert first < 60 and changed < 20 and unchanged < 5
