# SPDX-License-Identifier: Apache-2.0
"""Trino reads and writes the same tables as the warehouse, PostgreSQL and PyIceberg, through the catalog. Values are told by
this file, or by another program; each table is verified when its test is over."""

import datetime
import decimal
import itertools
import os
import threading
import uuid
from contextlib import closing

import pyarrow
import pytest
from pyiceberg.catalog.rest import RestCatalog
from pyiceberg.exceptions import NoSuchTableError
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import BucketTransform, DayTransform, IdentityTransform, TruncateTransform
from pyiceberg.types import (DateType, DecimalType, IntegerType, ListType, LongType, MapType, NestedField, StringType, StructType,
                             TimestamptzType)

from support.canonical import canonical_rows
from support.managed_instance import ManagedInstance
from support.product import Product
from support.s3_gateway import ACCESS_KEY, REGION, SECRET_KEY, S3Gateway
from support.trino import Trino, TrinoError

pytestmark = [pytest.mark.interop, pytest.mark.slow]

UTC = datetime.timezone.utc
DAY = datetime.date(2024, 2, 29)


class Lake:
    """A running product with a managed PostgreSQL, whose buckets are served as S3, and a Trino beside it."""

    def __init__(self, installation, scratch):
        self.product = Product(installation).up()
        self._made = []
        self._numbers = itertools.count(1)
        try:
            self.postgres = self._closing(ManagedInstance(self.product), "close")
            self.gateway = self._closing(S3Gateway(self.product.buckets, scratch / "versitygw.log"), "stop")
            self.trino = self._closing(Trino(), "stop")
        except BaseException:
            self.remove()
            raise
        self.uri = self.product.http["url"] + "/iceberg"

    def _closing(self, thing, method):
        self._made.append(getattr(thing, method))
        return thing

    def next_name(self):
        return f"t{next(self._numbers)}"

    def trino_catalog(self, name, warehouse, user="admin", password=None):
        """What docs/use/rest-catalog.md tells users to write."""
        self.trino.create_catalog(name, {
            "iceberg.catalog.type": "rest",
            "iceberg.rest-catalog.uri": self.uri,
            "iceberg.rest-catalog.warehouse": warehouse,
            "iceberg.rest-catalog.security": "OAUTH2",
            "iceberg.rest-catalog.oauth2.credential": f"{user}:{password or self.product.password}",
            "iceberg.rest-catalog.oauth2.server-uri": f"{self.uri}/v1/oauth/tokens",
            "iceberg.rest-catalog.case-insensitive-name-matching": "true",
            "fs.native-local.enabled": "true",
            "local.location": "/",
            "fs.native-s3.enabled": "true",
            "s3.endpoint": self.gateway.endpoint,
            "s3.region": REGION,
            "s3.path-style-access": "true",
            "s3.aws-access-key": ACCESS_KEY,
            "s3.aws-secret-key": SECRET_KEY,
        })

    def run_trino(self, catalog, statements):
        """What the last one gives. Again where somebody else, such as a compaction, overtook it: nothing has happened then."""
        for statement in statements:
            for _ in range(30):
                try:
                    last = self.trino.run(statement, catalog, "public")
                    break
                except TrinoError as error:
                    if error.name != "ICEBERG_COMMIT_ERROR":
                        raise
            else:
                raise AssertionError(f"overtaken thirty times: {statement}")
        return last

    def pyiceberg(self, warehouse, **properties):
        return RestCatalog("tarn", uri=self.uri, warehouse=warehouse, credential=f"admin:{self.product.password}",
                           **{"oauth2-server-uri": f"{self.uri}/v1/oauth/tokens", **properties})

    def pyiceberg_on_postgres(self):
        return self.pyiceberg("shop.postgres", buckets=str(self.product.buckets),
                              **{"py-io-impl": "support.pyiceberg_writer.BucketFileIO"})

    def remove(self):
        for close in reversed(self._made):
            close()
        self.product.remove()


class Database:
    """One of the warehouse, and the catalog of the same name that Trino has on it."""

    def __init__(self, lake):
        self.lake = lake
        self.name = lake.next_name()
        self._connection = lake.product.connect()
        self.sql(f"CREATE DATABASE {self.name}", f"USE DATABASE {self.name}")
        lake.trino_catalog(self.name, self.name.upper())
        self.pyiceberg = lake.pyiceberg(self.name.upper())

    def connect(self):
        connection = self.lake.product.connect()
        with connection.cursor() as cursor:
            cursor.execute(f"USE DATABASE {self.name}")
        return connection

    def sql(self, *statements):
        """The rows of the last one, in the warehouse."""
        with self._connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchall() if cursor.description else None

    def trino(self, *statements):
        return self.lake.run_trino(self.name, statements)

    def pyiceberg_rows(self, table, namespace="PUBLIC"):
        return rows_of(self.pyiceberg.load_table((namespace, table)))

    def all_equal(self, table, expected):
        """A table of Trino's, by all who can read it."""
        expected = canonical_rows(expected)
        assert canonical_rows(self.trino(f"SELECT * FROM {table}")) == expected
        assert self.pyiceberg_rows(table) == expected
        assert canonical_rows(self.sql(f'SELECT * FROM public."{table}"')) == expected

    def fsck(self):
        for namespace in self.pyiceberg.list_namespaces():
            for identifier in self.pyiceberg.list_tables(namespace):
                self.lake.product.fsck(self.pyiceberg.load_table(identifier).metadata_location)

    def close(self):
        self._connection.close()


def rows_of(table):
    return canonical_rows([tuple(row.values()) for row in table.scan().to_arrow().to_pylist()])


@pytest.fixture(scope="module")
def lake(installation, tmp_path_factory):
    if os.environ.get("TARN_SKIP_INTEROP"):
        pytest.skip("TARN_SKIP_INTEROP is set: no outside readers")
    made = Lake(installation, tmp_path_factory.mktemp("trino"))
    yield made
    made.remove()


@pytest.fixture
def database(lake):
    made = Database(lake)
    yield made
    made.fsck()
    made.close()


# (column, SQL's type, two values as SQL writes them, what Trino reads)
TYPES = [
    ("c_number", "NUMBER(38, 0)", ["12345678901234567890123456789012345678", "-1"],
     [decimal.Decimal("12345678901234567890123456789012345678"), decimal.Decimal(-1)]),
    ("c_integer", "INT", ["-9223372036854775808", "0"], [decimal.Decimal(-9223372036854775808), decimal.Decimal(0)]),
    ("c_decimal", "NUMBER(12, 2)", ["1234567890.12", "-0.01"], [decimal.Decimal("1234567890.12"), decimal.Decimal("-0.01")]),
    ("c_small", "NUMBER(4, 1)", ["999.9", "-999.9"], [decimal.Decimal("999.9"), decimal.Decimal("-999.9")]),
    ("c_float", "FLOAT", ["0.1", "-1.7976931348623157e308"], [0.1, -1.7976931348623157e308]),
    ("c_text", "VARCHAR", ["'Ärger 漢字 🦆'", "''"], ["Ärger 漢字 🦆", ""]),
    ("c_limited", "VARCHAR(3)", ["'abc'", "'x'"], ["abc", "x"]),
    ("c_binary", "BINARY", ["TO_BINARY('00ff10', 'HEX')", "TO_BINARY('', 'HEX')"], [b"\x00\xff\x10", b""]),
    ("c_boolean", "BOOLEAN", ["TRUE", "FALSE"], [True, False]),
    ("c_date", "DATE", ["'1969-12-31'", "'2024-02-29'"], [datetime.date(1969, 12, 31), DAY]),
    ("c_time", "TIME", ["'00:00:00'", "'23:59:59.999999'"], [datetime.time(), datetime.time(23, 59, 59, 999999)]),
    ("c_ntz", "TIMESTAMP_NTZ", ["'1969-12-31 23:59:59.999999'", "'2262-04-12 00:00:00'"],
     [datetime.datetime(1969, 12, 31, 23, 59, 59, 999999), datetime.datetime(2262, 4, 12)]),
    ("c_ltz", "TIMESTAMP_LTZ", ["'2024-03-31 02:30:00 +0100'", "'1900-01-01 00:00:00 +0000'"],
     [datetime.datetime(2024, 3, 31, 1, 30, tzinfo=UTC), datetime.datetime(1900, 1, 1, tzinfo=UTC)]),
    ("c_tz", "TIMESTAMP_TZ", ["'2024-03-31 02:30:00.25 +0100'", "'1970-01-01 00:00:00 -0330'"],
     [{"seconds": 1711848600, "nanoseconds": 250000000, "offset": 60}, {"seconds": 12600, "nanoseconds": 0, "offset": -210}]),
    ("c_variant", "VARIANT", ["PARSE_JSON('{\"a\": [1, null]}')", "TO_VARIANT('x')"], ['{"a":[1,null]}', '"x"']),
    ("c_object", "OBJECT", ["OBJECT_CONSTRUCT('k', 1)", "OBJECT_CONSTRUCT()"], ['{"k":1}', "{}"]),
    ("c_array", "ARRAY", ["ARRAY_CONSTRUCT(1, 'x')", "ARRAY_CONSTRUCT()"], ['[1,"x"]', "[]"]),
]


@pytest.mark.shows("Trino 476", "through the REST catalog", "every type of the warehouse's SQL")
@pytest.mark.parametrize("version", [2, 3])
def test_trino_reads_every_type_of_sql(database, version):
    # Each value with what tells the row, which Trino looks for by the files' metrics.
    columns = ", ".join(f"{name} {kind}" for name, kind, _, _ in TYPES)
    tracking = " CHANGE_TRACKING = TRUE" if version == 3 else ""
    database.sql(f"CREATE TABLE every (id INT, {columns}){tracking}",
                 *(f"INSERT INTO every SELECT {row}, {', '.join(written[row] for _, _, written, _ in TYPES)}" for row in (0, 1)),
                 "INSERT INTO every (id) VALUES (2)")
    assert database.pyiceberg.load_table(("PUBLIC", "EVERY")).format_version == version
    expected = [(decimal.Decimal(row), *(read[row] for _, _, _, read in TYPES)) for row in (0, 1)]
    expected.append((decimal.Decimal(2), *([None] * len(TYPES))))
    assert canonical_rows(database.trino("SELECT * FROM every")) == canonical_rows(expected)
    assert database.trino("SELECT id FROM every WHERE c_date = DATE '2024-02-29' AND c_text = '' AND c_small < 0 "
                          "AND c_ntz > TIMESTAMP '2262-01-01 00:00:00'") == [(1,)]
    assert database.trino("SELECT id FROM every WHERE c_ltz = TIMESTAMP '2024-03-31 03:30:00 Europe/Berlin' "
                          "AND json_extract_scalar(c_variant, '$.a[0]') = '1'") == [(0,)]
    assert database.trino("SELECT count(*) FROM every WHERE c_limited IS NULL") == [(1,)]


def test_rows_that_trino_cannot_see_are_refused(database):
    """476 knows no deletion vectors: it must not show rows that are deleted."""
    database.sql("CREATE TABLE t (id INT) CHANGE_TRACKING = TRUE", "ALTER TABLE t SET ENABLE_DATA_COMPACTION = FALSE",
                 "INSERT INTO t VALUES (1), (2)")
    assert database.trino("INSERT INTO t VALUES (3)") == 1
    with pytest.raises(TrinoError, match="Must use DVs for position deletes"):
        database.trino("DELETE FROM t WHERE id = 3")
    assert database.sql("SELECT COUNT(*), SUM(id) FROM t") == [(3, 6)]
    database.sql("DELETE FROM t WHERE id = 2")
    with pytest.raises(TrinoError, match="Unexpected PUFFIN file format"):
        database.trino("SELECT * FROM t")
    assert database.pyiceberg_rows("T") == [["1"], ["3"]]


@pytest.mark.shows("Trino 476", "through the REST catalog", "tables that the warehouse changes by UPDATE, DELETE and ALTER TABLE")
def test_trino_follows_what_the_warehouse_does(database):
    database.sql("CREATE TABLE t (id INT, city VARCHAR)",
                 "INSERT INTO t SELECT SEQ4(), 'old' FROM TABLE(GENERATOR(ROWCOUNT => 1000))")
    ((first,),) = database.trino('SELECT snapshot_id FROM "t$snapshots" ORDER BY committed_at DESC LIMIT 1')
    database.sql("DELETE FROM t WHERE id >= 20")
    expected = {number: "old" for number in range(20)}
    assert database.trino("SELECT count(*), sum(id) FROM t") == [(20, 190)]
    assert database.trino('SELECT count(*) > 0 FROM "t$manifests"') == [(True,)]
    database.sql("UPDATE t SET city = 'new' WHERE id < 5", "DELETE FROM t WHERE id = 7")
    expected.update({number: "new" for number in range(5)})
    del expected[7]
    assert canonical_rows(database.trino("SELECT id, city FROM t")) == canonical_rows(expected.items())
    assert canonical_rows(database.sql("SELECT id, city FROM t")) == canonical_rows(expected.items())
    database.sql("ALTER TABLE t ADD COLUMN note VARCHAR", "ALTER TABLE t RENAME COLUMN city TO town",
                 "INSERT INTO t VALUES (100, 'Ulm', 'last')", "ALTER TABLE t DROP COLUMN id")
    assert database.trino("SELECT town, note FROM t WHERE note IS NOT NULL") == [("Ulm", "last")]
    assert [row[0] for row in database.trino("DESCRIBE t")] == ["town", "note"]
    assert database.trino(f"SELECT count(*) FROM t FOR VERSION AS OF {first}") == [(1000,)]
    database.sql("TRUNCATE TABLE t")
    assert database.trino("SELECT * FROM t") == []


ROWS = [(number, "Ulm" if number % 3 else None, decimal.Decimal(number) / 4, DAY + datetime.timedelta(number % 5),
         datetime.datetime(2024, 3, 31, 1, 30, number % 60, tzinfo=UTC)) for number in range(200)]
ROWS = [(*row[:2], row[2].quantize(decimal.Decimal("0.01")), *row[3:]) for row in ROWS]
SCHEMA = Schema(NestedField(1, "id", LongType(), required=True), NestedField(2, "city", StringType()),
                NestedField(3, "price", DecimalType(12, 2)), NestedField(4, "day", DateType()),
                NestedField(5, "at", TimestamptzType()))
ARROW = pyarrow.schema([pyarrow.field("id", pyarrow.int64(), nullable=False), pyarrow.field("city", pyarrow.string()),
                        pyarrow.field("price", pyarrow.decimal128(12, 2)), pyarrow.field("day", pyarrow.date32()),
                        pyarrow.field("at", pyarrow.timestamp("us", tz="UTC"))])


def arrow(rows, schema=ARROW):
    return pyarrow.Table.from_pylist([dict(zip(schema.names, row)) for row in rows], schema)


@pytest.mark.shows("Trino 476", "through the REST catalog", "tables that PyIceberg made: partitions, nested values, their history")
def test_trino_reads_what_pyiceberg_wrote(database):
    partitions = PartitionSpec(PartitionField(1, 1000, BucketTransform(4), "id_bucket"),
                               PartitionField(2, 1001, TruncateTransform(2), "city_part"),
                               PartitionField(4, 1002, IdentityTransform(), "day"),
                               PartitionField(5, 1003, DayTransform(), "at_day"))
    table = database.pyiceberg.create_table(("PUBLIC", "trips"), SCHEMA, partition_spec=partitions)
    table.append(arrow(ROWS[:150]))
    table.append(arrow(ROWS[150:]))
    assert canonical_rows(database.trino("SELECT * FROM trips")) == canonical_rows(ROWS)
    assert sorted(database.trino("SELECT id FROM trips WHERE city = 'Ulm' AND day = DATE '2024-02-29' "
                                 "AND id BETWEEN 150 AND 160")) == [(155,), (160,)]
    table.delete("id >= 100")
    assert canonical_rows(database.trino("SELECT * FROM trips")) == canonical_rows(ROWS[:100])
    assert database.trino('SELECT operation FROM "trips$snapshots" ORDER BY committed_at') == [
        (each.summary.operation.value,) for each in table.refresh().snapshots()]
    assert database.trino('SELECT sum(record_count) FROM "trips$files"') == [(100,)]
    nested = Schema(NestedField(1, "n", IntegerType()),
                    NestedField(2, "list", ListType(5, LongType(), element_required=False)),
                    NestedField(3, "map", MapType(6, StringType(), 7, LongType(), value_required=False)),
                    NestedField(4, "struct", StructType(NestedField(8, "a", LongType()), NestedField(9, "b", StringType()))))
    rows = [{"n": 1, "list": [1, None], "map": [("k", 2)], "struct": {"a": 3, "b": "x"}},
            {"n": 2, "list": [], "map": [], "struct": {"a": None, "b": None}},
            {"n": 3, "list": None, "map": None, "struct": None}]
    table = database.pyiceberg.create_table(("PUBLIC", "nested"), nested)
    table.append(pyarrow.Table.from_pylist(rows, table.schema().as_arrow()))
    expected = [(row["n"], row["list"], None if row["map"] is None else dict(row["map"]), row["struct"]) for row in rows]
    assert canonical_rows(database.trino('SELECT n, "list", "map", "struct" FROM nested')) == canonical_rows(expected)


@pytest.mark.shows("Trino 476", "through the REST catalog", "INSERT, UPDATE, DELETE, MERGE, TRUNCATE, OPTIMIZE, partitions or not")
@pytest.mark.parametrize("partitioning", [
    "", "WITH (partitioning = ARRAY['bucket(id, 3)', 'month(day)'], sorted_by = ARRAY['id'])"], ids=["plain", "partitioned"])
def test_others_read_what_trino_changes(database, partitioning):
    database.trino(f"CREATE TABLE trips (id bigint NOT NULL, city varchar, price decimal(12, 2), day date) {partitioning}")
    assert database.trino("INSERT INTO trips SELECT n, 'Ulm', n / decimal '4.00', date '2024-01-31' + interval '1' day * (n % 60) "
                          "FROM UNNEST(sequence(0, 99)) AS t(n)") == 100
    expected = {number: [number, "Ulm", (decimal.Decimal(number) / 4).quantize(decimal.Decimal("0.01")),
                         datetime.date(2024, 1, 31) + datetime.timedelta(number % 60)] for number in range(100)}
    database.all_equal("trips", expected.values())
    assert database.trino("UPDATE trips SET city = 'Köln', price = price + 1 WHERE id % 10 = 3") == 10
    for number in range(3, 100, 10):
        expected[number][1:3] = ["Köln", expected[number][2] + 1]
    database.all_equal("trips", expected.values())
    assert database.trino("DELETE FROM trips WHERE id >= 90") == 10
    expected = {number: row for number, row in expected.items() if number < 90}
    database.all_equal("trips", expected.values())
    assert database.trino(
        "MERGE INTO trips t USING (VALUES (1, 'gone'), (3, 'merged'), (500, 'new')) s(id, word) ON t.id = s.id "
        "WHEN MATCHED AND word = 'gone' THEN DELETE WHEN MATCHED THEN UPDATE SET city = word "
        "WHEN NOT MATCHED THEN INSERT VALUES (s.id, word, NULL, DATE '2024-05-01')") == 3
    del expected[1]
    expected[3][1] = "merged"
    expected[500] = [500, "new", None, datetime.date(2024, 5, 1)]
    database.all_equal("trips", expected.values())
    # The warehouse changes rows beside Trino's deletes, in Trino's partitions.
    database.sql("UPDATE public.\"trips\" SET city = 'Trier' WHERE id < 10",
                 "DELETE FROM public.\"trips\" WHERE id BETWEEN 40 AND 49",
                 "INSERT INTO public.\"trips\" VALUES (600, 'Bonn', 1.5, '2024-06-01')")
    for number in range(10):
        if number in expected:
            expected[number][1] = "Trier"
    expected = {number: row for number, row in expected.items() if not 40 <= number < 50}
    expected[600] = [600, "Bonn", decimal.Decimal("1.50"), datetime.date(2024, 6, 1)]
    database.all_equal("trips", expected.values())
    database.fsck()
    database.trino("ALTER TABLE trips EXECUTE optimize")
    assert database.trino('SELECT count(*) FROM "trips$files" WHERE content <> 0') == [(0,)]
    database.all_equal("trips", expected.values())
    database.trino("ANALYZE trips")
    assert database.trino("SHOW STATS FOR trips")[0][2] == pytest.approx(len(expected), abs=2)
    database.trino("TRUNCATE TABLE trips")
    database.all_equal("trips", [])


@pytest.mark.shows("Trino 476", "through the REST catalog",
                   "CREATE TABLE AS, columns added, renamed, dropped and widened, tables renamed, replaced and dropped")
def test_others_follow_the_ddl_of_trino(database):
    database.trino("CREATE SCHEMA more", "CREATE TABLE more.copied WITH (partitioning = ARRAY['city']) AS "
                   "SELECT * FROM (VALUES (1, 'Ulm', real '1.5'), (2, 'Bonn', NULL)) AS t(id, city, part)")
    assert database.pyiceberg_rows("copied", "more") == canonical_rows([(1, "Ulm", 1.5), (2, "Bonn", None)])
    assert canonical_rows(database.sql('SELECT * FROM "more"."copied"')) == canonical_rows([(1, "Ulm", 1.5), (2, "Bonn", None)])
    database.trino("ALTER TABLE more.copied ADD COLUMN note varchar", "ALTER TABLE more.copied RENAME COLUMN part TO share",
                   "ALTER TABLE more.copied ALTER COLUMN id SET DATA TYPE bigint",
                   "ALTER TABLE more.copied ALTER COLUMN share SET DATA TYPE double",
                   "COMMENT ON TABLE more.copied IS 'of Trino'", "COMMENT ON COLUMN more.copied.note IS 'a note'",
                   "INSERT INTO more.copied VALUES (3000000000, 'Ulm', 0.1, 'new')")
    expected = [(1, "Ulm", 1.5, None), (2, "Bonn", None, None), (3000000000, "Ulm", 0.1, "new")]
    assert database.pyiceberg_rows("copied", "more") == canonical_rows(expected)
    assert canonical_rows(database.trino("SELECT id, city, share, note FROM more.copied")) == canonical_rows(expected)
    assert canonical_rows(database.sql('SELECT id, city, share, note FROM "more"."copied"')) == canonical_rows(expected)
    database.trino("ALTER TABLE more.copied DROP COLUMN share",
                   "ALTER TABLE more.copied SET PROPERTIES partitioning = ARRAY['truncate(note, 1)']",
                   "INSERT INTO more.copied VALUES (4, 'Köln', 'old')", "ALTER TABLE more.copied RENAME TO public.moved")
    expected = [(row[0], row[1], row[3]) for row in expected] + [(4, "Köln", "old")]
    database.all_equal("moved", expected)
    assert database.trino("SHOW TABLES FROM more") == []
    database.trino("CREATE TABLE other AS SELECT id, city FROM moved",
                   "CREATE OR REPLACE TABLE other AS SELECT city AS town, id FROM other WHERE id > 2")
    database.all_equal("other", [("Ulm", 3000000000), ("Köln", 4)])
    with pytest.raises(TrinoError, match="TABLE_ALREADY_EXISTS"):
        database.trino("CREATE TABLE moved (a int)")
    database.fsck()
    database.trino("DROP TABLE moved", "DROP SCHEMA more")
    with pytest.raises(NoSuchTableError):
        database.pyiceberg.load_table(("PUBLIC", "moved"))
    with pytest.raises(TrinoError, match="TABLE_NOT_FOUND"):
        database.trino("SELECT * FROM moved")


# (Trino's type, two values as Trino writes them, what others read)
WRITTEN = [
    ("boolean", ["true", "false"], [True, False]),
    ("integer", ["-2147483648", "2147483647"], [-2147483648, 2147483647]),
    ("bigint", ["-9223372036854775808", "9223372036854775807"], [-9223372036854775808, 9223372036854775807]),
    ("real", ["real '1.5'", "real '-0.25'"], [1.5, -0.25]),
    ("double", ["0.1e0", "-1.7976931348623157e308"], [0.1, -1.7976931348623157e308]),
    ("decimal(5, 2)", ["999.99", "-0.01"], [decimal.Decimal("999.99"), decimal.Decimal("-0.01")]),
    ("decimal(38, 10)", ["1234567890123456789012345678.0123456789", "-1"],
     [decimal.Decimal("1234567890123456789012345678.0123456789"), decimal.Decimal("-1.0000000000")]),
    ("varchar", ["'Ärger 漢字 🦆'", "''"], ["Ärger 漢字 🦆", ""]),
    ("varbinary", ["X'00ff10'", "X''"], [b"\x00\xff\x10", b""]),
    ("date", ["date '1969-12-31'", "date '2024-02-29'"], [datetime.date(1969, 12, 31), DAY]),
    ("time(6)", ["time '00:00:00'", "time '23:59:59.999999'"], [datetime.time(), datetime.time(23, 59, 59, 999999)]),
    ("timestamp(6)", ["timestamp '1969-12-31 23:59:59.999999'", "timestamp '2262-04-12 00:00:00'"],
     [datetime.datetime(1969, 12, 31, 23, 59, 59, 999999), datetime.datetime(2262, 4, 12)]),
    ("timestamp(6) with time zone", ["timestamp '2024-03-31 02:30:00 +01:00'", "timestamp '1900-01-01 00:00:00 UTC'"],
     [datetime.datetime(2024, 3, 31, 1, 30, tzinfo=UTC), datetime.datetime(1900, 1, 1, tzinfo=UTC)]),
    ("uuid", ["uuid '00112233-4455-6677-8899-aabbccddeeff'", "uuid 'ffffffff-ffff-ffff-ffff-ffffffffffff'"],
     [uuid.UUID("00112233-4455-6677-8899-aabbccddeeff"), uuid.UUID("ffffffff-ffff-ffff-ffff-ffffffffffff")]),
]
NESTED = [
    ("array(integer)", ["ARRAY[1, NULL]", "ARRAY[]"], [[1, None], []]),
    ("map(varchar, bigint)", ["MAP(ARRAY['k'], ARRAY[2])", "MAP()"], [{"k": 2}, {}]),
    ("row(a bigint, b varchar)", ["ROW(3, 'x')", "ROW(NULL, NULL)"], [{"a": 3, "b": "x"}, {"a": None, "b": None}]),
]


@pytest.mark.shows("Trino 476", "through the REST catalog", "every type that it writes, in Parquet")
def test_others_read_every_type_of_trino(database):
    kinds = WRITTEN + NESTED
    columns = ", ".join(f"c{number} {kind}" for number, (kind, _, _) in enumerate(kinds))
    database.trino(f"CREATE TABLE every (id integer, {columns})",
                   *(f"INSERT INTO every VALUES ({row}, {', '.join(written[row] for _, written, _ in kinds)})" for row in (0, 1)),
                   "INSERT INTO every (id) VALUES (2)")
    expected = canonical_rows([*((row, *(read[row] for _, _, read in kinds)) for row in (0, 1)), (2, *([None] * len(kinds)))])
    assert canonical_rows(database.trino("SELECT * FROM every")) == expected
    found = database.pyiceberg.load_table(("PUBLIC", "every")).scan().to_arrow().to_pylist(maps_as_pydicts="strict")
    assert canonical_rows([tuple(row.values()) for row in found]) == expected
    plain = ", ".join(["id", *(f"c{number}" for number in range(len(WRITTEN)))])
    assert canonical_rows(database.sql(f'SELECT {plain} FROM public."every"')) == [row[:len(WRITTEN) + 1] for row in expected]


@pytest.mark.shows("Trino 476", "through the REST catalog", "views of its own")
def test_views_of_trino(database):
    """In a schema with a name in small letters: Trino reads no view whose schema has another."""
    database.sql("CREATE TABLE t (id INT, city VARCHAR)", "INSERT INTO t VALUES (1, 'Ulm'), (2, 'Bonn')")
    database.trino("CREATE SCHEMA views",
                   "CREATE VIEW views.few COMMENT 'a view' AS SELECT id, upper(city) AS city FROM public.t WHERE id < 2")
    assert database.trino("SELECT * FROM views.few") == [(1, "ULM")]
    assert database.pyiceberg.list_views("views") == [("views", "few")]
    database.trino("CREATE OR REPLACE VIEW views.few AS SELECT id FROM public.t WHERE id > 1")
    assert database.trino("SELECT * FROM views.few") == [(2,)]
    assert database.trino("SELECT table_name FROM information_schema.views WHERE table_schema = 'views'") == [("few",)]
    database.trino("ALTER VIEW views.few RENAME TO views.less")
    assert database.trino("SELECT * FROM views.less") == [(2,)]
    database.trino("DROP VIEW views.less")
    assert database.trino("SHOW TABLES FROM views") == []


@pytest.mark.shows("Trino 476", "through the REST catalog", "INSERT, UPDATE and DELETE while the warehouse does the same")
def test_trino_and_the_warehouse_at_once(database):
    database.sql("CREATE TABLE t (id INT, city VARCHAR)",
                 "INSERT INTO t SELECT SEQ4(), 'old' FROM TABLE(GENERATOR(ROWCOUNT => 200))")
    expected = {number: "old" for number in range(200)}
    done, failures, inserted = threading.Event(), [], []

    def warehouse():
        """Inserts, changes rows below 100, deletes of those from 100 to 149."""
        try:
            with closing(database.connect()) as connection, connection.cursor() as cursor:
                for turn in itertools.count():
                    if done.wait(0.2):
                        break
                    cursor.execute(f"INSERT INTO t VALUES ({10000 + turn}, 'own')")
                    inserted.append(10000 + turn)
                    if turn < 10:
                        cursor.execute(f"UPDATE t SET city = 'warehouse {turn}' WHERE id BETWEEN {turn * 10} AND {turn * 10 + 9}")
                        cursor.execute(f"DELETE FROM t WHERE id BETWEEN {100 + turn * 5} AND {100 + turn * 5 + 4}")
        except Exception as error:  # pylint: disable=broad-except
            failures.append(error)

    other = threading.Thread(target=warehouse)
    other.start()
    try:
        for turn in range(5):
            database.trino(f"INSERT INTO t VALUES ({20000 + turn}, 'trino')")
            expected[20000 + turn] = "trino"
            low = 150 + turn * 10
            database.trino(f"UPDATE t SET city = 'trino {turn}' WHERE id BETWEEN {low} AND {low + 4}")
            database.trino(f"DELETE FROM t WHERE id BETWEEN {low + 5} AND {low + 9}")
            expected.update({number: f"trino {turn}" for number in range(low, low + 5)})
            for number in range(low + 5, low + 10):
                del expected[number]
    finally:
        while other.is_alive() and len(inserted) < 10:
            other.join(0.1)
        done.set()
        other.join(60)
    assert failures == []
    expected.update({number: "own" for number in inserted})
    expected.update({number: f"warehouse {number // 10}" for number in range(100)})
    for number in range(100, 150):
        del expected[number]
    assert canonical_rows(database.sql("SELECT * FROM t")) == canonical_rows(expected.items())
    assert canonical_rows(database.trino("SELECT * FROM t")) == canonical_rows(expected.items())
    assert database.pyiceberg_rows("T") == canonical_rows(expected.items())


def test_rights_are_told(database):
    database.sql("CREATE TABLE t (id INT)", "INSERT INTO t VALUES (1)", "CREATE ROLE IF NOT EXISTS trino_reader",
                 "CREATE USER IF NOT EXISTS trino PASSWORD = 'Secret-1234' DEFAULT_ROLE = trino_reader",
                 "GRANT ROLE trino_reader TO USER trino", f"GRANT USAGE ON DATABASE {database.name} TO ROLE trino_reader",
                 f"GRANT USAGE ON SCHEMA {database.name}.public TO ROLE trino_reader",
                 f"GRANT SELECT ON TABLE {database.name}.public.t TO ROLE trino_reader")
    name = f"{database.name}_reader"
    database.lake.trino_catalog(name, database.name.upper(), "trino", "Secret-1234")
    run = database.lake.trino.run
    assert run("SELECT * FROM t", name, "public") == [(1,)]
    for statement in ("INSERT INTO t VALUES (2)", "DELETE FROM t", "ALTER TABLE t ADD COLUMN a integer", "DROP TABLE t",
                      "CREATE TABLE u (a integer)", "CREATE TABLE u AS SELECT 1 a"):
        with pytest.raises(TrinoError, match="(?i)privilege|forbidden|not authorized"):
            run(statement, name, "public")
    assert database.trino("SELECT * FROM t") == [(1,)]


# ---- PostgreSQL's tables ----

@pytest.fixture
def postgres(lake):
    """The managed PostgreSQL with an empty lake table `trips`, and the catalog `pg` of Trino on it."""
    if not getattr(lake, "has_pg", False):
        lake.trino_catalog("pg", "shop.postgres")
        lake.has_pg = True
    lake.postgres.execute("CREATE TABLE trips (id bigint, city text) USING iceberg")
    yield lake.postgres
    lake.postgres.fsck("trips")
    lake.postgres.execute("DROP TABLE trips")


def trino_on_postgres(lake, *statements):
    return lake.run_trino("pg", statements)


# (PostgreSQL's type, two values, what Trino reads)
POSTGRES_TYPES = [
    ("boolean", ["true", "false"], [True, False]),
    ("smallint", ["-32768", "32767"], [-32768, 32767]),
    ("int", ["-2147483648", "2147483647"], [-2147483648, 2147483647]),
    ("bigint", ["-9223372036854775808", "9223372036854775807"], [-9223372036854775808, 9223372036854775807]),
    ("real", ["1.5", "-0.25"], [1.5, -0.25]),
    ("double precision", ["0.1", "-1.7976931348623157e308"], [0.1, -1.7976931348623157e308]),
    ("numeric(10,2)", ["12345678.90", "-0.01"], [decimal.Decimal("12345678.90"), decimal.Decimal("-0.01")]),
    ("numeric(38,10)", ["1234567890123456789012345678.0123456789", "-1"],
     [decimal.Decimal("1234567890123456789012345678.0123456789"), decimal.Decimal("-1.0000000000")]),
    ("text", ["Ärger 漢字 🦆", ""], ["Ärger 漢字 🦆", ""]),
    ("varchar(20)", ["twenty characters ok", "x"], ["twenty characters ok", "x"]),
    ("bytea", ["\\x00ff10", "\\x"], [b"\x00\xff\x10", b""]),
    ("uuid", ["00112233-4455-6677-8899-aabbccddeeff", "ffffffff-ffff-ffff-ffff-ffffffffffff"],
     [uuid.UUID("00112233-4455-6677-8899-aabbccddeeff"), uuid.UUID("ffffffff-ffff-ffff-ffff-ffffffffffff")]),
    ("date", ["1969-12-31", "2024-02-29"], [datetime.date(1969, 12, 31), DAY]),
    ("time", ["00:00:00", "23:59:59.999999"], [datetime.time(), datetime.time(23, 59, 59, 999999)]),
    ("timestamp", ["1969-12-31 23:59:59.999999", "2262-04-12 00:00:00"],
     [datetime.datetime(1969, 12, 31, 23, 59, 59, 999999), datetime.datetime(2262, 4, 12)]),
    ("timestamptz", ["2024-03-31 02:30:00+01", "1900-01-01 00:00:00+00"],
     [datetime.datetime(2024, 3, 31, 1, 30, tzinfo=UTC), datetime.datetime(1900, 1, 1, tzinfo=UTC)]),
    ("int[]", ["{1,NULL,3}", "{}"], [[1, None, 3], []]),
    ("place", ["(1,here)", "(,)"], [{"x": 1, "label": "here"}, {"x": None, "label": None}]),
    ("place[]", ['{"(1,a)","(2,)"}', "{NULL}"], [[{"x": 1, "label": "a"}, {"x": 2, "label": None}], [None]]),
]


@pytest.mark.shows("Trino 476", "PostgreSQL's tables through the REST catalog", "every type")
def test_trino_reads_every_type_of_postgres(lake, postgres):
    columns = ", ".join(f"c{number} {kind}" for number, (kind, _, _) in enumerate(POSTGRES_TYPES))
    postgres.execute("CREATE TYPE place AS (x int, label text)")
    postgres.execute(f"CREATE TABLE every (id int, {columns}) USING iceberg")
    try:
        for row in (0, 1):
            postgres.execute(f"INSERT INTO every VALUES ({', '.join(['%s'] * (len(POSTGRES_TYPES) + 1))})",
                             [row, *(written[row] for _, written, _ in POSTGRES_TYPES)])
        postgres.execute("INSERT INTO every (id) VALUES (2)")
        expected = [(row, *(read[row] for _, _, read in POSTGRES_TYPES)) for row in (0, 1)] + [(2, *([None] * len(POSTGRES_TYPES)))]
        assert canonical_rows(trino_on_postgres(lake, "SELECT * FROM every")) == canonical_rows(expected)
        postgres.fsck("every")
    finally:
        postgres.execute("DROP TABLE every")
        postgres.execute("DROP TYPE place")


@pytest.mark.shows("Trino 476", "PostgreSQL's tables through the REST catalog",
                   "INSERT, UPDATE, DELETE, MERGE, OPTIMIZE and new columns, in turns with PostgreSQL")
def test_trino_and_postgres_take_turns(lake, postgres):
    def equal(expected):
        expected = canonical_rows(expected)
        assert canonical_rows(trino_on_postgres(lake, "SELECT * FROM trips")) == expected
        assert canonical_rows(postgres.execute("SELECT * FROM trips")) == expected
        assert rows_of(lake.pyiceberg_on_postgres().load_table(("public", "trips"))) == expected

    equal([])
    postgres.execute("INSERT INTO trips SELECT n, 'old' FROM generate_series(1, 40) n")
    expected = {number: "old" for number in range(1, 41)}
    equal(expected.items())
    assert trino_on_postgres(lake, "INSERT INTO trips VALUES (100, 'trino'), (101, NULL)") == 2
    postgres.execute("INSERT INTO trips VALUES (102, 'postgres')")
    expected.update({100: "trino", 101: None, 102: "postgres"})
    equal(expected.items())
    assert trino_on_postgres(lake, "UPDATE trips SET city = 'trino' WHERE id BETWEEN 10 AND 36") == 27
    assert trino_on_postgres(lake, "DELETE FROM trips WHERE id < 5 OR id = 100") == 5
    expected.update({number: "trino" for number in range(10, 37)})
    expected = {number: city for number, city in expected.items() if number >= 5 and number != 100}
    equal(expected.items())
    assert trino_on_postgres(lake, "MERGE INTO trips t USING (VALUES (5, 'gone'), (6, 'merged'), (500, 'new')) s(id, word) "
                             "ON t.id = s.id WHEN MATCHED AND word = 'gone' THEN DELETE "
                             "WHEN MATCHED THEN UPDATE SET city = word WHEN NOT MATCHED THEN INSERT VALUES (s.id, word)") == 3
    del expected[5]
    expected.update({6: "merged", 500: "new"})
    equal(expected.items())
    trino_on_postgres(lake, "ALTER TABLE trips EXECUTE optimize")
    equal(expected.items())
    trino_on_postgres(lake, "ALTER TABLE trips ADD COLUMN note varchar", "ALTER TABLE trips RENAME COLUMN city TO town",
                      "INSERT INTO trips VALUES (600, 'Ulm', 'last')")
    postgres.execute("INSERT INTO trips (id, town, note) VALUES (601, 'Bonn', 'postgres')")
    equal([*((*row, None) for row in expected.items()), (600, "Ulm", "last"), (601, "Bonn", "postgres")])
    trino_on_postgres(lake, "ALTER TABLE trips DROP COLUMN note")
    equal([*expected.items(), (600, "Ulm"), (601, "Bonn")])
    postgres.execute("TRUNCATE trips")
    equal([])
    with pytest.raises(TrinoError, match="is a database of PostgreSQL"):
        trino_on_postgres(lake, "CREATE TABLE other (a integer)")
    with pytest.raises(TrinoError, match="is a database of PostgreSQL"):
        trino_on_postgres(lake, "DROP TABLE trips")


@pytest.mark.shows("Trino 476", "PostgreSQL's tables through the REST catalog", "MERGE while PostgreSQL inserts")
def test_trino_merges_while_postgres_inserts(lake, postgres):
    postgres.execute("INSERT INTO trips SELECT n, 'old' FROM generate_series(1, 60) n")
    # Else a MERGE is overtaken by every row that comes.
    with lake.pyiceberg_on_postgres().load_table(("public", "trips")).transaction() as transaction:
        transaction.set_properties({"write.delete.isolation-level": "snapshot"})
    expected = {number: "old" for number in range(1, 61)}
    done, inserted = threading.Event(), []

    def insert():
        with closing(postgres.connect()) as connection, connection.cursor() as cursor:
            while not done.wait(0.3):
                cursor.execute("INSERT INTO trips VALUES (%s, 'own')", (10_000 + len(inserted),))
                inserted.append(10_000 + len(inserted))

    writer = threading.Thread(target=insert)
    writer.start()
    try:
        for turn in range(3):
            low = 15 * turn + 1
            trino_on_postgres(
                lake, f"MERGE INTO trips t USING UNNEST(sequence({low}, {low + 9})) AS s(id) ON t.id = s.id "
                f"WHEN MATCHED AND s.id % 3 = 0 THEN DELETE WHEN MATCHED THEN UPDATE SET city = 'turn {turn}'")
            for number in range(low, low + 10):
                expected[number] = f"turn {turn}"
                if number % 3 == 0:
                    del expected[number]
    finally:
        done.set()
        writer.join(60)
    assert inserted
    expected.update({number: "own" for number in inserted})
    assert canonical_rows(postgres.execute("SELECT * FROM trips")) == canonical_rows(expected.items())
    assert canonical_rows(trino_on_postgres(lake, "SELECT * FROM trips")) == canonical_rows(expected.items())
