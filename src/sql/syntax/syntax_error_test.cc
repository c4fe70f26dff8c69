// SPDX-License-Identifier: Apache-2.0
#include "sql/syntax/syntax_error.h"

#include <gtest/gtest.h>

#include "sql/syntax/parser.h"
#include "sql/syntax/token_cursor.h"

namespace tarn::sql::syntax {
namespace {

struct Case {
  std::string_view text;
  std::string_view where;  ///< line and position, and the token
  std::string_view hint;
};

TEST(SyntaxError, NamesTheTokenItsPlaceAndWhatWasMeant) {
  const Case cases[] = {
      {"SELECT x y z FROM t", "line 1 at position 11 unexpected 'z'", ""},
      {"SELEC 1", "line 1 at position 0 unexpected 'SELEC'", "Perhaps you meant SELECT."},
      {"SELECT a FORM t", "line 1 at position 14 unexpected 't'", "Perhaps you meant FROM."},
      {"SELECT a\n  FROM t WHER a = 1", "line 2 at position 14 unexpected 'a'",
       "Perhaps you meant WHERE."},
      {"SELECT a FROM t GROPU BY a", "line 1 at position 22 unexpected 'BY'",
       "Perhaps you meant GROUP."},
      {"SELECT a FROM t ORDER YB a", "line 1 at position 22 unexpected 'YB'", ""},
      {"CRATE TABLE t (a INT)", "line 1 at position 0 unexpected 'CRATE'",
       "Perhaps you meant CREATE."},
      {"CREATE TABEL t (a INT)", "line 1 at position 7 unexpected 'TABEL'",
       "Perhaps you meant TABLE."},
      {"CREATE POSTGRES INSTNCE i", "line 1 at position 16 unexpected 'INSTNCE'",
       "Perhaps you meant INSTANCE."},
      {"CREATE OR REPLCE TABLE t (a INT)", "line 1 at position 10 unexpected 'REPLCE'",
       "Perhaps you meant REPLACE."},
      {"SHOW POSTGRES INSTANCE", "line 1 at position 14 unexpected 'INSTANCE'",
       "Perhaps you meant INSTANCES."},
      {"SELECT 1 FROM a LEFT JION b", "line 1 at position 21 unexpected 'JION'",
       "Perhaps you meant JOIN."},
      {"ALTER TSAK t RESUME", "line 1 at position 6 unexpected 'TSAK'", "Perhaps you meant TASK."},
      {"SELECT a LIEK 'x'", "line 1 at position 14 unexpected ''x''", "Perhaps you meant LIKE."},
      {"INSERT INOT t VALUES (1)", "line 1 at position 7 unexpected 'INOT'",
       "Perhaps you meant INTO."},
      {"SELECT", "line 1 at position 6 unexpected '<EOF>'", ""},
      {"SELECT (1", "line 1 at position 9 unexpected '<EOF>'", ""},
      {"SELECT 'ä', 1) FROM t", "line 1 at position 13 unexpected ')'", ""},
      {"SELECT 1; SELECT 2", "line 1 at position 10 unexpected 'SELECT'", ""},
      {"SELECT a FROM select", "line 1 at position 14 unexpected 'select'", ""},
      {"SELECT case FROM t", "line 1 at position 12 unexpected 'FROM'", ""},
      {"SELECT a.* b FROM t", "line 1 at position 11 unexpected 'b'", ""},
      {"BEGIN RETURN 1 END", "line 1 at position 15 unexpected 'END'", ""},
      {"BEGIN IF (a) THEN NULL; END; END", "line 1 at position 27 unexpected ';'", ""},
      {"SHOW TABELS", "line 1 at position 5 unexpected 'TABELS'", "Perhaps you meant TABLES."},
      {"", "line 1 at position 0 unexpected '<EOF>'", ""},
  };
  for (const Case& test : cases) {
    const auto tree = ParseStatement(test.text);
    ASSERT_FALSE(tree.has_value()) << test.text;
    EXPECT_EQ(tree.error().kind, ErrorKind::kInvalidArgument);
    EXPECT_EQ(tree.error().message,
              fmt::format("001003 (42000): SQL compilation error:\nsyntax error {}.", test.where))
        << test.text;
    EXPECT_EQ(tree.error().hint, test.hint) << test.text;
  }
}

TEST(SyntaxError, RefusesByName) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"SELECT * FROM t MATCH_RECOGNIZE (PARTITION BY a PATTERN (x))", "MATCH_RECOGNIZE"},
      {"SELECT * FROM SEMANTIC_VIEW(v METRICS m)", "SEMANTIC_VIEW"},
      {"SELECT * FROM ERROR_TABLE(t)", "ERROR_TABLE"},
      {"CREATE TABLE t USING TEMPLATE (SELECT 1)", "CREATE TABLE ... USING TEMPLATE"},
      {"CREATE PIPE p AS COPY INTO t FROM @s", "CREATE PIPE"},
      {"MERGE INTO t USING s ON a WHEN NOT MATCHED BY SOURCE THEN DELETE",
       "WHEN NOT MATCHED BY SOURCE"},
      {"ALTER TABLE t ADD SEARCH OPTIMIZATION", "SEARCH OPTIMIZATION"},
  };
  for (const auto& [text, feature] : cases) {
    const auto tree = ParseStatement(text);
    ASSERT_FALSE(tree.has_value()) << text;
    EXPECT_EQ(tree.error().kind, ErrorKind::kUnsupported) << text;
    EXPECT_EQ(
        tree.error().message,
        fmt::format("000002 (0A000): SQL compilation error:\nUnsupported feature '{}'.", feature));
  }
}

TEST(SyntaxError, FindsTheNearestWord) {
  const std::vector<std::string_view> expected = {"FROM", "WHERE", "GROUP", "HAVING", "AS"};
  EXPECT_EQ(NearestWord("FORM", expected), "FROM");
  EXPECT_EQ(NearestWord("WHRE", expected), "WHERE");
  EXPECT_EQ(NearestWord("HAVINGS", expected), "HAVING");
  EXPECT_EQ(NearestWord("FROM", expected), "");
  EXPECT_EQ(NearestWord("X", expected), "");
  EXPECT_EQ(NearestWord("CUSTOMERS", expected), "");
}

std::string Repeat(std::string_view text, size_t times) {
  std::string out;
  for (size_t i = 0; i < times; ++i) out += text;
  return out;
}

TEST(Limits, DeepNestingIsRefusedNotFatal) {
  const std::pair<std::string_view, std::string_view> nested[] = {{"(", ")"},
                                                                  {"[", "]"},
                                                                  {"f(", ")"},
                                                                  {"{'a': ", "}"},
                                                                  {"- ", ""},
                                                                  {"NOT ", ""},
                                                                  {"(SELECT ", ")"},
                                                                  {"CASE WHEN TRUE THEN ", " END"},
                                                                  {"x[", "]"},
                                                                  {"(x) -> ", ""},
                                                                  {"EXISTS (SELECT ", ")"},
                                                                  {"a IN (", ")"}};
  for (const auto& [open, close] : nested) {
    for (const size_t depth : {kMaxNesting + 100, 20'000}) {
      const std::string text = "SELECT f(" + Repeat(open, depth) + "1" + Repeat(close, depth) + ")";
      const auto tree = ParseStatement(text);
      ASSERT_FALSE(tree.has_value()) << open;
      EXPECT_EQ(tree.error().kind, ErrorKind::kResourceExhausted) << open << tree.error().message;
    }
  }
  EXPECT_FALSE(ParseStatement("SELECT * FROM " + Repeat("(", 50'000) + "t" + Repeat(")", 50'000))
                   .has_value());
  EXPECT_FALSE(ParseStatement(Repeat("BEGIN ", 50'000)).has_value());
  EXPECT_FALSE(ParseStatement("SELECT a::" + Repeat("ARRAY(", 50'000)).has_value());
  EXPECT_FALSE(ParseStatement("CREATE STAGE s X = " + Repeat("(", 50'000)).has_value());
  EXPECT_FALSE(ParseStatement(Repeat("EXPLAIN ", 50'000) + "SELECT 1").has_value());
}

TEST(Limits, SensibleNestingIsFine) {
  EXPECT_TRUE(ParseStatement("SELECT " + Repeat("(", 150) + "1" + Repeat(")", 150)).has_value());
  EXPECT_TRUE(ParseStatement("SELECT " + Repeat("f(", 150) + "1" + Repeat(")", 150)).has_value());
}

TEST(Limits, ChainsThatAreTreesAreLimited) {
  EXPECT_TRUE(ParseStatement("SELECT 1" + Repeat(" + 1", 1'900)).has_value());
  for (const std::string_view link :
       {" + 1", " || 'a'", "::INT", " IS NULL", " = 1", " COLLATE 'x'"}) {
    const auto tree = ParseStatement("SELECT a" + Repeat(link, 100'000));
    ASSERT_FALSE(tree.has_value()) << link;
    EXPECT_EQ(tree.error().kind, ErrorKind::kResourceExhausted) << link;
  }
  EXPECT_FALSE(ParseStatement("SELECT * FROM t" + Repeat(" JOIN t", 100'000)).has_value());
  EXPECT_FALSE(
      ParseStatement("SELECT 1" + Repeat(" UNION SELECT 1 EXCEPT SELECT 1", 50'000)).has_value());
  // The chain stands in nested parentheses, each of which is short.
  EXPECT_FALSE(
      ParseStatement("SELECT " + Repeat("(", 300) + "1" + Repeat(Repeat(" + 1", 100) + ")", 300))
          .has_value());
}

TEST(Limits, FlatChainsAndListsMayBeLong) {
  EXPECT_TRUE(ParseStatement("SELECT a = 1" + Repeat(" OR a = 1", 50'000)).has_value());
  EXPECT_TRUE(ParseStatement("SELECT a" + Repeat(" AND a", 50'000)).has_value());
  EXPECT_TRUE(ParseStatement("SELECT 1" + Repeat(" UNION ALL SELECT 1", 20'000)).has_value());
  EXPECT_TRUE(ParseStatement("SELECT a IN (1" + Repeat(", 1", 100'000) + ")").has_value());
  EXPECT_TRUE(
      ParseStatement("INSERT INTO t VALUES (1, 'a')" + Repeat(", (1, 'a')", 50'000)).has_value());
  EXPECT_TRUE(ParseStatement("SELECT a:b" + Repeat(".c", 50'000)).has_value());
}

}  // namespace
}  // namespace tarn::sql::syntax
