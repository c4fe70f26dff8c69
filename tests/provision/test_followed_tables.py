# SPDX-License-Identifier: Apache-2.0
"""Tables of the warehouse that follow a managed PostgreSQL's: they show what it committed, and nothing else."""

import time
from contextlib import closing

import pytest

from support.managed_instance import ManagedInstance
from support.product import Product
from support.waiting import wait_for


@pytest.fixture
def shop(installation):
    product = Product(installation).up()
    try:
        made = ManagedInstance(product)
        made.execute("CREATE TABLE t (id bigint) USING iceberg")
        made.execute("INSERT INTO t VALUES (1)")
        yield made
        made.fsck("t")
        made.close()
    finally:
        product.remove()


def metadata_files(shop):
    return set(shop.product.local_path(shop.metadata_location("t")).parent.glob("*.metadata.json"))


def test_files_of_transactions_that_have_not_committed_are_not_shown(shop):
    """Its metadata lies beside the newest for as long as the transaction is prepared."""
    with closing(shop.product.connect()) as connection, connection.cursor() as cursor:
        shop.follow(cursor, "t")

        def shown():
            cursor.execute("SELECT id FROM t ORDER BY id")
            return [number for (number,) in cursor.fetchall()]
        before = metadata_files(shop)
        for statement in ("BEGIN", "INSERT INTO t VALUES (2)", "PREPARE TRANSACTION 'p'"):
            shop.execute(statement)
        assert metadata_files(shop) > before
        end = time.monotonic() + 2
        while time.monotonic() < end:
            assert shown() == [1]
        cursor.execute("ALTER ICEBERG TABLE t REFRESH")
        assert shown() == [1]
        shop.execute("ROLLBACK PREPARED 'p'")
        shop.execute("INSERT INTO t VALUES (3)")
        wait_for(lambda: shown() == [1, 3], "the committed row does not come", 20)


def test_files_of_a_server_that_does_not_run_are_not_taken_for_committed(shop):
    with closing(shop.product.connect()) as connection, connection.cursor() as cursor:
        shop.follow(cursor, "t")

        def shown():
            cursor.execute("SELECT id FROM t ORDER BY id")
            return [number for (number,) in cursor.fetchall()]
        shop.execute("INSERT INTO t VALUES (2)")
        wait_for(lambda: shown() == [1, 2], "the committed row does not come", 20)
        for statement in ("BEGIN", "INSERT INTO t VALUES (3)", "PREPARE TRANSACTION 'p'"):
            shop.execute(statement)
        shop.restart(cursor, lambda: time.sleep(2))
        assert shown() == [1, 2]
        shop.execute("ROLLBACK PREPARED 'p'")
        shop.execute("INSERT INTO t VALUES (4)")
        wait_for(lambda: shown() == [1, 2, 4], "the committed row does not come", 60)
