# SPDX-License-Identifier: Apache-2.0
"""A source whose tables, columns, partitions and publication change at random, in transactions and out of them.

A renamed column is a dropped and a new one to the connector, whose rows of before are null: so none is."""

import copy

import psycopg2

PUBLICATION = "wild"
KEYS = 80
KINDS = ("int", "bigint", "text", "numeric(12,3)", "timestamp", "boolean")


class Table:
    def __init__(self, name, partitioned):
        self.name, self.partitioned = name, partitioned
        self.columns = {}
        self.where = ""
        self.leaves = {}

    @property
    def shown(self):
        return ", ".join(["id", *self.columns])


class RandomSource:
    """Names of columns and partitions never come twice. `statements`: what was done, for failures."""

    def __init__(self, replicated, rng):
        self.replicated, self.rng = replicated, rng
        self.numbers = 0
        self.tables = {table.name: table for table in (Table("plain", False), Table("other", False), Table("parts", True))}
        self.statements = []
        self.counts = {}
        replicated.run("CREATE TYPE s.hue AS ENUM ('red', 'green')")
        for table in self.tables.values():
            replicated.run(self.creation(table))
        replicated.run(*self.first_leaves(self.tables["parts"]),
                       f"CREATE PUBLICATION {PUBLICATION} FOR TABLE {', '.join('s.' + name for name in self.tables)} "
                       "WITH (publish_via_partition_root = true)")
        self.connection = None

    # ---- pieces ----

    def number(self):
        self.numbers += 1
        return self.numbers

    def creation(self, table):
        number, text = f"c{self.number()}", f"c{self.number()}"
        table.columns = {number: "int", text: "text"}
        tail = " PARTITION BY RANGE (id)" if table.partitioned else ""
        return f"CREATE TABLE s.{table.name} (id int PRIMARY KEY, {number} int, {text} text){tail}"

    def first_leaves(self, table):
        table.leaves = {f"{table.name}_0": (-1000, KEYS // 2), f"{table.name}_rest": None}
        return [f"CREATE TABLE s.{table.name}_0 PARTITION OF s.{table.name} FOR VALUES FROM (-1000) TO ({KEYS // 2})",
                f"CREATE TABLE s.{table.name}_rest PARTITION OF s.{table.name} DEFAULT"]

    def value(self, kind):
        if self.rng.random() < .15:
            return "NULL"
        number = self.rng.randint(-999, 999)
        return {"int": str(number), "bigint": str(number * 10 ** 9), "numeric(12,3)": f"{number / 8}",
                "text": f"repeat('{chr(97 + number % 26)}', {self.rng.choice([1, 30, 3000])})",
                "timestamp": f"timestamp '2024-01-01' + interval '{abs(number)} s'",
                "boolean": str(number % 2 == 0)}.get(kind, "'red'" if kind == "s.hue" else "NULL")

    def constant(self, kind):
        return {"text": "'it was'", "timestamp": "'2023-03-03 03:03:03'", "boolean": "true"}.get(kind, "3")

    def volatile(self, kind):
        return {"text": "md5(random()::text)", "timestamp": "date_trunc('second', clock_timestamp())::timestamp",
                "boolean": "random() < 0.5"}.get(kind, "(random() * 100)::int")

    def key(self):
        return self.rng.randint(1, KEYS)

    def column(self, table):
        return self.rng.choice(list(table.columns))

    # ---- statements: each a list of them ----

    def insert(self, table):
        names = list(table.columns)
        column = self.rng.choice(names) if names else "id"
        keys = sorted({self.key() for _ in range(self.rng.randint(1, 8))})
        rows = ", ".join(f"({', '.join([str(key), *(self.value(kind) for kind in table.columns.values())])})" for key in keys)
        return [f"INSERT INTO s.{table.name} ({', '.join(['id', *names])}) VALUES {rows} "
                f"ON CONFLICT (id) DO UPDATE SET {column} = excluded.{column}"]

    def update(self, table):
        if not table.columns:
            return []
        column = self.column(table)
        return [f"UPDATE s.{table.name} SET {column} = {self.value(table.columns[column])} WHERE id % 7 = {self.key() % 7}"]

    def move(self, table):
        key = self.key()
        return [f"UPDATE s.{table.name} SET id = id + 500 WHERE id = {key} AND NOT EXISTS (SELECT FROM s.{table.name} WHERE id = {key} + 500)"]

    def delete(self, table):
        return [f"DELETE FROM s.{table.name} WHERE id % 11 = {self.key() % 11}"]

    def truncate(self, table):
        return [f"TRUNCATE s.{table.name}"]

    def add_column(self, table):
        name, kind = f"c{self.number()}", self.rng.choice(KINDS)
        default = self.rng.choice(["", f" DEFAULT {self.constant(kind)}", f" DEFAULT {self.constant(kind)}", f" DEFAULT {self.volatile(kind)}"])
        table.columns[name] = kind
        return [f"ALTER TABLE s.{table.name} ADD COLUMN {name} {kind}{default}"]

    def add_hue(self, table):
        name = f"c{self.number()}"
        table.columns[name] = "s.hue"
        return [f"ALTER TABLE s.{table.name} ADD COLUMN {name} s.hue DEFAULT 'red'"]

    def drop_column(self, table):
        if len(table.columns) < 2:
            return []
        name = self.column(table)
        del table.columns[name]
        return [f"ALTER TABLE s.{table.name} DROP COLUMN {name}"]

    def change_type(self, table):
        name = self.column(table)
        kind = table.columns[name]
        new = {"int": "bigint", "bigint": "bigint"}.get(kind, kind)
        using = {"int": f"{name} + 1", "bigint": f"{name} - 1", "numeric(12,3)": f"{name} / 2", "text": f"{name} || 'z'",
                 "timestamp": f"{name} + interval '1 day'", "boolean": f"NOT {name}"}.get(kind, name)
        table.columns[name] = new
        return [f"ALTER TABLE s.{table.name} ALTER COLUMN {name} TYPE {new} USING {using}"]

    def add_leaf(self, table):
        number = self.number()
        name, low = f"{table.name}_{number}", 2000 + 100 * number
        table.leaves[name] = (low, low + 100)
        bounds = f"FOR VALUES FROM ({low}) TO ({low + 100})"
        if self.rng.random() < .5:
            return [f"CREATE TABLE s.{name} PARTITION OF s.{table.name} {bounds}", f"INSERT INTO s.{table.name} (id) VALUES ({low + 1})"]
        return [f"CREATE TABLE s.{name} (LIKE s.{table.name} INCLUDING ALL)", f"INSERT INTO s.{name} (id) VALUES ({low + 2}), ({low + 3})",
                f"ALTER TABLE s.{table.name} ATTACH PARTITION s.{name} {bounds}", f"INSERT INTO s.{table.name} (id) VALUES ({low + 4})"]

    def lose_leaf(self, table):
        known = [name for name, bounds in table.leaves.items() if bounds and bounds[0] > 0]
        if not known:
            return []
        name = self.rng.choice(known)
        if self.rng.random() < .3:
            return [f"TRUNCATE s.{name}"]
        del table.leaves[name]
        return [self.rng.choice([f"DROP TABLE s.{name}", f"ALTER TABLE s.{table.name} DETACH PARTITION s.{name}"])]

    def change_publication(self, table):
        name = f"s.{table.name}"
        between = [] if self.rng.random() < .5 else self.delete(table) + self.insert(table)
        kind = self.rng.random()
        if kind < .4:
            table.where = self.rng.choice(["", "", f"WHERE (id > {self.rng.randint(0, KEYS)})"])
        elif kind < .6:
            return [f"ALTER PUBLICATION {PUBLICATION} SET (publish = 'insert')", *between,
                    f"ALTER PUBLICATION {PUBLICATION} SET (publish = 'insert, update, delete, truncate')"]
        return [f"ALTER PUBLICATION {PUBLICATION} DROP TABLE {name}", *between,
                f"ALTER PUBLICATION {PUBLICATION} ADD TABLE {name} {table.where}"]

    def change_identity(self, table):
        return [f"ALTER TABLE s.{table.name} REPLICA IDENTITY {self.rng.choice(['FULL', 'DEFAULT', 'DEFAULT'])}"]

    def rename_for_a_while(self, table):
        return [f"ALTER TABLE s.{table.name} RENAME TO elsewhere",
                f"DELETE FROM s.elsewhere WHERE id % 5 = {self.key() % 5}", f"ALTER TABLE s.elsewhere RENAME TO {table.name}"]

    def make_anew(self, table):
        if table.partitioned:
            return []
        table.where = ""
        return [f"DROP TABLE s.{table.name}", self.creation(table), *self.insert(table),
                f"ALTER PUBLICATION {PUBLICATION} ADD TABLE s.{table.name}"]

    def rename_label(self, _):
        number = self.number()
        return [f"DO $$ BEGIN EXECUTE (SELECT format('ALTER TYPE s.hue RENAME VALUE %L TO %L', enumlabel, 'hue{number}') FROM pg_enum "
                "WHERE enumtypid = 's.hue'::regtype ORDER BY enumsortorder DESC LIMIT 1); END $$"]

    def rewrite_for_nothing(self, table):
        return [] if table.partitioned else [f"CLUSTER s.{table.name} USING {table.name}_pkey"]

    # ---- running ----

    CHANGES = (("insert", 30), ("update", 14), ("delete", 6), ("move", 4), ("truncate", 1))
    DEFINITIONS = (("add_column", 6), ("add_hue", 1), ("drop_column", 3), ("change_type", 5), ("add_leaf", 4), ("lose_leaf", 3),
                   ("change_publication", 3), ("change_identity", 2), ("rename_for_a_while", 1), ("make_anew", 1), ("rename_label", 1),
                   ("rewrite_for_nothing", 2))

    def choose(self, weighted):
        name = self.rng.choices([name for name, _ in weighted], [weight for _, weight in weighted])[0]
        self.counts[name] = self.counts.get(name, 0) + 1
        return name

    def statements_of(self, weighted):
        table = self.rng.choice(list(self.tables.values()))
        name = self.choose(weighted)
        if name in ("add_leaf", "lose_leaf"):
            table = self.tables["parts"]
        return getattr(self, name)(table)

    def cursor(self):
        if self.connection is None or self.connection.closed:
            self.connection = self.replicated.connect(autocommit=False)
            with self.connection.cursor() as cursor:
                cursor.execute("SET statement_timeout = '20s'")
            self.connection.commit()
        return self.connection.cursor()

    def run(self, cursor, statements):
        for statement in statements:
            self.statements.append(statement)
            cursor.execute(statement)

    def transaction(self, definitions):
        """One transaction, or several. What the server refuses is undone."""
        before = copy.deepcopy(self.tables)
        try:
            with self.cursor() as cursor:
                self.statements.append("BEGIN")
                for number in range(self.rng.randint(1, 5)):
                    known = copy.deepcopy(self.tables)
                    is_savepoint = self.rng.random() < .25
                    if is_savepoint:
                        self.run(cursor, [f"SAVEPOINT p{number}"])
                    self.run(cursor, self.statements_of(self.DEFINITIONS if self.rng.random() < definitions else self.CHANGES))
                    if is_savepoint and self.rng.random() < .5:
                        self.run(cursor, [f"ROLLBACK TO p{number}"])
                        self.tables = known
                    elif self.rng.random() < .3:
                        self.statements.append("COMMIT")
                        self.connection.commit()
                        before = copy.deepcopy(self.tables)
            end = "ROLLBACK" if self.rng.random() < .1 else "COMMIT"
            self.statements.append(end)
            self.connection.commit() if end == "COMMIT" else self.connection.rollback()
            if end == "ROLLBACK":
                self.tables = before
        except psycopg2.Error as error:
            self.statements.append(f"refused: {str(error).splitlines()[0]}")
            self.tables = before
            if not self.connection.closed:
                self.connection.rollback()
