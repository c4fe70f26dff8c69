# SPDX-License-Identifier: Apache-2.0
"""Fixtures of all tests that need a server; tests/README.md shows how to use them."""

import os
import random

import pytest

from support import s3_gateway
from support.database import Database
from support.duckdb_reader import DuckDbReader
from support.installation import Installation
from support.pyiceberg_reader import PyIcebergReader
from support.server import Server
from support.spark import SparkReader


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
def plain_installation():
    """PostgreSQL without anything of ours."""
    installation = Installation(with_extension=False)
    yield installation
    installation.remove()


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


# ---- readers from outside ----

@pytest.fixture(scope="session")
def s3_port():
    """One port for all gateways: Spark's session is bound to it."""
    if os.environ.get("TARN_SKIP_INTEROP"):
        pytest.skip("TARN_SKIP_INTEROP is set: no outside readers")
    return s3_gateway.free_port()


@pytest.fixture
def gateway_for(s3_port, tmp_path):
    """gateway_for(buckets): serves a directory of buckets as S3 until the test is over; one at a time."""
    running = []

    def serve(buckets):
        while running:
            running.pop().stop()
        running.append(s3_gateway.S3Gateway(buckets, tmp_path / "versitygw.log", s3_port))
        return running[0]

    yield serve
    while running:
        running.pop().stop()


@pytest.fixture
def pyiceberg(gateway_for, server):
    """PyIceberg over the shared server's buckets."""
    return PyIcebergReader(gateway_for(server.buckets))


@pytest.fixture
def duckdb_reader(gateway_for, server):
    """DuckDB's Iceberg extension over the shared server's buckets."""
    return DuckDbReader(gateway_for(server.buckets))


@pytest.fixture(scope="session")
def spark(s3_port, tmp_path_factory):
    """Spark 4.1, reading through whatever gateway_for serves at the time."""
    reader = SparkReader(tmp_path_factory.mktemp("spark"), f"http://127.0.0.1:{s3_port}")
    yield reader
    reader.stop()
