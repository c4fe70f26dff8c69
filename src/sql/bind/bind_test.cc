// SPDX-License-Identifier: Apache-2.0
// What a query becomes, before it is printed.
#include "sql/bind/bind.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sql/testing/query_fixture.h"

namespace tarn::sql {

namespace {

using engine::MakeField;

class BindTest : public QueryFixture {
 protected:
  BindTest() {
    AddTable("T",
             {MakeField(1, "a", Type::Primitive(TypeKind::kLong)),
              MakeField(2, "b", Type::Primitive(TypeKind::kString)),
              MakeField(3, "d", Type::Primitive(TypeKind::kDate))},
             {});
  }

  std::string Dumped(const std::string& text) {
    const auto bound = Bind(text);
    return bound ? bound::Dump(bound->query)
                 : bound.error().code + " " + bound.error().error.message;
  }
};

TEST_F(BindTest, ResolvesColumnsByPlace) {
  EXPECT_EQ(Dumped("SELECT b, t.a FROM db.public.t WHERE public.t.a = 1"),
            "select t0.c1, t0.c0 from t0=table0 where =(t0.c0, 1)");
}

TEST_F(BindTest, MakesConversionsExplicit) {
  EXPECT_EQ(
      Dumped("SELECT 1 FROM t WHERE d >= '2024-01-01' AND b = 5"),
      "select 1 from t0=table0 where AND(>=(t0.c2, cast('2024-01-01')), =(cast(t0.c1), 500000u))");
}

TEST_F(BindTest, GroupsBeneathWhatIsComputedOfIt) {
  EXPECT_EQ(Dumped("SELECT a + 1, COUNT(*) n FROM t GROUP BY a HAVING n > 2"),
            "select +(cast(t1.c0), 1u), t1.c1 from t1=(select t0.c0, COUNT() from t0=table0 group "
            "[0]) where "
            ">(t1.c1, 2)");
}

TEST_F(BindTest, NumbersParametersInOrder) {
  request_.parameters = {TextConstant("x"), IntegerConstant(7)};
  EXPECT_EQ(Dumped("SELECT ?, :2, ?"), "select 'x', 7, 7");
  EXPECT_THAT(Dumped("SELECT :3"), testing::HasSubstr("Bind variable :3 not set."));
  EXPECT_THAT(Dumped("SELECT a FROM t WHERE a = ? ORDER BY a LIMIT ?"), testing::HasSubstr("7"));
  EXPECT_THAT(Dumped("SELECT * FROM VALUES (?, ?)"), testing::HasSubstr("('x', 7)"));
  request_.named_parameters = {{"V", IntegerConstant(4)}};
  EXPECT_EQ(Dumped("SELECT :v"), "select 4");
}

TEST_F(BindTest, FindsColumnsOfTables) {
  const auto bound = Bind("SELECT x.b AS other, a + 1 FROM (SELECT * FROM t) x");
  ASSERT_TRUE(bound) << bound.error().error.message;
  EXPECT_EQ(bound->query.columns[0].name, "OTHER");
  EXPECT_EQ(bound->query.columns[0].table, 0);
  EXPECT_EQ(bound->query.columns[0].table_column, 1);
  EXPECT_EQ(bound->query.columns[1].table, -1);
  EXPECT_EQ(bound->tables.size(), 1u);
}

TEST_F(BindTest, RefusesViewsThatUseThemselves) {
  names_.views["V"] = "SELECT * FROM v";
  EXPECT_THAT(Dumped("SELECT * FROM v"), testing::HasSubstr("refers to itself"));
}

}  // namespace

}  // namespace tarn::sql
