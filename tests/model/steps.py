# SPDX-License-Identifier: Apache-2.0
"""What a connection may do in a step of the model test, with how often it does it."""

from model import values

# A table above this is likely to be truncated or dropped next: comparisons read it whole.
ROWS_WISHED = 1500


class Steps:
    def __init__(self, rng, access_method):
        self.rng, self.access_method = rng, access_method
        self.next_table = self.next_column = self.next_prepared = self.next_cursor = 0
        self.prepared = []

    # ---- choice ----

    def weighted(self):
        """(weight, step); each takes (session, stem, columns)."""
        return [
            (12, self.insert_values), (8, self.insert_series), (3, self.insert_from_itself), (5, self.copy_from),
            (3, self.insert_that_fails), (4, self.insert_through_lake), (4, self.insert_in_block),
            (3, self.insert_returning), (2, self.truncate), (3, self.add_column), (3, self.add_column_default),
            (3, self.drop_column), (2, self.rename_column), (2, self.set_default), (2, self.set_not_null),
            (1, self.drop_not_null), (1, self.add_check), (1, self.change_type), (3, self.create_as),
            (1, self.drop_table), (1, self.rename_table), (2, self.open_cursor), (2, self.fetch_cursor),
            (6, self.filtered), (2, self.many_small),
        ]

    def step(self, session):
        """One step; whatever it touched is compared afterwards."""
        if self.rng.random() < 0.35:
            self.transaction_control(session)
        if not session.in_transaction:
            session.begin(self.rng.choice(["READ COMMITTED"] * 3 + ["REPEATABLE READ"] * 2 + ["SERIALIZABLE"]))
        stems = session.tables()
        if len(stems) < 3 or (len(stems) < 6 and self.rng.random() < 0.03):
            return self.create_table(session)
        stem = self.rng.choice(stems)
        columns = session.columns(stem)
        if columns is None:
            return None
        steps = self.weighted()
        if session.sizes.get(stem, 0) > ROWS_WISHED:
            steps += [(30, self.truncate), (10, self.drop_table)]
        action = self.rng.choices([s for _, s in steps], [w for w, _ in steps])[0]
        session.count(action.__name__)
        action(session, stem, [(n, values.base_type(t), nn, d) for n, t, nn, d in columns])
        return stem

    def guarded(self):
        return self.rng.random() < 0.6

    def both(self, session, template, **options):
        return session.both(template, self.guarded(), lake_first=self.rng.random() < 0.6, **options)

    # ---- transactions ----

    def transaction_control(self, session):
        if not session.in_transaction:
            return self.finish_prepared(session) if self.prepared and self.rng.random() < 0.6 else self.maintain(session)
        choice = self.rng.random()
        if choice < 0.35:
            session.end("COMMIT")
        elif choice < 0.50:
            session.end("ROLLBACK")
        elif choice < 0.62 and len(self.prepared) < 2:
            name = f"p{self.next_prepared}"
            self.next_prepared += 1
            if session.end(f"PREPARE TRANSACTION '{name}'"):
                self.prepared.append(name)
        elif choice < 0.85 or not session.savepoints:
            name = f"s{len(session.savepoints)}"
            session.execute(f"SAVEPOINT {name}")
            session.savepoints.append(name)
        else:
            at = self.rng.randrange(len(session.savepoints))
            name = session.savepoints[at]
            if self.rng.random() < 0.7:
                session.execute(f"ROLLBACK TO {name}")
                session.cursors = {}
                del session.savepoints[at + 1:]
            else:
                session.execute(f"RELEASE {name}")
                del session.savepoints[at:]
        return None

    def finish_prepared(self, session):
        name = self.prepared.pop(self.rng.randrange(len(self.prepared)))
        session.execute(f"{'COMMIT' if self.rng.random() < 0.7 else 'ROLLBACK'} PREPARED '{name}'")

    def maintain(self, session):
        """Changes nothing that a query could see."""
        stems = session.tables()
        if stems:
            command = self.rng.choice(["VACUUM", "ANALYZE", "VACUUM (FULL)", "VACUUM (ANALYZE)"])
            session.attempt(f"{command} {self.rng.choice(stems)}_lake")

    # ---- rows ----

    def row(self, columns):
        return "(" + ", ".join(values.literal(self.rng, t) for _, t, _, _ in columns) + ")"

    def insert_values(self, session, stem, columns):
        chosen = [c for c in columns if self.rng.random() < 0.8] or columns
        if not chosen:
            return self.both(session, f"INSERT INTO {stem}_{{s}} DEFAULT VALUES")
        rows = ", ".join(self.row(chosen) for _ in range(self.rng.randint(1, 4)))
        names = ", ".join(name for name, *_ in chosen)
        return self.both(session, f"INSERT INTO {stem}_{{s}} ({names}) VALUES {rows}")

    def insert_series(self, session, stem, columns):
        rows = self.rng.choice([1, 10, 10, 100, 100, 100, 2000])
        expressions = ", ".join(values.series(t) for _, t, _, _ in columns)
        return self.both(session, f"INSERT INTO {stem}_{{s}} SELECT {expressions} "
                                  f"FROM generate_series(1, {rows}) i")

    def insert_from_itself(self, session, stem, _):
        return self.both(session, f"INSERT INTO {stem}_{{s}} SELECT * FROM (SELECT * FROM {stem}_{{s}} t "
                                  "ORDER BY t::text LIMIT 50) first")

    def copy_from(self, session, stem, columns):
        lines = []
        for i in range(self.rng.choice([1, 20, 20, 200])):
            fields = {"int": str(i), "bigint": str(-i), "text": f"copied {i}", "boolean": "t", "date": "2001-02-03",
                      "double precision": "0.1", "numeric(10,2)": f"{i}.5", "int[]": "{1,NULL}"}
            lines.append("\t".join(fields.get(t, "\\N") for _, t, _, _ in columns))
        text = "\n".join(lines) + "\n"
        return self.both(session, f"COPY {stem}_{{s}} FROM STDIN", copy_data=text)

    def insert_that_fails(self, session, stem, columns):
        """The rows before the one that fails must leave no trace."""
        expressions = ", ".join(f"CASE WHEN 1 / (400 - i) IS NULL THEN NULL ELSE {values.series(t)} END"
                                for _, t, _, _ in columns) or "1 / (400 - i)"
        return self.both(session, f"INSERT INTO {stem}_{{s}} SELECT {expressions} FROM generate_series(1, 500) i")

    def insert_through_lake(self, session, stem, columns):
        """One statement that writes both twins: the heap gets what the lake's RETURNING says."""
        if not columns:
            return None
        expressions = ", ".join(values.series(t) for _, t, _, _ in columns)
        source, target = ("lake", "heap") if self.rng.random() < 0.5 else ("heap", "lake")
        session.execute("SAVEPOINT through")
        outcome = session.attempt(
            f"WITH written AS (INSERT INTO {stem}_{source} SELECT {expressions} FROM generate_series(1, 40) i "
            f"RETURNING *) INSERT INTO {stem}_{target} SELECT * FROM written")
        if outcome.error:
            session.execute("ROLLBACK TO through")
        return None

    def insert_in_block(self, session, stem, columns):
        """PL/pgSQL: an exception block undoes the inner insert, the outer one stays."""
        expressions = ", ".join(values.series(t) for _, t, _, _ in columns) or ""
        insert = f"INSERT INTO {stem}_{{s}} SELECT {expressions} FROM generate_series(1, 7) i"
        return self.both(session, f"DO $$ BEGIN {insert}; BEGIN {insert}; PERFORM 1 / 0; "
                                  f"EXCEPTION WHEN division_by_zero THEN {insert}; END; END $$")

    def insert_returning(self, session, stem, columns):
        expressions = ", ".join(values.series(t) for _, t, _, _ in columns)
        return self.both(session, f"INSERT INTO {stem}_{{s}} SELECT {expressions} FROM generate_series(1, 5) i "
                                  "RETURNING *")

    def many_small(self, session, stem, columns):
        for i in range(1, 30):
            if not session.in_transaction:
                return
            fields = ", ".join(values.series(t) for _, t, _, _ in columns)
            session.both(f"INSERT INTO {stem}_{{s}} SELECT {fields} FROM (SELECT {i}) AS one(i)", False)

    # ---- definitions ----

    def new_columns(self, count):
        names = []
        for _ in range(count):
            names.append((f"c{self.next_column}", self.rng.choice(list(values.TYPES))))
            self.next_column += 1
        return names

    def new_stem(self):
        self.next_table += 1
        return f"m{self.next_table}"

    def using(self, side):
        return f" USING {self.access_method}" if side == "lake" else ""

    def create_table(self, session):
        stem = self.new_stem()
        columns = ", ".join(f"{n} {t}" + (f" DEFAULT {values.literal(self.rng, t)}" if self.rng.random() < 0.2 else "")
                            for n, t in self.new_columns(self.rng.randint(1, 8)))
        for side in ("lake", "heap"):
            session.execute(f"CREATE TABLE {stem}_{side} ({columns}){self.using(side)}")
        return stem

    def create_as(self, session, stem, columns):
        if len(session.tables()) > 6:
            return self.drop_table(session, stem, columns)
        made = self.new_stem()
        session.execute("SAVEPOINT made")
        for side in ("lake", "heap"):
            outcome = session.attempt(f"CREATE TABLE {made}_{side}{self.using(side)} AS SELECT * FROM {stem}_heap "
                                      "t ORDER BY t::text LIMIT 100")
            if outcome.error:
                session.execute("ROLLBACK TO made")
                return
        session.compare(made)

    def drop_table(self, session, stem, _):
        return self.both(session, f"DROP TABLE {stem}_{{s}}")

    def rename_table(self, session, stem, _):
        made = self.new_stem()
        return self.both(session, f"ALTER TABLE {stem}_{{s}} RENAME TO {made}_{{s}}")

    def truncate(self, session, stem, _):
        return self.both(session, f"TRUNCATE {stem}_{{s}}")

    def alter(self, session, stem, change, refusable=False):
        return self.both(session, f"ALTER TABLE {stem}_{{s}} {change}", refusable=refusable)

    def add_column(self, session, stem, columns):
        if len(columns) < 14:
            ((name, kind),) = self.new_columns(1)
            self.alter(session, stem, f"ADD COLUMN {name} {kind}")

    def add_column_default(self, session, stem, columns):
        if len(columns) < 14:
            ((name, kind),) = self.new_columns(1)
            default = self.rng.choice(values.TYPES[kind][0])
            extra = self.rng.choice(["", "", " NOT NULL"])
            self.alter(session, stem, f"ADD COLUMN {name} {kind} DEFAULT {default}{extra}")

    def drop_column(self, session, stem, columns):
        if len(columns) > 1:
            self.alter(session, stem, f"DROP COLUMN {self.rng.choice(columns)[0]}")

    def rename_column(self, session, stem, columns):
        ((name, _),) = self.new_columns(1)
        if columns:
            self.alter(session, stem, f"RENAME COLUMN {self.rng.choice(columns)[0]} TO {name}")

    def set_default(self, session, stem, columns):
        if columns:
            name, kind, _, default = self.rng.choice(columns)
            change = "DROP DEFAULT" if default else f"SET DEFAULT {self.rng.choice(values.TYPES[kind][0])}"
            self.alter(session, stem, f"ALTER COLUMN {name} {change}")

    def set_not_null(self, session, stem, columns):
        if columns:
            self.alter(session, stem, f"ALTER COLUMN {self.rng.choice(columns)[0]} SET NOT NULL")

    def drop_not_null(self, session, stem, columns):
        for name, _, not_null, _ in columns:
            if not_null:
                self.alter(session, stem, f"ALTER COLUMN {name} DROP NOT NULL")
                return

    def add_check(self, session, stem, columns):
        """Refused by either twin when a row violates it; dropped again, so that it does not stop everything."""
        numbers = [name for name, kind, _, _ in columns if kind in ("int", "bigint", "numeric(10,2)")]
        if numbers:
            name = self.rng.choice(numbers)
            self.alter(session, stem, f"ADD CONSTRAINT limits CHECK ({name} > -5)")
            if session.in_transaction:
                self.alter(session, stem, "DROP CONSTRAINT limits")

    def change_type(self, session, stem, columns):
        wider = {"int": "bigint", "smallint": "int", "real": "double precision", "varchar(12)": "text",
                 "date": "timestamp"}
        for name, kind, _, _ in columns:
            if kind in wider:
                if self.alter(session, stem, f"ALTER COLUMN {name} TYPE {wider[kind]}", refusable=True) is not None:
                    session.note_widened(stem)
                return

    # ---- reading ----

    def filtered(self, session, stem, columns):
        usable = [(n, t) for n, t, _, _ in columns if t in values.COMPARABLE]
        if not usable:
            return
        name, kind = self.rng.choice(usable)
        literal = f"({self.rng.choice(values.TYPES[kind][0])})::{kind}"
        where = self.rng.choice([
            f"{name} = {literal}", f"{name} > {literal}", f"{name} <= {literal}", f"{name} IS NULL",
            f"{name} <> {literal}", f"{name} IS NOT NULL", f"{name} IN ({literal}, NULL)",
            f"{name} BETWEEN {literal} AND {literal}", f"NOT ({name} >= {literal})",
            f"{name} < {literal} OR {name} IS NULL", f"{name} IS DISTINCT FROM {literal}"])
        chosen = self.rng.sample([c[0] for c in columns], self.rng.randint(1, len(columns)))
        session.compare(stem, where, chosen)

    def open_cursor(self, session, stem, _):
        """A cursor keeps the snapshot that it was opened with, whatever the transaction writes later."""
        name = f"k{self.next_cursor}"
        self.next_cursor += 1
        outcome = session.both(f"DECLARE {name}{{s}} CURSOR FOR SELECT t::text FROM {stem}_{{s}} t", True)
        if outcome is not None and not outcome.error:
            session.cursors[name] = None

    def fetch_cursor(self, session, *_):
        for name in list(session.cursors):
            del session.cursors[name]
            session.both(f"FETCH ALL FROM {name}{{s}}", True)
            return
