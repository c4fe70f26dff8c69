# SPDX-License-Identifier: Apache-2.0
"""What drivers and tools ask the warehouse of `tarn up` by themselves when they connect."""

import pathlib
from contextlib import closing

import pytest
import sqlalchemy

from tarn_program import TarnProgram, query


@pytest.fixture(scope="module")
def up():
    program = TarnProgram()
    try:
        program.found = program.json("up")["warehouse"]
        yield program
    finally:
        program.remove()


@pytest.mark.parametrize("sql", ["SELECT version()", "select pg_catalog.version() ;", "/* ping */ SELECT\n version ( )"])
def test_version_is_one_that_clients_know(up, sql):
    with closing(up.warehouse()) as connection, connection.cursor() as cursor:
        cursor.execute(sql)
        assert [column.name for column in cursor.description] == ["version"]
        assert cursor.fetchall()[0][0].startswith("PostgreSQL 15.0 (Tarn ")


def test_only_the_very_words_are_known(up):
    """What merely looks like them is the session's, and fails there."""
    with closing(up.warehouse()) as connection:
        for sql in ['SELECT "version"()', "SELECT version() FROM nosuch", "SELECT version(), 1"]:
            with pytest.raises(Exception):
                query(connection, sql)


def test_sqlalchemy(up):
    url = sqlalchemy.URL.create("postgresql+psycopg2", up.found["user"],
                                pathlib.Path(up.found["password_file"]).read_text().strip(), up.found["host"],
                                up.found["port"], query={"sslmode": "require"})
    engine = sqlalchemy.create_engine(url)
    with engine.connect() as connection:
        assert connection.dialect.server_version_info == (15, 0)
        assert connection.execute(sqlalchemy.text("SELECT :a || 'b', 2 + 1"), {"a": "a"}).all() == [("ab", 3)]
        with pytest.raises(sqlalchemy.exc.DBAPIError):
            connection.execute(sqlalchemy.text("SELECT nosuch"))
        connection.rollback()
        assert connection.execute(sqlalchemy.text("SELECT 1")).scalar() == 1
    engine.dispose()
