// SPDX-License-Identifier: Apache-2.0
#include "storage/routed_storage.h"

#include <map>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <utility>
#include <vector>

#include "storage/bucket_location.h"
#include "storage/s3/s3_storage.h"
#include "storage/s3/stores_file.h"

namespace tarn::storage {
namespace {

class Router final : public RoutedStorage {
 public:
  Router(std::unique_ptr<Storage> local, const ObjectStores& stores)
      : local_(std::move(local)), configured_(stores) {
    SetFurtherStores({});
  }

  void SetFurtherStores(const ObjectStores& further) override {
    ObjectStores stores = configured_;
    stores.insert(further.begin(), further.end());
    const std::lock_guard lock(mutex_);
    for (auto& [bucket, opened] : buckets_) {
      const auto found = stores.find(bucket);
      if (found == stores.end() || found->second != opened.store) {
        retired_.push_back(std::move(opened.storage));
        opened.storage = nullptr;
      }
    }
    std::erase_if(buckets_, [](const auto& entry) { return entry.second.storage == nullptr; });
    for (const auto& [bucket, store] : stores) {
      if (!buckets_.contains(bucket)) buckets_[bucket] = {store, OpenBucket(bucket, store)};
    }
  }

  std::optional<ObjectStore> StoreOf(std::string_view location) const override {
    const auto place = InBucket(location);
    if (!place) return std::nullopt;
    const std::shared_lock lock(mutex_);
    const auto found = buckets_.find(place->bucket);
    return found == buckets_.end() ? std::nullopt : std::optional(found->second.store);
  }

  std::optional<ObjectStore> ConfiguredStoreOf(std::string_view location) const override {
    const auto place = InBucket(location);
    const auto found = place ? configured_.find(std::string(place->bucket)) : configured_.end();
    return found == configured_.end() ? std::nullopt : std::optional(found->second);
  }

  Result<std::unique_ptr<ObjectWriter>> Create(std::string_view location, PutMode mode) override {
    return Of(location).Create(location, mode);
  }
  Result<std::unique_ptr<ObjectReader>> Open(std::string_view location) override {
    return Of(location).Open(location);
  }
  Result<ObjectInfo> Head(std::string_view location) override {
    return Of(location).Head(location);
  }
  Result<> Delete(std::string_view location) override { return Of(location).Delete(location); }

  /// Each stretch of locations that one storage holds goes to it at once.
  Result<> DeleteAll(std::span<const std::string> locations) override {
    Result<> first;
    while (!locations.empty()) {
      Storage& storage = Of(locations.front());
      size_t count = 1;
      while (count < locations.size() && &Of(locations[count]) == &storage) ++count;
      const Result<> deleted = storage.DeleteAll(locations.first(count));
      if (!deleted && first) first = deleted;
      locations = locations.subspan(count);
    }
    return first;
  }

  Result<> List(std::string_view prefix,
                const std::function<Result<>(const ObjectInfo&)>& visit) override {
    return Of(prefix).List(prefix, visit);
  }
  Result<> RemoveUnfinished(std::string_view prefix) override {
    return Of(prefix).RemoveUnfinished(prefix);
  }

 private:
  struct OpenedBucket {
    ObjectStore store;
    std::unique_ptr<Storage> storage;
  };

  Storage& Of(std::string_view location) {
    const auto place = InBucket(location);
    if (!place) return *local_;
    const std::shared_lock lock(mutex_);
    const auto found = buckets_.find(place->bucket);
    return found == buckets_.end() ? *local_ : *found->second.storage;
  }

  const std::unique_ptr<Storage> local_;
  const ObjectStores configured_;
  mutable std::shared_mutex mutex_;
  std::map<std::string, OpenedBucket, std::less<>> buckets_;
  std::vector<std::unique_ptr<Storage>> retired_;  ///< whose objects may still be open
};

}  // namespace

Result<std::unique_ptr<RoutedStorage>> OpenConfiguredStorage(const LocalStorageOptions& local) {
  TARN_ASSIGN(const ObjectStores stores, ReadStoresFile(StoresFileOf(local.buckets_directory)));
  return OpenRoutedStorage(local, stores);
}

Result<std::unique_ptr<RoutedStorage>> OpenRoutedStorage(const LocalStorageOptions& local,
                                                         const ObjectStores& stores) {
  TARN_ASSIGN(auto opened, OpenLocalStorage(local));
  return std::make_unique<Router>(std::move(opened), stores);
}

}  // namespace tarn::storage
