# SPDX-License-Identifier: Apache-2.0
"""Runs inside of a client's own environment, with the client unchanged, against a server that the tests outside started."""

import os

import pytest
import snowflake.connector

os.environ.setdefault("SNOWFLAKE_DISABLE_PLATFORM_DETECTION", "true")


def parameters(**options):
    made = dict(user=os.environ["TARN_TEST_USER"], password=os.environ["TARN_TEST_PASSWORD"], account="tarn",
                host=os.environ["TARN_TEST_HOST"], port=int(os.environ["TARN_TEST_PORT"]), protocol="http",
                login_timeout=20, network_timeout=120)
    made.update(options)
    return {name: value for name, value in made.items() if value is not None}


@pytest.fixture(scope="session")
def database():
    connection = snowflake.connector.connect(**parameters())
    name = f"CLIENTS_{os.getpid()}"
    connection.cursor().execute(f"CREATE OR REPLACE DATABASE {name}")
    connection.close()
    return name


@pytest.fixture
def connect(database):
    """connect(**options): a connection to the tests' database, closed when the test is over."""
    made = []

    def make(**options):
        made.append(snowflake.connector.connect(**parameters(**{"database": database, "schema": "PUBLIC", **options})))
        return made[-1]

    yield make
    for connection in made:
        connection.close()


@pytest.fixture
def connection(connect):
    return connect()


@pytest.fixture(params=["ARROW", "JSON"])
def either(connect, request):
    """A connection that gets its rows in one of the two forms."""
    return connect(session_parameters={"PYTHON_CONNECTOR_QUERY_RESULT_FORMAT": request.param})


@pytest.fixture
def query():
    return lambda connection, text, *values: connection.cursor().execute(text, *values).fetchall()
