# SPDX-License-Identifier: Apache-2.0
"""The server dies at any moment: what it answered is there, and what it did not publish leaves no file."""

import http.client
import pathlib
import random
import threading
import time
import urllib.error

import pytest

pytestmark = [pytest.mark.slow]

KILLS = 6
SCHEMA = {"type": "struct", "schema-id": 0, "fields": [{"id": 1, "name": "n", "required": False, "type": "long"}]}
LOST = (urllib.error.URLError, http.client.HTTPException, ConnectionError)


class Committer:
    """Commits one number after the other until its server is gone; knows the last that was answered."""

    def __init__(self, rest, table, first):
        self._rest, self._table, self._next = rest, table, first
        self.answered = first - 1
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        try:
            while True:
                update = {"action": "set-properties", "updates": {"number": str(self._next)}}
                answer = self._rest.call("POST", f"/LAKE/namespaces/s/tables/{self._table}", {"updates": [update]})
                assert answer.status == 200, answer.text
                self.answered = self._next
                self._next += 1
        except LOST:
            pass

    def join(self):
        self._thread.join(60)
        assert not self._thread.is_alive()


def files_of(metadata):
    folder = pathlib.Path(metadata["location"].removeprefix("file://")) / "metadata"
    return {f"file://{file}" for file in folder.iterdir()}


def test_answers_are_kept_and_the_rest_leaves_nothing(rest, request):
    chance = random.Random(request.config.getoption("--seed"))
    tables = ["a", "b"]
    rest.must("POST", "/LAKE/namespaces", {"namespace": ["s"]})
    for table in tables:
        rest.must("POST", "/LAKE/namespaces/s/tables", {"name": table, "schema": SCHEMA, "properties": {"number": "0"}})
    numbers = dict.fromkeys(tables, 0)
    for _ in range(KILLS):
        committers = {table: Committer(rest, table, numbers[table] + 1) for table in tables}
        time.sleep(chance.uniform(0.05, 0.4))
        rest.kill()
        for committer in committers.values():
            committer.join()
        rest.start(rest.port)
        for table in tables:
            loaded = rest.must("GET", f"/LAKE/namespaces/s/tables/{table}").json
            number = int(loaded["metadata"]["properties"]["number"])
            # The one whose answer was lost may be there, too.
            assert number - committers[table].answered in (0, 1)
            numbers[table] = number
            known = {entry["metadata-file"] for entry in loaded["metadata"]["metadata-log"]}
            # Beside what fell out of the log: those are the client's to delete.
            unknown = files_of(loaded["metadata"]) - known - {loaded["metadata-location"]}
            assert len(unknown) == max(number - len(known), 0), unknown
            rest.fsck(loaded["metadata-location"])
    assert sum(numbers.values()) > 0
