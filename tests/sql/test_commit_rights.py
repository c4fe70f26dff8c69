# SPDX-License-Identifier: Apache-2.0
"""Who may commit files to a lake table, and where nobody may."""

import json

import pyarrow
import pyarrow.parquet
import pytest
from psycopg2 import errors
from pyiceberg.types import StringType

from support.database import Database
from support.pyiceberg_writer import PostgresCatalog, append_file


def rows(connection, statement, parameters=None):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else None


def batch(*values):
    return pyarrow.table({"a": pyarrow.array(values, pyarrow.int32())})


@pytest.fixture
def role(conn):
    rows(conn, "CREATE TABLE t (a int) USING iceberg; INSERT INTO t VALUES (1), (2); CREATE ROLE committer")
    yield "committer"
    rows(conn, "DROP OWNED BY committer; DROP ROLE committer")


@pytest.fixture
def table(role, db, server):
    writer = db.connect()
    rows(writer, "SET ROLE committer")
    return PostgresCatalog(writer, server.buckets).load_table("t")


def content(conn):
    return [a for (a,) in rows(conn, "SELECT a FROM t ORDER BY a")]


def test_privileges_follow_what_a_commit_does(conn, table):
    for attempt in (lambda: table.append(batch(3)), lambda: table.delete("a = 1"),
                    lambda: table.update_schema().add_column("b", StringType()).commit()):
        with pytest.raises(errors.InsufficientPrivilege):
            attempt()
    rows(conn, "GRANT INSERT ON t TO committer")
    table.append(batch(3))
    with pytest.raises(errors.InsufficientPrivilege):
        table.delete("a = 1")
    with pytest.raises(errors.InsufficientPrivilege):
        table.overwrite(batch(4))
    rows(conn, "GRANT DELETE ON t TO committer")
    table.delete("a = 1")
    table.overwrite(batch(4))
    assert content(conn) == [4]
    with pytest.raises(errors.InsufficientPrivilege, match="must be owner"):
        with table.transaction() as transaction:
            transaction.set_properties({"a": "b"})
    with pytest.raises(errors.InsufficientPrivilege, match="must be owner"):
        table.manage_snapshots().create_tag(table.metadata.current_snapshot_id, "mine").commit()
    rows(conn, "ALTER TABLE t OWNER TO committer")
    with table.transaction() as transaction:
        transaction.set_properties({"a": "b"})


def test_an_append_that_deletes_is_a_deletion(conn, table):
    """What a snapshot says of itself counts for nothing."""
    rows(conn, "GRANT INSERT, DELETE ON t TO committer")
    table.delete("a = 1")
    assert content(conn) == [2]
    (_, (_, updates)) = table.catalog.commits[-1]
    rows(conn, "INSERT INTO t VALUES (1), (3); REVOKE DELETE ON t FROM committer")
    table.refresh()
    lie = json.loads(updates)
    snapshot = lie[0]["snapshot"]
    snapshot["summary"]["operation"] = "append"
    snapshot["snapshot-id"] = lie[1]["snapshot-id"] = 4711
    snapshot["sequence-number"] = table.metadata.last_sequence_number + 1
    with pytest.raises(errors.InsufficientPrivilege):
        rows(table.catalog.connection, "SELECT tarn.commit_table('t', '[]', %s)", (json.dumps(lie),))
    assert content(conn) == [1, 2, 3]


def test_row_level_security(conn, table):
    rows(conn, "GRANT INSERT, SELECT ON t TO committer; ALTER TABLE t ENABLE ROW LEVEL SECURITY; "
               "CREATE POLICY p ON t USING (true)")
    with pytest.raises(errors.FeatureNotSupported, match="row-level security"):
        table.append(batch(3))
    rows(conn, "ALTER ROLE committer BYPASSRLS")
    table.append(batch(3))
    assert content(conn) == [1, 2, 3]


def test_read_only_transactions_and_other_relations(conn, db, role):
    commit = "SELECT tarn.commit_table(%s::regclass, '[]', '[]')"
    reader = db.connect(autocommit=False)
    rows(reader, "SET TRANSACTION READ ONLY")
    with pytest.raises(errors.ReadOnlySqlTransaction):
        rows(reader, commit, ("t",))
    rows(conn, "CREATE TABLE heap (a int); CREATE VIEW v AS SELECT 1 AS a; "
               "CREATE MATERIALIZED VIEW m USING iceberg AS SELECT 1 AS a")
    for relation in ("heap", "v", "m", "pg_class"):
        with pytest.raises(errors.WrongObjectType):
            rows(conn, commit, (relation,))


def test_states_of_the_transaction_that_no_metadata_tells(conn, db, role):
    writer = db.connect(autocommit=False)
    for statement in ("TRUNCATE t", "CLUSTER t", "CREATE TABLE made (a int) USING iceberg"):
        try:
            rows(writer, statement)
        except (errors.FeatureNotSupported, errors.UndefinedObject):
            writer.rollback()
            continue
        table = "made" if "made" in statement else "t"
        with pytest.raises(errors.FeatureNotSupported, match="in this transaction"):
            rows(writer, f"SELECT tarn.commit_table('{table}', '[]', '[]')")
        writer.rollback()
    rows(writer, "SAVEPOINT s; TRUNCATE t; ROLLBACK TO s; INSERT INTO t VALUES (3)")
    rows(writer, "SELECT tarn.commit_table('t', '[]', %s)",
         (json.dumps([{"action": "set-properties", "updates": {"k": "v"}}]),))
    rows(writer, "TRUNCATE t; INSERT INTO t VALUES (9)")
    writer.commit()
    assert content(conn) == [9]


def test_tables_of_another_database(db, server):
    db.sql("CREATE TABLE t (a int) USING iceberg")
    copy = Database(server, template=db.name)
    try:
        with pytest.raises(errors.InsufficientPrivilege) as raised:
            copy.sql("SELECT tarn.commit_table('t', '[]', '[]')")
        assert "adopt_table" in raised.value.diag.message_hint
    finally:
        copy.drop()


@pytest.mark.parametrize("what, statement", [
    ("has CHECK constraints", "ALTER TABLE t ADD CHECK (a > 0)"),
    ("has foreign keys", "CREATE TABLE k (a int PRIMARY KEY); INSERT INTO k VALUES (1), (2); "
                         "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES k"),
    ("is a partition", "CREATE TABLE parent (a int) PARTITION BY RANGE (a); "
                       "ALTER TABLE parent ATTACH PARTITION t FOR VALUES FROM (1) TO (9)"),
])
def test_rows_that_nobody_checks(conn, db, server, role, what, statement):
    for each in ("TRUNCATE t", "INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2)", statement):
        rows(conn, each)
    table = PostgresCatalog(conn, server.buckets).load_table("t")
    with pytest.raises(errors.FeatureNotSupported, match=what):
        table.append(batch(3))
    table.delete("a = 1")  # the whole of a file
    assert content(conn) == [2]


def test_columns_that_have_no_nulls(conn, server, role):
    rows(conn, "ALTER TABLE t ALTER COLUMN a SET NOT NULL")
    table = PostgresCatalog(conn, server.buckets).load_table("t")
    assert not table.schema().find_field("a").required
    with pytest.raises(errors.InvalidParameterValue, match='may have nulls in column "a"'):
        table.append(batch(3, None))
    table.append(batch(3))
    assert content(conn) == [1, 2, 3]


def test_values_that_postgres_lacks(conn, server, role):
    rows(conn, "CREATE TABLE n (i smallint, d date, ts timestamp) USING iceberg")
    catalog = PostgresCatalog(conn, server.buckets)
    schema = pyarrow.schema([pyarrow.field(name, kind, metadata={"PARQUET:field_id": str(i + 1)}) for i, (name, kind) in
                             enumerate((("i", pyarrow.int32()), ("d", pyarrow.date32()), ("ts", pyarrow.timestamp("us"))))])

    def put(number, **values):
        """PyIceberg writes no such values: the file is Arrow's."""
        rows(conn, "TRUNCATE n")
        path = f"{catalog.load_table('n').location()}/data/extreme-{number}.parquet"
        columns = [pyarrow.array([values.get(field.name)], field.type) for field in schema]
        with catalog.io.new_output(path).create() as file:
            pyarrow.parquet.write_table(pyarrow.Table.from_arrays(columns, schema=schema), file)
        append_file(catalog, "n", path, server.local_path(path).stat().st_size)

    put(0, i=32767, d=0, ts=0)
    assert [str(value) for value in rows(conn, "SELECT * FROM n")[0]] == ["32767", "1970-01-01", "1970-01-01 00:00:00"]
    wrong = ({"i": 32768}, {"i": -32769}, {"d": 2**31 - 1}, {"d": -2**31}, {"ts": -2**63 + 1})
    for number, values in enumerate(wrong, 1):
        put(number, **values)
        with pytest.raises(errors.NumericValueOutOfRange, match="out of range for type"):
            rows(conn, "SELECT * FROM n")
    rows(conn, "TRUNCATE n")


def test_texts_that_postgres_lacks(conn, server, role):
    rows(conn, "CREATE TABLE n (v varchar(3), c char(2), t text, a varchar(2)[]) USING iceberg")
    rows(conn, "INSERT INTO n VALUES ('äöü', 'é', 'x', '{ab,NULL}')")
    catalog = PostgresCatalog(conn, server.buckets)
    element = pyarrow.field("element", pyarrow.string(), metadata={"PARQUET:field_id": "5"})
    kinds = (pyarrow.string(), pyarrow.string(), pyarrow.string(), pyarrow.list_(element))
    schema = pyarrow.schema([pyarrow.field(name, kind, metadata={"PARQUET:field_id": str(i + 1)})
                             for i, (name, kind) in enumerate(zip("vcta", kinds))])

    def put(number, **values):
        rows(conn, "TRUNCATE n")
        path = f"{catalog.load_table('n').location()}/data/long-{number}.parquet"
        columns = [pyarrow.array([values.get(field.name)], field.type) for field in schema]
        with catalog.io.new_output(path).create() as file:
            pyarrow.parquet.write_table(pyarrow.Table.from_arrays(columns, schema=schema), file)
        append_file(catalog, "n", path, server.local_path(path).stat().st_size)

    put(0, v="äöü", c="é", t="x", a=["ab", None])
    assert rows(conn, "SELECT v, c, t, a FROM n") == [("äöü", "é", "x", ["ab", None])]
    too_long = ({"v": "äöüß"}, {"c": "abc"}, {"a": ["ab", "abc"]})
    for number, values in enumerate(too_long, 1):
        put(number, **values)
        with pytest.raises(errors.StringDataRightTruncation, match="too long for type character"):
            rows(conn, "SELECT * FROM n")
    put(9, t="a\0b")
    with pytest.raises(errors.CharacterNotInRepertoire, match="zero byte"):
        rows(conn, "SELECT * FROM n")
    assert rows(conn, "SELECT count(*) FROM n") == [(1,)]
    rows(conn, "TRUNCATE n")
