// SPDX-License-Identifier: Apache-2.0

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** DatabaseMetaData: what tools that browse a database ask. Columns and their meaning: java.sql.DatabaseMetaData's documentation. */
class MetadataTest {
  static final String SHOP = "JDBC_SHOP_" + ProcessHandle.current().pid();
  static Connection connection;
  static DatabaseMetaData data;

  @BeforeAll
  static void open() throws SQLException {
    connection = Server.open();
    Server.run(
        connection,
        "CREATE OR REPLACE DATABASE " + SHOP,
        "CREATE SCHEMA old",
        "USE SCHEMA " + SHOP + ".PUBLIC",
        "CREATE TABLE customer (id INT NOT NULL, region VARCHAR(2), name VARCHAR(40) DEFAULT 'x' COMMENT 'who', "
            + "CONSTRAINT customer_key PRIMARY KEY (region, id), UNIQUE (name)) COMMENT = 'all of them'",
        "CREATE TABLE orders (id INT AUTOINCREMENT PRIMARY KEY, customer_region VARCHAR(2), customer_id INT, amount "
            + "NUMBER(12, 2), rate FLOAT, paid BOOLEAN, day DATE, placed TIMESTAMP_NTZ, seen TIMESTAMP_TZ, clock TIME, "
            + "raw BINARY, data VARIANT, CONSTRAINT of_customer FOREIGN KEY (customer_region, customer_id) REFERENCES "
            + "customer (region, id))",
        "CREATE VIEW big_orders AS SELECT * FROM orders WHERE amount > 100",
        "CREATE TABLE \"odd \"\"name\" (\"a b\" INT)",
        "CREATE PROCEDURE twice(n INT) RETURNS INT LANGUAGE SQL AS 'BEGIN RETURN n * 2; END'");
    data = connection.getMetaData();
  }

  @AfterAll
  static void close() throws SQLException {
    Server.run(connection, "DROP DATABASE " + SHOP);
    connection.close();
  }

  @Test
  void listsCatalogsAndSchemas() throws SQLException {
    assertTrue(Server.rows(data.getCatalogs(), "TABLE_CAT").contains(SHOP));
    assertEquals(
        List.of("INFORMATION_SCHEMA|" + SHOP, "OLD|" + SHOP, "PUBLIC|" + SHOP),
        Server.rows(data.getSchemas(SHOP, "%"), "TABLE_SCHEM", "TABLE_CATALOG"));
    assertEquals(List.of("OLD"), Server.rows(data.getSchemas(SHOP, "O%"), "TABLE_SCHEM"));
    assertTrue(Server.rows(data.getSchemas(), "TABLE_CATALOG").contains(SHOP));
  }

  @Test
  void listsTables() throws SQLException {
    assertEquals(
        List.of("BIG_ORDERS|VIEW|", "CUSTOMER|TABLE|all of them", "ORDERS|TABLE|", "odd \"name|TABLE|"),
        Server.rows(data.getTables(SHOP, "PUBLIC", "%", null), "TABLE_NAME", "TABLE_TYPE", "REMARKS").stream()
            .map(row -> row.replace("|null", "|")).sorted().toList());
    assertEquals(
        List.of("BIG_ORDERS"),
        Server.rows(data.getTables(SHOP, "PUBLIC", "%", new String[] {"VIEW"}), "TABLE_NAME"));
    assertEquals(
        List.of(SHOP + "|PUBLIC|ORDERS"),
        Server.rows(data.getTables(SHOP, null, "ORD%", new String[] {"TABLE"}), "TABLE_CAT", "TABLE_SCHEM", "TABLE_NAME"));
    assertEquals(List.of(), Server.rows(data.getTables(SHOP, "NONE", "%", null)));
  }

  @Test
  void listsColumns() throws SQLException {
    assertEquals(
        List.of("ID|-5|NUMBER|38|0|NO|YES", "CUSTOMER_REGION|12|VARCHAR|2|0|YES|NO", "CUSTOMER_ID|-5|NUMBER|38|0|YES|NO",
            "AMOUNT|3|NUMBER|12|2|YES|NO"),
        Server.rows(data.getColumns(SHOP, "PUBLIC", "ORDERS", "%"), "COLUMN_NAME", "DATA_TYPE", "TYPE_NAME",
                "COLUMN_SIZE", "DECIMAL_DIGITS", "IS_NULLABLE", "IS_AUTOINCREMENT").stream()
            .map(row -> row.replace("|null", "|0")).limit(4).toList());
    assertEquals(
        List.of("RATE|DOUBLE", "PAID|BOOLEAN", "DAY|DATE", "PLACED|TIMESTAMPNTZ", "SEEN|TIMESTAMPTZ", "CLOCK|TIME",
            "RAW|BINARY", "DATA|VARIANT"),
        Server.rows(data.getColumns(SHOP, "PUBLIC", "ORDERS", "%"), "COLUMN_NAME", "TYPE_NAME").stream().skip(4).toList());
    assertEquals(
        List.of("NAME|x|who"),
        Server.rows(data.getColumns(SHOP, "PUBLIC", "CUSTOMER", "NAM%"), "COLUMN_NAME", "COLUMN_DEF", "REMARKS"));
    assertEquals(
        List.of("a b"), Server.rows(data.getColumns(SHOP, "PUBLIC", "odd \"name", "%"), "COLUMN_NAME"));
    assertEquals(12, Server.rows(data.getColumns(SHOP, "PUBLIC", "BIG\\_ORDERS", "%")).size());
  }

  @Test
  void listsKeys() throws SQLException {
    assertEquals(
        List.of("REGION|1|CUSTOMER_KEY", "ID|2|CUSTOMER_KEY"),
        Server.rows(data.getPrimaryKeys(SHOP, "PUBLIC", "CUSTOMER"), "COLUMN_NAME", "KEY_SEQ", "PK_NAME"));
    List<String> expected =
        List.of("CUSTOMER|REGION|ORDERS|CUSTOMER_REGION|1|OF_CUSTOMER|CUSTOMER_KEY",
            "CUSTOMER|ID|ORDERS|CUSTOMER_ID|2|OF_CUSTOMER|CUSTOMER_KEY");
    String[] columns = {"PKTABLE_NAME", "PKCOLUMN_NAME", "FKTABLE_NAME", "FKCOLUMN_NAME", "KEY_SEQ", "FK_NAME", "PK_NAME"};
    assertEquals(expected, Server.rows(data.getImportedKeys(SHOP, "PUBLIC", "ORDERS"), columns));
    assertEquals(expected, Server.rows(data.getExportedKeys(SHOP, "PUBLIC", "CUSTOMER"), columns));
    assertEquals(
        expected, Server.rows(data.getCrossReference(SHOP, "PUBLIC", "CUSTOMER", SHOP, "PUBLIC", "ORDERS"), columns));
    try (ResultSet set = data.getImportedKeys(SHOP, "PUBLIC", "ORDERS")) {
      assertTrue(set.next());
      assertEquals(DatabaseMetaData.importedKeyNoAction, set.getInt("UPDATE_RULE"));
      assertEquals(DatabaseMetaData.importedKeyNoAction, set.getInt("DELETE_RULE"));
      assertEquals(DatabaseMetaData.importedKeyNotDeferrable, set.getInt("DEFERRABILITY"));
    }
    assertEquals(List.of(), Server.rows(data.getImportedKeys(SHOP, "PUBLIC", "CUSTOMER")));
  }

  @Test
  void listsTypesAndWords() throws SQLException {
    List<String> types = Server.rows(data.getTypeInfo(), "TYPE_NAME");
    assertTrue(types.containsAll(List.of("NUMBER", "VARCHAR", "BOOLEAN", "DATE", "TIMESTAMP")), types.toString());
    assertTrue(Server.rows(data.getTableTypes(), "TABLE_TYPE").containsAll(List.of("TABLE", "VIEW")));
    assertEquals("\"", data.getIdentifierQuoteString());
  }

  @Test
  void listsRoutines() throws SQLException {
    assertEquals(
        List.of("TWICE"), Server.rows(data.getProcedures(SHOP, "PUBLIC", "TWICE"), "PROCEDURE_NAME"));
    assertEquals(List.of(), Server.rows(data.getFunctions(SHOP, "PUBLIC", "NO_SUCH%")));
    assertEquals(
        List.of("|NUMBER|" + DatabaseMetaData.procedureColumnReturn, "N|NUMBER|" + DatabaseMetaData.procedureColumnIn),
        Server.rows(data.getProcedureColumns(SHOP, "PUBLIC", "TWICE", "N"), "COLUMN_NAME", "TYPE_NAME", "COLUMN_TYPE"));
  }

  @Test
  void listsPrivileges() throws SQLException {
    Server.run(connection, "CREATE ROLE IF NOT EXISTS jdbc_reader", "GRANT SELECT ON TABLE orders TO ROLE jdbc_reader");
    assertTrue(
        Server.rows(data.getTablePrivileges(SHOP, "PUBLIC", "ORDERS"), "TABLE_NAME", "GRANTEE", "PRIVILEGE")
            .contains("ORDERS|JDBC_READER|SELECT"));
    Server.run(connection, "DROP ROLE jdbc_reader");
  }
}
