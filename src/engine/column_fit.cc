// SPDX-License-Identifier: Apache-2.0
#include "engine/column_fit.h"

#include <fmt/core.h>

#include <algorithm>

#include "engine/duckdb_error.h"

namespace tarn::engine {

namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using Definition = duckdb::MultiFileColumnDefinition;

bool IsTimestamp(LogicalTypeId id) {
  switch (id) {
    case LogicalTypeId::TIMESTAMP:
    case LogicalTypeId::TIMESTAMP_SEC:
    case LogicalTypeId::TIMESTAMP_MS:
    case LogicalTypeId::TIMESTAMP_NS:
    case LogicalTypeId::TIMESTAMP_TZ:
      return true;
    default:
      return false;
  }
}

/// Where a cast keeps every value, or fails.
bool Fits(const LogicalType& wanted, const LogicalType& found) {
  if (wanted.IsIntegral()) return found.IsIntegral();
  switch (wanted.id()) {
    case LogicalTypeId::DOUBLE:
      return found.id() == LogicalTypeId::DOUBLE || found.id() == LogicalTypeId::FLOAT;
    case LogicalTypeId::DECIMAL:
      return found.id() == LogicalTypeId::DECIMAL &&
             duckdb::DecimalType::GetScale(wanted) == duckdb::DecimalType::GetScale(found);
    case LogicalTypeId::TIME:
      return found.id() == LogicalTypeId::TIME || found.id() == LogicalTypeId::TIME_TZ;
    case LogicalTypeId::TIMESTAMP:
    case LogicalTypeId::TIMESTAMP_TZ:
      // Files of old writers do not say which; both count from 1970 in UTC.
      return IsTimestamp(found.id()) || found.id() == LogicalTypeId::DATE;
    default:
      return wanted.id() == found.id();
  }
}

bool IsNested(const LogicalType& type) {
  return type.id() == LogicalTypeId::STRUCT || type.id() == LogicalTypeId::LIST ||
         type.id() == LogicalTypeId::MAP;
}

void RequireFitting(const Definition& wanted, const Definition& found, const std::string& file);

/// Parts of a list or map, by place: a file's map has one child, the entries.
const duckdb::vector<Definition>& PartsOf(const Definition& column) {
  const bool wrapped = column.type.id() == LogicalTypeId::MAP && column.children.size() == 1;
  return wrapped ? column.children[0].children : column.children;
}

void RequireFittingParts(const Definition& wanted, const Definition& found,
                         const std::string& file) {
  const auto& wanted_parts = PartsOf(wanted);
  const auto& found_parts = PartsOf(found);
  for (size_t i = 0; i < std::min(wanted_parts.size(), found_parts.size()); ++i) {
    RequireFitting(wanted_parts[i], found_parts[i], file);
  }
}

void RequireFitting(const Definition& wanted, const Definition& found, const std::string& file) {
  const bool primitives = !IsNested(wanted.type) && !IsNested(found.type);
  if (primitives ? !Fits(wanted.type, found.type) : wanted.type.id() != found.type.id()) {
    ThrowError(Error{
        ErrorKind::kCorruption,
        fmt::format("file \"{}\" does not have the types of its table", file),
        fmt::format("Field {} of the table is {}, of the file {}.", wanted.identifier.ToString(),
                    wanted.type.ToString(), found.type.ToString()),
        {}});
  }
  if (wanted.type.id() == LogicalTypeId::STRUCT) {
    RequireFittingColumns(wanted.children, found.children, file);
  } else if (IsNested(wanted.type)) {
    RequireFittingParts(wanted, found, file);
  }
}

}  // namespace

void RequireFittingColumns(const duckdb::vector<Definition>& wanted,
                           const duckdb::vector<Definition>& found, const std::string& file) {
  for (const Definition& column : wanted) {
    const auto match = std::ranges::find_if(found, [&](const Definition& candidate) {
      return !candidate.identifier.IsNull() && candidate.identifier == column.identifier;
    });
    if (match != found.end()) RequireFitting(column, *match, file);
  }
}

}  // namespace tarn::engine
