// SPDX-License-Identifier: Apache-2.0
// CREATE TABLE, after Snowflake's page of that name.
#include <gmock/gmock.h>

#include "warehouse/testing/managed_table_fixture.h"

namespace tarn::warehouse {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

class TablesTest : public ManagedTableTest {};

TEST_F(TablesTest, ColumnsAreShownAsSnowflakeShowsThem) {
  EXPECT_EQ(Run("CREATE OR REPLACE TABLE mytable (col1 DATE, col2 TIMESTAMP_NTZ, "
                "col3 NUMBER(10, 2) NOT NULL DEFAULT 1.5 COMMENT 'the third')"),
            Lines{"Table MYTABLE successfully created."});
  EXPECT_EQ(Run("DESC TABLE mytable"),
            (Lines{"COL1|DATE|COLUMN|Y|NULL|N|N|NULL|NULL|NULL|NULL|NULL",
                   "COL2|TIMESTAMP_NTZ(9)|COLUMN|Y|NULL|N|N|NULL|NULL|NULL|NULL|NULL",
                   "COL3|NUMBER(10,2)|COLUMN|N|1.5|N|N|NULL|NULL|the third|NULL|NULL"}));
  EXPECT_EQ(Run("SELECT COUNT(*) FROM mytable"), Lines{"0"});
  EXPECT_EQ(Run("INSERT INTO mytable SELECT TO_DATE('2013-05-08T23:39:20.123'), "
                "TO_TIMESTAMP('2013-05-08T23:39:20.123'), 7"),
            Lines{"number of rows inserted: 1"});
  EXPECT_EQ(Run("INSERT INTO mytable (col1) SELECT TO_DATE('2013-05-09')"),
            Lines{"number of rows inserted: 1"});
  EXPECT_EQ(Run("SELECT col1::VARCHAR, col2::VARCHAR, col3::VARCHAR FROM mytable ORDER BY col1"),
            (Lines{"2013-05-08|2013-05-08 23:39:20.123|7.00", "2013-05-09|NULL|1.50"}));
}

TEST_F(TablesTest, EveryTypeComesBackAsItWent) {
  Run("CREATE TABLE t (n NUMBER(38, 0), d NUMBER(9, 3), f FLOAT, v VARCHAR(3), b BINARY(2), "
      "o BOOLEAN, dt DATE, tm TIME(3), ntz TIMESTAMP_NTZ(0), ltz TIMESTAMP_LTZ, "
      "tz TIMESTAMP_TZ, va VARIANT, ob OBJECT, ar ARRAY)");
  Run("INSERT INTO t SELECT 99999999999999999999999999999999999999, -123456.789, 1.5e300, "
      "'äöü', X'00FF', TRUE, '2024-02-29', '23:59:59.987654', '1969-12-31 23:59:59.999', "
      "'2024-01-01 12:00:00 +0200', '2024-01-01 12:00:00.123456 +0530', "
      "PARSE_JSON('{\"a\": [1, 2.50, null, \"x\"]}'), OBJECT_CONSTRUCT('k', 1), "
      "ARRAY_CONSTRUCT(1, 'b')");
  Run("INSERT INTO t (n) VALUES (NULL)");
  EXPECT_EQ(Run("SELECT n::VARCHAR, d::VARCHAR, f::VARCHAR, v, b::VARCHAR, o, dt::VARCHAR, "
                "tm::VARCHAR, ntz::VARCHAR FROM t WHERE n IS NOT NULL"),
            Lines{"99999999999999999999999999999999999999|-123456.789|1.5e+300|äöü|00FF|true|"
                  "2024-02-29|23:59:59|1969-12-31 23:59:59.000"});
  EXPECT_EQ(Run("SELECT TO_CHAR(tm, 'HH24:MI:SS.FF3'), TO_CHAR(tz, 'YYYY-MM-DD HH24:MI:SS.FF6 "
                "TZHTZM'), ltz = '2024-01-01 10:00:00 +0000'::TIMESTAMP_LTZ FROM t WHERE n > 0"),
            Lines{"23:59:59.987|2024-01-01 12:00:00.123456 +0530|true"});
  EXPECT_EQ(Run("SELECT TYPEOF(va:a[0]), va:a[1]::VARCHAR, IS_NULL_VALUE(va:a[2]), "
                "va:a[3]::VARCHAR, ob:k::INT, ar[1]::VARCHAR FROM t WHERE n > 0"),
            Lines{"INTEGER|2.5|true|x|1|b"});
  EXPECT_EQ(Run("SELECT COUNT(*) FROM t WHERE d IS NULL AND f IS NULL AND v IS NULL AND b IS NULL "
                "AND o IS NULL AND dt IS NULL AND tm IS NULL AND ntz IS NULL AND ltz IS NULL AND "
                "tz IS NULL AND va IS NULL AND ob IS NULL AND ar IS NULL"),
            Lines{"1"});
}

TEST_F(TablesTest, OtherWritersSeeIcebergTypes) {
  Run("CREATE TABLE t (n NUMBER(10, 0), d NUMBER(9, 3), v VARCHAR(3) NOT NULL, "
      "ntz TIMESTAMP_NTZ, tz TIMESTAMP_TZ, va VARIANT)");
  const auto metadata = MetadataOf("T");
  ASSERT_NE(metadata, nullptr);
  const auto& fields = metadata->current_schema().fields;
  ASSERT_EQ(fields.size(), 6);
  EXPECT_EQ(iceberg::PrimitiveTypeName(fields[0].type), "decimal(10, 0)");
  EXPECT_EQ(iceberg::PrimitiveTypeName(fields[1].type), "decimal(9, 3)");
  EXPECT_EQ(iceberg::PrimitiveTypeName(fields[2].type), "string");
  EXPECT_TRUE(fields[2].required);
  EXPECT_FALSE(fields[0].required);
  EXPECT_EQ(iceberg::PrimitiveTypeName(fields[3].type), "timestamp");
  EXPECT_EQ(fields[4].type.children.size(), 3);
  EXPECT_EQ(iceberg::PrimitiveTypeName(fields[5].type), "string");
  EXPECT_EQ(metadata->location,
            account_->tables_location() + "/" + metadata->table_uuid.ToString());
}

TEST_F(TablesTest, ExistingTablesAreKeptOrReplaced) {
  Run("CREATE TABLE t (a INT)");
  Run("INSERT INTO t VALUES (1)");
  EXPECT_EQ(ErrorOf("CREATE TABLE t (b INT)"),
            "002002 (42710): SQL compilation error:\nObject 'T' already exists.");
  EXPECT_EQ(Run("CREATE TABLE IF NOT EXISTS t (b INT)"),
            Lines{"T already exists, statement succeeded."});
  EXPECT_EQ(Run("SELECT a FROM t"), Lines{"1"});
  EXPECT_EQ(Run("CREATE OR REPLACE TABLE t (b INT)"), Lines{"Table T successfully created."});
  EXPECT_EQ(Run("SELECT COUNT(b) FROM t"), Lines{"0"});
  EXPECT_EQ(Run("DROP TABLE t"), Lines{"T successfully dropped."});
  EXPECT_THAT(ErrorOf("SELECT * FROM t"), StartsWith("002003 (42S02)"));
  EXPECT_EQ(Run("UNDROP TABLE t"), Lines{"Table T successfully restored."});
  EXPECT_EQ(Run("SELECT COUNT(b) FROM t"), Lines{"0"});
  Run("ALTER TABLE t RENAME TO u");
  // The one that was replaced comes back under its name.
  Run("UNDROP TABLE t");
  EXPECT_EQ(Run("SELECT a FROM t"), Lines{"1"});
}

TEST_F(TablesTest, OfQueries) {
  EXPECT_EQ(Run("CREATE TABLE t AS SELECT column1 AS a, column2 || '!' AS b, NULL AS c FROM "
                "VALUES (1, 'x'), (2, NULL)"),
            Lines{"Table T successfully created."});
  EXPECT_EQ(Run("SELECT a, b, c FROM t ORDER BY a"), (Lines{"1|x!|NULL", "2|NULL|NULL"}));
  Run("CREATE TABLE u (n NUMBER(5, 1), m VARCHAR) AS SELECT a, b FROM t WHERE a = 1");
  EXPECT_EQ(Run("SELECT n::VARCHAR, m FROM u"), Lines{"1.0|x!"});
  EXPECT_EQ(ErrorOf("CREATE TABLE v AS SELECT 1 AS a, 2 AS a"),
            "002025 (42S21): SQL compilation error:\nduplicate column name 'A'");
  // A query that fails leaves nothing.
  EXPECT_THAT(ErrorOf("CREATE TABLE v AS SELECT 1 / (a - 1) AS q FROM t"), StartsWith("100051"));
  EXPECT_THAT(ErrorOf("SELECT * FROM v"), StartsWith("002003"));
  // It may replace what it reads.
  Run("CREATE OR REPLACE TABLE t AS SELECT a + 10 AS a FROM t");
  EXPECT_EQ(Run("SELECT a FROM t ORDER BY a"), (Lines{"11", "12"}));
  Run("CREATE TABLE w LIKE u");
  EXPECT_EQ(Run("SELECT COUNT(*) FROM w"), Lines{"0"});
  EXPECT_EQ(Run("INSERT INTO w SELECT * FROM u"), Lines{"number of rows inserted: 1"});
}

TEST_F(TablesTest, NumbersOfColumnsGoOn) {
  Run("CREATE TABLE t (id INT AUTOINCREMENT START 10 INCREMENT 5, v VARCHAR)");
  EXPECT_THAT(Run("DESC TABLE t")[0],
              StartsWith("ID|NUMBER(38,0)|COLUMN|Y|IDENTITY START 10 INCREMENT 5 NOORDER"));
  Run("INSERT INTO t (v) VALUES ('a'), ('b')");
  Run("INSERT INTO t VALUES (DEFAULT, 'c')");
  Run("INSERT INTO t VALUES (1, 'd')");
  EXPECT_EQ(Run("SELECT id, v FROM t ORDER BY v"), (Lines{"10|a", "15|b", "20|c", "1|d"}));
  Reopen();
  Run("USE SCHEMA d.public");
  Run("INSERT INTO t (v) SELECT 'e'");
  EXPECT_EQ(Run("SELECT id FROM t WHERE v = 'e'"), Lines{"25"});
  Run("CREATE SEQUENCE s START = 100 INCREMENT = 2");
  Run("CREATE TABLE u (n INT DEFAULT s.NEXTVAL, v VARCHAR)");
  Run("INSERT INTO u (v) VALUES ('a'), ('b')");
  EXPECT_EQ(Run("SELECT n, v FROM u ORDER BY v"), (Lines{"100|a", "102|b"}));
  EXPECT_THAT(ErrorOf("CREATE TABLE w (v VARCHAR AUTOINCREMENT)"), StartsWith("002261"));
}

TEST_F(TablesTest, KeysAreToldAndNotEnforced) {
  Run("CREATE TABLE p (a INT PRIMARY KEY, b INT UNIQUE)");
  Run("CREATE TABLE f (x INT REFERENCES p, y INT, CONSTRAINT k PRIMARY KEY (x, y))");
  EXPECT_THAT(Run("DESC TABLE p"), ElementsAre(StartsWith("A|NUMBER(38,0)|COLUMN|N|NULL|Y|N"),
                                               StartsWith("B|NUMBER(38,0)|COLUMN|Y|NULL|N|Y")));
  Run("INSERT INTO p VALUES (1, 1), (1, 1)");
  EXPECT_THAT(ErrorOf("INSERT INTO p VALUES (NULL, 1)"), StartsWith("100072 (22000)"));
  EXPECT_THAT(ErrorOf("CREATE TABLE g (x INT, PRIMARY KEY (z))"), StartsWith("000904"));
}

TEST_F(TablesTest, WhatIsNotThereIsRefusedByName) {
  for (const char* text :
       {"CREATE TEMPORARY DYNAMIC TABLE t TARGET_LAG = '1 day' WAREHOUSE = w AS SELECT 1 AS a",
        "CREATE TABLE t (a INT) CLUSTER BY (a)", "CREATE TABLE t (a INT, b INT AS (a + 1))",
        "CREATE TABLE t (a VARCHAR COLLATE 'en')", "CREATE TABLE t CLONE u",
        "CREATE TABLE t (a ARRAY(INT))", "CREATE TABLE t (a MAP(INT, INT))",
        "CREATE OR ALTER TABLE t (a INT)", "CREATE TABLE t (a INT CHECK (a > 0))",
        "CREATE HYBRID TABLE t (a INT)", "CREATE TABLE t (a INT) ENABLE_SCHEMA_EVOLUTION = TRUE",
        "CREATE TABLE t (a INT DEFAULT (SELECT 1))"}) {
    EXPECT_THAT(ErrorOf(text), StartsWith("000002 (0A000)")) << text;
  }
  EXPECT_THAT(ErrorOf("CREATE TABLE t (a NOSUCHTYPE)"), StartsWith("002040"));
  EXPECT_THAT(ErrorOf("CREATE TABLE t (a INT DEFAULT 'x' || b)"), StartsWith("000904"));
  EXPECT_THAT(ErrorOf("CREATE TABLE t (a DATE DEFAULT 1.5)"), StartsWith("002023"));
}

TEST_F(TablesTest, IcebergTablesLieInTheirVolume) {
  Run("CREATE EXTERNAL VOLUME v STORAGE_LOCATIONS = ((NAME = 'l' STORAGE_PROVIDER = 'S3' "
      "STORAGE_BASE_URL = 's3://bucket/lake/' "
      "STORAGE_AWS_ROLE_ARN = 'arn:aws:iam::012345678910:role/r'))");
  EXPECT_EQ(Run("CREATE ICEBERG TABLE t (a INT, ts TIMESTAMP_NTZ) EXTERNAL_VOLUME = 'v' CATALOG = "
                "'SNOWFLAKE' BASE_LOCATION = 'my/table/' ICEBERG_VERSION = 3"),
            Lines{"Table T successfully created."});
  const auto metadata = MetadataOf("T");
  ASSERT_NE(metadata, nullptr);
  EXPECT_THAT(metadata->location, StartsWith("s3://bucket/lake/my/table."));
  EXPECT_EQ(metadata->format_version, 3);
  EXPECT_THAT(Run("DESC TABLE t")[1], StartsWith("TS|TIMESTAMP_NTZ(6)|"));
  Run("INSERT INTO t VALUES (1, '2024-01-01'), (2, NULL)");
  Run("UPDATE t SET a = 3 WHERE a = 2");
  EXPECT_EQ(Run("SELECT a FROM t ORDER BY a"), (Lines{"1", "3"}));
  EXPECT_THAT(Run("SHOW ICEBERG TABLES")[0], testing::HasSubstr("|V|SNOWFLAKE|MANAGED|"));
  EXPECT_THAT(ErrorOf("CREATE ICEBERG TABLE u (a INT) EXTERNAL_VOLUME = 'v' BASE_LOCATION = "
                      "'../up'"),
              StartsWith("001008"));
}

TEST_F(TablesTest, ARoleNeedsThePrivilege) {
  Run("CREATE TABLE t (a INT)");
  Run("INSERT INTO t VALUES (1)");
  Run("CREATE ROLE r");
  Run("CREATE USER u DEFAULT_ROLE = r");
  Run("GRANT ROLE r TO USER u");
  Run("GRANT USAGE ON DATABASE d TO ROLE r");
  Run("GRANT USAGE ON SCHEMA d.public TO ROLE r");
  const auto other = Open({.user = "U"});
  const auto told = [&](const std::string& text) { return Told(Try(*other, text)); };
  EXPECT_THAT(told("CREATE TABLE d.public.x (a INT)"), StartsWith("003001 (42501)"));
  EXPECT_THAT(told("INSERT INTO d.public.t VALUES (2)"), StartsWith("002003 (42S02)"));
  Run("GRANT SELECT ON TABLE t TO ROLE r");
  EXPECT_THAT(told("INSERT INTO d.public.t VALUES (2)"), StartsWith("003001 (42501)"));
  EXPECT_THAT(told("UPDATE d.public.t SET a = 2"), StartsWith("003001 (42501)"));
  EXPECT_THAT(told("DELETE FROM d.public.t"), StartsWith("003001 (42501)"));
  EXPECT_THAT(told("TRUNCATE TABLE d.public.t"), StartsWith("003001 (42501)"));
  Run("GRANT INSERT ON TABLE t TO ROLE r");
  EXPECT_EQ(told("INSERT INTO d.public.t VALUES (2)"), "ok");
  EXPECT_THAT(told("INSERT OVERWRITE INTO d.public.t VALUES (2)"), StartsWith("003001 (42501)"));
  EXPECT_THAT(
      told("MERGE INTO d.public.t USING (SELECT 1 AS b) s ON a = b WHEN MATCHED THEN DELETE "
           "WHEN NOT MATCHED THEN INSERT VALUES (9)"),
      StartsWith("003001 (42501)"));
  EXPECT_EQ(Run("SELECT a FROM t ORDER BY a"), (Lines{"1", "2"}));
}

}  // namespace
}  // namespace tarn::warehouse
