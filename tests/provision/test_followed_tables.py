# SPDX-License-Identifier: Apache-2.0
"""Tables of the warehouse that follow a managed PostgreSQL's: they show what it committed, and nothing else."""

import json
import time
from contextlib import closing

import psycopg2
import pytest

from support.product import Product
from support.waiting import wait_for


def as_dict(cursor):
    (row,) = cursor.fetchall()
    return dict(zip((column.name for column in cursor.description), row))


class Followed:
    """public.t of an instance, and d.public.t of the warehouse with AUTO_REFRESH."""

    def __init__(self, product):
        self.product = product
        self.cursor = product.connect().cursor()
        self.cursor.execute("CREATE POSTGRES INSTANCE shop COMPUTE_FAMILY = 'STANDARD_M' STORAGE_SIZE_GB = 10 "
                            "AUTHENTICATION_AUTHORITY = POSTGRES")
        passwords = {role["name"]: role["password"] for role in json.loads(as_dict(self.cursor)["access_roles"])}
        wait_for(self._is_ready, "SHOP is not READY", 60)
        (instance,) = json.loads(product.run("status", "--json"))["instances"]
        self.postgres = psycopg2.connect(host=instance["host"], port=instance["port"], dbname="postgres",
                                         user="snowflake_admin", password=passwords["snowflake_admin"], sslmode="require",
                                         options="-c pg_lake_iceberg.default_location_prefix=s3://lake/")
        self.postgres.autocommit = True
        self.execute("CREATE TABLE t (id bigint) USING iceberg")
        self.execute("INSERT INTO t VALUES (1)")
        for statement in (
                "CREATE EXTERNAL VOLUME v STORAGE_LOCATIONS = ((NAME = 'all' STORAGE_PROVIDER = 'S3' "
                "STORAGE_BASE_URL = 's3://lake/' STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::012345678910:role/any'))",
                "CREATE CATALOG INTEGRATION i CATALOG_SOURCE = OBJECT_STORE TABLE_FORMAT = ICEBERG ENABLED = TRUE",
                "CREATE DATABASE d", "USE DATABASE d",
                "CREATE ICEBERG TABLE t EXTERNAL_VOLUME = 'v' CATALOG = 'i' AUTO_REFRESH = TRUE "
                f"METADATA_FILE_PATH = '{self.newest().removeprefix('s3://lake/')}'"):
            self.cursor.execute(statement)

    def _is_ready(self):
        self.cursor.execute("SHOW POSTGRES INSTANCES LIKE 'SHOP'")
        return as_dict(self.cursor)["state"] == "READY"

    def execute(self, statement):
        with self.postgres.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else None

    def newest(self):
        return self.execute("SELECT metadata_location FROM iceberg_tables WHERE table_name = 't'")[0][0]

    def metadata_files(self):
        return set(self.product.local_path(self.newest()).parent.glob("*.metadata.json"))

    def shown(self):
        self.cursor.execute("SELECT id FROM t ORDER BY id")
        return [number for (number,) in self.cursor.fetchall()]


@pytest.fixture
def followed(installation):
    product = Product(installation).up()
    try:
        made = Followed(product)
        yield made
        product.run("fsck", "shop/postgres.public.t")
    finally:
        product.remove()


def test_files_of_transactions_that_have_not_committed_are_not_shown(followed):
    """Its metadata lies beside the newest for as long as the transaction is prepared."""
    before = followed.metadata_files()
    with closing(followed.postgres.cursor()) as cursor:
        for statement in ("BEGIN", "INSERT INTO t VALUES (2)", "PREPARE TRANSACTION 'p'"):
            cursor.execute(statement)
    assert followed.metadata_files() > before
    end = time.monotonic() + 2
    while time.monotonic() < end:
        assert followed.shown() == [1]
    followed.cursor.execute("ALTER ICEBERG TABLE t REFRESH")
    assert followed.shown() == [1]
    followed.execute("ROLLBACK PREPARED 'p'")
    followed.execute("INSERT INTO t VALUES (3)")
    wait_for(lambda: followed.shown() == [1, 3], "the committed row does not come", 20)
