# SPDX-License-Identifier: Apache-2.0
"""PyIceberg, DuckDB and Spark write and read the same tables through the catalog; each row is compared, each table verified."""

import datetime
import decimal

import duckdb
import pyarrow
import pytest
from pyiceberg.catalog.rest import RestCatalog
from pyiceberg.exceptions import CommitFailedException, NoSuchTableError
from pyiceberg.expressions import EqualTo
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import BucketTransform
from pyiceberg.types import DateType, DecimalType, LongType, NestedField, StringType, TimestamptzType

from support.canonical import canonical_rows
from support.duckdb_reader import extension_file
from support.rest_server import PASSWORD, USER
from support.spark import SparkReader

pytestmark = [pytest.mark.slow]

SCHEMA = Schema(NestedField(1, "Id", LongType(), required=True), NestedField(2, "city", StringType()),
                NestedField(3, "price", DecimalType(12, 2)), NestedField(4, "day", DateType()),
                NestedField(5, "at", TimestamptzType()))
ARROW = pyarrow.schema([pyarrow.field("Id", pyarrow.int64(), nullable=False), pyarrow.field("city", pyarrow.string()),
                        pyarrow.field("price", pyarrow.decimal128(12, 2)), pyarrow.field("day", pyarrow.date32()),
                        pyarrow.field("at", pyarrow.timestamp("us", tz="UTC"))])


def row(number, city="Ulm"):
    return {"Id": number, "city": city, "price": decimal.Decimal(number) / 4, "day": datetime.date(2024, 2, 29),
            "at": datetime.datetime(2024, 3, 31, 1, 30, number % 60, tzinfo=datetime.timezone.utc)}


def expected(rows):
    return canonical_rows([tuple({**each, "price": each["price"].quantize(decimal.Decimal("0.01"))}.values())
                           for each in rows])


class PyIceberg:
    def __init__(self, rest):
        self.catalog = RestCatalog("tarn", uri=rest.uri, warehouse="LAKE", credential=f"{USER}:{PASSWORD}",
                                   **{"oauth2-server-uri": f"{rest.uri}/v1/oauth/tokens"})

    def append(self, name, rows):
        self.catalog.load_table(("s", name)).append(pyarrow.Table.from_pylist(rows, ARROW))

    def rows(self, name):
        table = self.catalog.load_table(("s", name)).scan().to_arrow()
        return canonical_rows([tuple(each[column] for column in ARROW.names) for each in table.to_pylist()])


class DuckDb:
    def __init__(self, rest):
        self.connection = duckdb.connect(config={"autoinstall_known_extensions": "false",
                                                 "autoload_known_extensions": "false"})
        for name in ("avro", "httpfs", "iceberg"):
            self.connection.execute(f"LOAD '{extension_file(name)}'")
        self.connection.execute("SET TimeZone = 'UTC'")
        self.connection.execute(f"CREATE SECRET (TYPE iceberg, CLIENT_ID '{USER}', CLIENT_SECRET '{PASSWORD}', "
                                f"OAUTH2_SERVER_URI '{rest.uri}/v1/oauth/tokens')")
        self.connection.execute(f"ATTACH 'LAKE' AS c (TYPE iceberg, ENDPOINT '{rest.uri}')")

    def append(self, name, rows):
        marks = ", ".join(["(?, ?, ?, ?, ?)"] * len(rows))
        self.connection.execute(f'INSERT INTO c.s."{name}" VALUES {marks}',
                                [value for each in rows for value in each.values()])

    def rows(self, name):
        return canonical_rows(self.connection.execute(f'SELECT "Id", city, price, day, "at" FROM c.s."{name}"').fetchall())


@pytest.fixture
def table(rest):
    """s.Trips, which PyIceberg made."""
    pyiceberg = PyIceberg(rest)
    pyiceberg.catalog.create_namespace("s", {"owner": "tests"})
    pyiceberg.catalog.create_table(("s", "Trips"), SCHEMA, partition_spec=PartitionSpec(
        PartitionField(1, 1000, BucketTransform(4), "id_bucket")))
    yield "Trips"
    rest.fsck(location_of(rest, "Trips"))


def location_of(rest, name):
    return rest.must("GET", f"/LAKE/namespaces/s/tables/{name}").json["metadata-location"]


@pytest.mark.shows("PyIceberg", "through the REST catalog", "rows appended and deleted, columns, renames")
def test_pyiceberg_writes_what_it_reads(rest, table):
    pyiceberg = PyIceberg(rest)
    assert pyiceberg.catalog.list_namespaces() == [("s",)]
    assert pyiceberg.catalog.load_namespace_properties("s")["owner"] == "tests"
    assert pyiceberg.catalog.list_tables("s") == [("s", "Trips")]
    rows = [row(number, "Ulm" if number % 2 else "Bonn") for number in range(20)]
    pyiceberg.append(table, rows[:12])
    pyiceberg.append(table, rows[12:])
    assert pyiceberg.rows(table) == expected(rows)
    loaded = pyiceberg.catalog.load_table(("s", table))
    loaded.delete(EqualTo("city", "Bonn"))
    left = [each for each in rows if each["city"] == "Ulm"]
    assert pyiceberg.rows(table) == expected(left)
    with loaded.update_schema() as update:
        update.add_column("note", StringType())
    assert [field.name for field in loaded.schema().fields][-1] == "note"
    pyiceberg.catalog.rename_table(("s", table), ("s", "trips again"))
    assert pyiceberg.rows("trips again") == expected(left)
    pyiceberg.catalog.rename_table(("s", "trips again"), ("s", table))
    with pytest.raises(NoSuchTableError):
        pyiceberg.catalog.load_table(("s", "TRIPS"))


def test_stale_commit_is_told(rest, table):
    pyiceberg = PyIceberg(rest)
    pyiceberg.append(table, [row(1)])
    stale, newest = (pyiceberg.catalog.load_table(("s", table)) for _ in range(2))
    with newest.update_schema() as update:
        update.add_column("a", StringType())
    with pytest.raises(CommitFailedException, match="current schema changed"):
        with stale.update_schema() as update:
            update.add_column("b", StringType())
    fields = pyiceberg.catalog.load_table(("s", table)).schema().fields
    assert [field.name for field in fields] == [*ARROW.names, "a"]
    assert pyiceberg.rows(table) == expected([row(1)])


@pytest.mark.interop
@pytest.mark.shows("DuckDB", "through the REST catalog", "rows read and appended, in turns with PyIceberg")
def test_duckdb_and_pyiceberg_take_turns(rest, table):
    rest.passed_over = {"avro-record-name"}  # DuckDB's
    pyiceberg, duck = PyIceberg(rest), DuckDb(rest)
    rows = []
    for turn in range(3):
        for writer in (pyiceberg, duck):
            more = [row(100 * turn + number, f"city {turn}") for number in range(3)]
            writer.append(table, more)
            rows += more
    assert pyiceberg.rows(table) == expected(rows)
    assert duck.rows(table) == expected(rows)


@pytest.mark.interop
@pytest.mark.shows("Spark", "through the REST catalog", "INSERT, UPDATE, DELETE, CREATE TABLE AS, views")
def test_spark_changes_rows_that_others_read(rest, table, tmp_path):
    pyiceberg, duck = PyIceberg(rest), DuckDb(rest)
    spark = SparkReader(tmp_path, None, catalog={
        "type": "rest", "uri": rest.uri, "warehouse": "LAKE", "credential": f"{USER}:{PASSWORD}"})
    try:
        rows = [row(number, "Ulm" if number % 3 else "Bonn") for number in range(30)]
        pyiceberg.append(table, rows)
        spark.run("""
session.sql("ALTER TABLE c.s.Trips SET TBLPROPERTIES ('write.delete.mode'='merge-on-read')")
session.sql("DELETE FROM c.s.Trips WHERE Id = 5")
session.sql("UPDATE c.s.Trips SET city = 'Köln' WHERE city = 'Bonn' AND Id < 10")
session.sql("INSERT INTO c.s.Trips SELECT Id + 1000, city, price, day, at FROM c.s.Trips WHERE Id < 3")
""")
        left = [dict(each) for each in rows if each["Id"] != 5]
        for each in left:
            if each["city"] == "Bonn" and each["Id"] < 10:
                each["city"] = "Köln"
        left += [{**each, "Id": each["Id"] + 1000} for each in left if each["Id"] < 3]
        assert spark.query({}, "SELECT Id, city, price, day, at FROM c.s.Trips") == expected(left)
        assert pyiceberg.rows(table) == expected(left)
        assert duck.rows(table) == expected(left)
        # A table of Spark's own, by CTAS: staged, then committed whole.
        spark.run("session.sql('CREATE TABLE c.s.copied USING iceberg AS SELECT * FROM c.s.Trips WHERE Id >= 1000')")
        copied = expected([each for each in left if each["Id"] >= 1000])
        assert pyiceberg.rows("copied") == copied
        spark.run("session.sql('CREATE VIEW c.s.few AS SELECT Id, city FROM c.s.Trips WHERE Id < 2')")
        assert spark.query({}, "SELECT * FROM c.s.few") == [["0", "Köln"], ["1", "Ulm"]]
        rest.fsck(location_of(rest, "copied"))
        spark.run("session.sql('DROP TABLE c.s.copied PURGE')")
    finally:
        spark.stop()
    with pytest.raises(NoSuchTableError):
        pyiceberg.catalog.load_table(("s", "copied"))


def test_killed_server_has_all_that_it_answered(rest, table):
    pyiceberg = PyIceberg(rest)
    rows = []
    for number in range(5):
        pyiceberg.append(table, [row(number)])
        rows.append(row(number))
        rest.restart()
    assert pyiceberg.rows(table) == expected(rows)
