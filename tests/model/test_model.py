# SPDX-License-Identifier: Apache-2.0
"""Random statements from several connections on twin tables, one on the heap and one on the lake.

The twins are always written in the same transaction and compared in the same statement: PostgreSQL's heap is the model.
"""

import collections

import pytest

from model.session import Divergence, Session
from model.steps import Steps

SESSIONS = 3
DEFAULT_STEPS = 3000


def total(sessions, event):
    return sum(session.counts.get(event, 0) for session in sessions)


@pytest.mark.slow
def test_twins_stay_equal(db, rng, access_method, request):
    steps = request.config.getoption("--steps") or DEFAULT_STEPS
    journal = collections.deque(maxlen=120)
    widened = set()
    sessions = [Session(f"s{n}", db.connect(), journal, widened) for n in range(SESSIONS)]
    actions = Steps(rng, access_method)
    number = 0
    try:
        for number in range(steps):
            stem = actions.step(sessions[rng.randrange(SESSIONS)])
            if stem is not None:
                for session in sessions:
                    if rng.random() < (0.5 if session.in_transaction else 0.1):
                        session.compare(stem)
            if number % 500 == 499:
                db.fsck()
        finish(sessions, actions)
        for stem in sessions[0].tables():
            sessions[0].compare(stem)
    except Exception as error:
        raise Divergence(f"step {number}: {error}\n" + "\n".join(journal)) from error
    counts = collections.Counter()
    for session in sessions:
        counts.update(session.counts)
    print(", ".join(f"{name} {count}" for name, count in sorted(counts.items())))
    assert counts["comparison"] > steps / 2


def finish(sessions, actions):
    for session in sessions:
        if session.in_transaction:
            session.end("ROLLBACK" if session.failed else "COMMIT")
    while actions.prepared:
        actions.finish_prepared(sessions[0])
