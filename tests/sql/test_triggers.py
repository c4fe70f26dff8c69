# SPDX-License-Identifier: Apache-2.0
"""Triggers of every kind that INSERT and TRUNCATE fire."""

import pytest

from support.both import Both

NOTE = """
CREATE TABLE {t}_log (n serial, event text, row_text text);
CREATE FUNCTION {t}_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO {t}_log (event, row_text)
    VALUES (TG_WHEN || ' ' || TG_LEVEL || ' ' || TG_OP, CASE TG_LEVEL WHEN 'ROW' THEN NEW::text END);
  RETURN CASE TG_LEVEL WHEN 'ROW' THEN NEW END; END $$"""


@pytest.fixture
def both(conn, access_method):
    made = Both(conn, access_method)
    made.script("CREATE TABLE {t} (a int, b text, c numeric(10,2), d int[]) USING {am}", NOTE)
    return made


ROWS = "SELECT i, 'row ' || i, i / 4.0, ARRAY[i, NULL] FROM generate_series(1, 3000) i"


def test_row_and_statement_triggers(both):
    for when, level in (("BEFORE", "ROW"), ("AFTER", "ROW"), ("BEFORE", "STATEMENT"), ("AFTER", "STATEMENT")):
        both.script(f"CREATE TRIGGER {when}_{level} {when} INSERT ON {{t}} FOR EACH {level} EXECUTE FUNCTION {{t}}_note()")
    both.script("CREATE TRIGGER tr BEFORE TRUNCATE ON {t} EXECUTE FUNCTION {t}_note()")
    both.script("INSERT INTO {t} " + ROWS, "INSERT INTO {t} VALUES (0, NULL, NULL, NULL)", "TRUNCATE {t}")
    both.run("SELECT n, event, row_text FROM {t}_log")


def test_before_trigger_changes_and_skips_rows(both):
    both.script("""CREATE FUNCTION {t}_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                   IF NEW.a % 5 = 0 THEN RETURN NULL; END IF;
                   NEW.b := upper(NEW.b) || NEW.a; RETURN NEW; END $$""",
                "CREATE TRIGGER change BEFORE INSERT ON {t} FOR EACH ROW EXECUTE FUNCTION {t}_change()",
                "INSERT INTO {t} " + ROWS + " RETURNING a, b")
    both.compare()


def test_after_row_trigger_in_a_transaction_with_savepoints(both, conn):
    both.script("CREATE TRIGGER after_row AFTER INSERT ON {t} FOR EACH ROW WHEN (NEW.a > 1) EXECUTE FUNCTION {t}_note()")
    conn.autocommit = False
    for i in range(20):
        both.script(f"INSERT INTO {{t}} VALUES ({i}, 'one')", "SAVEPOINT s", f"INSERT INTO {{t}} VALUES ({i}, 'two')")
        both.script("ROLLBACK TO s" if i % 2 else "RELEASE s")
    conn.commit()
    both.run("SELECT event, row_text FROM {t}_log")
    both.compare()


def test_transition_tables(both):
    both.script("""CREATE FUNCTION {t}_sum() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                   INSERT INTO {t}_log (event, row_text) SELECT count(*), sum(c) FROM fresh; RETURN NULL; END $$""",
                "CREATE TRIGGER sums AFTER INSERT ON {t} REFERENCING NEW TABLE AS fresh EXECUTE FUNCTION {t}_sum()",
                "INSERT INTO {t} " + ROWS, "INSERT INTO {t} VALUES (1), (2)")
    both.run("SELECT event, row_text FROM {t}_log")


def test_deferred_constraint_trigger(both, conn):
    both.script("CREATE CONSTRAINT TRIGGER later AFTER INSERT ON {t} DEFERRABLE INITIALLY DEFERRED "
                "FOR EACH ROW EXECUTE FUNCTION {t}_note()")
    conn.autocommit = False
    both.script("INSERT INTO {t} " + ROWS)
    assert both.run("SELECT count(*) FROM {t}_log") == [(0,)]
    conn.commit()
    assert both.run("SELECT count(*) FROM {t}_log") == [(3000,)]
    both.run("SELECT event, row_text FROM {t}_log")


def test_rules_and_views(both):
    both.script("CREATE VIEW {t}_view AS SELECT a, b FROM {t}", "INSERT INTO {t}_view VALUES (1, 'through the view')",
                "CREATE RULE also AS ON INSERT TO {t} DO ALSO INSERT INTO {t}_log (event) VALUES (NEW.b)",
                "INSERT INTO {t} VALUES (2, 'ruled')")
    both.compare()
    both.run("SELECT event FROM {t}_log")


def test_a_trigger_that_writes_to_the_lake(both):
    both.script("CREATE TABLE {t}_heap (a int)",
                """CREATE FUNCTION {t}_forward() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                   INSERT INTO {t} (a) VALUES (NEW.a); RETURN NULL; END $$""",
                "CREATE TRIGGER forward AFTER INSERT ON {t}_heap FOR EACH ROW EXECUTE FUNCTION {t}_forward()",
                "INSERT INTO {t}_heap SELECT generate_series(1, 500)")
    both.compare()
    assert both.run("SELECT count(*) FROM {t}") == [(500,)]


def test_foreign_key_to_heap_follows_the_heap(both):
    both.script("CREATE TABLE {t}_parent (id int PRIMARY KEY)", "INSERT INTO {t}_parent SELECT generate_series(1, 3)",
                "ALTER TABLE {t} ADD FOREIGN KEY (a) REFERENCES {t}_parent", "INSERT INTO {t} (a) VALUES (1), (2)")
    assert both.run("DELETE FROM {t}_parent WHERE id = 1") == "23503"
    both.script("DELETE FROM {t}_parent WHERE id = 3")
    assert both.run("INSERT INTO {t} (a) VALUES (3)") == "23503"
    both.compare()
