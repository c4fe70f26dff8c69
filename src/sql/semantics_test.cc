// SPDX-License-Identifier: Apache-2.0
// Where Snowflake and DuckDB differ: values as Snowflake documents them.
#include <gtest/gtest.h>

#include "sql/testing/query_fixture.h"

namespace tarn::sql {

namespace {

struct Meaning {
  const char* expression;
  const char* value;
};

class SemanticsTest : public QueryFixture, public testing::WithParamInterface<Meaning> {};

TEST_P(SemanticsTest, IsSnowflakes) {
  EXPECT_EQ(Value(GetParam().expression), GetParam().value) << GetParam().expression << "\n"
                                                            << printed_;
}

INSTANTIATE_TEST_SUITE_P(
    Null, SemanticsTest,
    testing::Values(
        Meaning{"(1, NULL) = (1, NULL)", "NULL"}, Meaning{"GREATEST(1, NULL)", "NULL"},
        Meaning{"CONCAT('a', NULL)", "NULL"}, Meaning{"CONCAT_WS(',', 'a', NULL)", "NULL"},
        Meaning{"IFF(NULL, 1, 2)", "2"}, Meaning{"DIV0(NULL, 0)", "NULL"},
        Meaning{"DECODE(2, 1, 'one')", "NULL"}, Meaning{"NULL IN (1, 2)", "NULL"},
        Meaning{"1 NOT IN (2, NULL)", "NULL"}, Meaning{"NULLIF(NULL, 1)", "NULL"},
        Meaning{"EQUAL_NULL(1, NULL)", "false"}, Meaning{"NULL IS NOT TRUE", "true"},
        Meaning{"COUNT_IF(COLUMN1 > 1) FROM VALUES (NULL::INT), (2)", "1"},
        Meaning{"COUNT_IF(COLUMN1) FROM VALUES (TRUE) WHERE FALSE", "NULL"},
        Meaning{"LISTAGG(COLUMN1) FROM VALUES ('a') WHERE FALSE", ""},
        Meaning{"COUNT(COLUMN1, COLUMN2) FROM VALUES (1, NULL), (1, 2), (1, 2)", "2"},
        Meaning{"COUNT(DISTINCT COLUMN1, COLUMN2) FROM VALUES (1, NULL), (1, 2), (1, 2)", "1"},
        Meaning{"MAX_BY(COLUMN1, COLUMN2) FROM VALUES ('a', 1), (NULL, 2)", "NULL"}));

INSTANTIATE_TEST_SUITE_P(
    Text, SemanticsTest,
    testing::Values(Meaning{"SUBSTR('abc', 0, 2)", "ab"}, Meaning{"SUBSTR('abc', -2)", "bc"},
                    Meaning{"SUBSTR('abc', 2, -1)", ""}, Meaning{"LEFT('abc', -1)", ""},
                    Meaning{"RIGHT('äbc', 2)", "bc"}, Meaning{"SPLIT_PART('a.b', '.', -1)", "b"},
                    Meaning{"SPLIT_PART('a.b', '.', 5)", ""},
                    Meaning{"SPLIT_PART('a.b', '', 1)", "a.b"},
                    Meaning{"LPAD('äb', 4, 'xy')", "xyäb"}, Meaning{"RPAD('abc', 2)", "ab"},
                    Meaning{"STRTOK('a.b c', '. ', 3)", "c"}, Meaning{"STRTOK('', '.', 1)", "NULL"},
                    Meaning{"'abc' RLIKE 'b'", "false"}, Meaning{"'abc' RLIKE '.b.'", "true"},
                    Meaning{"REGEXP_REPLACE('aXbXc', 'X', '-')", "a-b-c"},
                    Meaning{"REGEXP_SUBSTR('abc', 'x')", "NULL"},
                    Meaning{"REGEXP_SUBSTR('k=v', '(k)=(v)', 1, 1, 'e')", "k"},
                    Meaning{"'A' ILIKE 'a'", "true"}, Meaning{"'ab' LIKE ANY ('x%', 'a%')", "true"},
                    Meaning{"'ab' LIKE ALL ('a%', '%c')", "false"},
                    Meaning{"'50%' LIKE '50^%' ESCAPE '^'", "true"},
                    Meaning{"INITCAP('o''neil MC-DONALD')", "O'neil Mc-Donald"},
                    Meaning{"POSITION('x' IN 'abc')", "0"}, Meaning{"LENGTH('')", "0"},
                    Meaning{"ASCII('')", "0"}, Meaning{"UNICODE('')", "0"},
                    Meaning{"X'414243'::VARCHAR", "414243"},
                    Meaning{"REPLACE('banana', 'a')", "bnn"},
                    Meaning{"JAROWINKLER_SIMILARITY('abc', 'xyz')", "0"}));

INSTANTIATE_TEST_SUITE_P(
    Number, SemanticsTest,
    testing::Values(
        Meaning{"'17' = 17", "true"}, Meaning{"'17.0' = 17", "true"}, Meaning{"ROUND(2.5)", "3"},
        Meaning{"ROUND(-2.5)", "-3"}, Meaning{"ROUND(2.5, 0, 'HALF_TO_EVEN')", "2"},
        Meaning{"ROUND(1234.567, -2)", "1200"}, Meaning{"CEIL(-135.135)", "-135"},
        Meaning{"FLOOR(135.135, 1)", "135.1"}, Meaning{"TRUNC(2.789, 1)", "2.7"},
        Meaning{"MOD(5.5, 2)", "1.5"}, Meaning{"TO_NUMBER('2.6')", "3"},
        Meaning{"TRY_TO_NUMBER('x')", "NULL"},
        Meaning{"TRY_CAST('1e3' AS NUMBER(10, 1))", "1000.0"},
        Meaning{"TRY_CAST('abc' AS DATE)", "NULL"},
        Meaning{"'1704164645678901000'::TIMESTAMP = '2024-01-02 03:04:05.678901'", "true"},
        Meaning{"'on'::BOOLEAN", "true"}, Meaning{"2::BOOLEAN", "true"},
        Meaning{"1e20::FLOAT::VARCHAR", "1e+20"}, Meaning{"0.1::FLOAT::VARCHAR", "0.1"},
        Meaning{"BITXOR(6, 3)", "5"}, Meaning{"AVG(COLUMN1) FROM VALUES (1), (2)", "1.500000"},
        Meaning{"AVG(DISTINCT COLUMN1) FROM VALUES (1), (1), (4)", "2.500000"},
        Meaning{"SUM(COLUMN1) FROM VALUES ('1.5'), ('2')", "3.5"},
        Meaning{"9999999999999999999999999999999999999 + 1",
                "10000000000000000000000000000000000000"}));

INSTANTIATE_TEST_SUITE_P(
    Time, SemanticsTest,
    testing::Values(
        Meaning{"DATEDIFF(WEEK, '2024-01-07'::DATE, '2024-01-08'::DATE)", "1"},
        Meaning{"DATEDIFF('month', '2024-01-31'::DATE, '2024-02-01'::DATE)", "1"},
        Meaning{"DATEDIFF(hour, '2024-01-01 00:59', '2024-01-01 01:00')", "1"},
        Meaning{"DATEADD(HOUR, 2, '2024-01-31'::DATE)", "2024-01-31 02:00:00.000"},
        Meaning{"DATEADD(month, -1, '2024-03-31'::DATE)", "2024-02-29"},
        Meaning{"DATE_TRUNC(week, '2024-05-08'::DATE)", "2024-05-06"},
        Meaning{"DATE_TRUNC('hour', '2024-05-08 10:20:30'::TIMESTAMP)", "2024-05-08 10:00:00.000"},
        Meaning{"DAYOFWEEK('2024-05-05'::DATE)", "0"},
        Meaning{"DAYOFWEEKISO('2024-05-05'::DATE)", "7"}, Meaning{"WEEK('2024-12-30'::DATE)", "1"},
        Meaning{"YEAROFWEEK('2024-12-30'::DATE)", "2025"},
        Meaning{"EXTRACT(epoch_second FROM '2024-01-01'::TIMESTAMP)", "1704067200"},
        Meaning{"LAST_DAY('2024-02-10'::DATE, 'year')", "2024-12-31"},
        Meaning{"NEXT_DAY('2024-05-10'::DATE, 'fr')", "2024-05-17"},
        Meaning{"PREVIOUS_DAY('2024-05-10'::DATE, 'fr')", "2024-05-03"},
        Meaning{"MONTHS_BETWEEN('2024-02-29'::DATE, '2024-01-31'::DATE)", "1"},
        Meaning{"MONTHS_BETWEEN('2019-03-01'::DATE, '2019-02-15'::DATE)", "0.548387"},
        Meaning{"'03/05/2024'::DATE", "2024-03-05"}, Meaning{"'05-Mar-2024'::DATE", "2024-03-05"},
        Meaning{"'1704067200'::TIMESTAMP", "2024-01-01 00:00:00.000"},
        Meaning{"'2024-01-01T10:00:00+0200'::TIMESTAMP_NTZ", "2024-01-01 10:00:00.000"},
        Meaning{"'Thu, 21 Dec 2000 16:01:07 +0200'::TIMESTAMP_LTZ", "2000-12-21 14:01:07.000"},
        Meaning{"TO_DATE('2024.07.04', 'YYYY.MM.DD')", "2024-07-04"},
        Meaning{"TO_TIMESTAMP('04-Jul-24 3:05 PM', 'DD-MON-YY HH12:MI PM')",
                "2024-07-04 15:05:00.000"},
        Meaning{"TO_CHAR('2024-07-04 15:05:09.123'::TIMESTAMP, 'Dy DD Mon YYYY HH12:MI:SS.FF2 AM')",
                "Thu 04 Jul 2024 03:05:09.12 PM"},
        Meaning{"'2024-07-04 15:05:09.5'::TIMESTAMP::VARCHAR", "2024-07-04 15:05:09.500"},
        Meaning{"TO_TIMESTAMP(1487654321, 0)", "2017-02-21 05:18:41.000"},
        Meaning{"1487654321::TIMESTAMP_NTZ", "2017-02-21 05:18:41.000"},
        Meaning{"TO_TIMESTAMP(1487654321123, 3)", "2017-02-21 05:18:41.123"},
        Meaning{"'1969-12-31 23:59:59.250'::TIMESTAMP", "1969-12-31 23:59:59.250"},
        Meaning{"TIME_SLICE('2024-05-08 10:47'::TIMESTAMP, 15, 'MINUTE')",
                "2024-05-08 10:45:00.000"},
        Meaning{"DATE '2024-01-31' + INTERVAL '1 month'", "2024-02-29"},
        Meaning{"'10:20:30'::TIME", "10:20:30"}));

class FailureTest : public QueryFixture, public testing::WithParamInterface<Meaning> {};

TEST_P(FailureTest, IsWordedAsSnowflakeDoes) {
  EXPECT_EQ(ErrorOf(std::string("SELECT ") + GetParam().expression), GetParam().value);
}

INSTANTIATE_TEST_SUITE_P(
    Casts, FailureTest,
    testing::Values(
        Meaning{"'abc'::INT", "100038 Numeric value 'abc' is not recognized"},
        Meaning{"'0x1F'::INT", "100038 Numeric value '0x1F' is not recognized"},
        Meaning{"'12345'::NUMBER(3)", "100039 Numeric value '12345' is out of range"},
        Meaning{"'maybe'::BOOLEAN", "100037 Boolean value 'maybe' is not recognized"},
        Meaning{"'2024/03/05'::DATE", "100040 Date '2024/03/05' is not recognized"},
        Meaning{"'soon'::TIMESTAMP", "100035 Timestamp 'soon' is not recognized"},
        Meaning{"'2024-02-30'::DATE", "100040 Date '2024-02-30' is not recognized"},
        Meaning{"'hello'::VARCHAR(3)", "100078 String 'hello' is too long and would be truncated"},
        Meaning{"5 % 0", "100051 Division by zero"},
        Meaning{"1e0::FLOAT / 0", "100051 Division by zero"},
        Meaning{"12345::NUMBER(3)",
                "100046 Number out of representable range: type FIXED[SB16](3,0){nullable}, value "
                "12345"}));

}  // namespace

}  // namespace tarn::sql
