# SPDX-License-Identifier: Apache-2.0
"""Customers of the bakery: receipts with their lines, from a seed."""

import datetime
import decimal
import random

from psycopg2.extras import execute_values

PAID_IN = ["cash", "card", "phone"]
CENT = decimal.Decimal("0.01")


class Generator:
    def __init__(self, connection, seed):
        self._random = random.Random(seed)
        with connection.cursor() as cursor:
            cursor.execute("SELECT branch_id FROM shop.branch ORDER BY 1")
            self._branches = [row[0] for row in cursor.fetchall()]
            cursor.execute("SELECT article_id, price FROM shop.article ORDER BY 1")
            self._articles = cursor.fetchall()
            cursor.execute("SELECT member_id, discount FROM shop.member ORDER BY 1")
            self._members = cursor.fetchall()
            cursor.execute("SELECT coalesce(max(sold_at), timestamptz '2026-01-02 06:00+00') FROM shop.receipt")
            self._clock = cursor.fetchone()[0]

    def _receipt(self):
        """(branch, member, when, paid in, total, lines): one customer, some seconds after the last one."""
        pick = self._random
        self._clock += datetime.timedelta(seconds=pick.expovariate(1 / 40))
        member, discount = pick.choice(self._members) if pick.random() < 0.3 else (None, decimal.Decimal(0))
        lines = []
        for article, price in pick.sample(self._articles, pick.choice([1, 1, 2, 2, 3, 4])):
            pieces = pick.choice([1, 1, 1, 2, 2, 4, 6])
            lines.append((article, pieces, (price * pieces * (1 - discount)).quantize(CENT)))
        return (pick.choice(self._branches), member, self._clock, pick.choice(PAID_IN),
                sum(amount for _, _, amount in lines), lines)

    def sell(self, connection, receipts):
        """Writes that many receipts in one transaction; the caller commits."""
        made = [self._receipt() for _ in range(receipts)]
        with connection.cursor() as cursor:
            numbers = execute_values(
                cursor, "INSERT INTO shop.receipt (branch_id, member_id, sold_at, paid_in, total) VALUES %s "
                        "RETURNING receipt_id", [receipt[:5] for receipt in made], page_size=1000, fetch=True)
            lines = [(number, line_no, *line) for (number,), receipt in zip(numbers, made)
                     for line_no, line in enumerate(receipt[5], 1)]
            execute_values(cursor, "INSERT INTO shop.receipt_line (receipt_id, line_no, article_id, pieces, amount) "
                                   "VALUES %s", lines, page_size=1000)
