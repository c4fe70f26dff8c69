# SPDX-License-Identifier: Apache-2.0
"""Parallel workers and lake tables: what a worker cannot see is an error there, never a wrong count."""

import psycopg2
import pytest


@pytest.fixture
def session(db):
    db.sql("CREATE TABLE l (x int) USING iceberg")
    db.sql("INSERT INTO l VALUES (1), (2)")
    db.sql("CREATE TABLE other (x int) USING iceberg")
    db.sql("CREATE FUNCTION n() RETURNS bigint LANGUAGE sql PARALLEL SAFE AS 'SELECT count(*) FROM l'")
    connection = db.connect(autocommit=False)
    with connection.cursor() as cursor:
        cursor.execute("SET debug_parallel_query = on")
        connection.commit()
        yield cursor


def value(session, sql):
    session.execute(sql)
    return session.fetchone()[0]


def test_a_worker_reads_what_is_committed(session):
    assert value(session, "SELECT n()") == 2


@pytest.mark.parametrize("change", ["INSERT INTO l VALUES (3)", "TRUNCATE l", "ALTER TABLE l ADD COLUMN y int DEFAULT 7",
                                    "INSERT INTO other VALUES (3)"])
def test_a_worker_does_not_count_without_its_transactions_changes(session, change):
    session.execute(change)
    with pytest.raises(psycopg2.errors.FeatureNotSupported) as error:
        value(session, "SELECT n()")
    assert 'cannot read lake table "l" in a parallel worker' in str(error.value)
    assert "PARALLEL RESTRICTED" in error.value.diag.message_hint
    session.connection.rollback()
    assert value(session, "SELECT n()") == 2


def test_restricted_functions_see_the_transactions_changes(session):
    session.execute("ALTER FUNCTION n() PARALLEL RESTRICTED")
    session.execute("INSERT INTO l VALUES (3)")
    assert value(session, "SELECT n()") == 3


def test_queries_of_lake_tables_see_the_transactions_changes(session):
    session.execute("INSERT INTO l VALUES (3)")
    assert value(session, "SELECT count(*) FROM l") == 3
    assert value(session, "SELECT count(*) FROM l a JOIN generate_series(1, 3) b ON a.x = b") == 3


def test_after_the_transaction_workers_read_again(session):
    session.execute("INSERT INTO l VALUES (3)")
    session.connection.commit()
    assert value(session, "SELECT n()") == 3
    session.execute("SAVEPOINT s")
    session.execute("INSERT INTO l VALUES (4)")
    session.connection.rollback()
    assert value(session, "SELECT n()") == 3


def test_a_worker_does_not_write(session):
    session.execute("CREATE FUNCTION w() RETURNS void LANGUAGE plpgsql PARALLEL SAFE AS 'BEGIN INSERT INTO l VALUES (9); END'")
    session.connection.commit()
    with pytest.raises(psycopg2.errors.InvalidTransactionState):
        value(session, "SELECT w()")
    session.connection.rollback()
    assert value(session, "SELECT n()") == 2
