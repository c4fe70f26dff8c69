// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tarn::server::postgres {

class Connection;

/// Every connection that there is, by the number that clients know it by ("process id"), with the
/// secret that cancels what it runs. Thread-safe.
class ConnectionRegistry {
 public:
  /// Gives it a number and a key of `key_bytes`. Internal where the random generator fails.
  struct Key {
    int32_t process_id = 0;
    std::string secret;
  };
  Result<Key> Add(std::weak_ptr<Connection> connection, size_t key_bytes);
  void Remove(int32_t process_id);

  /// Cancels what the connection runs now, if the secret is its own. Compared in constant time, and
  /// nobody is told whether it fitted.
  void Cancel(int32_t process_id, std::string_view secret);

  std::vector<std::shared_ptr<Connection>> All() const;

 private:
  struct Entry {
    std::string secret;
    std::weak_ptr<Connection> connection;
  };
  mutable std::mutex mutex_;
  std::map<int32_t, Entry> entries_;
  int32_t last_ = 0;
};

}  // namespace tarn::server::postgres
