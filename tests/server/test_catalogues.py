# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL's catalogues as psql, drivers and tools ask for them."""

import pathlib
import re
import subprocess
from contextlib import closing

import psycopg
import psycopg2
import pytest

from support import layout
from tarn_program import query

PSQLS = [path for path in (layout.POSTGRESQL / "bin" / "psql", pathlib.Path("/usr/lib/postgresql/15/bin/psql")) if path.exists()]


def dsn(program, **options):
    found = program.json("status")["warehouse"]
    settings = {"host": found["host"], "port": found["port"], "user": found["user"], "sslmode": "require", "dbname": "sales",
                "password": pathlib.Path(found["password_file"]).read_text().strip(), **options}
    return " ".join(f"{name}={value}" for name, value in settings.items())


def psql(program, *commands, program_file=PSQLS[0], **options):
    arguments = [word for command in commands for word in ("-c", command)]
    done = subprocess.run([str(program_file), dsn(program, **options), "-X", "-P", "pager=off", *arguments], capture_output=True,
                          text=True, timeout=120)
    return done.stdout + done.stderr


def ann(program, **options):
    return program.warehouse(**{"user": "ann", "password": "Kites-fly-42", **options})


@pytest.mark.parametrize("program_file", PSQLS, ids=lambda path: path.parent.parent.name)
class TestPsql:
    def test_lists(self, shop, program_file):
        listed = psql(shop, r"\d", program_file=program_file)
        assert re.search(r"PUBLIC \| ORDERS +\| view \| ACCOUNTADMIN", listed)
        assert re.search(r"PUBLIC \| items +\| view", listed)
        assert "ARCHIVE" not in listed and "PLANS" not in listed
        assert "ARCHIVE" in psql(shop, r"\dv *.*", program_file=program_file)
        assert re.search(r"OLD +\| ACCOUNTADMIN", psql(shop, r"\dn", program_file=program_file))
        databases = psql(shop, r"\l", program_file=program_file)
        assert re.search(r"SALES +\| ACCOUNTADMIN +\| UTF8", databases) and "SECRETS" in databases
        assert not re.search(r"\bm1\b|template|postgres", databases)
        roles = psql(shop, r"\du", program_file=program_file)
        assert re.search(r"ANALYST +\| Cannot login", roles) and re.search(r"ANN +\|", roles)
        routines = psql(shop, r"\df", program_file=program_file)
        assert re.search(r'PUBLIC \| REFRESH \| .* \| "?IN "?DAYS"? bigint|PUBLIC \| REFRESH \|.*"DAYS" bigint', routines)

    def test_describes_in_any_case(self, shop, program_file):
        for name in ("orders", "ORDERS", '"ORDERS"', "public.orders", "sales.public.orders"):
            described = psql(shop, rf"\d {name}", program_file=program_file)
            assert 'View "PUBLIC.ORDERS"' in described, name
            assert re.search(r"ID +\| bigint", described)
            assert re.search(r"CUSTOMER +\| character varying\(40\)", described)
            assert re.search(r"AMOUNT +\| numeric\(12,2\)", described)
            assert re.search(r"PLACED +\| timestamp\(6\) without time zone", described)
            assert re.search(r"DAY +\| date", described) and re.search(r"PAID +\| boolean", described)
            assert re.search(r"NOTE +\| json", described)
        # psql does not tell whether a name in lower case was in quotes.
        assert 'View "PUBLIC.ORDERS"' in psql(shop, r'\d "orders"', program_file=program_file)
        assert "Did not find any relation" in psql(shop, r"\d Items1", r'\d "Orders"', program_file=program_file)
        assert 'View "PUBLIC.items"' in psql(shop, r"\d items", program_file=program_file)

    def test_describes_more(self, shop, program_file):
        described = psql(shop, r"\d+ orders", program_file=program_file)
        assert "its number" in described and "SELECT 1::NUMBER(18, 0)" in described
        assert "all orders" in psql(shop, r"\dv+ orders", program_file=program_file)
        assert "years ago" in psql(shop, r"\dn+", program_file=program_file)
        assert "what was sold" in psql(shop, r"\l+", program_file=program_file)

    def test_every_command_is_answered(self, shop, program_file):
        """None of what psql can list ends in an error."""
        for command in ("da dA dAc dAf dAo dAp db dc dC dd dD ddp dE des det deu dew dF dFd dFp dFt dg di dl dL dm dn do dO dp dP drds "
                        "dRp ds dt dT dtv du dv dx dX dy l z").split():
            for more in ("", "+") if command != "db" else ("",):
                answer = psql(shop, f"\\{command}{more}", program_file=program_file)
                assert "ERROR" not in answer, (command + more, answer)


def test_current_names(shop):
    with closing(shop.warehouse(dbname="sales")) as connection:
        asked = "SELECT current_database(), current_schema(), current_user, session_user, current_schemas(false), version() FROM pg_class LIMIT 1"
        row = query(connection, asked)[0]
        assert row[:5] == ("SALES", "PUBLIC", "ADMIN", "ADMIN", ["PUBLIC"])
        assert row[5].startswith("PostgreSQL 15.0 (Tarn ")
        query(connection, "USE SCHEMA sales.old")
        assert query(connection, asked)[0][:2] == ("SALES", "OLD")
        assert query(connection, "SELECT pg_table_is_visible(c.oid) FROM pg_class c WHERE relname = 'ARCHIVE'") == [(True,)]
        query(connection, "USE DATABASE secrets")
        assert query(connection, asked)[0][:2] == ("SECRETS", "PUBLIC")
        assert query(connection, "SELECT relname FROM pg_class WHERE relname IN ('ORDERS', 'PLANS')") == [("PLANS",)]
        assert query(connection, "SELECT current_setting('server_version_num')") == [("150000",)]


def test_changes_are_seen_at_once(shop):
    with closing(shop.warehouse(dbname="sales")) as connection, closing(shop.warehouse(dbname="sales")) as other:
        asked = "SELECT relname, obj_description(oid, 'pg_class') FROM pg_class WHERE relname LIKE 'FRESH%' ORDER BY 1"
        assert query(connection, asked) == []
        query(other, "CREATE VIEW fresh1 AS SELECT 1 AS a")
        assert query(connection, asked) == [("FRESH1", None)]
        query(other, "COMMENT ON VIEW fresh1 IS 'new'")
        query(other, "CREATE VIEW fresh2 AS SELECT 1 AS a")
        assert query(connection, asked) == [("FRESH1", "new"), ("FRESH2", None)]
        query(other, "ALTER VIEW fresh1 RENAME TO fresh3")
        assert query(connection, asked) == [("FRESH2", None), ("FRESH3", "new")]
        query(other, "DROP VIEW fresh2")
        query(other, "DROP VIEW fresh3")
        assert query(connection, asked) == []


def test_oids_are_those_of_results(shop):
    with psycopg.connect(dsn(shop)) as connection:
        cursor = connection.execute("SELECT c.oid, a.attnum FROM pg_class c JOIN pg_attribute a ON attrelid = c.oid "
                                    "WHERE relname = 'ORDERS' AND attname = 'CUSTOMER'")
        assert cursor.description[0].type_code == 26 and cursor.description[1].type_code == 21
        found = cursor.fetchone()
        assert isinstance(found[0], int) and found[1] == 2


@pytest.mark.parametrize("binary", [False, True])
def test_parameters_and_formats(shop, binary):
    with psycopg.connect(dsn(shop), autocommit=True) as connection:
        for _ in range(7):
            cursor = connection.execute("SELECT attname, atttypid, attisdropped, attacl, ARRAY[1, 2]::int2[], 'x'::\"char\" FROM pg_attribute a "
                                        "JOIN pg_class c ON c.oid = attrelid WHERE relname = %s AND attnum = ANY(%s) ORDER BY attnum",
                                        ("ORDERS", [1, 3]), binary=binary)
            assert cursor.fetchall() == [("ID", 20, False, None, [1, 2], "x"),
                                         ("AMOUNT", 1700, False, None, [1, 2], "x")]
        with pytest.raises(psycopg.errors.UndefinedColumn) as caught:
            connection.execute("SELECT nosuch FROM pg_class")
        assert caught.value.diag.statement_position == "8"
        with connection.transaction(), connection.cursor("paged", binary=binary) as cursor:
            cursor.itersize = 10
            cursor.execute("SELECT oid, relname FROM pg_class WHERE relname LIKE 'pg%' ORDER BY relname")
            rows = cursor.fetchall()
            assert len(rows) > 100 and rows == sorted(rows, key=lambda row: row[1])
        with connection.cursor().copy("COPY (SELECT relname FROM pg_class WHERE relname = 'ORDERS') TO STDOUT") as copy:
            assert list(copy.rows()) == [("ORDERS",)]


def test_results_of_several_queries_lie_beside_each_other(shop):
    with psycopg.connect(dsn(shop)) as connection:
        first, second = connection.cursor("first"), connection.cursor("second")
        first.execute("SELECT oid FROM pg_class ORDER BY oid")
        second.execute("SELECT oid FROM pg_class ORDER BY oid DESC")
        up, down = [], []
        for _ in range(20):
            up += first.fetchmany(3)
            down += second.fetchmany(3)
        assert up == sorted(up) and down == sorted(down, reverse=True) and len(up) == len(down) == 60


def test_large_results_stream(shop):
    with closing(shop.warehouse(dbname="sales")) as connection:
        rows = query(connection, "SELECT g, repeat('x', 100) FROM generate_series(1, 200000) g, pg_am WHERE amname = 'heap'")
        assert len(rows) == 200000 and rows[-1] == (200000, "x" * 100)


def test_failed_transactions(shop):
    with closing(shop.warehouse(dbname="sales")) as connection:
        query(connection, "BEGIN")
        with pytest.raises(psycopg2.errors.UndefinedTable):
            query(connection, "SELECT * FROM pg_catalog.pg_nosuch")
        with pytest.raises(psycopg2.errors.InFailedSqlTransaction):
            query(connection, "SELECT oid FROM pg_class LIMIT 1")
        query(connection, "ROLLBACK")
        assert len(query(connection, "SELECT oid FROM pg_class LIMIT 1")) == 1


def test_tables_of_the_warehouse_are_not_read(shop):
    with closing(shop.warehouse(dbname="sales")) as connection:
        with pytest.raises(psycopg2.errors.FeatureNotSupported, match="cannot read tables of the warehouse"):
            query(connection, 'SELECT count(*) FROM "ORDERS", pg_class')
        with pytest.raises(psycopg2.errors.ObjectNotInPrerequisiteState, match="cannot insert into view"):
            query(connection, 'WITH put AS (INSERT INTO "ORDERS" VALUES (1) RETURNING 1) SELECT * FROM put, pg_class')
        assert query(connection, "SELECT relname FROM pg_class WHERE relname = 'ORDERS'") == [("ORDERS",)]
