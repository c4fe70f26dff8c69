# SPDX-License-Identifier: Apache-2.0
"""One connection of the model test: it does everything twice, to a lake table and to its heap twin."""

import collections
import io
import re

import psycopg2

from support.twin import columns_of, describe_difference, rows_of

# Somebody else holds a lock, or the isolation level forbids it: right for either twin at any time.
TRANSIENT = {"55P03", "40001", "40P01"}
NOT_SUPPORTED = "0A000"


class Divergence(AssertionError):
    """The twins differ."""


class Outcome:
    def __init__(self, rows=None, count=None, error=None):
        self.rows = None if rows is None else sorted(map(printable, rows))
        self.count, self.error = count, error

    def __eq__(self, other):
        return (self.rows, self.count, self.error) == (other.rows, other.count, other.error)

    def __repr__(self):
        return f"error {self.error}" if self.error else f"{self.count} rows {str(self.rows)[:200]}"


def printable(row):
    return repr([bytes(value) if isinstance(value, memoryview) else value for value in row])


class Session:
    def __init__(self, name, connection, journal, widened):
        self.name, self.journal = name, journal
        self.widened = widened  # file nodes of heap twins rewritten for a wider type, by whatever session
        self.connection = connection
        connection.autocommit = True
        self.savepoints = []
        self.cursors = {}
        self.counts = {}
        self.sizes = {}  # rows of each pair when it was last compared
        self.execute("SET lock_timeout = '30ms'")

    # ---- plain statements ----

    def execute(self, statement):
        self.journal.append(f"{self.name}: {statement}")
        with self.connection.cursor() as cursor:
            cursor.execute(statement)
            rows = cursor.fetchall() if cursor.description else None
            return Outcome(rows, cursor.rowcount)

    def attempt(self, statement, copy_data=None):
        """A statement that may fail; the failure is part of what is compared."""
        try:
            if copy_data is None:
                return self.execute(statement)
            self.journal.append(f"{self.name}: {statement} <- {copy_data[:200]!r}")
            with self.connection.cursor() as cursor:
                cursor.copy_expert(statement, io.StringIO(copy_data))
                return Outcome(None, cursor.rowcount)
        except psycopg2.Error as error:
            if error.pgcode is None:
                raise
            self.journal.append(f"{self.name}:   {error.pgcode} {str(error).splitlines()[0]}")
            return Outcome(error=error.pgcode)

    @property
    def in_transaction(self):
        return self.connection.get_transaction_status() != psycopg2.extensions.TRANSACTION_STATUS_IDLE

    @property
    def failed(self):
        return self.connection.get_transaction_status() == psycopg2.extensions.TRANSACTION_STATUS_INERROR

    def count(self, event):
        self.counts[event] = self.counts.get(event, 0) + 1

    # ---- transactions ----

    def begin(self, isolation):
        self.execute(f"BEGIN ISOLATION LEVEL {isolation}")
        self.savepoints = []

    def end(self, statement):
        """COMMIT, ROLLBACK or PREPARE; a transaction that cannot commit is rolled back, for both twins alike."""
        self.savepoints, self.cursors = [], {}
        outcome = self.attempt(statement)
        if outcome.error:
            if outcome.error not in TRANSIENT:
                raise Divergence(f"{statement} failed with {outcome.error}")
            self.count(f"commit refused {outcome.error}")
            if self.in_transaction:
                self.execute("ROLLBACK")
            return False
        return True

    def rollback(self):
        self.end("ROLLBACK")

    # ---- the two twins ----

    def both(self, template, guarded, refusable=False, lake_first=True, copy_data=None):
        """Runs `template` (with {s} = lake or heap) on both twins. `guarded`: in a savepoint, so that a failure leaves the
        transaction alive. REQUIRES: in a transaction. Answers the outcome, None if nothing happened."""
        if guarded:
            self.execute("SAVEPOINT twins")
        order = ["lake", "heap"] if lake_first else ["heap", "lake"]
        outcomes = {}
        for side in order:
            if guarded:
                self.execute("SAVEPOINT twin")
            outcomes[side] = self.attempt(template.replace("{s}", side), copy_data)
            if outcomes[side].error:
                if not guarded:
                    return self._first_failed(template, order, outcomes, refusable)
                self.execute("ROLLBACK TO twin")
        return self._settle(template, outcomes, refusable, guarded)

    def _first_failed(self, template, order, outcomes, refusable):
        """Without savepoints the transaction is lost. The other twin must agree, as far as it was asked."""
        error = next(outcome.error for outcome in outcomes.values() if outcome.error)
        if len(outcomes) == 2 and error not in TRANSIENT:
            if not (refusable and error == NOT_SUPPORTED and outcomes["lake"].error):
                raise Divergence(f"{template}: {outcomes}")
        elif error == NOT_SUPPORTED and order[0] == "lake" and not refusable:
            raise Divergence(f"{template}: not supported")
        self.count(f"transaction lost {error}")
        self.rollback()
        return None

    def _settle(self, template, outcomes, refusable, guarded):
        errors = {outcome.error for outcome in outcomes.values() if outcome.error}
        if errors & TRANSIENT:
            self.count("transient")
            if "40001" in errors or "40P01" in errors:
                self.rollback()
            else:
                self.execute("ROLLBACK TO twins")
            return None
        if refusable and outcomes["lake"].error == NOT_SUPPORTED:
            self.count("refused")
            self.execute("ROLLBACK TO twins")
            return None
        if outcomes["lake"] != outcomes["heap"]:
            if self._reads_older_rows(template, outcomes):
                self.count("older than a rewrite of the heap")
                self.execute("ROLLBACK TO twins") if guarded else self.rollback()
                return None
            raise Divergence(f"{template}: {outcomes}")
        if guarded:
            self.execute("RELEASE twins")
        return outcomes["heap"]

    def _reads_older_rows(self, template, outcomes):
        """The statement read a heap twin that is empty to its snapshot, as `compare` may (see widened_since)."""
        if any(outcome.error for outcome in outcomes.values()) or outcomes["lake"].count <= outcomes["heap"].count:
            return False
        return any(self.widened_since(stem) for stem in set(re.findall(r"\b(m\d+)_\{s\}", template)))

    # ---- what it sees ----

    def tables(self):
        """Stems of the twins that this connection's snapshot has."""
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT left(relname, -5) FROM pg_class WHERE relname LIKE 'm%\\_heap' "
                           "AND relkind = 'r' ORDER BY 1")
            return [row[0] for row in cursor.fetchall()]

    def columns(self, stem):
        """[(name, type, not null, default)] of the heap twin; None if it is gone or locked."""
        try:
            with self.connection.cursor() as cursor:
                if self.in_transaction:
                    cursor.execute("SAVEPOINT look")
                return columns_of(self.connection, f"{stem}_heap")
        except psycopg2.Error as error:
            if error.pgcode not in TRANSIENT | {"42P01"}:
                raise
            if self.in_transaction:
                self.execute("ROLLBACK TO look")
            return None

    def compare(self, stem, where="true", columns=None):
        """Both twins in one statement, so under one snapshot. A lock in the way: nothing is compared."""
        names = "t" if columns is None else "ROW(" + ", ".join(columns) + ")"
        halves = [f"(SELECT count(*) AS n, coalesce(sum(hashtextextended(({names})::text, 0)::numeric), 0) AS h "
                  f"FROM {stem}_{side} t WHERE {where}) {side}" for side in ("lake", "heap")]
        query = f"SELECT lake.n, heap.n, lake.h = heap.h FROM {halves[0]}, {halves[1]}"
        if self.in_transaction:
            self.execute("SAVEPOINT compare")
        try:
            with self.connection.cursor() as cursor:
                cursor.execute(query)
                lake, heap, same = cursor.fetchone()
        except psycopg2.Error as error:
            if error.pgcode not in TRANSIENT | {"42P01", "42703"}:
                raise Divergence(f"{self.name}: {query}: {error.pgcode} {error}") from error
            if self.in_transaction:
                self.rollback() if error.pgcode in ("40001", "40P01") else self.execute("ROLLBACK TO compare")
            self.count("comparison blocked")
            return
        self.count("comparison")
        # The heap shows none of what it had, and what the transaction itself has put in since.
        if lake > heap and self.widened_since(stem):
            self.count("older than a rewrite of the heap")
            if self.in_transaction:
                self.execute("RELEASE compare")
            return
        if heap > lake and self.widened_from_newer_rows(stem):
            self.count("rewritten from newer rows")
            self.execute("RELEASE compare")
            return
        if where == "true":
            self.sizes[stem] = heap
        if lake != heap or not same:
            raise Divergence(f"{self.name}: {query}\n" + self._explain(stem, where))
        if self.in_transaction:
            self.execute("RELEASE compare")

    def widened_since(self, stem):
        """To snapshots before ALTER COLUMN TYPE a rewritten heap is empty, as PostgreSQL documents. A lake table keeps its
        files where the type became wider, and older snapshots their rows."""
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT relfilenode, pg_relation_filenode(oid) FROM pg_class WHERE oid = %s::regclass",
                           (f"{stem}_heap",))
            then, now = cursor.fetchone()
        return then != now and now in self.widened

    def widened_from_newer_rows(self, stem):
        """ALTER COLUMN TYPE rewrites a heap from its newest rows, which are the transaction's own then: it shows rows that
        came after the transaction's snapshot. A lake table keeps its files, and what the snapshot sees."""
        if not self.in_transaction:
            return False
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('transaction_isolation') <> 'read committed', "
                           "pg_relation_filenode(%s::regclass)", (f"{stem}_heap",))
            keeps_its_snapshot, node = cursor.fetchone()
        return keeps_its_snapshot and node in self.widened

    def note_widened(self, stem):
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT pg_relation_filenode(%s::regclass)", (f"{stem}_heap",))
            self.widened.add(cursor.fetchone()[0])

    def _explain(self, stem, where):
        names = [column[0] for column in columns_of(self.connection, f"{stem}_heap")]
        sides = [collections.Counter(rows_of(self.connection, f"{stem}_{side}", names, where))
                 for side in ("lake", "heap")]
        return describe_difference(f"{stem}_lake", names, *sides)
