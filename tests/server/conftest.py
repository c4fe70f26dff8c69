# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL's protocol as the program serves it, and PostgreSQL itself to compare with."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "provision"))

from support.installation import Installation
from support.server import Server
from support.wire_client import WireClient
from support.wire_server import WireServer
from tarn_program import TarnProgram  # noqa: E402


@pytest.fixture(scope="module")
def wire():
    """A server that the tests of a file share."""
    server = WireServer()
    yield server
    assert server.stop() == 0


@pytest.fixture
def make_wire():
    made = []

    def make(**options):
        made.append(WireServer(**options))
        return made[-1]

    yield make
    for server in made:
        assert server.stop() == 0


@pytest.fixture
def client(wire):
    connected = wire.connect(database="lake")
    yield connected
    connected.close()


@pytest.fixture(scope="session")
def postgres():
    """PostgreSQL without anything of ours, with the table t."""
    installation = Installation(with_extension=False)
    server = Server(installation).start()
    with server.connect("postgres", user="postgres") as connection:
        connection.cursor().execute("CREATE TABLE t (n int)")
    connection.close()
    yield server
    server.remove()
    installation.remove()


@pytest.fixture
def peer(postgres):
    """A client of PostgreSQL itself."""
    connected = WireClient(str(postgres.socket / ".s.PGSQL.5432")).connect(
        user="postgres", database="postgres", client_encoding="UTF8")
    yield connected
    connected.close()


@pytest.fixture
def tarn():
    """The program, on a data directory of the test's own."""
    program = TarnProgram()
    yield program
    program.remove()


@pytest.fixture(scope="module")
def shop():
    """A warehouse with objects of every kind that catalogues show, for tests that change nothing of it."""
    program = TarnProgram()
    try:
        program.ok("up")
        connection = program.warehouse()
        with connection.cursor() as cursor:
            for statement in SHOP:
                cursor.execute(statement)
        connection.close()
        yield program
    finally:
        program.remove()


SHOP = [
    "CREATE DATABASE sales COMMENT = 'what was sold'",
    "CREATE DATABASE secrets",
    "CREATE SCHEMA sales.old COMMENT = 'years ago'",
    "CREATE VIEW secrets.public.plans AS SELECT 1 AS goal",
    """CREATE VIEW sales.public.orders (id COMMENT 'its number', customer, amount, placed, day, paid, note) COMMENT = 'all orders'
       AS SELECT 1::NUMBER(18, 0), 'x'::VARCHAR(40), 1.5::NUMBER(12, 2), '2026-01-02'::TIMESTAMP_NTZ(6), '2026-01-02'::DATE, TRUE,
       PARSE_JSON('{}')""",
    'CREATE VIEW sales.public."items" AS SELECT 1 AS "Number"',
    "CREATE VIEW sales.old.archive AS SELECT 'a' AS a",
    "CREATE SECURE VIEW sales.public.hidden AS SELECT 42 AS answer",
    "CREATE PROCEDURE sales.public.refresh(days NUMBER(10, 0)) RETURNS VARCHAR LANGUAGE SQL AS 'BEGIN RETURN ''done''; END'",
    "CREATE ROLE analyst",
    "CREATE ROLE nobody",
    "CREATE USER ann PASSWORD = 'Kites-fly-42' DEFAULT_ROLE = analyst DEFAULT_NAMESPACE = 'SALES.PUBLIC'",
    "GRANT ROLE analyst TO USER ann",
    "GRANT ROLE nobody TO USER ann",
    "GRANT USAGE ON DATABASE sales TO ROLE analyst",
    "GRANT USAGE ON SCHEMA sales.public TO ROLE analyst",
    "GRANT SELECT ON VIEW sales.public.orders TO ROLE analyst",
]
