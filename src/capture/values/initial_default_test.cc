// SPDX-License-Identifier: Apache-2.0
#include "capture/values/initial_default.h"

#include <gtest/gtest.h>

#include "capture/values/type_oids.h"

namespace tarn::capture {
namespace {

std::optional<std::string> DefaultOf(uint32_t oid, const char* text, const TargetType& target,
                                     const Type& stored, int32_t modifier = -1) {
  return InitialDefault(
      {.type = {.oid = TypeOid(oid), .modifier = modifier, .name = "t"}, .text = text}, target,
      stored);
}

/// Expected: Iceberg specification, Appendix D, "JSON single-value serialization".
TEST(InitialDefault, IsTheSpecificationsJson) {
  EXPECT_EQ(
      DefaultOf(23, "5", {.kind = TargetKind::kNumber, .precision = 38}, Type::Decimal(38, 0)),
      "\"5\"");
  EXPECT_EQ(
      DefaultOf(25, "it's \"x\"", {.kind = TargetKind::kText}, Type::Primitive(TypeKind::kString)),
      R"("it's \"x\"")");
  EXPECT_EQ(DefaultOf(16, "t", {.kind = TargetKind::kBoolean}, Type::Primitive(TypeKind::kBoolean)),
            "true");
  EXPECT_EQ(
      DefaultOf(1082, "2024-02-29", {.kind = TargetKind::kDate}, Type::Primitive(TypeKind::kDate)),
      "\"2024-02-29\"");
  EXPECT_EQ(DefaultOf(1114, "2024-01-01 10:11:12.5", {.kind = TargetKind::kTimestamp},
                      Type::Primitive(TypeKind::kTimestamp)),
            "\"2024-01-01T10:11:12.500000\"");
}

TEST(InitialDefault, NestedFieldsHaveNone) {
  const Type nested{.kind = TypeKind::kStruct,
                    .children = {{.id = FieldId(2), .name = "s", .type = Type::Decimal(3, 0)}}};
  EXPECT_EQ(DefaultOf(1184, "2024-01-01 00:00:00+00", {.kind = TargetKind::kTimestampTz}, nested),
            std::nullopt);
}

TEST(InitialDefault, WhatHasNoPlaceHasNone) {
  EXPECT_EQ(
      DefaultOf(1082, "infinity", {.kind = TargetKind::kDate}, Type::Primitive(TypeKind::kDate)),
      std::nullopt);
  // numeric(9,2)
  EXPECT_EQ(DefaultOf(1700, "NaN", {.kind = TargetKind::kNumber, .precision = 9, .scale = 2},
                      Type::Decimal(9, 2), ((9 << 16) | 2) + 4),
            "null");
}

}  // namespace
}  // namespace tarn::capture
