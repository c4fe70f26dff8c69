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

}  // namespace
}  // namespace tarn::warehouse
