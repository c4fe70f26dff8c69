// SPDX-License-Identifier: Apache-2.0
// Every statement of tests/data/sql parses, and its printed text parses to the same tree.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "base/testing/source_directory.h"
#include "sql/syntax/dump.h"
#include "sql/syntax/parser.h"
#include "sql/syntax/print.h"
#include "sql/syntax/script.h"

namespace tarn::sql::syntax {
namespace {

std::map<std::string, std::string> CorpusFiles() {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(
           std::filesystem::path(SourceDirectory()) / "tests/data/sql")) {
    if (entry.path().extension() != ".sql") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    files[entry.path().filename()] = std::string(std::istreambuf_iterator<char>(in), {});
  }
  return files;
}

std::vector<std::string_view> StatementsOf(const std::string& text) {
  std::vector<std::string_view> statements;
  if (const auto spans = SplitScript(text)) {
    for (const Span span : *spans) statements.push_back(TextOf(text, span));
  }
  return statements;
}

/// How many statements a file has is counted here, so that a splitter that loses some is noticed.
const std::map<std::string, size_t> kStatements = {
    {"dml.sql", 42},    {"expressions.sql", 33}, {"objects.sql", 153}, {"queries.sql", 88},
    {"retail.sql", 33}, {"scripting.sql", 6},    {"session.sql", 121}, {"tables.sql", 106},
};

TEST(Corpus, FilesAreAllThere) {
  std::map<std::string, size_t> counts;
  for (const auto& [name, text] : CorpusFiles()) {
    const auto statements = SplitScript(text);
    ASSERT_TRUE(statements.has_value()) << name << ": " << statements.error().message;
    counts[name] = statements->size();
  }
  EXPECT_EQ(counts, kStatements);
}

TEST(Corpus, ParsesAndSurvivesPrinting) {
  for (const auto& [name, text] : CorpusFiles()) {
    for (const std::string_view statement : StatementsOf(text)) {
      const auto tree = ParseStatement(statement);
      ASSERT_TRUE(tree.has_value()) << name << ": " << statement << "\n" << tree.error().message;
      const std::string printed = Print(*tree);
      const auto again = ParseStatement(printed);
      ASSERT_TRUE(again.has_value()) << name << ": " << statement << "\n"
                                     << printed << "\n"
                                     << again.error().message;
      EXPECT_EQ(Dump(*tree), Dump(*again)) << printed;
      EXPECT_EQ(printed, Print(*again)) << "the text is not canonical";
    }
  }
}

TEST(Corpus, EveryStatementSpansItsText) {
  for (const auto& [name, text] : CorpusFiles()) {
    for (const std::string_view statement : StatementsOf(text)) {
      const auto tree = ParseStatement(statement);
      ASSERT_TRUE(tree.has_value()) << statement;
      EXPECT_EQ(TextOf(statement, tree->span), statement) << name;
    }
  }
}

/// A statement that is cut anywhere is refused, or means something shorter; it never crashes, and
/// never reads on.
TEST(Corpus, CutStatementsAreSafe) {
  for (const auto& [name, text] : CorpusFiles()) {
    for (const std::string_view statement : StatementsOf(text)) {
      for (size_t length = 0; length < statement.size(); length += 3) {
        const auto tree = ParseStatement(statement.substr(0, length));
        if (tree) {
          EXPECT_LE(tree->span.end, length) << name;
        }
      }
    }
  }
}

}  // namespace
}  // namespace tarn::sql::syntax
