# SPDX-License-Identifier: Apache-2.0
"""`tarn maintain` dies at any moment: the table has its rows, and the next run leaves nothing over."""

import signal
import subprocess
import time

import pytest

from support.directory_lake import DirectoryLake, fill

ALL = ["--rewrite-data-files", "--rewrite-all", "--rewrite-manifests", "--expire-snapshots", "--older-than", "0"]


@pytest.fixture
def lake(tmp_path):
    return DirectoryLake(tmp_path)


def test_runs_that_die_leave_nothing_over(lake, rng, request):
    lake.create()
    rows = fill(lake)
    began = time.monotonic()
    lake.maintain(*ALL)
    usual = time.monotonic() - began
    for _ in range(request.config.getoption("--kills") or 15):
        process = subprocess.Popen(lake.words("maintain", "--state", lake.state, *ALL),
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(rng.random() * usual * 1.2)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert lake.pyiceberg_rows() == rows
    lake.maintain(*ALL)
    assert lake.pyiceberg_rows() == rows
    report = lake.fsck()
    assert not [finding for finding in report["findings"] if finding["code"] == "orphan-file"], report
    orphans = lake.maintain("--remove-orphans", "--dry-run", "--older-than", "0")
    assert orphans["remove_orphans"]["files"] == []
