# SPDX-License-Identifier: Apache-2.0
"""What drivers make of it: psql, psycopg2, psycopg, asyncpg, pg8000, and JDBC and ODBC where they are installed."""

import asyncio
import datetime
import decimal
import pathlib
import shutil
import subprocess
import textwrap
import uuid

import asyncpg
import pg8000.dbapi
import psycopg
import psycopg2
import pytest

from support import layout
from support.wire_server import PASSWORD

UTC = datetime.timezone.utc
SECOND = datetime.datetime(2000, 1, 2, 3, 4, 5, 120000)
# The row of `types` as Python sees it; JSON, bytes and what drivers see differently are left to each test.
VALUES = {"n_int": -7, "n_long": 1 << 40, "n_wide": decimal.Decimal(12345), "n_scale": decimal.Decimal("-12345.67"), "f": 0.1,
          "s": "hé'\"", "bo": True, "d": datetime.date(2000, 1, 2), "t": datetime.time(1, 2, 3, 500000),
          "t9": datetime.time(1, 2, 3, 500000), "ntz": SECOND, "ntz9": SECOND, "ltz": SECOND.replace(tzinfo=UTC),
          "tz": SECOND.replace(microsecond=0, tzinfo=UTC), "nothing": None}


def check_values(names, row):
    found = dict(zip(names, row))
    for name, value in VALUES.items():
        assert found[name] == value and type(found[name]) is type(value), name
    assert bytes(found["b"]) == b"\x00\xff"
    assert str(found["u"]) == "00112233-4455-6677-8899-aabbccddeeff"
    assert found["v"] in ({"a": [1, "x"]}, '{"a": [1, "x"]}')


def psql(wire, *arguments, input=None, **settings):
    return subprocess.run([str(layout.POSTGRESQL / "bin" / "psql"), wire.dsn(**settings), "-X", *arguments],
                          capture_output=True, text=True, timeout=60, input=input)


def test_psql(wire):
    done = psql(wire, "-At", "-c", "SELECT 1; SELECT 'x'", "-c", "rows 2", channel_binding="require")
    assert done.returncode == 0 and done.stdout.splitlines()[:3] == ["1", "x", "1|a name of some letters|1234.56|"
                                                                    "2023-11-14 22:13:20.123456"]
    assert "TLSv1.3" in psql(wire, "-c", r"\conninfo").stdout
    failed = psql(wire, "-c", "SELECT 'é', nosuch")
    assert failed.returncode == 1 and failed.stderr.splitlines()[1:] == ["LINE 1: SELECT 'é', nosuch", "                    ^"]
    counted = psql(wire, "-At", "-v", "FETCH_COUNT=3", "-c", "SELECT g FROM generate_series(1, 10) g")
    assert counted.stdout.split() == [str(i) for i in range(1, 11)]
    copied = psql(wire, "-c", r"\copy (rows 2) to stdout csv header")
    assert copied.stdout.splitlines()[0] == "id,name,amount,at"
    status = psql(wire, "-c", "SET tarn.status_rows = on", "-c", "CREATE TABLE x", "-c", "INSERT INTO t VALUES (1)")
    assert "Statement executed successfully." in status.stdout and "number of rows changed" in status.stdout
    assert psql(wire, "-c", "notice hello").stderr.strip() == "NOTICE:  hello"
    assert psql(wire, "-At", input="SELECT $1::int8 AS a \\bind 5 \\g\n").stdout == "5\n"
    assert "direct" not in psql(wire, "-c", "SELECT 1", sslnegotiation="direct").stderr


def test_psycopg2(wire):
    connection = psycopg2.connect(wire.dsn())
    cursor = connection.cursor()
    cursor.execute("types")
    check_values([column.name for column in cursor.description], cursor.fetchone())
    assert cursor.fetchone() == (None,) * len(cursor.description)
    cursor.execute("INSERT INTO t VALUES (%s)", ("it's",))
    assert cursor.rowcount == 1
    with pytest.raises(psycopg2.errors.DivisionByZero):
        cursor.execute("error 22012 division")
    with pytest.raises(psycopg2.errors.InFailedSqlTransaction):
        cursor.execute("SELECT 1")
    connection.rollback()
    named = connection.cursor("paged")
    named.itersize = 7
    named.execute("SELECT g FROM generate_series(1, 100) g")
    assert [row[0] for row in named] == list(range(1, 101))
    connection.commit()
    held = connection.cursor("held", withhold=True)
    held.execute("SELECT g FROM generate_series(1, 5) g")
    connection.commit()
    assert len(held.fetchall()) == 5
    connection.close()


@pytest.mark.parametrize("binary", [False, True])
def test_psycopg(wire, binary):
    with psycopg.connect(wire.dsn()) as connection:
        cursor = connection.execute("types", binary=binary)
        check_values([column.name for column in cursor.description], cursor.fetchone())
        assert cursor.fetchone() == (None,) * len(cursor.description)
        for number in range(8):
            assert connection.execute("SELECT %s::int8", (number,)).fetchone() == (number,)
        moment = datetime.datetime(2020, 5, 6, 7, 8, 9, 123456)
        for value, kind in [(True, "bool"), (2.5, "float8"), (b"\0\xff", "bytea"), (moment, "timestamp"), (moment.date(), "date"),
                            (moment.time(), "time"), (moment.replace(tzinfo=UTC), "timestamptz"), ("é", "text"), (None, "text")]:
            assert connection.execute(f"SELECT %s::{kind}", (value,)).fetchone() == (value,), kind
        with pytest.raises(psycopg.errors.SyntaxError):
            connection.execute("SELEC")
        connection.rollback()
        with connection.pipeline():
            results = [connection.execute("SELECT %s::int8", (number,)) for number in range(50)]
            assert [result.fetchone()[0] for result in results] == list(range(50))
        with connection.cursor("server side", binary=binary) as cursor:
            cursor.execute("SELECT g::int8 AS g FROM generate_series(1, 250) g")
            assert sum(row[0] for row in cursor) == 250 * 251 // 2
        with connection.cursor().copy("COPY (rows 3) TO STDOUT") as copy:
            assert len(list(copy.rows())) == 3
        assert connection.info.transaction_status == psycopg.pq.TransactionStatus.INTRANS


def test_asyncpg(wire):
    async def work():
        connection = await asyncpg.connect(host="127.0.0.1", port=wire.port, user="admin", password=PASSWORD, database="lake",
                                           ssl="require")
        row = await connection.fetchrow("types")
        check_values(row.keys(), row.values())
        assert await connection.fetchval("SELECT $1::int8", 7) == 7
        assert await connection.fetchval("SELECT g FROM generate_series(1, 10) g") == 1
        moment = datetime.datetime(2020, 5, 6, 7, 8, 9, 123456)
        for value, kind in [(True, "bool"), (2.5, "float8"), (b"\0\xff", "bytea"), (moment, "timestamp"), (moment.date(), "date"),
                            (moment.time(), "time"), (moment.replace(tzinfo=UTC), "timestamptz"), ("é", "text"), (None, "text"),
                            (decimal.Decimal("-10000.0500"), "numeric(10,4)"), (uuid.UUID(int=5), "uuid")]:
            assert await connection.fetchval(f"SELECT $1::{kind}", value) == value, kind
        async with connection.transaction():
            seen = [record["g"] async for record in connection.cursor("SELECT g FROM generate_series(1, 120) g", prefetch=50)]
            assert seen == list(range(1, 121))
        with pytest.raises(asyncpg.DivisionByZeroError):
            await connection.execute("error 22012 division")
        with pytest.raises(asyncio.TimeoutError):
            await connection.fetch("SELECT pg_sleep(60)", timeout=0.2)
        assert await connection.execute("INSERT INTO t VALUES (1)") == "INSERT 0 1"
        await connection.reset()
        await connection.close()
        pool = await asyncpg.create_pool(host="127.0.0.1", port=wire.port, user="admin", password=PASSWORD, min_size=2, max_size=5)
        values = await asyncio.gather(*[pool.fetchval("SELECT $1::int8", i) for i in range(50)])
        assert values == list(range(50))
        await pool.close()

    asyncio.run(work())


def test_pg8000(wire):
    connection = pg8000.dbapi.connect(user="admin", password=PASSWORD, host="127.0.0.1", port=wire.port, database="lake",
                                      ssl_context=True)
    cursor = connection.cursor()
    cursor.execute("types")
    check_values([column[0] for column in cursor.description], cursor.fetchone())
    cursor.execute("SELECT %s::int8, %s::text", (5, "x"))
    assert tuple(cursor.fetchone()) == (5, "x")
    with pytest.raises(pg8000.dbapi.DatabaseError) as caught:
        cursor.execute("error 42P01 nothing")
    assert caught.value.args[0]["C"] == "42P01"
    connection.rollback()
    connection.close()


JDBC = pathlib.Path("/usr/share/java/postgresql.jar")
JAVA_PROGRAM = """
    import java.sql.*;
    public class Client {
      static void check(boolean right, String what) { if (!right) throw new RuntimeException(what); }
      public static void main(String[] arguments) throws Exception {
        Connection c = DriverManager.getConnection(arguments[0], "admin", arguments[1]);
        check(c.isValid(5), "valid");
        try (ResultSet r = c.createStatement().executeQuery("types")) {
          check(r.next(), "row");
          check(r.getInt("n_int") == -7 && r.getLong("n_long") == 1L << 40, "integers");
          check(r.getBigDecimal("n_scale").toString().equals("-12345.67") && r.getDouble("f") == 0.1, "numbers");
          check(r.getTimestamp("ntz").toString().equals("2000-01-02 03:04:05.12") && r.getBoolean("bo"), "timestamp");
          check(r.getBytes("b").length == 2 && r.next() && r.getString("s") == null, "bytes and nulls");
        }
        PreparedStatement p = c.prepareStatement(
            "SELECT ?::int8 AS a, ?::text AS b, ?::timestamp AS c, ?::date AS d, ?::numeric(10,2) AS e, ?::float8 AS f, ?::bool AS g");
        for (int i = 0; i < 12; i++) {
          p.setLong(1, i); p.setString(2, "x" + i); p.setTimestamp(3, Timestamp.valueOf("2020-01-02 03:04:05.678"));
          p.setDate(4, Date.valueOf("2020-01-02")); p.setBigDecimal(5, new java.math.BigDecimal("-1.50"));
          p.setDouble(6, 0.25); p.setBoolean(7, i % 2 == 0);
          try (ResultSet r = p.executeQuery()) {
            check(r.next() && r.getLong(1) == i && r.getString(2).equals("x" + i), "run " + i);
            check(r.getTimestamp(3).toString().equals("2020-01-02 03:04:05.678") && r.getDate(4).toString().equals("2020-01-02"), "times " + i);
            check(r.getBigDecimal(5).toString().equals("-1.50") && r.getDouble(6) == 0.25 && r.getBoolean(7) == (i % 2 == 0), "rest " + i);
          }
        }
        check(c.createStatement().executeUpdate("INSERT INTO t VALUES (1)") == 1, "count");
        check(c.createStatement().executeUpdate("CREATE TABLE x") == 0, "no count");
        c.setAutoCommit(false);
        Statement paged = c.createStatement();
        paged.setFetchSize(7);
        long sum = 0;
        try (ResultSet r = paged.executeQuery("SELECT g FROM generate_series(1, 100) g")) { while (r.next()) sum += r.getLong(1); }
        check(sum == 5050, "pages");
        Savepoint s = c.setSavepoint();
        try { c.createStatement().executeQuery("error 22012 division"); check(false, "no error"); }
        catch (SQLException e) { check(e.getSQLState().equals("22012"), e.toString()); }
        c.rollback(s);
        c.commit();
        c.setAutoCommit(true);
        Statement limited = c.createStatement();
        limited.setMaxRows(3);
        // Without the extended protocol there is no limit to send.
        for (int i = 0; i < 3 && arguments[2].equals("extended"); i++) {
          int rows = 0;
          try (ResultSet r = limited.executeQuery("rows 10")) { while (r.next()) rows++; }
          check(rows == 3, "limited");
        }
        Statement slow = c.createStatement();
        slow.setQueryTimeout(1);
        try { slow.executeQuery("SELECT pg_sleep(60)"); check(false, "no timeout"); }
        catch (SQLException e) { check(e.getSQLState().equals("57014"), e.toString()); }
        PreparedStatement batch = c.prepareStatement("INSERT INTO t VALUES (1)");
        for (int i = 0; i < 300; i++) batch.addBatch();
        check(batch.executeBatch().length == 300, "batch");
        c.setReadOnly(true);
        c.close();
        System.out.println("done");
      }
    }
"""


@pytest.mark.skipif(not JDBC.exists() or shutil.which("java") is None, reason="needs libpostgresql-jdbc-java and Java")
@pytest.mark.parametrize("mode", ["extended", "simple", "extendedForPrepared"])
def test_jdbc(wire, tmp_path, mode):
    """In one file: a JRE has no compiler, but runs sources where the module for it is there."""
    program = tmp_path / "Client.java"
    program.write_text(textwrap.dedent(JAVA_PROGRAM))
    url = f"jdbc:postgresql://127.0.0.1:{wire.port}/lake?sslmode=require&preferQueryMode={mode}"
    if "jdk.compiler" not in subprocess.run(["java", "--list-modules"], capture_output=True, text=True).stdout:
        pytest.skip("needs a JDK")
    done = subprocess.run(["java", "-cp", str(JDBC), str(program), url, PASSWORD, mode], capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "done", done.stderr


@pytest.mark.skipif(shutil.which("isql") is None, reason="needs odbc-postgresql and unixodbc")
def test_odbc(wire):
    drivers = subprocess.run(["odbcinst", "-q", "-d"], capture_output=True, text=True)
    if "PostgreSQL Unicode" not in drivers.stdout:
        pytest.skip("needs odbc-postgresql")
    for more in ["", ";UseDeclareFetch=1;Fetch=3"]:
        link = (f"Driver=PostgreSQL Unicode;Server=127.0.0.1;Port={wire.port};Database=lake;UID=admin;PWD={PASSWORD};"
                f"SSLmode=require;UseServerSidePrepare=1{more}")
        done = subprocess.run(["isql", "-k", link, "-b", "-d,"], input="SELECT g FROM generate_series(1, 10) g\n", capture_output=True,
                              text=True, timeout=60)
        assert [line for line in done.stdout.split() if line.isdigit()] == [str(i) for i in range(1, 11)], done.stdout + done.stderr
