# SPDX-License-Identifier: Apache-2.0
"""An agent of change capture in a directory of its own, and requests as it sends them."""

import base64
import hashlib
import http.client
import json
import pathlib
import signal
import subprocess
import time
from contextlib import closing

from support.waiting import wait_for

SUBJECT = "TARN.POSTGRESQL_AGENT_USER"
PRIVATE, PUBLIC = "database-connector-agent-app-private-key.p8", "database-connector-agent-app-public-key.pub"


class RunningAgent:
    """DIR/configuration and DIR/agent-keys, as the document has them. start() and end() run `tarn agent`."""

    def __init__(self, program, folder, sources, port=1):
        self.program, self.folder = program, pathlib.Path(folder)
        self.keys, self.configuration = self.folder / "agent-keys", self.folder / "configuration"
        self.keys.mkdir(parents=True)
        self.configuration.mkdir()
        self.log = self.folder / "log"
        self.process, self.environment, self.port = None, {}, port
        self.write(sources)

    def write(self, sources):
        """{name: password}"""
        text = json.dumps({name: {"url": f"jdbc:postgresql://127.0.0.1:{self.port}/postgres", "username": "postgres",
                                  "password": password, "publication": "agent_postgres_publication", "ssl": False}
                           for name, password in sources.items()})
        file = self.configuration / "datasources.json"
        file.write_text(text, encoding="utf-8")
        file.chmod(0o600)

    @property
    def snowflake(self):
        return self.configuration / "snowflake.json"

    def generate(self):
        self.program.ok("agent", "generate-file", self.snowflake)
        return self

    def start(self):
        with open(self.log, "a", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [str(self.program.program), "agent", "--config", str(self.folder), "--health-port", "0"],
                env={**self.program.environment, **self.environment}, stdin=subprocess.DEVNULL, stderr=log,
                stdout=subprocess.PIPE, text=True)
        told = dict(line.split() for line in [self.process.stdout.readline(), self.process.stdout.readline()])
        self.id, self.health_url = told["agent"], told["health"]
        return self

    def end(self, number=signal.SIGTERM):
        if self.process is None:
            return None
        self.process.send_signal(number)
        status = self.process.wait(30)
        self.process.stdout.close()
        self.process = None
        return status

    def health(self):
        host, path = self.health_url.removeprefix("http://").split("/", 1)
        with closing(http.client.HTTPConnection(host, timeout=10)) as connection:
            connection.request("GET", "/" + path)
            response = connection.getresponse()
            return response.status, json.loads(response.read())

    def log_text(self):
        return self.log.read_text(encoding="utf-8")

    def wait_for_log(self, text, times=1):
        wait_for(lambda: self.log_text().count(text) >= times, lambda: f"no {text!r} in:\n{self.log_text()}", 20)

    def wait_until_up(self):
        wait_for(lambda: self.health() == (200, {"status": "UP"}), lambda: f"not up:\n{self.log_text()}", 20)
        return self


def url_base64(text):
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def openssl(*words, text=b""):
    return subprocess.run(["openssl", *map(str, words)], input=text, capture_output=True, check=True).stdout


def make_key(path):
    openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", path)
    return path


def fingerprint(key):
    der = openssl("pkey", "-in", key, "-pubout", "-outform", "DER")
    return "SHA256:" + base64.b64encode(hashlib.sha256(der).digest()).decode()


def token(key, header=None, **claims):
    """Signed by openssl with the key in a file, whatever it says."""
    now = int(time.time())
    says = {"iss": f"{SUBJECT}.{fingerprint(key)}", "sub": SUBJECT, "iat": now, "exp": now + 60, **claims}
    text = url_base64(json.dumps(header or {"alg": "RS256", "typ": "JWT"}).encode()) + "." + url_base64(json.dumps(says).encode())
    return text + "." + url_base64(openssl("dgst", "-sha256", "-sign", key, text=text.encode()))
