// SPDX-License-Identifier: Apache-2.0
// The hash of the bucket transform (Iceberg spec, Appendix B, "32-bit Hash Requirements").
#pragma once

#include <cstdint>
#include <string_view>

#include "base/column_type.h"
#include "base/result.h"
#include "base/value.h"

namespace tarn::iceberg {

/// murmur3_x86_32 with seed 0 of the value's hash form. REQUIRES: a non-null value of the type's
/// alternative. InvalidArgument for a type that buckets do not take.
Result<int32_t> BucketHash(const Type& type, const Value& value);

// The same by hash form: of all numbers but decimals, of bytes, of decimals (unscaled).
int32_t HashLong(int64_t number);
int32_t HashBytes(std::string_view bytes);
int32_t HashDecimal(Int128 unscaled);

}  // namespace tarn::iceberg
