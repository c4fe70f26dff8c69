# SPDX-License-Identifier: Apache-2.0
"""What the extension keeps for itself: found whatever it is called, nobody's to change, and never absent in silence."""

import psycopg2
import pytest

from support.database import Database


@pytest.fixture
def lake(db, access_method):
    if access_method == "heap":
        pytest.skip("about lake tables")
    db.sql("CREATE TABLE t (a int) USING iceberg")
    db.sql("INSERT INTO t VALUES (1), (2), (3)")
    return db


@pytest.fixture
def role(server):
    """Owns its databases, and is no superuser."""
    server.sql("CREATE ROLE landlord LOGIN CREATEDB CREATEROLE")
    yield "landlord"
    server.sql("DROP ROLE landlord")


@pytest.fixture
def rented(server, role, access_method):
    """A database of the role's, without the extension."""
    if access_method == "heap":
        pytest.skip("about lake tables")
    database = Database(server, extension=False)
    server.sql(f'ALTER DATABASE "{database.name}" OWNER TO {role}')
    yield database
    database.drop()


def fails(database, statement, *codes, user="postgres"):
    with pytest.raises(psycopg2.Error) as raised:
        database.sql(statement, user=user)
    assert raised.value.pgcode in codes, f"{statement}: {raised.value.pgcode} {raised.value}"
    return raised.value


def test_renamed_schema(lake):
    lake.sql("ALTER SCHEMA tarn RENAME TO x")
    assert lake.sql("SELECT count(*) FROM t") == [(3,)]
    lake.sql("INSERT INTO t VALUES (4)")
    lake.sql("CREATE TABLE u (a int) USING iceberg")
    lake.sql("INSERT INTO u SELECT a FROM t")
    assert lake.sql("SELECT sum(a) FROM u") == [(10,)]
    lake.sql("CREATE SCHEMA tarn")
    lake.sql("CREATE TABLE tarn.tables AS SELECT * FROM x.tables WITH NO DATA")
    assert lake.sql("SELECT count(*) FROM t") == [(4,)]
    lake.sql("VACUUM FULL t")
    assert lake.sql("SELECT count(*) FROM t") == [(4,)]
    lake.sql("DROP EXTENSION tarn CASCADE")
    assert lake.sql("SELECT count(*) FROM pg_namespace WHERE nspname = 'x'") == [(0,)]
    lake.sql("DROP SCHEMA tarn CASCADE")


def test_lost_table_of_pointers_is_an_error(lake):
    for damage, mend in (("ALTER MATERIALIZED VIEW tarn.tables RENAME TO away",
                          "ALTER MATERIALIZED VIEW tarn.away RENAME TO tables"),
                         ("ALTER EXTENSION tarn DROP MATERIALIZED VIEW tarn.tables",
                          "ALTER EXTENSION tarn ADD MATERIALIZED VIEW tarn.tables")):
        lake.sql(damage)
        for statement in ("SELECT count(*) FROM t", "INSERT INTO t VALUES (4)", "CREATE TABLE u (a int) USING iceberg",
                          "TRUNCATE t", "VACUUM FULL t", "COPY t TO '/dev/null'"):
            assert fails(lake, statement, "XX001").diag.message_hint
        lake.sql(mend)
        assert lake.sql("SELECT count(*) FROM t") == [(3,)]


def test_lost_pointer_row_is_an_error(lake):
    """Only who destroys the guard can destroy the rows; even then nothing reads as empty."""
    location = lake.metadata_location("t")
    definition, = lake.sql("SELECT pg_get_functiondef('tarn.no_pointers'::regproc)")[0]
    lake.sql(definition.partition("AS $function$")[0] + "AS 'BEGIN RETURN; END'")
    lake.sql("ALTER EXTENSION tarn DROP MATERIALIZED VIEW tarn.tables")
    lake.sql("REFRESH MATERIALIZED VIEW tarn.tables")
    lake.sql("ALTER EXTENSION tarn ADD MATERIALIZED VIEW tarn.tables")
    for statement in ("SELECT count(*) FROM t", "SELECT * FROM t LIMIT 1", "INSERT INTO t VALUES (4)", "TRUNCATE t",
                      "VACUUM FULL t", "ALTER TABLE t ADD COLUMN b int DEFAULT random()", "COPY t TO '/dev/null'"):
        assert "pointer row" in str(fails(lake, statement, "XX001"))
    lake.sql("CREATE TABLE u (a int) USING iceberg")
    lake.sql("INSERT INTO u VALUES (1)")
    assert lake.sql("SELECT count(*) FROM u") == [(1,)]
    lake.fsck("u")
    assert lake.server.local_path(location).exists()
    lake.sql("DROP TABLE t")


def test_no_rows_before_the_first_commit(lake):
    """Absence that is right: the table is younger than the snapshot, or than the transaction's commit."""
    old = lake.connect(autocommit=False)
    with old.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT 1")
        lake.sql("CREATE TABLE young (a int) USING iceberg")
        lake.sql("INSERT INTO young VALUES (1)")
        cursor.execute("SELECT count(*) FROM young")
        assert cursor.fetchone() == (0,)
        old.commit()
        cursor.execute("CREATE TABLE own (a int) USING iceberg")
        cursor.execute("SELECT count(*) FROM own")
        assert cursor.fetchone() == (0,)
        cursor.execute("CREATE TABLE turned AS SELECT 1 AS a")
        old.commit()
        cursor.execute("ALTER TABLE turned SET ACCESS METHOD iceberg")
        cursor.execute("SELECT count(*) FROM turned")
        assert cursor.fetchone() == (1,)
        cursor.execute("SAVEPOINT s; CREATE TABLE gone (a int) USING iceberg; ROLLBACK TO s")
        cursor.execute("TRUNCATE turned")
        cursor.execute("SELECT count(*) FROM turned")
        assert cursor.fetchone() == (0,)
    old.commit()
    assert lake.sql("SELECT count(*) FROM turned") == [(0,)]


def test_other_layout_tells_to_update(lake):
    for damage, mend in (("RENAME COLUMN node TO knot", "RENAME COLUMN knot TO node"),):
        lake.sql(f"ALTER MATERIALIZED VIEW tarn.tables {damage}")
        for statement in ("SELECT count(*) FROM t", "INSERT INTO t VALUES (4)", "CREATE TABLE u (a int) USING iceberg"):
            error = fails(lake, statement, "55000")
            assert "node" in error.diag.message_detail and "ALTER EXTENSION tarn UPDATE" in error.diag.message_hint
        lake.sql(f"ALTER MATERIALIZED VIEW tarn.tables {mend}")
        assert lake.sql("SELECT count(*) FROM t") == [(3,)]


def test_pointers_cannot_be_refreshed(lake):
    for statement in ("REFRESH MATERIALIZED VIEW tarn.tables", "REFRESH MATERIALIZED VIEW tarn.tables WITH NO DATA",
                      "REFRESH MATERIALIZED VIEW CONCURRENTLY tarn.tables", "DELETE FROM tarn.tables",
                      "UPDATE tarn.tables SET location = ''", "TRUNCATE tarn.tables"):
        fails(lake, statement, "0A000", "42809")
    assert lake.sql("SELECT count(*) FROM t") == [(3,)]


def test_objects_are_nobodys_who_is_no_superuser(rented, role):
    rented.sql("CREATE EXTENSION tarn", user=role)
    rented.sql(f"GRANT lake_write TO {role}")
    rented.sql("CREATE TABLE t (a int) USING iceberg", user=role)
    rented.sql("INSERT INTO t VALUES (1)", user=role)
    for statement in ("ALTER SCHEMA tarn RENAME TO x", f"ALTER SCHEMA tarn OWNER TO {role}", "CREATE TABLE tarn.x (a int)",
                      "CREATE FUNCTION tarn.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
                      "ALTER MATERIALIZED VIEW tarn.tables RENAME TO x", "REFRESH MATERIALIZED VIEW tarn.tables",
                      "ALTER MATERIALIZED VIEW tarn.tables SET SCHEMA public", "SELECT * FROM tarn.tables",
                      "ALTER FUNCTION tarn.no_pointers() RENAME TO x", "ALTER FUNCTION tarn.iceberg_handler RENAME TO x",
                      "CREATE OR REPLACE VIEW pg_catalog.iceberg_tables AS SELECT 1 AS catalog_name",
                      "ALTER EXTENSION tarn DROP MATERIALIZED VIEW tarn.tables", "SELECT tarn.no_pointers()",
                      "DROP MATERIALIZED VIEW tarn.tables CASCADE", "DROP SCHEMA tarn CASCADE"):
        fails(rented, statement, "42501", "2BP01", "0A000", user=role)
    # A look-alike of his own, made a member of the extension that he owns.
    rented.sql("CREATE SCHEMA mine", user=role)
    rented.sql("CREATE MATERIALIZED VIEW mine.tables AS SELECT 1::oid AS table_oid", user=role)
    rented.sql("ALTER EXTENSION tarn ADD MATERIALIZED VIEW mine.tables", user=role)
    assert rented.sql("SELECT count(*) FROM t", user=role) == [(1,)]
    rented.sql("DROP EXTENSION tarn CASCADE", user=role)


def test_schema_that_is_there_already_is_not_trusted(rented, role):
    for user in (role, "postgres"):
        rented.sql("CREATE SCHEMA tarn", user=role)
        rented.sql("CREATE TABLE tarn.tables (table_oid oid)", user=role)
        assert fails(rented, "CREATE EXTENSION tarn", "42P06", user=user).diag.message_hint
        rented.sql("DROP SCHEMA tarn CASCADE", user=role)
    rented.sql("CREATE EXTENSION tarn", user=role)


def test_search_path_of_who_creates_the_extension_is_no_trap(rented, role):
    rented.sql("CREATE SCHEMA trap", user=role)
    for name, result in (("current_setting(text)", "text"), ("set_config(text, text, boolean)", "text"),
                         ("current_database()", "name")):
        rented.sql(f"CREATE FUNCTION trap.{name} RETURNS {result} LANGUAGE plpgsql AS "
                   "$$ BEGIN CREATE TABLE public.sprung (); RETURN NULL; END $$", user=role)
    rented.sql("CREATE FUNCTION trap.differ(name, name) RETURNS boolean LANGUAGE plpgsql AS "
               "$$ BEGIN CREATE TABLE public.sprung (); RETURN false; END $$", user=role)
    rented.sql("CREATE OPERATOR trap.<> (LEFTARG = name, RIGHTARG = name, FUNCTION = trap.differ)", user=role)
    rented.sql(f'ALTER DATABASE "{rented.name}" SET search_path = trap, public, pg_catalog', user=role)
    rented.sql("CREATE EXTENSION tarn", user=role)
    rented.sql(f"GRANT lake_write TO {role}")
    rented.sql("CREATE TABLE public.t (a int) USING iceberg", user=role)
    rented.sql("INSERT INTO public.t VALUES (1)")
    assert rented.sql("SELECT to_regclass('public.sprung')", user=role) == [(None,)]


def test_a_superuser_who_is_none_any_more_keeps_nothing(server, access_method):
    if access_method == "heap":
        pytest.skip("about lake tables")
    server.sql("CREATE ROLE boss LOGIN SUPERUSER")
    database = Database(server, extension=False)
    try:
        database.sql("CREATE EXTENSION tarn", user="boss")
        database.sql("CREATE TABLE t (a int) USING iceberg", user="boss")
        database.sql("INSERT INTO t VALUES (1)", user="boss")
        assert database.sql("SELECT current_user", user="boss") == [("boss",)]
        server.sql("ALTER ROLE boss NOSUPERUSER")
        assert database.sql("SELECT count(*) FROM t", user="boss") == [(1,)]
        for statement in ("ALTER SCHEMA tarn RENAME TO x", "ALTER MATERIALIZED VIEW tarn.tables RENAME TO x"):
            fails(database, statement, "42501", user="boss")
    finally:
        database.drop()
        server.sql("DROP ROLE boss")
