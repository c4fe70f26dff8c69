# SPDX-License-Identifier: Apache-2.0
"""Tables that src/table wrote, and what their rows are: each follows from its id (src/table/testing/row_writer.cc)."""

import datetime
import decimal
import json
import os
import pathlib
import subprocess

PROGRAM = pathlib.Path(os.environ.get("TARN_BUILD", "build")).resolve() / "tarn_row_writer"
COLUMNS = ["id", "number", "name", "day", "at", "amount", "code", "x"]


def write_table(directory, version, partitions, steps, properties=None):
    """The locations of the table's metadata files after each step. `partitions`: (column, transform)."""
    order = {"directory": str(directory), "version": version, "properties": properties or {},
             "partitions": [[COLUMNS.index(column) + 1, transform] for column, transform in partitions],
             "steps": steps}
    done = subprocess.run([PROGRAM], input=json.dumps(order), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.split()


def row_of(row_id):
    if row_id % 7 == 5:
        return (row_id, *[None] * (len(COLUMNS) - 1))
    epoch = datetime.datetime(1970, 1, 1)
    return (row_id, row_id * 7 - 100,
            ("ä/ö " if row_id % 3 == 0 else "name ") + str(row_id % 13),
            epoch.date() + datetime.timedelta(days=row_id * 37 - 900),
            epoch + datetime.timedelta(hours=row_id * 11 - 300) - datetime.timedelta(microseconds=1),
            decimal.Decimal(row_id * 101 - 2500).scaleb(-2),
            b"\xff" + bytes([ord("a") + row_id % 5]),
            row_id / 4)


def rows_after(steps):
    """Live rows, as tuples of Python values."""
    ids = []
    for step in steps:
        if step[0] == "append":
            ids += range(step[1], step[2])
        elif step[0] == "delete":
            ids = [each for each in ids if each not in step[1]]
        elif step[0] == "update":
            ids = [each + step[2] if each in step[1] else each for each in ids]
    return [row_of(each) for each in ids]
