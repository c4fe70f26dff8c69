# SPDX-License-Identifier: Apache-2.0
"""The change data capture document: its worksheet and scripts as written, its agent, the statements of its notebook, and
thirty batches of a thousand transactions, on `tarn up` and a PostgreSQL of the reader's own.

The texts are read from the folder of seeds beside the checkout (TARN_SEEDS overrides); where it is absent, these tests skip.
Replaced is what the document tells to replace (paths, the address of the database), and pg_sleep(30) becomes pg_sleep(1).
"""

import json
import pathlib
import urllib.request
from contextlib import closing

import psycopg2
import pytest

from support import layout
from support.ports import free_port
from support.product import Product
from support.server import Server
from support.waiting import wait_for
from walkthrough import Document

pytestmark = pytest.mark.slow
COUNTS = {"customers": 1804, "merchants": 14, "products": 12, "transactions": 1000}
SUMMARY = "cdc_prod.analytics.customer_purchase_summary"


def all_rows(connection, statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def as_dicts(connection, statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row)) for row in cursor.fetchall()]


def comparable(rows):
    """Numbers as numbers, whatever their type is on either side."""
    def value(each):
        return float(each) if hasattr(each, "as_tuple") or isinstance(each, (int, float)) else each
    return sorted(tuple(map(value, row)) for row in rows)


class Walk:
    """Everything the reader of the document does, one method for each of its sections."""

    def __init__(self, installation, plain_installation, document, scratch):
        self.document, self.scratch = document, scratch
        self.product = Product(installation).up()
        self.port = free_port()
        self.source = Server(plain_installation, listen_addresses="127.0.0.1", port=self.port)
        self.source.start(wait=False)
        wait_for(self.source_answers, "the source does not start", 30)
        cells = json.loads((pathlib.Path(__file__).parent / "notebook.ipynb").read_text(encoding="utf-8"))["cells"]
        self.cells = {cell["metadata"]["name"]: "".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"}
        self.agent = None

    def connect_source(self):
        connection = psycopg2.connect(host="127.0.0.1", port=self.port, dbname="postgres", user="postgres",
                                      password="postgres")
        connection.autocommit = True
        return connection

    def source_answers(self):
        try:
            self.connect_source().close()
            return True
        except psycopg2.OperationalError:
            return False

    def run_file(self, name, text):
        path = self.scratch / name
        path.write_text(text, encoding="utf-8")
        return self.product.sql(path)

    def run_postgres(self, text):
        with closing(self.connect_source()) as connection, connection.cursor() as cursor:
            cursor.execute(text)

    def fill_source(self):
        data = layout.seeds_directory().parent / "data" / "cdc_quickstart"
        self.run_postgres("ALTER ROLE postgres PASSWORD 'postgres'")
        with closing(self.connect_source()) as connection, connection.cursor() as cursor:
            cursor.execute(self.document.tables)
            for line in self.document.loads.strip().splitlines():
                table = line.split("'")[1].removeprefix("/tmp/")
                with open(data / table, encoding="utf-8") as file:
                    cursor.copy_expert(line.replace(f"'/tmp/{table}'", "STDIN"), file)
            cursor.execute(self.document.publication)

    def start_agent(self):
        """The folder of the document, with the address of this machine's server."""
        folder = self.scratch / "agent-postgresql"
        (folder / "agent-keys").mkdir(parents=True)
        (folder / "configuration").mkdir()
        url = f"jdbc:postgresql://127.0.0.1:{self.port}/postgres"
        (folder / "configuration" / "datasources.json").write_text(
            self.document.datasources.replace("jdbc:postgresql://host.docker.internal:5432/postgres", url),
            encoding="utf-8")
        (folder / "configuration" / "postgresql.conf").write_text(self.document.agent_settings, encoding="utf-8")
        self.product.run("agent", "generate-file", str(folder / "configuration" / "snowflake.json"))
        self.agent_folder = folder
        self.agent = self.product.start("agent", "--config", str(folder), "--health-port", "0")
        wait_for(lambda: (folder / "agent-keys" / "database-connector-agent-app-public-key.pub").exists(),
                 "the agent made no key", 30)

    def replicate(self):
        self.run_file("create.sql", self.cells["create_db_objects"])
        self.run_file("replicate.sql", self.cells["table_replication"])
        with closing(self.product.connect()) as connection:
            def is_done():
                states = as_dicts(connection, self.cells["check_replication_state"])
                return len(states) == len(COUNTS) and all(
                    state["SCHEMA_INTROSPECTION_STATUS"] == state["SNAPSHOT_REPLICATION_STATUS"] == "DONE"
                    for state in states)
            wait_for(is_done, "not all tables are DONE", 60)

    def make_dynamic_table(self):
        self.run_file("dynamic.sql", self.cells["create_dynamic_table"])

    def insert_transactions(self):
        self.run_postgres(self.document.procedure.replace("pg_sleep(30)", "pg_sleep(1)"))
        self.run_postgres(self.document.call)

    def wait_until_equal(self, table, seconds=30):
        with closing(self.connect_source()) as source, closing(self.product.connect()) as warehouse:
            expected = comparable(all_rows(source, f"SELECT * FROM raw_cdc.{table}"))

            def replicated():
                rows = all_rows(warehouse, self.cells[f"check_{table}_table"])
                self.found = comparable(row[:-3] for row in rows)
                return len(self.found) == len(expected)
            wait_for(replicated, f"{table} is not replicated", seconds)
            assert self.found == expected

    def remove(self):
        if self.agent is not None:
            self.agent.terminate()
            self.agent.wait(30)
        self.product.remove()
        self.source.remove()


@pytest.fixture(scope="module")
def walk(installation, plain_installation, tmp_path_factory):
    texts = list(layout.seeds_directory().glob("002_*.txt"))
    if not texts:
        pytest.skip("no seeds")
    walk = Walk(installation, plain_installation, Document(texts[0].read_text(encoding="utf-8")),
                tmp_path_factory.mktemp("walk"))
    yield walk
    walk.remove()


def test_1_the_worksheet_makes_database_schema_and_warehouse(walk):
    output = walk.run_file("worksheet.sql", walk.document.worksheet)
    assert "cdc sql is now complete" in output
    walk.fill_source()
    with closing(walk.connect_source()) as source:
        for table, rows in COUNTS.items():
            assert all_rows(source, f"SELECT count(*) FROM raw_cdc.{table}") == [(rows,)]


def test_2_the_agent_has_keys_of_its_own(walk):
    walk.start_agent()
    keys = walk.agent_folder / "agent-keys"
    assert sorted(path.name for path in keys.iterdir()) == ["database-connector-agent-app-private-key.p8",
                                                            "database-connector-agent-app-public-key.pub"]
    wait_for(lambda: "temporaryPrivateKey" not in json.loads(
        (walk.agent_folder / "configuration" / "snowflake.json").read_text(encoding="utf-8")),
        "the temporary key is still in snowflake.json", 30)


def test_3_four_tables_are_replicated(walk):
    walk.replicate()
    for table in COUNTS:
        walk.wait_until_equal(table)
    with closing(walk.product.connect()) as connection:
        columns = as_dicts(connection, walk.cells["check_customers_table"])[0]
        assert list(columns) == ["CUSTOMER_ID", "FIRSTNAME", "LASTNAME", "AGE", "EMAIL", "PHONE_NUMBER",
                                 "_SNOWFLAKE_INSERTED_AT", "_SNOWFLAKE_UPDATED_AT", "_SNOWFLAKE_DELETED"]
        # Merges alone are told of, and nothing was merged yet.
        assert as_dicts(connection, walk.cells["check_replication_stats"]) == []


def test_4_the_dynamic_table_has_the_documents_rows(walk):
    walk.make_dynamic_table()
    with closing(walk.product.connect()) as connection:
        ((rows, spent),) = all_rows(
            connection, f"SELECT COUNT(*), SUM(CASE WHEN transaction_category = 'Purchase' THEN total_price END) FROM {SUMMARY}")
    assert int(rows) == 8
    assert f"{float(spent):,.2f}" == "28,275.60"


def dashboard_summary(product):
    """What the dashboard shows without filters, as its page asks for it."""
    url = product.http["dashboard"] + "/api/"
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    browser.open(url + "sign-in", json.dumps({"user": product.warehouse["user"], "password": product.password}).encode()).read()
    return json.loads(browser.open(url + "summary", b'{"filters": {}}').read())


def test_4_the_dashboard_shows_the_documents_rows(walk):
    shown = dashboard_summary(walk.product)
    assert shown["table"] == SUMMARY.upper()
    assert shown["rows"] == shown["table_rows"] == "8"
    assert f"{float(shown['total_spent']):,.2f}" == "28,275.60"


def test_5_new_transactions_arrive_within_the_target_lag(walk):
    walk.insert_transactions()
    walk.wait_until_equal("transactions")
    query = walk.cells["create_dynamic_table"].split("AS\n", 1)[1].split(";")[0]
    with closing(walk.product.connect()) as connection:
        expected = comparable(all_rows(connection, query))
        assert len(expected) > 8
        wait_for(lambda: len(all_rows(connection, f"SELECT 1 FROM {SUMMARY}")) == len(expected),
                 "the dynamic table is not fresh", 75)
        assert comparable(all_rows(connection, f"SELECT * FROM {SUMMARY}")) == expected
        actions = {row[0] for row in all_rows(
            connection, "SELECT DISTINCT refresh_action FROM TABLE(cdc_prod.INFORMATION_SCHEMA."
            "DYNAMIC_TABLE_REFRESH_HISTORY(NAME => 'CUSTOMER_PURCHASE_SUMMARY')) WHERE refresh_trigger = 'SCHEDULED'")}
        assert "INCREMENTAL" in actions and "FULL" not in actions
        shown = dashboard_summary(walk.product)
        assert int(shown["rows"]) == len(expected)


def test_6_updates_and_deletes_of_the_source_are_followed(walk):
    walk.run_postgres("UPDATE raw_cdc.customers SET age = age + 1 WHERE customer_id <= 3")
    walk.run_postgres("DELETE FROM raw_cdc.merchants WHERE merchant_id = (SELECT max(merchant_id) FROM raw_cdc.merchants)")
    with closing(walk.product.connect()) as connection:
        wait_for(lambda: all_rows(connection, 'SELECT COUNT(*) FROM CONNECTOR_DEST_DB."raw_cdc"."merchants" '
                                              "WHERE _SNOWFLAKE_DELETED") == [(1,)], "the delete is not there", 20)
    walk.wait_until_equal("customers")


def test_7_clean_up_leaves_nothing_behind(walk):
    walk.agent.terminate()
    assert walk.agent.wait(30) == 0
    walk.agent = None
    walk.run_file("clean.sql", walk.cells["clean_up"].replace("-- ", ""))
    with closing(walk.product.connect()) as connection:
        assert as_dicts(connection, "SHOW APPLICATIONS") == []
        roles = {row["name"] for row in as_dicts(connection, "SHOW ROLES")}
        assert not {"POSTGRESQL_ADMINISTRATIVE_AGENT_ROLE", "POSTGRESQL_AGENT_ROLE"} & roles
