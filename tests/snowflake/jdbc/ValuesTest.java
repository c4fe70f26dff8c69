// SPDX-License-Identifier: Apache-2.0

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.Date;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Time;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import java.util.Calendar;
import java.util.List;
import java.util.TimeZone;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Values of every type, bound and read, in JSON and in Arrow. */
class ValuesTest {
  private static Connection open(String form) throws SQLException {
    Connection connection = Server.openHere("TIMEZONE", "UTC");
    Server.run(connection, "ALTER SESSION SET JDBC_QUERY_RESULT_FORMAT = '" + form + "'");
    return connection;
  }

  @ParameterizedTest
  @ValueSource(strings = {"JSON", "ARROW"})
  void reads(String form) throws SQLException {
    try (Connection connection = open(form);
        Statement statement = connection.createStatement();
        ResultSet set =
            statement.executeQuery(
                "SELECT 9007199254740993 AS whole, 12345678901234567890.12::NUMBER(38, 2) AS exact, 1.5::FLOAT AS "
                    + "double, 'é€😀' AS word, TRUE AS truth, TO_BINARY('00FF', 'HEX') AS bytes, '2024-02-29'::DATE AS "
                    + "day, '2024-01-01 01:02:03.123456'::TIMESTAMP_NTZ(6) AS ntz, '2024-01-01 01:02:03.5'"
                    + "::TIMESTAMP_LTZ(3) AS ltz, '1969-12-31 23:59:59.5 +02:00'::TIMESTAMP_TZ(9) AS tz, "
                    + "'12:34:56'::TIME(0) AS clock, NULL::VARCHAR AS nothing, PARSE_JSON('[1]') AS value")) {
      ResultSetMetaData data = set.getMetaData();
      int[] types = {
        Types.BIGINT, Types.DECIMAL, Types.DOUBLE, Types.VARCHAR, Types.BOOLEAN, Types.BINARY, Types.DATE,
        Types.TIMESTAMP
      };
      for (int i = 0; i < types.length; ++i) assertEquals(types[i], data.getColumnType(i + 1), data.getColumnName(i + 1));
      assertEquals("NUMBER", data.getColumnTypeName(1));
      assertEquals(2, data.getScale(2));
      assertEquals("VARIANT", data.getColumnTypeName(13));
      assertTrue(set.next());
      assertEquals(9007199254740993L, set.getLong("WHOLE"));
      assertEquals(new BigDecimal("12345678901234567890.12"), set.getBigDecimal(2));
      assertEquals(1.5, set.getDouble(3));
      assertEquals("é€😀", set.getString(4));
      assertTrue(set.getBoolean(5));
      assertArrayEquals(new byte[] {0, (byte) 0xff}, set.getBytes(6));
      assertEquals("2024-02-29", set.getDate(7).toString());
      assertEquals(Instant.parse("2024-01-01T01:02:03.123456Z"), set.getTimestamp(8, utc()).toInstant());
      assertEquals(Instant.parse("2024-01-01T01:02:03.5Z"), set.getTimestamp(9).toInstant());
      assertEquals(Instant.parse("1969-12-31T21:59:59.5Z"), set.getTimestamp(10).toInstant());
      assertEquals("12:34:56", set.getString(11));
      assertNull(set.getString(12));
      assertTrue(set.wasNull());
      assertEquals("[1]", set.getString(13).replaceAll("\\s", ""));
      assertFalse(set.next());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"JSON", "ARROW"})
  void binds(String form) throws SQLException {
    Timestamp moment = Timestamp.from(Instant.parse("2024-02-29T10:34:56.123456Z"));
    try (Connection connection = open(form)) {
      Server.run(
          connection,
          "CREATE OR REPLACE TABLE bound (n INT, l BIGINT, e NUMBER(38, 2), f FLOAT, s VARCHAR, b BOOLEAN, x BINARY, d "
              + "DATE, t TIME, ltz TIMESTAMP_LTZ(9))");
      try (PreparedStatement insert =
          connection.prepareStatement("INSERT INTO bound VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
        insert.setInt(1, 42);
        insert.setLong(2, Long.MAX_VALUE);
        insert.setBigDecimal(3, new BigDecimal("-12345678901234567890.12"));
        insert.setDouble(4, 0.1);
        insert.setString(5, "it's \\ 'x'");
        insert.setBoolean(6, true);
        insert.setBytes(7, new byte[] {0, (byte) 0xff});
        insert.setDate(8, Date.valueOf("2024-02-29"));
        insert.setTime(9, Time.valueOf("12:34:56"));
        insert.setTimestamp(10, moment);
        assertEquals(1, insert.executeUpdate());
        for (int i = 1; i <= 10; ++i) insert.setNull(i, Types.NULL);
        assertEquals(1, insert.executeUpdate());
      }
      try (PreparedStatement select =
              connection.prepareStatement("SELECT *, TO_VARCHAR(t) FROM bound WHERE n = ? AND s LIKE ?")) {
        select.setInt(1, 42);
        select.setString(2, "it's%");
        ResultSet set = select.executeQuery();
        assertTrue(set.next());
        assertEquals(42, set.getInt(1));
        assertEquals(Long.MAX_VALUE, set.getLong(2));
        assertEquals(new BigDecimal("-12345678901234567890.12"), set.getBigDecimal(3));
        assertEquals(0.1, set.getDouble(4));
        assertEquals("it's \\ 'x'", set.getString(5));
        assertTrue(set.getBoolean(6));
        assertArrayEquals(new byte[] {0, (byte) 0xff}, set.getBytes(7));
        assertEquals("2024-02-29", set.getDate(8).toString());
        assertEquals("12:34:56", set.getString(11).substring(0, 8));
        assertEquals(moment.toInstant(), set.getTimestamp(10).toInstant());
        assertFalse(set.next());
      }
      assertEquals(
          List.of("1"), Server.query(connection, "SELECT COUNT(*) FROM bound WHERE n IS NULL AND ltz IS NULL"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"JSON", "ARROW"})
  void readsResultsInParts(String form) throws SQLException {
    final int rows = 200000;
    try (Connection connection = open(form);
        Statement statement = connection.createStatement();
        ResultSet set =
            statement.executeQuery(
                "SELECT ROW_NUMBER() OVER (ORDER BY 1) - 1 AS n, 'row ' || n AS s, (n / 4)::NUMBER(20, 2) AS e FROM "
                    + "TABLE(GENERATOR(ROWCOUNT => " + rows + ")) ORDER BY n")) {
      int next = 0;
      while (set.next()) {
        assertEquals(next, set.getInt(1));
        assertEquals("row " + next, set.getString(2));
        assertEquals(BigDecimal.valueOf(next * 25L, 2), set.getBigDecimal(3));
        ++next;
      }
      assertEquals(rows, next);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"JSON", "ARROW"})
  void readsNoRows(String form) throws SQLException {
    try (Connection connection = open(form);
        Statement statement = connection.createStatement();
        ResultSet set = statement.executeQuery("SELECT 1 AS a, 'x' AS b WHERE FALSE")) {
      assertEquals(2, set.getMetaData().getColumnCount());
      assertFalse(set.next());
    }
  }

  private static Calendar utc() {
    return Calendar.getInstance(TimeZone.getTimeZone("UTC"));
  }
}
