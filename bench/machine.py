# SPDX-License-Identifier: Apache-2.0
"""What the figures were measured on."""

import os
import pathlib
import platform
import subprocess


def first_line(path, prefix):
    for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
        if line.startswith(prefix):
            return line.partition(":")[2].strip()
    return "unknown"


def commit(repository):
    done = subprocess.run(["git", "-C", str(repository), "rev-parse", "--short", "HEAD"], capture_output=True,
                          text=True, check=False)
    return done.stdout.strip() or "unknown"


def file_system(path):
    done = subprocess.run(["stat", "-f", "-c", "%T", str(path)], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def describe(repository, data_path, postgresql_version):
    return {
        "cpu": first_line("/proc/cpuinfo", "model name"),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(int(first_line("/proc/meminfo", "MemTotal").split()[0]) / 2**20, 1),
        "file_system": file_system(data_path),
        "kernel": platform.release(),
        "load_before": round(os.getloadavg()[0], 2),
        "postgresql": postgresql_version,
        "commit": commit(repository),
    }
