// SPDX-License-Identifier: Apache-2.0
#include "warehouse/streams/stream_life.h"

#include <algorithm>
#include <charconv>

#include "warehouse/metastore/parameters.h"

namespace tarn::warehouse {

Result<int64_t> StreamLifeMs(const Snapshot& snapshot, ObjectId table) {
  constexpr int64_t kMsPerDay = int64_t{24} * 60 * 60 * 1000;
  TARN_ASSIGN(const int64_t retention_ms, RetentionMs(snapshot, table));
  TARN_ASSIGN(const auto value, FindParameter(snapshot, table, kStreamLifeParameter));
  int64_t days = kStreamLifeDaysDefault;
  if (value) {
    const std::string& text = value->value;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), days);
    if (parsed.ec != std::errc() || days < 0 || days > 90) {
      return Fail(ErrorKind::kCorruption, "parameter {} is \"{}\"", kStreamLifeParameter, text);
    }
  }
  return std::max(retention_ms, days * kMsPerDay);
}

}  // namespace tarn::warehouse
