// SPDX-License-Identifier: Apache-2.0
// Dynamic tables whose groups are kept: after each refresh of a random history the table is its
// query at that moment. TARN_SEED repeats one, TARN_STEPS makes it longer.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <string>

#include "warehouse/dynamic/refresh_runner.h"
#include "warehouse/testing/managed_table_fixture.h"

namespace tarn::warehouse {
namespace {

/// `shown`: what is compared, of the dynamic table and of its query; floats are rounded in it.
struct StateCase {
  const char* query;
  const char* shown = "*";
};

constexpr StateCase kCases[] = {
    {"SELECT a, COUNT(*) AS n, COUNT(b) AS k, SUM(b) AS s, AVG(b) AS v FROM t GROUP BY a"},
    {"SELECT a, s, MIN(d) AS least, MAX(d) AS most, SUM(d) AS total, AVG(d) AS mean FROM t GROUP "
     "BY a, s"},
    {"SELECT s, MIN(b) AS least, MAX(s) AS word, COUNT_IF(b > 2) AS many FROM t GROUP BY s"},
    {"SELECT a, SUM(f) AS total, AVG(f) AS mean, COUNT(f) AS n FROM t GROUP BY a",
     "a, ROUND(total, 5), ROUND(mean, 5), n"},
    {"SELECT SUM(b) AS s, MIN(d) AS least, MAX(b) AS most, COUNT(*) AS n, AVG(d) AS v FROM t"},
    {"SELECT SUM(f) AS total, COUNT(*) AS n FROM t WHERE b > 100", "ROUND(total, 5), n"},
    {"SELECT a, SUM(b) * 2 + COUNT(*) AS x, CASE WHEN MAX(b) > 3 THEN 'high' ELSE 'low' END AS c "
     "FROM t GROUP BY a HAVING COUNT(*) > 1 AND SUM(b) IS NOT NULL"},
    {"SELECT a, COUNT(DISTINCT b) AS n, SUM(b) AS s FROM t GROUP BY a"},
    {"SELECT a, STDDEV(b) AS d, VARIANCE(b) AS v, SUM(b) AS s FROM t GROUP BY a",
     "a, ROUND(d, 5), ROUND(v, 5), s"},
    {"SELECT a, LISTAGG(s, ',') WITHIN GROUP (ORDER BY s) AS words FROM t GROUP BY a"},
    {"SELECT DISTINCT a, s FROM t"},
    {"SELECT DISTINCT a % 3 AS r FROM t WHERE b IS NOT NULL"},
    {"SELECT t.s, COUNT(*) AS n, SUM(u.c) AS total, MAX(t.d) AS most FROM t JOIN u ON t.a = u.a "
     "GROUP "
     "BY t.s"},
    {"SELECT u.a, COUNT(t.b) AS n, SUM(t.b) AS s FROM u LEFT JOIN t ON t.a = u.a GROUP BY u.a"},
    {"SELECT g.n, COUNT(*) AS groups, SUM(g.s) AS s FROM (SELECT a, COUNT(*) AS n, SUM(b) AS s "
     "FROM t GROUP BY a) g GROUP BY g.n"},
    {"SELECT x.a, x.s, y.m FROM (SELECT a, SUM(b) AS s FROM t GROUP BY a) x JOIN (SELECT a, MAX(c) "
     "AS m FROM u GROUP BY a) y ON x.a = y.a"},
    {"WITH g AS (SELECT a, SUM(b) AS s FROM t GROUP BY a) SELECT l.a, r.s FROM g l LEFT JOIN g r "
     "ON l.s = r.a"},
    {"SELECT a, s, SUM(b) AS total, GROUPING(a) AS g FROM t GROUP BY ROLLUP(a, s)"},
    {"SELECT a, s, COUNT(*) AS n FROM t GROUP BY CUBE(a, s)"},
    {"SELECT a, b, MAX(d) AS m FROM t GROUP BY GROUPING SETS ((a), (b), ())"},
    {"SELECT t.a, t.b, u.c FROM t FULL OUTER JOIN u ON t.a = u.a"},
    {"SELECT t.a, u.a AS ua, u.c FROM t FULL OUTER JOIN u ON t.a = u.a AND t.b < u.c"},
    {"SELECT a, b FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.a AND u.c > 1)"},
    {"SELECT a, b FROM t WHERE NOT EXISTS (SELECT 1 FROM u WHERE u.a = t.a)"},
    {"SELECT a, b FROM t WHERE a IN (SELECT a FROM u WHERE c IS NOT NULL)"},
    {"SELECT a, b FROM t WHERE a NOT IN (SELECT a FROM u WHERE c < 2)"},
    {"SELECT a, SUM(b) AS s FROM t WHERE a IN (SELECT a FROM u) OR b > 3 GROUP BY a"},
    {"SELECT a, b FROM t UNION SELECT a, COUNT(*) FROM u GROUP BY a"},
    {"SELECT a, b, d FROM t QUALIFY ROW_NUMBER() OVER (PARTITION BY a ORDER BY d DESC, b, s, f) <= "
     "2"},
};

class DynamicState : public ManagedTableTest, public testing::WithParamInterface<size_t> {
 protected:
  Lines Sorted(const std::string& query) {
    Lines lines = Run(query);
    std::ranges::sort(lines);
    return lines;
  }
  std::string LastRefresh() {
    const Lines lines =
        Run("SELECT state || ' ' || refresh_action FROM TABLE(INFORMATION_SCHEMA."
            "DYNAMIC_TABLE_REFRESH_HISTORY(NAME => 'D')) LIMIT 1");
    return lines.empty() ? "" : lines[0];
  }
};

std::string Number(std::mt19937& random, unsigned most) {
  return random() % 7 == 0 ? std::string("NULL") : fmt::format("{}", random() % most);
}

std::string RowOfT(std::mt19937& random) {
  const char* const words[] = {"NULL", "'x'", "'y'", "'it''s {0}'"};
  const std::string cents = random() % 7 == 0
                                ? std::string("NULL")
                                : fmt::format("{}.{:02}", random() % 1000, random() % 100);
  const std::string part = random() % 7 == 0
                               ? std::string("NULL")
                               : fmt::format("{}.{}e{}", random() % 10, random() % 1000,
                                             static_cast<int>(random() % 6) - 2);
  return fmt::format("({}, {}, {}, {}, {})", Number(random, 6), Number(random, 6), cents, part,
                     words[random() % 4]);
}

std::string RandomChange(std::mt19937& random) {
  if (random() % 3 == 0) {
    switch (random() % 4) {
      case 0:
        return fmt::format("DELETE FROM u WHERE a = {}", random() % 6);
      case 1:
        return fmt::format("UPDATE u SET c = {} WHERE a = {}", Number(random, 6), random() % 6);
      default:
        return fmt::format("INSERT INTO u VALUES ({}, {})", Number(random, 6), Number(random, 6));
    }
  }
  switch (random() % 8) {
    case 0:
      return fmt::format("DELETE FROM t WHERE a = {}", random() % 6);
    case 1:
      return fmt::format("DELETE FROM t WHERE b = {}", random() % 6);
    case 2:
      return fmt::format("UPDATE t SET b = {}, d = d + 1 WHERE a = {}", Number(random, 6),
                         random() % 6);
    case 3:
      return fmt::format("UPDATE t SET a = {} WHERE b = {}", Number(random, 6), random() % 6);
    case 4:
      return random() % 5 == 0 ? std::string("TRUNCATE TABLE t")
                               : fmt::format("UPDATE t SET f = f * 3 WHERE b = {}", random() % 6);
    default: {
      std::string rows = RowOfT(random);
      for (unsigned i = random() % 4; i > 0; --i) rows += ", " + RowOfT(random);
      return "INSERT INTO t VALUES " + rows;
    }
  }
}

TEST_P(DynamicState, TheTableIsItsQuery) {
  const char* const given = std::getenv("TARN_SEED");
  const char* const steps_given = std::getenv("TARN_STEPS");
  const auto seed = given != nullptr ? static_cast<unsigned>(std::atoi(given))
                                     : static_cast<unsigned>(GetParam());
  const int rounds = steps_given != nullptr ? std::atoi(steps_given) : 12;
  const StateCase& checked = kCases[GetParam()];
  SCOPED_TRACE(fmt::format("TARN_SEED={} {}", seed, checked.query));
  std::mt19937 random(seed);
  Run("CREATE TABLE t (a INT, b INT, d NUMBER(12,2), f FLOAT, s VARCHAR)");
  Run("CREATE TABLE u (a INT, c INT)");
  Run(
      fmt::format("CREATE DYNAMIC TABLE d TARGET_LAG = '1 hour' WAREHOUSE = COMPUTE_WH "
                  "REFRESH_MODE = INCREMENTAL AS {}",
                  checked.query));
  const std::string shown = fmt::format("SELECT {} FROM d", checked.shown);
  const std::string wanted = fmt::format("SELECT {} FROM ({})", checked.shown, checked.query);
  for (int round = 0; round < rounds; ++round) {
    std::string done;
    for (unsigned step = random() % 4; step > 0; --step) {
      const std::string change = RandomChange(random);
      done += change + "; ";
      Run(change);
    }
    Run("ALTER DYNAMIC TABLE d REFRESH");
    ASSERT_EQ(Sorted(shown), Sorted(wanted)) << "round " << round << ": " << done;
    const std::string last = LastRefresh();
    ASSERT_TRUE(last == "SUCCEEDED INCREMENTAL" || last == "SUCCEEDED NO_DATA") << last << done;
  }
}

INSTANTIATE_TEST_SUITE_P(Queries, DynamicState, testing::Range(size_t{0}, std::size(kCases)));

}  // namespace
}  // namespace tarn::warehouse
