# SPDX-License-Identifier: Apache-2.0
"""Snowpark's data frames."""

import datetime as dt

import pytest
from conftest import parameters
from snowflake.snowpark import Row, Session
from snowflake.snowpark import functions as f
from snowflake.snowpark.context import get_active_session
from snowflake.snowpark.types import DoubleType, LongType, StringType, StructField, StructType


@pytest.fixture
def session(database):
    made = Session.builder.configs(parameters(database=database, schema="PUBLIC")).create()
    yield made
    made.close()


@pytest.fixture
def orders(session):
    session.sql("CREATE OR REPLACE TABLE orders (id INT, customer VARCHAR, amount NUMBER(12, 2), placed DATE)").collect()
    session.sql("INSERT INTO orders VALUES (1, 'ann', 10.50, '2024-01-01'), (2, 'bob', 20, '2024-01-02'), "
                "(3, 'ann', 4.50, '2024-01-03'), (4, NULL, NULL, NULL)").collect()
    return session.table("orders")


def test_active_session(session):
    assert get_active_session() is session
    assert session.sql("SELECT 1 AS one").collect() == [Row(ONE=1)]


def test_filter_and_sort(orders):
    rows = orders.filter(f.col("amount") > 5).sort(f.col("id").desc()).select("id", "customer").collect()
    assert rows == [Row(ID=2, CUSTOMER="bob"), Row(ID=1, CUSTOMER="ann")]
    assert orders.count() == 4
    assert [field.datatype for field in orders.schema.fields][:2] == [LongType(), StringType(16777216)]


def test_group_and_join(session, orders):
    sums = orders.group_by("customer").agg(f.sum("amount").alias("total"), f.count("id").alias("orders"))
    people = session.create_dataframe([("ann", "Berlin"), ("bob", "Paris")], schema=["name", "city"])
    joined = sums.join(people, sums["customer"] == people["name"]).select("city", "total", "orders").sort("city")
    assert [(row[0], float(row[1]), row[2]) for row in joined.collect()] == [("Berlin", 15.0, 2), ("Paris", 20.0, 1)]
    assert orders.select(f.sum("amount")).collect()[0][0] == 35


def test_to_pandas(orders):
    frame = orders.sort("id").to_pandas()
    assert list(frame.columns) == ["ID", "CUSTOMER", "AMOUNT", "PLACED"]
    assert frame["ID"].tolist() == [1, 2, 3, 4] and str(frame["ID"].dtype).startswith("int")
    assert frame["AMOUNT"].astype(float).tolist()[:3] == [10.5, 20.0, 4.5]
    assert frame["PLACED"][0] == dt.date(2024, 1, 1)
    assert len(orders.filter(f.lit(False)).to_pandas()) == 0


def test_sql_to_pandas(session, orders):
    frame = session.sql("SELECT customer, SUM(amount) AS total FROM orders WHERE customer IS NOT NULL "
                        "GROUP BY customer ORDER BY customer").to_pandas()
    assert frame["CUSTOMER"].tolist() == ["ann", "bob"]


def test_create_dataframe_and_save(session):
    schema = StructType([StructField("k", LongType()), StructField("name", StringType()), StructField("x", DoubleType())])
    frame = session.create_dataframe([(1, "a", 0.5), (2, None, None)], schema=schema)
    frame.write.mode("overwrite").save_as_table("saved")
    frame.write.mode("append").save_as_table("saved")
    assert session.table("saved").sort("k").collect() == [Row(1, "a", 0.5), Row(1, "a", 0.5), Row(2, None, None),
                                                          Row(2, None, None)]
    assert session.table("saved").distinct().count() == 2
    assert session.table("saved").filter(f.col("k").in_(1, 5)).count() == 2


def test_union_case_and_window(session, orders):
    status = orders.select("id", f.when(f.col("amount") > 9, "large").otherwise("small").alias("size"))
    assert [row[1] for row in status.sort("id").collect()] == ["large", "large", "small", "small"]
    both = orders.select("id").union_all(orders.select("id"))
    assert both.count() == 8
    from snowflake.snowpark import Window
    ranked = orders.select("id", f.row_number().over(Window.order_by(f.col("id").desc())).alias("r")).sort("id")
    assert [row[1] for row in ranked.collect()] == [4, 3, 2, 1]


def test_show_limit_first(orders, capsys):
    orders.sort("id").limit(2).show()
    assert '|"ID"' in capsys.readouterr().out
    assert orders.sort("id").first()["ID"] == 1


def test_update_delete_merge(session, orders):
    table = session.table("orders")
    assert table.update({"amount": f.lit(1)}, table["id"] == 1).rows_updated == 1
    assert table.delete(table["id"] == 4).rows_deleted == 1


def test_names_and_tags(session, database):
    assert session.get_current_database() == f'"{database}"'
    assert session.get_current_schema() == '"PUBLIC"'
    session.query_tag = "batch"
    assert session.sql("SHOW PARAMETERS LIKE 'QUERY_TAG' IN SESSION").collect()[0]["value"] == "batch"
    session.use_schema("PUBLIC")


def test_asynchronous(orders):
    job = orders.filter(f.col("id") < 3).collect_nowait()
    assert [row["ID"] for row in sorted(job.result(), key=lambda row: row["ID"])] == [1, 2]


def test_transactions(session, orders):
    session.sql("BEGIN").collect()
    session.sql("DELETE FROM orders").collect()
    session.sql("ROLLBACK").collect()
    assert orders.count() == 4
