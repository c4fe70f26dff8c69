// SPDX-License-Identifier: Apache-2.0
// Avro schemas as their writers declared them, with the Iceberg attributes (spec, Appendix A
// "Avro").
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "iceberg/avro/binary_reader.h"

namespace tarn::iceberg::avro {

enum class Kind : uint8_t {
  kNull,
  kBoolean,
  kInt,
  kLong,
  kFloat,
  kDouble,
  kBytes,
  kString,
  kRecord,
  kEnum,
  kArray,
  kMap,
  kUnion,
  kFixed,
};

/// The name of a kind in schema JSON.
std::string_view KindName(Kind kind);

struct Node;
using NodePtr = std::shared_ptr<const Node>;

struct RecordField {
  std::string name;
  std::optional<int32_t> id;  ///< "field-id"
  NodePtr type;
};

/// One type. Immutable once parsed, shared where the schema refers to it by name.
struct Node {
  Kind kind = Kind::kNull;
  std::string name;          ///< of records, enums and fixed
  std::string logical_type;  ///< "" if none
  std::optional<bool> adjust_to_utc;
  int32_t precision = 0, scale = 0;  ///< of decimals
  size_t fixed_bytes = 0;
  std::optional<int32_t> element_id, key_id, value_id;
  std::vector<RecordField> fields;  ///< of a record
  std::vector<NodePtr>
      branches;        ///< of a union; the items of an array or the values of a map as the only one
  size_t symbols = 0;  ///< of an enum
  size_t min_bytes = 0;  ///< that any value takes
  size_t weight = 1;     ///< nodes below, counting shared ones each time

  bool is_optional() const;
  /// The only branch of an optional beside null, itself otherwise.
  const Node& value() const;
  /// By id first, then by one of the names ("" is none), -1 if absent.
  int FindField(int32_t id, std::string_view name, std::string_view old_name = {}) const;
};

/// Corruption when the JSON is no Avro schema; Unsupported for recursive schemas, and for ones so
/// large or so deep that no manifest has them.
Result<NodePtr> ParseSchema(std::string_view json);

/// Reads past one value.
void Skip(const Node& node, BinaryReader& reader);

/// Reads the branch number of a union and returns the branch; any other node is returned at once.
/// The null node after a failure.
const Node& ReadBranch(const Node& node, BinaryReader& reader);

}  // namespace tarn::iceberg::avro
