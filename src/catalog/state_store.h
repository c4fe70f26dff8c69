// SPDX-License-Identifier: Apache-2.0
// The newest state of a directory catalog, and the atomic step to the next one.
#pragma once

#include <string>

#include "base/result.h"
#include "catalog/catalog_state.h"
#include "storage/storage.h"

namespace tarn::catalog {

/// Thread-safe.
class StateStore {
 public:
  StateStore(storage::Storage* storage, std::string location)
      : storage_(storage), location_(std::move(location)) {}

  Result<CatalogState> Newest() const;

  /// Makes `next` the newest state. Conflict: another state of that version exists, nothing was
  /// done. CommitStateUnknown: `next` may be part of the history. Other errors: it is not.
  Result<> Publish(const CatalogState& next) const;

 private:
  /// Whether `state` stands in the history; after a put whose answer was lost or came too late.
  Result<> Settle(const CatalogState& state) const;
  bool BaseStands(const CatalogState& state) const;
  Result<int64_t> NewestVersion() const;
  void RemoveOld(int64_t newest) const;

  storage::Storage* storage_;
  std::string location_;
};

}  // namespace tarn::catalog
