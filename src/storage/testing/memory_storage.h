// SPDX-License-Identifier: Apache-2.0
// For tests.
#pragma once

#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "storage/storage.h"

namespace tarn::storage {

/// Objects in a map; counts what is opened. Thread-safe.
class MemoryStorage : public Storage {
 public:
  Result<std::unique_ptr<ObjectWriter>> Create(std::string_view location, PutMode mode) override {
    return std::make_unique<Writer>(*this, std::string(location), mode);
  }

  Result<std::unique_ptr<ObjectReader>> Open(std::string_view location) override {
    const std::lock_guard lock(mutex_);
    ++opened_;
    const auto found = objects_.find(location);
    if (found == objects_.end()) {
      return Fail(ErrorKind::kNotFound, "object \"{}\" does not exist", location);
    }
    return std::make_unique<Reader>(found->second);
  }

  Result<ObjectInfo> Head(std::string_view location) override {
    const std::lock_guard lock(mutex_);
    const auto found = objects_.find(location);
    if (found == objects_.end()) {
      return Fail(ErrorKind::kNotFound, "object \"{}\" does not exist", location);
    }
    return ObjectInfo{.location = found->first,
                      .size_bytes = static_cast<int64_t>(found->second.size())};
  }

  Result<> Delete(std::string_view location) override {
    const std::lock_guard lock(mutex_);
    if (const auto found = objects_.find(location); found != objects_.end()) objects_.erase(found);
    return {};
  }

  Result<> List(std::string_view prefix,
                const std::function<Result<>(const ObjectInfo&)>& visit) override {
    for (const auto& [location, bytes] : objects()) {
      if (!location.starts_with(prefix)) continue;
      TARN_TRY(visit({.location = location, .size_bytes = static_cast<int64_t>(bytes.size())}));
    }
    return {};
  }

  /// A copy of everything that is stored.
  std::map<std::string, std::string, std::less<>> objects() const {
    const std::lock_guard lock(mutex_);
    return objects_;
  }
  int opened() const {
    const std::lock_guard lock(mutex_);
    return opened_;
  }

 private:
  class Writer : public ObjectWriter {
   public:
    Writer(MemoryStorage& storage, std::string location, PutMode mode)
        : storage_(storage), location_(std::move(location)), mode_(mode) {}
    Result<> Append(std::span<const uint8_t> bytes) override {
      bytes_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      return {};
    }
    int64_t size_bytes() const override { return static_cast<int64_t>(bytes_.size()); }
    Result<> Appear() override {
      const std::lock_guard lock(storage_.mutex_);
      if (mode_ == PutMode::kIfAbsent && storage_.objects_.contains(location_)) {
        return Fail(ErrorKind::kAlreadyExists, "object \"{}\" exists", location_);
      }
      storage_.objects_[location_] = bytes_;
      return {};
    }

   private:
    MemoryStorage& storage_;
    std::string location_;
    PutMode mode_;
    std::string bytes_;
  };

  class Reader : public ObjectReader {
   public:
    explicit Reader(std::string bytes) : bytes_(std::move(bytes)) {}
    int64_t size_bytes() const override { return static_cast<int64_t>(bytes_.size()); }
    Result<> ReadAt(int64_t offset, std::span<uint8_t> out) const override {
      if (offset < 0 || static_cast<size_t>(offset) + out.size() > bytes_.size()) {
        return Fail(ErrorKind::kCorruption, "object ends early");
      }
      std::memcpy(out.data(), bytes_.data() + offset, out.size());
      return {};
    }

   private:
    std::string bytes_;
  };

  mutable std::mutex mutex_;
  std::map<std::string, std::string, std::less<>> objects_;
  int opened_ = 0;
};

}  // namespace tarn::storage
