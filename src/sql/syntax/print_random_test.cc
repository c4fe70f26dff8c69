// SPDX-License-Identifier: Apache-2.0
// Random statements: what parses survives the printer. Two sources: sentences of a small random
// grammar, which nests operators, queries and names as no person would, and the corpus with its
// tokens mixed up.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "base/testing/source_directory.h"
#include "sql/syntax/dump.h"
#include "sql/syntax/lexer.h"
#include "sql/syntax/parser.h"
#include "sql/syntax/print.h"
#include "sql/syntax/script.h"

namespace tarn::sql::syntax {
namespace {

constexpr uint64_t kSeed = 20'261'129;

void ExpectSurvivesPrinting(const std::string& text, const Statement& tree) {
  const std::string printed = Print(tree);
  const auto again = ParseStatement(printed);
  ASSERT_TRUE(again.has_value()) << text << "\n" << printed << "\n" << again.error().message;
  ASSERT_EQ(Dump(tree), Dump(*again)) << text << "\n" << printed;
}

class Sentences {
 public:
  explicit Sentences(uint64_t seed) : random_(seed) {}

  std::string Statement() { return Query(4); }

 private:
  size_t Below(size_t n) { return random_() % n; }
  std::string Pick(std::initializer_list<const char*> choices) {
    return choices.begin()[Below(choices.size())];
  }

  std::string Name() {
    return Pick({"a",          "b",        "Col",       "\"q\"",    "\"Q R\"",
                 "\"SELECT\"", "\"X\"",    "\"PRIOR\"", "\"DATE\"", "\"LIMIT\"",
                 "date",       "first",    "value",     "type",     "\"a\"\"b\"",
                 "t",          "interval", "offset_",   "\"ü\"",    "\"CURRENT_DATE\"",
                 "at",         "\"END\""});
  }
  std::string Type() {
    return Pick({"INT", "NUMBER(10, 2)", "VARCHAR", "ARRAY(INT)", "OBJECT(a INT NOT NULL)",
                 "TIMESTAMP_TZ(3)", "DOUBLE PRECISION", "db.s.t", "MAP(VARCHAR, INT)",
                 "VECTOR(FLOAT, 3)"});
  }
  std::string Leaf() {
    return Pick({"1",
                 "2.50",
                 "1e3",
                 "'x'",
                 "'it''s \\\\ \\n'",
                 "$$d$$",
                 "NULL",
                 "TRUE",
                 "a.b",
                 "t.$1",
                 "$2",
                 "$v",
                 ":x",
                 ":1",
                 "?",
                 "CURRENT_DATE",
                 "DATE '2024-01-01'",
                 "INTERVAL '1 day'",
                 "X'0a'",
                 "{}",
                 "[]",
                 "IDENTIFIER('x')",
                 "@st/p",
                 "f()",
                 "COUNT(*)",
                 "s.NEXTVAL"});
  }

  std::string Expression(int depth) {
    if (depth <= 0) return Below(3) == 0 ? Name() : Leaf();
    const auto e = [&] { return Expression(depth - 1 - static_cast<int>(Below(2))); };
    const auto op = [&](const char* text) { return e() + " " + text + " " + e(); };
    switch (Below(34)) {
      case 0:
        return "(" + e() + ")";
      case 1:
        return "-" + std::string(" ") + e();
      case 2:
        return "NOT " + e();
      case 3:
        return op("AND");
      case 4:
        return op("OR");
      case 5:
        return op("+");
      case 6:
        return op("-");
      case 7:
        return op("*");
      case 8:
        return op("||");
      case 9:
        return op("=");
      case 10:
        return op("<>");
      case 11:
        return e() + " IS NOT NULL";
      case 12:
        return op("IS DISTINCT FROM");
      case 13:
        return op("NOT LIKE") + " ESCAPE '!'";
      case 14:
        return e() + " ILIKE ANY (" + e() + ", " + e() + ")";
      case 15:
        return e() + " BETWEEN " + e() + " AND " + e();
      case 16:
        return e() + " IN (" + e() + ", " + e() + ")";
      case 17:
        return e() + " NOT IN (" + Query(depth - 2) + ")";
      case 18:
        return e() + " >= ALL (" + Query(depth - 2) + ")";
      case 19:
        return e() + "::" + Type();
      case 20:
        return "TRY_CAST(" + e() + " AS " + Type() + ")";
      case 21:
        return e() + " COLLATE 'en'";
      case 22:
        return e() + ":k.\"K 2\"[" + e() + "].select";
      case 23:
        return "(" + e() + ")[" + e() + "]";
      case 24:
        return "CASE WHEN " + e() + " THEN " + e() + " ELSE " + e() + " END";
      case 25:
        return "CASE " + e() + " WHEN " + e() + " THEN " + e() + " END";
      case 26:
        return "(" + e() + ", " + e() + ")";
      case 27:
        return "[" + e() + ", " + e() + "]";
      case 28:
        return "{'k': " + e() + ", 'l': " + e() + "}";
      case 29:
        return "f(" + e() + ", n => " + e() + ", x -> " + e() + ")";
      case 30:
        return "SUM(DISTINCT " + e() + ") OVER (PARTITION BY " + e() + " ORDER BY " + e() +
               " DESC ROWS 1 PRECEDING)";
      case 31:
        return "(" + Query(depth - 2) + ")";
      case 32:
        return "EXISTS (" + Query(depth - 2) + ")";
      default:
        return "((" + Query(depth - 2) + ") UNION (" + Query(depth - 2) + "))";
    }
  }

  std::string Table(int depth) {
    if (depth <= 0) return Name();
    switch (Below(10)) {
      case 0:
        return "(" + Query(depth - 1) + ") AS " + Name() + " (x, y)";
      case 1:
        return Table(depth - 1) + " LEFT JOIN " + Table(depth - 2) + " ON " + Expression(depth - 2);
      case 2:
        return "(" + Table(depth - 1) + " JOIN " + Table(depth - 2) + " USING (a))";
      case 3:
        return Table(depth - 1) + " CROSS JOIN (" + Table(depth - 1) + " NATURAL JOIN t)";
      case 4:
        return "LATERAL FLATTEN(INPUT => " + Expression(depth - 2) + ") f";
      case 5:
        return "t AT (OFFSET => " + Expression(depth - 2) + ") AS q SAMPLE (10)";
      case 6:
        return "(" + Table(depth - 1) + ") PIVOT (SUM(a) FOR b IN ('x' AS y, 2)) AS p";
      case 7:
        return "VALUES (" + Expression(depth - 2) + ", 1), (2, " + Expression(depth - 2) + ") v";
      case 8:
        return "((" + Query(depth - 2) + ") UNION ALL " + Query(depth - 2) + ")";
      default:
        return "db.s." + Name() + " AS " + Name();
    }
  }

  std::string Query(int depth) {
    if (depth <= 0) return "SELECT " + Leaf();
    switch (Below(8)) {
      case 0:
        return "(" + Query(depth - 1) + ") UNION ALL (" + Query(depth - 1) + ") ORDER BY 1";
      case 1:
        return "SELECT 1 EXCEPT (" + Query(depth - 1) + ") INTERSECT SELECT 2 UNION SELECT 3";
      case 2:
        return "WITH c AS (" + Query(depth - 1) + ") (" + Query(depth - 1) + ")";
      case 3:
        return "(" + Query(depth - 1) + ") LIMIT 1";
      case 4:
        return "(((" + Query(depth - 1) + ") OFFSET 2) LIMIT 3)";
      default: {
        std::string query = Below(4) == 0 ? "SELECT DISTINCT " : "SELECT ";
        query += Below(5) == 0 ? "t.* EXCLUDE (a)" : Expression(depth) + " AS " + Name();
        query += ", " + Expression(depth);
        query += " FROM " + Table(depth - 1);
        if (Below(2) == 0) query += ", " + Table(depth - 2);
        if (Below(2) == 0) query += " WHERE " + Expression(depth);
        if (Below(4) == 0)
          query += " GROUP BY " + Expression(depth - 1) + ", ROLLUP ((a, b), " +
                   Expression(depth - 2) + ")";
        if (Below(4) == 0) query += " QUALIFY " + Expression(depth - 1);
        if (Below(4) == 0) query += " ORDER BY " + Expression(depth - 1) + " NULLS LAST";
        if (Below(4) == 0) query += " LIMIT 10";
        return query;
      }
    }
  }

  std::mt19937_64 random_;
};

TEST(PrintRandom, SentencesSurvivePrinting) {
  constexpr int kRuns = 5'000;
  SCOPED_TRACE(fmt::format("seed {}", kSeed));
  Sentences sentences(kSeed);
  int parsed = 0;
  for (int i = 0; i < kRuns; ++i) {
    const std::string text = sentences.Statement();
    const auto tree = ParseStatement(text);
    if (!tree) continue;  // an operand that another operator cannot take
    ++parsed;
    ExpectSurvivesPrinting(text, *tree);
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(parsed, kRuns / 2);
}

std::vector<std::vector<std::string>> CorpusTokens() {
  std::vector<std::vector<std::string>> statements;
  for (const auto& entry : std::filesystem::directory_iterator(
           std::filesystem::path(SourceDirectory()) / "tests/data/sql")) {
    if (entry.path().extension() != ".sql") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(in), {});
    const auto spans = SplitScript(text);
    for (const Span span : *spans) {
      const std::string_view statement = TextOf(text, span);
      const auto tokens = Tokenize(statement);
      auto& words = statements.emplace_back();
      for (const Token& token : *tokens) words.emplace_back(TextOf(statement, token.span));
    }
  }
  // Directories list files in any order; the seed shall decide alone.
  std::ranges::sort(statements);
  return statements;
}

TEST(PrintRandom, MixedUpTokensSurvivePrinting) {
  constexpr int kRuns = 60'000;
  SCOPED_TRACE(fmt::format("seed {}", kSeed));
  const auto corpus = CorpusTokens();
  std::mt19937_64 random(kSeed);
  int parsed = 0;
  for (int i = 0; i < kRuns; ++i) {
    std::vector<std::string> words = corpus[random() % corpus.size()];
    for (size_t edits = 1 + random() % 2; edits > 0; --edits) {
      const auto& other = corpus[random() % corpus.size()];
      const size_t from = random() % other.size();
      const size_t count = std::min<size_t>(random() % 4, other.size() - from);
      const size_t at = random() % words.size();
      const size_t drop = std::min<size_t>(random() % 3, words.size() - at);
      words.erase(words.begin() + static_cast<ptrdiff_t>(at),
                  words.begin() + static_cast<ptrdiff_t>(at + drop));
      words.insert(words.begin() + static_cast<ptrdiff_t>(at),
                   other.begin() + static_cast<ptrdiff_t>(from),
                   other.begin() + static_cast<ptrdiff_t>(from + count));
      if (words.empty()) words.emplace_back("SELECT");
    }
    std::string text;
    for (const std::string& word : words) text += word + " ";
    const auto tree = ParseStatement(text);
    if (!tree) continue;
    ++parsed;
    ExpectSurvivesPrinting(text, *tree);
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(parsed, 1'000);
}

}  // namespace
}  // namespace tarn::sql::syntax
