# SPDX-License-Identifier: Apache-2.0
import pytest

from support.database import Database


@pytest.fixture
def lake(make_server):
    """A database on a server that waits for no age: only proof lets files go."""
    return Database(make_server(**{"tarn.garbage_safe_age": 0}).start())
