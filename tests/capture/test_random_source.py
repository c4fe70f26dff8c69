# SPDX-License-Identifier: Apache-2.0
"""Random definitions and changes of a source's tables, with kills of both sides: at rest, the destination is the source.
Run on request: `--steps N` rounds, `--seed` repeats them."""

import random

import pytest

from random_source import PUBLICATION, RandomSource
from replicated import Replicated
from support.waiting import wait_for

pytestmark = pytest.mark.slow

TRANSACTIONS = 25


@pytest.fixture
def replicated(installation, plain_installation):
    made = Replicated(installation, plain_installation)
    yield made
    made.remove()


def restart_source(replicated):
    replicated.source.kill()
    replicated.source.start(wait=False)
    wait_for(replicated.answers, "the source does not start", 60)


def test_trap_18_random_definitions_and_changes_end_equal(replicated, request):
    rounds = request.config.getoption("--steps")
    if not rounds:
        pytest.skip("on request: --steps N")
    rng = random.Random(request.config.getoption("--seed"))
    source = RandomSource(replicated, rng)
    replicated.add_source("WILD", PUBLICATION, "wild")
    replicated.copied(*source.tables, source="WILD")
    for number in range(rounds):
        kind = number % 4
        for step in range(TRANSACTIONS):
            source.transaction(definitions=.25 if kind != 1 else .08)
            if step == TRANSACTIONS // 2 and kind == 2:
                replicated.kill()
            if step == TRANSACTIONS // 2 and kind == 3:
                source.connection.close()
                restart_source(replicated)
        try:
            for table in source.tables.values():
                replicated.wait_until_equal(table.name, table.shown, seconds=90, database="wild", where=table.where)
        except Exception as error:
            raise AssertionError(f"round {number}: {error}\n" + "\n".join(source.statements[-150:])) from error
        source.statements.clear()
    print(", ".join(f"{name} {count}" for name, count in sorted(source.counts.items())))
    source.connection.close()
    replicated.fsck()
