# SPDX-License-Identifier: Apache-2.0
"""Who may see what, and what is said to those who may not."""

import http.client
import json
import urllib.parse

import pytest

import purchases
from conftest import TABLE


@pytest.fixture
def send(shop):
    """A request past the page: status, headers, body."""
    where = urllib.parse.urlsplit(shop.url)

    def request(method, path, body=None, **headers):
        connection = http.client.HTTPConnection(where.hostname, where.port, timeout=60)
        connection.request(method, "/dashboard" + path, None if body is None else json.dumps(body),
                           {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, dict(answer.getheaders()), content
    return request


def signed_in_cookie(send, shop, user="admin", password=None):
    status, headers, content = send("POST", "/api/sign-in", {"user": user, "password": password or shop.product.password})
    assert status == 200, content
    return headers["Set-Cookie"].split(";")[0]


def test_a_wrong_password_is_refused(visit):
    seen = visit(user=None)
    seen.sign_in("admin", "wrong", expect=False)
    seen.page.get_by_role("alert").wait_for()
    assert seen.page.get_by_role("alert").inner_text() == "Incorrect username or password."
    assert seen.page.get_by_role("heading", name="Customer Purchase Summary").count() == 0


def test_nobody_guesses_for_long(send, shop):
    shop.run("CREATE OR REPLACE USER bert PASSWORD = 'right one'")
    for name in ["bert", "Bert", "BERT", "bert", "bert"]:
        status, _, content = send("POST", "/api/sign-in", {"user": name, "password": "wrong"})
        assert (status, json.loads(content)["error"]["kind"]) == (401, "wrong_password")
    status, _, content = send("POST", "/api/sign-in", {"user": "bert", "password": "right one"})
    assert (status, json.loads(content)["error"]["message"]) == (429, "too many wrong passwords: try again in 15 minutes")
    # Others are not locked out with him.
    signed_in_cookie(send, shop)


def test_the_cookie_is_out_of_reach_and_ends(visit, send, shop):
    seen = visit()
    (cookie,) = seen.page.context.cookies()
    assert cookie["httpOnly"] and cookie["sameSite"] == "Strict" and cookie["path"] == "/dashboard"
    assert 0 < cookie["expires"]
    header = f"{cookie['name']}={cookie['value']}"
    assert send("GET", "/api/session", Cookie=header)[0] == 200
    seen.page.get_by_role("button", name="Sign out").click()
    seen.page.get_by_role("heading", name="Customer Spending Dashboard").wait_for()
    assert send("GET", "/api/session", Cookie=header)[0] == 401
    # Only digests of tokens are kept.
    kept = (shop.product.home / "warehouse" / "dashboard-sign-ins.json")
    assert cookie["value"] not in kept.read_text()
    assert kept.stat().st_mode & 0o777 == 0o600


def test_another_password_signs_out(visit, shop):
    shop.run("CREATE OR REPLACE USER cleo PASSWORD = 'first one' DEFAULT_ROLE = accountadmin")
    shop.run("GRANT ROLE accountadmin TO USER cleo")
    seen = visit(user="cleo", password="first one")
    shop.run("ALTER USER cleo SET PASSWORD = 'second one'")
    seen.page.get_by_role("button", name="Refresh").click()
    seen.page.get_by_text("Your session has ended. Sign in again.").wait_for()


def test_roles_decide(visit, shop):
    seen = visit(user="ann", password="ann's secret")
    seen.page.get_by_role("alert").wait_for()
    assert seen.page.get_by_role("alert").inner_text().startswith(
        f"There is no table {TABLE}, or role CLERK may not see it.")
    shop.run("GRANT USAGE ON DATABASE cdc_prod TO ROLE clerk")
    shop.run("GRANT USAGE ON SCHEMA cdc_prod.analytics TO ROLE clerk")
    shop.run(f"GRANT SELECT ON TABLE {TABLE} TO ROLE clerk")
    seen.page.get_by_role("button", name="Try again").click()
    seen.page.locator("dl[aria-label=Metrics]").wait_for()
    seen.settle()
    assert seen.metrics() == purchases.metrics(shop.rows(TABLE))
    assert "ann as CLERK" in seen.text()
    shop.run(f"REVOKE SELECT ON TABLE {TABLE} FROM ROLE clerk")
    seen.page.get_by_role("button", name="Refresh").click()
    seen.page.get_by_role("alert").wait_for()


def test_a_role_that_is_not_the_users_is_refused(visit):
    seen = visit(user=None)
    seen.sign_in("ann", "ann's secret", role="accountadmin", expect=False)
    seen.page.get_by_role("alert").wait_for()
    assert "ACCOUNTADMIN" in seen.page.get_by_role("alert").inner_text()


def test_a_table_that_is_not_there(visit):
    seen = visit(table="cdc_prod.analytics.nothing")
    alert = seen.page.get_by_role("alert")
    alert.wait_for()
    assert "There is no table cdc_prod.analytics.nothing, or role ACCOUNTADMIN may not see it." in alert.inner_text()
    assert "does not exist or not authorized. (002003)" in alert.inner_text()
    seen.page.get_by_role("button", name="Change table").click()
    seen.page.get_by_role("textbox", name="Table").fill(TABLE)
    seen.page.get_by_role("button", name="Show", exact=True).click()
    seen.page.locator("dl[aria-label=Metrics]").wait_for()
    assert urllib.parse.parse_qs(urllib.parse.urlsplit(seen.page.url).query) == {"table": [TABLE]}


def test_a_table_of_other_columns(visit, shop):
    shop.run("CREATE OR REPLACE TABLE cdc_prod.analytics.other (transaction_id VARCHAR, quantity INT)")
    seen = visit(table="cdc_prod.analytics.other")
    alert = seen.page.get_by_role("alert")
    alert.wait_for()
    assert "It has no column CUSTOMER_ID, CUSTOMER_AGE, " in alert.inner_text()
    shop.run("DROP TABLE cdc_prod.analytics.other")


def test_a_query_that_fails_says_why(visit, shop):
    shop.run(f"CREATE OR REPLACE VIEW cdc_prod.analytics.broken AS SELECT * EXCLUDE quantity, 1 / (quantity - quantity) AS quantity FROM {TABLE}")
    seen = visit(table="cdc_prod.analytics.broken")
    alert = seen.page.get_by_role("alert")
    alert.wait_for()
    assert alert.inner_text().startswith("The query failed.")
    assert "ivision by zero" in alert.inner_text()
    shop.run("DROP VIEW cdc_prod.analytics.broken")


def test_a_view_of_names_in_small_letters(visit, shop):
    columns = ", ".join(f'{name} AS "{name}"' for name in purchases.NAMES)
    shop.run(f'CREATE OR REPLACE VIEW cdc_prod.analytics."of tech" AS SELECT {columns} FROM {TABLE} WHERE product_category = \'Tech\'')
    seen = visit(table=urllib.parse.quote('cdc_prod.analytics."of tech"'))
    rows = [row for row in shop.rows(TABLE) if row["product_category"] == "Tech"]
    assert seen.metrics() == purchases.metrics(rows)
    assert seen.rows_shown() == len(rows)
    shop.run('DROP VIEW cdc_prod.analytics."of tech"')


def test_a_name_is_only_ever_a_name(send, shop):
    cookie = signed_in_cookie(send, shop)
    for table in ["t; DROP TABLE x", "(SELECT 1)", 'a."b', "a.b.c.d", "t WHERE 1=1", "", "\x00"]:
        status, _, content = send("POST", "/api/summary", {"table": f"nowhere.{table}", "filters": {}}, Cookie=cookie)
        assert status in (404, 422), content
    assert shop.rows(TABLE)


@pytest.mark.parametrize("body", [{"filters": {"age_group": "Everybody"}}, {"filters": {"start": "2024-02-30"}},
                                  {"filters": {"start": "yesterday"}}, {"filters": []}, {"filters": {"unknown": "x"}},
                                  {"filters": {"customer": 5}}, {"page": {"sort": "1; --"}}, {"page": {"limit": 1001}},
                                  {"page": {"offset": -1}}])
def test_requests_of_no_page_are_refused(send, shop, body):
    cookie = signed_in_cookie(send, shop)
    path = "/api/rows" if "page" in body else "/api/summary"
    status, _, content = send("POST", path, {"table": TABLE, **body}, Cookie=cookie)
    assert status == 422 and json.loads(content)["error"]["message"], content


def test_nobody_asks_without_signing_in(send):
    for method, path in [("POST", "/api/summary"), ("POST", "/api/rows"), ("GET", "/api/customers"), ("GET", "/api/events"),
                         ("GET", "/api/session")]:
        status, headers, content = send(method, path, {"table": TABLE} if method == "POST" else None)
        assert (status, json.loads(content)["error"]["kind"]) == (401, "signed_out")
        assert headers["Cache-Control"] == "no-store"


def test_other_pages_are_refused(send, shop):
    cookie = signed_in_cookie(send, shop)
    for headers in [{"Origin": "http://elsewhere.example"}, {"Origin": "null"}, {"Sec_Fetch_Site": "cross-site"}]:
        assert send("POST", "/api/summary", {"table": TABLE}, Cookie=cookie, **headers)[0] == 403


def test_files_are_kept_by_browsers_and_run_nothing_of_others(send):
    status, headers, content = send("GET", "")
    assert status == 200 and headers["Content-Type"] == "text/html; charset=utf-8" and headers["Cache-Control"] == "no-cache"
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'" and policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'" and headers["X-Content-Type-Options"] == "nosniff"
    assert send("GET", "", If_None_Match=headers["ETag"])[0] == 304
    script = content.decode().split('src="/dashboard', 1)[1].split('"')[0]
    status, headers, content = send("GET", script, Accept_Encoding="gzip")
    assert status == 200 and headers["Content-Encoding"] == "gzip" and content[:2] == b"\x1f\x8b"
    assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
    plain = send("GET", script)
    assert "Content-Encoding" not in plain[1] and len(plain[2]) > len(content)
    assert send("HEAD", script)[2] == b""
    assert send("GET", "/assets/nothing.js")[0] == 404
    assert send("GET", "/../warehouse/admin.password")[0] in (400, 404)
    assert send("PUT", "")[0] == 405
