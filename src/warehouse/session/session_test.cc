// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <thread>

#include "warehouse/testing/session_fixture.h"

namespace tarn::warehouse {
namespace {

class QuerySessionTest : public SessionTest {};

TEST_F(QuerySessionTest, QueriesGiveTypedRows) {
  const auto prepared = Must(session_->Prepare("SELECT 1 AS one, 'a' || 'b', NULL", {}, {}));
  EXPECT_EQ(prepared->command(), "SELECT");
  EXPECT_TRUE(prepared->read_only());
  ASSERT_EQ(prepared->columns().size(), 3);
  EXPECT_EQ(prepared->columns()[0].name, "ONE");
  EXPECT_EQ(sql::ToString(prepared->columns()[0].type), "NUMBER(1,0)");
  EXPECT_EQ(prepared->columns()[1].name, "'A' || 'B'");
  for (const ResultColumn& column : prepared->columns()) {
    EXPECT_TRUE(sql::TravelsAs(column.type, column.carrier)) << column.name;
  }
  EXPECT_EQ(Run("SELECT 1 AS one, 'a' || 'b', NULL"), Lines{"1|ab|NULL"});
  EXPECT_EQ(Run("SELECT column1 * 2 FROM (VALUES (1), (2), (NULL)) ORDER BY 1"),
            (Lines{"2", "4", "NULL"}));
  EXPECT_EQ(Run("SELECT UPPER('x'), GREATEST(2, 3)"), Lines{"X|3"});
  EXPECT_EQ(Run("SELECT CURRENT_USER(), CURRENT_ROLE(), CURRENT_WAREHOUSE(), CURRENT_DATABASE()"),
            Lines{"ADMIN|ACCOUNTADMIN|COMPUTE_WH|NULL"});
}

TEST_F(QuerySessionTest, SummaryCountsRows) {
  const auto prepared =
      Must(session_->Prepare("SELECT SEQ4() FROM TABLE(GENERATOR(ROWCOUNT => 5000))", {}, {}));
  const auto stream = Must(session_->Execute(*prepared, {}));
  EXPECT_EQ(Must(Drain(*stream)).size(), 5000);
  EXPECT_EQ(stream->summary().rows, 5000);
  EXPECT_EQ(stream->summary().command, "SELECT");
  EXPECT_FALSE(stream->summary().query_id.is_nil());
}

TEST_F(QuerySessionTest, ErrorsHaveSnowflakesCodes) {
  EXPECT_EQ(ErrorOf("SELECT FROM WHERE"),
            "001003 (42000): SQL compilation error:\n"
            "syntax error line 1 at position 7 unexpected 'FROM'.");
  EXPECT_EQ(ErrorOf("SELECT nothing"),
            "000904 (42000): SQL compilation error: error line 1 at position 7\n"
            "invalid identifier 'NOTHING'");
  EXPECT_EQ(ErrorOf("SELECT * FROM a.b.c"),
            "002003 (02000): SQL compilation error:\n"
            "Database 'A' does not exist or not authorized.");
  EXPECT_EQ(ErrorOf("SELECT * FROM t"),
            "090105 (22000): Cannot perform SELECT. This session does not have a current "
            "database. Call 'USE DATABASE', or use a qualified name.");
  EXPECT_EQ(ErrorOf("SELECT 1 / 0").substr(0, 7), "100051 ");
  EXPECT_EQ(ErrorOf("CREATE ALERT a"),
            "000002 (0A000): SQL compilation error:\nUnsupported feature 'CREATE ALERT'.");
  EXPECT_EQ(ErrorOf("PUT file:///a @s"),
            "000002 (0A000): Unsupported feature 'PUT by a client that transfers no files'.");
}

TEST_F(QuerySessionTest, PositionsAreInWhatTheClientWrote) {
  const auto failed = session_->Prepare(R"(SELECT '\', nothing)", {.backslash_escapes = false}, {});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().position, 12);
}

TEST_F(QuerySessionTest, SplitsByTheClientsDialect) {
  const Dialect dialect{.backslash_escapes = false};
  const auto parts =
      Must(session_->Split(R"(SELECT '\'; ; BEGIN SELECT 1; END; SELECT 2)", dialect));
  ASSERT_EQ(parts.size(), 3);
  EXPECT_EQ(parts[0].text, R"(SELECT '\')");
  EXPECT_EQ(parts[1].text, "BEGIN SELECT 1; END");
  EXPECT_EQ(parts[2].text, "SELECT 2");
  EXPECT_EQ(parts[2].offset, 35);
  const auto open = session_->Split("SELECT 'a", {});
  ASSERT_FALSE(open);
  EXPECT_EQ(open.error().code, "001003");
}

TEST_F(QuerySessionTest, ParametersAreReadByTheirTypes) {
  const Dialect extended{.backslash_escapes = false, .dollar_parameters = true};
  const std::vector<sql::DataType> declared = {
      {.kind = sql::DataTypeKind::kNumber, .precision = 19}, {}};
  const auto prepared = Must(session_->Prepare("SELECT $1 + 1, $2 || '!'", extended, declared));
  ASSERT_EQ(prepared->parameters().size(), 2);
  EXPECT_EQ(prepared->columns().size(), 2);
  const std::vector<BoundValue> values = {{.text = "41"}, {.text = "it's"}};
  const auto run = Must(session_->Execute(*prepared, values));
  EXPECT_EQ(Must(Drain(*run)), Lines{"42|it's!"});
  const std::vector<BoundValue> wrong = {{.text = "x"}, {.text = "y"}};
  const auto failed = session_->Execute(*prepared, wrong);
  EXPECT_FALSE(failed && Drain(**failed));
  const std::vector<BoundValue> typed = {{.value = int64_t{-1}}, {.value = {}}};
  const auto again = Must(session_->Execute(*prepared, typed));
  EXPECT_EQ(Must(Drain(*again)), Lines{"0|NULL"});
}

TEST_F(QuerySessionTest, CancelEndsWhatRunsAndNothingElse) {
  session_->Cancel();
  EXPECT_EQ(Run("SELECT 1"), Lines{"1"});
  const auto prepared = Must(session_->Prepare(
      "SELECT COUNT(*) FROM TABLE(GENERATOR(ROWCOUNT => 100000)) a, "
      "TABLE(GENERATOR(ROWCOUNT => 100000)) b, TABLE(GENERATOR(ROWCOUNT => 100000)) c",
      {}, {}));
  const auto stream = Must(session_->Execute(*prepared, {}));
  std::thread canceller([&] {
    // Until it was seen to run.
    for (int i = 0; i < 200; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      session_->Cancel();
    }
  });
  const auto drained = Drain(*stream);
  canceller.join();
  EXPECT_EQ(Told(drained), "000604 (57014): SQL execution canceled");
  EXPECT_EQ(Run("SELECT 2"), Lines{"2"});
}

TEST_F(QuerySessionTest, ParametersOfTheSession) {
  EXPECT_EQ(Must(session_->Parameter("TIMEZONE")), "UTC");
  Must(session_->SetParameter("TIMEZONE", "Europe/Berlin"));
  EXPECT_EQ(Run("SELECT TO_VARCHAR('2026-01-01 00:00:00'::TIMESTAMP_LTZ, 'TZH')").size(), 1);
  EXPECT_EQ(Told(session_->SetParameter("TIMEZONE", "Nowhere/Else")),
            "001008 (22023): SQL compilation error:\n"
            "invalid value [Nowhere/Else] for parameter 'TIMEZONE'");
  EXPECT_EQ(session_->Parameter("NO_SUCH").error().error.kind, ErrorKind::kNotFound);
  session_->Reset();
  EXPECT_EQ(Must(session_->Parameter("TIMEZONE")), "UTC");
}

TEST_F(QuerySessionTest, UsersAndTheirDefaults) {
  EXPECT_FALSE(account_->sessions().Open({.user = "nobody"}));
  EXPECT_EQ(Told(account_->sessions().Open({.user = "admin", .database = "nowhere"})),
            "002003 (02000): SQL compilation error:\n"
            "Database 'nowhere' does not exist or not authorized.");
  EXPECT_EQ(Told(account_->sessions().Open({.user = "admin", .role = "none"})),
            "002003 (02000): SQL compilation error:\n"
            "Role 'none' does not exist or not authorized.");
  EXPECT_EQ(Open({.user = "admin", .role = "sysadmin"})->current_role(), "SYSADMIN");
  EXPECT_FALSE(Must(account_->sessions().Verifier("admin")));
}

TEST_F(QuerySessionTest, JsonIsIndentedBySixteenBlanksAtMost) {
  Run("ALTER SESSION SET JSON_INDENT = 16");
  EXPECT_EQ(Run("SELECT PARSE_JSON('[1]')"), Lines{"[\n" + std::string(16, ' ') + "1\n]"});
  for (const char* wrong : {"17", "2147483647", "-1", "99999999999999999999"}) {
    EXPECT_THAT(ErrorOf(fmt::format("ALTER SESSION SET JSON_INDENT = {}", wrong)),
                testing::Not("ok"))
        << wrong;
  }
  // Sixteen blanks on each of 500 levels, before each of 100,000 numbers.
  EXPECT_THAT(ErrorOf("SELECT PARSE_JSON(REPEAT('[', 500) || REPEAT('1,', 100000) || '1' || "
                      "REPEAT(']', 500))"),
              testing::StartsWith("100082 (22000): Max LOB size"));
}

}  // namespace
}  // namespace tarn::warehouse
