// SPDX-License-Identifier: Apache-2.0
// ALTER TABLE, after Snowflake's pages "ALTER TABLE" and "ALTER TABLE … ALTER COLUMN".
#include <gmock/gmock.h>

#include "warehouse/testing/managed_table_fixture.h"

namespace tarn::warehouse {
namespace {

using testing::StartsWith;

class AlterTableTest : public ManagedTableTest {
 protected:
  AlterTableTest() {
    Run("CREATE TABLE t (a NUMBER(5, 1), b VARCHAR(3))");
    Run("INSERT INTO t VALUES (1.5, 'x'), (2.5, NULL)");
  }
};

TEST_F(AlterTableTest, ColumnsComeGoAndAreRenamed) {
  Run("ALTER TABLE t ADD COLUMN c DATE, d INT");
  EXPECT_EQ(Run("SELECT a::VARCHAR, b, c, d FROM t ORDER BY a"),
            (Lines{"1.5|x|NULL|NULL", "2.5|NULL|NULL|NULL"}));
  Run("UPDATE t SET d = 7 WHERE b IS NULL");
  Run("ALTER TABLE t RENAME COLUMN d TO e");
  Run("ALTER TABLE t DROP COLUMN a");
  EXPECT_EQ(Run("SELECT * FROM t ORDER BY e"), (Lines{"NULL|NULL|7", "x|NULL|NULL"}));
  // A new column of an old name does not show the old one's values.
  Run("ALTER TABLE t ADD COLUMN a INT");
  EXPECT_EQ(Run("SELECT COUNT(a) FROM t"), Lines{"0"});
  EXPECT_THAT(ErrorOf("ALTER TABLE t ADD COLUMN b INT"), StartsWith("001430 (42601)"));
  Run("ALTER TABLE t ADD COLUMN IF NOT EXISTS b INT");
  EXPECT_THAT(ErrorOf("ALTER TABLE t DROP COLUMN nothing"), StartsWith("000904 (42000)"));
  Run("ALTER TABLE IF EXISTS nothing ADD COLUMN a INT");
}

TEST_F(AlterTableTest, TypesBecomeWiderOnly) {
  Run("ALTER TABLE t ALTER COLUMN a SET DATA TYPE NUMBER(20, 1), COLUMN b SET DATA TYPE "
      "VARCHAR(9)");
  Run("INSERT INTO t VALUES (1234567890123.5, 'longer')");
  EXPECT_EQ(Run("SELECT a::VARCHAR FROM t ORDER BY a"), (Lines{"1.5", "2.5", "1234567890123.5"}));
  EXPECT_EQ(ErrorOf("ALTER TABLE t ALTER COLUMN b SET DATA TYPE NUMBER(38, 0)"),
            "040052 (22000): SQL compilation error:\n"
            "cannot change column B from type VARCHAR(9) to NUMBER(38,0)");
  EXPECT_THAT(ErrorOf("ALTER TABLE t ALTER COLUMN a SET DATA TYPE NUMBER(4, 1)"),
              StartsWith("040052"));
}

TEST_F(AlterTableTest, NotNullIsCheckedAndEnforced) {
  EXPECT_THAT(ErrorOf("ALTER TABLE t ALTER COLUMN b SET NOT NULL"), StartsWith("002262 (22000)"));
  Run("ALTER TABLE t ALTER COLUMN a SET NOT NULL");
  EXPECT_THAT(Run("DESC TABLE t")[0], StartsWith("A|NUMBER(5,1)|COLUMN|N|"));
  EXPECT_THAT(ErrorOf("INSERT INTO t VALUES (NULL, 'x')"), StartsWith("100072 (22000)"));
  EXPECT_THAT(ErrorOf("UPDATE t SET a = NULL"), StartsWith("100072 (22000)"));
  Run("ALTER TABLE t ALTER COLUMN a DROP NOT NULL");
  Run("INSERT INTO t VALUES (NULL, 'x')");
  EXPECT_EQ(Run("SELECT COUNT(*) FROM t WHERE a IS NULL"), Lines{"1"});
}

TEST_F(AlterTableTest, NamesAreChangedAndExchanged) {
  Run("CREATE TABLE u (z INT)");
  Run("ALTER TABLE t SWAP WITH u");
  EXPECT_EQ(Run("SELECT COUNT(z) FROM t"), Lines{"0"});
  Run("INSERT INTO t VALUES (1)");
  Run("ALTER TABLE t RENAME TO w");
  Run("UPDATE w SET z = z + 1");
  EXPECT_EQ(Run("SELECT z FROM w"), Lines{"2"});
  EXPECT_EQ(Run("SELECT COUNT(*) FROM u"), Lines{"2"});
}

/// "the default value is inserted into all of the rows" that are there, and stays theirs.
TEST_F(AlterTableTest, RowsThatAreThereGetTheDefault) {
  Run("CREATE TABLE d (id INT)");
  Run("INSERT INTO d VALUES (1), (2)");
  Run("ALTER TABLE d ADD COLUMN n NUMBER(10, 2) DEFAULT 1.5, s VARCHAR NOT NULL DEFAULT 'it''s'");
  Run("ALTER TABLE d ADD COLUMN day DATE DEFAULT '2024-02-29'::DATE, b BOOLEAN DEFAULT TRUE, "
      "f FLOAT DEFAULT 1e300, t TIMESTAMP_NTZ DEFAULT '2024-02-29 12:00:00.5'::TIMESTAMP_NTZ, "
      "e VARCHAR DEFAULT NULL");
  EXPECT_EQ(
      Run("SELECT id, n::VARCHAR, s, day::VARCHAR, b, f = 1e300, t::VARCHAR, e FROM d ORDER BY 1"),
      (Lines{"1|1.50|it's|2024-02-29|true|true|2024-02-29 12:00:00.500|NULL",
             "2|1.50|it's|2024-02-29|true|true|2024-02-29 12:00:00.500|NULL"}));
  Run("INSERT INTO d (id, n) VALUES (3, NULL)");
  Run("UPDATE d SET s = 'other' WHERE id = 1");
  EXPECT_EQ(Run("SELECT id, n::VARCHAR, s FROM d ORDER BY 1"),
            (Lines{"1|1.50|other", "2|1.50|it's", "3|NULL|it's"}));
  EXPECT_EQ(Run("SELECT COUNT(*) FROM d WHERE s = 'it''s' AND n = 1.5"), Lines{"1"});
  EXPECT_EQ(Run("SELECT COUNT(*) FROM d WHERE n IS NULL"), Lines{"1"});
  Run("DELETE FROM d WHERE s = 'it''s' AND n IS NOT NULL");
  EXPECT_EQ(Run("SELECT id FROM d ORDER BY 1"), (Lines{"1", "3"}));
}

/// Rows keep what they got when the default is another one later.
TEST_F(AlterTableTest, AnotherDefaultIsOfLaterRows) {
  Run("CREATE TABLE d (id INT)");
  Run("INSERT INTO d VALUES (1)");
  Run("ALTER TABLE d ADD COLUMN n INT DEFAULT 1");
  Run("ALTER TABLE d ALTER COLUMN n DROP DEFAULT");
  Run("INSERT INTO d (id) VALUES (2)");
  EXPECT_EQ(Run("SELECT id, n FROM d ORDER BY 1"), (Lines{"1|1", "2|NULL"}));
}

TEST_F(AlterTableTest, ADefaultBesideRowsTakesVersionThree) {
  Run("CREATE ICEBERG TABLE i (id INT)");
  Run("INSERT INTO i VALUES (1)");
  EXPECT_THAT(ErrorOf("ALTER ICEBERG TABLE i ADD COLUMN n INT DEFAULT 1"),
              StartsWith("000002 (0A000)"));
}

TEST_F(AlterTableTest, WhatIsNotThereIsRefused) {
  EXPECT_THAT(ErrorOf("ALTER TABLE t ADD COLUMN c VARCHAR DEFAULT UUID_STRING()"),
              StartsWith("000002 (0A000)"));
  EXPECT_THAT(ErrorOf("ALTER TABLE t ADD COLUMN c INT AUTOINCREMENT"),
              StartsWith("000002 (0A000)"));
  EXPECT_THAT(ErrorOf("ALTER TABLE t ADD COLUMN c INT NOT NULL"), StartsWith("002259 (22000)"));
  EXPECT_THAT(ErrorOf("ALTER TABLE t CLUSTER BY (a)"), StartsWith("000002 (0A000)"));
  Run("TRUNCATE TABLE t");
  Run("ALTER TABLE t ADD COLUMN c INT DEFAULT 1");
  Run("INSERT INTO t (a) VALUES (1)");
  EXPECT_EQ(Run("SELECT c FROM t"), Lines{"1"});
}

}  // namespace
}  // namespace tarn::warehouse
