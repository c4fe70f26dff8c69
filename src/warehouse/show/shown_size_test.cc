// SPDX-License-Identifier: Apache-2.0
#include "warehouse/show/shown_size.h"

#include <gmock/gmock.h>

#include "warehouse/testing/managed_table_fixture.h"

namespace tarn::warehouse {
namespace {

using testing::ElementsAre;

class ShownSizeTest : public ManagedTableTest {};

// Rows that are in the table, not in its files (Snowflake, "SHOW TABLES", column rows).
TEST_F(ShownSizeTest, CountsRowsThatAreThere) {
  Run("CREATE TABLE filled (n INT)");
  Run("CREATE TABLE bare (n INT)");
  Run("CREATE VIEW seen AS SELECT * FROM filled");
  Run("INSERT INTO filled VALUES (1), (2), (3)");
  Run("DELETE FROM filled WHERE n = 2");
  Run("SHOW TABLES");
  EXPECT_THAT(Run("SELECT \"name\", \"rows\", \"bytes\" > 0 FROM "
                  "TABLE(RESULT_SCAN(LAST_QUERY_ID())) ORDER BY 1"),
              ElementsAre("BARE|0|false", "FILLED|2|true"));
  EXPECT_THAT(Run("SELECT table_name, row_count, bytes > 0 FROM information_schema.tables WHERE "
                  "table_schema = 'PUBLIC' ORDER BY 1"),
              ElementsAre("BARE|0|false", "FILLED|2|true", "SEEN|NULL|NULL"));
}

// With deletion vectors, several times over the same files. Oracle: COUNT(*).
TEST_F(ShownSizeTest, CountsWhatVectorsLeave) {
  Run("CREATE TABLE t (n INT) CHANGE_TRACKING = TRUE");
  Run("INSERT INTO t VALUES (1), (2), (3)");
  Run("INSERT INTO t VALUES (4), (5)");
  Run("DELETE FROM t WHERE n IN (2, 5)");
  Run("UPDATE t SET n = n + 10 WHERE n IN (1, 4)");
  EXPECT_THAT(Run("SELECT COUNT(*) FROM t"), ElementsAre("3"));
  EXPECT_THAT(Run("SELECT row_count FROM information_schema.tables WHERE table_name = 'T'"),
              ElementsAre("3"));
  Run("TRUNCATE TABLE t");
  EXPECT_THAT(Run("SELECT row_count FROM information_schema.tables WHERE table_name = 'T'"),
              ElementsAre("0"));
}

}  // namespace
}  // namespace tarn::warehouse
