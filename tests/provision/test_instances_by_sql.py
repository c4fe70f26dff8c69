# SPDX-License-Identifier: Apache-2.0
"""POSTGRES INSTANCE, network policies and storage integrations: statements of the warehouse that real servers obey."""

import json
import os
import signal
from contextlib import closing

import psycopg2
import pytest

from support.product import Product
from support.waiting import wait_for

CREATE = ("CREATE POSTGRES INSTANCE {} COMPUTE_FAMILY = 'STANDARD_M' STORAGE_SIZE_GB = 10 "
          "AUTHENTICATION_AUTHORITY = POSTGRES")


@pytest.fixture
def product(installation):
    made = Product(installation).up()
    yield made
    made.remove()


def rows(product, *statements):
    """Of the last one; as dictionaries."""
    with closing(product.connect()) as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        if cursor.description is None:
            return None
        return [dict(zip((column.name for column in cursor.description), row)) for row in cursor.fetchall()]


def state(product, name="SHOP"):
    found = rows(product, f"SHOW POSTGRES INSTANCES LIKE '{name}'")
    return found[0]["state"] if found else None


def create(product, name="shop"):
    (answer,) = rows(product, CREATE.format(name))
    return {role["name"]: role["password"] for role in json.loads(answer["access_roles"])}


def await_ready(product, name="SHOP"):
    wait_for(lambda: state(product, name) == "READY", f"{name} is not READY", 60)
    return rows(product, f"SHOW POSTGRES INSTANCES LIKE '{name}'")[0]["host"]


def connect(host, users, user="snowflake_admin"):
    return psycopg2.connect(host=host, port=5432, dbname="postgres", user=user, password=users[user], sslmode="require",
                            connect_timeout=5)


def lets_in(host, users, user="snowflake_admin"):
    try:
        connect(host, users, user).close()
        return True
    except psycopg2.OperationalError as error:
        assert "pg_hba.conf" in str(error), error
        return False


def attach(product, allowed, blocked=(), name="shop"):
    rules = {kind: ", ".join(f"'{value}'" for value in values) for kind, values in (("allowed", allowed), ("blocked", blocked))}
    rows(product, "CREATE DATABASE IF NOT EXISTS net",
         f"CREATE OR REPLACE NETWORK RULE net.public.yes TYPE = IPV4 MODE = POSTGRES_INGRESS VALUE_LIST = ({rules['allowed']})",
         f"CREATE OR REPLACE NETWORK RULE net.public.no TYPE = IPV4 MODE = POSTGRES_INGRESS VALUE_LIST = ({rules['blocked']})",
         "CREATE NETWORK POLICY IF NOT EXISTS p ALLOWED_NETWORK_RULE_LIST = ('net.public.yes') "
         "BLOCKED_NETWORK_RULE_LIST = ('net.public.no')",
         f"ALTER POSTGRES INSTANCE {name} SET NETWORK_POLICY = 'p'")


def test_nobody_connects_until_a_policy_lets_them(product):
    users = create(product)
    host = await_ready(product)
    assert not lets_in(host, users)
    attach(product, ["127.0.0.0/8"])
    wait_for(lambda: lets_in(host, users), "the policy lets nobody in", 10)
    assert lets_in(host, users, "application")
    rows(product, "ALTER NETWORK RULE net.public.no SET VALUE_LIST = ('127.0.0.0/8')")
    wait_for(lambda: not lets_in(host, users), "the blocked rule does not win", 10)
    rows(product, "ALTER NETWORK RULE net.public.no SET VALUE_LIST = ()")
    wait_for(lambda: lets_in(host, users), "it stays blocked", 10)
    rows(product, "ALTER POSTGRES INSTANCE shop UNSET NETWORK_POLICY")
    wait_for(lambda: not lets_in(host, users), "without a policy they still connect", 10)


def test_life(product):
    users = create(product)
    host = await_ready(product)
    attach(product, ["127.0.0.0/8"])
    wait_for(lambda: lets_in(host, users), "nobody is let in", 10)
    rows(product, "ALTER POSTGRES INSTANCE shop SUSPEND")
    wait_for(lambda: state(product) == "SUSPENDED", "not suspended", 30)
    with pytest.raises(psycopg2.OperationalError):
        connect(host, users)
    rows(product, "ALTER POSTGRES INSTANCE shop RESUME")
    await_ready(product)
    (answer,) = rows(product, "ALTER POSTGRES INSTANCE shop RESET ACCESS FOR 'application'")
    assert answer["password"] != users["application"]
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        connect(host, users, "application")
    connect(host, {"application": answer["password"]}, "application").close()
    rows(product, "DROP POSTGRES INSTANCE shop")
    assert state(product) is None
    assert json.loads(product.run("instance", "list", "--json")) == []


def test_verifiers_reach_no_log_whatever_the_server_logs(product):
    users = create(product)
    host = await_ready(product)
    attach(product, ["127.0.0.0/8"])
    wait_for(lambda: lets_in(host, users), "nobody is let in", 10)
    cluster = product.home / "instances" / "shop" / "pgdata"
    with open(cluster / "postgresql.conf", "a", encoding="utf-8") as settings:
        settings.write("log_statement = 'all'\nlog_duration = on\nlog_min_duration_statement = 0\n"
                       "log_min_error_statement = 'debug5'\ndebug_print_parse = on\n")
    os.kill(int((cluster / "postmaster.pid").read_text().split()[0]), signal.SIGHUP)

    def logs():
        return "".join(path.read_text(errors="replace") for path in product.home.rglob("*.log"))
    with closing(connect(host, users)) as connection, connection.cursor() as cursor:
        connection.autocommit = True

        def is_logged():
            cursor.execute("SELECT 'a statement'")
            return "a statement" in logs()
        wait_for(is_logged, "the server does not log", 10)
        (answer,) = rows(product, "ALTER POSTGRES INSTANCE shop RESET ACCESS FOR 'application'")
        connect(host, {"application": answer["password"]}, "application").close()
        # One that fails, which the server and the warehouse tell of.
        cursor.execute("ALTER ROLE application RENAME TO somebody")
        with pytest.raises(psycopg2.Error) as told:
            rows(product, "ALTER POSTGRES INSTANCE shop RESET ACCESS FOR 'application'")
    assert "SCRAM-SHA-256$" not in str(told.value)
    wait_for(lambda: 'role "application" does not exist' in logs(), "the failure is not logged", 10)
    assert "SCRAM-SHA-256$" not in logs()
    assert answer["password"] not in logs()


def test_a_closed_integration_leaves_its_instance_closed(product):
    users = create(product)
    host = await_ready(product)
    attach(product, ["127.0.0.0/8"])
    wait_for(lambda: lets_in(host, users), "nobody is let in", 10)
    integration = ("CREATE STORAGE INTEGRATION i TYPE = POSTGRES_EXTERNAL_STORAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE "
                   "STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::1:role/r' STORAGE_ALLOWED_LOCATIONS = ({})")
    for refused in ("'s3://mine//b/'", "'s3://mine/a,s3://other/'", "'s3://mine/%2e%2e/'", "'s3://mine/', 's3://'"):
        with pytest.raises(psycopg2.Error, match="STORAGE_ALLOWED_LOCATIONS"):
            rows(product, integration.format(refused))
    rows(product, integration.format("'s3://mine'"), "ALTER POSTGRES INSTANCE shop SET STORAGE_INTEGRATION = i")
    with closing(connect(host, users)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute("CREATE EXTENSION pg_lake CASCADE")

        def places():
            cursor.execute("SHOW tarn.table_locations")
            return cursor.fetchone()[0]
        wait_for(lambda: places() == "s3://mine/", "the integration is not taken over", 10)
        for change in ("SET STORAGE_ALLOWED_LOCATIONS = ()", "SET ENABLED = FALSE STORAGE_ALLOWED_LOCATIONS = ('*')"):
            rows(product, f"ALTER STORAGE INTEGRATION i {change}")
            wait_for(lambda: places() not in ("", "s3://mine/"), f"open after {change}", 10)
            cursor.execute("SET pg_lake_iceberg.default_location_prefix = 's3://mine/'")
            with pytest.raises(psycopg2.Error):
                cursor.execute("CREATE TABLE t (a int) USING iceberg")
            rows(product, "ALTER STORAGE INTEGRATION i SET ENABLED = TRUE STORAGE_ALLOWED_LOCATIONS = ('s3://mine/')")
            wait_for(lambda: places() == "s3://mine/", "it stays closed", 10)


def test_tables_lie_where_the_integration_allows(product):
    users = create(product)
    host = await_ready(product)
    attach(product, ["127.0.0.0/8"])
    rows(product, "CREATE STORAGE INTEGRATION i TYPE = POSTGRES_EXTERNAL_STORAGE STORAGE_PROVIDER = 'S3' ENABLED = TRUE "
                  "STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::1:role/r' STORAGE_ALLOWED_LOCATIONS = ('s3://mine/')",
         "ALTER POSTGRES INSTANCE shop SET STORAGE_INTEGRATION = i")
    wait_for(lambda: lets_in(host, users), "nobody is let in", 10)
    with closing(connect(host, users)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute("CREATE EXTENSION pg_lake CASCADE")

        def shown():
            cursor.execute("SHOW tarn.table_locations")
            return cursor.fetchone()[0]
        wait_for(lambda: shown() == "s3://mine/", "the integration is not taken over", 10)
        cursor.execute("SET pg_lake_iceberg.default_location_prefix = 's3://mine/'")
        cursor.execute("CREATE TABLE t (a int) USING iceberg")
        cursor.execute("INSERT INTO t VALUES (1)")
        cursor.execute("SELECT metadata_location FROM iceberg_tables")
        ((location,),) = cursor.fetchall()
        with pytest.raises(psycopg2.Error):
            cursor.execute("SET pg_lake_iceberg.default_location_prefix = 's3://other/'")
            cursor.execute("CREATE TABLE u (a int) USING iceberg")
    assert location.startswith("s3://mine/")
    product.fsck(location)
    with pytest.raises(psycopg2.Error, match="EXTERNAL_STAGE"):
        rows(product, "CREATE DATABASE d", "CREATE STAGE s URL = 's3://mine/' STORAGE_INTEGRATION = i")


def test_a_warehouse_killed_in_a_creation_finishes_it(product, rng):
    users = create(product)
    wait_for(lambda: state(product) == "CREATING", "it is made at once")
    status = json.loads(product.run("status", "--json"))
    os.kill(status["warehouse"]["pid"], signal.SIGKILL)

    def is_ready():
        try:
            return state(product) == "READY"
        except psycopg2.OperationalError:
            return False  # it is being started again
    wait_for(is_ready, "the creation was not finished", 90)
    attach(product, ["127.0.0.0/8"])
    host = await_ready(product)
    wait_for(lambda: lets_in(host, users), "the passwords that were told do not hold", 10)


def test_instances_of_the_command_line_are_shown_and_keep_their_access(product):
    made = json.loads(product.run("instance", "create", "tool", "--json"))
    wait_for(lambda: state(product, "TOOL") == "READY", "it is not shown", 20)
    assert lets_in(made["host"], made["users"])
    product.run("instance", "stop", "tool")
    wait_for(lambda: state(product, "TOOL") == "SUSPENDED", "its stop is not shown", 20)
    product.run("instance", "drop", "tool")
    wait_for(lambda: state(product, "TOOL") is None, "it is still shown", 20)


def test_what_is_wrong_is_said_and_changes_nothing(product):
    for options, words in [
            ("COMPUTE_FAMILY = 'HUGE' STORAGE_SIZE_GB = 10 AUTHENTICATION_AUTHORITY = POSTGRES", "COMPUTE_FAMILY"),
            ("COMPUTE_FAMILY = 'STANDARD_M' STORAGE_SIZE_GB = 5 AUTHENTICATION_AUTHORITY = POSTGRES", "STORAGE_SIZE_GB"),
            ("COMPUTE_FAMILY = 'STANDARD_M' STORAGE_SIZE_GB = 10", "AUTHENTICATION_AUTHORITY"),
            ("COMPUTE_FAMILY = 'STANDARD_M' STORAGE_SIZE_GB = 10 AUTHENTICATION_AUTHORITY = POSTGRES NETWORK_POLICY = 'no'", "NO"),
            ("COMPUTE_FAMILY = 'STANDARD_M' STORAGE_SIZE_GB = 10 AUTHENTICATION_AUTHORITY = POSTGRES COLOUR = 'red'", "COLOUR")]:
        with pytest.raises(psycopg2.Error, match=words):
            rows(product, f"CREATE POSTGRES INSTANCE bad {options}")
    with pytest.raises(psycopg2.Error, match="300.1.1.1"):
        rows(product, "CREATE DATABASE d", "CREATE NETWORK RULE r TYPE = IPV4 VALUE_LIST = ('300.1.1.1')")
    with pytest.raises(psycopg2.Error, match="quotes"):
        rows(product, CREATE.format('"shop"'))
    assert rows(product, "SHOW POSTGRES INSTANCES") == []
    assert json.loads(product.run("instance", "list", "--json")) == []
