# SPDX-License-Identifier: Apache-2.0
"""Fixtures of all tests that need a server; tests/README.md shows how to use them."""

import random

import pytest

from support.database import Database
from support.installation import Installation
from support.server import Server


def pytest_addoption(parser):
    parser.addoption("--seed", type=int, default=None, help="seed of the random tests")
    parser.addoption("--steps", type=int, default=None, help="steps of the model test")
    parser.addoption("--kills", type=int, default=None, help="kills of the fault test")
    parser.addoption("--access-method", default="iceberg",
                     help="heap proves the tests' own logic: both twins are then heap tables")
    parser.addoption("--keep", action="store_true", help="keep the servers' directories")


def pytest_configure(config):
    if config.getoption("--seed") is None:
        config.option.seed = random.SystemRandom().randrange(1 << 32)


def pytest_report_header(config):
    return f"seed: {config.getoption('--seed')} (repeat with --seed)"


def pytest_collection_modifyitems(items):
    """Quick tests first: a broken build should say so soon."""
    items.sort(key=lambda item: (item.get_closest_marker("slow") is not None,
                                 item.get_closest_marker("interop") is not None))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item):
    item.log_starts = {id(server): server.log_size() for server in Server.instances}
    yield


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item):
    """A failed test shows what its servers logged meanwhile, and the seed."""
    report = (yield).get_result()
    if report.failed:
        report.sections.append(("seed", f"--seed {item.config.getoption('--seed')}"))
        for server in Server.instances:
            text = server.log_tail(item.log_starts.get(id(server), 0))
            report.sections.append((f"log of the server in {server.home}", text))


@pytest.fixture(scope="session")
def installation(request):
    """PostgreSQL with the build's extension, in a directory of its own."""
    made = Installation(with_extension=request.config.getoption("--access-method") != "heap")
    yield made
    for server in list(Server.instances):
        server.remove()
    if request.config.getoption("--keep"):
        print(f"kept: {made.root}")
    else:
        made.remove()


@pytest.fixture(scope="session")
def server(installation):
    """One server for all tests that do not restart or reconfigure it."""
    with_defaults = Server(installation).start()
    yield with_defaults
    with_defaults.stop()


@pytest.fixture
def make_server(installation):
    """make_server(fresh=False, **settings): a server of the test's own, not started."""
    made = []

    def make(fresh=False, **settings):
        made.append(Server(installation, fresh=fresh, **settings))
        return made[-1]

    yield make
    for server in made:
        server.remove()


@pytest.fixture
def db(server, request):
    """A database of the test's own. Its lake tables are verified by fsck when the test is over."""
    database = Database(server)
    yield database
    try:
        database.close_connections()
        if server.installation.with_extension:
            database.fsck()
    finally:
        if not request.config.getoption("--keep"):
            database.drop()


@pytest.fixture
def conn(db):
    """An autocommitting connection to `db`."""
    return db.connect()


@pytest.fixture
def rng(request):
    """The only source of randomness a test may use."""
    return random.Random(f"{request.config.getoption('--seed')} {request.node.nodeid}")


@pytest.fixture(scope="session")
def access_method(request):
    return request.config.getoption("--access-method")
