# SPDX-License-Identifier: Apache-2.0
"""COPY INTO under kills: no file's rows are lost or doubled; and what is unloaded, read by others."""

import csv
import datetime
import gzip
import io
import os
import random
import signal
import threading
import time
from contextlib import closing

import psycopg2
import pyarrow.parquet

from support.waiting import wait_for
from tarn_program import query

KILLS = 4
LOADERS = 3
ROWS = 50


class Loader:
    """Unloads numbered files into the stage and loads whatever is there, until the server is gone."""

    def __init__(self, tarn, number):
        self.errors = []
        self.unloaded = 0
        self._number = number
        self._connection = tarn.warehouse(dbname="d")
        self._connection.autocommit = True
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        try:
            with self._connection.cursor() as cursor:
                while True:
                    name = f"{self._number}_{self.unloaded}"
                    cursor.execute(f"COPY INTO @st/{name} FROM (SELECT '{name}', SEQ4() FROM "
                                   f"TABLE(GENERATOR(ROWCOUNT => {ROWS})))")
                    self.unloaded += 1
                    self._load(cursor)
        except (psycopg2.OperationalError, psycopg2.InterfaceError):
            pass
        except psycopg2.Error as error:
            self.errors.append(error)

    def _load(self, cursor):
        try:
            if self.unloaded % 3 == 0:
                cursor.execute("BEGIN")
                cursor.execute("COPY INTO t FROM @st PURGE = TRUE")
                cursor.execute("COMMIT")
            else:
                cursor.execute("COPY INTO t FROM @st PURGE = TRUE ON_ERROR = CONTINUE")
        except psycopg2.Error as error:
            # Another loader was faster.
            if error.pgcode != "40001":
                raise
            cursor.execute("ROLLBACK")

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


def test_killed_loads_lose_and_double_nothing(tarn, request):
    chance = random.Random(request.config.getoption("--seed"))
    tarn.ok("up")
    with closing(tarn.warehouse()) as connection:
        query(connection, "CREATE DATABASE d")
    with closing(tarn.warehouse(dbname="d")) as connection:
        query(connection, "CREATE STAGE st")
        query(connection, "CREATE TABLE t (name VARCHAR, n INT)")
    unloaded = 0
    for number in range(KILLS):
        loaders = [Loader(tarn, number * LOADERS + i) for i in range(LOADERS)]
        time.sleep(chance.uniform(1.0, 3.0))
        os.kill(tarn.json("status")["warehouse"]["pid"], signal.SIGKILL)
        for loader in loaders:
            loader.join()
        wait_for(lambda: answers(tarn), "the warehouse to come back")
        unloaded += sum(loader.unloaded for loader in loaders)
        with closing(tarn.warehouse(dbname="d")) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("COPY INTO t FROM @st")
                cursor.execute("COPY INTO t FROM @st")
            torn = query(connection, f"SELECT name, COUNT(*) FROM t GROUP BY name HAVING COUNT(*) <> {ROWS}")
            assert torn == []
            ((files,),) = query(connection, "SELECT COUNT(DISTINCT name) FROM t")
            # Files whose answers were lost may be there, too.
            assert unloaded <= files <= unloaded + LOADERS
            unloaded = files
    assert unloaded > KILLS


def test_unloaded_files_are_read_by_others(tarn, tmp_path):
    tarn.ok("up")
    with closing(tarn.warehouse()) as connection:
        connection.autocommit = True
        query(connection, "CREATE DATABASE d")
    with closing(tarn.warehouse(dbname="d")) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("CREATE STAGE st")
            cursor.execute("CREATE TABLE t (i INT, s VARCHAR, n NUMBER(9, 2), d DATE)")
            cursor.execute("INSERT INTO t VALUES (1, 'a,\"b\"', 1.50, '2026-01-02'), (2, NULL, NULL, NULL)")
            cursor.execute("COPY INTO @st/c/ FROM t HEADER = TRUE FILE_FORMAT = (TYPE = CSV "
                           "FIELD_OPTIONALLY_ENCLOSED_BY = '\"' NULL_IF = ())")
            cursor.execute("COPY INTO @st/p/ FROM t HEADER = TRUE FILE_FORMAT = (TYPE = PARQUET)")
            cursor.execute("COPY INTO @st/moments FROM (SELECT '2026-01-02 03:04:05.678'::TIMESTAMP_NTZ AS at, '03:04:05'::TIME AS t, "
                           "CURRENT_DATE AS day) HEADER = TRUE FILE_FORMAT = (TYPE = PARQUET)")
    (moments,) = tarn.home.rglob("moments_0_0_0*")
    moments = pyarrow.parquet.read_table(moments).to_pydict()
    assert moments["AT"] == [datetime.datetime(2026, 1, 2, 3, 4, 5, 678000)] and moments["T"] == [datetime.time(3, 4, 5)]
    found = {path.name: path for path in tarn.home.rglob("data_0_0_0*")}
    with gzip.open(found["data_0_0_0.csv.gz"], "rt", newline="") as text:
        rows = list(csv.reader(io.StringIO(text.read())))
    assert rows == [["I", "S", "N", "D"], ["1", 'a,"b"', "1.50", "2026-01-02"], ["2", "", "", ""]]
    table = pyarrow.parquet.read_table(found["data_0_0_0.snappy.parquet"]).to_pydict()
    assert table["I"] == [1, 2] and table["S"] == ['a,"b"', None]
    assert [str(n) for n in table["N"]] == ["1.50", "None"]
    assert [str(d) for d in table["D"]] == ["2026-01-02", "None"]
