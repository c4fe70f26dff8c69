// SPDX-License-Identifier: Apache-2.0
// Directories and object stores behind one interface.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "storage/s3/object_store.h"
#include "storage/storage.h"

namespace tarn::storage {

/// Local storage, but for the buckets that are object stores. Thread-safe.
class RoutedStorage : public Storage {
 public:
  /// Which buckets are object stores from now on, beside those that it was opened with, which win.
  /// Those whose store stays as it was keep their connections; objects that are open stay usable.
  virtual void SetFurtherStores(const ObjectStores& stores) = 0;
  /// The store of a location's bucket; nothing where that is a directory.
  virtual std::optional<ObjectStore> StoreOf(std::string_view location) const = 0;
  /// The same of the stores that it was opened with alone.
  virtual std::optional<ObjectStore> ConfiguredStoreOf(std::string_view location) const = 0;
};

/// With the stores that the file beside the buckets' directory names (s3/stores_file.h).
Result<std::unique_ptr<RoutedStorage>> OpenConfiguredStorage(const LocalStorageOptions& local);

/// A bucket of `stores` is reached over the network, all else is as OpenLocalStorage says.
Result<std::unique_ptr<RoutedStorage>> OpenRoutedStorage(const LocalStorageOptions& local,
                                                         const ObjectStores& stores);

}  // namespace tarn::storage
