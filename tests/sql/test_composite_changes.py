# SPDX-License-Identifier: Apache-2.0
"""Composite types, and what changes them while lake tables store their values: stored values come back as they were, or
the change is refused, or reading fails; they are never null instead."""

import psycopg2
import pytest
from support.twin import assert_twins
from support.waiting import wait_for

LAKE_SCHEMA = """
CREATE TABLE h (x int, z text);
CREATE TYPE c AS (x int, z text);
CREATE VIEW v AS SELECT 1 AS x, 'z'::text AS z;
CREATE TABLE parent (x int, z text);
CREATE TABLE child () INHERITS (parent);
CREATE TABLE whole (x int, z text) PARTITION BY LIST (x);
CREATE TABLE part PARTITION OF whole FOR VALUES IN (1);
CREATE TYPE kind AS ENUM ('a');
CREATE SCHEMA apart;
CREATE DOMAIN apart.positive AS int;
CREATE TABLE uses (x apart.positive, k kind, z text);
CREATE TABLE lake_row (x int, z text) USING iceberg;
CREATE DOMAIN c_domain AS c;
CREATE TYPE outer_c AS (inner_c c, more int);
"""

#: type of the column, a value, a statement that changes the type beneath
CHANGES = [
    ("h", "ROW(1,'z')", "ALTER TABLE h ADD y int"),
    ("h", "ROW(1,'z')", "ALTER TABLE h ADD y int, DROP x"),
    ("h", "ROW(1,'z')", "ALTER TABLE h DROP x"),
    ("h", "ROW(1,'z')", "ALTER TABLE h RENAME x TO w"),
    ("h[]", "ARRAY[ROW(1,'z')::h]", "ALTER TABLE h ADD y int"),
    ("c", "ROW(1,'z')", "ALTER TYPE c ADD ATTRIBUTE y int"),
    ("c", "ROW(1,'z')", "ALTER TYPE c DROP ATTRIBUTE z"),
    ("c", "ROW(1,'z')", "ALTER TYPE c RENAME ATTRIBUTE x TO w"),
    ("c_domain", "ROW(1,'z')", "ALTER TYPE c ADD ATTRIBUTE y int"),
    ("outer_c[]", "ARRAY[ROW(ROW(1,'z'),2)::outer_c]", "ALTER TYPE c ADD ATTRIBUTE y int"),
    ("v", "ROW(1,'z')", "CREATE OR REPLACE VIEW v AS SELECT 1 AS x, 'z'::text AS z, 2 AS y"),
    ("v", "ROW(1,'z')", "ALTER VIEW v RENAME COLUMN x TO w"),
    ("child", "ROW(1,'z')", "ALTER TABLE parent ADD y int"),
    ("child", "ROW(1,'z')", "ALTER TABLE parent DROP x"),
    ("child", "ROW(1,'z')", "ALTER TABLE parent RENAME x TO w"),
    ("part", "ROW(1,'z')", "ALTER TABLE whole ADD y int"),
    ("whole", "ROW(1,'z')", "ALTER TABLE whole RENAME z TO w"),
    ("whole", "ROW(1,'z')", "ALTER TABLE whole DROP z"),
    ("lake_row", "ROW(1,'z')", "ALTER TABLE lake_row ADD y int"),
    ("lake_row", "ROW(1,'z')", "ALTER TABLE lake_row DROP x"),
    ("lake_row", "ROW(1,'z')", "ALTER TABLE lake_row RENAME x TO w"),
    ("uses", "ROW(1,'a','z')", "DROP TYPE kind CASCADE"),
    ("uses", "ROW(1,'a','z')", "DROP DOMAIN apart.positive CASCADE"),
    ("uses", "ROW(1,'a','z')", "DROP SCHEMA apart CASCADE"),
    ("uses", "ROW(1,'a','z')", "DO $$ BEGIN DROP SCHEMA apart CASCADE; END $$"),
]


@pytest.fixture
def types(conn, access_method):
    if access_method == "heap":
        pytest.skip("about lake tables")
    conn.cursor().execute(LAKE_SCHEMA)
    return conn


def rows(connection, query):
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


@pytest.mark.parametrize("declared, value, change", CHANGES, ids=[f"{t}-{s}"[:60] for t, _, s in CHANGES])
def test_a_type_that_is_stored_does_not_change(types, declared, value, change):
    with types.cursor() as cursor:
        cursor.execute(f"CREATE TABLE l (id int, c {declared}) USING iceberg; INSERT INTO l VALUES (1, {value})")
        before = rows(types, "SELECT c::text FROM l")
        with pytest.raises(psycopg2.errors.FeatureNotSupported) as raised:
            cursor.execute(change)
        assert '"c"' in raised.value.diag.message_detail and raised.value.diag.message_hint
        assert rows(types, "SELECT c::text FROM l") == before


@pytest.mark.parametrize("declared, value, change", CHANGES, ids=[f"{t}-{s}"[:60] for t, _, s in CHANGES])
def test_nor_while_the_transaction_has_rows_of_it(types, db, declared, value, change):
    connection = db.connect(autocommit=False)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE l (id int, c {declared}) USING iceberg; INSERT INTO l VALUES (1, {value})")
        with pytest.raises(psycopg2.errors.FeatureNotSupported):
            cursor.execute(change)
    connection.rollback()


@pytest.mark.parametrize("declared, value, change", CHANGES, ids=[f"{t}-{s}"[:60] for t, _, s in CHANGES])
def test_without_stored_values_it_may_change(types, declared, value, change):
    with types.cursor() as cursor:
        cursor.execute(f"CREATE TABLE l (id int, c {declared}) USING iceberg; INSERT INTO l VALUES (1, {value})")
        cursor.execute("ALTER TABLE l DROP c")
        cursor.execute(change)
        assert rows(types, "SELECT id FROM l") == [(1,)]


def test_what_changes_no_value_is_allowed(types):
    with types.cursor() as cursor:
        cursor.execute("CREATE TABLE l (c h, d lake_row) USING iceberg; INSERT INTO l VALUES (ROW(1,'z'), ROW(2,'y'))")
        for statement in ("ALTER TABLE h ALTER x SET STATISTICS 50", "ALTER TABLE h ALTER x SET NOT NULL",
                          "ALTER TABLE h ALTER x SET DEFAULT 5", "ALTER TABLE h RENAME TO hh", "ALTER TABLE hh RENAME TO h",
                          "ALTER TABLE lake_row ALTER x SET DEFAULT 4", "COMMENT ON COLUMN h.x IS 'x'",
                          "CREATE INDEX ON h (x)", "DROP SCHEMA apart CASCADE"):
            cursor.execute(statement)
        assert rows(types, "SELECT c::text, d::text FROM l") == [("(1,z)", "(2,y)")]


def test_dropping_the_type_takes_the_column(types):
    with types.cursor() as cursor:
        cursor.execute("CREATE TABLE l (id int, c h) USING iceberg; INSERT INTO l VALUES (1, ROW(1,'z'))")
        cursor.execute("DROP TABLE h CASCADE")
        assert rows(types, "SELECT * FROM l") == [(1,)]


def test_a_schema_goes_with_types_and_tables_at_once(types):
    with types.cursor() as cursor:
        cursor.execute("""
            CREATE SCHEMA s; CREATE DOMAIN s.d AS int; CREATE TYPE s.t AS (x s.d, y int); CREATE TABLE s.h (x s.d, y int);
            CREATE TABLE s.l (a s.t, b s.h) USING iceberg; INSERT INTO s.l VALUES (ROW(1,2), ROW(3,4))""")
        cursor.execute("DROP SCHEMA s CASCADE")
        assert rows(types, "SELECT to_regclass('s.l')") == [(None,)]


def test_the_hint_works(types):
    with types.cursor() as cursor:
        cursor.execute("CREATE TABLE l (id int, c h) USING iceberg; INSERT INTO l VALUES (1, ROW(1,'z'))")
        with pytest.raises(psycopg2.errors.FeatureNotSupported) as raised:
            cursor.execute("ALTER TABLE h ADD y int")
        assert "ALTER COLUMN" in raised.value.diag.message_hint
        cursor.execute("CREATE TYPE h2 AS (x int, z text, y int)")
        cursor.execute("ALTER TABLE l ALTER COLUMN c TYPE h2 USING ROW((c).x, (c).z, 7)::h2")
        cursor.execute("ALTER TABLE h ADD y int")
        assert rows(types, "SELECT c::text FROM l") == [("(1,z,7)",)]


def test_a_change_waits_for_a_table_that_is_being_made(types, db):
    """The other session's table is not visible yet, and would be read with the changed type."""
    for change in ("ALTER TYPE c ADD ATTRIBUTE y int", "ALTER TABLE h DROP x", "ALTER TYPE kind RENAME VALUE 'a' TO 'b'"):
        maker = db.connect(autocommit=False)
        changer = db.connect()
        with maker.cursor() as cursor:
            cursor.execute("CREATE TABLE l (a c, b h[], k kind) USING iceberg")
            cursor.execute("INSERT INTO l VALUES (ROW(1,'z'), ARRAY[ROW(2,'y')::h], 'a')")
        failure = run_beside(changer, change)
        wait_for(lambda: rows(types, "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid = "
                                     f"{changer.info.backend_pid}") == [(1,)], "the change waits")
        maker.commit()
        assert isinstance(failure(), psycopg2.errors.FeatureNotSupported), change
        assert rows(types, "SELECT a::text, b::text, k::text FROM l") == [("(1,z)", '{"(2,y)"}', "a")]
        types.cursor().execute("DROP TABLE l")


def run_beside(connection, statement):
    import threading
    outcome = []

    def run():
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
            outcome.append(None)
        except psycopg2.Error as error:
            outcome.append(error)

    thread = threading.Thread(target=run)
    thread.start()

    def result():
        thread.join()
        return outcome[0]

    return result


# ---- a type that changed all the same ----

@pytest.fixture
def changed(types):
    """What an older release, or a catalog that somebody edited, leaves behind."""
    with types.cursor() as cursor:
        cursor.execute("CREATE TABLE l (id int, c h) USING iceberg; INSERT INTO l VALUES (1, ROW(1,'z'))")
        cursor.execute("UPDATE pg_attribute SET attname = 'w' WHERE attrelid = 'h'::regclass AND attname = 'x'")
    return types


READS = ["SELECT c FROM l", "SELECT * FROM l", "SELECT (c).z FROM l", "CREATE TABLE copy AS SELECT * FROM l",
         "CREATE TABLE copy USING iceberg AS SELECT * FROM l", "COPY l TO STDOUT", "ANALYZE l",
         "SELECT c FROM l TABLESAMPLE SYSTEM (100)", "ALTER TABLE l ADD r double precision DEFAULT random()",
         "ALTER TABLE l ALTER id TYPE bigint", "ALTER TABLE l ALTER c TYPE text USING c::text",
         "ALTER TABLE l ALTER c TYPE c USING ROW((c).w, (c).z)::c", "INSERT INTO l VALUES (2, ROW(2,'y'))",
         "INSERT INTO l SELECT * FROM l", "CREATE MATERIALIZED VIEW m AS SELECT c FROM l", "ALTER TABLE l SET ACCESS METHOD heap"]


@pytest.mark.parametrize("statement", READS)
def test_stored_values_are_never_null_instead(changed, statement):
    with changed.cursor() as cursor:
        with pytest.raises(psycopg2.errors.FeatureNotSupported) as raised:
            if statement.startswith("COPY"):
                cursor.copy_expert(statement, open("/dev/null", "w"))
            else:
                cursor.execute(statement)
        assert '"c"' in str(raised.value) and raised.value.diag.message_hint
        assert rows(changed, "SELECT id FROM l") == [(1,)]
        assert rows(changed, "SELECT count(*) FROM l") == [(1,)]
        cursor.execute("ALTER TABLE h RENAME w TO x")
        assert rows(changed, "SELECT id, c::text FROM l") == [(1, "(1,z)")]


def test_the_column_can_be_dropped(changed):
    with changed.cursor() as cursor:
        cursor.execute("ALTER TABLE l DROP c")
        cursor.execute("INSERT INTO l VALUES (2)")
        assert rows(changed, "SELECT * FROM l ORDER BY 1") == [(1,), (2,)]


def test_attributes_are_given_back_in_their_order(types):
    with types.cursor() as cursor:
        cursor.execute("CREATE TABLE l (id int, c h) USING iceberg; INSERT INTO l VALUES (1, ROW(1,'z'))")
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE pg_attribute SET attname = 'q' WHERE attrelid = 'h'::regclass AND attname = 'x'")
        cursor.execute("ALTER TABLE h DROP q, DROP z, ADD x int, ADD z text")
        assert rows(types, "SELECT id, c::text FROM l") == [(1, "(1,z)")]


def test_own_rows_of_a_changed_type(types, db):
    connection = db.connect(autocommit=False)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE l (id int, c h) USING iceberg; INSERT INTO l VALUES (1, ROW(1,'z'))")
        cursor.execute("UPDATE pg_attribute SET attname = 'w' WHERE attrelid = 'h'::regclass AND attname = 'x'")
        cursor.execute("SAVEPOINT s")
        with pytest.raises(psycopg2.errors.FeatureNotSupported):
            cursor.execute("SELECT c FROM l")
        cursor.execute("ROLLBACK TO s")
        with pytest.raises(psycopg2.errors.FeatureNotSupported):
            connection.commit()


def test_a_row_after_the_type_has_changed_in_the_transaction(types, db):
    connection = db.connect(autocommit=False)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE l (id int, c h) USING iceberg; INSERT INTO l VALUES (1, ROW(1,'z')); TRUNCATE l")
        cursor.execute("ALTER TABLE h ADD y int; INSERT INTO l VALUES (2, ROW(2,'y',3))")
        cursor.execute("SELECT c::text FROM l")
        assert cursor.fetchall() == [("(2,y,3)",)]
    connection.commit()
    assert rows(types, "SELECT c::text FROM l") == [("(2,y,3)",)]


# ---- names that differ by case alone ----

NAMES = """
CREATE TYPE ints AS (a int, "A" int);
CREATE TYPE mixed AS (a int, "A" text, "ä" int, "Ä" int);
CREATE TYPE deep AS ("M" mixed, m mixed[], "B" int, b ints);
CREATE TABLE {t} (i ints, "I" mixed, l mixed[], "L" int, d deep, "D" deep[]) USING {am};
INSERT INTO {t} VALUES (ROW(1,2), ROW(3,'four',5,6), ARRAY[ROW(7,'eight',9,10)::mixed, NULL], 11,
  ROW(ROW(12,'x',13,14), ARRAY[ROW(15,'y',16,17)::mixed], 18, ROW(19,20)), NULL),
  (NULL, ROW(NULL,'b',NULL,21), '{{}}', NULL, NULL, ARRAY[ROW(NULL, NULL, 22, ROW(23,NULL))::deep]);
"""


def test_names_that_differ_by_case_alone(conn, db, access_method):
    with conn.cursor() as cursor:
        cursor.execute("CREATE SCHEMA one; CREATE SCHEMA two")
        for schema, method in (("one", access_method), ("two", "heap")):
            cursor.execute(f"SET search_path = {schema}, public")
            cursor.execute(NAMES.format(t="t", am=method))
        assert_twins(conn, conn, "one.t", "two.t")
        cursor.execute('SELECT (i).a, (i)."A" FROM one.t WHERE i IS NOT NULL')
        assert cursor.fetchall() == [(1, 2)]
        cursor.execute("INSERT INTO one.t SELECT * FROM one.t; SELECT count(*) FROM one.t WHERE i IS NOT NULL")
        assert cursor.fetchone() == (2,)
    connection = db.connect(autocommit=False)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE one.t; INSERT INTO one.t VALUES (ROW(5,6), ROW(7,'x',8,9))")
        cursor.execute("SELECT i::text, \"I\"::text FROM one.t")
        assert cursor.fetchall() == [("(5,6)", "(7,x,8,9)")]
    connection.rollback()
