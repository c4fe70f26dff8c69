// SPDX-License-Identifier: Apache-2.0
#include "engine/query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/testing/test_engine.h"

namespace tarn::engine {

namespace {

const std::vector<Field> kOrders = {MakeField(1, "id", Type::Primitive(TypeKind::kLong)),
                                    MakeField(2, "customer", Type::Primitive(TypeKind::kString)),
                                    MakeField(3, "amount", Type::Decimal(10, 2))};

class QueryTest : public EngineTest {
 protected:
  QueryTable Orders() {
    const std::vector<Row> first = {
        {Value(int64_t{1}), Value(std::string("ada")), Value(Int128{1050})},
        Row{Value(int64_t{2}), Value(std::string("bob")), Value(Int128{200})}};
    const std::vector<Row> second = {
        {Value(int64_t{3}), Value(std::string("ada")), Value(Int128{50})}};
    return {.plan = PlanOf({WriteFile(kOrders, first), WriteFile(kOrders, second)}),
            .columns = ColumnsOf(kOrders)};
  }

  QueryResult<std::vector<Row>> Run(QueryRequest request) {
    const std::vector<Type> types = request.carriers;
    auto stream = engine_->OpenQuery(std::move(request));
    if (!stream) return std::unexpected(stream.error());
    std::vector<Row> rows;
    std::vector<uint8_t> bytes;
    while (true) {
      if (auto next = (*stream)->Next(bytes); !next) return std::unexpected(next.error());
      if (bytes.empty()) return rows;
      for (Row& row : ReadRows(types, DecodeBatch(bytes, types).value())) {
        rows.push_back(std::move(row));
      }
    }
  }

  static QueryRequest Request(std::string text, std::vector<Type> carriers,
                              std::vector<QueryTable> tables = {}) {
    return {.text = std::move(text), .tables = std::move(tables), .carriers = std::move(carriers)};
  }

  QueryFailure Failure(QueryRequest request) {
    auto rows = Run(std::move(request));
    EXPECT_FALSE(rows) << "it gave " << rows->size() << " rows";
    return rows ? QueryFailure{} : rows.error();
  }
};

TEST_F(QueryTest, JoinsAndGroupsTables) {
  std::vector<QueryTable> tables;
  tables.push_back(Orders());
  tables.push_back(Orders());
  const auto rows = Run(Request(
      "SELECT t0.c1 AS c0, CAST(sum(t0.c2) AS DECIMAL(22,2)) AS c1 FROM tarn_table(0) AS t0 "
      "JOIN tarn_table(1) AS t1 ON t0.c0 = t1.c0 GROUP BY 1 ORDER BY 1 NULLS LAST",
      {Type::Primitive(TypeKind::kString), Type::Decimal(22, 2)}, std::move(tables)));
  ASSERT_TRUE(rows) << rows.error().error.message << rows.error().error.detail;
  EXPECT_EQ(*rows, (std::vector<Row>{Row{Value(std::string("ada")), Value(Int128{1100})},
                                     {Value(std::string("bob")), Value(Int128{200})}}));
}

TEST_F(QueryTest, CountsRowsWithoutReadingColumns) {
  std::vector<QueryTable> tables;
  tables.push_back(Orders());
  const auto rows = Run(Request("SELECT count(*) AS c0 FROM tarn_table(0) AS t0",
                                {Type::Primitive(TypeKind::kLong)}, std::move(tables)));
  ASSERT_TRUE(rows) << rows.error().error.message;
  EXPECT_EQ(*rows, (std::vector<Row>{Row{Value(int64_t{3})}}));
}

TEST_F(QueryTest, ReadsATableWithoutFiles) {
  std::vector<QueryTable> tables;
  tables.push_back({.plan = PlanOf({}), .columns = ColumnsOf(kOrders)});
  const auto rows = Run(Request("SELECT t0.c1 AS c0 FROM tarn_table(0) AS t0",
                                {Type::Primitive(TypeKind::kString)}, std::move(tables)));
  ASSERT_TRUE(rows) << rows.error().error.message;
  EXPECT_TRUE(rows->empty());
}

TEST_F(QueryTest, TakesParameters) {
  QueryRequest request = Request("SELECT CAST($1 AS BIGINT) + CAST($2 AS BIGINT) AS c0",
                                 {Type::Primitive(TypeKind::kLong)});
  request.parameters = {{Type::Primitive(TypeKind::kLong), int64_t{40}},
                        {Type::Primitive(TypeKind::kInt), int32_t{2}}};
  const auto rows = Run(std::move(request));
  ASSERT_TRUE(rows) << rows.error().error.message;
  EXPECT_EQ(*rows, (std::vector<Row>{Row{Value(int64_t{42})}}));
}

TEST_F(QueryTest, RefusesOtherCarriersThanTheQueryGives) {
  const QueryFailure failure =
      Failure(Request("SELECT 1::BIGINT AS c0", {Type::Primitive(TypeKind::kInt)}));
  EXPECT_EQ(failure.error.kind, ErrorKind::kInternal);
  EXPECT_EQ(failure.error.message, "column 1 of the query is BIGINT, not INTEGER");
}

TEST_F(QueryTest, SaysWhatSnowflakeSays) {
  const std::vector<Type> decimal = {Type::Decimal(38, 0)};
  const auto text = [&](std::string query) { return Failure(Request(std::move(query), decimal)); };
  const QueryFailure number = text("SELECT tarn_to_decimal('x1', 38, 0) AS c0");
  EXPECT_EQ(number.code, "100038");
  EXPECT_EQ(number.sqlstate, "22018");
  EXPECT_EQ(number.error.message, "Numeric value 'x1' is not recognized");
  const QueryFailure zero =
      text("SELECT tarn_divide(1::DECIMAL(1,0), x::DECIMAL(1,0), 38, 0) AS c0 FROM range(1) t(x)");
  EXPECT_EQ(zero.code, "100051");
  EXPECT_EQ(zero.error.message, "Division by zero");
  const QueryFailure big = text("SELECT CAST(1e38::DOUBLE AS DECIMAL(38,0)) AS c0");
  EXPECT_EQ(big.code, "100046");
}

TEST_F(QueryTest, CannotReachOutside) {
  const QueryFailure failure =
      Failure(Request("SELECT content AS c0 FROM read_text('/etc/hostname')",
                      {Type::Primitive(TypeKind::kString)}));
  EXPECT_NE(failure.error.message, "");
  const QueryFailure other = Failure(Request("SET threads = 1", {}));
  EXPECT_EQ(other.error.message, "query is not one SELECT");
}

TEST_F(QueryTest, IsInterrupted) {
  auto stream = engine_->OpenQuery(
      Request("SELECT count(*) AS c0 FROM range(100000000000) a, range(100000) b",
              {Type::Primitive(TypeKind::kLong)}));
  ASSERT_TRUE(stream);
  (*stream)->Interrupt();
  std::vector<uint8_t> bytes;
  const auto next = (*stream)->Next(bytes);
  ASSERT_FALSE(next);
  EXPECT_EQ(next.error().code, "000604");
}

struct Exact {
  std::string expression;
  Type type;
  Int128 unscaled;
};

class DecimalTest : public QueryTest, public testing::WithParamInterface<Exact> {};

TEST_P(DecimalTest, IsExact) {
  const auto rows = Run(Request("SELECT " + GetParam().expression + " AS c0", {GetParam().type}));
  ASSERT_TRUE(rows) << rows.error().error.message;
  EXPECT_EQ(*rows, (std::vector<Row>{Row{Value(GetParam().unscaled)}}));
}

INSTANTIATE_TEST_SUITE_P(
    Decimals, DecimalTest,
    testing::Values(
        Exact{"tarn_divide(1::DECIMAL(1,0), 3::DECIMAL(1,0), 7, 6)", Type::Decimal(7, 6), 333333},
        Exact{"tarn_divide(2::DECIMAL(1,0), -3::DECIMAL(1,0), 7, 6)", Type::Decimal(7, 6), -666667},
        Exact{"tarn_divide(7.5::DECIMAL(2,1), 2::DECIMAL(1,0), 9, 7)", Type::Decimal(9, 7),
              37500000},
        // Beyond 128 bits in between: 10^37 × 10^13 / 10^37.
        Exact{"tarn_divide(CAST('10000000000000000000000000000000000000' AS DECIMAL(38,0)), "
              "CAST('1000000000000000000000000.0000000' AS DECIMAL(38,7)), 38, 6)",
              Type::Decimal(38, 6), Int128{10000000000000} * 1000000},
        Exact{"tarn_multiply(1.23456789::DECIMAL(9,8), 1.00000005::DECIMAL(9,8), 14, 12)",
              Type::Decimal(14, 12), Int128{1234567951728}},
        Exact{"tarn_multiply(0.0000000000005::DECIMAL(38,13), 1::DECIMAL(1,0), 38, 12)",
              Type::Decimal(38, 12), 1},
        Exact{"tarn_modulo(-5::DECIMAL(1,0), 3::DECIMAL(1,0), 1, 0)", Type::Decimal(1, 0), -2},
        Exact{"tarn_round(-2.5::DECIMAL(2,1), 0, 0, 2, 0)", Type::Decimal(2, 0), -3},
        Exact{"tarn_round(2.5::DECIMAL(2,1), 0, 1, 2, 0)", Type::Decimal(2, 0), 2},
        Exact{"tarn_round(-2.1::DECIMAL(2,1), 0, 3, 2, 0)", Type::Decimal(2, 0), -3},
        Exact{"tarn_round(1234::DECIMAL(4,0), -2, 0, 5, 0)", Type::Decimal(5, 0), 1200},
        Exact{"tarn_to_decimal(' -1.005e1 ', 10, 2)", Type::Decimal(10, 2), -1005},
        Exact{"tarn_to_decimal('0.005', 10, 2)", Type::Decimal(10, 2), 1},
        Exact{"tarn_to_decimal('0.0049', 10, 2)", Type::Decimal(10, 2), 0},
        Exact{"tarn_double_to_decimal(2.5, 38, 0)", Type::Decimal(38, 0), 3}));

}  // namespace

}  // namespace tarn::engine
