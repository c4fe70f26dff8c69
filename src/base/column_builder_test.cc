// SPDX-License-Identifier: Apache-2.0
#include "base/column_builder.h"

#include <gtest/gtest.h>

#include <string>

namespace tarn {
namespace {

std::string TextAt(const ColumnView& column, int64_t row) {
  return {reinterpret_cast<const char*>(column.values) + column.offsets[row],
          static_cast<size_t>(column.offsets[row + 1] - column.offsets[row])};
}

TEST(ColumnBuilder, TextWithNullsAndPiecesReadsBack) {
  ColumnBuilder column(Type::Primitive(TypeKind::kString));
  ASSERT_TRUE(column.AppendBytes("one"));
  column.AppendNull();
  ASSERT_TRUE(column.AppendBytes("th"));
  ASSERT_TRUE(column.ExtendBytes("ree"));
  const ColumnView view = column.View();
  ASSERT_EQ(view.rows, 3);
  EXPECT_EQ(TextAt(view, 0), "one");
  EXPECT_TRUE(view.is_null(1));
  EXPECT_EQ(TextAt(view, 2), "three");
}

TEST(ColumnBuilder, TruncateTakesBackRowsAndTheirNulls) {
  ColumnBuilder column(Type::Primitive(TypeKind::kInt));
  for (int32_t i = 0; i < 200; ++i) {
    if (i >= 100) {
      column.AppendNull();
    } else {
      column.AppendValue(i);
    }
  }
  column.Truncate(100);
  EXPECT_EQ(column.View().validity, nullptr);
  column.AppendValue(int32_t{7});
  const ColumnView view = column.View();
  ASSERT_EQ(view.rows, 101);
  EXPECT_FALSE(view.is_null(100));
  EXPECT_EQ(reinterpret_cast<const int32_t*>(view.values)[100], 7);
  EXPECT_EQ(reinterpret_cast<const int32_t*>(view.values)[99], 99);
}

TEST(ColumnBuilder, StructsAndBooleansAreCopiedRowByRow) {
  Type type{.kind = TypeKind::kStruct};
  type.children = {
      Field{.id = FieldId(2), .name = "a", .type = Type::Primitive(TypeKind::kLong)},
      Field{.id = FieldId(3), .name = "b", .type = Type::Primitive(TypeKind::kBoolean)}};
  ColumnBuilder from(type), to(type);
  from.child(0).AppendValue(int64_t{5});
  from.child(1).AppendBoolean(true);
  from.AppendStruct();
  from.AppendNull();
  const ColumnView source = from.View();
  ASSERT_TRUE(to.AppendFrom(source, 1));
  ASSERT_TRUE(to.AppendFrom(source, 0));
  const ColumnView copy = to.View();
  EXPECT_TRUE(copy.is_null(0));
  EXPECT_FALSE(copy.is_null(1));
  EXPECT_EQ(reinterpret_cast<const int64_t*>(copy.children[0].values)[1], 5);
  EXPECT_EQ(copy.children[1].values[0] >> 1 & 1, 1);
}

TEST(BatchBuilder, ARowThatWasBegunIsTakenBack) {
  const std::vector<Type> types{Type::Primitive(TypeKind::kInt),
                                Type::Primitive(TypeKind::kString)};
  BatchBuilder batch(types);
  batch.column(0).AppendValue(int32_t{1});
  ASSERT_TRUE(batch.column(1).AppendBytes("a"));
  batch.column(0).AppendValue(int32_t{2});
  EXPECT_EQ(batch.rows(), 1);
  batch.Truncate(1);
  EXPECT_EQ(batch.View().columns[0].rows, 1);
}

}  // namespace
}  // namespace tarn
