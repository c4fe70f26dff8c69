// SPDX-License-Identifier: Apache-2.0
// What the connector of Snowflake does not have: mirrors, data sources that go, and lag.
#include <gmock/gmock.h>

#include "base/clock.h"
#include "warehouse/testing/connector_fixture.h"

namespace tarn::warehouse {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kAddMirror =
    "CALL SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.PUBLIC.ADD_DATA_SOURCE('PSQLDS1', 'MIRRORED', "
    "'mirror')";
constexpr const char* kTables =
    "SELECT TABLE_NAME, STATE, ROWS_COPIED, ROWS_ESTIMATED, ROWS_INSERTED, ROWS_UPDATED, "
    "ROWS_DELETED, ROWS_PER_SECOND, LAG_BYTES, LAG_SECONDS >= 5 AND LAG_SECONDS < 60, LAST_ERROR "
    "FROM SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.PUBLIC.CAPTURE_TABLES ORDER BY 1";

/// t(id integer, name text), as a mirror has it.
capture::TargetTable MirrorTarget() {
  return {.name = {"raw_cdc", "customers"},
          .columns = {{.name = "id", .type = {.kind = capture::TargetKind::kInteger}},
                      {.name = "name", .type = {.kind = capture::TargetKind::kText, .length = 5}}},
          .primary_key = {"id"}};
}

class CaptureViews : public ConnectorTest {
 protected:
  StartedCaptures::Entry Start() {
    WriteSettings();
    Run(kAddMirror);
    AddTable("customers");
    return board_.WaitForTables(1);
  }
};

TEST_F(CaptureViews, AMirrorIsOneForGood) {
  EXPECT_EQ(Start().options.mode, capture::CaptureMode::kMirror);
  EXPECT_THAT(Run("SELECT NAME, MODE, DESTINATION_DB_NAME, TABLES FROM "
                  "SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.PUBLIC.CAPTURE_SOURCES"),
              ElementsAre("PSQLDS1|MIRROR|MIRRORED|1"));
  OpenWithConnector();
  EXPECT_EQ(board_.WaitForTables(1).options.mode, capture::CaptureMode::kMirror);
}

TEST_F(CaptureViews, ColumnsOfAMirrorAreRenamedDroppedAndRetypedInOneStep) {
  auto* const destination = Start().destination;
  const auto made = destination->Create(MirrorTarget());
  ASSERT_TRUE(made) << made.error().message;
  const auto& fields = made->table.metadata->current_schema().fields;
  EXPECT_EQ(fields[0].type, Type::Primitive(TypeKind::kInt));
  const auto altered =
      destination->Alter({"raw_cdc", "customers"},
                         {.added = {{.name = "name", .type = {.kind = capture::TargetKind::kUuid}}},
                          .renamed = {{"id", "number"}},
                          .dropped = {"name"},
                          .retyped = {{"id", {.kind = capture::TargetKind::kLong}}}});
  ASSERT_TRUE(altered) << altered.error().message;
  const auto& after = altered->table.metadata->current_schema().fields;
  ASSERT_EQ(after.size(), 2U);
  EXPECT_EQ(after[0].id, fields[0].id);
  EXPECT_EQ(after[0].name, "number");
  EXPECT_EQ(after[0].type, Type::Primitive(TypeKind::kLong));
  EXPECT_GT(after[1].id, fields[1].id);
  EXPECT_THAT(Run("DESCRIBE TABLE MIRRORED.\"raw_cdc\".\"customers\" ->> SELECT \"name\", "
                  "\"type\", \"primary key\" FROM $1"),
              ElementsAre("number|NUMBER(19,0)|Y", "name|UUID|N"));
}

TEST_F(CaptureViews, LagIsOfTheMoment) {
  Start();
  board_.Tell({.connected = true,
               .error = {},
               .tables = {{.name = {"raw_cdc", "customers"},
                           .stage = capture::TableStage::kStreaming,
                           .rows_copied = 7,
                           .rows_estimated = 9,
                           .rows_inserted = 1,
                           .rows_updated = 2,
                           .rows_deleted = 3,
                           .rows_per_second = 4.6,
                           .as_of_ms = NowMs() - 5000,
                           .lag_bytes = 77,
                           .error = "why"}}});
  EXPECT_THAT(Run(kTables), ElementsAre("customers|STREAMING|7|9|1|2|3|5|77|true|why"));
}

TEST_F(CaptureViews, WhatNobodyCapturesIsToldAsItWasLeft) {
  Run(kAddMirror);
  AddTable("customers");
  EXPECT_THAT(Run(kTables), ElementsAre("customers|WAITING|0|NULL|0|0|0|0|NULL|NULL|NULL"));
}

TEST_F(CaptureViews, ADataSourceThatIsRemovedLeavesItsTables) {
  auto* const destination = Start().destination;
  ASSERT_TRUE(destination->Create(MirrorTarget()));
  Run("CALL SNOWFLAKE_CONNECTOR_FOR_POSTGRESQL.PUBLIC.REMOVE_DATA_SOURCE('PSQLDS1')");
  EXPECT_TRUE(board_.WaitForEnd());
  EXPECT_THAT(Run(kTables), IsEmpty());
  EXPECT_THAT(Run("SELECT * FROM MIRRORED.\"raw_cdc\".\"customers\""), IsEmpty());
  Start();
}

}  // namespace
}  // namespace tarn::warehouse
