# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL to capture from, without anything of ours, and the program that captures."""

import itertools
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from source_probe import SourceProbe  # noqa: E402
from support.server import Server


@pytest.fixture(scope="session")
def source_server(plain_installation):
    server = Server(plain_installation, max_replication_slots=40, max_wal_senders=40).start()
    yield server
    server.remove()


@pytest.fixture
def make_source(plain_installation):
    """make_source(**settings): a server of the test's own, not started."""
    made = []

    def make(**settings):
        made.append(Server(plain_installation, **settings))
        return made[-1]

    yield make
    for server in made:
        server.remove()


NUMBERS = itertools.count(1)


@pytest.fixture
def source(source_server):
    """A database of the test's own, with the publication `all` of all tables."""
    probe = SourceProbe(source_server, f"source_{next(NUMBERS)}")
    yield probe
    probe.close()
