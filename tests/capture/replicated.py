# SPDX-License-Identifier: Apache-2.0
"""A database of a PostgreSQL without anything of ours, replicated by the connector of a `tarn up`."""

import json
import os
import signal
import time
from contextlib import closing

import psycopg2
from pyiceberg.catalog.rest import RestCatalog

from support.ports import free_port
from support.product import Product
from support.server import Server
from support.waiting import wait_for

CONNECTOR = "SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.PUBLIC"
OWN_COLUMNS = 3


def comparable(value):
    return float(value) if hasattr(value, "as_tuple") or isinstance(value, (int, float)) and not isinstance(value, bool) \
        else value


def sorted_rows(rows):
    return sorted((tuple(map(comparable, row)) for row in rows), key=repr)


def write_settings(product, sources):
    """Its datasources.json."""
    path = product.home / "datasources.json"
    path.write_text(json.dumps(sources), encoding="utf-8")
    path.chmod(0o600)
    if os.geteuid() == 0:
        # The warehouse runs as an account of its own.
        owner = (product.home / "warehouse").stat()
        os.chown(path, owner.st_uid, owner.st_gid)


class SourceAndWarehouse:
    """A PostgreSQL that can be captured from, and a `tarn up`."""

    def __init__(self, installation, plain_installation, **settings):
        self.port = free_port()
        self.source = Server(plain_installation, **{"listen_addresses": "127.0.0.1", "port": self.port, **settings})
        self.source.start(wait=False)
        wait_for(self.answers, "the source does not start", 30)
        self.product = Product(installation).up()

    def connect(self, autocommit=True, **options):
        """To the source."""
        connection = psycopg2.connect(**{"host": "127.0.0.1", "port": self.port, "dbname": "postgres", "user": "postgres",
                                         "password": "postgres", **options})
        connection.autocommit = autocommit
        return connection

    def answers(self):
        try:
            self.connect().close()
            return True
        except psycopg2.OperationalError:
            return False

    def run(self, *statements, **options):
        with closing(self.connect(**options)) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchall() if cursor.description else None

    def fsck(self):
        """Every table of the warehouse."""
        for folder in sorted((self.product.home / "warehouse" / "tables").iterdir()):
            self.product.fsck(str(folder))


class Replicated(SourceAndWarehouse):
    """Tables of schema `s` in the source are those of "s" in database DEST of the warehouse. Reconnects after kills."""

    mode = None  # the connector's own

    def __init__(self, installation, plain_installation, **settings):
        super().__init__(installation, plain_installation, **settings)
        self._connection = None
        self.run("CREATE SCHEMA s", "CREATE PUBLICATION everything FOR ALL TABLES")
        self.sources = {}
        self.add_source("SOURCE", "everything", "dest")
        self.slot = "sf_db_conn_rs_kbmd_source"

    def add_source(self, name, publication, database, hosts=None, **more):
        """Another data source; `hosts`: as a JDBC URL lists them, with its parameters; `more` stands in the file."""
        hosts, parameters = hosts or (f"127.0.0.1:{self.port}", "")
        self.sources[name] = {
            "url": f"jdbc:postgresql://{hosts}/postgres{parameters}", "username": "postgres", "password": "postgres",
            "publication": publication, "ssl": False, **more}
        write_settings(self.product, self.sources)
        self.sql(f"CREATE DATABASE {database}",
                 f"GRANT CREATE SCHEMA ON DATABASE {database} TO APPLICATION SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL",
                 f"CALL {CONNECTOR}.ADD_DATA_SOURCE('{name}', '{database.upper()}'"
                 + (f", '{self.mode}')" if self.mode else ")"))

    # ---- the source ----

    def drop_slot(self):
        """Whoever reads it comes back soon: between two connections."""
        for _ in range(200):
            try:
                self.run("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE active",
                         f"SELECT pg_drop_replication_slot('{self.slot}')")
                return
            except psycopg2.errors.ObjectInUse:
                time.sleep(0.02)
        raise AssertionError("the slot is always in use")

    # ---- the warehouse ----

    def sql(self, *statements):
        for attempt in range(150):
            try:
                self._connection = self._connection or self.product.connect()
                with self._connection.cursor() as cursor:
                    for statement in statements:
                        cursor.execute(statement)
                    return cursor.fetchall() if cursor.description else None
            except (psycopg2.OperationalError, psycopg2.InterfaceError):
                self._connection = None
                if attempt == 149:
                    raise
                time.sleep(0.2)
        return None

    def add(self, *tables, source="SOURCE"):
        names = ", ".join("'" + table.replace("'", "''") + "'" for table in tables)
        self.sql(f"CALL {CONNECTOR}.ADD_TABLES('{source}', 's', ARRAY_CONSTRUCT({names}))")

    def copied(self, *tables, source="SOURCE"):
        self.add(*tables, source=source)
        self.wait_until_copied(*tables)

    def states(self):
        found = self.sql("SELECT TABLE_NAME, SNAPSHOT_REPLICATION_STATUS, INCREMENTAL_REPLICATION_STATUS, "
                         f"SCHEMA_INTROSPECTION_STATUS FROM {CONNECTOR}.REPLICATION_STATE")
        return {row[0]: row[1:] for row in found}

    def wait_until_copied(self, *tables, seconds=40):
        wait_for(lambda: all(self.states().get(table, ("",))[0] == "DONE" for table in tables),
                 lambda: f"not copied: {self.states()}", seconds)

    def errors(self):
        """Tables and why they failed or are retried."""
        return [str(row[0]) for row in self.sql(
            f"SELECT PARAMETERS FROM {CONNECTOR}.AGENT_AUDIT_LOG WHERE PARAMETERS:error IS NOT NULL")]

    def alive(self, table, columns="*", database="dest"):
        """Without the connector's own columns."""
        rows = self.sql(f'SELECT {columns} FROM {database}."s"."{table}" WHERE NOT _SNOWFLAKE_DELETED')
        return sorted_rows(row[:-OWN_COLUMNS] if columns == "*" else row for row in rows)

    def found(self, table, columns, database):
        """Columns may not be there yet, nor the table."""
        try:
            return self.alive(table, columns, database)
        except psycopg2.errors.SyntaxErrorOrAccessRuleViolation as error:
            return [(str(error),)]

    def wait_until_equal(self, table, columns="*", seconds=40, database="dest", where=""):
        """`where`: what of the source's table is published. Columns that came later stand behind the connector's own."""
        if columns == "*":
            columns = ", ".join(row[0] for row in self.run(
                "SELECT attname FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped AND attrelid = "
                f"'s.\"{table}\"'::regclass ORDER BY attnum"))
        expected = sorted_rows(self.run(f"SELECT {columns} FROM s.\"{table}\" {where}"))
        deadline = time.monotonic() + seconds
        while (found := self.found(table, columns, database)) != expected:
            assert time.monotonic() < deadline, f"{table}: {first_difference(expected, found)}\n{self.states()}\n" \
                f"{self.product.log_tail()}"
            time.sleep(0.1)

    def kill(self):
        """The warehouse's process, with all that captures; the supervisor starts it again."""
        pid = json.loads(self.product.run("status", "--json"))["warehouse"]["pid"]
        os.kill(pid, signal.SIGKILL)
        self._connection = None

    def remove(self):
        if self._connection is not None:
            self._connection.close()
        self.product.remove()
        self.source.remove()


class Mirrored(Replicated):
    """The same in mirror mode: the destination's tables are those of the source, row by row and name by name."""

    mode = "MIRROR"

    def alive(self, table, columns="*", database="dest"):
        return sorted_rows(self.sql(f'SELECT {columns} FROM {database}."s"."{table}"'))

    def wait_until_equal(self, table, columns="*", seconds=40, database="dest", where=""):
        if columns == "*":
            columns = ", ".join(f'"{row[0]}"' for row in self.run(
                "SELECT attname FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped AND attrelid = "
                f"'s.\"{table}\"'::regclass ORDER BY attnum"))
        super().wait_until_equal(table, columns, seconds, database, where)

    def catalog(self):
        """PyIceberg over the REST catalog."""
        status = json.loads(self.product.run("status", "--json"))
        uri = status["http"]["url"] + "/iceberg"
        return RestCatalog("tarn", uri=uri, warehouse="DEST", credential=f"admin:{self.product.password}",
                           **{"oauth2-server-uri": f"{uri}/v1/oauth/tokens"})

    def fields(self, table):
        """By name: id and type, as PyIceberg reads them."""
        schema = self.catalog().load_table(("s", table)).schema()
        return {field.name: (field.field_id, str(field.field_type)) for field in schema.fields}

    def outside_rows(self, table):
        """As PyIceberg reads them."""
        return self.catalog().load_table(("s", table)).scan().to_arrow().to_pylist()


def first_difference(expected, found):
    missing = [row for row in expected if row not in found][:3]
    extra = [row for row in found if row not in expected][:3]
    return f"{len(expected)} expected, {len(found)} found; missing {missing}, too many {extra}"
