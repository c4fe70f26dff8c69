# SPDX-License-Identifier: Apache-2.0
"""What SQLAlchemy asks about tables. Names are lower case where Snowflake folds them, as the dialect documents."""

import os

import pytest
import sqlalchemy as sa
from snowflake.sqlalchemy import TIMESTAMP_NTZ, TIMESTAMP_TZ, URL, VARIANT


@pytest.fixture(scope="module")
def engine(database):
    made = sa.create_engine(
        URL(account="tarn", user=os.environ["TARN_TEST_USER"], password=os.environ["TARN_TEST_PASSWORD"], database=database,
            schema="PUBLIC"),
        connect_args={"host": os.environ["TARN_TEST_HOST"], "port": int(os.environ["TARN_TEST_PORT"]), "protocol": "http"})
    with made.begin() as connection:
        for text in (
                "CREATE OR REPLACE SCHEMA reflected",
                "CREATE TABLE customer (id INT NOT NULL, region VARCHAR(2), name VARCHAR(40) DEFAULT 'x' COMMENT 'who', "
                "CONSTRAINT customer_key PRIMARY KEY (region, id), CONSTRAINT customer_name UNIQUE (name)) COMMENT = 'all of them'",
                "CREATE TABLE orders (id INT AUTOINCREMENT PRIMARY KEY, customer_region VARCHAR(2), customer_id INT, "
                "amount NUMBER(12, 2), rate FLOAT, paid BOOLEAN, day DATE, placed TIMESTAMP_NTZ, seen TIMESTAMP_TZ, data VARIANT, "
                "CONSTRAINT of_customer FOREIGN KEY (customer_region, customer_id) REFERENCES customer (region, id))",
                "CREATE VIEW big_orders COMMENT = 'large ones' AS SELECT * FROM orders WHERE amount > 100",
                "CREATE TABLE \"Odd Name\" (\"Mixed Case\" INT)",
                "CREATE SEQUENCE numbers"):
            connection.execute(sa.text(text))
    yield made
    with made.begin() as connection:
        connection.execute(sa.text("DROP SCHEMA reflected"))
    made.dispose()


@pytest.fixture
def inspector(engine):
    return sa.inspect(engine)


def test_names(inspector):
    assert {"public", "reflected", "information_schema"} <= set(inspector.get_schema_names())
    assert sorted(inspector.get_table_names("reflected")) == ["Odd Name", "customer", "orders"]
    assert inspector.get_view_names("reflected") == ["big_orders"]
    assert inspector.get_sequence_names("reflected") == ["numbers"]
    assert "WHERE amount > 100" in inspector.get_view_definition("big_orders", "reflected")
    assert inspector.has_table("orders", "reflected") and not inspector.has_table("nothing", "reflected")
    assert inspector.default_schema_name == "public"


def test_columns(inspector):
    columns = {column["name"]: column for column in inspector.get_columns("orders", "reflected")}
    assert list(columns) == ["id", "customer_region", "customer_id", "amount", "rate", "paid", "day", "placed", "seen", "data"]
    assert str(columns["amount"]["type"]) == "DECIMAL(12, 2)"
    assert str(columns["customer_region"]["type"]) == "VARCHAR(2)"
    for name, kind in (("rate", sa.FLOAT), ("paid", sa.BOOLEAN), ("day", sa.DATE), ("placed", TIMESTAMP_NTZ), ("seen", TIMESTAMP_TZ),
                       ("data", VARIANT)):
        assert isinstance(columns[name]["type"], kind), name
    assert columns["id"]["autoincrement"] and not columns["id"]["nullable"]
    assert columns["amount"]["nullable"]
    name = {column["name"]: column for column in inspector.get_columns("customer", "reflected")}["name"]
    assert (name["default"], name["comment"]) == ("'x'", "who")
    assert [column["name"] for column in inspector.get_columns("Odd Name", "reflected")] == ["Mixed Case"]


def test_keys(inspector):
    key = inspector.get_pk_constraint("customer", "reflected")
    assert (key["name"], key["constrained_columns"]) == ("customer_key", ["region", "id"])
    assert inspector.get_pk_constraint("orders", "reflected")["constrained_columns"] == ["id"]
    unique, = inspector.get_unique_constraints("customer", "reflected")
    assert (unique["name"], unique["column_names"]) == ("customer_name", ["name"])
    foreign, = inspector.get_foreign_keys("orders", "reflected")
    assert foreign["name"] == "of_customer"
    assert foreign["constrained_columns"] == ["customer_region", "customer_id"]
    assert (foreign["referred_table"], foreign["referred_columns"]) == ("customer", ["region", "id"])
    assert inspector.get_indexes("orders", "reflected") == []


def test_comments(inspector):
    assert inspector.get_table_comment("customer", "reflected") == {"text": "all of them"}
    assert inspector.get_table_comment("big_orders", "reflected") == {"text": "large ones"}


def test_whole_schema(engine):
    metadata = sa.MetaData(schema="reflected")
    metadata.reflect(engine, views=True)
    orders = metadata.tables["reflected.orders"]
    assert {key.target_fullname for key in orders.foreign_keys} == {"reflected.customer.region", "reflected.customer.id"}
    with engine.begin() as connection:
        connection.execute(orders.insert().values(amount="150.50", paid=True))
        found = connection.execute(sa.select(metadata.tables["reflected.big_orders"].c.amount)).scalar_one()
    assert str(found) == "150.50"
