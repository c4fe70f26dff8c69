// SPDX-License-Identifier: Apache-2.0
#include "server/postgres/cancel.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <limits>

#include "server/postgres/connection.h"

namespace tarn::server::postgres {

Result<ConnectionRegistry::Key> ConnectionRegistry::Add(std::weak_ptr<Connection> connection,
                                                        size_t key_bytes) {
  Key key{.secret = std::string(key_bytes, '\0')};
  if (RAND_bytes(reinterpret_cast<unsigned char*>(key.secret.data()),
                 static_cast<int>(key_bytes)) != 1) {
    return Fail(ErrorKind::kInternal, "the random generator failed");
  }
  const std::lock_guard lock(mutex_);
  do {
    last_ = last_ == std::numeric_limits<int32_t>::max() ? 1 : last_ + 1;
  } while (entries_.contains(last_));
  key.process_id = last_;
  entries_.emplace(last_, Entry{key.secret, std::move(connection)});
  return key;
}

void ConnectionRegistry::Remove(int32_t process_id) {
  const std::lock_guard lock(mutex_);
  entries_.erase(process_id);
}

void ConnectionRegistry::Cancel(int32_t process_id, std::string_view secret) {
  std::shared_ptr<Connection> connection;
  {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(process_id);
    if (found == entries_.end() || found->second.secret.size() != secret.size() ||
        CRYPTO_memcmp(found->second.secret.data(), secret.data(), secret.size()) != 0) {
      return;
    }
    connection = found->second.connection.lock();
  }
  if (connection) connection->Interrupt(Interruption::kCancel);
}

std::vector<std::shared_ptr<Connection>> ConnectionRegistry::All() const {
  std::vector<std::shared_ptr<Connection>> all;
  const std::lock_guard lock(mutex_);
  for (const auto& [id, entry] : entries_) {
    if (auto connection = entry.connection.lock()) all.push_back(std::move(connection));
  }
  return all;
}

}  // namespace tarn::server::postgres
