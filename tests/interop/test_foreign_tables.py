# SPDX-License-Identifier: Apache-2.0
"""Tables of other writers, with every sort of delete and of evolution, read row by row as Spark reads them."""

import pytest

from support.foreign_tables import ForeignTables

pytestmark = [pytest.mark.interop, pytest.mark.slow]

MERGE_ON_READ = {"write__delete__mode": "merge-on-read", "write__update__mode": "merge-on-read",
                 "write__merge__mode": "merge-on-read"}


@pytest.fixture
def foreign(spark, gateway_for, tmp_path):
    buckets = tmp_path / "buckets"
    buckets.mkdir()
    gateway_for(buckets)
    return ForeignTables(spark, buckets)


def make_orders(foreign, name, version, clauses=""):
    foreign.create(name, "id int, customer string, amount decimal(10,2), at timestamp", clauses,
                   format_version=version, **MERGE_ON_READ)
    for first in (0, 300, 600):
        foreign.sql(f"""INSERT INTO c.db.{name} SELECT /*+ COALESCE(1) */ cast(id as int),
                          if(id % 11 = 0, null, concat('c', id % 7)), cast(id as decimal(10,2)) / 4,
                          timestamp '2024-01-01 00:00:00' + make_interval(0, 0, 0, cast(id % 5 as int))
                        FROM range({first}, {first} + 300)""")


@pytest.mark.shows("Spark 4.1", "written by it, read by Tarn",
                   "DELETE, UPDATE and MERGE, merge-on-read, partitioned or not, versions 2 and 3")
@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("clauses", ["", "PARTITIONED BY (customer)", "PARTITIONED BY (bucket(4, id), days(at))"])
def test_deletes_updates_and_merges_of_spark(foreign, version, clauses):
    make_orders(foreign, "orders", version, clauses)
    foreign.sql("DELETE FROM c.db.orders WHERE id % 10 = 3")
    foreign.assert_equal("orders")
    foreign.sql("UPDATE c.db.orders SET amount = amount + 1 WHERE customer = 'c2'",
                "DELETE FROM c.db.orders WHERE customer IS NULL",
                """MERGE INTO c.db.orders t USING (SELECT id FROM range(890, 910)) s ON t.id = s.id
                   WHEN MATCHED THEN UPDATE SET customer = 'merged'
                   WHEN NOT MATCHED THEN INSERT (id, customer) VALUES (cast(s.id as int), 'new')""")
    rows = foreign.assert_equal("orders")
    assert 700 < len(rows) < 900
    assert foreign.fsck_errors(foreign.location("orders")) == []


@pytest.mark.shows("Spark 4.1", "written by it, read by Tarn",
                   "row lineage of version 3")
def test_row_lineage_of_spark(foreign):
    make_orders(foreign, "lineage", 3)
    columns = "id, amount, _row_id, _last_updated_sequence_number"
    foreign.assert_equal("lineage", columns)
    foreign.sql("UPDATE c.db.lineage SET amount = 0 WHERE id % 50 = 7", "DELETE FROM c.db.lineage WHERE id < 20")
    before = foreign.assert_equal("lineage", columns)
    foreign.sql("CALL c.system.rewrite_data_files(table => 'db.lineage', options => map('rewrite-all', 'true'))")
    after = foreign.assert_equal("lineage", columns)
    assert before == after, "rows that move keep their ids"
    assert foreign.fsck_errors(foreign.location("lineage")) == []


@pytest.mark.shows("Spark 4.1", "written by it, read by Tarn",
                   "metadata columns (`_file`, `_pos`, …)")
def test_metadata_columns(foreign):
    make_orders(foreign, "places", 3)
    foreign.sql("DELETE FROM c.db.places WHERE id IN (5, 400)")
    foreign.assert_equal("places", "id, _file, _pos, _spec_id")


@pytest.mark.shows("Spark 4.1", "written by it, read by Tarn",
                   "partitions that evolved")
def test_partitions_that_evolved(foreign):
    make_orders(foreign, "evolved", 2, "PARTITIONED BY (customer)")
    foreign.sql("ALTER TABLE c.db.evolved ADD PARTITION FIELD bucket(3, id)",
                "INSERT INTO c.db.evolved SELECT id + 1000, customer, amount, at FROM c.db.evolved",
                "DELETE FROM c.db.evolved WHERE id % 9 = 1",
                "ALTER TABLE c.db.evolved DROP PARTITION FIELD customer",
                "INSERT INTO c.db.evolved VALUES (5000, 'x', 1, null), (5001, null, 2, null)",
                "DELETE FROM c.db.evolved WHERE id IN (2, 1002, 5000)")
    foreign.assert_equal("evolved")
    assert foreign.fsck_errors(foreign.location("evolved")) == []


@pytest.mark.shows("Spark 4.1", "written by it, read by Tarn",
                   "schemas that evolved")
def test_schemas_that_evolved(foreign):
    make_orders(foreign, "changed", 3)
    foreign.sql("ALTER TABLE c.db.changed RENAME COLUMN customer TO client",
                "ALTER TABLE c.db.changed ALTER COLUMN id TYPE bigint",
                "ALTER TABLE c.db.changed ALTER COLUMN amount TYPE decimal(18,2)",
                "ALTER TABLE c.db.changed DROP COLUMN at",
                "ALTER TABLE c.db.changed ADD COLUMN at string")
    foreign.java("changed", """
update = table.updateSchema()
types = jvm.org.apache.iceberg.types.Types
literal = jvm.org.apache.iceberg.expressions.Expressions.lit
update.addColumn("grade", types.IntegerType.get(), None, literal(7))
update.addColumn("note", types.StringType.get(), None, literal("none yet"))
update.commit()
""")
    foreign.sql("INSERT INTO c.db.changed VALUES (5000, 'x', 1, 'now', 3, null)",
                "DELETE FROM c.db.changed WHERE id = 4")
    foreign.assert_equal("changed")


@pytest.mark.shows("Iceberg's Java library", "written by it, read by Tarn",
                   "equality deletes")
def test_equality_deletes_of_java(foreign):
    make_orders(foreign, "keys", 2)
    foreign.delete_by_equality("keys", ["id"], [[1], [299], [300], [899], [77777]])
    foreign.assert_equal("keys")
    foreign.delete_by_equality("keys", ["customer"], [[None], ["c3"]])
    foreign.assert_equal("keys")
    # Rows that came later are not deleted; those of the same keys before are.
    foreign.sql("INSERT INTO c.db.keys VALUES (1, 'c3', 0, null)", "DELETE FROM c.db.keys WHERE id = 500")
    foreign.delete_by_equality("keys", ["id", "customer"], [[2, "c2"], [9, "not its customer"]])
    foreign.assert_equal("keys")
    assert foreign.fsck_errors(foreign.location("keys")) == []


@pytest.mark.shows("Iceberg's Java library", "written by it, read by Tarn",
                   "equality deletes within partitions")
def test_equality_deletes_keep_to_their_partition(foreign):
    make_orders(foreign, "parts", 2, "PARTITIONED BY (customer)")
    foreign.delete_by_equality("parts", ["id"], [[i] for i in range(100)], partition=["c1"])
    foreign.delete_by_equality("parts", ["id"], [[i] for i in range(50, 200)], partition=[None])
    foreign.assert_equal("parts")
    # After the table became unpartitioned, deletes reach every partition.
    foreign.sql("ALTER TABLE c.db.parts DROP PARTITION FIELD customer")
    foreign.delete_by_equality("parts", ["id"], [[i] for i in range(200, 250)])
    foreign.assert_equal("parts")


@pytest.mark.shows("Iceberg's Java library", "written by it, read by Tarn",
                   "equality deletes by a column that was dropped")
def test_equality_deletes_by_a_column_that_was_dropped(foreign):
    make_orders(foreign, "dropped", 2)
    foreign.delete_by_equality("dropped", ["customer"], [["c1"]])
    foreign.sql("ALTER TABLE c.db.dropped DROP COLUMN customer")
    foreign.assert_equal("dropped")


@pytest.mark.shows("Spark 4.1", "written by it, read by Tarn",
                   "snapshots of the past")
def test_snapshots_of_the_past(foreign):
    make_orders(foreign, "past", 3)
    foreign.sql("DELETE FROM c.db.past WHERE id < 100", "ALTER TABLE c.db.past RENAME COLUMN customer TO client",
                "DELETE FROM c.db.past WHERE id > 800")
    location = foreign.location("past")
    for (snapshot,) in foreign.sql("SELECT snapshot_id FROM c.db.past.snapshots"):
        expected = foreign.sql(f"SELECT * FROM c.db.past VERSION AS OF {snapshot}")
        assert foreign.scan(location, snapshot=snapshot) == expected


@pytest.mark.shows("Spark 4.1", "written by it, read by Tarn",
                   "nested values")
def test_nested_values_and_nanoseconds(foreign):
    foreign.create("nested", "id int, tags array<string>, place struct<x: int, label: string>, "
                   "counts map<string, int>", format_version=3, **MERGE_ON_READ)
    foreign.sql("""INSERT INTO c.db.nested VALUES (1, array('a', null), named_struct('x', 1, 'label', 'one'), map()),
                     (2, array(), named_struct('x', null, 'label', 'two'), null), (3, null, null, null)""",
                "DELETE FROM c.db.nested WHERE id = 1")
    foreign.assert_equal("nested", "id, tags, place")
