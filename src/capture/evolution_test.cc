// SPDX-License-Identifier: Apache-2.0
// What becomes of a mirror's columns. That rows follow is tests/capture/test_mirror.py's.
#include "capture/evolution.h"

#include <gmock/gmock.h>

#include "capture/values/type_oids.h"

namespace tarn::capture {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

SourceColumn ColumnOf(int16_t number, std::string name, uint32_t oid) {
  return {.attribute_number = number, .name = std::move(name), .type = {.oid = TypeOid(oid)}};
}

/// t(id integer primary key, a integer, b text), whose fields are 1 to 3.
class MirrorEvolution : public testing::Test {
 protected:
  MirrorEvolution() {
    source_.name = {"s", "t"};
    source_.columns = {ColumnOf(1, "id", type_oid::kInt4), ColumnOf(2, "a", type_oid::kInt4),
                       ColumnOf(3, "b", type_oid::kText)};
    source_.primary_key = source_.identity = {0};
    iceberg::Schema schema;
    int32_t id = 0;
    const TargetTable target = *PlanTarget(source_, CaptureMode::kMirror);
    for (const TargetColumn& column : target.columns) {
      schema.fields.push_back(
          {.id = FieldId(++id), .name = column.name, .type = *MirrorStorage(column.type)});
    }
    table_.schemas = {schema};
    table_.current_schema_id = schema.id;
    layout_ = *BindLayout(source_, schema, {}, CaptureMode::kMirror);
    bindings_ = layout_->Bindings();
  }

  ColumnsBefore before(bool with_layout = true) const {
    return {
        .bindings = bindings_, .table = &table_, .layout = with_layout ? layout_.get() : nullptr};
  }
  Evolution Compare(bool with_layout = true) const {
    const TargetTable target = *PlanTarget(source_, CaptureMode::kMirror);
    return *CompareColumns(before(with_layout), source_, target, CaptureMode::kMirror);
  }
  bool Reuses(bool with_layout = true) const {
    const TargetTable target = *PlanTarget(source_, CaptureMode::kMirror);
    return ReusesName(before(with_layout), source_, target, CaptureMode::kMirror);
  }

  SourceTable source_;
  iceberg::TableMetadata table_;
  std::shared_ptr<const TableLayout> layout_;
  std::vector<ColumnBinding> bindings_;
};

TEST_F(MirrorEvolution, NothingChangesWhereNothingChanged) {
  EXPECT_TRUE(Compare().alteration.empty());
  EXPECT_EQ(Compare().kept, bindings_);
  EXPECT_FALSE(Reuses());
}

TEST_F(MirrorEvolution, ARenamedColumnKeepsItsFieldAlsoUnderItsNameOfBefore) {
  source_.columns[1].name = "amount";
  const Evolution evolution = Compare();
  EXPECT_THAT(evolution.alteration.renamed, ElementsAre(Pair("a", "amount")));
  EXPECT_THAT(evolution.alteration.added, IsEmpty());
  EXPECT_THAT(evolution.alteration.dropped, IsEmpty());
  ASSERT_EQ(evolution.retired.size(), 1U);
  EXPECT_EQ(evolution.retired[0].name, "a");
  EXPECT_EQ(evolution.kept.back(), (ColumnBinding{-2, FieldId(2)}));
  EXPECT_FALSE(Reuses());
}

TEST_F(MirrorEvolution, ColumnsThatSwapNamesAreCopiedAgain) {
  std::swap(source_.columns[1].name, source_.columns[2].name);
  EXPECT_TRUE(Reuses());
  EXPECT_TRUE(Reuses(false));
  EXPECT_THAT(Compare().alteration.renamed, ElementsAre(Pair("a", "b"), Pair("b", "a")));
}

TEST_F(MirrorEvolution, ADroppedColumnGoesAndItsNameIsRemembered) {
  source_.columns.erase(source_.columns.begin() + 1);
  const Evolution evolution = Compare();
  EXPECT_THAT(evolution.alteration.dropped, ElementsAre("a"));
  EXPECT_THAT(evolution.gone, ElementsAre(ColumnBinding{-2, FieldId(2)}));
  // As after a restart, when it is gone here, too.
  iceberg::Schema after = table_.schemas[0];
  after.id = iceberg::SchemaId(1);
  after.fields.erase(after.fields.begin() + 1);
  table_.schemas.push_back(after);
  table_.current_schema_id = after.id;
  bindings_ = {{1, FieldId(1)}, {3, FieldId(3)}, {-2, FieldId(2)}};
  EXPECT_FALSE(Reuses(false));
  source_.columns.push_back(ColumnOf(4, "a", type_oid::kInt4));
  EXPECT_TRUE(Reuses(false));
}

TEST_F(MirrorEvolution, TypesArePromotedWhereIcebergDoesAndReplacedElsewhere) {
  source_.columns[1].type.oid = TypeOid(type_oid::kInt8);
  Evolution evolution = Compare(false);
  EXPECT_THAT(evolution.alteration.retyped,
              ElementsAre(Pair("a", TargetType{.kind = TargetKind::kLong})));
  EXPECT_FALSE(evolution.replaces);
  source_.columns[1].type.oid = TypeOid(type_oid::kText);
  evolution = Compare(false);
  EXPECT_TRUE(evolution.replaces);
  EXPECT_THAT(evolution.alteration.dropped, ElementsAre("a"));
  ASSERT_EQ(evolution.alteration.added.size(), 1U);
  EXPECT_EQ(evolution.alteration.added[0].name, "a");
}

TEST_F(MirrorEvolution, AColumnThatSomebodyAddedBeforeHeWasKilledIsTaken) {
  source_.columns.push_back(ColumnOf(4, "c", type_oid::kUuid));
  table_.schemas[0].fields.push_back(
      {.id = FieldId(7), .name = "c", .type = Type::Primitive(TypeKind::kUuid)});
  const Evolution evolution = Compare(false);
  EXPECT_TRUE(evolution.alteration.empty());
  EXPECT_EQ(evolution.kept.back(), (ColumnBinding{4, FieldId(7)}));
}

}  // namespace
}  // namespace tarn::capture
