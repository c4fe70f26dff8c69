# SPDX-License-Identifier: Apache-2.0
"""Rows of lake tables are not in the write-ahead log: no publication promises them, and nothing of them is decoded."""

import psycopg2
import pytest

from support.database import Database
from support.waiting import wait_for

PREPARATION = """
CREATE TABLE heap (a int PRIMARY KEY);
CREATE TABLE lake (a int REFERENCES heap) USING iceberg;
CREATE SCHEMA plain;
CREATE TABLE plain.t (a int);
CREATE SCHEMA mixed;
CREATE TABLE mixed.t (a int) USING iceberg;
CREATE TABLE whole (a int, b int) PARTITION BY LIST (a);
CREATE TABLE whole1 PARTITION OF whole FOR VALUES IN (1) USING iceberg;
CREATE TABLE other (a int, b int) PARTITION BY LIST (a);
CREATE TABLE other1 PARTITION OF other FOR VALUES IN (1);
CREATE TABLE loose (a int, b int) USING iceberg;
CREATE TABLE base (a int);
CREATE TABLE child () INHERITS (base) USING iceberg;
CREATE MATERIALIZED VIEW plain.mat USING iceberg AS SELECT 1 AS a;
CREATE PUBLICATION of_tables FOR TABLE heap, other;
CREATE PUBLICATION of_schema FOR TABLES IN SCHEMA plain;
"""

REFUSED = [
    "CREATE PUBLICATION p FOR TABLE lake", "CREATE PUBLICATION p FOR TABLE heap, lake", "CREATE PUBLICATION p FOR TABLE whole",
    "CREATE PUBLICATION p FOR TABLE whole WITH (publish_via_partition_root)", "CREATE PUBLICATION p FOR TABLE whole1",
    "CREATE PUBLICATION p FOR TABLE base", "CREATE PUBLICATION p FOR TABLES IN SCHEMA mixed",
    "CREATE PUBLICATION p FOR TABLE heap, TABLES IN SCHEMA plain, mixed", "CREATE PUBLICATION p FOR TABLES IN SCHEMA public",
    "ALTER PUBLICATION of_tables ADD TABLE lake", "ALTER PUBLICATION of_tables SET TABLE lake",
    "ALTER PUBLICATION of_tables ADD TABLE whole", "ALTER PUBLICATION of_schema ADD TABLES IN SCHEMA mixed",
    "ALTER PUBLICATION of_schema SET TABLES IN SCHEMA mixed",
    "CREATE TABLE plain.u (a int) USING iceberg", "CREATE TABLE plain.u USING iceberg AS SELECT 1 AS a",
    "CREATE TABLE plain.u (LIKE heap) USING iceberg",
    "EXPLAIN (ANALYZE, COSTS off) CREATE TABLE plain.u USING iceberg AS SELECT 1 AS a",
    "SET default_table_access_method = iceberg; SELECT 1 AS a INTO plain.u",
    "CREATE TABLE other2 PARTITION OF other FOR VALUES IN (2) USING iceberg",
    "ALTER TABLE other ATTACH PARTITION loose FOR VALUES IN (3)", "ALTER TABLE loose SET SCHEMA plain",
    "ALTER TABLE whole SET SCHEMA plain", "ALTER TABLE plain.t SET ACCESS METHOD iceberg",
    "ALTER TABLE other1 SET ACCESS METHOD iceberg",
]


@pytest.fixture
def publishing(conn, access_method):
    if access_method == "heap":
        pytest.skip("about lake tables")
    conn.cursor().execute(PREPARATION)
    return conn


def state(cursor):
    cursor.execute("SELECT pubname, schemaname, tablename FROM pg_publication_tables "
                   "WHERE pubname <> 'everything' ORDER BY 1, 2, 3")
    published = cursor.fetchall()
    cursor.execute("SELECT oid::regclass::text, relam FROM pg_class WHERE oid >= 16384 AND relkind = 'r' ORDER BY 1")
    return published, cursor.fetchall()


def test_lake_tables_are_refused(publishing):
    with publishing.cursor() as cursor:
        before = state(cursor)
        for statement in REFUSED:
            with pytest.raises(psycopg2.Error) as raised:
                cursor.execute(statement)
            assert raised.value.pgcode == "0A000", f"{statement}: {raised.value}"
            assert "publication" in str(raised.value) and raised.value.diag.message_hint, statement
            cursor.execute("RESET default_table_access_method")
            assert state(cursor) == before, statement


def test_what_is_allowed_beside_them(publishing):
    with publishing.cursor() as cursor:
        for statement in ("ALTER PUBLICATION of_tables ADD TABLE ONLY base", "CREATE TABLE plain.u (a int)",
                          "ALTER PUBLICATION of_tables SET TABLE heap", "ALTER TABLE other1 SET ACCESS METHOD iceberg",
                          "ALTER TABLE other ATTACH PARTITION loose FOR VALUES IN (3)", "DROP PUBLICATION of_schema",
                          "ALTER TABLE plain.t SET ACCESS METHOD iceberg", "ALTER TABLE lake SET SCHEMA plain",
                          "ALTER TABLE plain.lake RENAME TO renamed", "CREATE PUBLICATION everything FOR ALL TABLES"):
            cursor.execute(statement)
        assert "leaves lake tables out" in publishing.notices[-1]
        cursor.execute("SELECT count(*) FROM pg_publication_tables WHERE schemaname = 'tarn' OR tablename LIKE 'iceberg%'")
        assert cursor.fetchone() == (0,)


class Decoder:
    """What a subscriber to all tables would be sent: (kind of message, tables that it names)."""

    def __init__(self, connection):
        self.cursor = connection.cursor()
        self.cursor.execute("CREATE PUBLICATION everything FOR ALL TABLES")
        self.cursor.execute("SELECT slot_name FROM pg_create_logical_replication_slot(current_database() || '_s', 'pgoutput')")
        (self.slot,) = self.cursor.fetchone()
        self.names = {}

    def messages(self):
        self.cursor.execute("SELECT data FROM pg_logical_slot_get_binary_changes(%s, NULL, NULL, 'proto_version', '1', "
                            "'publication_names', 'everything')", (self.slot,))
        found = []
        for (message,) in self.cursor.fetchall():
            message = bytes(message)
            kind = chr(message[0])
            if kind == "R":
                schema, table = message[5:].split(b"\0")[:2]
                self.names[message[1:5]] = f"{schema.decode()}.{table.decode()}"
            elif kind == "T":
                count = int.from_bytes(message[1:5], "big")
                found.append((kind, sorted(self.names[message[6 + 4 * i:10 + 4 * i]] for i in range(count))))
            elif kind in "IUD":
                found.append((kind, [self.names[message[1:5]]]))
        return found

    def drop(self):
        self.cursor.execute("SELECT pg_drop_replication_slot(%s)", (self.slot,))


@pytest.fixture
def decoder(publishing):
    made = Decoder(publishing)
    yield made
    made.drop()


def test_all_tables_publish_no_lake_table_and_nothing_internal(publishing, decoder):
    with publishing.cursor() as cursor:
        cursor.execute("INSERT INTO heap VALUES (1), (2)")
        cursor.execute("INSERT INTO lake VALUES (1)")
        cursor.execute("INSERT INTO whole VALUES (1, 1)")
        cursor.execute("BEGIN; CREATE TABLE young (a int) USING iceberg; INSERT INTO young SELECT a FROM heap; COMMIT")
        cursor.execute("ALTER TABLE young ADD COLUMN b int DEFAULT 3")
        cursor.execute("VACUUM FULL young")
        cursor.execute("DROP TABLE young")
    assert decoder.messages() == [("I", ["public.heap"])] * 2


def test_truncates_of_lake_tables_are_not_decoded(publishing, decoder):
    with publishing.cursor() as cursor:
        def run(statement, *decoded):
            cursor.execute(statement)
            assert decoder.messages() == [("T", list(tables)) for tables in decoded], statement
            for table in ("lake", "whole1", "loose"):
                cursor.execute(f"SELECT count(*) FROM {table}")
                assert cursor.fetchone() == (0,), f"{statement}: {table}"
            fill()

        def fill():
            cursor.execute("INSERT INTO heap VALUES (1) ON CONFLICT DO NOTHING")
            for table in ("lake (a)", "whole (a)", "loose (a)", "other (a)", "base (a)", "child (a)"):
                cursor.execute(f"INSERT INTO {table} VALUES (1)")
            decoder.messages()

        fill()
        run("TRUNCATE lake, whole, loose")
        run("TRUNCATE lake, whole, loose, heap, ONLY base", ["public.base", "public.heap"])
        run("TRUNCATE whole, whole1, loose, other, heap CASCADE", ["public.heap", "public.other1"])
        run("TRUNCATE base, child, lake, whole, loose RESTART IDENTITY", ["public.base"])
        run("BEGIN; TRUNCATE lake; TRUNCATE whole1; TRUNCATE loose; TRUNCATE other; COMMIT", ["public.other1"])


def test_truncate_is_postgresqls_in_all_else(publishing, decoder, db):
    with publishing.cursor() as cursor:
        cursor.execute("INSERT INTO heap VALUES (1); INSERT INTO lake VALUES (1); INSERT INTO whole VALUES (1, 1)")
        cursor.execute("CREATE SEQUENCE numbers OWNED BY lake.a; SELECT nextval('numbers')")
        cursor.execute("CREATE TABLE log (what text)")
        cursor.execute("CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS "
                       "$$ BEGIN INSERT INTO log VALUES (TG_WHEN || ' ' || TG_RELNAME); RETURN NULL; END $$")
        cursor.execute("CREATE TRIGGER b BEFORE TRUNCATE ON lake EXECUTE FUNCTION note()")
        cursor.execute("CREATE TRIGGER a AFTER TRUNCATE ON lake EXECUTE FUNCTION note()")
        decoder.messages()

        def fails(statement, code):
            with pytest.raises(psycopg2.Error) as raised:
                cursor.execute(statement)
            assert raised.value.pgcode == code, f"{statement}: {raised.value}"
            cursor.execute("ROLLBACK; RESET ROLE")
            cursor.execute("SELECT (SELECT count(*) FROM lake), (SELECT count(*) FROM whole)")
            assert cursor.fetchone() == (1, 1), statement

        cursor.execute("CREATE ROLE stranger")
        try:
            cursor.execute("GRANT ALL ON heap TO stranger; GRANT USAGE ON SCHEMA public TO stranger")
            fails("SET ROLE stranger; TRUNCATE lake", "42501")
            fails("SET ROLE stranger; TRUNCATE heap CASCADE", "42501")
            fails("BEGIN READ ONLY; TRUNCATE lake", "25006")
            fails("TRUNCATE heap, whole", "0A000")  # lake refers to heap
            fails("TRUNCATE ONLY whole, lake", "42809")
            fails("TRUNCATE lake, plain.mat", "42809")
            fails("TRUNCATE lake, pg_class", "42501")
            fails("TRUNCATE lake, nowhere", "42P01")
            cursor.execute("BEGIN; TRUNCATE lake, lake; ROLLBACK")
            cursor.execute("SELECT count(*) FROM lake")
            assert cursor.fetchone() == (1,)
            cursor.execute("GRANT TRUNCATE ON lake TO stranger; SET ROLE stranger")
            holder = db.connect(autocommit=False)
            holder.cursor().execute("SELECT count(*) FROM lake")
            fails("SET lock_timeout = '100ms'; TRUNCATE lake", "55P03")
            holder.close()
            cursor.execute("RESET ROLE; TRUNCATE log; GRANT INSERT ON log TO stranger; SET ROLE stranger")
            cursor.execute("TRUNCATE lake")
            cursor.execute("RESET ROLE")
        finally:
            cursor.execute("RESET ROLE; DROP OWNED BY stranger; DROP ROLE stranger")
        cursor.execute("SELECT what FROM log")
        assert cursor.fetchall() == [("BEFORE lake",), ("AFTER lake",)]
        cursor.execute("SELECT nextval('numbers')")
        assert cursor.fetchone() == (2,)
        cursor.execute("TRUNCATE lake RESTART IDENTITY")
        cursor.execute("SELECT nextval('numbers'), (SELECT count(*) FROM lake)")
        assert cursor.fetchone() == (1, 0)


@pytest.mark.slow
def test_a_subscription_to_all_tables_goes_on_beside_lake_tables(publishing, db, make_server):
    publishing.cursor().execute("CREATE PUBLICATION everything FOR ALL TABLES; INSERT INTO heap VALUES (1);"
                                "INSERT INTO lake VALUES (1); DROP TABLE whole, other, base, loose, mixed.t, plain.t CASCADE")
    subscriber = Database(make_server().start())
    # The lake table's name is there, too: it must not get a first copy that is never followed.
    subscriber.sql("CREATE TABLE heap (a int PRIMARY KEY); ")
    subscriber.sql("CREATE TABLE lake (a int)")
    subscriber.sql(f"CREATE SUBSCRIPTION s CONNECTION 'host={db.server.socket} dbname={db.name} user=postgres' "
                   "PUBLICATION everything")
    try:
        wait_for(lambda: subscriber.sql("SELECT count(*) FROM heap") == [(1,)], "the first copy does not come")
        publishing.cursor().execute("INSERT INTO lake VALUES (1); INSERT INTO heap VALUES (2); TRUNCATE lake")
        wait_for(lambda: subscriber.sql("SELECT count(*) FROM heap") == [(2,)], "changes do not come")
        wait_for(lambda: 'lake table "lake" cannot be replicated' in subscriber.server.log_text(), "nothing is told")
        assert subscriber.sql("SELECT count(*) FROM lake") == [(0,)]
    finally:
        subscriber.sql("DROP SUBSCRIPTION s")
