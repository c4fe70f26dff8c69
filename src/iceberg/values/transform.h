// SPDX-License-Identifier: Apache-2.0
// Partition transforms (Iceberg spec, "Partition Transforms").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/column_type.h"
#include "base/result.h"
#include "base/value.h"

namespace tarn::iceberg {

enum class TransformKind : uint8_t {
  kIdentity,
  kBucket,
  kTruncate,
  kYear,
  kMonth,
  kDay,
  kHour,
  kVoid,
  kUnknown,  ///< kept and compared by name, ignored in pruning, refused in writing
};

struct Transform {
  TransformKind kind = TransformKind::kIdentity;
  int32_t parameter = 0;  ///< N of bucket, W of truncate
  std::string name;       ///< as written, for kUnknown

  bool operator==(const Transform&) const = default;
  std::string ToString() const;
  static Result<Transform> Parse(std::string_view text);

  /// InvalidArgument if the transform does not take this type.
  Result<Type> ResultType(const Type& source) const;
  /// null in, null out.
  Result<Value> Apply(const Type& source, const Value& value) const;
};

}  // namespace tarn::iceberg
