# SPDX-License-Identifier: Apache-2.0
"""The program that serves the REST catalog of an account in a directory, and plain HTTP to it."""

import json
import subprocess
import urllib.error
import urllib.parse
import urllib.request

from support import layout

USER = "admin"
PASSWORD = "secret"


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.text = body.decode()

    @property
    def json(self):
        return json.loads(self.text)

    @property
    def error(self):
        """(status, type, message), as the specification's error model has them."""
        error = self.json["error"]
        assert error["code"] == self.status
        return self.status, error["type"], error["message"]


class RestServer:
    """`databases` are there when it answers. Files of tables may lie below `allowed`, too."""

    def __init__(self, directory, databases=("LAKE",), allowed=(), options=()):
        self.directory = directory
        program = "tarn_rest_server"
        self._words = [str(layout.build_directory(program) / program), str(directory), "--password", PASSWORD, *options]
        for database in databases:
            self._words += ["--database", database]
        for location in allowed:
            self._words += ["--allow-location", location]
        self._tokens = {}
        self.passed_over = set()
        self.start()

    def start(self, port=0):
        self.process = subprocess.Popen([*self._words, "--port", str(port)], stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())
        self.uri = f"http://127.0.0.1:{self.port}"

    def kill(self):
        self.process.kill()
        self.process.wait(30)

    def restart(self):
        self.kill()
        self.start(self.port)

    def token(self, user=USER, password=PASSWORD, scope="catalog"):
        key = (user, scope)
        if key not in self._tokens:
            form = urllib.parse.urlencode({"grant_type": "client_credentials", "client_id": user,
                                           "client_secret": password, "scope": scope}).encode()
            answer = self.send("POST", "/v1/oauth/tokens", form, {"Content-Type": "application/x-www-form-urlencoded"})
            assert answer.status == 200, answer.text
            self._tokens[key] = answer.json["access_token"]
        return self._tokens[key]

    def send(self, method, path, body=None, headers=None):
        """As it is, without a token."""
        request = urllib.request.Request(self.uri + path, data=body, method=method, headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return Answer(response.status, response.headers, response.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, error.read())

    def call(self, method, path, body=None, headers=None, user=USER, password=PASSWORD):
        """With JSON and a token, below the version: call("GET", "/LAKE/namespaces")."""
        data = None if body is None else json.dumps(body).encode()
        token = self.token(user, password)
        return self.send(method, "/v1" + path, data,
                         {"Authorization": f"Bearer {token}", "Content-Type": "application/json", **(headers or {})})

    def must(self, method, path, body=None, **more):
        answer = self.call(method, path, body, **more)
        assert answer.status in (200, 204), f"{method} {path}: {answer.status} {answer.text}"
        return answer

    def fsck(self, metadata_location):
        """No error, but for the codes in `passed_over`: what other writers do in another way."""
        done = subprocess.run([str(layout.build_directory() / "tarn"), "fsck", metadata_location, "--json"],
                              capture_output=True, text=True)
        findings = json.loads(done.stdout)["findings"]
        errors = [each for each in findings if each["severity"] == "error" and each["code"] not in self.passed_over]
        assert errors == [], done.stdout + done.stderr
