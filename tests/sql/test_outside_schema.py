# SPDX-License-Identifier: Apache-2.0
"""Columns that another writer adds, drops, renames and widens: PyIceberg's schema updates against PostgreSQL's catalog."""

import datetime
import decimal
import json
import uuid

import pyarrow
import pytest
from psycopg2 import errors
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import (BinaryType, BooleanType, DateType, DecimalType, DoubleType, FixedType, FloatType,
                             IntegerType, ListType, LongType, MapType, NestedField, StringType, StructType,
                             TimestampType, TimestamptzType, TimeType, UUIDType)

from support.pyiceberg_writer import PostgresCatalog
from support.twin import columns_of


def rows(connection, statement, parameters=None):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else None


@pytest.fixture
def catalog(conn, server):
    rows(conn, "CREATE TABLE t (a int, b text, c numeric(10, 2), d real NOT NULL) USING iceberg")
    rows(conn, "INSERT INTO t VALUES (1, 'one', 1.25, 0.5)")
    return PostgresCatalog(conn, server.buckets)


def columns(conn):
    return [(name, kind, not_null) for name, kind, not_null, _ in columns_of(conn, "t")]


def names_in_lake(catalog):
    return [(field.field_id, field.name) for field in catalog.load_table("t").schema().fields]


PRIMITIVES = [
    (BooleanType(), "boolean", True), (IntegerType(), "integer", 2), (LongType(), "bigint", 3),
    (FloatType(), "real", 0.5), (DoubleType(), "double precision", 0.25),
    (DecimalType(12, 3), "numeric(12,3)", decimal.Decimal("1.125")), (DateType(), "date", datetime.date(2024, 2, 29)),
    (TimeType(), "time without time zone", datetime.time(12, 30, 0, 5)),
    (TimestampType(), "timestamp without time zone", datetime.datetime(2024, 1, 1, 1, 2, 3)),
    (TimestamptzType(), "timestamp with time zone", datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)),
    (StringType(), "text", "x"), (UUIDType(), "uuid", str(uuid.UUID(int=7))), (BinaryType(), "bytea", b"\x01"),
    (ListType(0, StringType(), element_required=False), "text[]", ["p", None]),
]


def test_added_columns_of_every_type(catalog, conn):
    with catalog.load_table("t").update_schema() as update:
        for i, (kind, _, _) in enumerate(PRIMITIVES):
            update.add_column(f"n{i}", kind)
    assert columns(conn)[4:] == [(f"n{i}", name, False) for i, (_, name, _) in enumerate(PRIMITIVES)]
    assert rows(conn, "SELECT * FROM t") == [(1, "one", decimal.Decimal("1.25"), 0.5, *[None] * len(PRIMITIVES))]
    lake = names_in_lake(catalog)
    placeholders = ", ".join(["%s"] * len(PRIMITIVES))
    rows(conn, f"INSERT INTO t VALUES (2, 'two', 2, 1, {placeholders})", [value for _, _, value in PRIMITIVES])
    assert names_in_lake(catalog) == lake
    (found,) = [row for row in catalog.load_table("t").scan().to_arrow().to_pylist() if row["a"] == 2]
    assert [found["n1"], found["n5"], found["n6"], found["n10"], found["n13"]] == [
        2, decimal.Decimal("1.125"), datetime.date(2024, 2, 29), "x", ["p", None]]


def test_drop_rename_widen_and_loosen(catalog, conn):
    with catalog.load_table("t").update_schema() as update:
        update.delete_column("b")
        update.rename_column("a", "b")
        update.update_column("d", required=False)
        update.update_column("c", field_type=DecimalType(12, 2))
    assert columns(conn) == [("b", "integer", False), ("c", "numeric(12,2)", False), ("d", "real", False)]
    with catalog.load_table("t").update_schema() as update:
        update.update_column("b", field_type=LongType())
        update.update_column("d", field_type=DoubleType())
    assert columns(conn) == [("b", "bigint", False), ("c", "numeric(12,2)", False), ("d", "double precision", False)]
    assert rows(conn, "SELECT * FROM t") == [(1, decimal.Decimal("1.25"), 0.5)]
    lake = names_in_lake(catalog)
    rows(conn, "INSERT INTO t VALUES (5000000000, 1234567890.12, 1e300)")
    assert names_in_lake(catalog) == lake == [(1, "b"), (3, "c"), (4, "d")]
    assert sorted(catalog.load_table("t").scan().to_arrow().column("b").to_pylist()) == [1, 5000000000]


def test_names_that_change_places(catalog, conn):
    with catalog.load_table("t").update_schema() as update:
        update.rename_column("a", "x")
    schema = catalog.load_table("t").schema()
    table = catalog.load_table("t")
    swapped = {"x": "b", "b": "x"}
    fields = [json.loads(field.model_dump_json()) for field in schema.fields]
    for field in fields:
        field["name"] = swapped.get(field["name"], field["name"])
    updates = [{"action": "add-schema", "schema": {"type": "struct", "fields": fields}},
               {"action": "set-current-schema", "schema-id": -1}]
    rows(conn, "SELECT tarn.commit_table('t', '[]', %s)", (json.dumps(updates),))
    assert [name for name, _, _ in columns(conn)] == ["b", "x", "c", "d"]
    assert rows(conn, "SELECT b, x FROM t") == [(1, "one")]
    table.refresh()
    assert table.scan().to_arrow().column("x").to_pylist() == ["one"]


def test_an_order_of_columns_and_docs_are_kept(catalog, conn):
    with catalog.load_table("t").update_schema() as update:
        update.move_first("c")
        update.update_column("a", doc="it's the key")
        update.add_column("e", StringType(), doc="new")
        update.move_before("e", "a")
    lake = names_in_lake(catalog)
    assert [name for _, name in lake] == ["c", "e", "a", "b", "d"]
    assert rows(conn, "SELECT col_description('t'::regclass, attnum) FROM pg_attribute WHERE attrelid = 't'::regclass "
                      "AND attnum > 0 ORDER BY attnum") == [("it's the key",), (None,), (None,), (None,), ("new",)]
    rows(conn, "INSERT INTO t VALUES (2, 'two', 2, 2, 'e')")
    rows(conn, "ALTER TABLE t ADD COLUMN f int")
    rows(conn, "INSERT INTO t VALUES (3, 'three', 3, 3, 'e', 7)")
    assert names_in_lake(catalog) == [*lake, (6, "f")]
    assert catalog.load_table("t").schema().find_field("a").doc == "it's the key"


def test_what_postgres_lacks_is_refused_before_anything_is_written(catalog, conn, server, db):
    metadata = server.local_path(db.metadata_location("t")).parent
    files = set(metadata.iterdir())
    before = columns(conn)
    wrong = [FixedType(4), MapType(0, StringType(), 0, StringType()), ListType(0, StringType(), element_required=True),
             StructType(NestedField(0, "x", IntegerType(), required=False))]
    for kind in wrong:
        with pytest.raises(errors.FeatureNotSupported):
            catalog.load_table("t").update_schema().add_column("bad", kind).commit()
    with pytest.raises(errors.FeatureNotSupported):
        catalog.load_table("t").update_schema().add_column("n" * 64, StringType()).commit()
    assert columns(conn) == before
    assert set(metadata.iterdir()) == files


def test_nested_columns_stay_as_they_are(conn, server):
    rows(conn, "CREATE TYPE pair AS (x int, y text)")
    rows(conn, "CREATE TABLE t (a int, p pair) USING iceberg")
    rows(conn, "INSERT INTO t VALUES (1, (1, 'y'))")
    catalog = PostgresCatalog(conn, server.buckets)
    with pytest.raises(errors.FeatureNotSupported, match='fields inside column "p"'):
        catalog.load_table("t").update_schema().add_column(("p", "z"), StringType()).commit()
    catalog.load_table("t").update_schema().add_column("b", StringType()).commit()
    rows(conn, "INSERT INTO t VALUES (2, (2, 'yy'), 'b')")
    assert catalog.load_table("t").scan().to_arrow().column("p").to_pylist() == [
        {"x": 1, "y": "y"}, {"x": 2, "y": "yy"}]


# ---- transactions ----

def test_schema_and_rows_in_one_commit_and_rollback(catalog, conn, db, server):
    writer = db.connect(autocommit=False)
    outside = PostgresCatalog(writer, server.buckets)
    table = outside.load_table("t")
    with table.transaction() as transaction:
        with transaction.update_schema() as update:
            update.add_column("e", LongType())
        transaction.append(pyarrow.table({
            "a": pyarrow.array([2], pyarrow.int32()), "b": ["two"],
            "c": pyarrow.array([decimal.Decimal("2.00")], pyarrow.decimal128(10, 2)),
            "d": pyarrow.array([1.0], pyarrow.float32()), "e": [7]},
            schema=pyarrow.schema([("a", pyarrow.int32()), ("b", pyarrow.string()), ("c", pyarrow.decimal128(10, 2)),
                                   pyarrow.field("d", pyarrow.float32(), nullable=False), ("e", pyarrow.int64())])))
    assert rows(writer, "SELECT a, e FROM t ORDER BY a") == [(1, None), (2, 7)]
    writer.rollback()
    assert [name for name, _, _ in columns(conn)] == ["a", "b", "c", "d"]
    assert rows(conn, "SELECT a FROM t") == [(1,)]
    rows(conn, "ALTER TABLE t ADD COLUMN own text")
    rows(conn, "INSERT INTO t VALUES (3, 'three', 3, 3, 'own')")
    assert names_in_lake(catalog)[-1] == (5, "own")


def test_rows_of_the_same_transaction(catalog, conn, db, server):
    writer = db.connect(autocommit=False)
    rows(writer, "INSERT INTO t VALUES (2, 'two', 2, 2)")
    outside = PostgresCatalog(writer, server.buckets)
    with outside.load_table("t").update_schema() as update:
        update.delete_column("c")
        update.rename_column("b", "name")
        update.add_column("e", StringType())
    rows(writer, "INSERT INTO t (a, name, d, e) VALUES (3, 'three', 3, 'e')")
    expected = [(1, "one", 0.5, None), (2, "two", 2, None), (3, "three", 3, "e")]
    assert rows(writer, "SELECT * FROM t ORDER BY a") == expected
    writer.commit()
    assert rows(conn, "SELECT * FROM t ORDER BY a") == expected
    assert names_in_lake(catalog) == [(1, "a"), (2, "name"), (4, "d"), (5, "e")]


def test_a_table_altered_in_the_same_transaction(catalog, conn, db, server):
    writer = db.connect(autocommit=False)
    outside = PostgresCatalog(writer, server.buckets)
    table = outside.load_table("t")
    rows(writer, "ALTER TABLE t ADD COLUMN own int")
    rows(writer, "SAVEPOINT s")
    with pytest.raises(errors.FeatureNotSupported, match="cannot change the columns"):
        table.update_schema().add_column("e", StringType()).commit()
    rows(writer, "ROLLBACK TO s")
    rows(writer, "INSERT INTO t VALUES (2, 'two', 2, 2, 7)")
    # Rows from outside do not meet the new column.
    table.append(pyarrow.Table.from_pylist(
        [{"a": 3, "b": "three", "c": decimal.Decimal("3.00"), "d": 3.0}], schema=table.schema().as_arrow()))
    writer.commit()
    assert rows(conn, "SELECT a, own FROM t ORDER BY a") == [(1, None), (2, 7), (3, None)]


def test_widening_with_rows_of_the_same_transaction_is_refused(catalog, conn, db, server):
    writer = db.connect(autocommit=False)
    rows(writer, "INSERT INTO t VALUES (2, 'two', 2, 2)")
    with pytest.raises(errors.FeatureNotSupported, match="type of lake table"):
        PostgresCatalog(writer, server.buckets).load_table("t").update_schema().update_column(
            "a", field_type=LongType()).commit()
    writer.rollback()
    assert columns(conn)[0] == ("a", "integer", False)


def test_a_view_holds_a_column(catalog, conn):
    rows(conn, "CREATE VIEW v AS SELECT b FROM t")
    with pytest.raises(errors.DependentObjectsStillExist):
        catalog.load_table("t").update_schema().delete_column("b").commit()
    catalog.load_table("t").update_schema().rename_column("b", "named").commit()
    assert rows(conn, "SELECT * FROM v") == [("one",)]


def test_event_triggers_fire_once_for_each_statement(catalog, conn):
    rows(conn, "CREATE TABLE seen (tag text)")
    rows(conn, "CREATE FUNCTION note() RETURNS event_trigger LANGUAGE plpgsql AS "
               "$$BEGIN INSERT INTO seen VALUES (tg_tag); END$$")
    rows(conn, "CREATE EVENT TRIGGER note_alter ON ddl_command_end WHEN TAG IN ('ALTER TABLE') "
               "EXECUTE FUNCTION note()")
    catalog.load_table("t").update_schema().add_column("e", StringType()).commit()
    assert rows(conn, "SELECT * FROM seen") == [("ALTER TABLE",)]


def test_other_sessions_and_partition_specs(catalog, conn, db):
    reader = db.connect()
    rows(reader, "PREPARE p AS SELECT * FROM t")
    assert len(rows(reader, "EXECUTE p")[0]) == 4
    table = catalog.load_table("t")
    with table.update_spec() as update:
        update.add_identity("b")
    with table.update_sort_order() as order:
        order.asc("a", IdentityTransform())
    rows(conn, "INSERT INTO t VALUES (2, 'two', 2, 2)")
    table.refresh().append(pyarrow.Table.from_pylist(
        [{"a": 3, "b": "three", "c": decimal.Decimal("3.00"), "d": 3.0}], schema=table.schema().as_arrow()))
    rows(conn, "INSERT INTO t VALUES (4, 'four', 4, 4)")
    assert rows(reader, "SELECT a FROM t ORDER BY a") == [(1,), (2,), (3,), (4,)]
    assert rows(conn, "SELECT spec_id, partition, record_count FROM tarn.partitions('t') ORDER BY 1, 2") == [
        (0, "", 3), (1, "b=three", 1)]
    assert sorted(table.refresh().scan(row_filter="b = 'two'").to_arrow().column("a").to_pylist()) == [2]
    assert table.spec().spec_id == 1 and not table.sort_order().is_unsorted
    assert rows(conn, "SELECT a FROM t WHERE b = 'three'") == [(3,)]
