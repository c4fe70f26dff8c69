# SPDX-License-Identifier: Apache-2.0
"""tarn.adopt_table is a part of its transaction, and its owner's alone."""

import psycopg2
import pytest

from support.database import Database

pytestmark = pytest.mark.slow


@pytest.fixture
def original(server, access_method):
    if access_method == "heap":
        pytest.skip("about lake tables")
    database = Database(server)
    database.sql("CREATE TABLE t (a int) USING iceberg")
    database.sql("INSERT INTO t VALUES (1)")
    database.close_connections()
    yield database
    database.drop()


@pytest.fixture
def copy(server, original):
    database = Database(server, template=original.name)
    yield database
    database.drop()


def may_write(database):
    try:
        database.sql("INSERT INTO t VALUES (2)")
        return True
    except psycopg2.Error as error:
        assert error.pgcode == "42501" and "adopt_table" in error.diag.message_hint, error
        return False


@pytest.mark.parametrize("statements", [
    ("BEGIN", "SELECT tarn.adopt_table('t')", "ROLLBACK"),
    ("BEGIN", "SAVEPOINT s", "SELECT tarn.adopt_table('t')", "ROLLBACK TO s", "COMMIT"),
    ("BEGIN", "SELECT tarn.adopt_table('t')", "SELECT 1 / 0", "COMMIT"),
])
def test_a_rolled_back_adoption_changes_nothing(original, copy, statements):
    with copy.connect().cursor() as cursor:
        for statement in statements:
            try:
                cursor.execute(statement)
            except psycopg2.errors.DivisionByZero:
                pass
    assert may_write(original) and not may_write(copy)
    original.fsck()


def test_a_committed_adoption_moves_the_table_and_back(original, copy):
    with copy.connect().cursor() as cursor:
        cursor.execute("BEGIN; SAVEPOINT s; SELECT tarn.adopt_table('t'); RELEASE s")
        assert may_write(original)  # not yet
        cursor.execute("COMMIT")
    assert may_write(copy) and not may_write(original)
    # The pointer row of the original has named it all the time.
    original.sql("SELECT tarn.adopt_table('t')")
    assert may_write(original) and not may_write(copy)


def test_the_adopting_transaction_changes_nothing_else_of_the_table(original, copy):
    for statement in ("INSERT INTO t VALUES (3)", "ALTER TABLE t ADD COLUMN b int", "TRUNCATE t"):
        connection = copy.connect(autocommit=False)
        with connection.cursor() as cursor:
            cursor.execute("SELECT tarn.adopt_table('t')")
            with pytest.raises(psycopg2.errors.FeatureNotSupported) as raised:
                cursor.execute(statement)
                connection.commit()
            assert "Commit first" in raised.value.diag.message_hint
        connection.rollback()
    with copy.connect().cursor() as cursor:
        cursor.execute("BEGIN; SELECT tarn.adopt_table('t')")
        with pytest.raises(psycopg2.errors.FeatureNotSupported):
            cursor.execute("PREPARE TRANSACTION 'p'")
    assert may_write(original) and not may_write(copy)


def test_who_does_not_own_the_table_waits_for_nobody(original):
    original.sql("CREATE ROLE passer LOGIN")
    try:
        holder = original.connect(autocommit=False)
        holder.cursor().execute("INSERT INTO t VALUES (5)")
        for target, code in (("'t'", "42501"), ("999999999::oid", "42P01"), ("'pg_class'", "42501")):
            with pytest.raises(psycopg2.Error) as raised:
                original.sql(f"SET statement_timeout = '20s'; SELECT tarn.adopt_table({target})", user="passer")
            assert raised.value.pgcode == code, raised.value
        holder.rollback()
    finally:
        original.sql("DROP ROLE passer")
