# SPDX-License-Identifier: Apache-2.0
"""Whoever guesses is not heard for a while, by whatever protocol."""

import json
import urllib.error
import urllib.parse
import urllib.request
from contextlib import closing

import psycopg2
import pytest

from tarn_program import query

WRONG = 5


def post(url, body, kind="application/json"):
    request = urllib.request.Request(url, body.encode(), {"Content-Type": kind})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as refused:
        return refused.code, json.loads(refused.read())


class Doors:
    """Every way to give a password; True: it was right, False: wrong, else what is said of it."""

    def __init__(self, tarn):
        self.tarn = tarn
        self.url = tarn.json("status")["http"]["url"]

    def postgres(self, user, password):
        try:
            self.tarn.warehouse(user=user, password=password).close()
            return True
        except psycopg2.OperationalError as refused:
            return False if "password authentication failed" in str(refused) else str(refused)

    def rest(self, user, password):
        form = urllib.parse.urlencode({"grant_type": "client_credentials", "client_id": user, "client_secret": password})
        status, answer = post(self.url + "/iceberg/v1/oauth/tokens", form, "application/x-www-form-urlencoded")
        return {200: True, 401: False}.get(status, str(answer))

    def snowflake(self, user, password):
        body = {"data": {"LOGIN_NAME": user, "PASSWORD": password, "ACCOUNT_NAME": "tarn"}}
        answer = post(self.url + "/session/v1/login-request", json.dumps(body))[1]
        return answer["success"] or (answer["code"] != "390100" and f"{answer['code']} {answer['message']}")

    def dashboard(self, user, password):
        status, answer = post(self.url + "/dashboard/api/sign-in", json.dumps({"user": user, "password": password}))
        return {200: True, 401: False}.get(status, str(answer))


@pytest.fixture
def doors(tarn):
    tarn.ok("up")
    with closing(tarn.warehouse()) as admin:
        for user in ["ann", "bert"]:
            query(admin, f"CREATE USER {user} PASSWORD = 'right one'")
    return Doors(tarn)


@pytest.mark.parametrize("guessed_at", ["postgres", "rest", "snowflake", "dashboard"])
def test_nobody_guesses_for_long(doors, guessed_at):
    door = getattr(doors, guessed_at)
    assert door("ann", "right one") is True
    assert [door("ann", "wrong") for _ in range(WRONG)] == [False] * WRONG
    for other in ["postgres", "rest", "snowflake", "dashboard"]:
        said = getattr(doors, other)("ann", "right one")
        assert said not in [True, False] and "ry again in 15 minutes" in said, other
    # Others are not locked out with her.
    assert door("bert", "right one") is True


def test_users_that_do_not_exist_are_locked_like_others(doors):
    assert [doors.postgres("nobody", "wrong") for _ in range(WRONG)] == [False] * WRONG
    assert "too many wrong passwords" in doors.postgres("nobody", "wrong")
