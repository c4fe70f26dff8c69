# SPDX-License-Identifier: Apache-2.0
"""Dynamic tables whose server is killed while they are refreshed: afterwards they are their query, and go on by their changes."""

import os
import random
import signal
import threading
import time
from contextlib import closing

import psycopg2

from support.waiting import wait_for
from tarn_program import query

KILLS = 4
TABLES = {
    "sums": "SELECT k, COUNT(*) AS n, SUM(v) AS s, MIN(v) AS least FROM rows_in GROUP BY k",
    "over_sums": "SELECT n, COUNT(*) AS groups FROM sums GROUP BY n",
    "joined": "SELECT r.k, r.v, s.s FROM rows_in r JOIN (SELECT k, SUM(v) AS s FROM rows_in GROUP BY k) s ON r.k = s.k",
}


def run(connection, texts, errors):
    """Statement after statement, until the server is gone."""
    try:
        with connection.cursor() as cursor:
            for text in texts:
                cursor.execute(text)
    except (psycopg2.OperationalError, psycopg2.InterfaceError):
        pass
    except psycopg2.Error as error:
        errors.append(error)


def changes(chance):
    while True:
        yield f"INSERT INTO rows_in SELECT seq4() % 20, {chance.randrange(1000)} FROM TABLE(GENERATOR(ROWCOUNT => 30))"
        yield f"UPDATE rows_in SET v = v + 1 WHERE k = {chance.randrange(20)}"
        yield f"DELETE FROM rows_in WHERE k = {chance.randrange(20)} AND v > {chance.randrange(1000)}"


def refreshes():
    while True:
        for name in TABLES:
            yield f"ALTER DYNAMIC TABLE {name} REFRESH"


def answers(tarn):
    try:
        tarn.warehouse().close()
        return True
    except psycopg2.OperationalError:
        return False


def check(tarn):
    with closing(tarn.warehouse(dbname="d")) as connection:
        for name, text in TABLES.items():
            query(connection, f"ALTER DYNAMIC TABLE {name} REFRESH")
            shown = query(connection, f"SELECT * FROM {name}")
            wanted = query(connection, text)
            assert sorted(map(str, shown)) == sorted(map(str, wanted)), name
        actions = query(connection, "SELECT DISTINCT refresh_action FROM TABLE(INFORMATION_SCHEMA.DYNAMIC_TABLE_REFRESH_HISTORY("
                                    "RESULT_LIMIT => 10000)) WHERE refresh_trigger = 'MANUAL' AND state = 'SUCCEEDED'")
        assert {action for action, in actions} <= {"INCREMENTAL", "NO_DATA"}


def test_killed_refreshes_leave_the_table_at_a_frontier(tarn, request):
    chance = random.Random(request.config.getoption("--seed"))
    tarn.ok("up")
    with closing(tarn.warehouse()) as connection:
        query(connection, "CREATE DATABASE d")
    with closing(tarn.warehouse(dbname="d")) as connection:
        query(connection, "CREATE TABLE rows_in (k INT, v INT)")
        for name, text in TABLES.items():
            query(connection, f"CREATE DYNAMIC TABLE {name} TARGET_LAG = '1 day' WAREHOUSE = COMPUTE_WH REFRESH_MODE = INCREMENTAL "
                              f"AS {text}")
    for _ in range(KILLS):
        errors = []
        threads = []
        for texts in (changes(chance), refreshes()):
            connection = tarn.warehouse(dbname="d")
            connection.autocommit = True
            threads.append(threading.Thread(target=run, args=(connection, texts, errors)))
        for thread in threads:
            thread.start()
        time.sleep(chance.uniform(0.5, 2.0))
        os.kill(tarn.json("status")["warehouse"]["pid"], signal.SIGKILL)
        for thread in threads:
            thread.join(120)
            assert not thread.is_alive()
        assert errors == []
        wait_for(lambda: answers(tarn), "the warehouse to come back")
        check(tarn)
    directories = {file.parent for file in tarn.data.rglob("*.metadata.json")}
    assert len(directories) == 1 + len(TABLES)
    for directory in directories:
        # What nobody published went with the writer that died.
        newest = max(directory.glob("*.metadata.json"), key=lambda file: (int(file.name.split("-")[0]), file.stat().st_mtime))
        tarn.ok("fsck", f"file://{newest}")
