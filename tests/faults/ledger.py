# SPDX-License-Identifier: Apache-2.0
"""What each transaction of the kill test was promised."""

import enum
import threading


class Promise(enum.Enum):
    COMMITTED = "acknowledged"
    ABSENT = "rolled back, or refused before its commit was sent"
    UNKNOWN = "the connection broke while it committed"
    PREPARED = "acknowledged as prepared"


class Entry:
    def __init__(self, rows, pairs):
        self.rows, self.pairs = rows, pairs
        self.promise = Promise.ABSENT
        self.intent = None  # of a prepared transaction: COMMIT or ROLLBACK


class Ledger:
    """Written by the writers' threads, read when they stand still."""

    def __init__(self):
        self._lock = threading.Lock()
        self.entries = {}

    def open(self, identity, rows, pairs):
        entry = Entry(rows, pairs)
        with self._lock:
            self.entries[identity] = entry
        return entry

    def counts(self):
        found = {promise: 0 for promise in Promise}
        for entry in self.entries.values():
            found[entry.promise] += 1
        return {promise.name.lower(): count for promise, count in found.items()}

    def check(self, identity, entry, present):
        """`present`: {table: rows with this identity}, for both tables of each of the entry's pairs."""
        whole = all(rows == entry.rows for rows in present.values())
        absent = all(rows == 0 for rows in present.values())
        if entry.promise is Promise.COMMITTED and not whole:
            return f"transaction {identity} was acknowledged with {entry.rows} rows; found {present}"
        if entry.promise is Promise.ABSENT and not absent:
            return f"transaction {identity} was rolled back; found {present}"
        if entry.promise is Promise.UNKNOWN and not (whole or absent):
            return f"transaction {identity} of {entry.rows} rows is there in part: {present}"
        if entry.promise is Promise.PREPARED:
            return f"transaction {identity} was prepared and is still undecided"
        return None
