# SPDX-License-Identifier: Apache-2.0
"""A tool that dies at any step leaves what the next call repairs or removes."""

import os
import signal
import time

import pytest

from tarn_program import connect

ROUNDS = 6


def kill_after(process, seconds):
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    return process.communicate()[0]


@pytest.mark.slow
def test_killed_creation(tarn, rng):
    begin = time.monotonic()
    tarn.create("measure")
    duration = time.monotonic() - begin
    for _ in range(ROUNDS):
        moment = rng.uniform(0, 1.1 * duration)
        printed = kill_after(tarn.start("instance", "create", "shop", "--without-extension", "--json"), moment)
        done = tarn.run("instance", "create", "shop", "--without-extension", "--json")
        if done.returncode != 0:
            # Only an instance whose passwords were handed out may be in the way.
            assert "already exists" in done.stderr and printed, f"killed after {moment}: {done.stderr}"
        else:
            import json
            connect(json.loads(done.stdout)).close()
        tarn.ok("instance", "drop", "shop")
        assert sorted(p.name for p in (tarn.data / "instances").iterdir()) == [".lock", "measure"]
    tarn.ok("instance", "drop", "measure")
    assert tarn.server_processes() == []


@pytest.mark.slow
def test_killed_removal(tarn, rng):
    for _ in range(3):
        tarn.create("shop")
        kill_after(tarn.start("instance", "drop", "shop"), rng.uniform(0, 0.3))
        instance = tarn.run("instance", "create", "shop", "--without-extension", "--json")
        if instance.returncode != 0:
            assert "already exists" in instance.stderr  # the removal had not begun
        tarn.ok("instance", "drop", "shop")
    assert tarn.server_processes() == []


def test_crashed_server_starts_again(tarn):
    instance = tarn.create("shop")
    [status] = tarn.json("instance", "list")
    os.kill(status["pid"], signal.SIGKILL)
    tarn.ok("instance", "start", "shop")
    connect(instance).close()


def test_commands_at_the_same_time(tarn):
    """The data directory's lock orders them; nobody fails for that."""
    processes = [tarn.start("instance", "create", name, "--without-extension", "--json")
                 for name in ("one", "two", "one")]
    outcomes = [(process.communicate(), process.returncode) for process in processes]
    assert sorted(code for _, code in outcomes) == [0, 0, 1]
    assert sum("already exists" in err for (_, err), _ in outcomes) == 1
    assert [status["state"] for status in tarn.json("instance", "list")] == ["running", "running"]
