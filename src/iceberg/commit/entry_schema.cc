// SPDX-License-Identifier: Apache-2.0
#include "iceberg/commit/entry_schema.h"

#include <algorithm>
#include <span>

#include "iceberg/values/partition_tuple.h"

namespace tarn::iceberg {
namespace {

constexpr int64_t kMicrosPerDay = 86'400'000'000;
constexpr int64_t kNanosPerDay = kMicrosPerDay * 1000;

/// The value after the promotion of its column; absent if it does not fit. Of a promoted date, days
/// become the time that they begin at.
std::optional<Value> Promoted(const Type& type, const Value& value) {
  if (IsOfType(type, value)) return value;
  if (const auto* narrow = std::get_if<float>(&value); narrow && type.kind == TypeKind::kDouble) {
    return static_cast<double>(*narrow);
  }
  const auto* number = std::get_if<int32_t>(&value);
  if (number == nullptr) return std::nullopt;
  int64_t wide = *number;
  switch (type.kind) {
    case TypeKind::kLong:
      return wide;
    case TypeKind::kTimestamp:
      return wide * kMicrosPerDay;
    case TypeKind::kTimestampNs:
      if (__builtin_mul_overflow(wide, kNanosPerDay, &wide)) return std::nullopt;
      return wide;
    default:
      return std::nullopt;
  }
}

bool Fits(std::span<const Type> types, const std::vector<Value>& tuple) {
  if (tuple.size() != types.size()) return false;
  for (size_t i = 0; i < tuple.size(); ++i) {
    if (!Promoted(types[i], tuple[i])) return false;
  }
  return true;
}

bool Adopt(const Schema& schema, const PartitionSpec& spec, std::vector<ManifestEntry>& entries) {
  const auto types = PartitionTypes(schema, spec);
  if (!types) return false;
  const bool fits = std::ranges::all_of(
      entries, [&](const ManifestEntry& entry) { return Fits(*types, entry.data_file.partition); });
  if (!fits) return false;
  for (ManifestEntry& entry : entries) {
    std::vector<Value>& tuple = entry.data_file.partition;
    for (size_t i = 0; i < tuple.size(); ++i) tuple[i] = *Promoted((*types)[i], tuple[i]);
  }
  return true;
}

}  // namespace

std::optional<Schema> SchemaOfEntries(const TableMetadata& metadata, const PartitionSpec& spec,
                                      const Schema& written, std::vector<ManifestEntry>& entries) {
  if (Adopt(metadata.current_schema(), spec, entries)) return metadata.current_schema();
  for (auto schema = metadata.schemas.rbegin(); schema != metadata.schemas.rend(); ++schema) {
    if (Adopt(*schema, spec, entries)) return *schema;
  }
  if (Adopt(written, spec, entries)) return written;
  return std::nullopt;
}

}  // namespace tarn::iceberg
