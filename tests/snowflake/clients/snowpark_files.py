# SPDX-License-Identifier: Apache-2.0
"""What Snowpark does with files and temporary objects."""

import pandas
import pytest
from conftest import parameters
from snowflake.snowpark import Row, Session
from snowflake.snowpark import functions as f


@pytest.fixture
def session(database):
    made = Session.builder.configs(parameters(database=database, schema="PUBLIC")).create()
    yield made
    made.close()


FRAME = pandas.DataFrame({"ID": [1, 2, 3], "NAME": ["a", None, "c"]})


def test_files(session, tmp_path):
    session.sql("CREATE OR REPLACE STAGE parked").collect()
    (tmp_path / "in.csv").write_text("1,a\n2,b\n")
    assert session.file.put(str(tmp_path / "in.csv"), "@parked/folder", auto_compress=False)[0].status == "UPLOADED"
    assert [row["name"] for row in session.sql("LIST @parked").collect()] == ["parked/folder/in.csv"]
    got = session.file.get("@parked/folder/in.csv", str(tmp_path / "back"))
    assert got[0].status == "DOWNLOADED"
    assert (tmp_path / "back" / "in.csv").read_text() == "1,a\n2,b\n"


def test_write_pandas(session):
    session.sql("CREATE OR REPLACE TABLE framed (id INT, name VARCHAR)").collect()
    session.write_pandas(FRAME, "FRAMED")
    expected = [Row(ID=1, NAME="a"), Row(ID=2, NAME=None), Row(ID=3, NAME="c")]
    assert session.table("framed").sort("id").collect() == expected
    made = session.write_pandas(FRAME, "MADE", auto_create_table=True, overwrite=True)
    assert made.sort("ID").collect() == expected


def test_frames_of_pandas_and_of_many_rows(session):
    assert session.create_dataframe(FRAME).filter(f.col("ID") > 1).count() == 2
    assert session.create_dataframe([[i, str(i)] for i in range(1000)], schema=["i", "t"]).agg(f.sum("i")).collect()[0][0] == 499500


def test_cached_results_and_temporary_views(session):
    session.sql("CREATE OR REPLACE TABLE base AS SELECT 1 AS n").collect()
    cached = session.table("base").cache_result()
    session.sql("INSERT INTO base VALUES (2)").collect()
    assert (cached.count(), session.table("base").count()) == (1, 2)
    session.table("base").filter(f.col("n") == 2).create_or_replace_temp_view("second")
    assert session.sql("SELECT n FROM second").collect() == [Row(N=2)]
    assert sum(part.count() for part in session.create_dataframe([[i] for i in range(100)], schema=["i"]).random_split([0.5, 0.5], seed=1)) == 100


def test_parquet_files_are_read(session, tmp_path):
    FRAME.to_parquet(tmp_path / "frame.parquet")
    session.sql("CREATE OR REPLACE STAGE parked").collect()
    session.file.put(str(tmp_path / "frame.parquet"), "@parked", auto_compress=False)
    rows = session.read.parquet("@parked/frame.parquet").sort('"ID"').select('"ID"', '"NAME"').collect()
    assert [tuple(row) for row in rows] == [(1, "a"), (2, None), (3, "c")]
