# SPDX-License-Identifier: Apache-2.0
"""A writer of the kill test: transactions over heap and lake tables, on a connection that may die at any moment."""

import threading
import time

import psycopg2

from faults.ledger import Promise

SHARED_PAIRS = ["a", "b"]


class Writer(threading.Thread):
    """`number` tells its transactions from the others'. Pauses when asked to; see pause()."""

    def __init__(self, number, server, database, ledger, rng, access_method):
        super().__init__(name=f"writer {number}", daemon=True)
        self.number, self.server, self.database = number, server, database
        self.ledger, self.rng, self.access_method = ledger, rng, access_method
        self.connection = None
        self.backend_pid = None
        self.unexpected = None
        self._sequence = 0
        self._go, self._idle, self._over = threading.Event(), threading.Event(), threading.Event()
        self._go.set()

    # ---- control, from the test's thread ----

    def pause(self, seconds=90):
        self._go.clear()
        if not self._idle.wait(seconds):
            raise AssertionError(f"{self.name} hangs")

    def resume(self):
        self._idle.clear()
        self._go.set()

    def finish(self):
        self._over.set()
        self._go.set()
        self.join(90)
        assert not self.is_alive(), f"{self.name} hangs"

    # ---- the thread ----

    def run(self):
        while not self._over.is_set():
            if not self._go.is_set():
                self._idle.set()
                self._go.wait()
                continue
            try:
                self._one_transaction()
            except psycopg2.Error as error:
                self._note(error)
            except Exception as error:  # noqa: BLE001 - reported by the test
                self.unexpected = error
                self._idle.set()
                return
        self._close()

    def _note(self, error):
        """Errors are expected, as long as they are errors: an unknown SQLSTATE class is a bug of ours."""
        if error.pgcode is not None and error.pgcode.startswith("XX"):
            self.unexpected = error
        if self.connection is not None and self.connection.closed:
            self._close()
            time.sleep(0.02)

    def _close(self):
        if self.connection is not None:
            self.connection.close()
        self.connection = self.backend_pid = None

    def _connected(self):
        if self.connection is None:
            self.connection = self.server.connect(self.database, autocommit=True, connect_timeout=10)
            self.backend_pid = self.connection.get_backend_pid()
            self._execute("SET lock_timeout = '20s'")
            self._execute("SET statement_timeout = '60s'")
            self._decide_prepared()
        elif self.connection.get_transaction_status() != psycopg2.extensions.TRANSACTION_STATUS_IDLE:
            self._execute("ROLLBACK")

    def _execute(self, statement):
        with self.connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else None

    def _one_transaction(self):
        try:
            self._connected()
        except psycopg2.OperationalError:
            self._close()
            time.sleep(0.05)
            return
        kind = self.rng.choices(
            [self._commit, self._roll_back, self._two_phase, self._many_statements, self._own_pair],
            [40, 15, 20, 10, 15])[0]
        kind()

    def _open(self):
        self._sequence += 1
        identity = self.number * 1_000_000 + self._sequence
        rows = self.rng.choice([1, 3, 50, 50, 2000])
        pairs = self.rng.choice([["a"], ["b"], ["a", "b"]])
        return identity, self.ledger.open(identity, rows, pairs)

    def _insert(self, identity, entry):
        for pair in entry.pairs:
            sides = ["lake", "heap"]
            self.rng.shuffle(sides)
            for side in sides:
                if self.rng.random() < 0.2:
                    self._undone_rows(f"{pair}_{side}", identity)
                self._execute(f"INSERT INTO {pair}_{side} SELECT {identity}, i, repeat('x', i % 50), i / 4.0 "
                              f"FROM generate_series(1, {entry.rows}) i")

    def _undone_rows(self, table, identity):
        self._execute("SAVEPOINT undone")
        self._execute(f"INSERT INTO {table} SELECT {identity}, -i, 'undone', 0 FROM generate_series(1, 20) i")
        self._execute("ROLLBACK TO undone")

    def _finish(self, entry, statement, promise):
        """An error that arrives is a refusal; a connection that breaks tells nothing."""
        try:
            self._execute(statement)
            entry.promise = promise
        except psycopg2.Error:
            if self.connection.closed:
                entry.promise = Promise.UNKNOWN
            raise

    def _commit(self):
        identity, entry = self._open()
        self._execute(f"BEGIN ISOLATION LEVEL {self.rng.choice(['READ COMMITTED', 'REPEATABLE READ'])}")
        self._insert(identity, entry)
        self._finish(entry, "COMMIT", Promise.COMMITTED)

    def _roll_back(self):
        identity, entry = self._open()
        self._execute("BEGIN")
        self._insert(identity, entry)
        self._execute("ROLLBACK")

    def _many_statements(self):
        identity, entry = self._open()
        entry.rows = 60
        self._execute("BEGIN")
        for i in range(1, entry.rows + 1):
            for pair in entry.pairs:
                for side in ("heap", "lake"):
                    self._execute(f"INSERT INTO {pair}_{side} VALUES ({identity}, {i}, 'one', 1)")
        self._finish(entry, "COMMIT", Promise.COMMITTED)

    def _two_phase(self):
        identity, entry = self._open()
        entry.intent = self.rng.choice(["COMMIT", "COMMIT", "ROLLBACK"])
        self._execute("BEGIN")
        self._insert(identity, entry)
        self._finish(entry, f"PREPARE TRANSACTION '{identity}'", Promise.PREPARED)
        time.sleep(self.rng.choice([0, 0, 0.05]))
        self._decide(identity, entry)

    def _decide(self, identity, entry):
        self._execute(f"{entry.intent} PREPARED '{identity}'")
        entry.promise = Promise.COMMITTED if entry.intent == "COMMIT" else Promise.ABSENT

    def _decide_prepared(self):
        """After a broken connection: what is still prepared gets its verdict, what is not had it before."""
        waiting = {int(gid) for (gid,) in self._execute("SELECT gid FROM pg_prepared_xacts")}
        for identity, entry in list(self.ledger.entries.items()):
            if entry.intent is None or identity // 1_000_000 != self.number:
                continue
            if identity in waiting:
                self._decide(identity, entry)
            elif entry.promise is Promise.PREPARED:
                entry.promise = Promise.COMMITTED if entry.intent == "COMMIT" else Promise.ABSENT
            elif entry.promise is Promise.UNKNOWN:
                entry.promise = Promise.ABSENT  # its PREPARE never happened

    def _own_pair(self):
        """Definitions: a pair that only this writer touches, emptied, dropped or made anew with rows in it."""
        pair = f"w{self.number}"
        self._sequence += 1
        rows = self.rng.choice([0, 5, 500])
        action = self.rng.choice(["truncate", "recreate", "alter"])
        self._execute("BEGIN")
        for side in ("lake", "heap"):
            table = f"{pair}_{side}"
            using = f"USING {self.access_method}" if side == "lake" else ""
            if action == "recreate":
                self._execute(f"DROP TABLE IF EXISTS {table}")
                self._execute(f"CREATE TABLE {table} (id bigint, k int, payload text, amount numeric(10,2)) {using}")
            elif action == "truncate":
                self._execute(f"TRUNCATE {table}")
            else:
                self._execute(f"ALTER TABLE {table} DROP COLUMN IF EXISTS extra")
                self._execute(f"ALTER TABLE {table} ADD COLUMN extra int")
            self._execute(f"INSERT INTO {table} (id, k, payload, amount) SELECT {self._sequence}, i, 'own', 0.25 "
                          f"FROM generate_series(1, {rows}) i")
        self._execute(self.rng.choice(["COMMIT", "COMMIT", "ROLLBACK"]))
