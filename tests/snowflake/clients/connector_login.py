# SPDX-License-Identifier: Apache-2.0
"""Sessions: who gets one, what it is, how it ends."""

import pytest
import snowflake.connector
from conftest import parameters
from snowflake.connector.errors import DatabaseError, ProgrammingError


def test_session_is_what_was_asked_for(connect, database, query):
    connection = connect(session_parameters={"QUERY_TAG": "nightly", "TIMEZONE": "Europe/Berlin"})
    assert (connection.database, connection.schema) == (database, "PUBLIC")
    assert query(connection, "SELECT CURRENT_DATABASE(), CURRENT_SCHEMA()") == [(database, "PUBLIC")]
    assert query(connection, "SELECT CURRENT_USER()")[0][0] == parameters()["user"].upper()
    shown = connection.cursor(snowflake.connector.DictCursor).execute("SHOW PARAMETERS IN SESSION").fetchall()
    values = {row["key"]: row["value"] for row in shown}
    assert (values["QUERY_TAG"], values["TIMEZONE"]) == ("nightly", "Europe/Berlin")


def test_names_follow_use(connection, query):
    query(connection, "CREATE SCHEMA IF NOT EXISTS elsewhere")
    query(connection, "USE SCHEMA elsewhere")
    assert connection.schema == "ELSEWHERE"
    query(connection, "USE SCHEMA public")
    assert connection.schema == "PUBLIC"


@pytest.mark.parametrize("options", [{"password": "wrong"}, {"user": "nobody_there"}])
def test_wrong_password(options):
    with pytest.raises(DatabaseError, match="Incorrect username or password was specified"):
        snowflake.connector.connect(**parameters(**options))


def test_unknown_database_is_said():
    with pytest.raises(DatabaseError):
        snowflake.connector.connect(**parameters(database="NO_SUCH_DATABASE"))


def test_sessions_are_apart(connect, query):
    one, other = connect(), connect()
    query(one, "ALTER SESSION SET QUERY_TAG = 'one'")
    query(one, "SET mine = 1")
    assert one.session_id != other.session_id
    assert query(one, "SELECT $mine") == [(1,)]
    with pytest.raises(ProgrammingError, match="mine|MINE"):
        query(other, "SELECT $mine")


def test_parameters_round_trip(connection, query):
    query(connection, "ALTER SESSION SET TIMEZONE = 'Asia/Tokyo'")
    value, = query(connection, "SELECT '2024-01-01 00:00:00'::TIMESTAMP_LTZ")[0]
    assert value.isoformat() == "2024-01-01T00:00:00+09:00"


def test_closed_connection(connect, query):
    connection = connect()
    assert not connection.is_closed()
    connection.close()
    assert connection.is_closed()
    with pytest.raises(DatabaseError):
        query(connection, "SELECT 1")


def test_close_rolls_back(connect, query):
    one = connect()
    query(one, "CREATE OR REPLACE TABLE kept (n INT)")
    query(one, "BEGIN")
    query(one, "INSERT INTO kept VALUES (1)")
    one.close()
    assert query(connect(), "SELECT count(*) FROM kept") == [(0,)]


def test_autocommit_off(connect, query):
    query(connect(), "CREATE OR REPLACE TABLE held (n INT)")
    writer, reader = connect(autocommit=False), connect()
    query(writer, "INSERT INTO held VALUES (1)")
    assert query(reader, "SELECT count(*) FROM held") == [(0,)]
    writer.commit()
    assert query(reader, "SELECT count(*) FROM held") == [(1,)]
    query(writer, "INSERT INTO held VALUES (2)")
    writer.rollback()
    assert query(reader, "SELECT count(*) FROM held") == [(1,)]


def test_key_pair(connection, query):
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    key, other = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    base64 = "".join(public.decode().splitlines()[1:-1])
    query(connection, f"CREATE OR REPLACE USER signer RSA_PUBLIC_KEY = '{base64}'")

    def log_in(private):
        encoded = private.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8,
                                        serialization.NoEncryption())
        return snowflake.connector.connect(**parameters(user="SIGNER", password=None, private_key=encoded,
                                                        authenticator="SNOWFLAKE_JWT"))

    with log_in(key) as signed:
        assert query(signed, "SELECT CURRENT_USER()") == [("SIGNER",)]
    with pytest.raises(DatabaseError, match="JWT token is invalid"):
        log_in(other)
    query(connection, "ALTER USER signer SET DISABLED = TRUE")
    with pytest.raises(DatabaseError, match="JWT token is invalid"):
        log_in(key)
    with pytest.raises(ProgrammingError, match="public key"):
        query(connection, "ALTER USER signer SET RSA_PUBLIC_KEY = 'AAAA'")
