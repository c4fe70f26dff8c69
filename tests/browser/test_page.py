# SPDX-License-Identifier: Apache-2.0
"""The grid, the charts as they are drawn, and those who have no mouse."""

import re

import pytest

import purchases
from conftest import TABLE


@pytest.fixture(scope="module")
def rows(shop):
    return shop.rows(TABLE)


def test_the_grid_has_every_column_and_every_row(dashboard, rows):
    names, first = dashboard.grid()
    assert names == [name.upper() for name in purchases.NAMES] + ["AGE_GROUP", "SPEND_STATUS"]
    pager = dashboard.page.get_by_role("navigation", name="Pages of purchases")
    pager.get_by_label("Rows").select_option("100")
    dashboard.settle()
    found = dashboard.grid()[1]
    assert found[:10] == first
    while pager.get_by_role("button", name="Next").is_enabled():
        pager.get_by_role("button", name="Next").click()
        dashboard.settle()
        found += dashboard.grid()[1]
    pager.get_by_label("Rows").select_option("10")
    by_customer = purchases.statuses(rows)
    expected = [[str(row[name]) for name in purchases.NAMES] +
                [purchases.age_group(row["customer_age"]) or "NULL", by_customer.get(row["customer_id"], "NULL")] for row in rows]
    assert sorted(found) == sorted(expected)


def test_the_grid_is_sorted_by_its_heads(dashboard, rows):
    table = dashboard.page.get_by_role("region", name="Purchases", exact=True).get_by_role("table").last
    position = [name.upper() for name in purchases.NAMES].index("TOTAL_PRICE")
    prices = sorted(row["total_price"] for row in rows)
    head = table.get_by_role("columnheader").nth(position)
    head.get_by_role("button").click()
    dashboard.settle()
    assert head.get_attribute("aria-sort") == "ascending"
    assert [row[position] for row in dashboard.grid()[1]] == list(map(str, prices[:10]))
    head.get_by_role("button").click()
    dashboard.settle()
    assert head.get_attribute("aria-sort") == "descending"
    assert [row[position] for row in dashboard.grid()[1]] == list(map(str, prices[::-1][:10]))


def numbers(label):
    """What a mark says: "Transaction Card: Visa; Transaction Count: 1,234" """
    return dict(part.split(": ", 1) for part in label.split("; "))


def test_what_is_drawn(dashboard, rows):
    cards = [numbers(mark) for mark in dashboard.marks("Transactions by Card Type", "bar")]
    assert sorted([mark["Transaction Card"], mark["Transaction Count"]] for mark in cards) == purchases.by(rows, "transaction_card")
    categories = [numbers(mark) for mark in dashboard.marks("Transactions by Category", "bar")]
    assert sorted([mark["Product Category"], mark["Purchase Count"]] for mark in categories) == purchases.by(rows, "product_category")
    merchants = [numbers(mark) for mark in dashboard.marks("Transactions by Merchant", "circle")]
    assert sorted([mark["Merchant Name"], mark["Transaction Count"], mark["Total Price"]] for mark in merchants) == purchases.by_merchant(rows)
    days = [numbers(mark) for mark in dashboard.marks("Daily Transactions", "bar")]
    assert sorted([mark["Transaction Date"], mark["Transaction Category"], mark["Total Items"]] for mark in days) == purchases.by_day(rows)
    assert "Total Price" in dashboard.chart("Transactions by Merchant").locator("svg").text_content()
    angled = dashboard.chart("Transactions by Card Type").locator(
        "svg text[transform*='rotate(315)'], svg text[transform*='rotate(-45)']")
    assert set(purchases.CARDS) <= set(angled.all_text_contents())


def bar_widths(dashboard):
    dashboard.chart("Daily Transactions").locator("svg").wait_for()
    return dashboard.chart("Daily Transactions").locator("svg [aria-roledescription=bar]").first.evaluate("bar => bar.getBBox().width")


def test_the_days_zoom_and_move_back(dashboard):
    dashboard.draw("Daily Transactions")
    chart = dashboard.chart("Daily Transactions")
    chart.locator("svg").scroll_into_view_if_needed()
    before = bar_widths(dashboard)
    box = chart.locator(".plot").bounding_box()
    dashboard.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 120)
    for _ in range(4):
        dashboard.page.mouse.wheel(0, -300)
    dashboard.page.wait_for_function(
        "before => document.querySelector(\"section[data-chart='Daily Transactions'] svg [aria-roledescription=bar]\").getBBox().width > before * 1.5",
        arg=before)
    chart.get_by_role("button", name="Reset view").click()
    dashboard.page.wait_for_function(
        "before => Math.abs(document.querySelector(\"section[data-chart='Daily Transactions'] svg [aria-roledescription=bar]\").getBBox().width - before) < 0.01",
        arg=before)


def test_a_tooltip_says_what_is_under_the_mouse(dashboard, rows):
    dashboard.draw("Transactions by Merchant")
    chart = dashboard.chart("Transactions by Merchant")
    chart.locator("svg [aria-roledescription=circle]").first.hover()
    tip = chart.locator(".tip")
    tip.wait_for(state="visible")
    shown = [line.split(" ") for line in tip.inner_text().split("\n")]
    assert [" ".join(words[:2]) for words in shown] == ["Merchant Name", "Transaction Count", "Total Price"]
    assert [" ".join(words[2:]) for words in shown] in purchases.by_merchant(rows)


def test_everything_is_reached_by_keys_in_the_order_of_the_page(dashboard):
    dashboard.draw("Daily Transactions")
    page = dashboard.page
    page.locator("body").evaluate("body => { document.activeElement?.blur(); window.scrollTo(0, 0); }")
    page.get_by_text("Skip to the data").focus()
    reached = []
    for _ in range(26):
        reached.append(page.evaluate("""() => {
            const at = document.activeElement;
            const label = at.labels?.[0]?.textContent || at.getAttribute('aria-label') || at.textContent;
            return label.trim(); }"""))
        page.keyboard.press("Tab")
    wanted = ["Skip to the data", "Select Customer Spend Status", "Select Age Group", "Start Date", "End Date", "Select Customer ID",
              "Select Transaction Category", "Select Product Category", "Refresh", "Reset filters", "Change table", "Sign out",
              "Show as table"]
    positions = [reached.index(each) for each in wanted]
    assert positions == sorted(positions)
    page.get_by_text("Skip to the data").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.id") == "content"


def test_screen_readers_are_told(dashboard):
    page = dashboard.page
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.get_by_role("complementary", name="Filters and promotions").count() == 1
    assert page.get_by_role("main").count() == 1
    assert page.locator("h1").all_inner_texts() == ["Customer Purchase Summary"]
    for title in ["Daily Transactions", "Transactions by Card Type", "Transactions by Category", "Transactions by Merchant"]:
        assert page.get_by_role("region", name=title).count() == 1
    unnamed = page.evaluate("""() => [...document.querySelectorAll('input, select, button')].filter(each =>
        !(each.labels?.length || each.getAttribute('aria-label') || each.textContent.trim())).map(each => each.outerHTML)""")
    assert unnamed == []
    dashboard.choose("Select Transaction Category", "Refund")
    told = page.locator("[role=status]").all_inner_texts()
    assert any(re.fullmatch(r"[\d,]+ transactions are shown\.", each) for each in told), told


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(visit, scheme):
    """WCAG 2.2, 1.4.3: contrast of at least 4.5."""
    page = visit(color_scheme=scheme).page
    low = page.evaluate("""() => {
        const channel = value => { value /= 255; return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4; };
        const parse = text => text.match(/[\\d.]+/g).map(Number);
        const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
        const ground = element => {
            for (let at = element; at; at = at.parentElement) {
                const colour = parse(getComputedStyle(at).backgroundColor);
                if (colour.length === 3 || colour[3] === 1) return colour;
            }
            return [255, 255, 255];
        };
        return [...document.querySelectorAll('label, p, dt, dd, th, td, h1, h2, button, .badge, code')].filter(each => each.checkVisibility() && !each.disabled)
            .map(each => { const [a, b] = [light(parse(getComputedStyle(each).color)), light(ground(each))].sort((x, y) => y - x);
                return [each.outerHTML.slice(0, 80), (a + 0.05) / (b + 0.05)]; })
            .filter(([, contrast]) => contrast < 4.5);
    }""")
    assert low == []
