// SPDX-License-Identifier: Apache-2.0
#include "sql/syntax/script.h"

#include <gtest/gtest.h>

#include "sql/syntax/parser.h"

namespace tarn::sql::syntax {
namespace {

std::vector<std::string> Split(std::string_view text) {
  const auto spans = SplitScript(text);
  if (!spans) return {"error: " + spans.error().message};
  std::vector<std::string> statements;
  for (const Span span : *spans) statements.emplace_back(TextOf(text, span));
  return statements;
}

using Strings = std::vector<std::string>;

TEST(Script, CutsAtSemicolons) {
  EXPECT_EQ(Split("SELECT 1; SELECT 2"), (Strings{"SELECT 1", "SELECT 2"}));
  EXPECT_EQ(Split(";; SELECT 1 ;; -- end\n;"), (Strings{"SELECT 1"}));
  EXPECT_EQ(Split("  -- nothing\n"), Strings{});
  EXPECT_EQ(Split(""), Strings{});
}

TEST(Script, LeavesStringsAndCommentsWhole) {
  EXPECT_EQ(Split("SELECT 'a;b', \"c;d\" /* ; */ -- ;\n; SELECT $$;$$"),
            (Strings{"SELECT 'a;b', \"c;d\"", "SELECT $$;$$"}));
}

TEST(Script, LeavesBlocksWhole) {
  EXPECT_EQ(Split("BEGIN LET x := 1; RETURN x; END; SELECT 1"),
            (Strings{"BEGIN LET x := 1; RETURN x; END", "SELECT 1"}));
  EXPECT_EQ(Split("DECLARE a INT; b INT; BEGIN a := 1; END; SELECT 1;"),
            (Strings{"DECLARE a INT; b INT; BEGIN a := 1; END", "SELECT 1"}));
  EXPECT_EQ(Split("BEGIN BEGIN NULL; END; IF (a) THEN b := CASE WHEN c THEN 1 END; END IF; CASE "
                  "WHEN d THEN NULL; END CASE; "
                  "FOR i IN 1 TO 2 DO NULL; END FOR; LOOP BREAK; END LOOP; END; COMMIT")
                .size(),
            2U);
}

TEST(Script, TellsTransactionsFromBlocks) {
  EXPECT_EQ(Split("BEGIN; INSERT INTO t VALUES (1); COMMIT;"),
            (Strings{"BEGIN", "INSERT INTO t VALUES (1)", "COMMIT"}));
  EXPECT_EQ(Split("BEGIN TRANSACTION; SELECT 1; COMMIT").size(), 3U);
  EXPECT_EQ(Split("BEGIN WORK; SELECT 1").size(), 2U);
  EXPECT_EQ(Split("BEGIN NAME x; SELECT 1").size(), 2U);
  EXPECT_EQ(Split("BEGIN BEGIN TRANSACTION; COMMIT; END; SELECT 1").size(), 2U);
}

TEST(Script, LeavesBodiesOfCreateWhole) {
  EXPECT_EQ(Split("CREATE PROCEDURE p() RETURNS INT LANGUAGE SQL AS BEGIN RETURN 1; END; CALL p()")
                .size(),
            2U);
  EXPECT_EQ(Split("CREATE TASK t AS DECLARE x INT; BEGIN x := 1; END; SELECT 1").size(), 2U);
  EXPECT_EQ(Split("ALTER TASK t MODIFY AS BEGIN NULL; END; SELECT 1").size(), 2U);
  EXPECT_EQ(Split("CREATE TABLE begin (a INT); SELECT 1").size(), 2U);
  EXPECT_EQ(Split("SELECT begin, declare FROM t; SELECT 1").size(), 2U);
}

TEST(Script, AnExpressionCaseIsClosedByItsEnd) {
  EXPECT_EQ(Split("SELECT CASE WHEN a THEN 1 END; SELECT CASE 1 WHEN 2 THEN 3 END").size(), 2U);
}

TEST(Script, AWrongStatementLeavesTheOthers) {
  EXPECT_EQ(Split("SELEC 1; SELECT FROM WHERE; SELECT 2"),
            (Strings{"SELEC 1", "SELECT FROM WHERE", "SELECT 2"}));
}

TEST(Script, ReachesToTheEndWhereABlockIsOpen) {
  EXPECT_EQ(Split("SELECT 1; BEGIN SELECT 2; SELECT 3;"),
            (Strings{"SELECT 1", "BEGIN SELECT 2; SELECT 3;"}));
}

TEST(Script, FailsAsTheLexerDoes) {
  EXPECT_TRUE(Split("SELECT 1; SELECT 'a")[0].starts_with("error: 001003"));
}

}  // namespace
}  // namespace tarn::sql::syntax
