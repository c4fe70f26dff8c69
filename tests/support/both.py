# SPDX-License-Identifier: Apache-2.0
"""The same statements on a lake table and on its heap twin."""

import psycopg2

from support.twin import assert_twins


class Both:
    """Statements that name the table as {t}, and its access method as {am}, run for `lake` and for `heap`; others once."""

    def __init__(self, connection, access_method):
        self.connection = connection
        self.methods = {"lake": access_method, "heap": "heap"}

    def run(self, statement):
        """The outcome on the heap: rows, or a SQLSTATE. The lake's must be the same."""
        if "{t}" not in statement:
            return self._outcome(statement)
        outcomes = {table: self._outcome(statement.replace("{t}", table).replace("{am}", method))
                    for table, method in self.methods.items()}
        assert outcomes["lake"] == outcomes["heap"], statement
        return outcomes["heap"]

    def script(self, *statements):
        for statement in statements:
            outcome = self.run(statement)
            assert not isinstance(outcome, str), f"{statement}: {outcome}"

    def _outcome(self, statement):
        with self.connection.cursor() as cursor:
            try:
                cursor.execute(statement)
                return sorted(cursor.fetchall(), key=repr) if cursor.description else None
            except psycopg2.Error as error:
                return error.pgcode

    def compare(self, **options):
        assert_twins(self.connection, self.connection, "lake", "heap", **options)
