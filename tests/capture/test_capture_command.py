# SPDX-License-Identifier: Apache-2.0
"""`tarn capture`: from a connection string to live Iceberg tables, and how far behind they are."""

import json
import os
import signal
import subprocess
import time
import urllib.request
from contextlib import closing

import pytest
from pyiceberg.catalog.rest import RestCatalog

from replicated import CONNECTOR, SourceAndWarehouse, sorted_rows
from support.waiting import wait_for

pytestmark = pytest.mark.slow

PASSWORD = "s3cret'of the\\role"
QUOTED_PASSWORD = "s3cret%27of%20the%5Crole"


class Shop(SourceAndWarehouse):
    """The command between them."""

    def __init__(self, installation, plain_installation, **settings):
        super().__init__(installation, plain_installation, **settings)
        self.program = str(installation.tarn)

    def sql(self, statement):
        with closing(self.product.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else None

    def url(self, database="postgres", user="postgres:postgres", **parameters):
        asked = "&".join(f"{name}={value}" for name, value in parameters.items())
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}{'?' + asked if asked else ''}"

    def database(self, name, *statements):
        """A database of the test's own."""
        self.run(f"CREATE DATABASE {name}")
        self.run(*statements, dbname=name)
        return self.url(name)

    def capture(self, *arguments):
        return json.loads(self.product.run("capture", *arguments, "--detach", "--json"))

    def states(self, name):
        return {row["schema"] + "." + row["table"]: row for row in
                json.loads(self.product.run("capture", "list", name, "--json"))}

    def sources(self):
        return {row["name"]: row for row in json.loads(self.product.run("capture", "list", "--json"))}

    def wait_until_streaming(self, name, *tables, seconds=40):
        wait_for(lambda: all(self.states(name).get(table, {"state": ""})["state"] == "STREAMING" for table in tables),
                 lambda: f"{self.states(name)}\n{self.product.log_tail()}", seconds)

    def wait_until_equal(self, database, schema, table, seconds=40, dbname=None):
        deadline = time.monotonic() + seconds
        while True:
            expected = sorted_rows(self.run(f'SELECT * FROM "{schema}"."{table}"', dbname=dbname or database.lower()))
            found = sorted_rows(self.sql(f'SELECT * FROM {database}."{schema}"."{table}"'))
            if expected == found:
                return
            assert time.monotonic() < deadline, (expected[:5], found[:5], self.product.log_tail())
            time.sleep(0.2)

    def metrics(self):
        """By name with its labels."""
        with urllib.request.urlopen(self.product.http["url"] + "/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in lines if not line.startswith("#")}

    def remove(self):
        self.product.remove()
        self.source.remove()


@pytest.fixture(scope="module")
def shop(installation, plain_installation):
    made = Shop(installation, plain_installation, max_replication_slots=40, max_wal_senders=40)
    yield made
    made.fsck()
    made.remove()


def test_one_command_from_a_url_to_live_tables(shop):
    url = shop.database("store", "CREATE SCHEMA sales", "CREATE TABLE sales.orders (id int PRIMARY KEY, total numeric(8,2))",
                        'CREATE TABLE "Customers" (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text)',
                        "CREATE TABLE keyless (n int)", "CREATE VIEW v AS SELECT 1",
                        "INSERT INTO sales.orders SELECT i, i / 4.0 FROM generate_series(1, 1000) i",
                        "INSERT INTO \"Customers\" (name) VALUES ('Ann'), ('Bob')")
    answer = shop.capture(url)
    assert (answer["name"], answer["database"], answer["publication"], answer["added"]) == ("STORE", "STORE", "tarn_store", 2)
    assert [(table["schema"], table["table"]) for table in answer["tables"]] == [("public", "Customers"), ("sales", "orders")]
    shop.wait_until_streaming("store", "sales.orders", "public.Customers")
    shop.wait_until_equal("STORE", "sales", "orders")
    shop.run("DELETE FROM sales.orders WHERE id % 2 = 0", "UPDATE sales.orders SET total = 0 WHERE id = 1", dbname="store")
    shop.wait_until_equal("STORE", "sales", "orders")
    uri = shop.product.http["url"] + "/iceberg"
    catalog = RestCatalog("tarn", uri=uri, warehouse="STORE", credential=f"admin:{shop.product.password}",
                          **{"oauth2-server-uri": f"{uri}/v1/oauth/tokens"})
    table = catalog.load_table(("sales", "orders"))
    assert [field.name for field in table.schema().fields] == ["id", "total"]
    assert table.scan().to_arrow().num_rows == 500
    # Again: nothing changes, but for a table that came meanwhile.
    slots = shop.run("SELECT count(*) FROM pg_replication_slots WHERE NOT temporary")
    assert shop.capture(url)["added"] == 0
    shop.run("CREATE TABLE sales.returns (id int PRIMARY KEY)", "INSERT INTO sales.returns VALUES (7)", dbname="store")
    assert shop.capture(url)["added"] == 1
    shop.wait_until_streaming("store", "sales.returns")
    shop.wait_until_equal("STORE", "sales", "returns")
    assert shop.run("SELECT count(*) FROM pg_replication_slots WHERE NOT temporary") == slots


def test_tables_are_chosen_and_named(shop):
    url = shop.database("chosen", "CREATE TABLE a (id int PRIMARY KEY)", "CREATE TABLE b (id int PRIMARY KEY)",
                        "CREATE SCHEMA other", "CREATE TABLE other.c (id int PRIMARY KEY)", "CREATE TABLE other.a (id int PRIMARY KEY)",
                        "CREATE TABLE keyless (n int)")
    shop.sql("CREATE DATABASE picked")
    answer = shop.capture(url, "--tables", "a,other.c", "--database", "picked", "--name", "mine")
    assert (answer["name"], answer["database"]) == ("MINE", "PICKED")
    assert [(table["schema"], table["table"]) for table in answer["tables"]] == [("public", "a"), ("other", "c")]
    shop.wait_until_streaming("mine", "public.a", "other.c")
    assert set(shop.states("mine")) == {"public.a", "other.c"}
    for tables, reason in (("nothing", "no table \"nothing\""), ("keyless", "has no key")):
        failed = shop.product.attempt("capture", url, "--tables", tables, "--name", "mine", "--detach")
        assert failed.returncode == 1 and reason in failed.stderr and "HINT" in failed.stderr
    # A name that another database has.
    elsewhere = shop.database("elsewhere", "CREATE TABLE a (id int PRIMARY KEY)")
    failed = shop.product.attempt("capture", elsewhere, "--name", "mine", "--detach")
    assert failed.returncode == 1 and "another database" in failed.stderr and "--name" in failed.stderr


def test_passwords_are_nowhere_but_in_the_file(shop):
    shop.run(f"CREATE ROLE quiet LOGIN REPLICATION SUPERUSER PASSWORD '{PASSWORD.replace(chr(39), chr(39) * 2)}'")
    shop.database("silent", "CREATE TABLE t (id int PRIMARY KEY)")
    url = shop.url("silent", f"quiet:{QUOTED_PASSWORD}")
    process = subprocess.Popen([shop.program, "capture", url],
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=shop.product.environment)
    try:
        wait_for(lambda: "silent" in shop.product.run("capture", "list").lower(), "it is not captured", 30)
        command_line = open(f"/proc/{process.pid}/cmdline", "rb").read().decode()
        assert "capture" in command_line and QUOTED_PASSWORD not in command_line
        shop.wait_until_streaming("silent", "public.t")
        time.sleep(2)  # it looks twice a second
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=20)
    finally:
        process.kill()
    assert process.returncode == 0 and "tarn capture stop SILENT" in output and "STREAMING" in output
    file = shop.product.home / "datasources.json"
    assert json.loads(file.read_text())["SILENT"]["password"] == PASSWORD
    assert file.stat().st_mode & 0o777 == 0o600
    for secret in (PASSWORD, QUOTED_PASSWORD):
        assert secret not in output and secret not in shop.product.run("capture", "list", "--json")
        for path in shop.product.home.rglob("*"):
            if path.is_file() and path != file and path.suffix in (".log", ".db", ".json"):
                assert secret.encode() not in path.read_bytes(), path


def test_a_password_may_come_from_the_environment(shop):
    shop.database("ambient", "CREATE TABLE t (id int PRIMARY KEY)")
    environment = {**shop.product.environment, "PGPASSWORD": "postgres"}
    done = subprocess.run([shop.program, "capture", shop.url("ambient", "postgres"), "--detach", "--interval", "200ms"], env=environment, capture_output=True, text=True, check=True)
    assert 'SELECT * FROM AMBIENT."public"."t"' in done.stdout
    shop.wait_until_streaming("ambient", "public.t")
    entry = json.loads((shop.product.home / "datasources.json").read_text())["AMBIENT"]
    assert (entry["password"], entry["flushInterval"]) == ("postgres", "200ms")
    shop.run("INSERT INTO t VALUES (1)", dbname="ambient")
    shop.wait_until_equal("AMBIENT", "public", "t")


def test_what_a_role_may_not_do_is_told_as_sql(shop):
    shop.database("owned", "CREATE TABLE t (id int PRIMARY KEY)", "CREATE ROLE guest LOGIN REPLICATION PASSWORD 'guest'")
    url = shop.url("owned", "guest:guest")
    failed = shop.product.attempt("capture", url, "--tables", "t", "--detach")
    assert failed.returncode == 1 and "may not be read" in failed.stderr and "GRANT SELECT" in failed.stderr
    shop.run("GRANT SELECT ON t TO guest", dbname="owned")
    failed = shop.product.attempt("capture", url, "--tables", "t", "--detach")
    statement = 'CREATE PUBLICATION "tarn_owned" FOR TABLE "public"."t" WITH (publish_via_partition_root = true)'
    assert failed.returncode == 1 and statement in failed.stderr
    shop.run(statement, dbname="owned")
    assert shop.capture(url, "--tables", "t")["added"] == 1
    shop.wait_until_streaming("owned", "public.t")


def test_a_log_without_changes_is_told(installation, plain_installation):
    made = Shop(installation, plain_installation, wal_level="replica")
    try:
        made.run("CREATE TABLE t (id int PRIMARY KEY)")
        failed = made.product.attempt("capture", made.url(), "--detach")
        assert failed.returncode == 1
        assert 'wal_level is "replica"' in failed.stderr and "ALTER SYSTEM SET wal_level = logical" in failed.stderr
        assert made.run("SELECT count(*) FROM pg_publication") == [(0,)]
        assert made.sources() == {}
    finally:
        made.remove()


def test_stop_leaves_tables_and_nothing_in_the_source(shop):
    url = shop.database("ended", "CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)")
    shop.capture(url)
    shop.wait_until_streaming("ended", "public.t")
    assert shop.run("SELECT 1 FROM pg_replication_slots WHERE database = 'ended'") == [(1,)]
    shop.product.run("capture", "stop", "ended")
    assert "ENDED" not in shop.sources()
    assert shop.run("SELECT 1 FROM pg_replication_slots WHERE database = 'ended'") == []
    assert shop.run("SELECT 1 FROM pg_publication", dbname="ended") == []
    assert "ENDED" not in json.loads((shop.product.home / "datasources.json").read_text())
    assert shop.sql('SELECT * FROM ENDED."public"."t"') == [(1,)]
    failed = shop.product.attempt("capture", "stop", "ended")
    assert failed.returncode == 1 and "nothing is captured" in failed.stderr
    # And begin anew: into the same tables.
    shop.run("DELETE FROM t", "INSERT INTO t VALUES (2)", dbname="ended")
    shop.capture(url)
    shop.wait_until_streaming("ended", "public.t")
    shop.wait_until_equal("ENDED", "public", "t")


def test_lag_is_told_in_metrics_and_in_sql(shop):
    url = shop.database("behind", 'CREATE TABLE "odd ""name" (id int PRIMARY KEY)', "CREATE TABLE t (id int PRIMARY KEY, n int)",
                        "INSERT INTO t SELECT i, 0 FROM generate_series(1, 5000) i", "ANALYZE t")
    done = shop.product.attempt("capture", url, "--detach")
    assert done.returncode == 0 and "has a double quote in its name; it is left out" in done.stderr
    shop.wait_until_streaming("behind", "public.t")
    shop.run("UPDATE t SET n = n + 1 WHERE id <= 100", "DELETE FROM t WHERE id > 4990", "INSERT INTO t VALUES (9000, 1)",
             dbname="behind")
    shop.wait_until_equal("BEHIND", "public", "t")

    def told():
        return shop.sql("SELECT STATE, ROWS_COPIED, ROWS_INSERTED, ROWS_UPDATED, ROWS_DELETED FROM "
                        f"{CONNECTOR}.CAPTURE_TABLES WHERE DATA_SOURCE_NAME = 'BEHIND' AND TABLE_NAME = 't'")
    wait_for(lambda: told() == [("STREAMING", 5000, 1, 100, 10)], told, 10)
    ((estimated, rate, lag, last_commit),) = shop.sql(
        "SELECT ROWS_ESTIMATED, ROWS_PER_SECOND, LAG_SECONDS, LAST_COMMIT_AT FROM "
        f"{CONNECTOR}.CAPTURE_TABLES WHERE DATA_SOURCE_NAME = 'BEHIND' AND TABLE_NAME = 't'")
    assert estimated == 5000 and rate > 0 and 0 <= lag < 10 and last_commit is not None
    metrics = shop.metrics()
    table = '{source="BEHIND",schema="public",table="t"}'
    assert metrics['tarn_capture_connected{source="BEHIND"}'] == 1
    assert 0 <= metrics["tarn_capture_table_lag_seconds" + table] < 10
    assert metrics['tarn_capture_table_rows_total{source="BEHIND",schema="public",table="t",change="updated"}'] == 100
    assert metrics['tarn_capture_table_state{source="BEHIND",schema="public",table="t",state="STREAMING"}'] == 1
    assert 'tarn_capture_slot_retained_bytes{source="BEHIND"}' in metrics


def test_lag_grows_while_the_source_is_away(installation, plain_installation):
    made = Shop(installation, plain_installation)
    try:
        made.run("CREATE TABLE t (id int PRIMARY KEY)", "INSERT INTO t VALUES (1)")
        made.capture(made.url(), "--name", "away")
        made.wait_until_streaming("away", "public.t")
        made.source.stop("immediate")
        wait_for(lambda: not made.sources()["AWAY"]["connected"], lambda: made.sources(), 30)
        first = made.sources()["AWAY"]
        assert first["error"]
        time.sleep(3)
        second = made.sources()["AWAY"]
        assert second["lag_seconds"] >= first["lag_seconds"] + 2
        assert made.metrics()['tarn_capture_failures_total{source="AWAY"}'] >= 1
        made.source.start(wait=False)
        wait_for(made.answers, "the source does not start", 30)
        wait_for(lambda: made.sources()["AWAY"]["connected"] and made.sources()["AWAY"]["lag_seconds"] < 2,
                 lambda: made.sources(), 90)
        made.fsck()
    finally:
        made.remove()


def test_a_kill_in_the_middle_of_the_copy_loses_and_doubles_nothing(shop):
    url = shop.database("killed", "CREATE TABLE t (id int PRIMARY KEY, body text)",
                        "INSERT INTO t SELECT i, repeat(md5(i::text), 20) FROM generate_series(1, 60000) i")
    shop.capture(url)
    wait_for(lambda: shop.states("killed")["public.t"]["state"] in ("COPYING", "STREAMING"), lambda: shop.states("killed"), 30)
    os.kill(json.loads(shop.product.run("status", "--json"))["warehouse"]["pid"], signal.SIGKILL)
    shop.run("DELETE FROM t WHERE id % 3 = 0", "UPDATE t SET body = 'short' WHERE id % 100 = 1", dbname="killed")
    wait_for(lambda: shop.product.attempt("capture", "list").returncode == 0, "the warehouse does not come back", 30)
    shop.wait_until_streaming("killed", "public.t", seconds=90)
    shop.wait_until_equal("KILLED", "public", "t")
