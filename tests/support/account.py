# SPDX-License-Identifier: Apache-2.0
"""The account that servers run as: PostgreSQL refuses to run as root."""

import os
import pwd
import subprocess

SERVER_ACCOUNT = "tarn"


def as_server():
    """Arguments of subprocess that start a child as the servers' account."""
    if os.geteuid() != 0:
        return {}
    return {"user": SERVER_ACCOUNT, "group": SERVER_ACCOUNT, "extra_groups": []}


def run_as_server(command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          errors="replace", stdin=subprocess.DEVNULL, **as_server(), **options)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: exit status {done.returncode}\n"
                           f"{done.stdout}{done.stderr}")
    return done.stdout


def give_to_server(path):
    if os.geteuid() == 0:
        entry = pwd.getpwnam(SERVER_ACCOUNT)
        os.chown(path, entry.pw_uid, entry.pw_gid)


def make_server_directory(path, mode=0o755):
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(mode)
    give_to_server(path)
    return path
