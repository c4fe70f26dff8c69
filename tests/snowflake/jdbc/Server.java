// SPDX-License-Identifier: Apache-2.0

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/** The server that test_drivers.py started, and short words for what every test does. */
final class Server {
  private Server() {}

  static final String DATABASE = "JDBC_" + ProcessHandle.current().pid();

  /** With nothing but host, port, account and `ssl=off`. */
  static Connection open(String... options) throws SQLException {
    Properties properties = new Properties();
    properties.put("user", System.getenv("TARN_TEST_USER"));
    properties.put("password", System.getenv("TARN_TEST_PASSWORD"));
    for (int i = 0; i < options.length; i += 2) properties.put(options[i], options[i + 1]);
    return DriverManager.getConnection(
        "jdbc:snowflake://" + System.getenv("TARN_TEST_HOST") + ":" + System.getenv("TARN_TEST_PORT")
            + "/?account=tarn&ssl=off&disablePlatformDetection=true",
        properties);
  }

  static Connection openHere(String... options) throws SQLException {
    Connection connection = open(options);
    run(connection, "CREATE DATABASE IF NOT EXISTS " + DATABASE);
    run(connection, "USE SCHEMA " + DATABASE + ".PUBLIC");
    return connection;
  }

  static void run(Connection connection, String... statements) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String text : statements) statement.execute(text);
    }
  }

  /** Rows as texts, with | between the columns asked for, or between all. */
  static List<String> rows(ResultSet set, String... columns) throws SQLException {
    List<String> found = new ArrayList<>();
    try (set) {
      while (set.next()) {
        List<String> values = new ArrayList<>();
        for (String column : columns) values.add(set.getString(column));
        for (int i = 1; columns.length == 0 && i <= set.getMetaData().getColumnCount(); ++i) {
          values.add(set.getString(i));
        }
        found.add(String.join("|", values.stream().map(String::valueOf).toList()));
      }
    }
    return found;
  }

  static List<String> query(Connection connection, String text) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      return rows(statement.executeQuery(text));
    }
  }
}
