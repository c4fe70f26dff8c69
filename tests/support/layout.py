# SPDX-License-Identifier: Apache-2.0
"""Where things are: the checkout, its build, its dependencies, the seeds beside it."""

import os
import pathlib

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
DEPS = pathlib.Path(os.environ.get("DEPS", REPOSITORY / ".deps"))
POSTGRESQL_MAJOR = 17


def postgresql(major=POSTGRESQL_MAJOR):
    return DEPS / f"postgresql-{major}"


POSTGRESQL = postgresql()


def build_directory(program="tarn"):
    build = pathlib.Path(os.environ.get("TARN_BUILD", REPOSITORY / "build")).resolve()
    if not (build / program).exists():
        raise RuntimeError(f"there is no program at {build / program}; run: make build")
    return build


def seeds_directory():
    """The documents that the product makes work stand beside the checkout, never in it."""
    default = REPOSITORY.parent / "shared" / "seeds"
    return pathlib.Path(os.environ.get("TARN_SEEDS", default))
