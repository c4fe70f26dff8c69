// SPDX-License-Identifier: Apache-2.0
// Filters against an evaluator of their own, written from base/filter.h: every operation, on every
// type, over edge values, from files of several row groups and from memory.
#include <cmath>
#include <functional>
#include <limits>
#include <optional>

#include "engine/testing/test_engine.h"

// g++ 12 warns wrongly of variants in long initialiser lists.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

namespace tarn::engine {
namespace {

using namespace std::string_literals;

constexpr int kRun = 256;  // rows of a row group

/// PostgreSQL's order: NaN equals NaN and is greatest, zeros are equal, strings by their bytes.
template <typename T>
int Order(const T& a, const T& b) {
  if constexpr (std::is_floating_point_v<T>) {
    if (std::isnan(a) || std::isnan(b))
      return static_cast<int>(std::isnan(a)) - static_cast<int>(std::isnan(b));
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

int OrderValues(const Value& a, const Value& b) {
  return std::visit(
      [&](const auto& left) {
        using T = std::decay_t<decltype(left)>;
        if constexpr (std::is_same_v<T, std::monostate>) {
          return 0;
        } else if constexpr (std::is_same_v<T, std::string>) {
          return left.compare(std::get<T>(b)) < 0 ? -1 : left.compare(std::get<T>(b)) > 0 ? 1 : 0;
        } else {
          return Order(left, std::get<T>(b));
        }
      },
      a);
}

using Truth = std::optional<bool>;

Truth Evaluate(const Filter& filter, const Value& value);

Truth EvaluateLeaf(const Filter& filter, const Value& value) {
  const bool is_null = std::holds_alternative<std::monostate>(value);
  if (filter.op == FilterOp::kIsNull) return is_null;
  if (filter.op == FilterOp::kIsNotNull) return !is_null;
  if (is_null)
    return filter.op == FilterOp::kIn && filter.values.empty() ? Truth(false) : std::nullopt;
  if (filter.op == FilterOp::kIn) {
    for (const Value& v : filter.values) {
      if (OrderValues(value, v) == 0) return true;
    }
    return false;
  }
  if (filter.op == FilterOp::kStartsWith) {
    return std::get<std::string>(value).starts_with(std::get<std::string>(filter.values[0]));
  }
  const int order = OrderValues(value, filter.values[0]);
  switch (filter.op) {
    case FilterOp::kEqual:
      return order == 0;
    case FilterOp::kNotEqual:
      return order != 0;
    case FilterOp::kLess:
      return order < 0;
    case FilterOp::kLessOrEqual:
      return order <= 0;
    case FilterOp::kGreater:
      return order > 0;
    default:
      return order >= 0;
  }
}

Truth Evaluate(const Filter& filter, const Value& value) {
  if (filter.op == FilterOp::kNot) {
    const Truth inner = Evaluate(filter.children[0], value);
    return inner ? Truth(!*inner) : std::nullopt;
  }
  if (filter.op != FilterOp::kAnd && filter.op != FilterOp::kOr) return EvaluateLeaf(filter, value);
  const bool decisive = filter.op == FilterOp::kOr;
  Truth result = !decisive;
  for (const Filter& child : filter.children) {
    const Truth truth = Evaluate(child, value);
    if (truth == Truth(decisive)) return decisive;
    if (!truth) result = std::nullopt;
  }
  return result;
}

struct FilterCase {
  std::string name;
  Type type;
  std::vector<Value> values;  ///< ascending
};

void PrintTo(const FilterCase& filter_case, std::ostream* out) { *out << filter_case.name; }

std::vector<FilterCase> Cases() {
  using Limits32 = std::numeric_limits<int32_t>;
  using Limits64 = std::numeric_limits<int64_t>;
  using LimitsF = std::numeric_limits<float>;
  using LimitsD = std::numeric_limits<double>;
  const auto primitive = [](TypeKind kind) { return Type::Primitive(kind); };
  const std::vector<Value> longs = {Limits64::min(), Limits64::min() + 1, int64_t{-1},
                                    int64_t{0},      int64_t{1},          Limits64::max() - 1,
                                    Limits64::max()};
  const std::vector<Value> ints = {Limits32::min(),     Limits32::min() + 1, -1, 0, 1,
                                   Limits32::max() - 1, Limits32::max()};
  return {
      {"boolean", primitive(TypeKind::kBoolean), {false, true}},
      {"int", primitive(TypeKind::kInt), ints},
      {"long", primitive(TypeKind::kLong), longs},
      {"float",
       primitive(TypeKind::kFloat),
       {-LimitsF::infinity(), LimitsF::lowest(), -0.0F, 0.0F, LimitsF::denorm_min(), 1.5F,
        LimitsF::max(), LimitsF::infinity(), LimitsF::quiet_NaN()}},
      {"double",
       primitive(TypeKind::kDouble),
       {-LimitsD::infinity(), LimitsD::lowest(), -0.0, 0.0, LimitsD::denorm_min(), 1.5,
        LimitsD::max(), LimitsD::infinity(), LimitsD::quiet_NaN()}},
      {"decimal4",
       Type::Decimal(4, 2),
       {Int128{-9999}, Int128{-1}, Int128{0}, Int128{1}, Int128{9999}}},
      {"decimal9",
       Type::Decimal(9, 2),
       {Int128{-999999999}, Int128{0}, Int128{1}, Int128{999999999}}},
      {"decimal18", Type::Decimal(18, 2), {-(Int128{1} << 58), Int128{0}, Int128{1} << 58}},
      {"decimal30",
       Type::Decimal(30, 2),
       {-(Int128{1} << 98), Int128{-1}, Int128{0}, Int128{255}, Int128{1} << 98}},
      {"date", primitive(TypeKind::kDate), {-100'000, -1, 0, 1, 2'932'896}},
      {"time", primitive(TypeKind::kTime), {int64_t{0}, int64_t{1}, int64_t{86'399'999'999}}},
      {"timestamp",
       primitive(TypeKind::kTimestamp),
       {int64_t{-62'135'596'800'000'000}, int64_t{-1}, int64_t{0}, int64_t{1}}},
      {"timestamptz",
       primitive(TypeKind::kTimestampTz),
       {int64_t{-62'135'596'800'000'000}, int64_t{-1}, int64_t{0}, int64_t{1}}},
      {"string",
       primitive(TypeKind::kString),
       {""s, " "s, "A"s, "a"s, "a "s, "ab"s, "ab%_\\"s, "twelve bytes"s, "twelve bytes and more"s,
        "\x7f"s, "\xc3\xa9"s, "\xed\x9f\xbf"s, "\xf0\x9f\x8d\x9e"s, "\xf4\x8f\xbf\xbf"s}},
      {"binary", primitive(TypeKind::kBinary), {""s, "\0"s, "\x7f"s, "\x80"s, "\xff\xff"s}},
      {"uuid",
       primitive(TypeKind::kUuid),
       {std::string(16, '\0'), std::string(16, '\x7f'), std::string(16, '\x80'),
        std::string(16, '\xff')}},
  };
}

class FilterTest : public EngineTest, public testing::WithParamInterface<FilterCase> {
 protected:
  Filter Leaf(FilterOp op, std::vector<Value> values = {}) const {
    return Filter{
        .op = op, .field = FieldId(2), .type = GetParam().type, .values = std::move(values)};
  }

  static Filter Combine(FilterOp op, std::vector<Filter> children) {
    return Filter{.op = op, .children = std::move(children)};
  }

  /// Every operation with every value, what they are not, and pairs of them.
  std::vector<Filter> Filters() const {
    std::vector<Filter> leaves = {Leaf(FilterOp::kIsNull), Leaf(FilterOp::kIsNotNull),
                                  Leaf(FilterOp::kIn)};
    const auto& values = GetParam().values;
    for (size_t i = 0; i < values.size(); ++i) {
      for (auto op = FilterOp::kEqual; op <= FilterOp::kGreaterOrEqual;
           op = static_cast<FilterOp>(static_cast<int>(op) + 1)) {
        leaves.push_back(Leaf(op, {values[i]}));
      }
      leaves.push_back(Leaf(FilterOp::kIn, {values[i], values[(i + 2) % values.size()]}));
      if (GetParam().type.kind == TypeKind::kString)
        leaves.push_back(Leaf(FilterOp::kStartsWith, {values[i]}));
    }
    std::vector<Filter> filters = leaves;
    for (size_t i = 0; i < leaves.size(); ++i) {
      const Filter& other = leaves[(i * 5 + 3) % leaves.size()];
      filters.push_back(Combine(FilterOp::kNot, {leaves[i]}));
      filters.push_back(Combine(FilterOp::kOr, {leaves[i], other}));
      filters.push_back(Combine(FilterOp::kAnd, {Combine(FilterOp::kNot, {leaves[i]}), other}));
    }
    return filters;
  }

  void Check(const std::vector<Row>& rows, const std::function<ScanRequest()>& request) {
    for (const Filter& filter : Filters()) {
      ScanRequest scan = request();
      scan.filter = filter;
      std::vector<Row> expected;
      for (const Row& row : rows) {
        if (Evaluate(filter, row[1].value) == Truth(true)) expected.push_back(row);
      }
      ASSERT_TRUE(SameRows(Scan(std::move(scan)), expected)) << Describe(filter);
    }
  }

  static std::string Describe(const Filter& filter) {
    std::string text = "op " + std::to_string(static_cast<int>(filter.op));
    for (const Value& value : filter.values) text += " " + testing::PrintToString(Cell(value));
    for (const Filter& child : filter.children) text += " (" + Describe(child) + ")";
    return text;
  }

  std::vector<Field> Fields() const {
    return {MakeField(1, "row", Type::Primitive(TypeKind::kLong)),
            MakeField(2, "value", GetParam().type)};
  }

  /// Sorted runs, so that row groups have different bounds, some without nulls, the last of nulls
  /// alone.
  std::vector<Row> Rows() const {
    std::vector<Row> rows;
    const auto add = [&](Value value) {
      rows.push_back({Value(static_cast<int64_t>(rows.size())), Cell(std::move(value))});
    };
    for (const Value& value : GetParam().values) {
      for (int i = 0; i < kRun; ++i) add(value);
    }
    for (int i = 0; i < kRun; ++i)
      add(i % 3 == 0 ? Value()
                     : GetParam().values[static_cast<size_t>(i) % GetParam().values.size()]);
    for (int i = 0; i < kRun; ++i) add({});
    return rows;
  }
};

TEST_P(FilterTest, FilesOfManyRowGroups) {
  const auto rows = Rows();
  const auto file = WriteFile(Fields(), rows, {.row_group_rows = kRun});
  Check(rows, [&] { return ScanRequest{.plan = PlanOf({file}), .columns = ColumnsOf(Fields())}; });
}

TEST_P(FilterTest, Batches) {
  std::vector<Row> rows;
  for (const Value& value : GetParam().values)
    rows.push_back({Value(static_cast<int64_t>(rows.size())), Cell(value)});
  rows.push_back({Value(static_cast<int64_t>(rows.size())), Cell()});
  const auto bytes = EncodeRows(Fields(), rows);
  Check(rows, [&] {
    PendingRows pending;
    pending.batches.push_back({.owner = bytes,
                               .view = Decode(Fields(), *bytes),
                               .fields = std::make_shared<const std::vector<Field>>(Fields())});
    pending.visible = {{0, static_cast<int64_t>(rows.size())}};
    return ScanRequest{.pending = std::move(pending), .columns = ColumnsOf(Fields())};
  });
}

/// The column is not in the file: its default is what the filter sees.
TEST_P(FilterTest, MissingColumnWithADefault) {
  const std::vector<Field> fields = Fields();
  std::vector<Row> written;
  for (int64_t i = 0; i < 10; ++i) written.push_back({Value(i)});
  const auto file = WriteFile({fields[0]}, written);
  for (const Value& value : GetParam().values) {
    std::vector<Row> rows = written;
    for (Row& row : rows) row.emplace_back(value);
    const auto encoded = EncodeRows({fields[1]}, std::vector<Row>{{Cell(value)}});
    Check(rows, [&] {
      auto columns = ColumnsOf(fields);
      columns[1].default_value = *encoded;
      return ScanRequest{.plan = PlanOf({file}), .columns = columns};
    });
    if (HasFailure()) return;
    if (rows.size() * GetParam().values.size() > 60)
      break;  // one value is enough for types with many
  }
}

INSTANTIATE_TEST_SUITE_P(Types, FilterTest, testing::ValuesIn(Cases()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace tarn::engine
