# SPDX-License-Identifier: Apache-2.0
"""What a source does to its tables and its stream of changes does not tell: the destination follows all the same,
also where no row of the table ever changes again."""

import time
from contextlib import closing

import psycopg2
import pytest

from replicated import Replicated
from support.waiting import wait_for

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def replicated(installation, plain_installation):
    made = Replicated(installation, plain_installation)
    made.run("CREATE PUBLICATION roots WITH (publish_via_partition_root = true)", "CREATE PUBLICATION part")
    made.add_source("ROOTS", "roots", "roots")
    made.add_source("PART", "part", "part")
    yield made
    made.fsck()
    made.remove()


def inserted_at(replicated, table, database="dest"):
    """Of rows that are not written again, but where the table is copied again."""
    return sorted(str(row) for row in replicated.sql(f'SELECT ID, _SNOWFLAKE_INSERTED_AT FROM {database}."s"."{table}"'))


def looks(seconds=3):
    """More than one look at the catalogues."""
    time.sleep(seconds)


# ---- rewrites ----

@pytest.mark.parametrize("number, change", list(enumerate([
    "ALTER COLUMN n TYPE int USING n + 1",
    "ALTER COLUMN n TYPE bigint USING n * 2",
    "ALTER COLUMN t TYPE text USING upper(t)",
    "ADD COLUMN u uuid DEFAULT gen_random_uuid()",
    "ADD COLUMN w timestamp DEFAULT clock_timestamp()",
    "ADD COLUMN i int GENERATED ALWAYS AS IDENTITY",
    "ADD COLUMN c int DEFAULT 1, ALTER COLUMN n TYPE int USING n + 10",
])))
def test_trap_18_rewrites_are_noticed_without_another_change(replicated, number, change):
    table = f"rewritten{number}"
    replicated.run(f"CREATE TABLE s.{table} (id int PRIMARY KEY, n int, t text)",
                   f"INSERT INTO s.{table} SELECT i, i, 'x' || i FROM generate_series(1, 100) i")
    replicated.copied(table)
    replicated.run(f"ALTER TABLE s.{table} {change}")
    replicated.wait_until_equal(table)
    replicated.run(f"UPDATE s.{table} SET n = 7 WHERE id < 3", f"DELETE FROM s.{table} WHERE id = 5")
    replicated.wait_until_equal(table)


def test_trap_18_rewrites_between_changes(replicated):
    replicated.run("CREATE TABLE s.mixed (id int PRIMARY KEY, n int)", "INSERT INTO s.mixed SELECT i, i FROM generate_series(1, 50) i")
    replicated.copied("mixed")
    replicated.run("BEGIN; INSERT INTO s.mixed VALUES (100, 1); ALTER TABLE s.mixed ALTER n TYPE int USING n * 3; "
                   "INSERT INTO s.mixed VALUES (101, 1); UPDATE s.mixed SET n = n + 1 WHERE id = 1; COMMIT")
    replicated.wait_until_equal("mixed")


def test_trap_18_what_keeps_values_copies_nothing(replicated):
    replicated.run("CREATE TABLE s.moved (id int PRIMARY KEY, n int)", "INSERT INTO s.moved SELECT i, i FROM generate_series(1, 9) i")
    replicated.copied("moved")
    before = inserted_at(replicated, "moved")
    replicated.run("VACUUM FULL s.moved", "CLUSTER s.moved USING moved_pkey", "ANALYZE s.moved", "CREATE INDEX ON s.moved (n)",
                   "REINDEX TABLE s.moved", "VACUUM (FREEZE) s.moved",
                   "ALTER TABLE s.moved ADD g int GENERATED ALWAYS AS (n * 2) STORED")
    looks()
    replicated.run("ALTER TABLE s.moved ALTER n SET STATISTICS 5", "ALTER TABLE s.moved ALTER n SET DEFAULT 3")
    looks()
    assert inserted_at(replicated, "moved") == before
    replicated.run("UPDATE s.moved SET n = n + 1")
    replicated.wait_until_equal("moved", "id, n")


def test_trap_18_a_rewrite_while_the_warehouse_was_away(replicated):
    replicated.run("CREATE TABLE s.away (id int PRIMARY KEY, n int)", "INSERT INTO s.away VALUES (1, 1), (2, 2)",
                   "CREATE TABLE s.away_too (id int PRIMARY KEY, n int)", "INSERT INTO s.away_too VALUES (1, 1), (2, 2)")
    replicated.copied("away", "away_too")
    untouched = inserted_at(replicated, "away_too")
    replicated.kill()
    replicated.run("ALTER TABLE s.away ALTER n TYPE int USING n + 40", "ALTER TABLE s.away_too ADD c int DEFAULT 9")
    replicated.wait_until_equal("away", seconds=60)
    replicated.wait_until_equal("away_too", seconds=60)
    assert inserted_at(replicated, "away_too") == untouched


def test_trap_18_a_rewrite_while_the_table_is_copied(replicated):
    replicated.run("CREATE TABLE s.caught (id int PRIMARY KEY, n int, t text)",
                   "INSERT INTO s.caught SELECT i, i, repeat('x', 200) FROM generate_series(1, 60000) i")
    replicated.add("caught")
    for round_number in range(6):
        replicated.run("ALTER TABLE s.caught ALTER n TYPE int USING n + 1")
        time.sleep(0.15)
    replicated.wait_until_equal("caught", "count(*), sum(n)", seconds=90)


def test_trap_36_labels_of_an_enum_that_are_renamed(replicated):
    replicated.run("CREATE TYPE s.mood AS ENUM ('sad', 'ok')", "CREATE DOMAIN s.feeling AS s.mood",
                   "CREATE TABLE s.moods (id int PRIMARY KEY, m s.mood[], f s.feeling)",
                   "INSERT INTO s.moods VALUES (1, '{sad,ok}', 'sad'), (2, NULL, 'ok')")
    replicated.copied("moods")
    before = inserted_at(replicated, "moods")
    replicated.run("ALTER TYPE s.mood ADD VALUE 'happy' BEFORE 'sad'")
    looks()
    assert inserted_at(replicated, "moods") == before
    replicated.run("ALTER TYPE s.mood RENAME VALUE 'sad' TO 'blue'")
    replicated.wait_until_equal("moods", "id, m::text, f::text".replace("::text", ""))


# ---- columns that came later ----

def test_trap_17_constant_defaults_are_what_rows_of_before_have(replicated):
    replicated.run("CREATE TABLE s.later (id int PRIMARY KEY, n int)", "INSERT INTO s.later SELECT i, i FROM generate_series(1, 20) i")
    replicated.copied("later")
    before = inserted_at(replicated, "later")
    replicated.run("ALTER TABLE s.later ADD a int DEFAULT 5, ADD b text DEFAULT 'it''s \"quoted\" ü', ADD c numeric(9,2) DEFAULT 1.5, "
                   "ADD d date DEFAULT '2024-02-29', ADD e boolean DEFAULT true, ADD f timestamp DEFAULT '2024-01-01 10:11:12.5', "
                   "ADD g double precision DEFAULT 2.25, ADD h varchar(5) NOT NULL DEFAULT 'abc'",
                   "ALTER TABLE s.later ALTER a SET DEFAULT 6, ALTER b DROP DEFAULT")
    columns = "id, n, a, b, c, d, e, f, g, h"
    replicated.wait_until_equal("later", columns)
    assert inserted_at(replicated, "later") == before
    replicated.run("INSERT INTO s.later (id) VALUES (100)", "UPDATE s.later SET n = 0 WHERE id = 1", "UPDATE s.later SET a = NULL WHERE id = 2")
    replicated.wait_until_equal("later", columns)


def test_trap_17_a_default_that_no_field_can_have_is_copied(replicated):
    replicated.run("CREATE TABLE s.zoned (id int PRIMARY KEY)", "INSERT INTO s.zoned VALUES (1), (2)")
    replicated.copied("zoned")
    replicated.run("ALTER TABLE s.zoned ADD w timestamptz DEFAULT '2024-01-01 10:00:00+00'")
    wait_for(lambda: "W" in [row[0] for row in replicated.sql('DESCRIBE TABLE dest."s"."zoned"')], "the column does not come", 20)
    wait_for(lambda: replicated.sql('SELECT COUNT(*) FROM dest."s"."zoned" WHERE W = \'2024-01-01 10:00:00 +0000\'::TIMESTAMP_TZ')
             == [(2,)], lambda: str(replicated.sql('SELECT * FROM dest."s"."zoned"')), 20)


def test_trap_17_defaults_meet_changes_of_before(replicated):
    """Of one transaction: rows that the stream brings without the column have its default, too."""
    replicated.run("CREATE TABLE s.met (id int PRIMARY KEY, n int)", "INSERT INTO s.met VALUES (1, 1)")
    replicated.copied("met")
    for number in range(5):
        replicated.run(f"INSERT INTO s.met VALUES ({10 + number}, 0)", f"UPDATE s.met SET n = n + 1 WHERE id = 1",
                       f"ALTER TABLE s.met ADD c{number} int DEFAULT {number}", f"INSERT INTO s.met (id) VALUES ({20 + number})")
    replicated.wait_until_equal("met")


def test_trap_16_a_name_that_comes_back_is_another_column(replicated):
    replicated.run("CREATE TABLE s.swapped (id int PRIMARY KEY, a int, b int)", "INSERT INTO s.swapped VALUES (1, 1, 2)")
    replicated.copied("swapped")
    replicated.run("INSERT INTO s.swapped VALUES (2, 3, 4)", "ALTER TABLE s.swapped RENAME a TO c", "ALTER TABLE s.swapped ADD a int",
                   "INSERT INTO s.swapped (id, a) VALUES (3, 5)")
    replicated.wait_until_equal("swapped", "id, a, b, c")


# ---- partitions ----

def partitioned(replicated, table):
    replicated.run(f"CREATE TABLE s.{table} (id int, k int, n int, PRIMARY KEY (id, k)) PARTITION BY LIST (k)",
                   f"CREATE TABLE s.{table}_1 PARTITION OF s.{table} FOR VALUES IN (1)",
                   f"CREATE TABLE s.{table}_2 PARTITION OF s.{table} FOR VALUES IN (2)",
                   f"INSERT INTO s.{table} SELECT i, 1 + i % 2, i FROM generate_series(1, 50) i",
                   f"ALTER PUBLICATION roots ADD TABLE s.{table}")
    replicated.copied(table, source="ROOTS")
    replicated.wait_until_equal(table, database="roots")


def test_trap_26_a_partition_that_is_attached_brings_its_rows(replicated):
    partitioned(replicated, "joined")
    replicated.run("CREATE TABLE s.joined_3 (n int, id int NOT NULL, k int NOT NULL)", "INSERT INTO s.joined_3 SELECT i, i, 3 FROM generate_series(100, 110) i",
                   "ALTER TABLE s.joined ATTACH PARTITION s.joined_3 FOR VALUES IN (3)")
    replicated.wait_until_equal("joined", database="roots")
    replicated.run("UPDATE s.joined SET n = -1 WHERE id = 105", "DELETE FROM s.joined WHERE id = 106", "UPDATE s.joined SET k = 1 WHERE id = 107")
    replicated.wait_until_equal("joined", database="roots")


def test_trap_26_a_partition_that_is_made_copies_nothing(replicated):
    partitioned(replicated, "grown")
    before = inserted_at(replicated, "grown", "roots")
    replicated.run("CREATE TABLE s.grown_3 PARTITION OF s.grown FOR VALUES IN (3)", "INSERT INTO s.grown VALUES (1000, 3, 1)")
    replicated.wait_until_equal("grown", database="roots")
    replicated.run("CREATE TABLE s.grown_4 (id int, k int, n int, PRIMARY KEY (id, k)) PARTITION BY RANGE (id)",
                   "CREATE TABLE s.grown_4a PARTITION OF s.grown_4 DEFAULT", "ALTER TABLE s.grown ATTACH PARTITION s.grown_4 FOR VALUES IN (4)",
                   "INSERT INTO s.grown VALUES (1001, 4, 1)")
    replicated.wait_until_equal("grown", database="roots")
    looks()
    assert set(before) < set(inserted_at(replicated, "grown", "roots"))


@pytest.mark.parametrize("number, leaving", list(enumerate([
    "ALTER TABLE s.{0} DETACH PARTITION s.{0}_2", "DROP TABLE s.{0}_2", "TRUNCATE s.{0}_2", "ALTER TABLE s.{0} DETACH PARTITION s.{0}_2 CONCURRENTLY"])))
def test_trap_26_partitions_that_leave_take_their_rows_along(replicated, number, leaving):
    table = f"shrunk{number}"
    partitioned(replicated, table)
    replicated.run(leaving.format(table))
    replicated.wait_until_equal(table, database="roots")
    replicated.run(f"INSERT INTO s.{table} VALUES (500, 1, 5)")
    replicated.wait_until_equal(table, database="roots")


def test_trap_26_an_attachment_in_one_transaction_with_its_rows(replicated):
    partitioned(replicated, "at_once")
    replicated.run("BEGIN; CREATE TABLE s.at_once_3 (id int, k int, n int, PRIMARY KEY (id, k)); INSERT INTO s.at_once_3 VALUES (900, 3, 1); "
                   "ALTER TABLE s.at_once ATTACH PARTITION s.at_once_3 FOR VALUES IN (3); INSERT INTO s.at_once VALUES (901, 3, 1); COMMIT")
    replicated.wait_until_equal("at_once", database="roots")


def test_trap_26_partitions_as_tables_of_their_own(replicated):
    """publish_via_partition_root = false: each is a table, whatever it is attached to."""
    replicated.run("CREATE TABLE s.apart (id int PRIMARY KEY, n int) PARTITION BY RANGE (id)",
                   "CREATE TABLE s.apart_1 PARTITION OF s.apart FOR VALUES FROM (0) TO (100)", "INSERT INTO s.apart VALUES (1, 1)")
    replicated.copied("apart_1")
    before = inserted_at(replicated, "apart_1")
    replicated.run("ALTER TABLE s.apart DETACH PARTITION s.apart_1", "INSERT INTO s.apart_1 VALUES (2, 2)",
                   "ALTER TABLE s.apart ATTACH PARTITION s.apart_1 FOR VALUES FROM (0) TO (100)", "INSERT INTO s.apart VALUES (3, 3)")
    replicated.wait_until_equal("apart_1")
    assert set(before) < set(inserted_at(replicated, "apart_1"))
    replicated.run("TRUNCATE s.apart_1", "INSERT INTO s.apart VALUES (4, 4)")
    replicated.wait_until_equal("apart_1")


def test_trap_26_children_of_inheritance_change_nothing_of_their_parent(replicated):
    replicated.run("CREATE TABLE s.parent (id int PRIMARY KEY, n int)", "INSERT INTO s.parent VALUES (1, 1)")
    replicated.copied("parent")
    replicated.run("CREATE TABLE s.child (PRIMARY KEY (id)) INHERITS (s.parent)", "INSERT INTO s.child VALUES (2, 2)",
                   "INSERT INTO s.parent VALUES (3, 3)", "UPDATE s.parent SET n = 9")
    wait_for(lambda: replicated.alive("parent") == [(1.0, 9.0), (3.0, 9.0)], lambda: str(replicated.alive("parent")), 20)


# ---- publications ----

def test_trap_15_a_table_that_left_the_publication_and_came_back(replicated):
    replicated.run("CREATE TABLE s.back (id int PRIMARY KEY, n int)", "INSERT INTO s.back VALUES (1, 1)", "ALTER PUBLICATION part ADD TABLE s.back")
    replicated.copied("back", source="PART")
    replicated.run("ALTER PUBLICATION part DROP TABLE s.back", "INSERT INTO s.back VALUES (2, 2)", "DELETE FROM s.back WHERE id = 1",
                   "ALTER PUBLICATION part ADD TABLE s.back")
    replicated.wait_until_equal("back", database="part")


def test_trap_15_a_table_that_left_the_publication_says_so_until_it_is_back(replicated):
    replicated.run("CREATE TABLE s.gone (id int PRIMARY KEY, n int)", "INSERT INTO s.gone VALUES (1, 1)", "ALTER PUBLICATION part ADD TABLE s.gone")
    replicated.copied("gone", source="PART")
    replicated.run("ALTER PUBLICATION part DROP TABLE s.gone")
    wait_for(lambda: replicated.states()["gone"][1] == "RETRYING", lambda: f"{replicated.states()}", 20)
    assert any('does not have table' in error for error in replicated.errors())
    replicated.run("INSERT INTO s.gone VALUES (2, 2)", "ALTER PUBLICATION part ADD TABLE s.gone")
    replicated.wait_until_equal("gone", database="part")
    wait_for(lambda: replicated.states()["gone"][1] == "IN_PROGRESS", lambda: f"{replicated.states()}", 20)


def test_trap_15_other_rows_are_published(replicated):
    replicated.run("CREATE TABLE s.some (id int PRIMARY KEY, n int)", "INSERT INTO s.some SELECT i, i FROM generate_series(1, 20) i",
                   "ALTER PUBLICATION part ADD TABLE s.some WHERE (id > 10)")
    replicated.copied("some", source="PART")
    replicated.wait_until_equal("some", database="part", where="WHERE id > 10")
    replicated.run("ALTER PUBLICATION part DROP TABLE s.some", "ALTER PUBLICATION part ADD TABLE s.some WHERE (id > 5)")
    replicated.wait_until_equal("some", database="part", where="WHERE id > 5")
    replicated.run("INSERT INTO s.some VALUES (3000, 1), (-1, 1)")
    replicated.wait_until_equal("some", database="part", where="WHERE id > 5")


def test_trap_15_other_columns_are_published(replicated):
    replicated.run("CREATE TABLE s.few (id int PRIMARY KEY, a int, b int)", "INSERT INTO s.few SELECT i, i, i FROM generate_series(1, 20) i",
                   "ALTER PUBLICATION part ADD TABLE s.few (id, a)")
    replicated.copied("few", source="PART")
    replicated.wait_until_equal("few", "id, a", database="part")
    replicated.run("ALTER PUBLICATION part DROP TABLE s.few", "ALTER PUBLICATION part ADD TABLE s.few (id, a, b)")
    replicated.wait_until_equal("few", "id, a, b", database="part")


@pytest.fixture
def own_publication(replicated):
    """A data source of the test's own: what is done to its publication meets all of its tables."""
    number = len(replicated.sources)
    replicated.run(f"CREATE PUBLICATION own{number}")
    replicated.add_source(f"OWN{number}", f"own{number}", f"own{number}")
    yield f"own{number}"


def test_trap_15_a_publication_that_lacks_deletes_fails_by_name(replicated, own_publication):
    replicated.run("CREATE TABLE s.kept_all (id int PRIMARY KEY)", f"ALTER PUBLICATION {own_publication} ADD TABLE s.kept_all")
    replicated.copied("kept_all", source=own_publication.upper())
    replicated.run(f"ALTER PUBLICATION {own_publication} SET (publish = 'insert, update')")
    wait_for(lambda: "FAILED" in replicated.states()["kept_all"], lambda: f"{replicated.states()}", 20)
    assert any("does not send all changes" in error for error in replicated.errors())


def test_trap_15_options_that_were_changed_and_changed_back(replicated, own_publication):
    replicated.run("CREATE TABLE s.shortly (id int PRIMARY KEY)", "INSERT INTO s.shortly VALUES (1), (2)",
                   f"ALTER PUBLICATION {own_publication} ADD TABLE s.shortly")
    replicated.copied("shortly", source=own_publication.upper())
    replicated.run("BEGIN; "
                   f"ALTER PUBLICATION {own_publication} SET (publish = 'insert'); COMMIT; DELETE FROM s.shortly WHERE id = 1; "
                   f"ALTER PUBLICATION {own_publication} SET (publish = 'insert, update, delete, truncate')")
    replicated.wait_until_equal("shortly", database=own_publication)


def test_trap_15_a_publication_that_is_dropped_and_made_anew(replicated, own_publication):
    replicated.run("CREATE TABLE s.orphan (id int PRIMARY KEY)", "INSERT INTO s.orphan VALUES (1)",
                   f"ALTER PUBLICATION {own_publication} ADD TABLE s.orphan")
    replicated.copied("orphan", source=own_publication.upper())
    replicated.run(f"DROP PUBLICATION {own_publication}", "INSERT INTO s.orphan VALUES (2)", "DELETE FROM s.orphan WHERE id = 1")
    wait_for(lambda: replicated.states()["orphan"][1] == "RETRYING", lambda: f"{replicated.states()}", 30)
    replicated.run(f"CREATE PUBLICATION {own_publication} FOR TABLE s.orphan", "INSERT INTO s.orphan VALUES (3)")
    replicated.wait_until_equal("orphan", database=own_publication, seconds=90)


# ---- names ----

def test_trap_19_a_table_that_is_called_otherwise_for_a_while(replicated):
    replicated.run("CREATE TABLE s.named (id int PRIMARY KEY)", "INSERT INTO s.named VALUES (1)")
    replicated.copied("named")
    replicated.run("ALTER TABLE s.named RENAME TO renamed", "INSERT INTO s.renamed VALUES (2)", "DELETE FROM s.renamed WHERE id = 1",
                   "ALTER TABLE s.renamed RENAME TO named", "INSERT INTO s.named VALUES (3)")
    replicated.wait_until_equal("named")


def test_trap_19_a_renamed_table_says_so(replicated):
    replicated.run("CREATE TABLE s.first_name (id int PRIMARY KEY)", "INSERT INTO s.first_name VALUES (1)")
    replicated.copied("first_name")
    replicated.run("ALTER TABLE s.first_name RENAME TO second_name")
    wait_for(lambda: replicated.states()["first_name"][1] == "RETRYING", lambda: f"{replicated.states()}", 20)
    replicated.run("INSERT INTO s.second_name VALUES (2)", "ALTER TABLE s.second_name RENAME TO first_name")
    replicated.wait_until_equal("first_name")


def test_trap_19_tables_that_swap_their_names(replicated):
    replicated.run("CREATE TABLE s.live (id int PRIMARY KEY, n int)", "CREATE TABLE s.next (id int PRIMARY KEY, n int)",
                   "INSERT INTO s.live VALUES (1, 1)", "INSERT INTO s.next VALUES (2, 2)")
    replicated.copied("live")
    replicated.run("BEGIN; ALTER TABLE s.live RENAME TO old; ALTER TABLE s.next RENAME TO live; INSERT INTO s.live VALUES (3, 3); COMMIT",
                   "INSERT INTO s.old VALUES (99, 99)")
    replicated.wait_until_equal("live")


def test_trap_19_a_table_that_is_made_anew_and_stays_as_it_is(replicated):
    replicated.run("CREATE TABLE s.anew (id int PRIMARY KEY)", "INSERT INTO s.anew VALUES (1)")
    replicated.copied("anew")
    replicated.run("BEGIN; DROP TABLE s.anew; CREATE TABLE s.anew (id int PRIMARY KEY); INSERT INTO s.anew VALUES (2); COMMIT")
    replicated.wait_until_equal("anew")
    replicated.run("DROP TABLE s.anew")
    wait_for(lambda: replicated.states()["anew"][1] == "RETRYING", lambda: f"{replicated.states()}", 20)
    replicated.run("CREATE TABLE s.anew (id int PRIMARY KEY)", "INSERT INTO s.anew VALUES (5)")
    replicated.wait_until_equal("anew")


# ---- which row it is ----

def test_trap_21_the_replica_identity_becomes_full_and_default_again(replicated):
    replicated.run("CREATE TABLE s.full_rows (id int PRIMARY KEY, n int, t text)", "ALTER TABLE s.full_rows ALTER t SET STORAGE EXTERNAL",
                   "INSERT INTO s.full_rows SELECT i, i, repeat('y', 5000) FROM generate_series(1, 9) i")
    replicated.copied("full_rows")
    for identity in ("FULL", "DEFAULT"):
        replicated.run(f"ALTER TABLE s.full_rows REPLICA IDENTITY {identity}", "UPDATE s.full_rows SET n = n + 1",
                       "UPDATE s.full_rows SET id = id + 100 WHERE n % 3 = 0 AND id < 50", "DELETE FROM s.full_rows WHERE n % 5 = 0")
        replicated.wait_until_equal("full_rows")


def test_trap_21_the_replica_identity_becomes_an_index(replicated):
    """The stream then tells the index's columns of an old row, and no others."""
    replicated.run("CREATE TABLE s.indexed (a int PRIMARY KEY, b int NOT NULL, n int)", "CREATE UNIQUE INDEX indexed_b ON s.indexed (b)",
                   "INSERT INTO s.indexed SELECT i, -i, i FROM generate_series(1, 9) i")
    replicated.copied("indexed")
    replicated.run("ALTER TABLE s.indexed REPLICA IDENTITY USING INDEX indexed_b", "DELETE FROM s.indexed WHERE a = 1",
                   "UPDATE s.indexed SET b = 50 WHERE a = 2", "UPDATE s.indexed SET a = 60 WHERE a = 3", "UPDATE s.indexed SET n = 0 WHERE a = 4")
    replicated.wait_until_equal("indexed")
    replicated.run("DELETE FROM s.indexed WHERE a = 5", "UPDATE s.indexed SET b = 51 WHERE a = 6", "UPDATE s.indexed SET a = 61 WHERE a = 7")
    replicated.wait_until_equal("indexed")
    replicated.run("ALTER TABLE s.indexed REPLICA IDENTITY DEFAULT", "DELETE FROM s.indexed WHERE a = 8", "UPDATE s.indexed SET a = 70 WHERE a = 9")
    replicated.wait_until_equal("indexed")


def test_trap_21_the_replica_identity_becomes_nothing(replicated):
    replicated.run("CREATE TABLE s.nobody (id int PRIMARY KEY)", "INSERT INTO s.nobody VALUES (1)")
    replicated.copied("nobody")
    replicated.run("ALTER TABLE s.nobody REPLICA IDENTITY NOTHING")
    wait_for(lambda: replicated.states()["nobody"][1] == "FAILED", lambda: f"{replicated.states()}", 20)
    assert any("nobody" in error and "has no key" in error for error in replicated.errors())


def test_trap_21_another_key_is_noticed_without_another_change(replicated):
    replicated.run("CREATE TABLE s.key_changed (a int CONSTRAINT key_changed_key PRIMARY KEY, b int NOT NULL)", "INSERT INTO s.key_changed VALUES (1, 1)")
    replicated.copied("key_changed")
    replicated.run("ALTER TABLE s.key_changed DROP CONSTRAINT key_changed_key", "ALTER TABLE s.key_changed ADD PRIMARY KEY (a, b)")
    wait_for(lambda: replicated.states()["key_changed"][1] == "FAILED", lambda: f"{replicated.states()}", 20)


def test_trap_22_rows_that_may_be_alike_are_refused(replicated):
    replicated.run("CREATE TABLE s.alike (n int)", "ALTER TABLE s.alike REPLICA IDENTITY FULL", "INSERT INTO s.alike VALUES (1), (1)")
    replicated.add("alike")
    wait_for(lambda: replicated.states()["alike"][2] == "FAILED", lambda: f"{replicated.states()}", 20)


# ---- transactions ----

def test_trap_29_prepared_transactions_come_once_when_they_are_committed(replicated):
    replicated.run("CREATE TABLE s.prepared (id int PRIMARY KEY, n int)", "INSERT INTO s.prepared VALUES (1, 1)")
    replicated.copied("prepared")
    with closing(replicated.connect(autocommit=False)) as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO s.prepared VALUES (2, 2); UPDATE s.prepared SET n = 5 WHERE id = 1; PREPARE TRANSACTION 'kept'")
    with closing(replicated.connect(autocommit=False)) as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO s.prepared VALUES (3, 3); PREPARE TRANSACTION 'lost'")
    replicated.run("INSERT INTO s.prepared VALUES (4, 4)")
    replicated.wait_until_equal("prepared")
    replicated.kill()
    replicated.run("COMMIT PREPARED 'kept'", "ROLLBACK PREPARED 'lost'")
    replicated.wait_until_equal("prepared", seconds=60)


def test_trap_28_subtransactions_that_are_rolled_back_leave_nothing(replicated):
    replicated.run("CREATE TABLE s.subs (id int PRIMARY KEY, n int)")
    replicated.copied("subs")
    with closing(replicated.connect(autocommit=False)) as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO s.subs VALUES (1, 1); SAVEPOINT a; INSERT INTO s.subs VALUES (2, 2); SAVEPOINT b")
        cursor.execute("UPDATE s.subs SET n = 100; ROLLBACK TO b; RELEASE a; SAVEPOINT c")
        cursor.execute("ALTER TABLE s.subs ADD x int DEFAULT 3; INSERT INTO s.subs VALUES (3, 3, 3); ROLLBACK TO c")
        cursor.execute("INSERT INTO s.subs VALUES (4, 4); ALTER TABLE s.subs ADD y int DEFAULT 7")
        connection.commit()
    replicated.wait_until_equal("subs")


# ---- the slot ----

def test_trap_5_an_idle_database_holds_no_log_of_a_busy_one(replicated):
    replicated.run("CREATE DATABASE busy", "CREATE TABLE s.idle (id int PRIMARY KEY)")
    replicated.copied("idle")

    def position():
        return replicated.run(f"SELECT confirmed_flush_lsn - '0/0' FROM pg_replication_slots WHERE slot_name = '{replicated.slot}'")[0][0]

    with closing(psycopg2.connect(host="127.0.0.1", port=replicated.port, dbname="busy", user="postgres", password="postgres")) as busy:
        busy.autocommit = True
        with busy.cursor() as cursor:
            cursor.execute("CREATE TABLE t (n text)")
            cursor.execute("INSERT INTO t SELECT repeat('z', 1000) FROM generate_series(1, 5000)")
            cursor.execute("SELECT pg_current_wal_lsn() - '0/0'")
            written = cursor.fetchone()[0]
    wait_for(lambda: position() >= written, lambda: f"{position()} of {written}", 30)


def test_trap_13_a_slot_that_holds_back_more_than_its_limit_is_told(replicated):
    replicated.run("CREATE TABLE s.limited (id int PRIMARY KEY)", "CREATE PUBLICATION limited FOR TABLE s.limited", "CREATE TABLE s.noise (t text)")
    replicated.add_source("LIMITED", "limited", "limited", slotLimit="1MB")
    replicated.copied("limited", source="LIMITED")

    def told():
        replicated.run("INSERT INTO s.noise SELECT repeat(md5(random()::text), 30) FROM generate_series(1, 3000)")
        return replicated.sql("SELECT COUNT(*) FROM SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.PUBLIC.AGENT_AUDIT_LOG "
                              "WHERE ACTION_TYPE = 'Replication slot exceeded its limit'") != [(0,)]
    wait_for(told, "nothing is told", 60)
