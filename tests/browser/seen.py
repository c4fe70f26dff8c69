# SPDX-License-Identifier: Apache-2.0
"""The dashboard as somebody sees it who knows labels and headings alone."""

import re

CELLS = "body => [...body.rows].map(row => [...row.cells].map(cell => cell.textContent))"


class Seen:
    def __init__(self, page):
        self.page = page
        page.set_default_timeout(120_000)  # of a busy machine
        self.complaints = []
        self.expects_failures = False
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))

    def _on_console(self, message):
        # What the network says of answers that a test asks for on purpose is not the page's fault.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text \
                and "net::ERR" not in message.text:
            self.complaints.append(f"{message.type}: {message.text}")

    def sign_in(self, user, password, role=None, expect=True):
        self.page.get_by_label("User").fill(user)
        self.page.get_by_label("Password").fill(password)
        if role:
            self.page.get_by_label("Role").fill(role)
        self.page.get_by_role("button", name="Sign in").click()
        if expect:
            self.page.get_by_role("heading", name="Customer Purchase Summary").wait_for()
            self.settle()

    def settle(self):
        """Until everything that was asked for has been answered."""
        self.page.wait_for_timeout(150)  # the page asks once for choices that follow each other so closely
        self.page.locator("main[aria-busy=false]").wait_for()

    def choose(self, label, choice):
        self.page.get_by_label(label).select_option(choice)
        self.settle()

    def choose_customer(self, customer):
        box = self.page.get_by_role("combobox", name="Select Customer ID")
        box.click()
        box.fill(str(customer))
        self.page.get_by_role("option", name=str(customer), exact=True).click()
        self.settle()

    def date(self, label, value):
        self.page.get_by_label(label, exact=True).fill(value)
        self.settle()

    def metrics(self):
        cards = self.page.locator("dl[aria-label=Metrics] > div")
        return {card.locator("dt").inner_text(): card.locator("dd").inner_text() for card in cards.all()}

    def rows_shown(self):
        """Of the grid's pages: how many rows there are."""
        text = self.page.get_by_role("navigation", name="Pages of purchases").get_by_role("status").inner_text()
        return int(re.search(r"of ([\d,]+)", text)[1].replace(",", ""))

    def grid(self):
        """Names of columns, and the rows of this page."""
        table = self.page.get_by_role("region", name="Purchases", exact=True).get_by_role("table").last
        return (table.locator("thead button").evaluate_all("heads => heads.map(head => head.firstChild.textContent)"),
                table.locator("tbody").evaluate(CELLS))

    def chart(self, title):
        return self.page.locator(f"section[data-chart='{title}']")

    def press_in_chart(self, title, button):
        """If it is there: the chart may be as it is wanted already."""
        found = self.chart(title).get_by_role("button", name=button)
        if found.count():
            found.click()

    def chart_rows(self, title):
        """What the chart shows, as its table, which it stays."""
        self.press_in_chart(title, "Show as table")
        return sorted(self.chart(title).locator("tbody").evaluate(CELLS))

    def draw(self, title):
        self.press_in_chart(title, "Show as chart")
        self.chart(title).locator("svg").wait_for()

    def marks(self, title, role):
        """What the drawn marks say of themselves."""
        self.draw(title)
        return self.chart(title).locator(f"svg [aria-roledescription={role}]").evaluate_all(
            "marks => marks.map(mark => mark.getAttribute('aria-label'))")

    def text(self):
        return self.page.locator("body").inner_text()
