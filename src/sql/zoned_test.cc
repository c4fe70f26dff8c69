// SPDX-License-Identifier: Apache-2.0
// TIMESTAMP_TZ, output formats and format models: values computed by hand, and of Snowflake's
// documentation.
#include <gtest/gtest.h>

#include "sql/testing/query_fixture.h"

namespace tarn::sql {

namespace {

class ZonedTest : public QueryFixture {};

TEST_F(ZonedTest, KeepsTheOffset) {
  EXPECT_EQ(Value("'2024-04-05 12:00:00 +02:00'::TIMESTAMP_TZ"), "2024-04-05 12:00:00.000 +0200");
  EXPECT_EQ(Value("'2024-04-05 12:00:00 +02:00'::TIMESTAMP_TZ::VARCHAR"),
            "2024-04-05 12:00:00.000 +0200");
  EXPECT_EQ(Value("'2024-04-05 12:00:00 -0330'::TIMESTAMP_TZ::TIMESTAMP_NTZ"),
            "2024-04-05 12:00:00.000");
  EXPECT_EQ(Value("'2024-04-05 12:00:00 +02:00'::TIMESTAMP_TZ::TIMESTAMP_LTZ"),
            "2024-04-05 10:00:00.000");
  EXPECT_EQ(Value("NULL::TIMESTAMP_TZ"), "NULL");
  time_zone_ = "America/Los_Angeles";
  EXPECT_EQ(Value("'2024-01-05 12:00:00'::TIMESTAMP_TZ"), "2024-01-05 12:00:00.000 -0800");
  EXPECT_EQ(Value("'2024-07-05 12:00:00'::TIMESTAMP_NTZ::TIMESTAMP_TZ"),
            "2024-07-05 12:00:00.000 -0700");
}

TEST_F(ZonedTest, ComparesInstants) {
  EXPECT_EQ(Value("'2024-04-05 12:00:00 +02:00'::TIMESTAMP_TZ = '2024-04-05 10:00:00 "
                  "+00:00'::TIMESTAMP_TZ"),
            "true");
  EXPECT_EQ(Value("'2024-04-05 12:00:00 +02:00'::TIMESTAMP_TZ < '2024-04-05 11:00:00 "
                  "+00:00'::TIMESTAMP_TZ"),
            "true");
}

TEST_F(ZonedTest, Computes) {
  EXPECT_EQ(Value("DATEADD(day, 1, '2024-04-05 23:30:00 +02:00'::TIMESTAMP_TZ)"),
            "2024-04-06 23:30:00.000 +0200");
  EXPECT_EQ(Value("DATE_TRUNC('hour', '2024-04-05 23:30:00 +02:00'::TIMESTAMP_TZ)"),
            "2024-04-05 23:00:00.000 +0200");
  EXPECT_EQ(Value("HOUR('2024-04-05 23:30:00 +02:00'::TIMESTAMP_TZ)"), "23");
  EXPECT_EQ(Value("DATE_PART(timezone_hour, '2024-04-05 23:30:00 +02:00'::TIMESTAMP_TZ)"), "2");
  EXPECT_EQ(Value("DATE_PART(epoch_second, '1970-01-01 02:00:00 +02:00'::TIMESTAMP_TZ)"), "0");
  EXPECT_EQ(Value("TIMESTAMP_TZ_FROM_PARTS(2013, 4, 5, 12, 0, 0, 0, 'America/Los_Angeles')"),
            "2013-04-05 12:00:00.000 -0700");
  EXPECT_EQ(Value("TO_TIMESTAMP_TZ('04/05/2013 01:02:03 -08:00', 'mm/dd/yyyy hh24:mi:ss tzh:tzm')"),
            "2013-04-05 01:02:03.000 -0800");
}

TEST_F(ZonedTest, FormatsNumbersByModels) {
  EXPECT_EQ(Value("TO_CHAR(12, '99')"), " 12");
  EXPECT_EQ(Value("TO_CHAR(-7, '99')"), " -7");
  EXPECT_EQ(Value("TO_CHAR(12, 'S99')"), "+12");
  EXPECT_EQ(Value("TO_CHAR(12, '99S')"), "12+");
  EXPECT_EQ(Value("TO_CHAR(-7, '99S')"), " 7-");
  EXPECT_EQ(Value("TO_CHAR(-7, 'MI99')"), "- 7");
  EXPECT_EQ(Value("TO_CHAR(12, '99MI')"), "12 ");
  EXPECT_EQ(Value("TO_CHAR(-7, '$99')"), " -$7");
  EXPECT_EQ(Value("TO_CHAR(-7, 'FM99')"), "-7");
  EXPECT_EQ(Value("TO_CHAR(-123.45, '999.99MI')"), "123.45-");
  EXPECT_EQ(Value("TO_CHAR(3987, '\">\"$99.0\"<\"')"), "> $##.#<");
  EXPECT_EQ(Value("TO_CHAR(3987.000, '\">\"B9,999.0\"<\"')"), "> 3,987.0<");
  EXPECT_EQ(Value("TO_CHAR(0, '\">\"B9,999.0\"<\"')"), ">      .0<");
  EXPECT_EQ(Value("TO_CHAR(-12.391, '\">\"TME\"<\"')"), ">-1.2391E1<");
  EXPECT_EQ(Value("TO_CHAR(-12.391, '\">\"0XXX\"<\"')"), ">FFF4<");
  EXPECT_EQ(Value("TO_CHAR(-12.391, '\">\"S0XXX\"<\"')"), ">-000C<");
  EXPECT_EQ(Value("TO_CHAR(3987, '\">\"0XXX\"<\"')"), ">0F93<");
}

TEST_F(ZonedTest, FormatsTimesByModels) {
  EXPECT_EQ(Value("TO_VARCHAR('2024-04-05 01:02:03'::TIMESTAMP, 'mm/dd/yyyy, hh24:mi hours')"),
            "04/05/2024, 01:02 hours");
  EXPECT_EQ(Value("TO_VARCHAR('03-April-2024'::DATE, 'yyyy.mm.dd')"), "2024.04.03");
}

}  // namespace

}  // namespace tarn::sql
