// SPDX-License-Identifier: Apache-2.0
// The words are those that Apache's clients and compatibility kit compare.
#include "iceberg/update/table_requirement.h"

#include <gtest/gtest.h>

#include "iceberg/testing/update_fixture.h"

namespace tarn::iceberg {
namespace {

class TableRequirementTest : public UpdateFixture {
 protected:
  static std::string Failure(const Base& table, const TableRequirement& requirement) {
    const auto result = CheckRequirements(table.get(), std::span(&requirement, 1));
    if (result) return "";
    EXPECT_EQ(result.error().kind, ErrorKind::kConflict);
    return result.error().message;
  }
};

TEST_F(TableRequirementTest, EachHoldsAndFails) {
  auto updates = Appended(1, 1);
  updates.emplace_back(SetSnapshotRef{"v1", {.snapshot_id = SnapshotId(1), .is_tag = true}});
  const auto table = Apply(base_, updates);
  const Uuid other = *Uuid::Parse("00000000-0000-0000-0000-000000000001");
  const struct {
    TableRequirement holds;
    TableRequirement fails;
    const char* message;
  } cases[] = {
      {AssertTableUuid{kUuid}, AssertTableUuid{other},
       "UUID does not match: expected 9c12d441-03fe-4693-9a96-a0705ddf69c1 != "
       "00000000-0000-0000-0000-000000000001"},
      {AssertRefSnapshotId{"main", SnapshotId(1)}, AssertRefSnapshotId{"main", SnapshotId(2)},
       "branch main has changed: expected id 2 != 1"},
      {AssertRefSnapshotId{"b", std::nullopt}, AssertRefSnapshotId{"main", std::nullopt},
       "branch main was created concurrently"},
      {AssertRefSnapshotId{"v1", SnapshotId(1)}, AssertRefSnapshotId{"v1", std::nullopt},
       "tag v1 was created concurrently"},
      {AssertRefSnapshotId{"b", std::nullopt}, AssertRefSnapshotId{"b", SnapshotId(1)},
       "branch or tag b is missing, expected 1"},
      {AssertLastAssignedFieldId{FieldId(2)}, AssertLastAssignedFieldId{FieldId(3)},
       "last assigned field id changed: expected id 3 != 2"},
      {AssertCurrentSchemaId{SchemaId(0)}, AssertCurrentSchemaId{SchemaId(1)},
       "current schema changed: expected id 1 != 0"},
      {AssertLastAssignedPartitionId{PartitionFieldId(1000)},
       AssertLastAssignedPartitionId{PartitionFieldId(999)},
       "last assigned partition id changed: expected id 999 != 1000"},
      {AssertDefaultSpecId{SpecId(0)}, AssertDefaultSpecId{SpecId(4)},
       "default partition spec changed: expected id 4 != 0"},
      {AssertDefaultSortOrderId{SortOrderId(1)}, AssertDefaultSortOrderId{SortOrderId(0)},
       "default sort order changed: expected id 0 != 1"},
  };
  for (const auto& item : cases) {
    EXPECT_EQ(Failure(table, item.holds), "");
    EXPECT_EQ(Failure(table, item.fails), std::string("Requirement failed: ") + item.message);
  }
}

TEST_F(TableRequirementTest, CreationStandsAlone) {
  EXPECT_EQ(Failure(base_, AssertCreate{}), "Requirement failed: table already exists");
  EXPECT_EQ(Failure(nullptr, AssertCreate{}), "");
  const std::vector<TableRequirement> mixed = {AssertCreate{}, AssertTableUuid{kUuid}};
  EXPECT_EQ(CheckRequirements(nullptr, mixed).error().kind, ErrorKind::kInvalidArgument);
  const std::vector<TableRequirement> existing = {AssertTableUuid{kUuid}};
  EXPECT_EQ(CheckRequirements(nullptr, existing).error().kind, ErrorKind::kNotFound);
}

TEST_F(TableRequirementTest, TheFirstFailureIsReported) {
  const std::vector<TableRequirement> requirements = {
      AssertTableUuid{kUuid}, AssertCurrentSchemaId{SchemaId(8)}, AssertDefaultSpecId{SpecId(8)}};
  EXPECT_EQ(CheckRequirements(base_.get(), requirements).error().message,
            "Requirement failed: current schema changed: expected id 8 != 0");
}

}  // namespace
}  // namespace tarn::iceberg
