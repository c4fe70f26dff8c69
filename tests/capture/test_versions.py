# SPDX-License-Identifier: Apache-2.0
"""Servers of other versions as sources: copied, streamed, and watched."""

import pytest

from replicated import Replicated
from support import layout
from support.installation import Installation

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("major", [15, 16, 18])
def test_a_source_of_another_version(installation, major):
    if not layout.postgresql(major).exists():
        pytest.skip(f"PostgreSQL {major} is not here; run: make deps")
    other = Installation(with_extension=False, major=major)
    replicated = Replicated(installation, other)
    try:
        follow(replicated, major)
        replicated.fsck()
    finally:
        replicated.remove()
        other.remove()


def follow(replicated, major):
    replicated.run("CREATE TYPE s.mood AS ENUM ('sad', 'ok')",
                   "CREATE TABLE s.t (id int PRIMARY KEY, n numeric(9,2), t text, m s.mood, f float, d date, b boolean)",
                   "ALTER TABLE s.t ALTER t SET STORAGE EXTERNAL",
                   "INSERT INTO s.t SELECT i, i / 3.0, repeat(md5(i::text), 200), 'ok', i / 7.0, '2024-01-01', i % 2 = 0 "
                   "FROM generate_series(1, 500) i",
                   "CREATE TABLE s.p (id int PRIMARY KEY, n int) PARTITION BY RANGE (id)",
                   "CREATE TABLE s.p1 PARTITION OF s.p FOR VALUES FROM (0) TO (100)", "INSERT INTO s.p VALUES (1, 1)",
                   "CREATE PUBLICATION roots FOR TABLES IN SCHEMA s WITH (publish_via_partition_root = true)")
    replicated.add_source("ROOTS", "roots", "roots")
    replicated.add("t")
    replicated.add("p", source="ROOTS")
    replicated.wait_until_copied("t", "p")
    replicated.wait_until_equal("t")
    replicated.run("UPDATE s.t SET n = n + 1 WHERE id % 3 = 0", "DELETE FROM s.t WHERE id % 5 = 0",
                   "UPDATE s.t SET id = id + 1000 WHERE id % 7 = 0", "INSERT INTO s.t (id) VALUES (0)")
    replicated.wait_until_equal("t")
    # Neither is a change of rows.
    replicated.run("ALTER TABLE s.t ADD c int DEFAULT 5", "ALTER TABLE s.t ALTER n TYPE numeric(9,2) USING n * 2")
    replicated.wait_until_equal("t")
    replicated.run("ALTER TYPE s.mood RENAME VALUE 'ok' TO 'fine'", "UPDATE s.t SET t = 'short' WHERE id < 10")
    replicated.wait_until_equal("t")
    replicated.run("CREATE TABLE s.p2 (id int PRIMARY KEY, n int)", "INSERT INTO s.p2 VALUES (150, 1)",
                   "ALTER TABLE s.p ATTACH PARTITION s.p2 FOR VALUES FROM (100) TO (200)", "INSERT INTO s.p VALUES (160, 2)")
    replicated.wait_until_equal("p", database="roots")
    replicated.kill()
    replicated.run("TRUNCATE s.t", "INSERT INTO s.t (id, n) VALUES (1, 1)", "DELETE FROM s.p WHERE id = 1")
    replicated.wait_until_equal("t", seconds=60)
    replicated.wait_until_equal("p", database="roots", seconds=60)
    if major >= 18:
        published_generated_columns(replicated)


def published_generated_columns(replicated):
    """From version 18 on a publication may send them, and adding one rewrites the table."""
    replicated.run("CREATE TABLE s.g (id int PRIMARY KEY, n int)", "INSERT INTO s.g VALUES (1, 1), (2, 2)",
                   "CREATE PUBLICATION generated FOR TABLE s.g WITH (publish_generated_columns = stored)")
    replicated.add_source("GENERATED", "generated", "generated")
    replicated.copied("g", source="GENERATED")
    replicated.run("ALTER TABLE s.g ADD twice int GENERATED ALWAYS AS (n * 2) STORED")
    replicated.wait_until_equal("g", database="generated")
    replicated.run("UPDATE s.g SET n = 7 WHERE id = 1")
    replicated.wait_until_equal("g", database="generated")
