# SPDX-License-Identifier: Apache-2.0
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from tarn_program import TarnProgram  # noqa: E402


@pytest.fixture
def tarn():
    program = TarnProgram()
    yield program
    program.remove()


@pytest.fixture(scope="module")
def shared():
    """A program and its instance for tests that only look."""
    program = TarnProgram()
    try:
        program.instance = program.create("shop")
        yield program
    finally:
        program.remove()
