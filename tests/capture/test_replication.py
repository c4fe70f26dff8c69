# SPDX-License-Identifier: Apache-2.0
"""The connector from end to end: a source's tables are those of the destination, whatever happens to either."""

import json
import random
import time
from contextlib import closing

import psycopg2
import pytest

from replicated import CONNECTOR, Replicated, write_settings
from support.product import Product
from support.waiting import wait_for

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def replicated(installation, plain_installation):
    made = Replicated(installation, plain_installation)
    yield made
    made.fsck()
    made.remove()


def test_trap_10_rows_that_change_while_they_are_copied_come_once(replicated):
    replicated.run("CREATE TABLE s.busy (id int PRIMARY KEY, n int)",
                   "INSERT INTO s.busy SELECT i, 0 FROM generate_series(1, 20000) i")
    with closing(replicated.connect()) as connection, connection.cursor() as cursor:
        replicated.add("busy")
        for round_number in range(200):
            cursor.execute("UPDATE s.busy SET n = n + 1 WHERE id %% 200 = %s", (round_number,))
            cursor.execute("DELETE FROM s.busy WHERE id = %s", (round_number * 7 + 1,))
            cursor.execute("INSERT INTO s.busy VALUES (%s, -1)", (100_000 + round_number,))
    replicated.wait_until_copied("busy")
    replicated.wait_until_equal("busy")


def test_trap_23_values_that_the_stream_leaves_out_are_kept(replicated):
    replicated.run("CREATE TABLE s.large (id int PRIMARY KEY, n int, body text)",
                   "ALTER TABLE s.large ALTER body SET STORAGE EXTERNAL",
                   "INSERT INTO s.large SELECT i, 0, repeat(md5(i::text), 500) FROM generate_series(1, 20) i")
    replicated.add("large")
    replicated.wait_until_copied("large")
    replicated.run("UPDATE s.large SET n = n + 1", "UPDATE s.large SET id = id + 1000 WHERE id <= 3")
    replicated.wait_until_equal("large")


def test_trap_24_states_of_one_key_fold_in_order(replicated):
    replicated.run("CREATE TABLE s.folded (a int, b text, n int, PRIMARY KEY (a, b))")
    replicated.add("folded")
    replicated.wait_until_copied("folded")
    with closing(replicated.connect(autocommit=False)) as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO s.folded VALUES (1, 'x', 1), (1, 'x ', 2), (11, '', 3)")
        cursor.execute("UPDATE s.folded SET n = 10 WHERE b = 'x'")
        cursor.execute("DELETE FROM s.folded WHERE b = 'x'")
        cursor.execute("INSERT INTO s.folded VALUES (1, 'x', 20)")
        cursor.execute("SAVEPOINT p")
        cursor.execute("DELETE FROM s.folded")
        cursor.execute("ROLLBACK TO p")
        connection.commit()
    replicated.wait_until_equal("folded")


def test_trap_27_truncate_comes_in_the_order_of_commits(replicated):
    replicated.run("CREATE TABLE s.emptied (id int PRIMARY KEY, n int)",
                   "INSERT INTO s.emptied SELECT i, i FROM generate_series(1, 100) i")
    replicated.add("emptied")
    replicated.wait_until_copied("emptied")
    replicated.run("INSERT INTO s.emptied VALUES (200, 1); TRUNCATE s.emptied; INSERT INTO s.emptied VALUES (7, 7), (300, 3)")
    replicated.wait_until_equal("emptied")
    ((gone,),) = replicated.sql('SELECT COUNT(*) FROM dest."s"."emptied" WHERE _SNOWFLAKE_DELETED')
    assert int(gone) == 100


def test_trap_16_columns_that_come_go_and_are_renamed(replicated):
    replicated.run("CREATE TABLE s.evolved (id int PRIMARY KEY, a int, b text)", "INSERT INTO s.evolved VALUES (1, 1, 'one')")
    replicated.add("evolved")
    replicated.wait_until_copied("evolved")
    replicated.run("ALTER TABLE s.evolved ADD c int", "INSERT INTO s.evolved VALUES (2, 2, 'two', 22)",
                   "ALTER TABLE s.evolved DROP a", "INSERT INTO s.evolved VALUES (3, 'three', 33)",
                   "ALTER TABLE s.evolved RENAME b TO d", "INSERT INTO s.evolved VALUES (4, 'four', 44)")
    wait_for(lambda: len(replicated.alive("evolved")) == 4, "the rows do not come", 30)
    found = replicated.sql('SELECT ID, C, D, A__SNOWFLAKE_DELETED, B__SNOWFLAKE_DELETED FROM dest."s"."evolved" ORDER BY ID')
    assert [tuple(None if value is None else str(value) for value in row) for row in found] == [
        ("1", None, None, "1", "one"), ("2", "22", None, "2", "two"),
        ("3", "33", None, None, "three"), ("4", "44", "four", None, None)]


def test_trap_19_a_table_that_is_made_anew_is_copied_again(replicated):
    replicated.run("CREATE TABLE s.again (id int PRIMARY KEY, n int)", "INSERT INTO s.again VALUES (1, 1), (2, 2)")
    replicated.add("again")
    replicated.wait_until_copied("again")
    replicated.run("DROP TABLE s.again", "CREATE TABLE s.again (id int PRIMARY KEY, n int)",
                   "INSERT INTO s.again VALUES (5, 5)")
    replicated.wait_until_equal("again")


def test_one_bad_table_stops_no_other(replicated):
    replicated.run("CREATE TABLE s.keyless (n int)", "CREATE TABLE s.sound (id int PRIMARY KEY)",
                   "CREATE TABLE s.spoilt (id int PRIMARY KEY, d date)", "INSERT INTO s.spoilt VALUES (1, '2024-01-01')")
    replicated.add("keyless", "sound", "spoilt")
    replicated.wait_until_copied("sound", "spoilt")
    wait_for(lambda: replicated.states()["keyless"][2] == "FAILED", lambda: f"{replicated.states()}", 20)
    replicated.run("INSERT INTO s.spoilt VALUES (2, 'infinity')", "INSERT INTO s.sound VALUES (1)")
    wait_for(lambda: replicated.states()["spoilt"][1] == "FAILED", lambda: f"{replicated.states()}", 20)
    replicated.wait_until_equal("sound")


def test_trap_21_another_key_is_noticed(replicated):
    replicated.run("CREATE TABLE s.rekeyed (a int CONSTRAINT rekeyed_key PRIMARY KEY, b int NOT NULL)",
                   "INSERT INTO s.rekeyed VALUES (1, 1)")
    replicated.add("rekeyed")
    replicated.wait_until_copied("rekeyed")
    replicated.run("ALTER TABLE s.rekeyed DROP CONSTRAINT rekeyed_key", "ALTER TABLE s.rekeyed ADD PRIMARY KEY (b)",
                   "INSERT INTO s.rekeyed VALUES (1, 2)")
    wait_for(lambda: replicated.states()["rekeyed"][1] == "FAILED", lambda: f"{replicated.states()}", 20)


def test_trap_2_a_slot_that_somebody_dropped_is_noticed(replicated):
    replicated.run("CREATE TABLE s.kept (id int PRIMARY KEY, n int)", "INSERT INTO s.kept VALUES (1, 1)")
    replicated.add("kept")
    replicated.wait_until_copied("kept")
    replicated.run("INSERT INTO s.kept VALUES (2, 2)")
    replicated.wait_until_equal("kept")
    replicated.drop_slot()
    replicated.run("DELETE FROM s.kept WHERE id = 1", "INSERT INTO s.kept VALUES (3, 3)")
    replicated.wait_until_equal("kept", seconds=60)


def test_removed_tables_are_left_as_they_are(replicated):
    replicated.run("CREATE TABLE s.left_alone (id int PRIMARY KEY)", "INSERT INTO s.left_alone VALUES (1)")
    replicated.add("left_alone")
    replicated.wait_until_copied("left_alone")
    replicated.sql(f"CALL {CONNECTOR}.REMOVE_TABLE('SOURCE', 's', 'left_alone')")
    wait_for(lambda: "left_alone" not in replicated.states(), "it is still there", 20)
    replicated.run("INSERT INTO s.left_alone VALUES (2)")
    time.sleep(2)
    assert replicated.alive("left_alone") == [(1.0,)]


def test_a_managed_instance_is_a_source_over_tls(installation):
    """The warehouse's account looks for certificates in its own home, whoever started it."""
    product = Product(installation).up()
    try:
        made = json.loads(product.run("instance", "create", "shop", "--json"))
        with closing(psycopg2.connect(host=made["host"], port=made["port"], dbname=made["database"], user="snowflake_admin",
                                      password=made["users"]["snowflake_admin"], sslmode="require")) as source:
            source.autocommit = True
            with source.cursor() as cursor:
                cursor.execute("CREATE TABLE public.t (id int PRIMARY KEY); INSERT INTO t VALUES (1); "
                               "CREATE PUBLICATION p FOR TABLE t")
        write_settings(product, {"SHOP": {
            "url": f"jdbc:postgresql://{made['host']}:{made['port']}/{made['database']}?sslmode=require",
            "username": "snowflake_admin", "password": made["users"]["snowflake_admin"], "publication": "p", "ssl": True}})
        with closing(product.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(f"CALL {CONNECTOR}.ADD_DATA_SOURCE('SHOP', 'DEST')")
            cursor.execute(f"CALL {CONNECTOR}.ADD_TABLES('SHOP', 'public', ARRAY_CONSTRUCT('t'))")

            def is_copied():
                cursor.execute(f"SELECT SNAPSHOT_REPLICATION_STATUS FROM {CONNECTOR}.REPLICATION_STATE")
                return cursor.fetchall() == [("DONE",)]
            wait_for(is_copied, product.log_tail, 30)
    finally:
        product.remove()


class RandomHistory:
    """Random transactions on a few tables, each with its own key."""

    TABLES = ("one", "two", "three")

    def __init__(self, replicated, rng):
        self.replicated, self.rng = replicated, rng
        for table in self.TABLES:
            replicated.run(f"CREATE TABLE s.{table} (id int PRIMARY KEY, n numeric(12,3), t text, at timestamp, f boolean)",
                           f"ALTER TABLE s.{table} ALTER t SET STORAGE EXTERNAL")
        self.connection = replicated.connect(autocommit=False)

    def text(self):
        return "null" if self.rng.random() < .2 else f"repeat('{self.rng.randint(0, 9)}', {self.rng.choice([3, 50, 4000])})"

    def statement(self):
        table, key = self.rng.choice(self.TABLES), self.rng.randint(1, 60)
        kind = self.rng.random()
        if kind < .5:
            return (f"INSERT INTO s.{table} VALUES ({key}, {self.rng.randint(-99999, 99999)} / 7.0, {self.text()}, "
                    f"timestamp '2024-01-01' + interval '{self.rng.randint(0, 10**6)} s', {self.rng.random() < .5}) "
                    "ON CONFLICT (id) DO UPDATE SET n = excluded.n, f = NOT excluded.f")
        if kind < .7:
            return f"UPDATE s.{table} SET n = n + 1 WHERE id % 7 = {key % 7}"
        if kind < .8:
            return f"UPDATE s.{table} SET id = id + 100 WHERE id = {key} AND NOT EXISTS (SELECT FROM s.{table} WHERE id = {key} + 100)"
        if kind < .97:
            return f"DELETE FROM s.{table} WHERE id = {key}"
        return f"TRUNCATE s.{table}"

    def transaction(self):
        with self.connection.cursor() as cursor:
            for number in range(self.rng.randint(1, 6)):
                if self.rng.random() < .2:
                    cursor.execute(f"SAVEPOINT p{number}")
                    cursor.execute(self.statement())
                    if self.rng.random() < .5:
                        cursor.execute(f"ROLLBACK TO p{number}")
                else:
                    cursor.execute(self.statement())
        if self.rng.random() < .1:
            self.connection.rollback()
        else:
            self.connection.commit()


def test_random_histories_with_kills_end_equal(replicated, rng):
    history = RandomHistory(replicated, rng if isinstance(rng, random.Random) else random.Random(1))
    replicated.add(*history.TABLES)
    for round_number in range(6):
        for _ in range(60):
            history.transaction()
        if round_number % 2 == 1:
            replicated.kill()
        for _ in range(40):
            history.transaction()
        for table in history.TABLES:
            replicated.wait_until_equal(table, seconds=60)
    history.connection.close()
