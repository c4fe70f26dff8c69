# SPDX-License-Identifier: Apache-2.0
"""Processes that change one table beside each other, die at any moment and meet storage faults: no
row is lost, none doubled, and the metadata stays sound. The program (src/table/testing) keeps a
ledger of what it meant to do and what it was told."""

import json
import os
import pathlib
import signal
import subprocess

import pytest
from pyiceberg.table import StaticTable

from support.waiting import wait_for

PROGRAM = pathlib.Path(os.environ.get("TARN_BUILD", "build")).resolve() / "tarn_table_writer"
MANY = 1_000_000


class Lake:
    """A table and the writers that work on it."""

    def __init__(self, root, version):
        self.root = root
        self.ledgers = []
        self.run("init", str(version))

    def run(self, what, *words):
        done = subprocess.run([PROGRAM, what, self.root, *words], capture_output=True, text=True)
        assert done.returncode == 0 or what == "settle", done.stderr
        self.told = done.stderr  # above all the names of files that nothing reaches
        return done.stdout

    def start(self, operations, faults="", what="write"):
        number = len(self.ledgers)
        ledger = self.root / f"ledger-{number}"
        self.ledgers.append(ledger)
        words = [what, self.root, ledger, str(number), str(operations)]
        process = subprocess.Popen([PROGRAM, *words, *([faults] if faults else [])])
        return Writer(process, ledger)

    def start_reader(self, operations):
        number = len(self.ledgers)
        self.ledgers.append(self.root / f"ledger-{number}")  # reads only
        return Reader([PROGRAM, "read", self.root, str(number), str(operations)])

    def settle(self):
        """What processes left that died. One that died collecting holds up the others: hence twice."""
        for _ in range(2):
            left = [self.run("settle", str(number)) for number in range(len(self.ledgers))]
        assert set(left) == {"0\n"}

    def check(self):
        return json.loads(self.run("check", *map(str, self.ledgers)))


class Writer:
    def __init__(self, process, ledger):
        self.process, self.ledger = process, ledger

    def lines(self):
        return self.ledger.read_text().count("\n") if self.ledger.exists() else 0

    def kill_after(self, lines):
        """kill -9 as soon as the ledger has grown, which is at any point of a commit."""
        wait_for(lambda: self.lines() >= lines or self.process.poll() is not None,
                 "the ledger to grow")
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def finish(self):
        assert self.process.wait() == 0


class Reader:
    """Pins snapshots and reads each several times."""

    def __init__(self, words):
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def finish(self):
        """How many it read."""
        found, errors = self.process.communicate()
        assert self.process.returncode == 0, errors
        return int(found)


@pytest.fixture
def make_lake(tmp_path):
    return lambda version: Lake(tmp_path, version)


@pytest.mark.parametrize("version", [2, 3])
def test_writers_that_die_lose_and_double_nothing(make_lake, rng, request, version):
    lake = make_lake(version)
    for _ in range(request.config.getoption("--kills") or 4):
        writers = [lake.start(MANY) for _ in range(2)]
        for writer in writers:
            writer.kill_after(rng.randrange(2, 14))
    lake.start(5).finish()
    found = lake.check()
    assert found["ok"] > 0 and found["rows"] > 0, found


@pytest.mark.parametrize("version", [2, 3])
def test_maintenance_that_dies_beside_writers_leaves_nothing_over(make_lake, rng, request, version):
    lake = make_lake(version)
    for _ in range(request.config.getoption("--kills") or 4):
        writer = lake.start(MANY)
        maintainers = [lake.start(MANY, what="maintain") for _ in range(2)]
        writer.kill_after(rng.randrange(4, 30))
        for maintainer in maintainers:
            maintainer.kill_after(rng.randrange(2, 20))
    lake.start(5).finish()
    lake.start(5, what="maintain").finish()
    lake.settle()
    found = lake.check()
    assert found["ok"] > 0 and found["rows"] > 0, found
    assert found["unreached"] == 0, f"{found}\n{lake.told}"


@pytest.mark.parametrize("version", [2, 3])
def test_pinned_snapshots_stay_whatever_expires(make_lake, rng, version):
    lake = make_lake(version)
    lake.start(5).finish()
    others = [lake.start(MANY), lake.start(MANY, what="maintain")]
    readers = [lake.start_reader(10) for _ in range(2)]
    assert sum(reader.finish() for reader in readers) > 0
    for other in others:
        other.kill_after(rng.randrange(4))
    lake.settle()
    lake.check()


def faults(rng):
    """Lost answers, refused and slow operations; torn writes of anything but the catalog's states,
    which nobody could read afterwards."""
    rules = []
    for _ in range(6):
        at = rng.randrange(200)
        rules.append(rng.choice([
            f"close:*/catalog/*@{at % 20}=after", f"close:*/metadata/*@{at}=torn",
            f"close:*@{at}=before", f"create:*@{at}=full", f"open:*@{at}=before",
            f"list:*@{at % 40}=before", f"close:*/data/*@{at % 30}=after",
        ]))
    return ";".join(rules)


@pytest.mark.parametrize("version", [2, 3])
def test_storage_faults_lose_and_double_nothing(make_lake, rng, version):
    lake = make_lake(version)
    writers = [lake.start(15, faults(rng)) for _ in range(3)]
    for writer in writers:
        writer.finish()
    found = lake.check()
    assert found["ok"] > 0 and found["rows"] > 0, found


@pytest.mark.interop
@pytest.mark.parametrize("version", [2, 3])
def test_other_readers_find_the_same_files(make_lake, version):
    lake = make_lake(version)
    for writer in [lake.start(20) for _ in range(2)]:
        writer.finish()
    found = lake.check()
    table = StaticTable.from_metadata(found["metadata"])
    snapshot = table.current_snapshot()
    tasks = list(table.scan().plan_files())
    total = snapshot.summary.additional_properties
    assert len(tasks) == int(total["total-data-files"])
    rows = sum(task.file.record_count for task in tasks)
    assert rows == int(total["total-records"])
    # A delete file is planned for every data file that it may concern; each concerns one.
    deletes = {file.file_path: file.record_count for task in tasks for file in task.delete_files}
    assert rows - sum(deletes.values()) == found["rows"]
