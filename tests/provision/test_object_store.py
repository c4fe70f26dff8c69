# SPDX-License-Identifier: Apache-2.0
"""A lake in an object store over the network: PostgreSQL and the warehouse write there, others read it there."""

import json
import random
import threading
import time
from contextlib import closing

import psycopg2
import pytest
from pyiceberg.catalog.rest import RestCatalog
from pyiceberg.table import StaticTable

from support.canonical import canonical_rows
from support.database import Database
from support.managed_instance import ManagedInstance
from support.object_store import LossyProxy, ObjectStore
from support.product import Product
from support.s3_gateway import ACCESS_KEY, SECRET_KEY
from support.waiting import wait_for

pytestmark = pytest.mark.interop

VOLUME = ("CREATE EXTERNAL VOLUME v STORAGE_LOCATIONS = ((NAME = 'all' STORAGE_PROVIDER = 'S3' STORAGE_BASE_URL = "
          "'s3://lake/' STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::012345678910:role/any'))")


@pytest.fixture
def store():
    made = ObjectStore()
    yield made
    made.remove()


@pytest.fixture
def product(installation, store):
    made = Product(installation)
    store.configure(made.home)
    yield made
    made.remove()


@pytest.fixture
def shop(product):
    made = ManagedInstance(product.up())
    yield made
    made.close()


def outside(store, location):
    """What PyIceberg reads of a metadata file, over the endpoint."""
    table = StaticTable.from_metadata(location, properties=store.pyiceberg_properties())
    return canonical_rows([tuple(row.values()) for row in table.scan().to_arrow().to_pylist()])


def warehouse(product, *statements):
    with closing(product.connect()) as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        return cursor.fetchall() if cursor.description else None


def test_postgres_writes_there_and_all_read_it(store, shop):
    shop.execute("CREATE TABLE t (id bigint, city text) USING iceberg")
    for i in range(5):
        shop.execute(f"INSERT INTO t SELECT g, 'city ' || g FROM generate_series({i * 1000 + 1}, {i * 1000 + 1000}) g")
    rows = canonical_rows(shop.execute("SELECT * FROM t"))
    assert len(rows) == 5000
    location = shop.metadata_location("t")
    assert location.startswith("s3://lake/")
    assert outside(store, location) == rows
    assert not list(shop.product.buckets.glob("lake"))
    shop.fsck("t")
    assert shop.execute("SELECT count(*) FROM t WHERE id > 4990") == [(10,)]
    # The same files, by a program that has no instance.
    assert "clean" in shop.product.run("fsck", location, "--data", shop.product.home)
    with closing(shop.product.connect()) as connection, connection.cursor() as cursor:
        shop.follow(cursor, "t")
        cursor.execute("SELECT * FROM t")
        assert canonical_rows(cursor.fetchall()) == rows
        cursor.execute("SELECT SYSTEM$VERIFY_EXTERNAL_VOLUME('v')")
        assert json.loads(cursor.fetchall()[0][0])["success"] is True


def test_drop_purges_there(store, shop):
    shop.execute("CREATE TABLE t (id bigint) USING iceberg")
    shop.execute("INSERT INTO t VALUES (1)")
    store.client().put_object(Bucket="lake", Key="others/metadata/file", Body=b"x")
    shop.close()
    assert "1 tables" in shop.product.run("instance", "drop", "shop", "--purge")
    assert store.keys() == {"others/metadata/file"}


def test_garbage_goes_from_there(store, make_server):
    server = make_server(**{"tarn.garbage_safe_age": 0})
    store.configure(server.home)
    lake = Database(server.start())
    for statement in ("CREATE TABLE t (a int) USING iceberg", "INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2)"):
        lake.sql(statement)
    lake.fsck()
    before = store.keys()
    assert len(before) > 5
    with closing(lake.connect(autocommit=False)) as connection, connection.cursor() as cursor:
        # More than one part of an upload.
        cursor.execute("INSERT INTO t SELECT (random() * 1e9)::int FROM generate_series(1, 4000000)")
        connection.rollback()
    wait_for(lambda: store.keys() == before, "files of the transaction stay")
    lake.sql("DROP TABLE t")
    wait_for(lambda: not store.keys(), "files of the dropped table stay")


def test_the_warehouse_writes_there(store, product):
    product.up()
    warehouse(product, "CREATE DATABASE d", "USE DATABASE d", VOLUME,
              "CREATE ICEBERG TABLE t (id INT, city VARCHAR) EXTERNAL_VOLUME = 'v' CATALOG = 'SNOWFLAKE' BASE_LOCATION = 't'",
              "INSERT INTO t SELECT SEQ4(), 'x' || SEQ4() FROM TABLE(GENERATOR(ROWCOUNT => 1000))",
              "UPDATE t SET city = 'y' WHERE id < 10", "DELETE FROM t WHERE id >= 500")
    rows = canonical_rows(warehouse(product, "SELECT * FROM d.public.t"))
    assert len(rows) == 500 and sum(row[1] == "y" for row in rows) == 10
    metadata = sorted(key for key in store.keys("t") if key.endswith(".metadata.json"))
    ((shown,),) = warehouse(product, "SELECT SYSTEM$GET_ICEBERG_TABLE_INFORMATION('d.public.t')")
    location = json.loads(shown)["metadataLocation"]
    assert location.removeprefix("s3://lake/") in metadata
    assert outside(store, location) == rows
    product.fsck(location)
    warehouse(product, "USE DATABASE d", "CREATE STORAGE INTEGRATION si TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'S3' "
              "ENABLED = TRUE STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::012345678910:role/any' "
              "STORAGE_ALLOWED_LOCATIONS = ('s3://lake/')",
              "CREATE STAGE st URL = 's3://lake/stage/' STORAGE_INTEGRATION = si FILE_FORMAT = (TYPE = CSV)",
              "COPY INTO @st/out FROM t", "CREATE TABLE u (id INT, city VARCHAR)", "COPY INTO u FROM @st")
    assert canonical_rows(warehouse(product, "SELECT * FROM d.public.u")) == rows
    # A restart reads what is there.
    product.run("down")
    product.up()
    assert canonical_rows(warehouse(product, "SELECT * FROM d.public.t")) == rows


def test_a_volume_by_sql(store, product):
    """Snowflake's own form of it: the endpoint and the credentials are in the statement."""
    (product.home / "tarn.toml").unlink()
    product.up()
    volume = ("CREATE EXTERNAL VOLUME c STORAGE_LOCATIONS = ((NAME = 'all' STORAGE_PROVIDER = 'S3COMPAT' STORAGE_BASE_URL = "
              "'s3compat://lake/sql/' CREDENTIALS = (AWS_KEY_ID = '{}' AWS_SECRET_KEY = '{}') STORAGE_ENDPOINT = '{}'))")
    warehouse(product, "CREATE DATABASE d", "USE DATABASE d", volume.format(ACCESS_KEY, SECRET_KEY, store.endpoint),
              "CREATE ICEBERG TABLE t (id INT) EXTERNAL_VOLUME = 'c' CATALOG = 'SNOWFLAKE' BASE_LOCATION = 't'",
              "INSERT INTO t VALUES (1), (2)")
    assert store.keys("sql/t")
    ((shown,),) = warehouse(product, "SELECT SYSTEM$VERIFY_EXTERNAL_VOLUME('c')")
    assert json.loads(shown)["success"] is True
    with pytest.raises(psycopg2.Error, match="STORAGE_BASE_URL"):
        warehouse(product, volume.replace("VOLUME c", "VOLUME other").format("somebody", "else", store.endpoint))
    product.run("down")
    product.up()
    assert canonical_rows(warehouse(product, "SELECT * FROM d.public.t")) == [["1"], ["2"]]
    ((shown,),) = warehouse(product, "SELECT SYSTEM$GET_ICEBERG_TABLE_INFORMATION('d.public.t')")
    location = json.loads(shown)["metadataLocation"]
    assert outside(store, location) == [["1"], ["2"]]
    store.configure(product.home)
    product.fsck(location)


@pytest.mark.parametrize("vend", [False, True])
def test_the_rest_catalog_tells_how_to_reach_it(store, product, vend):
    store.configure(product.home, vend_credentials=str(vend).lower())
    product.up()
    warehouse(product, "CREATE DATABASE d", "USE DATABASE d", VOLUME,
              "CREATE ICEBERG TABLE t (id INT) EXTERNAL_VOLUME = 'v' CATALOG = 'SNOWFLAKE' BASE_LOCATION = 't'",
              "INSERT INTO t VALUES (1), (2)")
    uri = product.http["url"] + "/iceberg"
    catalog = RestCatalog("tarn", uri=uri, warehouse="D", credential=f"admin:{product.password}",
                          **{"oauth2-server-uri": f"{uri}/v1/oauth/tokens",
                             "header.X-Iceberg-Access-Delegation": "vended-credentials"})
    table = catalog.load_table(("PUBLIC", "T"))
    assert table.io.properties["s3.endpoint"] == store.endpoint
    assert ("s3.secret-access-key" in table.io.properties) is vend
    if vend:
        assert canonical_rows([tuple(row.values()) for row in table.scan().to_arrow().to_pylist()]) == [["1"], ["2"]]
    product.fsck(table.metadata_location)


def test_lost_answers_lose_and_double_nothing(installation, store):
    chance = random.Random(7)
    proxy = LossyProxy(store.port, lambda line: chance.random() < 0.1)
    product = Product(installation)
    store.configure(product.home, port=proxy.port)
    try:
        shop = ManagedInstance(product.up())
        shop.execute("CREATE TABLE t (id bigint) USING iceberg")
        for number in range(20):
            shop.execute("INSERT INTO t VALUES (%s)", (number,))
        assert sorted(shop.execute("SELECT id FROM t")) == [(number,) for number in range(20)]
        assert proxy.lost > 20
        assert outside(store, shop.metadata_location("t")) == canonical_rows([(number,) for number in range(20)])
        shop.fsck("t")
        shop.close()
    finally:
        product.remove()
        proxy.stop()


def test_a_store_that_is_killed_and_comes_back(store, shop):
    shop.execute("CREATE TABLE t (id bigint) USING iceberg")
    done, failed = [], []
    end = time.monotonic() + 8

    def write():
        with closing(shop.connect()) as connection, connection.cursor() as cursor:
            number = 0
            while time.monotonic() < end:
                try:
                    cursor.execute("INSERT INTO t VALUES (%s)", (number,))
                    done.append(number)
                except psycopg2.Error as error:
                    failed.append((number, error.pgcode))
                number += 1
    writer = threading.Thread(target=write)
    writer.start()
    for _ in range(4):
        time.sleep(1)
        store.kill()
        time.sleep(0.3)
        store.start()
    writer.join()
    rows = [number for (number,) in shop.execute("SELECT id FROM t")]
    assert len(rows) == len(set(rows))
    assert set(done) <= set(rows) <= set(done) | {number for number, _ in failed}
    assert len(done) > 10
    shop.fsck("t")


def test_a_file_that_is_not_understood_is_refused_by_name(product):
    (product.home / "tarn.toml").write_text("[bucket.lake]\nendpiont = 'http://h'\n", encoding="utf-8")
    failed = product.attempt("up", "--port", "0", "--http-port", "0")
    assert failed.returncode != 0
    assert "bucket.lake.endpiont" in failed.stderr + failed.stdout
