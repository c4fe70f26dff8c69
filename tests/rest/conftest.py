# SPDX-License-Identifier: Apache-2.0
"""A server with an empty account for each test."""

import pytest

from support.rest_server import RestServer


@pytest.fixture
def rest(tmp_path):
    server = RestServer(tmp_path / "account")
    yield server
    server.kill()
