// SPDX-License-Identifier: Apache-2.0
#include "warehouse/session/argument_values.h"

#include <algorithm>
#include <limits>

#include "base/time_units.h"
#include "engine/engine.h"
#include "sql/bind/bind.h"
#include "sql/bind/coercion.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/session/failures.h"
#include "warehouse/session/stored_result.h"

namespace tarn::warehouse {
namespace {

using sql::bound::Expression;

bool HasSubquery(const Expression& value) {
  return value.kind == sql::bound::ExpressionKind::kSubquery ||
         std::ranges::any_of(value.arguments, HasSubquery);
}

}  // namespace

StatementResult<Expression> EvaluateArgument(const NamingMoment& moment, Expression value) {
  if (value.kind == sql::bound::ExpressionKind::kConstant) return value;
  if (HasSubquery(value)) {
    return CompilationError("001003", "42000", "a constant expression is expected here");
  }
  const ResultColumn column{.name = "V", .type = value.type, .carrier = value.carrier};
  sql::BoundQuery query;
  query.query.columns.push_back(
      {.name = column.name, .type = column.type, .carrier = column.carrier});
  sql::bound::Select select;
  select.items.push_back(std::move(value));
  query.query.body = std::move(select);
  sql::PrintedQuery printed = sql::Print(query);
  auto stream =
      moment.tables->engine->OpenQuery({.text = std::move(printed.text),
                                        .tables = {},
                                        .parameters = {},
                                        .carriers = std::move(printed.carriers),
                                        .time_zone = moment.session->Parameter("TIMEZONE"),
                                        .formats = {}});
  if (!stream) return std::unexpected(FromQuery(std::move(stream).error()));
  std::vector<uint8_t> batch;
  if (auto next = (*stream)->Next(batch); !next) {
    return std::unexpected(FromQuery(std::move(next).error()));
  }
  STATEMENT_ASSIGN(const BatchView view, DecodeBatch(batch, {&column.carrier, 1}));
  return ValueAt(column, view.columns.at(0), 0);
}

std::optional<int64_t> IntegerConstant(const Expression& value) {
  if (const auto* narrow = std::get_if<int32_t>(&value.constant)) return *narrow;
  if (const auto* wide = std::get_if<int64_t>(&value.constant)) return *wide;
  const auto* decimal = std::get_if<Int128>(&value.constant);
  if (decimal == nullptr || value.carrier.scale != 0 ||
      *decimal > std::numeric_limits<int64_t>::max() ||
      *decimal < std::numeric_limits<int64_t>::min()) {
    return std::nullopt;
  }
  return static_cast<int64_t>(*decimal);
}

StatementResult<int64_t> InstantArgument(const NamingMoment& moment, std::string_view name,
                                         const Expression& value) {
  const sql::DataType instant = sql::TypeOfKind(sql::DataTypeKind::kTimestampLtz, 9);
  if (value.is_null_constant() || !sql::CanConvert(value.type, instant)) {
    return InvalidParameterValue(name, "the argument");
  }
  STATEMENT_ASSIGN(const Expression found, EvaluateArgument(moment, sql::Convert(value, instant)));
  const auto* microseconds = std::get_if<int64_t>(&found.constant);
  if (microseconds == nullptr) return InvalidParameterValue(name, "the argument");
  return *microseconds / kMicrosecondsPerMs;
}

}  // namespace tarn::warehouse
