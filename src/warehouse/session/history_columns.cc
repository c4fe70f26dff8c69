// SPDX-License-Identifier: Apache-2.0
#include "warehouse/session/history_columns.h"

#include "base/time_units.h"
#include "sql/bind/coercion.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/session/argument_values.h"

namespace tarn::warehouse {
namespace {

constexpr int64_t kLimitDefault = 100;
constexpr int64_t kLimitMax = 10'000;

}  // namespace

MadeColumn TextColumnOfHistory(const char* name) { return {name, sql::VarcharType()}; }

MadeColumn TimeColumnOfHistory(const char* name) {
  return {name, {.kind = sql::DataTypeKind::kTimestampTz, .precision = 3}};
}

MadeColumn NumberColumnOfHistory(const char* name) {
  return {name, {.kind = sql::DataTypeKind::kNumber, .precision = 38}};
}

Value TextOrNull(const std::string& text) { return text.empty() ? Value() : Value(text); }

Value TimeOrNull(const std::optional<int64_t>& ms) {
  return ms ? Value(*ms * kMicrosecondsPerMs) : Value();
}

StatementResult<int64_t> ResultLimit(const TableCall& call, size_t position) {
  const auto* limit = FindArgument(call, "RESULT_LIMIT", position);
  if (limit == nullptr) return kLimitDefault;
  const auto value = IntegerConstant(*limit);
  if (value && *value >= 1 && *value <= kLimitMax) return *value;
  return InvalidParameterValue("RESULT_LIMIT", "the argument");
}

}  // namespace tarn::warehouse
