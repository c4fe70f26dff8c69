# SPDX-License-Identifier: Apache-2.0
"""A POSTGRES INSTANCE of a product, which lets this machine in, and its lake tables' bucket."""

import json
from contextlib import closing

import psycopg2

from support.waiting import wait_for

PREFIX = "s3://lake/"


def only_row(cursor):
    (row,) = cursor.fetchall()
    return dict(zip((column.name for column in cursor.description), row))


class ManagedInstance:
    """Named `shop`."""

    def __init__(self, product):
        self.product = product
        with closing(product.connect()) as connection, connection.cursor() as cursor:
            for statement in (
                    "CREATE DATABASE net",
                    "CREATE NETWORK RULE net.public.here TYPE = IPV4 MODE = POSTGRES_INGRESS VALUE_LIST = ('127.0.0.0/8')",
                    "CREATE NETWORK POLICY here ALLOWED_NETWORK_RULE_LIST = ('net.public.here')",
                    "CREATE POSTGRES INSTANCE shop COMPUTE_FAMILY = 'STANDARD_M' STORAGE_SIZE_GB = 10 "
                    "AUTHENTICATION_AUTHORITY = POSTGRES NETWORK_POLICY = here"):
                cursor.execute(statement)
            self._passwords = {role["name"]: role["password"] for role in json.loads(only_row(cursor)["access_roles"])}
            wait_for(lambda: self._state(cursor) == "READY", "SHOP is not READY", 60)
        (self._address,) = json.loads(product.run("status", "--json"))["instances"]
        self._connection = None
        self.execute("CREATE EXTENSION pg_lake CASCADE")

    @staticmethod
    def _state(cursor):
        cursor.execute("SHOW POSTGRES INSTANCES LIKE 'SHOP'")
        return only_row(cursor)["state"]

    def connect(self, user="snowflake_admin"):
        connection = psycopg2.connect(host=self._address["host"], port=self._address["port"], dbname="postgres", user=user,
                                      password=self._passwords[user], sslmode="require",
                                      options=f"-c pg_lake_iceberg.default_location_prefix={PREFIX}")
        connection.autocommit = True
        return connection

    def execute(self, statement, parameters=None):
        self._connection = self._connection or self.connect()
        with self._connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else None

    def metadata_location(self, table):
        ((location,),) = self.execute("SELECT metadata_location FROM iceberg_tables WHERE table_name = %s", (table,))
        return location

    def follow(self, cursor, table):
        """The warehouse's table of the same name in a new database `d`, with AUTO_REFRESH; the cursor uses `d` then."""
        for statement in (
                "CREATE EXTERNAL VOLUME v STORAGE_LOCATIONS = ((NAME = 'all' STORAGE_PROVIDER = 'S3' "
                f"STORAGE_BASE_URL = '{PREFIX}' STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::012345678910:role/any'))",
                "CREATE CATALOG INTEGRATION i CATALOG_SOURCE = OBJECT_STORE TABLE_FORMAT = ICEBERG ENABLED = TRUE",
                "CREATE DATABASE d", "USE DATABASE d",
                f"CREATE ICEBERG TABLE {table} EXTERNAL_VOLUME = 'v' CATALOG = 'i' AUTO_REFRESH = TRUE "
                f"METADATA_FILE_PATH = '{self.metadata_location(table).removeprefix(PREFIX)}'"):
            cursor.execute(statement)

    def restart(self, cursor, meanwhile):
        """Suspends it, does `meanwhile`, resumes it; `cursor` is one of the warehouse."""
        self.close()
        self._connection = None
        cursor.execute("ALTER POSTGRES INSTANCE shop SUSPEND")
        wait_for(lambda: self._state(cursor) == "SUSPENDED", "SHOP is not SUSPENDED", 60)
        meanwhile()
        cursor.execute("ALTER POSTGRES INSTANCE shop RESUME")
        wait_for(lambda: self._state(cursor) == "READY", "SHOP is not READY", 60)

    def fsck(self, table):
        self.product.run("fsck", f"shop/postgres.public.{table}")

    def close(self):
        if self._connection is not None:
            self._connection.close()
