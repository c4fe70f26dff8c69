# SPDX-License-Identifier: Apache-2.0
"""What changes by itself: new rows, many rows, and a server that goes and comes back."""

import datetime
import decimal

import pytest

import purchases
from conftest import TABLE

pytestmark = pytest.mark.slow
LIVE = "cdc_prod.analytics.live_purchases"


def purchase(number, price, customer=5):
    return (f"NEW{number}", customer, 30, 100, "Phone", "Tech", 14, "Apple", "Tech", datetime.date(2024, 5, 1), "12:00:00", 1,
            decimal.Decimal(price), "Visa", "Purchase")


def wait_for_total(seen, rows):
    total = purchases.metrics(rows)["Total Spent"]
    seen.page.locator("dl[aria-label=Metrics]").get_by_text(total, exact=True).wait_for(timeout=60_000)
    seen.settle()
    assert seen.metrics() == purchases.metrics(rows)


def test_a_new_row_is_shown_without_pressing_anything(visit, shop):
    shop.make_table(LIVE, purchases.seeded_rows(50, seed=3))
    seen = visit(table=LIVE)
    wait_for_total(seen, shop.rows(LIVE))
    shop.insert(LIVE, [purchase(1, "123456.78")])
    wait_for_total(seen, shop.rows(LIVE))
    assert seen.rows_shown() == 51
    assert seen.chart_rows("Transactions by Merchant") == purchases.by_merchant(shop.rows(LIVE))
    shop.run(f"DELETE FROM {LIVE} WHERE transaction_id = 'NEW1'")
    wait_for_total(seen, shop.rows(LIVE))


def test_a_dynamic_table_is_shown_as_it_refreshes(visit, shop):
    shop.make_table(LIVE, purchases.seeded_rows(50, seed=4))
    shop.run(f"CREATE OR REPLACE DYNAMIC TABLE cdc_prod.analytics.fresh TARGET_LAG = '1 second' WAREHOUSE = COMPUTE_WH AS SELECT * FROM {LIVE}")
    seen = visit(table="cdc_prod.analytics.fresh")
    wait_for_total(seen, shop.rows(LIVE))
    shop.insert(LIVE, [purchase(2, "2345.67")])
    wait_for_total(seen, shop.rows(LIVE))
    shop.run("DROP DYNAMIC TABLE cdc_prod.analytics.fresh")


def test_a_view_follows_its_tables(visit, shop):
    shop.make_table(LIVE, purchases.seeded_rows(50, seed=5))
    shop.run(f"CREATE OR REPLACE VIEW cdc_prod.analytics.seen AS SELECT * FROM {LIVE}")
    seen = visit(table="cdc_prod.analytics.seen")
    wait_for_total(seen, shop.rows(LIVE))
    shop.insert(LIVE, [purchase(3, "99.99")])
    wait_for_total(seen, shop.rows(LIVE))
    shop.run("DROP VIEW cdc_prod.analytics.seen")


def test_refresh_reads_again(visit, shop):
    seen = visit()
    with seen.page.expect_response(lambda answer: answer.url.endswith("/api/summary")) as answer:
        seen.page.get_by_role("button", name="Refresh").click()
    assert answer.value.status == 200
    seen.settle()
    assert seen.metrics() == purchases.metrics(shop.rows(TABLE))


def test_a_hundred_thousand_rows(visit, shop):
    big = "cdc_prod.analytics.big"
    shop.run(f"CREATE OR REPLACE TABLE {big} ({purchases.COLUMNS})")
    shop.run(f"""INSERT INTO {big}
        SELECT 'TX' || n, n * 7919 % 20000, 18 + n * 31 % 73, n % 12, 'Product ' || n % 12, 'Category ' || n % 5, n % 14, 'Merchant ' || n % 14,
               'Kind ' || n % 3, DATEADD(day, n * 17 % 900, '2023-01-01'::DATE), '12:00:00', 1 + n % 7, (n * 37 % 300000) / 100,
               'Card ' || n % 4, IFF(n % 5 = 0, 'Refund', 'Purchase')
        FROM (SELECT SEQ8() AS n FROM TABLE(GENERATOR(ROWCOUNT => 100000)))""")
    rows = shop.rows(big)
    assert len(rows) == 100_000
    seen = visit(table=big)
    assert seen.metrics() == purchases.metrics(rows)
    assert seen.rows_shown() == 100_000
    assert seen.chart_rows("Transactions by Merchant") == purchases.by_merchant(rows)
    assert seen.chart_rows("Daily Transactions") == purchases.by_day(rows)
    seen.page.get_by_role("button", name="Last").click()
    seen.settle()
    assert len(seen.grid()[1]) == 10
    seen.choose("Select Age Group", "Boomers")
    seen.choose("Select Product Category", "Category 2")
    expected = purchases.filtered(rows, age="Boomers", product="Category 2")
    assert seen.metrics() == purchases.metrics(expected)
    assert seen.rows_shown() == len(expected)
    seen.choose_customer(expected[0]["customer_id"])
    assert seen.rows_shown() == len(purchases.filtered(expected, customer=expected[0]["customer_id"]))
    shop.fsck_table(big)
    shop.run(f"DROP TABLE {big}")


def test_a_server_that_comes_back(visit, shop):
    shop.make_table(LIVE, purchases.seeded_rows(50, seed=6))
    seen = visit(table=LIVE)
    before = seen.metrics()
    assert seen.page.get_by_test_id("connection").inner_text() == "Live"
    shop.connection.close()
    shop.product.run("down")
    seen.page.get_by_test_id("connection").get_by_text("Connection lost. Reconnecting…").wait_for()
    assert seen.metrics() == before
    seen.page.get_by_role("button", name="Refresh").click()
    seen.page.get_by_role("alert").get_by_text("The server does not answer.").wait_for()
    shop.product.up()
    shop.connection = shop.product.connect()
    assert shop.product.http["dashboard"] == shop.url
    shop.insert(LIVE, [purchase(4, "321.09")])
    seen.page.get_by_test_id("connection").get_by_text("Live").wait_for(timeout=60_000)
    wait_for_total(seen, shop.rows(LIVE))
    assert seen.page.get_by_role("alert").count() == 0
