# SPDX-License-Identifier: Apache-2.0
"""Waiting for what happens in another process."""

import time


def wait_for(condition, what, seconds=60):
    """`what` is the failure's message, or gives it: what did not come to pass."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what() if callable(what) else what
        time.sleep(0.05)
