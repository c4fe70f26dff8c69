# SPDX-License-Identifier: Apache-2.0
"""What drivers and tools ask PostgreSQL's catalogues by themselves: reflection of SQLAlchemy, introspection of asyncpg, metadata of
JDBC and ODBC, the type loading of Npgsql and the browsing of DBeaver and Metabase by the queries that they send."""

import asyncio
import pathlib
import shutil
import subprocess
import textwrap
from contextlib import closing

import asyncpg
import psycopg2
import pytest
import sqlalchemy

from tarn_program import query

COLUMNS = [("ID", "BIGINT"), ("CUSTOMER", "VARCHAR(40)"), ("AMOUNT", "NUMERIC(12, 2)"), ("PLACED", "TIMESTAMP"), ("DAY", "DATE"),
           ("PAID", "BOOLEAN"), ("NOTE", "JSON")]


def settings(program):
    found = program.json("status")["warehouse"]
    return {"host": found["host"], "port": found["port"], "user": found["user"],
            "password": pathlib.Path(found["password_file"]).read_text().strip()}


@pytest.mark.parametrize("driver", ["psycopg2", "psycopg"])
def test_sqlalchemy_reflects(shop, driver):
    found = settings(shop)
    url = sqlalchemy.URL.create(f"postgresql+{driver}", found["user"], found["password"], found["host"], found["port"], "sales",
                                query={"sslmode": "require"})
    engine = sqlalchemy.create_engine(url)
    inspector = sqlalchemy.inspect(engine)
    assert inspector.default_schema_name == "PUBLIC"
    assert set(inspector.get_schema_names()) >= {"PUBLIC", "OLD"}
    assert set(inspector.get_view_names()) >= {"ORDERS", "items"} and inspector.get_view_names("OLD") == ["ARCHIVE"]
    assert "SELECT 1::NUMBER" in inspector.get_view_definition("ORDERS")
    assert inspector.get_table_comment("ORDERS") == {"text": "all orders"}
    columns = inspector.get_columns("ORDERS")
    assert [(column["name"], str(column["type"])) for column in columns] == COLUMNS
    assert columns[0]["comment"] == "its number"
    metadata = sqlalchemy.MetaData()
    metadata.reflect(engine, views=True)
    orders = metadata.tables["ORDERS"]
    with engine.connect() as connection:
        assert connection.execute(sqlalchemy.select(orders.c.ID, orders.c.CUSTOMER)).all() == [(1, "x")]
    engine.dispose()


def test_asyncpg_introspects(shop):
    async def work():
        connection = await asyncpg.connect(**settings(shop), database="sales", ssl="require")
        # A type that it does not know by itself makes it ask.
        row = await connection.fetchrow("SELECT indkey, indclass, relacl FROM pg_index i JOIN pg_class c ON c.oid = indrelid LIMIT 1")
        assert len(row) == 3
        assert await connection.fetchval("SELECT relname FROM pg_class WHERE relname = $1", "ORDERS") == "ORDERS"
        assert (await connection.fetchval("SELECT oid FROM pg_class WHERE relname = $1", "ORDERS")) >= 16384
        statement = await connection.prepare("SELECT attname, attnum FROM pg_attribute WHERE attrelid = $1 AND attnum > 0 ORDER BY 2")
        assert [attribute.name for attribute in statement.get_attributes()] == ["attname", "attnum"]
        oid = await connection.fetchval("SELECT '\"ORDERS\"'::regclass::oid")
        assert [tuple(row) for row in await statement.fetch(oid)][:2] == [("ID", 1), ("CUSTOMER", 2)]
        async with connection.transaction():
            seen = [row async for row in connection.cursor("SELECT oid FROM pg_type ORDER BY oid", prefetch=7)]
            assert len(seen) > 100
        await connection.reset()
        await connection.close()

    asyncio.run(work())


NPGSQL = """
SELECT ns.nspname, t.oid, t.typname, t.typtype, t.typnotnull, t.elemtypoid
FROM (
    SELECT typ.oid, typ.typnamespace, typ.typname, typ.typtype, typ.typrelid, typ.typnotnull, typ.relkind, elemtyp.oid AS elemtypoid,
        elemtyp.typname AS elemtypname, elemcls.relkind AS elemrelkind, CASE WHEN elemproc.proname = 'array_recv' THEN 'a' ELSE elemtyp.typtype END AS elemtyptype
    FROM (
        SELECT typ.oid, typnamespace, typname, typrelid, typnotnull, relkind, typelem AS elemoid,
            CASE WHEN proc.proname = 'array_recv' THEN 'a' ELSE typ.typtype END AS typtype,
            CASE WHEN proc.proname = 'array_recv' THEN typ.typelem WHEN typ.typtype = 'r' THEN rngsubtype WHEN typ.typtype = 'd' THEN typ.typbasetype END AS elemtypoid
        FROM pg_type AS typ LEFT JOIN pg_class AS cls ON (cls.oid = typ.typrelid) LEFT JOIN pg_proc AS proc ON proc.oid = typ.typreceive
            LEFT JOIN pg_range ON (pg_range.rngtypid = typ.oid)
    ) AS typ
    LEFT JOIN pg_type AS elemtyp ON elemtyp.oid = elemtypoid LEFT JOIN pg_class AS elemcls ON (elemcls.oid = elemtyp.typrelid)
    LEFT JOIN pg_proc AS elemproc ON elemproc.oid = elemtyp.typreceive
) AS t JOIN pg_namespace AS ns ON (ns.oid = typnamespace)
WHERE typtype IN ('b', 'r', 'm', 'e', 'd') OR (typtype = 'c' AND relkind = 'c') OR (typtype = 'p' AND typname IN ('record', 'void'))
    OR (typtype = 'a' AND (elemtyptype IN ('b', 'r', 'm', 'e', 'd') OR (elemtyptype = 'p' AND elemtypname IN ('record', 'void'))
        OR (elemtyptype = 'c' AND elemrelkind = 'c')))"""


def test_npgsql_loads_types(shop):
    with closing(shop.warehouse(dbname="sales")) as connection:
        types = {row[1]: row for row in query(connection, NPGSQL)}
        assert types[20][2:4] == ("int8", "b") and types[1016][3] == "a" and types[1016][5] == 20


def test_power_bi_browses(shop):
    """Its queries of information_schema, of which the session answers those that Snowflake's has, in either case of letters."""
    with closing(shop.warehouse(dbname="sales")) as connection:
        tables = query(connection, "select TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE from INFORMATION_SCHEMA.tables "
                                   "where TABLE_SCHEMA not in ('information_schema', 'pg_catalog', 'INFORMATION_SCHEMA') order by 1, 2")
        assert ("PUBLIC", "ORDERS", "VIEW") in tables
        columns = query(connection, "select COLUMN_NAME, ORDINAL_POSITION, IS_NULLABLE, case when (data_type like '%unsigned%') then DATA_TYPE || "
                                    "' unsigned' else DATA_TYPE end as DATA_TYPE from INFORMATION_SCHEMA.columns where TABLE_SCHEMA = 'PUBLIC' "
                                    "and TABLE_NAME = 'ORDERS' order by ORDINAL_POSITION")
        assert [row[0] for row in columns] == [name for name, _ in COLUMNS]
        assert query(connection, "select pkcol.COLUMN_NAME from information_schema.table_constraints tc join information_schema.key_column_usage pkcol "
                                 "on tc.constraint_name = pkcol.constraint_name where tc.table_name = 'ORDERS'") == []
        assert query(connection, "select character_set_name from INFORMATION_SCHEMA.character_sets") == [("UTF8",)]
        assert query(connection, "SELECT column_name, udt_name FROM information_schema.columns WHERE table_name = 'ORDERS' "
                                 "ORDER BY ordinal_position")[:2] == [("ID", "int8"), ("CUSTOMER", "varchar")]


@pytest.mark.parametrize("asked", [
    "SELECT db.oid, db.* FROM pg_catalog.pg_database db WHERE datallowconn AND NOT datistemplate OR db.datname = 'SALES' ORDER BY db.datname",
    "SELECT n.oid, n.*, d.description FROM pg_catalog.pg_namespace n LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid = n.oid AND d.objsubid = 0 "
    "AND d.classoid = 'pg_namespace'::regclass ORDER BY nspname",
    "SELECT c.oid, c.*, d.description, pg_catalog.pg_get_expr(c.relpartbound, c.oid) AS partition_expr, pg_catalog.pg_get_partkeydef(c.oid) AS partition_key "
    "FROM pg_catalog.pg_class c LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid = c.oid AND d.objsubid = 0 AND d.classoid = 'pg_class'::regclass "
    "WHERE c.relkind NOT IN ('i', 'I', 'c')",
    "SELECT c.relname, a.*, pg_catalog.pg_get_expr(ad.adbin, ad.adrelid, true) AS def_value, dsc.description, dep.objid FROM pg_catalog.pg_attribute a "
    "INNER JOIN pg_catalog.pg_class c ON (a.attrelid = c.oid) LEFT OUTER JOIN pg_catalog.pg_attrdef ad ON (a.attrelid = ad.adrelid AND a.attnum = ad.adnum) "
    "LEFT OUTER JOIN pg_catalog.pg_description dsc ON (c.oid = dsc.objoid AND a.attnum = dsc.objsubid) LEFT OUTER JOIN pg_depend dep ON dep.refobjid = "
    "a.attrelid AND dep.deptype = 'i' AND dep.refobjsubid = a.attnum AND dep.classid = dep.refclassid WHERE NOT a.attisdropped",
    "SELECT t.oid, t.*, c.relkind, format_type(nullif(t.typbasetype, 0), t.typtypmod) AS base_type_name, d.description FROM pg_catalog.pg_type t "
    "LEFT OUTER JOIN pg_catalog.pg_class c ON c.oid = t.typrelid LEFT OUTER JOIN pg_catalog.pg_description d ON t.oid = d.objoid "
    "WHERE t.typname IS NOT NULL AND (c.relkind IS NULL OR c.relkind = 'c')",
    "SELECT a.oid, a.* FROM pg_catalog.pg_roles a ORDER BY a.rolname",
    "SELECT x.oid, x.* FROM pg_catalog.pg_tablespace x",
    "SELECT c.oid, c.*, pg_get_constraintdef(c.oid, true) AS definition FROM pg_catalog.pg_constraint c",
    "SELECT i.*, i.indkey AS keys, pg_catalog.pg_get_indexdef(i.indexrelid) FROM pg_catalog.pg_index i WHERE indexrelid >= 16384",
    "SELECT e.oid, e.* FROM pg_catalog.pg_enum e",
    "SELECT name, setting FROM pg_catalog.pg_settings",
    "SELECT 1 FROM pg_catalog.pg_locks WHERE 1 <> 1",
    "SELECT pg_catalog.pg_total_relation_size(c.oid) FROM pg_catalog.pg_class c WHERE relname = 'ORDERS'",
    "SELECT has_any_column_privilege(current_user, '\"' || schemaname || '\".\"' || viewname || '\"', 'SELECT') FROM pg_views WHERE schemaname = 'PUBLIC'",
    "SELECT n_live_tup FROM pg_stat_user_tables",
    "SELECT current_database() AS a, current_schemas(false) AS b",
    "SELECT case when pg_is_in_recovery() then null else txid_current()::varchar::bigint end AS current_txid",
    "SELECT pg_postmaster_start_time()",
    "SELECT quote_ident(table_name) FROM information_schema.tables WHERE quote_ident(table_schema) NOT IN ('information_schema', 'pg_catalog')",
    "SELECT current_setting('server_version_num')::int / 100 AS version",
    "SELECT * FROM pg_get_keywords()",
    "SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()",
])
def test_what_tools_ask_is_answered(shop, asked):
    with closing(shop.warehouse(dbname="sales")) as connection:
        query(connection, asked)


JDBC = pathlib.Path("/usr/share/java/postgresql.jar")
JAVA_PROGRAM = """
    import java.sql.*;
    import java.util.*;
    public class Metadata {
      static List<String> all(ResultSet r, String... columns) throws SQLException {
        List<String> found = new ArrayList<>();
        while (r.next()) {
          StringBuilder row = new StringBuilder();
          for (String column : columns) row.append(row.length() == 0 ? "" : "|").append(r.getString(column));
          found.add(row.toString());
        }
        return found;
      }
      public static void main(String[] arguments) throws Exception {
        Connection c = DriverManager.getConnection(arguments[0], "admin", arguments[1]);
        DatabaseMetaData m = c.getMetaData();
        // 42.5 tells the name that it connected with, later ones current_database().
        List<String> catalogs = all(m.getCatalogs(), "TABLE_CAT");
        System.out.println(catalogs.contains("SALES") || catalogs.contains("sales"));
        System.out.println(all(m.getSchemas(), "TABLE_SCHEM").containsAll(List.of("PUBLIC", "OLD")));
        System.out.println(all(m.getTables(null, "PUBLIC", "ORDERS", new String[]{"VIEW"}), "TABLE_CAT", "TABLE_SCHEM", "TABLE_NAME", "TABLE_TYPE", "REMARKS"));
        System.out.println(all(m.getColumns(null, "PUBLIC", "ORDERS", "%"), "COLUMN_NAME", "TYPE_NAME", "DATA_TYPE", "COLUMN_SIZE", "DECIMAL_DIGITS"));
        System.out.println(all(m.getPrimaryKeys(null, "PUBLIC", "ORDERS"), "COLUMN_NAME"));
        System.out.println(all(m.getImportedKeys(null, "PUBLIC", "ORDERS"), "FKCOLUMN_NAME"));
        System.out.println(all(m.getIndexInfo(null, "PUBLIC", "ORDERS", false, false), "INDEX_NAME"));
        System.out.println(all(m.getProcedures(null, "PUBLIC", "%"), "PROCEDURE_NAME"));
        System.out.println(all(m.getTypeInfo(), "TYPE_NAME").contains("int8"));
        System.out.println(all(m.getTablePrivileges(null, "PUBLIC", "ORDERS"), "PRIVILEGE").contains("SELECT"));
        System.out.println(m.getMaxColumnsInIndex() + " " + m.getSQLKeywords().length());
        try (ResultSet r = c.createStatement().executeQuery("SELECT id, customer FROM orders")) {
          ResultSetMetaData d = r.getMetaData();
          System.out.println(d.getColumnCount() + " " + d.getColumnTypeName(1));
        }
        System.out.println("done");
      }
    }
"""


@pytest.mark.skipif(not JDBC.exists() or shutil.which("java") is None, reason="needs libpostgresql-jdbc-java and Java")
@pytest.mark.parametrize("mode", ["extended", "simple"])
def test_jdbc_metadata(shop, tmp_path, mode):
    if "jdk.compiler" not in subprocess.run(["java", "--list-modules"], capture_output=True, text=True).stdout:
        pytest.skip("needs a JDK")
    program = tmp_path / "Metadata.java"
    program.write_text(textwrap.dedent(JAVA_PROGRAM))
    found = settings(shop)
    url = f"jdbc:postgresql://{found['host']}:{found['port']}/sales?sslmode=require&preferQueryMode={mode}"
    done = subprocess.run(["java", "-cp", str(JDBC), str(program), url, found["password"]], capture_output=True, text=True, timeout=180)
    lines = done.stdout.splitlines()
    assert lines[-1:] == ["done"], done.stderr
    assert lines[0] == lines[1] == "true"
    assert lines[2] in ("[null|PUBLIC|ORDERS|VIEW|all orders]", "[SALES|PUBLIC|ORDERS|VIEW|all orders]")
    assert lines[3] == ("[ID|int8|-5|19|0, CUSTOMER|varchar|12|40|0, AMOUNT|numeric|2|12|2, PLACED|timestamp|93|29|6, DAY|date|91|13|0, "
                        "PAID|bool|-7|1|0, NOTE|json|1111|2147483647|0]")
    assert lines[4:7] == ["[]"] * 3 and lines[7] == "[REFRESH]" and lines[8] == lines[9] == "true"


@pytest.mark.skipif(shutil.which("isql") is None, reason="needs odbc-postgresql and unixodbc")
def test_odbc_lists(shop):
    drivers = subprocess.run(["odbcinst", "-q", "-d"], capture_output=True, text=True)
    if "PostgreSQL Unicode" not in drivers.stdout:
        pytest.skip("needs odbc-postgresql")
    found = settings(shop)
    link = (f"Driver=PostgreSQL Unicode;Server={found['host']};Port={found['port']};Database=sales;UID={found['user']};"
            f"PWD={found['password']};SSLmode=require")
    done = subprocess.run(["isql", "-k", link, "-b", "-d,"], input="help\nhelp ORDERS\n", capture_output=True, text=True, timeout=60)
    assert "ORDERS" in done.stdout and "CUSTOMER" in done.stdout, done.stdout + done.stderr
