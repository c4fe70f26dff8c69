# SPDX-License-Identifier: Apache-2.0
"""Copies of tables in ranges: every row once, as the snapshot has it and as the publication sends it."""

import pytest

from source_probe import ProbeError


def ids(rows):
    return sorted(int(row["id"]) for row in rows)


def expected_ids(source, query="SELECT id FROM t"):
    return sorted(number for (number,) in source.sql(query))


def wide_table(source, rows=30_000):
    """Some 30 MB: several ranges."""
    source.sql("CREATE TABLE t (id int PRIMARY KEY, c text)")
    source.sql(f"INSERT INTO t SELECT i, repeat('x', 900) FROM generate_series(1, {rows}) i")


def test_trap_12_ranges_cover_every_row_once(source, rng):
    wide_table(source)
    # Holes of all sizes, rows that moved, pages at the end that vacuum gives back.
    source.sql("DELETE FROM t WHERE id BETWEEN 5000 AND 12000 OR id %% 7 = 0 OR id > 29000", ())
    source.sql("UPDATE t SET c = repeat('y', 1000) WHERE id %% 5 = 0", ())
    source.sql("INSERT INTO t VALUES (40000, 'late')")
    for workers in (1, 3):
        rows, summary = source.snapshot("t", workers=workers)
        assert ids(rows) == expected_ids(source)
        assert summary["ranges"] >= 4 * workers - 1
    source.sql("VACUUM t")
    assert ids(source.snapshot("t")[0]) == expected_ids(source)


def test_ranges_are_alike(source):
    wide_table(source)
    _, summary = source.snapshot("t", workers=2)
    counts = [summary["rows_of_range"].count(number) for number in range(summary["ranges"])]
    assert 7 <= len(counts) <= 9 and max(counts) < 1.3 * min(counts)


def test_trap_12_tables_without_rows_or_blocks(source):
    source.sql("CREATE TABLE t (id int PRIMARY KEY)")
    assert source.snapshot("t")[0] == []
    source.sql("INSERT INTO t VALUES (1); DELETE FROM t")
    assert source.snapshot("t")[0] == []


def test_trap_12_statistics_do_not_matter(source):
    """relpages and reltuples of a table that was never looked at are nothing."""
    source.sql("CREATE TABLE t (id int PRIMARY KEY, c text) WITH (autovacuum_enabled = false)")
    source.sql("INSERT INTO t SELECT i, repeat('x', 900) FROM generate_series(1, 20000) i")
    assert source.describe("t")["estimated_rows"] == -1
    rows, summary = source.snapshot("t")
    assert ids(rows) == list(range(1, 20001)) and summary["ranges"] > 4


def test_trap_10_the_stream_goes_on_where_the_snapshot_ends(source):
    source.sql("CREATE TABLE t (id int PRIMARY KEY)")
    source.sql("INSERT INTO t VALUES (1)")
    _, summary = source.snapshot("t")
    assert "/" in summary["consistent_point"]


def test_trap_26_partitions(source):
    """Also those that are partitioned themselves, have other orders of columns, or were never filled."""
    source.sql("CREATE TABLE t (id int, kind text, n int, PRIMARY KEY (id, kind)) PARTITION BY LIST (kind)")
    source.sql("CREATE TABLE t_a PARTITION OF t FOR VALUES IN ('a')")
    source.sql("CREATE TABLE t_b (n int, dropped int, kind text NOT NULL, id int NOT NULL)")
    source.sql("ALTER TABLE t_b DROP COLUMN dropped; ALTER TABLE t ATTACH PARTITION t_b FOR VALUES IN ('b')")
    source.sql("CREATE TABLE t_c PARTITION OF t FOR VALUES IN ('c') PARTITION BY RANGE (id)")
    source.sql("CREATE SCHEMA other; CREATE TABLE other.t_c1 PARTITION OF t_c FOR VALUES FROM (0) TO (1000)")
    source.sql("CREATE TABLE t_c2 PARTITION OF t_c DEFAULT PARTITION BY RANGE (id)")
    source.make_slot()
    source.sql("INSERT INTO t SELECT i, chr(97 + i %% 3), i * 2 FROM generate_series(1, 900) i", ())
    rows, _ = source.snapshot("t")
    assert ids(rows) == list(range(1, 901))
    assert all(row["kind"] == chr(97 + int(row["id"]) % 3) and int(row["n"]) == 2 * int(row["id"]) for row in rows)
    described = source.describe("t")
    assert described["partitioned"] and described["primary_key"] == [0, 1]
    stream = source.stream().started()
    changes = stream.transaction()
    assert {change["table"] for change in changes} == {"public.t"}
    assert all(int(change["row"]["n"]) == 2 * int(change["row"]["id"]) for change in changes)
    source.sql("UPDATE t SET kind = 'b' WHERE id = 3")
    assert [change["kind"] for change in stream.transaction()] == ["delete", "insert"]


def test_trap_26_partitions_outside_of_the_log(source):
    source.sql("CREATE EXTENSION IF NOT EXISTS file_fdw") if has_extension(source, "file_fdw") else pytest.skip("no file_fdw")
    source.sql("CREATE SERVER files FOREIGN DATA WRAPPER file_fdw")
    source.sql("DROP PUBLICATION \"all\"")
    source.sql("CREATE TABLE t (id int, kind int) PARTITION BY LIST (kind)")
    source.sql("CREATE FOREIGN TABLE t_f PARTITION OF t FOR VALUES IN (1) SERVER files OPTIONS (filename '/dev/null')")
    source.sql('CREATE PUBLICATION "all" FOR ALL TABLES WITH (publish_via_partition_root = true)')
    with pytest.raises(ProbeError) as failure:
        source.snapshot("t")
    assert failure.value.kind == "invalid argument" and '"t_f"' in failure.value.message


def has_extension(source, name):
    return source.sql("SELECT count(*) FROM pg_available_extensions WHERE name = %s", (name,))[0][0] > 0


def test_children_of_inheritance_are_tables_of_their_own(source):
    """As in the stream, where their changes come under their names."""
    source.sql("CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE child (PRIMARY KEY (id)) INHERITS (t)")
    source.make_slot()
    source.sql("INSERT INTO t VALUES (1); INSERT INTO child VALUES (2)")
    assert ids(source.snapshot("t")[0]) == [1]
    assert ids(source.snapshot("child")[0]) == [2]
    stream = source.stream().started()
    assert [change["table"] for change in stream.transaction()] == ["public.t", "public.child"]


def test_trap_14_row_filters_and_column_lists(source):
    wide_table(source, 20_000)
    source.sql("ALTER TABLE t ADD n int, ADD \"Quoted\" int DEFAULT 3")
    source.sql("UPDATE t SET n = id %% 10", ())
    source.sql("ALTER TABLE t REPLICA IDENTITY FULL")
    source.sql("CREATE PUBLICATION part FOR TABLE t (id, \"Quoted\") WHERE (n > 5 OR n IS NULL AND id < 10)")
    source.sql("INSERT INTO t (id, n) VALUES (0, NULL), (-1, 0)")
    rows, summary = source.snapshot("t", publication="part")
    assert ids(rows) == expected_ids(source, "SELECT id FROM t WHERE n > 5 OR n IS NULL AND id < 10")
    assert summary["ranges"] > 1
    assert all(row == {"id": row["id"], "Quoted": "3"} for row in rows)


def test_trap_37_generated_columns_are_left_out(source):
    source.sql("CREATE TABLE t (id int PRIMARY KEY, g int GENERATED ALWAYS AS (id * 2) STORED, c text)")
    source.make_slot()
    source.sql("INSERT INTO t VALUES (1, DEFAULT, 'x')")
    assert source.snapshot("t")[0] == [{"id": "1", "c": "x"}]
    assert source.stream().started().transaction()[0]["row"] == {"id": "1", "c": "x"}
    assert [column["number"] for column in source.describe("t")["columns"]] == [1, 3]


def test_trap_17_defaults_of_columns_that_came_later(source):
    source.sql("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)")
    source.sql("ALTER TABLE t ADD COLUMN c text DEFAULT 'was there'")
    assert source.snapshot("t")[0] == [{"id": "1", "c": "was there"}]


def test_trap_38_policies_that_hide_rows_fail_the_copy(source):
    """Silently copying what the role may see would be a loss."""
    source.sql("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1), (2)")
    source.sql("ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY odd ON t USING (id = 1)")
    source.server.sql("DROP ROLE IF EXISTS reader")
    source.server.sql("CREATE ROLE reader LOGIN REPLICATION")
    source.sql("GRANT SELECT ON t TO reader")
    with pytest.raises(ProbeError) as failure:
        source.snapshot("t", user="reader")
    assert failure.value.kind == "permission denied" and "row-level security" in failure.value.message
    source.sql("REVOKE SELECT ON t FROM reader")
    with pytest.raises(ProbeError) as failure:
        source.snapshot("t", user="reader")
    assert failure.value.kind == "permission denied"


def test_many_columns_and_large_values(source):
    columns = ", ".join(f"c{i} int" for i in range(1598))
    source.sql(f"CREATE TABLE t (id int PRIMARY KEY, {columns}, big text)")
    source.sql("INSERT INTO t (id, c0, c1597, big) VALUES (1, 5, 6, repeat('ü', 8000000))")
    source.make_slot()
    source.sql("UPDATE t SET c0 = 7, big = repeat('x', 20000000)")
    ((row,), _) = source.snapshot("t")
    assert len(row) == 1600 and row["c1597"] == "6" and row["big"] == "x" * 20_000_000
    (update,) = source.stream(queue_bytes=1000).started().transaction()
    assert update["row"]["c0"] == "7" and update["row"]["big"] == "x" * 20_000_000
