# SPDX-License-Identifier: Apache-2.0
"""What is chosen in the sidebar, and what is shown of it, against the same rules in Python."""

import datetime
import itertools

import pytest

import purchases
from conftest import TABLE

TODAY = datetime.date.today()


@pytest.fixture(scope="module")
def rows(shop):
    return shop.rows(TABLE)


def assert_shows(dashboard, expected):
    assert dashboard.metrics() == purchases.metrics(expected)
    assert dashboard.rows_shown() == len(expected)
    assert dashboard.chart_rows("Daily Transactions") == purchases.by_day(expected)
    assert dashboard.chart_rows("Transactions by Card Type") == purchases.by(expected, "transaction_card")
    assert dashboard.chart_rows("Transactions by Category") == purchases.by(expected, "product_category")
    assert dashboard.chart_rows("Transactions by Merchant") == purchases.by_merchant(expected)


def test_everything(dashboard, rows):
    assert dashboard.page.get_by_label("Start Date").input_value() == min(row["transaction_date"] for row in rows).isoformat()
    assert dashboard.page.get_by_label("End Date").input_value() == TODAY.isoformat()
    assert {None, *purchases.STATUSES} == {purchases.statuses(rows).get(row["customer_id"]) for row in rows}
    assert_shows(dashboard, rows)


@pytest.mark.parametrize("status", purchases.STATUSES)
def test_spend_status(dashboard, rows, status):
    dashboard.choose("Select Customer Spend Status", status)
    assert_shows(dashboard, purchases.filtered(rows, status=status))


@pytest.mark.parametrize("group", [name for name, _, _ in purchases.AGES])
def test_age_group(dashboard, rows, group):
    dashboard.choose("Select Age Group", group)
    assert_shows(dashboard, purchases.filtered(rows, age=group))


@pytest.mark.parametrize("category", ["Purchase", "Refund"])
def test_transaction_category(dashboard, rows, category):
    dashboard.choose("Select Transaction Category", category)
    assert_shows(dashboard, purchases.filtered(rows, category=category))


def test_product_categories(dashboard, rows):
    choices = dashboard.page.get_by_label("Select Product Category").locator("option").all_inner_texts()
    assert choices == ["All", *sorted({row["product_category"] for row in rows})]
    dashboard.choose("Select Product Category", "Tech")
    assert_shows(dashboard, purchases.filtered(rows, product="Tech"))


def test_dates_are_inclusive(dashboard, rows):
    days = sorted(row["transaction_date"] for row in rows)
    start, end = days[60], days[150]
    dashboard.date("Start Date", start.isoformat())
    dashboard.date("End Date", end.isoformat())
    expected = purchases.filtered(rows, start=start, end=end)
    assert {start, end} <= {row["transaction_date"] for row in expected}
    assert_shows(dashboard, expected)


def test_a_status_comes_from_all_rows_and_metrics_from_those_shown(dashboard, rows):
    """Somebody who spends much is a high spender also on the days on which they spent little."""
    start = sorted(row["transaction_date"] for row in rows)[200]
    expected = purchases.filtered(rows, status="High Spenders", start=start)
    assert set(purchases.statuses(expected).values()) != {"High Spenders"}
    dashboard.choose("Select Customer Spend Status", "High Spenders")
    dashboard.date("Start Date", start.isoformat())
    assert_shows(dashboard, expected)


def test_all_filters_together(dashboard, rows):
    start = FIRST = purchases.FIRST_DAY + datetime.timedelta(days=30)
    end = FIRST + datetime.timedelta(days=300)
    chosen, expected = next(
        (choice, found) for choice in itertools.product(purchases.STATUSES, [name for name, _, _ in purchases.AGES], ["Tech", "Retail"])
        if len(found := purchases.filtered(rows, *choice[:2], start, end, None, "Purchase", choice[2])) > 2)
    dashboard.choose("Select Customer Spend Status", chosen[0])
    dashboard.choose("Select Age Group", chosen[1])
    dashboard.date("Start Date", start.isoformat())
    dashboard.date("End Date", end.isoformat())
    dashboard.choose("Select Transaction Category", "Purchase")
    dashboard.choose("Select Product Category", chosen[2])
    assert_shows(dashboard, expected)


def test_one_customer(dashboard, rows):
    customer = next(iter(purchases.statuses(rows)))
    dashboard.choose_customer(customer)
    assert_shows(dashboard, purchases.filtered(rows, customer=customer))
    assert "does not have any purchases" not in dashboard.text()


def test_a_customer_without_purchases(dashboard, rows):
    customer = next(row["customer_id"] for row in rows if row["customer_id"] not in purchases.statuses(rows))
    dashboard.choose_customer(customer)
    assert f"Customer ID {customer} does not have any purchases." in dashboard.text()
    assert_shows(dashboard, purchases.filtered(rows, customer=customer))
    assert dashboard.metrics()["Total Spent"] == "$0.00"


def test_customers_are_found_by_the_beginning_of_their_ids(dashboard, rows):
    box = dashboard.page.get_by_role("combobox", name="Select Customer ID")
    box.click()
    box.fill("4")
    ids = sorted({str(row["customer_id"]) for row in rows if str(row["customer_id"]).startswith("4")}, key=lambda each: (len(each), each))
    options = dashboard.page.get_by_role("listbox", name="Customer IDs").get_by_role("option")
    options.nth(len(ids) - 1).wait_for()
    assert options.all_inner_texts() == ids
    box.press("ArrowDown")
    box.press("Enter")
    dashboard.settle()
    assert box.input_value() == ids[1]
    assert_shows(dashboard, purchases.filtered(rows, customer=int(ids[1])))


def test_an_end_in_the_future_is_moved(dashboard, rows):
    dashboard.date("End Date", (TODAY + datetime.timedelta(days=3)).isoformat())
    assert "End Date cannot be in the future. Setting End Date to today's date." in dashboard.text()
    assert dashboard.page.get_by_label("End Date").input_value() == TODAY.isoformat()
    assert_shows(dashboard, rows)
    dashboard.date("End Date", (TODAY - datetime.timedelta(days=1)).isoformat())
    assert "cannot be in the future" not in dashboard.text()


def test_a_start_that_is_too_early_is_moved(dashboard, rows):
    earliest = min(row["transaction_date"] for row in rows)
    dashboard.date("Start Date", (earliest - datetime.timedelta(days=1)).isoformat())
    assert (f"Start Date cannot be earlier than {earliest.isoformat()}. Setting Start Date to the earliest available date."
            in dashboard.text())
    assert dashboard.page.get_by_label("Start Date").input_value() == earliest.isoformat()
    assert_shows(dashboard, rows)


def test_nothing_to_show(dashboard):
    dashboard.date("Start Date", TODAY.isoformat())
    text = dashboard.text()
    assert "No data available for the selected filters." in text
    assert dashboard.page.get_by_role("heading", name="Purchases").count() == 0
    assert dashboard.page.locator("section[data-chart]").count() == 0
    assert dashboard.metrics() == purchases.metrics([])


OFFERS = {"Low Spenders": (800, 1500), "Medium Spenders": (600, 2000), "High Spenders": (400, 2500)}


@pytest.mark.parametrize("status", purchases.STATUSES)
def test_promotions(dashboard, rows, status):
    assert dashboard.page.get_by_role("heading", name="Promotions").count() == 0
    dashboard.choose("Select Customer Spend Status", status)
    credit, spend = OFFERS[status]
    merchant = purchases.favourite(purchases.filtered(rows, status=status))
    offer = dashboard.page.get_by_role("region", name="Promotions").get_by_role("status")
    assert offer.inner_text() == (
        f"Exclusive promotion for our {status.lower()}: ${credit} credit for customers who spend ${spend} at {merchant} "
        "over a period of 6 months.")
    assert offer.locator("strong").all_inner_texts() == [f"Exclusive promotion for our {status.lower()}:", f"${credit}", f"${spend}", merchant]


def test_no_promotion_for_nobody(dashboard):
    dashboard.choose("Select Customer Spend Status", "Medium Spenders")
    dashboard.date("Start Date", TODAY.isoformat())
    assert "No medium spenders found." in dashboard.text()
