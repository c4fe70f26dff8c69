# SPDX-License-Identifier: Apache-2.0
"""The program that speaks PostgreSQL's protocol in front of scripted sessions."""

import pathlib
import subprocess

from support import layout
from support.wire_client import WireClient

PASSWORD = "secret"


class WireServer:
    """`options` as the program's, without dashes in front: WireServer(connections=5, plain=True)."""

    def __init__(self, **options):
        program = "tarn_wire_server"
        arguments = [str(layout.build_directory(program) / program), "--password", PASSWORD]
        for name, value in options.items():
            arguments.append("--" + name.replace("_", "-"))
            if value is not True:
                arguments.append(str(value))
        self.process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())
        self.http_port = int(self.process.stdout.readline()) if "http" in options else None
        self.address = ("127.0.0.1", self.port)

    def client(self, timeout=20):
        return WireClient(self.address, timeout)

    def connect(self, **parameters):
        return self.client().connect(**parameters)

    def dsn(self, **more):
        settings = {"host": "127.0.0.1", "port": self.port, "user": "admin", "password": PASSWORD,
                    "dbname": "lake", "sslmode": "require", **more}
        return " ".join(f"{name}={value}" for name, value in settings.items())

    def resident_kb(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        raise AssertionError("the server has no memory")

    def threads(self):
        return len(list(pathlib.Path(f"/proc/{self.process.pid}/task").iterdir()))

    def stop(self):
        """Its exit status."""
        if self.process.poll() is None:
            self.process.stdin.close()
        return self.process.wait(timeout=30)
