// SPDX-License-Identifier: Apache-2.0
#include "base/field_names.h"

#include <gtest/gtest.h>

namespace tarn {
namespace {

Field Named(std::string name, Type type = Type::Primitive(TypeKind::kInt)) {
  return Field{.name = std::move(name), .type = std::move(type)};
}

Type Struct(std::vector<Field> fields) {
  return Type{.kind = TypeKind::kStruct, .children = std::move(fields)};
}

Type List(Type element) {
  return Type{.kind = TypeKind::kList, .children = {Named("element", std::move(element))}};
}

Type Map(Type value) {
  return Type{.kind = TypeKind::kMap, .children = {Named("key"), Named("value", std::move(value))}};
}

const Type kInt = Type::Primitive(TypeKind::kInt);

TEST(FullNames, SharedByAColumnAndANestedField) {
  EXPECT_EQ(FindSharedFullName({Named("a.b"), Named("a", Struct({Named("b")}))}), "a.b");
  EXPECT_EQ(FindSharedFullName({Named("l", List(kInt)), Named("l.element")}), "l.element");
  EXPECT_EQ(FindSharedFullName({Named("m", Map(kInt)), Named("m.key")}), "m.key");
  EXPECT_EQ(FindSharedFullName({Named("m.value"), Named("m", Map(kInt))}), "m.value");
  EXPECT_EQ(FindSharedFullName({Named("l", List(Struct({Named("x")}))), Named("l.element.x")}),
            "l.element.x");
}

TEST(FullNames, SharedDeepInside) {
  const Type inner = Struct({Named("a.b"), Named("a", Struct({Named("b")}))});
  EXPECT_EQ(FindSharedFullName({Named("s", inner)}), "s.a.b");
  EXPECT_EQ(FindSharedFullName({Named("l", List(inner))}), "l.element.a.b");
  EXPECT_EQ(
      FindSharedFullName({Named("a.b", Struct({Named("c")})), Named("a", Struct({Named("b.c")}))}),
      "a.b.c");
}

TEST(FullNames, NotShared) {
  EXPECT_EQ(FindSharedFullName({}), std::nullopt);
  EXPECT_EQ(FindSharedFullName({Named("a.b"), Named("a", Struct({Named("B")}))}), std::nullopt);
  EXPECT_EQ(FindSharedFullName({Named("a.b"), Named("a")}), std::nullopt);
  EXPECT_EQ(FindSharedFullName({Named("element"), Named("l", List(kInt)), Named("l.x")}),
            std::nullopt);
  EXPECT_EQ(FindSharedFullName({Named("s", Struct({Named("key"), Named("value")})), Named("key")}),
            std::nullopt);
}

}  // namespace
}  // namespace tarn
