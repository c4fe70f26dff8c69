# SPDX-License-Identifier: Apache-2.0
"""The PostgreSQL half of the retail lakehouse document: its statements and its simulator, unchanged, on an instance.

Both are read from the folder of seeds beside the checkout (TARN_SEEDS overrides); where it is absent, these tests skip.
"""

import re
import subprocess
import sys

import pytest
from pyiceberg.table.snapshots import Operation

from support import layout
from support.canonical import canonical_rows
from support.instance import Instance
from support.pyiceberg_reader import PyIcebergReader
from support.reachable import ReachableFiles
from support.twin import assert_twins

TRANSACTIONS = 5000
# Lake table: the heap table that it copies.
TWINS = {
    "iceberg_stores": "stores",
    "iceberg_products": "products",
    "iceberg_customers": "customers",
    "iceberg_transactions": "transactions",
    "iceberg_transaction_items": "transaction_items",
}
UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def seed():
    folder = layout.seeds_directory() / "retail_lakehouse"
    if not (folder / "simulator.py").exists():
        pytest.skip(f"the document's code is not at {folder} (TARN_SEEDS names another place)")
    return folder


@pytest.fixture(scope="module")
def instance(seed, installation):
    """An instance that the document's statements and its simulator have filled."""
    made = Instance(installation, "retail")
    try:
        made.script_output = made.run_script(seed / "03_postgres.sql")
        done = subprocess.run(
            [sys.executable, str(seed / "simulator.py"), "--host", made.host, "--port", str(made.port),
             "--password", made.passwords["snowflake_admin"], "--transactions", str(TRANSACTIONS)],
            capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=500)
        made.simulator_output = done.stdout
        assert done.returncode == 0, f"{done.stdout[-2000:]}{done.stderr[-4000:]}\n{made.log_tail()}"
        yield made
    finally:
        made.remove()


@pytest.fixture
def conn(instance):
    connection = instance.connect()
    yield connection
    connection.close()


def query(connection, statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def locations(connection):
    return dict(query(connection, "SELECT table_name, metadata_location FROM iceberg_tables"))


def test_prefix_is_shown_as_the_document_expects(instance):
    assert re.search(r"^ s3://retail-lake-ap3/frompg/tables/$", instance.script_output, re.M)


def test_simulator_reports_what_it_did(instance):
    output = instance.simulator_output
    assert "Simulation complete!" in output
    assert f"Heap transactions: {TRANSACTIONS} (synced: {TRANSACTIONS})" in output
    assert f"Iceberg transactions: {TRANSACTIONS}" in output


def test_counts_are_equal(conn):
    for lake, heap in TWINS.items():
        ((lake_count,),), ((heap_count,),) = (query(conn, f"SELECT count(*) FROM {t}") for t in (lake, heap))
        assert lake_count == heap_count
    assert query(conn, "SELECT count(*) FROM iceberg_transactions") == [(TRANSACTIONS,)]


@pytest.mark.parametrize("lake", TWINS)
def test_rows_are_equal_column_by_column(conn, lake):
    assert_twins(conn, conn, lake, TWINS[lake])


def test_sums_and_joins_agree_with_the_heap(conn):
    report = """SELECT s.city, count(*), sum(i.line_total), max(t.txn_timestamp), count(t.customer_id)
                FROM {0}transactions t JOIN {0}transaction_items i USING (txn_id) JOIN {0}stores s USING (store_id)
                JOIN {0}products p USING (product_id) WHERE p.category = 'Electronics' AND i.quantity > 1
                GROUP BY s.city ORDER BY 1"""
    lake = query(conn, report.format("iceberg_"))
    assert lake == query(conn, report.format("")) and len(lake) == 5


def test_five_tables_at_the_documented_paths(conn):
    rows = query(conn, "SELECT t.table_namespace, t.table_name, t.metadata_location, t.previous_metadata_location, "
                       "c.oid FROM iceberg_tables t JOIN pg_class c ON c.relname = t.table_name "
                       "AND c.relnamespace = 'public'::regnamespace ORDER BY 2")
    assert [row[1] for row in rows] == sorted(TWINS)
    for namespace, table, location, previous, oid in rows:
        assert namespace == "public"
        folder = rf"s3://retail-lake-ap3/frompg/tables/postgres/public/{table}/{oid}/metadata"
        assert re.fullmatch(rf"{folder}/\d{{5}}-{UUID}\.metadata\.json", location)
        assert previous is None or re.fullmatch(rf"{folder}/\d{{5}}-{UUID}\.metadata\.json", previous)


def test_every_sync_is_one_snapshot_of_a_transaction(instance, conn):
    """11 syncs; the last found nothing and must not have made a snapshot."""
    metadata = ReachableFiles(instance).metadata(locations(conn)["iceberg_transactions"])
    # Compaction, which comes when nobody has written for a while, is none of them.
    syncs = [s for s in metadata.snapshots if s.summary.operation != Operation.REPLACE]
    assert [int(s.summary["added-records"]) for s in syncs] == [500] * 10


def test_fsck_is_clean(instance, conn):
    found = locations(conn)
    assert len(found) == 5
    for location in found.values():
        instance.fsck(location)


@pytest.mark.interop
@pytest.mark.parametrize("lake", TWINS)
def test_pyiceberg_reads_the_same_rows(instance, conn, gateway_for, lake):
    reader = PyIcebergReader(gateway_for(instance.buckets))
    expected = query(conn, f"SELECT * FROM {TWINS[lake]}")
    assert canonical_rows(reader.rows(locations(conn)[lake])) == canonical_rows(expected)


@pytest.mark.interop
def test_spark_reads_the_same_rows_and_sums(instance, conn, gateway_for, spark):
    gateway_for(instance.buckets)
    assert spark.version.startswith("4.1.")
    tables = locations(conn)
    for lake, heap in TWINS.items():
        expected = query(conn, f"SELECT * FROM {heap}")
        assert spark.query({lake: tables[lake]}, f"SELECT * FROM c.db.{lake}") == canonical_rows(expected)
    sums = "SELECT count(*), sum(total_amount), count(customer_id), max(txn_timestamp) FROM {}"
    found = spark.query({"t": tables["iceberg_transactions"]}, sums.format("c.db.t"))
    assert found == canonical_rows(query(conn, sums.format("transactions")))
