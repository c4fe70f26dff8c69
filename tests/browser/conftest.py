# SPDX-License-Identifier: Apache-2.0
"""`tarn up` with tables for the dashboard, and a browser in front of it."""

import json
import pathlib
import shutil
import sys

import pytest

from support.product import Product

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from purchases import COLUMNS, SEEDED_ROWS, seeded_rows, values_of  # noqa: E402
from seen import Seen  # noqa: E402

CHROMIUM = shutil.which("chromium")
# Without the last ones it looks for its makers' servers, which tests have no business with.
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync"]
TABLE = "cdc_prod.analytics.customer_purchase_summary"


class Shop:
    """The running product, its first user's connection, and tables that the dashboard shows."""

    def __init__(self, installation):
        self.product = Product(installation).up()
        self.url = self.product.http["dashboard"]
        self.connection = self.product.connect()
        self.run("CREATE DATABASE cdc_prod")
        self.run("CREATE SCHEMA cdc_prod.analytics")
        self.make_table(TABLE, seeded_rows(SEEDED_ROWS))
        self.run("CREATE ROLE clerk")
        self.run("CREATE USER ann PASSWORD = 'ann''s secret' DEFAULT_ROLE = clerk")
        self.run("GRANT ROLE clerk TO USER ann")

    def run(self, statement):
        with self.connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def rows(self, table):
        """As dictionaries by the names of columns in lower case."""
        with self.connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {table}")
            names = [column.name.lower() for column in cursor.description]
            return [dict(zip(names, row)) for row in cursor.fetchall()]

    def make_table(self, name, rows):
        self.run(f"CREATE OR REPLACE TABLE {name} ({COLUMNS})")
        self.insert(name, rows)

    def insert(self, name, rows):
        self.run(f"INSERT INTO {name} VALUES {', '.join(values_of(row) for row in rows)}")

    def fsck_table(self, name):
        ((told,),) = self.run(f"SELECT SYSTEM$GET_ICEBERG_TABLE_INFORMATION('{name}')")
        self.product.run("fsck", json.loads(told)["metadataLocation"])

    def fsck(self):
        for (name,) in self.run("SELECT table_catalog || '.' || table_schema || '.' || table_name FROM "
                                "cdc_prod.INFORMATION_SCHEMA.TABLES WHERE table_schema = 'ANALYTICS' AND "
                                "table_type = 'BASE TABLE'"):
            self.fsck_table(name)

    def remove(self):
        try:
            self.fsck()
        finally:
            self.connection.close()
            self.product.remove()


@pytest.fixture(scope="session")
def shop(installation):
    made = Shop(installation)
    yield made
    made.remove()


@pytest.fixture(scope="module")
def browser():
    """Playwright keeps an event loop running in this thread until it ends: no longer than these tests need it."""
    api = pytest.importorskip("playwright.sync_api", reason="scripts/deps-browser.sh installs Playwright")
    if CHROMIUM is None:
        pytest.skip("scripts/deps-browser.sh installs Chromium")
    with api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield launched
        launched.close()


@pytest.fixture
def visit(browser, shop):
    """visit(table, user, password, **options): a fresh browser that is signed in, or before that without a user."""
    opened = []

    def open_page(table=None, user="admin", password=None, **options):
        context = browser.new_context(**{"viewport": {"width": 1500, "height": 1100}, "locale": "en-US", **options})
        seen = Seen(context.new_page())
        opened.append(seen)
        seen.page.goto(shop.url + (f"?table={table}" if table else ""))
        if user is not None:
            seen.sign_in(user, password or shop.product.password)
        return seen

    yield open_page
    complaints = [complaint for seen in opened for complaint in seen.complaints]
    for seen in opened:
        seen.page.context.close()
    assert complaints == []


@pytest.fixture(scope="module")
def signed_in(browser, shop):
    """One browser that tests share which change nothing."""
    seen = Seen(browser.new_context(viewport={"width": 1500, "height": 1100}, locale="en-US").new_page())
    seen.page.goto(shop.url)
    seen.sign_in("admin", shop.product.password)
    yield seen
    complaints = seen.complaints
    seen.page.context.close()
    assert complaints == []


@pytest.fixture
def dashboard(signed_in):
    """The shared one, without filters."""
    signed_in.page.get_by_role("button", name="Reset filters").click()
    signed_in.settle()
    return signed_in
