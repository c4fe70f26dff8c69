# SPDX-License-Identifier: Apache-2.0
"""versitygw over a server's bucket directories: readers from outside see them as S3."""

import os
import socket
import subprocess
import time

from support import layout
from support.ports import free_port

ACCESS_KEY = "tarn-tests"
SECRET_KEY = "tarn-tests-secret"
REGION = "us-east-1"


class S3Gateway:
    """`metadata`: the directory is the gateway's own, an object store; else it is a server's, and the gateway leaves
    no marks on its files."""

    def __init__(self, buckets, log, port=None, metadata=False):
        program = layout.DEPS / "gobin" / "versitygw"
        if not program.exists():
            raise RuntimeError(f"there is no {program}; run: make deps-interop")
        self.port = port or free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.endpoint = f"http://{self.address}"
        options = [] if metadata else ["--nometa"]
        with open(log, "wb") as output:
            self._process = subprocess.Popen(
                [str(program), "-q", "--keep-alive", "--port", self.address, "posix", *options,
                 str(buckets)],
                env={"PATH": os.environ["PATH"], "ROOT_ACCESS_KEY": ACCESS_KEY,
                     "ROOT_SECRET_KEY": SECRET_KEY}, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        self._wait_until_ready(log)

    def _wait_until_ready(self, log):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self._process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError(f"versitygw did not start: {open(log, encoding='utf-8').read()}")

    def stop(self):
        self._process.terminate()
        self._process.wait()

    def kill(self):
        self._process.kill()
        self._process.wait()

    def pyiceberg_properties(self):
        return {
            "s3.endpoint": self.endpoint,
            "s3.access-key-id": ACCESS_KEY,
            "s3.secret-access-key": SECRET_KEY,
            "s3.region": REGION,
        }
