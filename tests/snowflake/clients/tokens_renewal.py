# SPDX-License-Identifier: Apache-2.0
"""Against a server whose tokens live for two seconds, and which says after half a second that a statement still runs."""

import time

import pytest
import snowflake.connector
from conftest import parameters
from snowflake.connector.errors import DatabaseError, Error


@pytest.fixture
def short():
    connection = snowflake.connector.connect(**parameters())
    yield connection
    connection.close()


def test_expired_token_is_renewed(short):
    for _ in range(3):
        assert len(short.cursor().execute("rows 3 id").fetchall()) == 3
        time.sleep(2.2)
    assert len(short.cursor().execute("rows 3 id").fetchall()) == 3


def test_long_statement_is_asked_for_again(short):
    started = time.monotonic()
    short.cursor().execute("sleep 1800").fetchall()
    assert time.monotonic() - started >= 1.7


def test_master_token_that_is_over_ends_the_session():
    connection = snowflake.connector.connect(**parameters())
    time.sleep(8.5)
    with pytest.raises((DatabaseError, Error)):
        connection.cursor().execute("rows 1 id")


@pytest.mark.parametrize("text", ["error 22012 it failed", "errorafter 3000"])
def test_failures(short, text):
    with pytest.raises(DatabaseError):
        short.cursor().execute(text).fetchall()
    assert len(short.cursor().execute("rows 2 id").fetchall()) == 2


def test_every_type_and_carrier(short):
    rows = short.cursor().execute("types").fetchall()
    assert len(rows) == 2 and all(value is None for value in rows[1])
