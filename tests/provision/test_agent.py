# SPDX-License-Identifier: Apache-2.0
"""`tarn agent` against `tarn up`: keys, what the warehouse sees of it, what becomes of both when one ends, and requests of
others."""

import http.client
import json
import shutil
import signal
import socket
import stat
import time
import urllib.parse
from contextlib import closing

import psycopg2
import pytest

from running_agent import PRIVATE, PUBLIC, RunningAgent, make_key, token, url_base64
from support.ports import free_port
from support.server import Server
from support.waiting import wait_for
from tarn_program import TarnProgram, query

APPLICATION = "SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL"
PASSWORD = "s3cr3t-of-the-source"


@pytest.fixture(scope="module")
def up():
    program = TarnProgram()
    try:
        program.url = urllib.parse.urlsplit(program.json("up")["http"]["url"])
        with closing(program.warehouse()) as connection:
            for name in ("ONE", "TWO"):
                query(connection, f"CALL {APPLICATION}.PUBLIC.ADD_DATA_SOURCE('{name}', 'DEST_{name}')")
        yield program
    finally:
        program.remove()


@pytest.fixture
def make_agent(up, tmp_path):
    """make_agent(sources, name): an agent's directory, without snowflake.json."""
    made = []

    def make(sources, name="agent", **options):
        made.append(RunningAgent(up, tmp_path / name, sources, **options))
        return made[-1]

    yield make
    for agent in made:
        agent.end()


@pytest.fixture
def agent(make_agent):
    return make_agent({"one": PASSWORD}).generate().start().wait_until_up()


def connected(up):
    with closing(up.warehouse()) as connection:
        return dict(query(connection, "SELECT NAME, CONNECTED_AGENT_ID FROM "
                                      f"{APPLICATION}.PUBLIC.DATA_SOURCE_REPLICATION_STATE"))


def wait_until_connected(up, **expected):
    """These of ONE and TWO."""
    wait_for(lambda: {name: connected(up)[name] for name in ("ONE", "TWO")} == {"ONE": None, "TWO": None, **expected},
             lambda: f"{connected(up)} is not {expected}", 20)


def request(up, method, path="/connector/agent", body=b"{}", bearer=None, **headers):
    with closing(http.client.HTTPConnection(up.url.hostname, up.url.port, timeout=60)) as connection:
        if bearer:
            headers["Authorization"] = f"Bearer {bearer}"
        connection.request(method, path, body=body if isinstance(body, bytes) else json.dumps(body), headers=headers)
        response = connection.getresponse()
        return response.status, response.read().decode()


def agent_key(agent):
    return agent.keys / PRIVATE


def test_the_first_start_makes_keys_and_uses_the_temporary_one_up(up, make_agent, tmp_path):
    agent = make_agent({"one": PASSWORD}).generate()
    written = json.loads(agent.snowflake.read_text())
    assert stat.S_IMODE(agent.snowflake.stat().st_mode) == 0o600
    assert written["applicationName"] == APPLICATION and written["userName"]
    assert [(entry["host"], entry["port"]) for entry in written["allowlist"]] == [(up.url.hostname, up.url.port)]
    temporary = tmp_path / "temporary.pem"
    temporary.write_text(written.pop("temporaryPrivateKey"))
    agent.start().wait_until_up()
    assert json.loads(agent.snowflake.read_text()) == written
    assert stat.S_IMODE(agent.snowflake.stat().st_mode) == 0o600
    assert sorted(path.name for path in agent.keys.iterdir()) == [PRIVATE, PUBLIC]
    assert stat.S_IMODE(agent_key(agent).stat().st_mode) == 0o600
    assert agent_key(agent).read_text().startswith("-----BEGIN PRIVATE KEY-----")
    # The temporary key is worth nothing now.
    public = (agent.keys / PUBLIC).read_text()
    for method, path in [("PUT", "/connector/agent/key"), ("POST", "/connector/agent")]:
        status, text = request(up, method, path, {"publicKey": public, "agentId": "x", "dataSources": {}},
                               token(temporary))
        assert status == 401, text
    # The second start uses the same keys.
    key = agent_key(agent).read_text()
    assert agent.end() == 0
    agent.start().wait_until_up()
    assert agent_key(agent).read_text() == key


def test_the_view_and_the_audit_log_have_it(up, agent):
    wait_until_connected(up, ONE=agent.id)
    agent.end()
    wait_until_connected(up)
    with closing(up.warehouse()) as connection:
        rows = query(connection, f"SELECT ACTION_TYPE, PARAMETERS::VARCHAR FROM {APPLICATION}.PUBLIC.AGENT_AUDIT_LOG "
                                 "ORDER BY ACTION_TIME DESC LIMIT 4")
    assert {row[0] for row in rows} == {"Agent registered", "Agent assigned", "Agent unassigned", "Agent unregistered"}
    assert all(json.loads(row[1])["agent_id"] == agent.id for row in rows)


def test_changed_files_are_followed(up, agent):
    wait_until_connected(up, ONE=agent.id)
    agent.write({"one": PASSWORD, "two": PASSWORD})
    wait_until_connected(up, ONE=agent.id, TWO=agent.id)
    (agent.configuration / "datasources.json").write_text("{")
    agent.wait_for_log("no JSON object")
    assert agent.health() == (503, {"status": "DOWN"})
    agent.write({"two": PASSWORD})
    agent.wait_until_up()
    wait_until_connected(up, TWO=agent.id)


def test_an_agent_beats_the_warehouses_own_file(up, make_agent):
    own = up.data / "datasources.json"
    agent = make_agent({"one": PASSWORD}).generate()
    try:
        own.write_text((agent.configuration / "datasources.json").read_text())
        own.chmod(0o600)
        shutil.chown(own, up.data.stat().st_uid, up.data.stat().st_gid)
        wait_until_connected(up, ONE="WAREHOUSE")
        agent.start().wait_until_up()
        wait_until_connected(up, ONE=agent.id)
        agent.end()
        wait_until_connected(up, ONE="WAREHOUSE")
    finally:
        own.unlink()
    wait_until_connected(up)


def test_the_environment_beats_the_files(up, make_agent):
    agent = make_agent({"one": PASSWORD}).generate()
    written = json.loads(agent.snowflake.read_text())
    written["allowlist"][0]["port"] = 1
    agent.snowflake.write_text(json.dumps(written))
    agent.environment = {"SNOWFLAKE_ENFORCEDURL": up.url.geturl(),
                         "SNOWFLAKE_DATASOURCES_TWO_URL": "jdbc:postgresql://127.0.0.1:1/postgres",
                         "SNOWFLAKE_DATASOURCES_TWO_USERNAME": "postgres",
                         "SNOWFLAKE_DATASOURCES_TWO_PUBLICATION": "p",
                         "SNOWFLAKE_PRIVATEKEYPASSWORD": "of-the-key"}
    agent.start().wait_until_up()
    wait_until_connected(up, ONE=agent.id, TWO=agent.id)
    assert agent_key(agent).read_text().startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")


def test_a_key_of_ones_own(up, make_agent, tmp_path):
    agent = make_agent({"one": PASSWORD}).generate()
    agent.environment = {"SNOWFLAKE_PRIVATEKEYPATH": str(make_key(tmp_path / "own.p8"))}
    agent.start().wait_until_up()
    assert list(agent.keys.iterdir()) == []
    assert request(up, "POST", body={"agentId": agent.id, "dataSources": {}}, bearer=token(tmp_path / "own.p8"))[0] == 200


def test_another_key_is_refused_and_told_what_to_do(up, agent):
    agent.end()
    agent_key(agent).unlink()
    agent.start()
    agent.wait_for_log("tarn agent generate-file")
    assert "401" in agent.log_text() and agent.health()[0] == 503
    agent.generate().wait_until_up()


def test_a_newer_agents_key_ends_the_older_one(up, agent, make_agent):
    newer = make_agent({"one": PASSWORD}, "newer").generate().start().wait_until_up()
    wait_until_connected(up, ONE=newer.id)
    agent.wait_for_log("401")


def test_two_agents(up, agent, tmp_path, make_agent):
    other = make_agent({"one": PASSWORD}, "other")
    shutil.copy(agent.snowflake, other.snowflake)
    for name in (PRIVATE, PUBLIC):
        shutil.copy(agent.keys / name, other.keys / name)
    other.start()
    other.wait_for_log("409")
    assert f"another agent: {agent.id} at 127.0.0.1" in other.log_text() and other.id != agent.id
    wait_until_connected(up, ONE=agent.id)
    # Each its own source; and whoever is there when the first one ends.
    other.write({"two": PASSWORD})
    other.wait_until_up()
    wait_until_connected(up, ONE=agent.id, TWO=other.id)
    other.write({"one": PASSWORD})
    other.wait_for_log("409", 2)
    agent.end()
    wait_until_connected(up, ONE=other.id)
    # One process has a directory.
    assert "another process is the agent" in up.fails("agent", "--config", other.folder, "--health-port", "0")


def test_a_killed_agent_comes_back_at_once(up, agent):
    wait_until_connected(up, ONE=agent.id)
    agent.end(signal.SIGKILL)
    assert connected(up)["ONE"] == agent.id
    agent.start().wait_until_up()
    wait_until_connected(up, ONE=agent.id)


def test_the_warehouse_restarts(up, agent):
    wait_until_connected(up, ONE=agent.id)
    up.ok("down")
    agent.wait_for_log("does not answer")
    wait_for(lambda: agent.health() == (503, {"status": "DOWN"}), "still up")
    time.sleep(5)
    assert agent.log_text().count("does not answer") == 1
    up.ok("up")
    agent.wait_until_up()
    wait_until_connected(up, ONE=agent.id)


def test_a_warehouse_that_never_was_there(up, make_agent):
    agent = make_agent({"one": PASSWORD}).generate()
    with closing(socket.socket()) as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        agent.environment = {"SNOWFLAKE_ENFORCEDURL": f"http://127.0.0.1:{silent.getsockname()[1]}"}
        agent.start()
        agent.wait_for_log("it takes too long")
        assert agent.end() == 0


def test_rows_arrive_and_failed_tables_come_back(up, make_agent, plain_installation):
    """The session of docs/use/change-capture.md."""
    port = free_port()
    source = Server(plain_installation, listen_addresses="127.0.0.1", port=port)
    source.start(wait=False)
    wait_for(lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0, "the source does not start", 30)
    agent = make_agent({"shop": PASSWORD}, port=port).generate()
    state = (f"SELECT REPLICATION_PHASE, INCREMENTAL_REPLICATION_STATUS FROM {APPLICATION}.PUBLIC.REPLICATION_STATE "
             "WHERE DATA_SOURCE_NAME = 'SHOP'")
    rows = 'SELECT id, total FROM lake."shop"."orders" WHERE NOT _SNOWFLAKE_DELETED ORDER BY id'
    try:
        with closing(psycopg2.connect(host="127.0.0.1", port=port, dbname="postgres", user="postgres")) as there, \
                closing(up.warehouse()) as here:
            there.autocommit = True
            query(there, f"ALTER ROLE postgres PASSWORD '{PASSWORD}'; CREATE SCHEMA shop;"
                         "CREATE TABLE shop.orders (id int PRIMARY KEY, total int); INSERT INTO shop.orders VALUES (1, 10)")
            query(there, "CREATE PUBLICATION agent_postgres_publication FOR ALL TABLES")
            query(here, "CREATE DATABASE lake")
            query(here, f"GRANT CREATE SCHEMA ON DATABASE lake TO APPLICATION {APPLICATION}")
            query(here, f"CALL {APPLICATION}.PUBLIC.ADD_DATA_SOURCE('SHOP', 'LAKE')")
            add = f"CALL {APPLICATION}.PUBLIC.ADD_TABLES('SHOP', 'shop', ARRAY_CONSTRUCT('orders'))"
            query(here, add)
            agent.start().wait_until_up()

            def wait_for_state(status):
                wait_for(lambda: query(here, state) == [("INCREMENTAL_LOAD", status)],
                         lambda: f"{query(here, state)} is not {status}", 30)

            wait_for_state("IN_PROGRESS")
            query(there, "INSERT INTO shop.orders VALUES (2, 20)")
            wait_for(lambda: query(here, rows) == [(1, 10), (2, 20)], lambda: str(query(here, rows)), 20)
            query(here, "CREATE ROLE analyst")
            query(here, f"GRANT APPLICATION ROLE {APPLICATION}.DATA_READER TO ROLE analyst")
            # While nobody tells how to reach the source, it waits; then it goes on.
            agent.end()
            wait_for(lambda: connected(up)["SHOP"] is None, "still connected", 20)
            query(there, "INSERT INTO shop.orders VALUES (3, 30)")
            time.sleep(2)
            assert query(here, rows) == [(1, 10), (2, 20)]
            agent.start().wait_until_up()
            wait_for(lambda: len(query(here, rows)) == 3, lambda: str(query(here, rows)), 20)
            query(there, "ALTER TABLE shop.orders ALTER total TYPE text;"
                         "INSERT INTO shop.orders VALUES (4, '40')")
            wait_for_state("FAILED")
            query(here, f"CALL {APPLICATION}.PUBLIC.REMOVE_TABLE('SHOP', 'shop', 'orders')")
            wait_for(lambda: query(here, state) == [], "the table is still there", 20)
            query(here, 'GRANT OWNERSHIP ON TABLE lake."shop"."orders" TO ROLE ACCOUNTADMIN REVOKE CURRENT GRANTS')
            query(here, 'DROP TABLE lake."shop"."orders"')
            query(here, add)
            wait_for_state("IN_PROGRESS")
            assert len(query(here, rows)) == 4
            query(here, f"CALL {APPLICATION}.PUBLIC.REMOVE_TABLE('SHOP', 'shop', 'orders')")
    finally:
        agent.end()
        source.remove()


def test_secrets_are_nowhere(up, agent):
    wait_until_connected(up, ONE=agent.id)
    with closing(up.warehouse()) as connection:
        for statement in ("SHOW APPLICATIONS", "SHOW PARAMETERS",
                          f"SELECT * FROM {APPLICATION}.PUBLIC.DATA_SOURCES",
                          f"SELECT * FROM {APPLICATION}.PUBLIC.AGENT_AUDIT_LOG"):
            assert PASSWORD not in str(query(connection, statement))
    private = agent_key(agent).read_text().split("\n")[5]
    assert len(private) == 64
    files = [path for path in up.data.rglob("*") if path.is_file()]
    assert any(path.name == "registered.pub" for path in files)
    for path in [*files, agent.log]:
        content = path.read_bytes()
        for secret in (PASSWORD, private, "BEARER", "Bearer "):
            assert secret.encode() not in content, path
    keys = up.data / "warehouse" / "agent-keys"
    assert stat.S_IMODE(keys.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys.iterdir()} == {0o600}


def test_requests_without_a_good_token(up, agent, tmp_path):
    key, other = agent_key(agent), make_key(tmp_path / "other.pem")
    body = {"agentId": "x", "dataSources": {}}
    good = token(key)
    assert request(up, "DELETE", body={"agentId": "x"}, bearer=good)[0] == 200
    now = int(time.time())
    header, claims, signature = good.split(".")
    bad = [None, "x", "..", "a.b.c", token(other), good[:-8] + "AAAAAAAA", f"{header}.{claims}.",
           url_base64(b'{"alg":"none"}') + f".{claims}.", token(key, {"alg": "HS256"}),
           token(key, iat=now - 7200, exp=now - 3600), token(key, exp=now + 7200), token(key, iat=now + 600, exp=now + 700),
           token(key, sub="TARN.ADMIN"), token(key, iss="TARN.POSTGRESQL_AGENT_USER"), "x" * 20_000]
    for bearer in bad:
        for method, path in [("POST", "/connector/agent"), ("DELETE", "/connector/agent"), ("PUT", "/connector/agent/key")]:
            status, text = request(up, method, path, body, bearer)
            assert status == 401, (bearer, text)
    assert request(up, "POST", body=body, Authorization="Basic eDp4")[0] == 401
    wait_until_connected(up, ONE=agent.id)


def test_hostile_bodies(up, agent):
    key = agent_key(agent)
    good = {"agentId": "x", "dataSources": {}}
    source = {"url": "u", "username": "u", "password": PASSWORD, "publication": "p"}
    for body in [b"", b"[]", b"{", b"\xff\xfe", b"null", b'{"agentId": "x", "dataSources": ' + b"[" * 500_000,
                 b'{"agentId":"x","dataSources":' + b'{"A":' * 1000 + b"1" + b"}" * 1001,
                 {}, {**good, "agentId": ""}, {**good, "agentId": 1}, {**good, "agentId": "a/b"},
                 {**good, "agentId": "a\nb"}, {**good, "agentId": "x" * 201}, {"agentId": "x"},
                 {**good, "dataSources": []}, {**good, "dataSources": {"A B": source}},
                 {**good, "dataSources": {"A": source, "a": source}}, {**good, "dataSources": {"A": [PASSWORD]}},
                 {**good, "dataSources": {"A": {**source, "pass": PASSWORD}}},
                 {**good, "dataSources": {"A": {**source, "ssl": PASSWORD}}}]:
        status, text = request(up, "POST", body=body, bearer=token(key))
        assert status == 400 and PASSWORD not in text, (str(body)[:80], text)
    assert request(up, "POST", body=b" " * 2_000_000, bearer=token(key))[0] == 413
    assert request(up, "GET", bearer=token(key))[0] == 405
    assert request(up, "POST", "/connector/agent/key", bearer=token(key))[0] == 405
    assert request(up, "POST", "/connector/agent/other", bearer=token(key))[0] == 404
    wait_until_connected(up, ONE=agent.id)
    assert agent.health()[0] == 200


def test_bad_keys_are_not_registered(up, make_agent, tmp_path):
    agent = make_agent({}).generate()
    temporary = tmp_path / "temporary.pem"
    temporary.write_text(json.loads(agent.snowflake.read_text())["temporaryPrivateKey"])
    for public in ["", "x", 1, temporary.read_text(), None]:
        status, text = request(up, "PUT", "/connector/agent/key", {"publicKey": public}, token(temporary))
        assert status == 400, (public, text)
    agent.start().wait_until_up()


def test_commands_say_what_is_wrong(up, tmp_path):
    assert "--config is missing" in up.fails("agent")
    assert "there is no directory" in up.fails("agent", "--config", tmp_path / "nowhere")
    assert "tarn agent generate-file" in up.fails("agent", "--config", tmp_path)
    assert "does not run" in up.fails("agent", "generate-file", tmp_path / "x.json", "--data", tmp_path)
    assert not (tmp_path / "x.json").exists()
