// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "server/snowflake/spooled_result.h"

namespace tarn::server::snowflake {

/// A result whose parts are fetched by whoever knows its name, without a session.
struct ShelvedResult {
  std::shared_ptr<const SpooledResult> rows;
  bool as_arrow = false;
};

/// Large results, beyond the end of their sessions: clients hand lists of parts to others.
/// Thread-safe.
class ResultShelf {
 public:
  /// The oldest go when they are older than this, or all together have more bytes.
  ResultShelf(int64_t age_max_ms, int64_t bytes_max)
      : age_max_ms_(age_max_ms), bytes_max_(bytes_max) {}

  /// Its name, which nobody guesses. The same for a result that is there.
  std::string Put(const ShelvedResult& result, int64_t now_ms);
  /// Null: there is none, or no more.
  std::shared_ptr<const ShelvedResult> Find(std::string_view name);

 private:
  struct Place {
    std::string name;
    int64_t put_ms = 0;
  };
  const int64_t age_max_ms_, bytes_max_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const ShelvedResult>, std::less<>> results_;
  std::deque<Place> order_;
  int64_t bytes_ = 0;
};

}  // namespace tarn::server::snowflake
