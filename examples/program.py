# SPDX-License-Identifier: Apache-2.0
"""build/tarn with a data directory, as the examples run it."""

import json
import subprocess
import sys


class Program:
    def __init__(self, build, data):
        self.path, self.data = build / "tarn", data
        if not self.path.exists():
            sys.exit(f"there is no {self.path}; run: make build")

    def run(self, *arguments):
        done = subprocess.run([str(self.path), *arguments, "--data", str(self.data), "--json"], text=True,
                              stdout=subprocess.PIPE, check=False)
        if done.returncode != 0:
            sys.exit(f"tarn {' '.join(arguments)} failed")
        return json.loads(done.stdout)
