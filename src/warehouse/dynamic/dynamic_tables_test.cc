// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <random>
#include <string>
#include <thread>

#include "warehouse/dynamic/refresh_runner.h"
#include "warehouse/dynamic/target_lag.h"
#include "warehouse/testing/managed_table_fixture.h"

namespace tarn::warehouse {
namespace {

class DynamicTables : public ManagedTableTest {
 protected:
  /// How the last refresh of the table went: action, rows that came, rows that went.
  std::string LastRefresh(const std::string& table) {
    const Lines lines = Run(
        "SELECT state || ' ' || refresh_action || ' +' || PARSE_JSON(statistics):numInsertedRows "
        "|| ' -' || PARSE_JSON(statistics):numDeletedRows FROM TABLE(INFORMATION_SCHEMA."
        "DYNAMIC_TABLE_REFRESH_HISTORY(NAME => '" +
        table + "')) LIMIT 1");
    return lines.empty() ? "" : lines[0];
  }
  Lines Sorted(const std::string& query) {
    Lines lines = Run(query);
    std::ranges::sort(lines);
    return lines;
  }
};

TEST_F(DynamicTables, AJoinIsKeptByItsChanges) {
  Run("CREATE TABLE orders (id INT, customer INT, amount FLOAT)");
  Run("CREATE TABLE customers (id INT, name VARCHAR)");
  Run("INSERT INTO customers VALUES (1, 'Ada'), (2, 'Ben')");
  Run("INSERT INTO orders VALUES (10, 1, 5), (11, 2, 7), (12, 3, 9)");
  EXPECT_EQ(
      Run("CREATE DYNAMIC TABLE spent TARGET_LAG = '1 minute' WAREHOUSE = COMPUTE_WH AS "
          "SELECT o.id, c.name, o.amount FROM orders o JOIN customers c ON o.customer = c.id"),
      Lines{"Dynamic table SPENT successfully created."});
  EXPECT_EQ(Sorted("SELECT * FROM spent"), (Lines{"10|Ada|5", "11|Ben|7"}));
  Run("INSERT INTO customers VALUES (3, 'Cy')");
  Run("UPDATE orders SET amount = 6 WHERE id = 10");
  Run("DELETE FROM orders WHERE id = 11");
  EXPECT_EQ(Sorted("SELECT * FROM spent"), (Lines{"10|Ada|5", "11|Ben|7"}));
  Run("ALTER DYNAMIC TABLE spent REFRESH");
  EXPECT_EQ(Sorted("SELECT * FROM spent"), (Lines{"10|Ada|6", "12|Cy|9"}));
  EXPECT_EQ(LastRefresh("SPENT"), "SUCCEEDED INCREMENTAL +2 -2");
  Run("ALTER DYNAMIC TABLE spent REFRESH");
  EXPECT_EQ(LastRefresh("SPENT"), "SUCCEEDED NO_DATA +0 -0");
}

TEST_F(DynamicTables, ModesAndWhatIsRefused) {
  Run("CREATE TABLE t (a INT, b INT)");
  Run("CREATE DYNAMIC TABLE top TARGET_LAG = DOWNSTREAM WAREHOUSE = COMPUTE_WH AS "
      "SELECT a FROM t ORDER BY a LIMIT 3");
  EXPECT_EQ(Run("SHOW DYNAMIC TABLES LIKE 'TOP' ->> SELECT \"target_lag\", \"refresh_mode\", "
                "\"refresh_mode_reason\", \"scheduling_state\" FROM $1"),
            Lines{"DOWNSTREAM|FULL|Unsupported query operator type: Limit|ACTIVE"});
  EXPECT_TRUE(ErrorOf("CREATE DYNAMIC TABLE x TARGET_LAG = '1 minute' WAREHOUSE = COMPUTE_WH "
                      "REFRESH_MODE = INCREMENTAL AS SELECT a FROM t LIMIT 1")
                  .starts_with("002711 (0A000)"));
  Run("CREATE DYNAMIC TABLE now TARGET_LAG = '1 minute' WAREHOUSE = COMPUTE_WH AS "
      "SELECT a, CURRENT_DATE AS d FROM t");
  EXPECT_EQ(Run("SHOW DYNAMIC TABLES LIKE 'NOW' ->> SELECT \"refresh_mode\" FROM $1"),
            Lines{"FULL"});
  EXPECT_TRUE(ErrorOf("CREATE DYNAMIC TABLE x TARGET_LAG = 'soon' WAREHOUSE = COMPUTE_WH AS "
                      "SELECT a FROM t")
                  .starts_with("001008 (22023)"));
  EXPECT_TRUE(ErrorOf("INSERT INTO now VALUES (1, NULL)").starts_with("000002 (0A000)"));
  Run("CREATE DYNAMIC TABLE later TARGET_LAG = '1 minute' WAREHOUSE = COMPUTE_WH "
      "INITIALIZE = ON_SCHEDULE AS SELECT a FROM t");
  EXPECT_TRUE(ErrorOf("SELECT * FROM later").starts_with("002741"));
}

TEST_F(DynamicTables, AChainIsRefreshedFromItsBeginningAndSuspendedTogether) {
  Run("CREATE TABLE t (a INT)");
  Run("CREATE DYNAMIC TABLE doubled TARGET_LAG = DOWNSTREAM WAREHOUSE = COMPUTE_WH AS "
      "SELECT a * 2 AS a FROM t");
  Run("CREATE DYNAMIC TABLE summed TARGET_LAG = '1 minute' WAREHOUSE = COMPUTE_WH AS "
      "SELECT SUM(a) AS s FROM doubled");
  Run("INSERT INTO t VALUES (1), (2)");
  Run("ALTER DYNAMIC TABLE summed REFRESH");
  EXPECT_EQ(Run("SELECT s FROM summed"), Lines{"6"});
  Run("ALTER DYNAMIC TABLE doubled SUSPEND");
  EXPECT_EQ(Sorted("SHOW DYNAMIC TABLES ->> SELECT \"name\", \"scheduling_state\" FROM $1"),
            (Lines{"DOUBLED|SUSPENDED", "SUMMED|SUSPENDED"}));
  Run("ALTER DYNAMIC TABLE doubled RESUME");
  EXPECT_EQ(Sorted("SHOW DYNAMIC TABLES ->> SELECT \"name\", \"scheduling_state\" FROM $1"),
            (Lines{"DOUBLED|ACTIVE", "SUMMED|ACTIVE"}));
}

TEST_F(DynamicTables, FiveFailuresInARowSuspend) {
  Run("CREATE TABLE t (a VARCHAR)");
  Run("CREATE DYNAMIC TABLE numbers TARGET_LAG = '1 second' WAREHOUSE = COMPUTE_WH "
      "INITIALIZE = ON_SCHEDULE AS SELECT CAST(a AS INT) AS a FROM t");
  Run("INSERT INTO t VALUES ('no number')");
  for (int i = 0; i < 60; ++i) {
    Must(account_->refresh_runner().Round());
    const Lines state =
        Run("SHOW DYNAMIC TABLES LIKE 'NUMBERS' ->> SELECT \"scheduling_state\" FROM $1");
    if (state == Lines{"SUSPENDED"}) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  EXPECT_EQ(Run("SELECT COUNT(*) FROM TABLE(INFORMATION_SCHEMA.DYNAMIC_TABLE_REFRESH_HISTORY("
                "NAME => 'NUMBERS', ERROR_ONLY => TRUE))"),
            Lines{"5"});
  EXPECT_EQ(Run("SHOW DYNAMIC TABLES LIKE 'NUMBERS' ->> SELECT \"scheduling_state\" FROM $1"),
            Lines{"SUSPENDED"});
}

// Delayed view semantics: after a refresh the table is its query at that moment, whatever happened
// to the tables before ("Streaming Democratized", SIGMOD 2025, §6.1).
class DynamicModel : public DynamicTables, public testing::WithParamInterface<int> {};

TEST_P(DynamicModel, TheTableIsItsQuery) {
  const char* const given = std::getenv("TARN_SEED");
  const auto seed = static_cast<unsigned>(given != nullptr ? std::atoi(given) : GetParam());
  SCOPED_TRACE(fmt::format("TARN_SEED={}", seed));
  std::mt19937 random(seed);
  const std::vector<std::string> queries = {
      "SELECT a, b FROM t WHERE b > 2",
      "SELECT t.a, t.b, u.c FROM t JOIN u ON t.a = u.a",
      "SELECT x.a, y.b FROM t x JOIN t y ON x.a = y.b",
      "SELECT t.a, t.b, u.c FROM t LEFT JOIN u ON t.a = u.a",
      "SELECT u.a, u.c, t.b FROM t RIGHT JOIN u ON t.a = u.a AND t.b < 4",
      "SELECT a, COUNT(*) AS n, SUM(b) AS s, MIN(b) AS least FROM t GROUP BY a",
      "SELECT a, COUNT(*) AS n FROM t GROUP BY a HAVING COUNT(*) > 1",
      "SELECT COUNT(*) AS n, MAX(b) AS most FROM t",
      "SELECT DISTINCT b FROM t",
      "SELECT a, b FROM t UNION ALL SELECT a, c FROM u",
      "SELECT a FROM t UNION SELECT a FROM u",
      "SELECT a FROM t EXCEPT SELECT a FROM u",
      "SELECT a FROM t INTERSECT SELECT a FROM u",
      "SELECT a, b FROM t QUALIFY ROW_NUMBER() OVER (PARTITION BY a ORDER BY b) = 1",
      "SELECT a, b, SUM(b) OVER (PARTITION BY a) AS s FROM t",
      "WITH x AS (SELECT a, SUM(b) AS s FROM t GROUP BY a) SELECT u.c, x.s FROM x JOIN u ON x.a = "
      "u.a",
      "SELECT a, f.value::INT AS v FROM t, LATERAL FLATTEN(INPUT => ARRAY_CONSTRUCT(b, b + 1)) f"};
  const std::string& query = queries[static_cast<size_t>(GetParam()) % queries.size()];
  SCOPED_TRACE(query);
  Run("CREATE TABLE t (a INT, b INT)");
  Run("CREATE TABLE u (a INT, c INT)");
  Run("CREATE DYNAMIC TABLE d TARGET_LAG = '1 hour' WAREHOUSE = COMPUTE_WH "
      "REFRESH_MODE = INCREMENTAL AS " +
      query);
  const auto value = [&] {
    return random() % 8 == 0 ? std::string("NULL") : fmt::format("{}", random() % 6);
  };
  for (int round = 0; round < 12; ++round) {
    const unsigned steps = random() % 4;
    for (unsigned step = 0; step < steps; ++step) {
      const std::string table = random() % 3 == 0 ? "u" : "t";
      const std::string column = table == "t" ? "b" : "c";
      switch (random() % 5) {
        case 0:
          Run(fmt::format("DELETE FROM {} WHERE a = {}", table, random() % 6));
          break;
        case 1:
          Run(fmt::format("UPDATE {} SET {} = {} WHERE a = {}", table, column, value(),
                          random() % 6));
          break;
        case 2:
          if (random() % 6 == 0) Run("TRUNCATE TABLE " + table);
          break;
        default:
          Run(fmt::format("INSERT INTO {} VALUES ({}, {}), ({}, {})", table, value(), value(),
                          value(), value()));
      }
    }
    Run("ALTER DYNAMIC TABLE d REFRESH");
    ASSERT_EQ(Sorted("SELECT * FROM d"), Sorted(query)) << "round " << round;
    const std::string last = LastRefresh("D");
    EXPECT_TRUE(last.starts_with("SUCCEEDED INCREMENTAL") || last.starts_with("SUCCEEDED NO_DATA"))
        << last;
  }
}

INSTANTIATE_TEST_SUITE_P(Queries, DynamicModel, testing::Range(0, 17));

TEST(TargetLag, PeriodsAreShorterThanTheLagAndAligned) {
  EXPECT_EQ(RefreshPeriodMs(60), 48'000);
  EXPECT_EQ(RefreshPeriodMs(120), 96'000);
  EXPECT_EQ(RefreshPeriodMs(1), 750);
  EXPECT_EQ(RefreshPeriodMs(3600), 1'536'000);
  EXPECT_EQ(ParseTargetLag("2 minutes").value(), 120);
  EXPECT_EQ(ParseTargetLag("1 hour").value(), 3600);
  EXPECT_FALSE(ParseTargetLag("downstream").value());
  EXPECT_FALSE(ParseTargetLag("0 seconds"));
  EXPECT_FALSE(ParseTargetLag("1 fortnight"));
}

}  // namespace
}  // namespace tarn::warehouse
