# SPDX-License-Identifier: Apache-2.0
"""Tables of the warehouse: killed in the middle of changing rows, checked, and read by PyIceberg."""

import json
import os
import random
import signal
import threading
import time
from contextlib import closing

import psycopg2
from pyiceberg.table import StaticTable

from support.waiting import wait_for
from tarn_program import query

KILLS = 5
COUNTERS = 4
WORKERS = 3


def metadata_location(connection, table):
    (text,), = query(connection, f"SELECT SYSTEM$GET_ICEBERG_TABLE_INFORMATION('{table}')")
    return json.loads(text)["metadataLocation"]


class Worker:
    """Counts up in one transaction over two tables, until the server is gone."""

    def __init__(self, tarn, number):
        self.answered = 0
        self.errors = []
        self._chance = random.Random(number)
        self._connection = tarn.warehouse(dbname="d")
        self._connection.autocommit = True
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        try:
            with self._connection.cursor() as cursor:
                while True:
                    counter = self._chance.randrange(COUNTERS)
                    cursor.execute("BEGIN")
                    cursor.execute(f"UPDATE counters SET n = n + 1 WHERE k = {counter}")
                    cursor.execute(f"INSERT INTO entries VALUES ({counter})")
                    cursor.execute("COMMIT")
                    self.answered += 1
        except (psycopg2.OperationalError, psycopg2.InterfaceError):
            pass
        except psycopg2.Error as error:
            self.errors.append(error)

    def join(self):
        self._thread.join(120)
        assert not self._thread.is_alive()
        assert self.errors == []


def answers(tarn):
    try:
        tarn.warehouse().close()
        return True
    except psycopg2.OperationalError:
        return False


def test_killed_transactions_are_there_whole_or_not_at_all(tarn, request):
    chance = random.Random(request.config.getoption("--seed"))
    tarn.ok("up")
    with closing(tarn.warehouse()) as connection:
        query(connection, "CREATE DATABASE d")
    with closing(tarn.warehouse(dbname="d")) as connection:
        query(connection, "CREATE TABLE counters (k INT NOT NULL, n INT)")
        query(connection, f"INSERT INTO counters SELECT seq4(), 0 FROM TABLE(GENERATOR(ROWCOUNT => {COUNTERS}))")
        query(connection, "CREATE TABLE entries (k INT)")
    known = 0
    for number in range(KILLS):
        workers = [Worker(tarn, number * WORKERS + i) for i in range(WORKERS)]
        time.sleep(chance.uniform(0.5, 2.0))
        os.kill(tarn.json("status")["warehouse"]["pid"], signal.SIGKILL)
        for worker in workers:
            worker.join()
        wait_for(lambda: answers(tarn), "the warehouse to come back")
        with closing(tarn.warehouse(dbname="d")) as connection:
            counted = query(connection, "SELECT k, n FROM counters ORDER BY k")
            logged = query(connection, "SELECT c.k, COUNT(e.k) FROM counters c LEFT JOIN entries e ON c.k = e.k "
                                       "GROUP BY c.k ORDER BY c.k")
            assert counted == logged
            total = sum(n for _, n in counted)
            # The one whose answer was lost may be there, too.
            lost = total - known - sum(worker.answered for worker in workers)
            assert 0 <= lost <= WORKERS
            known = total
            locations = [metadata_location(connection, table) for table in ("counters", "entries")]
        for location in locations:
            tarn.ok("fsck", location)
    assert known > 0
    read = StaticTable.from_metadata(locations[0]).scan().to_arrow().to_pylist()
    assert sorted((row["K"], row["N"]) for row in read) == counted
    entries = StaticTable.from_metadata(locations[1]).scan().to_arrow()
    assert entries.num_rows == known


def test_the_whole_life_of_a_table(tarn):
    tarn.ok("up")
    with closing(tarn.warehouse()) as connection:
        query(connection, "CREATE DATABASE d")
    with closing(tarn.warehouse(dbname="d")) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute("CREATE TABLE t (id INT AUTOINCREMENT, name VARCHAR(20), at TIMESTAMP_NTZ, doc VARIANT)")
        cursor.execute("INSERT INTO t (name, at) VALUES ('a', '2024-01-01 00:00:00'), ('b', NULL)")
        assert cursor.statusmessage == "INSERT 0 2"
        cursor.execute("INSERT INTO t (name, doc) SELECT 'c', PARSE_JSON('{\"k\": [1, 2]}')")
        cursor.execute("UPDATE t SET name = name || '!' WHERE id > 1")
        assert cursor.statusmessage == "UPDATE 2"
        cursor.execute("DELETE FROM t WHERE name = 'b!'")
        assert cursor.statusmessage == "DELETE 1"
        cursor.execute("MERGE INTO t USING (SELECT 'c!' AS n UNION ALL SELECT 'd') s ON t.name = s.n "
                       "WHEN MATCHED THEN UPDATE SET at = '2025-05-05' WHEN NOT MATCHED THEN INSERT (name) VALUES (s.n)")
        assert cursor.statusmessage == "MERGE 2"
        location = metadata_location(connection, "t")
        rows = query(connection, "SELECT name, at::VARCHAR, doc:k[1]::INT FROM t ORDER BY name")
        assert rows == [("a", "2024-01-01 00:00:00.000", None), ("c!", "2025-05-05 00:00:00.000", 2),
                        ("d", None, None)]
        cursor.execute("DROP TABLE t")
        cursor.execute("UNDROP TABLE t")
        assert query(connection, "SELECT COUNT(*) FROM t") == [(3,)]
    read = StaticTable.from_metadata(location).scan().to_arrow().to_pylist()
    assert sorted((row["NAME"], row["DOC"]) for row in read) == [("a", None), ("c!", '{"k":[1,2]}'), ("d", None)]
    tarn.ok("fsck", location)
