#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The pictures of docs/use/dashboard.md: `take_pictures.py URL USER PASSWORD TABLE FOLDER` of a running dashboard."""

import pathlib
import sys

from playwright.sync_api import sync_playwright

SWITCHES = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
            "--disable-sync"]


def settle(page):
    page.wait_for_timeout(400)
    page.locator("main[aria-busy=false]").wait_for()
    page.wait_for_timeout(300)


def take(browser, scheme, url, user, password, table, folder):
    page = browser.new_context(viewport={"width": 1500, "height": 1180}, color_scheme=scheme, device_scale_factor=1,
                               locale="en-US").new_page()
    page.set_default_timeout(300_000)
    page.goto(f"{url}?table={table}")
    page.get_by_label("User").fill(user)
    if scheme == "light":
        page.screenshot(path=folder / "dashboard-sign-in.png", clip={"x": 470, "y": 340, "width": 560, "height": 500})
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.locator("section[data-chart='Transactions by Merchant'] svg").wait_for()
    settle(page)
    page.screenshot(path=folder / f"dashboard-{scheme}.png")
    page.get_by_label("Select Customer Spend Status").select_option("Medium Spenders")
    settle(page)
    page.get_by_label("Select Age Group").select_option("Millennials")
    settle(page)
    page.screenshot(path=folder / f"dashboard-filtered-{scheme}.png")


def main():
    url, user, password, table, folder = sys.argv[1:]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=SWITCHES)
        for scheme in ("light", "dark"):
            take(browser, scheme, url, user, password, table, pathlib.Path(folder))
        browser.close()


main()
