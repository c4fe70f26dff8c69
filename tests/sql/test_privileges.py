# SPDX-License-Identifier: Apache-2.0
"""Who may place tables in the lake, and where."""

import psycopg2
import pytest

MAKING = [
    "CREATE TABLE made (a int) USING iceberg", "CREATE TABLE made USING iceberg AS SELECT 1 AS a",
    "CREATE MATERIALIZED VIEW made USING iceberg AS SELECT 1 AS a", "ALTER TABLE turned SET ACCESS METHOD iceberg",
    "SET default_table_access_method = iceberg; SELECT 1 AS a INTO made",
    "CREATE TABLE made PARTITION OF parent FOR VALUES IN (1) USING iceberg",
]


@pytest.fixture
def lake(db, access_method):
    """A database with an ordinary role that may create in its schema."""
    if access_method == "heap":
        pytest.skip("about lake tables")
    for statement in ("CREATE ROLE tenant LOGIN", "GRANT CREATE ON SCHEMA public TO tenant",
                      "CREATE TABLE shared (a int) USING iceberg", "GRANT SELECT, INSERT, TRUNCATE ON shared TO tenant"):
        db.sql(statement)
    for statement in ("CREATE TABLE turned AS SELECT 1 AS a", "CREATE TABLE parent (a int) PARTITION BY LIST (a)"):
        db.sql(statement, user="tenant")
    yield db
    db.close_connections()
    db.sql("DROP OWNED BY tenant CASCADE")
    db.sql("DROP ROLE tenant")


def refused(database, statement, code="42501", user="tenant"):
    with pytest.raises(psycopg2.Error) as raised:
        database.sql(statement, user=user)
    assert raised.value.pgcode == code, f"{statement}: {raised.value}"
    assert raised.value.diag.message_hint, f"{statement}: {raised.value}"
    return str(raised.value)


def test_making_tables_takes_a_privilege(lake):
    for statement in MAKING:
        assert "lake_write" in refused(lake, statement)
    assert "lake_write" in refused(lake, "SET pg_lake_iceberg.default_location_prefix = 's3://elsewhere/'")
    for role in ("lake_write", "lake_read_write"):
        lake.sql(f"GRANT {role} TO tenant")
        lake.sql("SET pg_lake_iceberg.default_location_prefix = 's3://elsewhere/'", user="tenant")
        for statement in MAKING:
            lake.sql(statement, user="tenant")
            if "turned" in statement:
                lake.sql("ALTER TABLE turned SET ACCESS METHOD heap", user="tenant")
            else:
                lake.sql(f"DROP {'MATERIALIZED VIEW' if 'VIEW' in statement else 'TABLE'} made", user="tenant")
        lake.sql(f"REVOKE {role} FROM tenant")
    lake.sql("GRANT lake_read TO tenant")
    refused(lake, MAKING[0])


def test_tables_that_are_there_need_their_own_privileges_only(lake):
    lake.sql("GRANT lake_write TO tenant")
    lake.sql("CREATE TABLE own (a int) USING iceberg", user="tenant")
    lake.sql("CREATE MATERIALIZED VIEW mat USING iceberg AS SELECT 1 AS a", user="tenant")
    lake.sql("REVOKE lake_write FROM tenant")
    for table in ("own", "shared"):
        lake.sql(f"INSERT INTO {table} VALUES (1)", user="tenant")
        lake.sql(f"TRUNCATE {table}", user="tenant")
        lake.sql(f"INSERT INTO {table} SELECT generate_series(1, 5)", user="tenant")
        assert lake.sql(f"SELECT count(*) FROM {table}", user="tenant") == [(5,)]
    for statement in ("ALTER TABLE own ADD COLUMN b float DEFAULT random()", "VACUUM FULL own", "REFRESH MATERIALIZED VIEW mat",
                      "ALTER TABLE own ALTER COLUMN a TYPE text", "ALTER TABLE own RENAME TO renamed"):
        lake.sql(statement, user="tenant")
    assert lake.sql("SELECT count(*) FROM renamed", user="tenant") == [(5,)]
    lake.sql("ALTER TABLE renamed SET ACCESS METHOD heap", user="tenant")
    refused(lake, "ALTER TABLE renamed SET ACCESS METHOD iceberg")


def test_a_function_lends_its_owners_privilege_and_prefix(lake):
    lake.sql("CREATE FUNCTION lend(name text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER "
             "SET pg_lake_iceberg.default_location_prefix = 's3://lent/' AS "
             "$$ BEGIN EXECUTE format('CREATE TABLE %I (a int) USING iceberg', name); END $$")
    lake.sql("SELECT lend('lent')", user="tenant")
    assert lake.metadata_location("lent").startswith("s3://lent/frompg/tables/")
    connection = lake.connect(user="tenant", autocommit=False)
    with connection.cursor() as cursor:
        cursor.execute("SELECT lend('later')")
    connection.commit()
    assert lake.metadata_location("later").startswith("s3://lent/frompg/tables/")
    lake.sql("DROP FUNCTION lend")


def test_allowed_prefixes_of_a_role_and_of_a_database(lake):
    lake.sql("GRANT lake_read_write TO tenant")
    lake.sql("ALTER ROLE tenant SET tarn.table_locations = 's3://tenants/one, s3://common/'")
    for prefix, fits in (("s3://tenants/one/", True), ("s3://common/deep/er/", True), ("s3://tenants/", False),
                         ("s3://tenants/one-more/", False), ("s3://lake/", False)):
        statement = f"SET pg_lake_iceberg.default_location_prefix = '{prefix}'; CREATE TABLE placed (a int) USING iceberg"
        if fits:
            lake.sql(statement, user="tenant")
            assert lake.metadata_location("placed").startswith(prefix + "frompg/tables/")
            lake.sql("DROP TABLE placed", user="tenant")
        else:
            assert "s3://tenants/one" in refused(lake, statement)
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        lake.sql("SET tarn.table_locations = ''", user="tenant")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        lake.sql("ALTER ROLE tenant SET tarn.table_locations = ''", user="tenant")
    lake.sql("CREATE TABLE anywhere (a int) USING iceberg")
    lake.sql("ALTER ROLE tenant RESET tarn.table_locations")
    lake.sql(f"ALTER DATABASE \"{lake.name}\" SET tarn.table_locations = 's3://tenants/'")
    refused(lake, "CREATE TABLE placed (a int) USING iceberg")
    refused(lake, "CREATE TABLE placed (a int) USING iceberg", user="postgres")
    with pytest.raises(psycopg2.errors.InvalidParameterValue):
        lake.sql("SET tarn.table_locations = 's3://bucket/../x'")


def test_the_names_of_the_roles_are_reserved(lake):
    lake.sql("ALTER ROLE tenant CREATEROLE")
    for statement in ("ALTER ROLE lake_write RENAME TO x", "CREATE ROLE lake_write", "CREATE USER lake_read_write"):
        refused(lake, statement, "42939")
    lake.sql("CREATE ROLE other", user="tenant")
    refused(lake, "ALTER ROLE other RENAME TO lake_read", "42939")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        lake.sql("GRANT lake_write TO tenant", user="tenant")
    lake.sql("DROP ROLE other", user="tenant")
