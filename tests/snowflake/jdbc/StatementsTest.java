// SPDX-License-Identifier: Apache-2.0

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import net.snowflake.client.api.connection.SnowflakeConnection;
import net.snowflake.client.api.resultset.SnowflakeResultSet;
import net.snowflake.client.api.statement.SnowflakeStatement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Statements, counts, transactions, batches, failures, cancelling. Expected values: JDBC's and Snowflake's documentation. */
class StatementsTest {
  /** It would take hours. */
  static final String SLOW =
      "SELECT COUNT(*) FROM TABLE(GENERATOR(ROWCOUNT => 200000)) a, TABLE(GENERATOR(ROWCOUNT => 2000000)) b";

  Connection connection;

  @BeforeEach
  void open() throws SQLException {
    connection = Server.openHere();
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
  }

  @Test
  void tellsItself() throws SQLException {
    DatabaseMetaData data = connection.getMetaData();
    assertEquals("Snowflake", data.getDatabaseProductName());
    assertTrue(data.getDatabaseProductVersion().matches("\\d+(\\.\\d+)+.*"), data.getDatabaseProductVersion());
    assertEquals(Server.DATABASE, connection.getCatalog());
    assertEquals("PUBLIC", connection.getSchema());
    assertTrue(connection.isValid(10));
  }

  @Test
  void putsAndGetsFiles(@TempDir Path directory) throws Exception {
    Files.writeString(directory.resolve("a.csv"), "1,x\n");
    Files.writeString(directory.resolve("b.csv"), "2,y\n");
    Path back = Files.createDirectory(directory.resolve("back"));
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE OR REPLACE STAGE java_files");
      statement.execute("PUT file://" + directory + "/*.csv @java_files AUTO_COMPRESS = FALSE");
      statement.execute("CREATE OR REPLACE TABLE java_loaded (n INT, s VARCHAR)");
      statement.execute("COPY INTO java_loaded FROM @java_files");
      try (ResultSet rows = statement.executeQuery("SELECT s FROM java_loaded ORDER BY n")) {
        assertTrue(rows.next());
        assertEquals("x", rows.getString(1));
        assertTrue(rows.next());
        assertEquals("y", rows.getString(1));
      }
      statement.execute("GET @java_files file://" + back);
    }
    assertEquals("2,y\n", Files.readString(back.resolve("b.csv")));
  }

  @Test
  void refusesWrongPasswords() {
    SQLException failure = assertThrows(SQLException.class, () -> Server.open("password", "wrong"));
    assertEquals(390100, failure.getErrorCode());
    assertTrue(failure.getMessage().contains("Incorrect username or password was specified"), failure.getMessage());
  }

  @Test
  void countsRows() throws SQLException {
    Server.run(connection, "CREATE OR REPLACE TABLE counts (n INT, s VARCHAR)");
    try (Statement statement = connection.createStatement()) {
      assertEquals(0, statement.executeUpdate("CREATE OR REPLACE TABLE other (n INT)"));
      assertEquals(3, statement.executeUpdate("INSERT INTO counts VALUES (1, 'a'), (2, 'b'), (3, 'c')"));
      assertEquals(2, statement.executeUpdate("UPDATE counts SET s = 'x' WHERE n > 1"));
      assertEquals(
          2,
          statement.executeUpdate(
              "MERGE INTO counts USING (SELECT column1 AS n FROM VALUES (3), (4)) v ON counts.n = v.n WHEN MATCHED "
                  + "THEN UPDATE SET s = 'm' WHEN NOT MATCHED THEN INSERT VALUES (v.n, 'new')"));
      assertEquals(4, statement.executeLargeUpdate("DELETE FROM counts"));
      assertTrue(statement.execute("SELECT 1"));
      assertFalse(statement.execute("INSERT INTO counts VALUES (1, 'a')"));
      assertEquals(1, statement.getUpdateCount());
      assertFalse(statement.getMoreResults());
    }
  }

  @Test
  void tellsFailures() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      SQLException failure =
          assertThrows(SQLException.class, () -> statement.executeQuery("SELECT * FROM there_is_none"));
      assertEquals(2003, failure.getErrorCode());
      assertEquals("42S02", failure.getSQLState());
      failure = assertThrows(SQLException.class, () -> statement.execute("SELEC 1"));
      assertEquals(1003, failure.getErrorCode());
      assertEquals("42000", failure.getSQLState());
    }
    assertEquals(List.of("1"), Server.query(connection, "SELECT 1"));
  }

  @Test
  void commitsAndRollsBack() throws SQLException {
    Server.run(connection, "CREATE OR REPLACE TABLE kept (n INT)");
    connection.setAutoCommit(false);
    assertFalse(connection.getAutoCommit());
    Server.run(connection, "INSERT INTO kept VALUES (1)");
    connection.rollback();
    Server.run(connection, "INSERT INTO kept VALUES (2)");
    connection.commit();
    connection.setAutoCommit(true);
    Server.run(connection, "INSERT INTO kept VALUES (3)");
    assertEquals(List.of("2", "3"), Server.query(connection, "SELECT n FROM kept ORDER BY n"));
  }

  @Test
  void movesToOtherPlaces() throws SQLException {
    Server.run(connection, "CREATE OR REPLACE SCHEMA elsewhere");
    connection.setSchema("ELSEWHERE");
    assertEquals("ELSEWHERE", connection.getSchema());
    assertEquals(List.of("ELSEWHERE"), Server.query(connection, "SELECT CURRENT_SCHEMA()"));
    Server.run(connection, "CREATE OR REPLACE DATABASE " + Server.DATABASE + "_OTHER");
    connection.setCatalog(Server.DATABASE + "_OTHER");
    assertEquals(Server.DATABASE + "_OTHER", connection.getCatalog());
    Server.run(connection, "DROP DATABASE " + Server.DATABASE + "_OTHER");
  }

  @Test
  void insertsBatches() throws SQLException {
    Server.run(connection, "CREATE OR REPLACE TABLE batches (n INT, f FLOAT, s VARCHAR)");
    final int rows = 2000;
    try (PreparedStatement insert = connection.prepareStatement("INSERT INTO batches VALUES (?, ?, ?)")) {
      assertEquals(3, insert.getParameterMetaData().getParameterCount());
      for (int i = 0; i < rows; ++i) {
        insert.setInt(1, i);
        insert.setDouble(2, i / 2.0);
        if (i % 10 == 0) {
          insert.setNull(3, java.sql.Types.VARCHAR);
        } else {
          insert.setString(3, "row " + i);
        }
        insert.addBatch();
      }
      int[] counts = insert.executeBatch();
      assertEquals(rows, counts.length);
      for (int count : counts) assertTrue(count == 1 || count == Statement.SUCCESS_NO_INFO, "count " + count);
    }
    assertEquals(
        List.of("2000|1999000|1800"),
        Server.query(connection, "SELECT COUNT(*), SUM(n), COUNT(s) FROM batches WHERE f = n / 2"));
    try (PreparedStatement update = connection.prepareStatement("UPDATE batches SET s = ? WHERE n = ?")) {
      for (int i = 0; i < 3; ++i) {
        update.setString(1, "changed");
        update.setInt(2, i);
        update.addBatch();
      }
      assertArrayEquals(new int[] {1, 1, 1}, update.executeBatch());
    }
    try (Statement statement = connection.createStatement()) {
      statement.addBatch("INSERT INTO batches VALUES (-1, 0, 'a'), (-2, 0, 'b')");
      statement.addBatch("DELETE FROM batches WHERE n < 0");
      assertArrayEquals(new int[] {2, 2}, statement.executeBatch());
      statement.clearBatch();
      statement.addBatch("INSERT INTO there_is_none VALUES (1)");
      assertThrows(BatchUpdateException.class, statement::executeBatch);
    }
  }

  @Test
  void describesPreparedStatements() throws SQLException {
    Server.run(connection, "CREATE OR REPLACE TABLE described (n NUMBER(10, 2) NOT NULL, s VARCHAR(20))");
    try (PreparedStatement prepared = connection.prepareStatement("SELECT n, s FROM described WHERE n = ?")) {
      assertEquals(2, prepared.getMetaData().getColumnCount());
      assertEquals("N", prepared.getMetaData().getColumnName(1));
      assertEquals(10, prepared.getMetaData().getPrecision(1));
      assertEquals(2, prepared.getMetaData().getScale(1));
      assertEquals(1, prepared.getParameterMetaData().getParameterCount());
    }
  }

  @Test
  void runsSeveralStatements() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.unwrap(SnowflakeStatement.class).setParameter("MULTI_STATEMENT_COUNT", 3);
      assertFalse(statement.execute("CREATE OR REPLACE TABLE several (n INT); INSERT INTO several VALUES (1), (2); "
          + "SELECT SUM(n) FROM several"));
      // The driver says that there is more, where JDBC asks whether it is a result set.
      assertTrue(statement.getMoreResults());
      assertEquals(2, statement.getUpdateCount());
      assertTrue(statement.getMoreResults());
      assertEquals(List.of("3"), Server.rows(statement.getResultSet()));
    }
  }

  @Test
  void runsAsynchronously() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      ResultSet set =
          statement
              .unwrap(SnowflakeStatement.class)
              .executeAsyncQuery("SELECT COUNT(*) FROM TABLE(GENERATOR(ROWCOUNT => 1000))");
      String id = set.unwrap(SnowflakeResultSet.class).getQueryID();
      assertEquals(List.of("1000"), Server.rows(set));
      ResultSet again = connection.unwrap(SnowflakeConnection.class).createResultSet(id);
      assertEquals(List.of("1000"), Server.rows(again));
    }
  }

  @Test
  @Timeout(60)
  void cancels() throws Exception {
    try (Statement statement = connection.createStatement()) {
      Thread canceller =
          new Thread(
              () -> {
                try {
                  Thread.sleep(1500);
                  statement.cancel();
                } catch (Exception failure) {
                  failure.printStackTrace();
                }
              });
      canceller.start();
      SQLException failure = assertThrows(SQLException.class, () -> statement.executeQuery(SLOW));
      canceller.join();
      assertEquals(604, failure.getErrorCode());
      assertEquals("57014", failure.getSQLState());
    }
    assertEquals(List.of("1"), Server.query(connection, "SELECT 1"));
  }

  @Test
  @Timeout(60)
  void timesOut() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.setQueryTimeout(1);
      SQLException failure = assertThrows(SQLException.class, () -> statement.executeQuery(SLOW));
      assertTrue(failure.getErrorCode() == 630 || failure.getErrorCode() == 604, "code " + failure.getErrorCode());
    }
  }

  @Test
  void setsParametersOfTheSession() throws SQLException {
    try (Connection other = Server.openHere("TIMEZONE", "Asia/Tokyo", "QUERY_TAG", "nightly")) {
      assertEquals(List.of("+0900"), Server.query(other, "SELECT TO_VARCHAR('2024-01-01'::TIMESTAMP_LTZ, 'TZHTZM')"));
      try (Statement statement = other.createStatement()) {
        assertEquals(
            List.of("QUERY_TAG|nightly"),
            Server.rows(statement.executeQuery("SHOW PARAMETERS LIKE 'QUERY_TAG'"), "key", "value"));
      }
    }
  }
}
