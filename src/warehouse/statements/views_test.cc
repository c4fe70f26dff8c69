// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "warehouse/testing/session_fixture.h"

namespace tarn::warehouse {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

class ViewsTest : public SessionTest {
 protected:
  ViewsTest() { Run("CREATE DATABASE shop"); }
};

TEST_F(ViewsTest, AViewIsReadUnderTheNamesThatItGivesItsColumns) {
  EXPECT_THAT(Run("CREATE VIEW v (n COMMENT 'a number', \"t x\") AS SELECT 1, 'a' UNION ALL "
                  "SELECT 2, 'b'"),
              ElementsAre("View V successfully created."));
  EXPECT_THAT(Run("SELECT n, \"t x\" FROM shop.public.v ORDER BY n DESC"),
              ElementsAre("2|b", "1|a"));
  Reopen();
  EXPECT_THAT(Run("SELECT n FROM shop.public.v WHERE \"t x\" = 'a'"), ElementsAre("1"));
}

TEST_F(ViewsTest, AQueryIsReadRelativeToTheSchemaOfTheView) {
  Run("CREATE SCHEMA s");
  Run("CREATE VIEW base AS SELECT 7 AS k");
  Run("USE SCHEMA shop.public");
  EXPECT_THAT(ErrorOf("CREATE VIEW outside AS SELECT k FROM base"), StartsWith("002003 (42S02)"));
  Run("CREATE VIEW shop.s.inside AS SELECT k + 1 AS k FROM base");
  EXPECT_THAT(Run("SELECT k FROM shop.s.inside"), ElementsAre("8"));
}

TEST_F(ViewsTest, ReplacingAndKeepingFollowTheStatement) {
  Run("CREATE VIEW v AS SELECT 1 AS a");
  EXPECT_THAT(ErrorOf("CREATE VIEW v AS SELECT 2 AS a"), StartsWith("002002 (42710)"));
  EXPECT_THAT(Run("CREATE VIEW IF NOT EXISTS v AS SELECT 2 AS a"),
              ElementsAre("V already exists, statement succeeded."));
  EXPECT_THAT(Run("SELECT a FROM v"), ElementsAre("1"));
  Run("CREATE OR REPLACE SECURE VIEW v AS SELECT 3 AS a");
  EXPECT_THAT(Run("SELECT a FROM v"), ElementsAre("3"));
}

TEST_F(ViewsTest, WhatAViewCannotBeIsRefusedAndLeavesNothing) {
  EXPECT_EQ(ErrorOf("CREATE VIEW v (a, b) AS SELECT 1"),
            "002026 (42601): SQL compilation error:\nInvalid column definition list");
  EXPECT_EQ(ErrorOf("CREATE VIEW v AS SELECT 1 AS a, 2 AS a"),
            "002025 (42S21): SQL compilation error:\nduplicate column name 'A'");
  EXPECT_THAT(ErrorOf("CREATE TRANSIENT VIEW v AS SELECT 1 AS a"), StartsWith("000002 (0A000)"));
  EXPECT_THAT(ErrorOf("CREATE VIEW v AS SELECT a FROM nothing"), StartsWith("002003 (42S02)"));
  Run("SET x = 1");
  EXPECT_NE(ErrorOf("CREATE VIEW v AS SELECT $x AS a"), "ok");
  EXPECT_THAT(Run("SHOW VIEWS LIKE 'V'"), ElementsAre());
}

}  // namespace
}  // namespace tarn::warehouse
