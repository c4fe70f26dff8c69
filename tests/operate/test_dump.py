# SPDX-License-Identifier: Apache-2.0
"""pg_dump and pg_restore carry lake tables with their rows, in every format."""

import pytest

from support.database import Database
from support.twin import assert_twins, columns_of

SCHEMA = """
    CREATE SCHEMA sales;
    CREATE TYPE sales.state AS ENUM ('open', 'paid');
    CREATE TYPE sales.place AS (street text, number int);
    CREATE TABLE sales.branch (id int PRIMARY KEY, name text);
    INSERT INTO sales.branch VALUES (1, 'one'), (2, 'two');
    CREATE TABLE sales.{side} (
        id serial, branch int REFERENCES sales.branch, price numeric(10,2) NOT NULL CHECK (price > -1000),
        name text DEFAULT 'nobody', at timestamptz, state sales.state, place sales.place, tags text[], raw bytea,
        document jsonb, ratio double precision
    ) {using};
    COMMENT ON TABLE sales.{side} IS 'what was sold';
    INSERT INTO sales.{side} (branch, price, name, at, state, place, tags, raw, document, ratio)
        SELECT 1 + i % 2, i / 4.0, 'ä ' || i, timestamptz '2024-01-01+00' + i * interval '1 hour',
               (ARRAY['open', 'paid'])[1 + i % 2]::sales.state, ROW('street ' || i, i)::sales.place,
               ARRAY['a', NULL, i::text], int8send(i), jsonb_build_object('i', i), 'NaN'
        FROM generate_series(1, 500) i;
    INSERT INTO sales.{side} (price) VALUES (0);
    ALTER TABLE sales.{side} ADD COLUMN late int DEFAULT 5;
    ALTER TABLE sales.{side} DROP COLUMN raw;
    CREATE VIEW sales.{side}_view AS SELECT branch, sum(price) FROM sales.{side} GROUP BY branch;
    ALTER TABLE sales.{side} ENABLE ROW LEVEL SECURITY;
    CREATE POLICY own ON sales.{side} USING (branch = 1);
    GRANT SELECT ON sales.{side} TO PUBLIC;
"""


@pytest.fixture
def filled(db, access_method):
    db.sql(SCHEMA.format(side="lake", using=f"USING {access_method}").replace(
        "CREATE SCHEMA sales;", "CREATE SCHEMA IF NOT EXISTS sales;"))
    again = SCHEMA.format(side="heap", using="")
    for known in ("CREATE SCHEMA sales;", "CREATE TYPE sales.state AS ENUM ('open', 'paid');",
                  "CREATE TYPE sales.place AS (street text, number int);",
                  "CREATE TABLE sales.branch (id int PRIMARY KEY, name text);",
                  "INSERT INTO sales.branch VALUES (1, 'one'), (2, 'two');"):
        assert known in again
        again = again.replace(known, "")
    db.sql(again)
    return db


@pytest.fixture
def restored(server, filled):
    """An empty database without even the extension: the dump creates it."""
    target = Database(server, extension=False)
    yield target
    target.close_connections()
    target.fsck()
    target.drop()


@pytest.mark.parametrize("kind", ["plain", "custom", "directory", "inserts"])
def test_dump_and_restore(server, filled, restored, access_method, kind):
    path = server.home / f"dump-{filled.name}"
    if kind in ("plain", "inserts"):
        extra = ["--inserts"] if kind == "inserts" else []
        server.run_program("pg_dump", "-f", str(path), *extra, database=filled.name)
        server.run_program("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", str(path), database=restored.name)
    else:
        server.run_program("pg_dump", f"-F{kind[0]}", "-f", str(path), database=filled.name)
        server.run_program("pg_restore", "--exit-on-error", "-j2", "-d", restored.name, str(path))
    here, there = filled.connect(), restored.connect()
    assert_twins(there, here, "sales.lake", "sales.heap")
    assert columns_of(there, "sales.lake") == columns_of(here, "sales.lake")
    (am,), = restored.sql("SELECT a.amname FROM pg_class c JOIN pg_am a ON a.oid = c.relam WHERE c.oid = 'sales.lake'::regclass")
    assert am == access_method
    assert restored.sql("SELECT obj_description('sales.lake'::regclass)") == [("what was sold",)]
    assert restored.sql("SELECT sum FROM sales.lake_view ORDER BY 1") == filled.sql("SELECT sum FROM sales.lake_view ORDER BY 1")
    assert restored.sql("SELECT count(*) FROM pg_policy WHERE polrelid = 'sales.lake'::regclass") == [(1,)]
    restored.sql("INSERT INTO sales.lake (price) VALUES (1)")
    assert restored.sql("SELECT max(id) FROM sales.lake") == [(502,)]
