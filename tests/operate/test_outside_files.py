# SPDX-License-Identifier: Apache-2.0
"""Files outside a table's location: named by those who may, and the table's from then on."""

import pyarrow
import pyarrow.parquet
import pytest
from psycopg2 import errors

from support.account import make_server_directory
from support.database import Database
from support.pyiceberg_writer import PostgresCatalog, append_file
from support.reachable import files_in
from support.waiting import wait_for

pytestmark = pytest.mark.slow

SCHEMA = pyarrow.schema([pyarrow.field("a", pyarrow.int32(), metadata={"PARQUET:field_id": "1"})])


def rows(connection, statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else None


def test_files_below_allowed_locations(make_server):
    server = make_server(**{"tarn.garbage_safe_age": 0, "tarn.allowed_locations": "s3://staging/in/"})
    lake = Database(server.start())
    conn = lake.connect()
    rows(conn, "CREATE TABLE t (a int) USING iceberg")
    rows(conn, "CREATE ROLE loader; GRANT INSERT, SELECT ON t TO loader")
    catalog = PostgresCatalog(conn, server.buckets)
    sizes = {}
    for path in ("s3://staging/in/x.parquet", "s3://staging/other/x.parquet"):
        make_server_directory(server.local_path(path).parent)
        with catalog.io.new_output(path).create() as file:
            pyarrow.parquet.write_table(pyarrow.Table.from_pylist([{"a": 7}], schema=SCHEMA), file)
        sizes[path] = server.local_path(path).stat().st_size

    def append(path):
        append_file(catalog, "t", path, sizes[path])

    with pytest.raises(errors.InsufficientPrivilege, match="outside the location"):
        append("s3://staging/other/x.parquet")
    rows(conn, "SET ROLE loader")
    with pytest.raises(errors.InsufficientPrivilege, match="outside the location"):
        append("s3://staging/in/x.parquet")
    rows(conn, "RESET ROLE; GRANT pg_read_server_files, pg_write_server_files TO loader; SET ROLE loader")
    append("s3://staging/in/x.parquet")
    assert rows(conn, "SELECT a FROM t") == [(7,)]
    rows(conn, "RESET ROLE")
    lake.fsck()
    # The table's: it goes with the table. What was refused stays its writer's.
    rows(conn, "DROP TABLE t")
    wait_for(lambda: "s3://staging/in/x.parquet" not in files_in(server), "the file stays")
    assert "s3://staging/other/x.parquet" in files_in(server)
