# SPDX-License-Identifier: Apache-2.0
"""What a role may not see does not appear in PostgreSQL's catalogues, and nothing can be done through them."""

from contextlib import closing

import psycopg2
import pytest

from tarn_program import query

HIDDEN = ("PLANS", "ARCHIVE", "items", "HIDDEN", "REFRESH", "OLD", "SECRETS", "years ago", "42", "goal")
EVERYWHERE = [
    "SELECT string_agg(c::text, ' ') FROM pg_class c WHERE oid BETWEEN 16384 AND 2999999999",
    "SELECT string_agg(a::text, ' ') FROM pg_attribute a WHERE attrelid BETWEEN 16384 AND 2999999999",
    "SELECT string_agg(n::text, ' ') FROM pg_namespace n WHERE oid >= 16384",
    "SELECT string_agg(d::text, ' ') FROM pg_database d",
    "SELECT string_agg(p::text, ' ') FROM pg_proc p WHERE oid BETWEEN 16384 AND 2999999999",
    "SELECT string_agg(d::text, ' ') FROM pg_description d WHERE objoid BETWEEN 16384 AND 2999999999",
    "SELECT string_agg(v::text, ' ') FROM pg_views v WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
    "SELECT string_agg(pg_get_viewdef(n::oid), ' ') FROM generate_series(16384, 17000) n",
    "SELECT string_agg(obj_description(n::oid, 'pg_class'), ' ') FROM generate_series(16384, 17000) n",
    "SELECT string_agg(obj_description(n::oid, 'pg_namespace'), ' ') FROM generate_series(16384, 17000) n",
    "SELECT string_agg(shobj_description(n::oid, 'pg_database'), ' ') FROM generate_series(16384, 17000) n",
    "SELECT string_agg(n::regclass::text, ' ') FROM generate_series(16384, 17000) n WHERE n::regclass::text !~ '^[0-9]+$'",
    "SELECT string_agg(n::regproc::text, ' ') FROM generate_series(16384, 17000) n WHERE n::regproc::text !~ '^[0-9]+$'",
    "SELECT string_agg(n::regnamespace::text, ' ') FROM generate_series(16384, 17000) n WHERE n::regnamespace::text !~ '^[0-9]+$'",
    "SELECT string_agg(t::text, ' ') FROM \"information_schema\".tables t WHERE table_schema NOT IN ('pg_catalog', 'information_schema')",
    "SELECT string_agg(c::text, ' ') FROM \"information_schema\".columns c WHERE table_schema NOT IN ('pg_catalog', 'information_schema')",
    "SELECT string_agg(s::text, ' ') FROM \"information_schema\".schemata s",
    "SELECT string_agg(r::text, ' ') FROM \"information_schema\".routines r WHERE routine_schema NOT IN ('pg_catalog', 'information_schema')",
]


def ann(program, **options):
    return program.warehouse(**{"user": "ann", "password": "Kites-fly-42", **options})


def test_only_what_is_granted_is_shown(shop):
    with closing(ann(shop)) as connection:
        assert query(connection, "SELECT current_user, current_database(), current_schema() FROM pg_am LIMIT 1") == [("ANN", "SALES", "PUBLIC")]
        query(connection, "USE SECONDARY ROLES NONE")
        shown = [query(connection, asked)[0][0] or "" for asked in EVERYWHERE]
        assert any("ORDERS" in text for text in shown) and any("SALES" in text for text in shown)
        for asked, text in zip(EVERYWHERE, shown):
            for name in HIDDEN:
                assert f"{name}," not in text and f"{name} " not in text + " " and name not in text.split(","), (name, asked, text)
        query(connection, "USE ROLE nobody")
        for asked in EVERYWHERE:
            text = query(connection, asked)[0][0] or ""
            for name in ("ORDERS", "SALES", *HIDDEN[:7]):
                assert name not in text, (name, asked, text)


def test_the_owner_sees_all_of_it(shop):
    """So that the test above looks where there is something."""
    with closing(shop.warehouse(dbname="sales")) as connection:
        shown = " ".join(query(connection, asked)[0][0] or "" for asked in EVERYWHERE)
        for name in ("ORDERS", "ARCHIVE", "items", "HIDDEN", "REFRESH", "OLD", "SECRETS", "years ago", "42 AS answer"):
            assert name in shown, name


def test_rights_change_what_is_shown(shop):
    asked = "SELECT relname FROM pg_class WHERE relname = 'GRANTED'"
    with closing(shop.warehouse(dbname="sales")) as owner, closing(ann(shop)) as connection:
        query(connection, "USE SECONDARY ROLES NONE")
        query(owner, "CREATE VIEW granted AS SELECT 1 AS a")
        assert query(connection, asked) == []
        query(owner, "GRANT SELECT ON VIEW granted TO ROLE analyst")
        assert query(connection, asked) == [("GRANTED",)]
        assert query(connection, """SELECT has_table_privilege('"GRANTED"', 'SELECT'), has_table_privilege('"GRANTED"', 'INSERT'),
            has_table_privilege(current_user, '"GRANTED"', 'SELECT'), has_schema_privilege('PUBLIC', 'USAGE')""") == [(True, False, True, True)]
        query(owner, "REVOKE SELECT ON VIEW granted FROM ROLE analyst")
        assert query(connection, asked) == []
        query(owner, "DROP VIEW granted")


def test_secondary_roles_count(shop):
    with closing(ann(shop)) as connection:
        query(connection, "USE ROLE nobody")
        query(connection, "USE SECONDARY ROLES ALL")
        query(connection, "USE DATABASE sales")
        asked = "SELECT relname FROM pg_class WHERE relname = 'ORDERS'"
        assert query(connection, asked) == [("ORDERS",)]
        query(connection, "USE SECONDARY ROLES NONE")
        assert query(connection, asked) == []


@pytest.mark.parametrize("attempt", [
    "SELECT pg_read_file('PG_VERSION') FROM pg_am",
    "SELECT pg_ls_dir('.') FROM pg_am",
    "SELECT pg_stat_file('PG_VERSION') FROM pg_am",
    "SELECT lo_create(0) FROM pg_am",
    "SELECT lo_import('/etc/passwd') FROM pg_am",
    "SELECT pg_notify('a', 'b')",
    "SELECT pg_advisory_lock(1)",
    "SELECT pg_cancel_backend(1)",
    "SELECT pg_terminate_backend(1)",
    "SELECT pg_reload_conf()",
    "SELECT pg_logical_emit_message(false, 'a', 'b')",
    "SELECT query_to_xml('select 1', true, true, '') FROM pg_am",
    "SELECT set_config('statement_timeout', '0', false)",
    "SELECT pg_catalog.set_config('default_transaction_read_only', 'off', false)",
    "SELECT pg_catalog.tarn_set_config('statement_timeout', '0', false)",
    "SELECT pg_catalog.tarn_current_database()",
    "SELECT pg_catalog.tarn_remove('[]')",
    "SELECT * FROM pg_catalog.tarn_view",
    "SELECT * FROM pg_catalog.tarn_pg_database",
    "SELECT * FROM pg_catalog.pg_authid",
    "SELECT * FROM pg_catalog.pg_shadow",
    "SELECT * FROM pg_catalog.pg_hba_file_rules",
    "SELECT * FROM pg_catalog.pg_stat_database",
    "SELECT * FROM pg_stat_get_activity(NULL)",
    "SELECT nextval('pg_catalog.x') FROM pg_am",
    "WITH gone AS (DELETE FROM pg_catalog.pg_class RETURNING 1) SELECT * FROM gone",
    "SELECT relname INTO kept FROM pg_catalog.pg_class",
    "SELECT relname INTO TEMPORARY kept FROM pg_catalog.pg_class",
    "SELECT oid FROM pg_catalog.pg_class FOR UPDATE",
    "SELECT * FROM dblink('dbname=postgres', 'select 1') AS t(a int), pg_catalog.pg_am",
    "SELECT pg_catalog.pg_file_write('x', 'y', false)",
    "SELECT 1 FROM pg_catalog.pg_am; DROP TABLE pg_catalog.pg_am",
])
def test_nothing_is_done_through_them(shop, attempt):
    with closing(shop.warehouse(dbname="sales")) as connection:
        with pytest.raises(psycopg2.Error):
            query(connection, attempt)
        assert query(connection, "SELECT amname FROM pg_am WHERE amname = 'heap'") == [("heap",)]


def test_nothing_of_the_server_is_told(shop):
    with closing(shop.warehouse(dbname="sales")) as connection:
        settings = str(query(connection, "SELECT name, setting FROM pg_settings"))
        assert str(shop.data) not in settings and "catalogues" not in settings
        others = query(connection, "SELECT pid, usename, query FROM pg_stat_activity")
        assert len(others) == 1 and others[0][1] == "ADMIN"


def test_nobody_reaches_the_server(shop):
    """A socket in a directory of the account's own, and no address."""
    with closing(shop.warehouse(dbname="sales")) as connection:
        query(connection, "SELECT 1 FROM pg_am")
    folder = shop.data / "warehouse" / "catalogues"
    assert folder.stat().st_mode & 0o077 == 0
    lines = (folder / "pgdata" / "postmaster.pid").read_text().splitlines()
    assert lines[5].strip() == ""
    socket = lines[4]
    import pathlib
    assert pathlib.Path(socket).stat().st_mode & 0o077 == 0
