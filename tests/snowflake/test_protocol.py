# SPDX-License-Identifier: Apache-2.0
"""What clients rely upon without saying so, and what nobody's client sends."""

import base64
import gzip
import json
import random
import threading
import time
import uuid


def test_login_answer_is_complete(snowflake):
    data = snowflake.log_in(SESSION_PARAMETERS={"TIMEZONE": "Europe/Berlin", "NOT_OURS": "x"})["data"]
    assert data["token"] and data["masterToken"] and isinstance(data["sessionId"], int)
    values = {entry["name"]: entry["value"] for entry in data["parameters"]}
    assert values["AUTOCOMMIT"] is True and values["TIMEZONE"] == "Europe/Berlin"
    assert values["QUERY_CONTEXT_CACHE_SIZE"] == 5


def test_answers_have_what_clients_need(snowflake, token):
    answer = snowflake.query(token, "SELECT 1 AS n, 'x' AS s")
    assert answer["success"] is True and answer["code"] is None
    data = answer["data"]
    assert (data["total"], data["returned"], data["version"], data["statementTypeId"]) == (1, 1, 1, 0x1000)
    assert data["rowset"] == [["1", "x"]] and data["queryResultFormat"] == "json"
    uuid.UUID(data["queryId"])
    for column in data["rowtype"]:
        assert {"name", "type", "nullable", "length", "byteLength", "precision", "scale"} <= column.keys()
    assert any(entry["name"] == "TIMEZONE" for entry in data["parameters"])


def test_failures_are_answers(snowflake, token):
    answer = snowflake.query(token, "SELECT\n  nothing_like_it")
    assert answer["success"] is False and answer["code"] == "000904"
    assert answer["data"]["sqlState"] == "42000" and answer["data"]["errorCode"] == "000904"
    assert (answer["data"]["line"], answer["data"]["pos"]) == (2, 2)
    # The next statement is not touched.
    assert snowflake.query(token, "SELECT 1")["success"]


def test_describe_has_no_effect(snowflake, token):
    snowflake.query(token, "CREATE OR REPLACE DATABASE described")
    snowflake.query(token, "CREATE TABLE t (n INT)")
    described = snowflake.query(token, "INSERT INTO t VALUES (?)", describeOnly=True)["data"]
    assert described["arrayBindSupported"] is True and described["numberOfBinds"] == 1
    assert snowflake.query(token, "CREATE TABLE u (n INT)", describeOnly=True)["success"]
    assert snowflake.query(token, "SELECT count(*) FROM t")["data"]["rowset"] == [["0"]]
    assert snowflake.query(token, "SELECT * FROM u")["code"] == "002003"


def test_repeated_request_runs_once(snowflake, token):
    snowflake.query(token, "CREATE OR REPLACE DATABASE repeated")
    snowflake.query(token, "CREATE TABLE t (n INT)")
    path = f"/queries/v1/query-request?requestId={uuid.uuid4()}"
    first = snowflake.query(token, "INSERT INTO t VALUES (1)", path)
    again = snowflake.query(token, "INSERT INTO t VALUES (1)", path + "&retryCount=1")
    assert first["data"]["queryId"] == again["data"]["queryId"] and again["data"]["rowset"] == [["1"]]
    assert snowflake.query(token, "SELECT count(*) FROM t")["data"]["rowset"] == [["1"]]


def test_abort_by_request_id(snowflake, token):
    request = str(uuid.uuid4())
    answers = []
    slow = "SELECT count(*) FROM TABLE(GENERATOR(ROWCOUNT => 200000)) a, TABLE(GENERATOR(ROWCOUNT => 2000000)) b"
    thread = threading.Thread(target=lambda: answers.append(
        snowflake.query(token, slow, f"/queries/v1/query-request?requestId={request}")))
    thread.start()
    time.sleep(1)
    body = {"sqlText": slow, "requestId": request}
    assert snowflake.send("POST", "/queries/v1/abort-request", body, token)[1]["success"] is True
    thread.join(20)
    assert answers[0]["code"] == "000604" and answers[0]["data"]["sqlState"] == "57014"
    assert snowflake.send("POST", "/queries/v1/abort-request", body, token)[1]["code"] == "000605"


def test_tokens(snowflake):
    data = snowflake.log_in()["data"]
    renewed = snowflake.send("POST", "/session/token-request", {"requestType": "RENEW"}, data["masterToken"])[1]["data"]
    assert renewed["sessionId"] == data["sessionId"] and renewed["sessionToken"] != data["token"]
    for token in (data["token"], renewed["sessionToken"]):
        assert snowflake.query(token, "SELECT 1")["success"]
    # A master token is none for statements.
    assert snowflake.query(data["masterToken"], "SELECT 1")["code"] == "390111"
    assert snowflake.send("POST", "/session/heartbeat", b"", renewed["sessionToken"])[1]["success"]
    assert snowflake.send("POST", "/session?delete=true", {}, renewed["sessionToken"])[1]["success"]
    assert snowflake.query(data["token"], "SELECT 1")["code"] == "390111"
    assert snowflake.send("POST", "/session/token-request", {}, renewed["masterToken"])[1]["code"] == "390115"


def test_refused_by_name(snowflake):
    for authenticator in ("EXTERNALBROWSER", "OAUTH", "WORKLOAD_IDENTITY", "PROGRAMMATIC_ACCESS_TOKEN"):
        answer = snowflake.log_in(AUTHENTICATOR=authenticator, TOKEN="x")
        assert answer["code"] == "390190" and authenticator in answer["message"]
    assert snowflake.send("POST", "/session/authenticator-request", {})[1]["code"] == "390190"
    assert snowflake.log_in(PASSWORD="wrong")["code"] == "390100"
    assert snowflake.log_in(AUTHENTICATOR="SNOWFLAKE_JWT", TOKEN="a.b.c")["code"] == "390144"


def test_compressed_bodies_and_telemetry(snowflake, token):
    body = gzip.compress(json.dumps({"sqlText": "SELECT 7"}).encode())
    headers = {"Content-Encoding": "gzip"}
    answer = snowflake.send("POST", "/queries/v1/query-request", body, token, headers)[1]
    assert answer["data"]["rowset"] == [["7"]]
    assert snowflake.send("POST", "/telemetry/send", b"\x00 anything", token)[1]["success"]
    assert snowflake.send("POST", "/queries/v1/query-request", b"no gzip", token, headers)[0] == 400


def test_parts_need_their_name(snowflake, token):
    assert snowflake.send("GET", f"/queries/chunks/{uuid.uuid4()}/1")[0] == 404
    assert snowflake.send("GET", f"/queries/{uuid.uuid4()}/result", token=token)[1]["code"] == "000612"
    assert snowflake.send("GET", f"/monitoring/queries//{uuid.uuid4()}", token=token)[1]["data"]["queries"] == []


def test_secrets_are_in_no_log(snowflake, token):
    snowflake.query(token, "CREATE OR REPLACE USER sly PASSWORD = 'Hidden-from-logs-1'")
    snowflake.query(token, "CREATE USER PASSWORD = 'Hidden-from-logs-2' (((")
    log = snowflake.log()
    for secret in (snowflake.password, token, "Hidden-from-logs-1", "Hidden-from-logs-2"):
        assert secret not in log


HOSTILE = [b"", b"null", b"[]", b"{", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 100_000, b'{"sqlText": 5}', b'{"sqlText": null}',
           b'{"sqlText": "SELECT ?", "bindings": []}', b'{"sqlText": "SELECT ?", "bindings": {"0": {"value": "x"}}}',
           b'{"sqlText": "SELECT ?", "bindings": {"1": {"type": "FIXED", "value": "x"}}}',
           b'{"sqlText": "SELECT ?", "bindings": {"1": {"type": "DATE", "value": "9223372036854775807"}}}',
           b'{"sqlText": "SELECT ?", "bindings": {"1": {"type": "TIME", "value": "-1"}}}',
           b'{"sqlText": "SELECT ?", "bindings": {"1": {"type": "TIMESTAMP_TZ", "value": "9223372036854775807 2880"}}}',
           b'{"sqlText": "SELECT ?", "bindings": {"1": {"type": "BINARY", "value": "0"}}}',
           b'{"sqlText": "SELECT ?", "bindings": {"1": {"type": 7, "value": {}}}}',
           b'{"sqlText": "SELECT ?", "bindings": {"1": {"type": "TEXT", "value": []}}}',
           b'{"sqlText": "SELECT ?", "bindings": {"2": {"type": "TEXT", "value": "x"}}}',
           b'{"sqlText": "SELECT ?, ?", "bindings": {"1": {"value": ["a"]}, "2": {"value": "b"}}}',
           b'{"sqlText": "SELECT 1", "parameters": {"MULTI_STATEMENT_COUNT": 1e300, "TIMEZONE": {}}}',
           b'{"sqlText": "SELECT 1", "bindStage": "@SYSTEM$BIND/x"}', b'{"sqlText": "\\u0000"}',
           b'{"sqlText": "SELECT \'\\ud800\'"}']
PATHS = ["/session/v1/login-request", "/session/token-request", "/session/heartbeat", "/session?delete=no", "/session/x",
         "/queries/v1/query-request", "/queries/v1/abort-request", "/queries/x/abort-request", "/queries/%ff/result", "/queries",
         "/monitoring/queries/x", "/queries/chunks/x/99999999999999999999", "/telemetry"]


def test_hostile_requests(snowflake, token):
    for path in PATHS:
        for method in ("POST", "GET", "PUT", "DELETE"):
            for body in HOSTILE if method == "POST" else [b""]:
                status, answer = snowflake.send(method, path, body, token)
                assert status < 500, (method, path, body[:60], answer)
    assert snowflake.query(token, "SELECT 1")["success"]


def test_mutated_requests(snowflake, token, rng_seed=20261130):
    rng = random.Random(rng_seed)
    whole = json.dumps({"sqlText": "SELECT ?, ?", "asyncExec": False, "parameters": {"QUERY_TAG": "x"}, "bindings": {
        "1": {"type": "FIXED", "value": "12"}, "2": {"type": "TIMESTAMP_NTZ", "value": "1700000000000000000"}}}).encode()
    for _ in range(400):
        body = bytearray(whole)
        for _ in range(rng.randrange(1, 6)):
            body[rng.randrange(len(body))] = rng.randrange(256)
        status, answer = snowflake.send("POST", "/queries/v1/query-request", bytes(body), token)
        assert status in (200, 400), (bytes(body), answer)
    assert snowflake.query(token, "SELECT 1")["success"]


def test_arrow_is_read_by_arrow(snowflake):
    pyarrow = __import__("pytest").importorskip("pyarrow")
    token = snowflake.log_in(CLIENT_APP_ID="PythonConnector")["data"]["token"]
    data = snowflake.query(token, "SELECT column1 AS n, column2 AS s, column3::NUMBER(38, 0) AS wide FROM VALUES "
                                  "(1, 'a', 99999999999999999999999), (NULL, NULL, NULL)")["data"]
    table = pyarrow.ipc.open_stream(base64.b64decode(data["rowsetBase64"])).read_all()
    table.validate(full=True)
    assert table.column("S").to_pylist() == ["a", None]
    assert int(table.column("WIDE").to_pylist()[0]) == 99999999999999999999999
    assert table.schema.field("N").metadata[b"logicalType"] == b"FIXED"


def test_the_end_cancels_what_runs(make_snowflake):
    server = make_snowflake()
    token = server.log_in()["data"]["token"]
    answers = []
    slow = "SELECT count(*) FROM TABLE(GENERATOR(ROWCOUNT => 200000)) a, TABLE(GENERATOR(ROWCOUNT => 2000000)) b"
    thread = threading.Thread(target=lambda: answers.append(server.query(token, slow)))
    thread.start()
    time.sleep(1)
    started = time.monotonic()
    server.program.ok("down")
    assert time.monotonic() - started < 20
    thread.join(20)
    assert answers[0]["code"] == "000604"
