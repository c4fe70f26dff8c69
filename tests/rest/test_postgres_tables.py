# SPDX-License-Identifier: Apache-2.0
"""Tables of a managed PostgreSQL through the REST catalog: read, and written beside PostgreSQL's own statements."""

import json
import threading
import urllib.error
import urllib.request
from contextlib import closing

import pyarrow
import pytest
from pyiceberg.catalog.rest import RestCatalog
from pyiceberg.exceptions import CommitFailedException, NoSuchNamespaceError, NoSuchTableError
from pyiceberg.expressions import EqualTo
from pyiceberg.types import IntegerType, StringType

from support.canonical import canonical_rows
from support.managed_instance import ManagedInstance
from support.product import Product
from support.s3_gateway import ACCESS_KEY, REGION, SECRET_KEY
from support.spark import SparkReader

pytestmark = [pytest.mark.interop, pytest.mark.slow]

ARROW = pyarrow.schema([pyarrow.field("id", pyarrow.int64()), pyarrow.field("city", pyarrow.string())])


class Shop(ManagedInstance):
    """Its buckets are served as S3; it has a lake table public.trips beside a heap."""

    def __init__(self, product, gateway_for):
        super().__init__(product)
        self.gateway = gateway_for(product.buckets)
        self.uri = product.http["url"] + "/iceberg"
        self.execute("CREATE TABLE trips (id bigint, city text) USING iceberg")
        self.execute("CREATE TABLE kept (id bigint, city text)")

    def rows(self, table="trips"):
        return canonical_rows(self.execute(f"SELECT * FROM {table}"))

    def catalog(self, warehouse="shop.postgres", user="admin", password=None):
        return RestCatalog("tarn", uri=self.uri, credential=f"{user}:{password or self.product.password}",
                           **({"warehouse": warehouse} if warehouse else {}),
                           **{"oauth2-server-uri": f"{self.uri}/v1/oauth/tokens", "buckets": str(self.product.buckets),
                              "py-io-impl": "support.pyiceberg_writer.BucketFileIO"})


@pytest.fixture
def shop(installation, gateway_for):
    product = Product(installation).up()
    made = None
    try:
        made = Shop(product, gateway_for)
        yield made
        made.fsck("trips")
    finally:
        if made is not None:
            made.close()
        product.remove()


def read(catalog, name=("public", "trips")):
    return canonical_rows([tuple(row.values()) for row in catalog.load_table(name).scan().to_arrow().to_pylist()])


def table_of(*rows):
    return pyarrow.Table.from_pylist([dict(zip(ARROW.names, row)) for row in rows], ARROW)


@pytest.mark.shows("PyIceberg", "PostgreSQL's tables through the REST catalog",
                   "rows appended and deleted beside PostgreSQL's own, columns")
def test_pyiceberg_and_postgres_take_turns(shop):
    catalog = shop.catalog()
    assert catalog.list_namespaces() == [("public",)]
    assert catalog.list_tables("public") == [("public", "trips")]
    assert read(catalog) == []
    shop.execute("INSERT INTO trips VALUES (1, 'Ulm'), (2, 'Bonn')")
    assert read(catalog) == shop.rows() == [["1", "Ulm"], ["2", "Bonn"]]
    catalog.load_table(("public", "trips")).append(table_of((3, "Köln"), (4, "Bonn")))
    shop.execute("INSERT INTO trips VALUES (5, NULL)")
    catalog.load_table(("public", "trips")).delete(EqualTo("city", "Bonn"))
    expected = canonical_rows([(1, "Ulm"), (3, "Köln"), (5, None)])
    assert shop.rows() == expected
    assert read(catalog) == expected
    with catalog.load_table(("public", "trips")).update_schema() as update:
        update.add_column("note", StringType())
    shop.execute("INSERT INTO trips VALUES (6, 'Trier', 'new')")
    assert shop.execute("SELECT note FROM trips WHERE id = 6") == [("new",)]
    assert len(read(catalog)) == 4


def test_stale_commit_is_told(shop):
    shop.execute("INSERT INTO trips VALUES (1, 'Ulm')")
    stale = shop.catalog().load_table(("public", "trips"))
    with shop.catalog().load_table(("public", "trips")).update_schema() as update:
        update.add_column("a", IntegerType())
    with pytest.raises(CommitFailedException, match="Requirement failed"):
        with stale.update_schema() as update:
            update.add_column("b", IntegerType())
    assert shop.execute("SELECT * FROM trips") == [(1, "Ulm", None)]


def test_names_without_a_warehouse(shop):
    shop.execute("INSERT INTO trips VALUES (1, 'Ulm')")
    shop.execute('CREATE DATABASE "other.one"')
    catalog = shop.catalog(warehouse=None)
    assert {("shop.postgres",), ("shop.other.one",)} <= set(catalog.list_namespaces())
    assert catalog.list_namespaces(("shop.other.one",)) == [("shop.other.one", "public")]
    assert catalog.list_tables(("shop.other.one", "public")) == []
    assert catalog.list_tables(("shop.postgres", "public")) == [("shop.postgres", "public", "trips")]
    assert read(catalog, ("shop.postgres", "public", "trips")) == [["1", "Ulm"]]
    catalog.load_table(("shop.postgres", "public", "trips")).append(table_of((2, "Bonn")))
    assert shop.rows() == [["1", "Ulm"], ["2", "Bonn"]]
    for missing in (("shop.nothing", "public", "trips"), ("nothing.postgres", "public", "trips"),
                    ("shop.postgres", "public", "kept"), ("shop.postgres", "tarn", "tables")):
        with pytest.raises((NoSuchTableError, NoSuchNamespaceError)):
            catalog.load_table(missing)
    # Connections that the catalog keeps hold no database.
    shop.execute('DROP DATABASE "other.one"')


class Http:
    def __init__(self, shop):
        self._uri = shop.uri + "/v1"
        body = (f"grant_type=client_credentials&client_id=admin&client_secret={shop.product.password}"
                "&scope=catalog").encode()
        self._token = None
        self._token = self("POST", "/oauth/tokens", body)[1]["access_token"]

    def __call__(self, method, path, body=None):
        request = urllib.request.Request(self._uri + path, method=method,
                                         data=json.dumps(body).encode() if isinstance(body, dict) else body)
        if self._token:
            request.add_header("Authorization", f"Bearer {self._token}")
        try:
            with urllib.request.urlopen(request) as answer:
                text = answer.read()
                return answer.status, json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            text = error.read()
            return error.code, json.loads(text)["error"]["message"] if text else None


def test_what_postgres_does_itself_is_refused_with_words(shop):
    shop.execute("INSERT INTO trips VALUES (1, 'Ulm')")
    http = Http(shop)
    for method, path in (("POST", "/namespaces"), ("DELETE", "/namespaces/public"), ("POST", "/namespaces/public/tables"),
                         ("DELETE", "/namespaces/public/tables/trips?purgeRequested=true"),
                         ("POST", "/tables/rename"), ("POST", "/namespaces/public/views")):
        status, message = http(method, "/shop.postgres" + path, {})
        assert (status, "shop.postgres is a database of PostgreSQL" in message) == (406, True), (method, path, message)
    status, message = http("POST", "/shop.postgres/namespaces/public/tables/trips",
                           {"requirements": [{"type": "assert-create"}], "updates": []})
    assert (status, "USING iceberg" in message) == (406, True)
    for body in ({"updates": {}}, {"requirements": 1}, {"updates": [{"action": "no such"}], "requirements": []}):
        assert http("POST", "/shop.postgres/namespaces/public/tables/trips", body)[0] == 400, body
    assert shop.rows() == [["1", "Ulm"]]


def test_nothing_of_users_runs_as_somebody_else(shop):
    """Columns do not follow where PostgreSQL would call a function of the owner's, which could then be anybody's."""
    shop.execute("CREATE FUNCTION spy(bigint) RETURNS bool LANGUAGE plpgsql AS "
                 "$$ BEGIN RESET ROLE; INSERT INTO kept VALUES (0, current_user); RETURN true; END $$")
    shop.execute("CREATE TABLE checked (id int, city text, CHECK (spy(id))) USING iceberg")
    shop.execute("INSERT INTO checked VALUES (1, 'Ulm')")
    shop.execute("TRUNCATE kept")
    http = Http(shop)
    path = "/shop.postgres/namespaces/public/tables/checked"
    metadata = http("GET", path)[1]["metadata"]
    (schema,) = [each for each in metadata["schemas"] if each["schema-id"] == metadata["current-schema-id"]]
    schema["fields"][0]["type"] = "long"
    status, message = http("POST", path, {"requirements": [], "updates": [
        {"action": "add-schema", "schema": schema}, {"action": "set-current-schema", "schema-id": -1}]})
    assert (status, "Use ALTER TABLE in PostgreSQL" in message) == (406, True), message
    assert shop.rows("kept") == []
    shop.fsck("checked")


def test_rights_on_the_instance_decide(shop):
    shop.execute("INSERT INTO trips VALUES (1, 'Ulm')")
    with closing(shop.product.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE ROLE r")
        cursor.execute("CREATE USER u PASSWORD = 'Secret-1234' DEFAULT_ROLE = r")
        cursor.execute("GRANT ROLE r TO USER u")
        with pytest.raises(Exception, match="(?i)warehouse does not exist"):
            shop.catalog(user="u", password="Secret-1234")
        cursor.execute("GRANT USAGE ON POSTGRES INSTANCE shop TO ROLE r")
        catalog = shop.catalog(user="u", password="Secret-1234")
        assert read(catalog) == [["1", "Ulm"]]
        with pytest.raises(Exception, match="(?i)forbidden|privilege"):
            catalog.load_table(("public", "trips")).append(table_of((2, "Bonn")))
        cursor.execute("GRANT OPERATE ON POSTGRES INSTANCE shop TO ROLE r")
        catalog.load_table(("public", "trips")).append(table_of((2, "Bonn")))
    assert shop.rows() == [["1", "Ulm"], ["2", "Bonn"]]


def test_several_tables_in_one_transaction(shop):
    shop.execute("CREATE TABLE more (id bigint) USING iceberg")
    shop.execute("INSERT INTO trips VALUES (1, 'Ulm')")
    shop.execute("INSERT INTO more VALUES (1)")
    http = Http(shop)

    def changes(uuid):
        return {"table-changes": [
            {"identifier": {"namespace": ["public"], "name": name},
             "requirements": [{"type": "assert-table-uuid", "uuid": uuid}] if uuid and name == "more" else [],
             "updates": [{"action": "set-properties", "updates": {"seen": "yes"}}]} for name in ("trips", "more")]}

    def seen(name):
        return http("GET", f"/shop.postgres/namespaces/public/tables/{name}")[1]["metadata"]["properties"].get("seen")

    status, message = http("POST", "/shop.postgres/transactions/commit", changes("00000000-0000-0000-0000-000000000000"))
    assert status == 409, message
    assert (seen("trips"), seen("more")) == (None, None)
    assert http("POST", "/shop.postgres/transactions/commit", changes(None))[0] == 204
    assert (seen("trips"), seen("more")) == ("yes", "yes")
    shop.fsck("more")


def merge(spark, statement):
    """Again where PostgreSQL compacted the files meanwhile, in which Spark has found the rows, or has made so many
    commits that it no longer keeps the snapshot from which Spark began."""
    for _ in range(20):
        try:
            return spark.run("session.sql(statement)", statement=statement)
        except RuntimeError as error:
            if not any(reason in str(error) for reason in ("missing data files", "is not an ancestor")):
                raise
    raise AssertionError("overtaken twenty times")


@pytest.mark.shows("Spark 4.1", "PostgreSQL's tables through the REST catalog", "MERGE while PostgreSQL inserts")
def test_spark_merges_while_postgres_inserts(shop, tmp_path):
    shop.execute("INSERT INTO trips SELECT n, 'old' FROM generate_series(1, 100) n")
    shop.execute("INSERT INTO kept SELECT n, 'old' FROM generate_series(1, 100) n")
    spark = SparkReader(tmp_path, None, catalog={
        "type": "rest", "uri": shop.uri, "warehouse": "shop.postgres", "credential": f"admin:{shop.product.password}",
        "s3.endpoint": shop.gateway.endpoint, "s3.path-style-access": "true", "s3.access-key-id": ACCESS_KEY,
        "s3.secret-access-key": SECRET_KEY, "client.region": REGION})
    done = threading.Event()
    inserted = []

    def insert():
        with closing(shop.connect()) as connection, connection.cursor() as cursor:
            while not done.wait(0.4):
                cursor.execute("INSERT INTO trips VALUES (%s, 'own')", (10_000 + len(inserted),))
                inserted.append((10_000 + len(inserted), "own"))

    writer = threading.Thread(target=insert)
    try:
        spark.run("session.sql(\"ALTER TABLE c.public.trips SET TBLPROPERTIES ('write.merge.mode'='merge-on-read', "
                  "'write.merge.isolation-level'='snapshot', 'commit.retry.num-retries'='50')\")")
        writer.start()
        for turn in range(4):
            low = 20 * turn + 11
            merge(spark, (
                f"MERGE INTO c.public.trips t USING (SELECT explode(sequence({low}, {low + 14})) AS id) s ON t.id = s.id "
                f"WHEN MATCHED AND s.id % 3 = 0 THEN DELETE WHEN MATCHED THEN UPDATE SET city = 'turn {turn}' "))
            shop.execute("DELETE FROM kept WHERE id BETWEEN %s AND %s AND id %% 3 = 0", (low, low + 14))
            shop.execute("UPDATE kept SET city = %s WHERE id BETWEEN %s AND %s", (f"turn {turn}", low, low + 14))
    finally:
        done.set()
        writer.join(60) if writer.ident else None
        spark.stop()
    assert len(inserted) > 3
    for number, city in inserted:
        shop.execute("INSERT INTO kept VALUES (%s, %s)", (number, city))
    assert shop.rows() == shop.rows("kept")
    assert read(shop.catalog()) == shop.rows("kept")
