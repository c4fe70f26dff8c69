// SPDX-License-Identifier: Apache-2.0
// Calls of users' functions as the binder expands them, and numbers of sequences in the engine.
#include <gmock/gmock.h>

#include "sql/testing/query_fixture.h"

namespace tarn::sql {
namespace {

using engine::MakeField;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class UserFunctionTest : public QueryFixture {
 protected:
  UserFunctionTest() {
    const auto row = [](int64_t value) { return engine::Row{engine::Cell(tarn::Value(value))}; };
    AddTable("T", {MakeField(1, "a", Type::Primitive(TypeKind::kLong))}, {row(1), row(2), row(2)});
  }
  void Add(const std::string& name, std::vector<NamedParameter> parameters, DataType returns,
           const std::string& body) {
    names_.functions.push_back({.id = static_cast<int64_t>(names_.functions.size()) + 1,
                                .name = name,
                                .parameters = std::move(parameters),
                                .returns = std::move(returns),
                                .body = body});
  }
  void AddTableFunction(const std::string& name, std::vector<NamedParameter> parameters,
                        const std::string& body) {
    Add(name, std::move(parameters), DataType(), body);
    names_.functions.back().returns_table = {{"N", NumberType(38, 0)}};
  }
  static NamedParameter Number(const std::string& name) {
    return {.name = name, .type = NumberType(38, 0), .default_sql = std::nullopt};
  }
};

TEST_F(UserFunctionTest, ABodyStandsForItsCall) {
  Add("TWICE", {Number("X")}, NumberType(38, 0), "x * 2");
  EXPECT_EQ(Run("SELECT twice(a + 1) FROM t ORDER BY 1"), (TextRows{{"4"}, {"6"}, {"6"}}));
  EXPECT_THAT(printed_, Not(HasSubstr("TWICE")));
  EXPECT_EQ(Run("SELECT twice(twice(a)) AS k, COUNT(*) FROM t GROUP BY twice(twice(a)) ORDER BY k"),
            (TextRows{{"4", "1"}, {"8", "2"}}));
  EXPECT_EQ(Run("SELECT twice(SUM(a)) FROM t"), (TextRows{{"10"}}));
  EXPECT_EQ(Run("SELECT a, twice(ROW_NUMBER() OVER (ORDER BY a)) FROM t ORDER BY 2"),
            (TextRows{{"1", "2"}, {"2", "4"}, {"2", "6"}}));
  const auto bound = Bind("SELECT twice(a), twice(5) FROM t");
  ASSERT_TRUE(bound);
  ASSERT_EQ(bound->expanded.size(), 1U);
  EXPECT_EQ(bound->expanded[0].text, "x * 2");
}

TEST_F(UserFunctionTest, ASelectOfOneValueIsNoSubquery) {
  Add("PLAIN", {Number("X")}, NumberType(38, 0), "SELECT x + 1");
  EXPECT_EQ(Run("SELECT plain(a) FROM t ORDER BY 1"), (TextRows{{"2"}, {"3"}, {"3"}}));
  EXPECT_THAT(printed_, Not(HasSubstr("(SELECT")));
}

TEST_F(UserFunctionTest, AQueryIsASubqueryOfTheRow) {
  Add("BELOW", {Number("X")}, NumberType(38, 0), "SELECT COUNT(*) FROM t WHERE t.a < x");
  EXPECT_EQ(Run("SELECT below(a), COUNT(*) FROM t GROUP BY below(a) ORDER BY 1"),
            (TextRows{{"0", "1"}, {"1", "2"}}));
  EXPECT_EQ(Run("SELECT a FROM t WHERE below(a) = 0"), (TextRows{{"1"}}));
  EXPECT_THAT(ErrorOf("SELECT below(SUM(a)) FROM t"), StartsWith("000002"));
  EXPECT_THAT(ErrorOf("SELECT below(ROW_NUMBER() OVER (ORDER BY a)) FROM t"), StartsWith("000002"));
}

TEST_F(UserFunctionTest, TableFunctionsAreLateral) {
  AddTableFunction("UPTO", {Number("X")}, "SELECT a FROM t WHERE a <= x");
  EXPECT_EQ(Run("SELECT n FROM TABLE(upto(1))"), (TextRows{{"1"}}));
  EXPECT_EQ(Run("SELECT column1, n FROM (VALUES (1), (2)) v, TABLE(upto(v.column1)) ORDER BY 1, 2"),
            (TextRows{{"1", "1"}, {"2", "1"}, {"2", "2"}, {"2", "2"}}));
  EXPECT_EQ(Run("SELECT column1, (SELECT COUNT(*) FROM TABLE(upto(v.column1))) FROM (VALUES (1), "
                "(2)) v ORDER BY 1"),
            (TextRows{{"1", "1"}, {"2", "3"}}));
}

TEST_F(UserFunctionTest, NothingComesBackToItself) {
  Add("F", {Number("X")}, NumberType(38, 0), "g(x)");
  Add("G", {Number("X")}, NumberType(38, 0), "f(x)");
  EXPECT_THAT(ErrorOf("SELECT f(1)"), StartsWith("002036"));
  AddTableFunction("ROWS_OF", {}, "SELECT n FROM TABLE(rows_of())");
  EXPECT_THAT(ErrorOf("SELECT * FROM TABLE(rows_of())"), StartsWith("002036"));
}

TEST_F(UserFunctionTest, NumbersOfSequences) {
  EXPECT_EQ(Run("SELECT COUNT(DISTINCT n), MAX(n) FROM (SELECT numbers.NEXTVAL AS n FROM t)"),
            (TextRows{{"3", "3"}}));
  EXPECT_EQ(Run("SELECT COUNT(DISTINCT s.nextval), SUM(IFF(s.nextval = s.nextval, 1, 0)) FROM t, "
                "TABLE(GETNEXTVAL(numbers)) s"),
            (TextRows{{"3", "3"}}));
  EXPECT_EQ(Run("SELECT * FROM VALUES (numbers.NEXTVAL, 'a'), (numbers.NEXTVAL, 'b')"),
            (TextRows{{"7", "a"}, {"8", "b"}}));
  EXPECT_EQ(Run("SELECT a, n, n FROM (SELECT numbers.NEXTVAL AS n, a FROM (SELECT 1 AS a))"),
            (TextRows{{"1", "9", "9"}}));
  // A filter above stays above.
  EXPECT_EQ(Run("SELECT COUNT(*) FROM (SELECT numbers.NEXTVAL AS n FROM t) WHERE n > 11"),
            (TextRows{{"1"}}));
  EXPECT_EQ(Run("WITH x AS (SELECT numbers.NEXTVAL AS n FROM t) SELECT COUNT(*) FROM x a JOIN x b "
                "ON a.n = b.n"),
            (TextRows{{"3"}}));
}

}  // namespace
}  // namespace tarn::sql
