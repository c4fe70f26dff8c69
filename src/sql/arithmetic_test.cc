// SPDX-License-Identifier: Apache-2.0
// Types and values of arithmetic, as Snowflake documents them.
#include <gtest/gtest.h>

#include "sql/testing/query_fixture.h"

namespace tarn::sql {

namespace {

struct Computation {
  const char* expression;
  const char* type;
  const char* value;
};

class ArithmeticTest : public QueryFixture, public testing::WithParamInterface<Computation> {};

TEST_P(ArithmeticTest, HasSnowflakesTypeAndValue) {
  const auto bound = Bind(std::string("SELECT ") + GetParam().expression);
  ASSERT_TRUE(bound) << bound.error().error.message;
  EXPECT_EQ(ToString(bound->query.columns[0].type), GetParam().type);
  EXPECT_EQ(Value(GetParam().expression), GetParam().value);
}

INSTANTIATE_TEST_SUITE_P(
    Documentation, ArithmeticTest,
    testing::Values(
        Computation{"2", "NUMBER(1,0)", "2"}, Computation{"2.50", "NUMBER(3,2)", "2.50"},
        Computation{"1.5 + 0.25", "NUMBER(4,2)", "1.75"},
        Computation{"1.0e27", "NUMBER(28,0)", "1000000000000000000000000000"},
        Computation{"10.01 / 2", "NUMBER(10,8)", "5.00500000"},
        Computation{"1 / 3", "NUMBER(7,6)", "0.333333"},
        Computation{"2 / 3", "NUMBER(7,6)", "0.666667"},
        Computation{"7.5 / 2", "NUMBER(8,7)", "3.7500000"},
        Computation{"1.23456789 * 1.00000005", "NUMBER(14,12)", "1.234567951728"},
        Computation{"-5 % 3", "NUMBER(1,0)", "-2"}, Computation{"2.5::INT", "NUMBER(38,0)", "3"},
        Computation{"-2.5::INT", "NUMBER(38,0)", "-3"},
        Computation{"2.5::FLOAT::INT", "NUMBER(38,0)", "3"},
        Computation{"'2.5' + 1", "NUMBER(3,1)", "3.5"},
        Computation{"1e0 / 3::FLOAT", "FLOAT", "0.333333333333333"},
        Computation{"COALESCE('17', 1)", "NUMBER(2,0)", "17"},
        Computation{"5.0::FLOAT::VARCHAR", "VARCHAR(16777216)", "5"},
        Computation{"1.50::VARCHAR", "VARCHAR(16777216)", "1.50"},
        Computation{"TRUE::INT", "NUMBER(38,0)", "1"},
        Computation{"NULL + 1", "NUMBER(38,0)", "NULL"},
        Computation{"NULL", "VARCHAR(16777216)", "NULL"},
        Computation{"DATE '2024-03-01' - DATE '2024-02-01'", "NUMBER(9,0)", "29"},
        Computation{"DATE '2024-01-31' + 1", "DATE", "2024-02-01"},
        Computation{"DATE '2024-01-31' + INTERVAL '1 month, 1 day'", "DATE", "2024-03-01"}));

}  // namespace

}  // namespace tarn::sql
