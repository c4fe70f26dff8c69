# SPDX-License-Identifier: Apache-2.0
"""The retail lakehouse document whole: every block in its order, on `tarn up`, through `tarn sql` and psql, while its
simulator sells and its tasks keep the warehouse fresh on the schedule that it gives them.

The texts are read from the folder of seeds beside the checkout (TARN_SEEDS overrides); where it is absent, these tests skip.
"""

import json
import re
import subprocess
import sys
import time

import psycopg2
import pytest

import document
from support import layout
from support.product import Product
from support.waiting import wait_for

pytestmark = pytest.mark.slow
# So that several rounds of the tasks, two minutes apart, fall into the sales.
SALES, SALES_EVERY_SECONDS, TRANSACTIONS = 5, 50, 600
HEAP = {"sf_transactions": "transactions", "sf_items": "transaction_items", "sf_stores": "stores",
        "sf_products": "products", "sf_customers": "customers"}


def rows(connection, statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else None


def as_dicts(connection, statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return [dict(zip((column.name for column in cursor.description), row)) for row in cursor.fetchall()]


class Walk:
    """Everything the reader of the document does, one method for each of its sections."""

    def __init__(self, installation, folder, scratch):
        self.folder, self.scratch = folder, scratch
        self.product = Product(installation).up()
        self.outputs = {}

    def text(self, name):
        return (self.folder / name).read_text(encoding="utf-8")

    def make_instance(self):
        """The passwords are shown once, in the answer to CREATE."""
        first, *others = document.statements(self.text("01_instance.sql"))
        self.created = json.loads(self.product.run("sql", "--format", "json", "-c", first))
        (self.scratch / "rest.sql").write_text("".join(others), encoding="utf-8")
        self.outputs["01"] = self.product.sql(self.scratch / "rest.sql")
        with self.product.connect() as connection:
            def is_ready():
                (self.instance,) = as_dicts(connection, "SHOW POSTGRES INSTANCES")
                return self.instance["state"] == "READY"
            wait_for(is_ready, "the instance is not READY", 60)

    def password(self, user):
        return re.search(rf'"?{user}"?\W+(?:password\W+)?([A-Za-z0-9]{{24}})', json.dumps(self.created)).group(1)

    def postgres(self):
        """Host, port and password as libpq takes them."""
        host = self.instance["host"].split(":")
        return {"PGHOST": host[0], "PGPORT": host[1] if len(host) > 1 else "5432", "PGDATABASE": "postgres",
                "PGUSER": "snowflake_admin", "PGPASSWORD": self.password("snowflake_admin")}

    def connect_postgres(self):
        where = self.postgres()
        connection = psycopg2.connect(host=where["PGHOST"], port=where["PGPORT"], dbname="postgres", user=where["PGUSER"],
                                      password=where["PGPASSWORD"], sslmode="require")
        connection.autocommit = True
        return connection

    def simulate(self, transactions):
        where = self.postgres()
        return subprocess.run(
            [sys.executable, str(self.folder / "simulator.py"), "--host", where["PGHOST"], "--port", where["PGPORT"],
             "--password", where["PGPASSWORD"], "--transactions", str(transactions)],
            capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=500)

    def locations(self):
        with self.connect_postgres() as connection:
            return dict(rows(connection, "SELECT table_name, metadata_location FROM iceberg_tables"))

    def run_prepared(self, name, run):
        path = self.scratch / name
        path.write_text(document.prepared(self.text(name), self.found), encoding="utf-8")
        self.outputs[name] = run(path)

    def go(self):
        self.make_instance()
        self.outputs["02"] = self.product.sql(self.folder / "02_storage_integration.sql")
        self.outputs["03"] = self.product.psql(self.folder / "03_postgres.sql", **self.postgres())
        self.outputs["04"] = self.product.sql(self.folder / "04_external_volume.sql")
        self.found = self.locations()
        self.run_prepared("05_iceberg_tables.sql", self.product.psql)
        # A session of its own: the document's is still in this schema.
        use = "USE SCHEMA RETAIL_ANALYTICS.LAKEHOUSE;\n"
        self.run_prepared("06_refresh.sql", lambda path: self.product.sql(self.with_schema(path, use)))
        for _ in range(SALES):
            done = self.simulate(TRANSACTIONS)
            assert done.returncode == 0, f"{done.stdout[-2000:]}{done.stderr[-4000:]}"
            time.sleep(SALES_EVERY_SECONDS)
        return self

    def with_schema(self, path, use):
        path.write_text(use + path.read_text(encoding="utf-8"), encoding="utf-8")
        return path


@pytest.fixture(scope="module")
def walk(installation, tmp_path_factory):
    folder = layout.seeds_directory() / "retail_lakehouse"
    if not (folder / "simulator.py").exists():
        pytest.skip(f"the document's code is not at {folder} (TARN_SEEDS names another place)")
    made = Walk(installation, folder, tmp_path_factory.mktemp("document"))
    try:
        yield made.go()
    finally:
        made.product.remove()


@pytest.fixture
def warehouse(walk):
    connection = walk.product.connect()
    rows(connection, "USE SCHEMA RETAIL_ANALYTICS.LAKEHOUSE")
    yield connection
    connection.close()


@pytest.fixture
def postgres(walk):
    connection = walk.connect_postgres()
    yield connection
    connection.close()


def verification(walk):
    return document.statements(walk.text("07_verification.sql"))


def heap_counts(postgres):
    return {source: rows(postgres, f"SELECT count(*) FROM {table}")[0][0] for source, table in HEAP.items()}


def test_the_volume_was_verified_by_using_it(walk):
    assert '"success" : true' in walk.outputs["04"] or '"success":true' in walk.outputs["04"].replace(" ", "")


def test_the_expected_prefix_was_shown(walk):
    assert re.search(r"^ s3://retail-lake-ap3/frompg/tables/$", walk.outputs["03"], re.M)


def test_counts_come_to_equal_postgres_by_the_tasks_alone(walk, warehouse, postgres):
    """The tasks run every two minutes, and nothing else is done here."""
    expected = heap_counts(postgres)
    assert expected["sf_transactions"] == SALES * TRANSACTIONS
    (counts, _) = verification(walk)
    wait_for(lambda: dict(rows(warehouse, counts)) == expected, f"not {expected}", 300)


def test_revenue_by_store_equals_postgres(walk, warehouse, postgres):
    expected = heap_counts(postgres)
    (counts, revenue) = verification(walk)
    wait_for(lambda: dict(rows(warehouse, counts)) == expected, f"not {expected}", 300)
    heap = revenue.replace("iceberg_", "")
    assert rows(warehouse, revenue) == rows(postgres, heap)
    assert len(rows(warehouse, revenue)) == 5


def test_both_verification_queries_run_through_the_programs(walk):
    path = walk.scratch / "verify.sql"
    path.write_text("USE SCHEMA RETAIL_ANALYTICS.LAKEHOUSE;\n" + walk.text("07_verification.sql"), encoding="utf-8")
    for output in (walk.product.sql(path), walk.product.psql(path)):
        assert "Downtown Flagship" in output and "sf_customers" in output


def test_the_tasks_ran_on_their_schedule_and_none_failed(warehouse):
    runs = as_dicts(warehouse, "SELECT NAME, STATE, SCHEDULED_TIME FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY()) "
                               "WHERE STATE <> 'SCHEDULED' ORDER BY SCHEDULED_TIME")
    assert {run["STATE"] for run in runs} <= {"SUCCEEDED", "SKIPPED", "EXECUTING"}
    times = [run["SCHEDULED_TIME"] for run in runs if run["NAME"] == "TASK_REFRESH_STAGE_TRANSACTIONS"]
    assert len(times) >= 2
    assert {round((b - a).total_seconds()) for a, b in zip(times, times[1:])} == {120}


def test_every_table_is_sound(walk):
    for location in walk.locations().values():
        walk.product.fsck(location)
