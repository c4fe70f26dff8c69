# SPDX-License-Identifier: Apache-2.0
"""The program with its HTTP side, and requests to it that no client would send."""

import contextlib
import http.client
import json
import pathlib
import sys
import urllib.parse

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "provision"))

from tarn_program import TarnProgram  # noqa: E402

collect_ignore = ["clients"]  # they run in environments of their own


class SnowflakeServer:
    """`tarn up` on a data directory of its own."""

    def __init__(self):
        self.program = TarnProgram()
        self.program.ok("up")
        status = self.program.json("status")
        url = urllib.parse.urlsplit(status["http"]["url"])
        self.host, self.port = url.hostname, url.port
        self.user = status["warehouse"]["user"]
        self.password = pathlib.Path(status["warehouse"]["password_file"]).read_text().strip()

    def environment(self):
        """What clients/conftest.py reads."""
        return {"TARN_TEST_HOST": self.host, "TARN_TEST_PORT": str(self.port), "TARN_TEST_USER": self.user,
                "TARN_TEST_PASSWORD": self.password}

    def send(self, method, path, body=b"", token=None, headers=None):
        """The status and the body of the answer, as JSON where it is some."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=60)
        if isinstance(body, dict):
            body = json.dumps(body).encode()
        sent = {"Content-Type": "application/json", **(headers or {})}
        if token is not None:
            sent["Authorization"] = f'Snowflake Token="{token}"'
        connection.request(method, path, body=body, headers=sent)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        try:
            return answer.status, json.loads(content)
        except ValueError:
            return answer.status, content

    def log_in(self, **data):
        given = {"LOGIN_NAME": self.user, "PASSWORD": self.password, **data}
        return self.send("POST", "/session/v1/login-request", {"data": given})[1]

    def query(self, token, text, path="/queries/v1/query-request", **body):
        return self.send("POST", path, {"sqlText": text, **body}, token)[1]

    def run(self, *statements):
        with contextlib.closing(self.program.warehouse()) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def rows(self, text):
        """Every value as a text, by another protocol than the clients'."""
        with contextlib.closing(self.program.warehouse()) as connection, connection.cursor() as cursor:
            cursor.execute(text)
            return [[None if value is None else str(value) for value in row] for row in cursor.fetchall()]

    def check(self, *tables):
        """The tables' files, by `tarn fsck`."""
        for table in tables:
            ((told,),) = self.rows(f"SELECT SYSTEM$GET_ICEBERG_TABLE_INFORMATION('{table}')")
            self.program.ok("fsck", json.loads(told)["metadataLocation"])

    def log(self):
        return self.program.ok("logs", "-n", "1000000")

    def remove(self):
        self.program.remove()


@pytest.fixture(scope="session")
def snowflake():
    server = SnowflakeServer()
    yield server
    server.remove()


@pytest.fixture
def make_snowflake():
    """make_snowflake(): a server of the test's own."""
    made = []

    def make():
        made.append(SnowflakeServer())
        return made[-1]

    yield make
    for server in made:
        server.remove()


@pytest.fixture
def token(snowflake):
    made = snowflake.log_in()["data"]["token"]
    yield made
    snowflake.send("POST", "/session?delete=true", {}, made)
