// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "storage/storage.h"

namespace tarn::storage {

/// For tests: a storage of somebody else, which outlives this, for those who own theirs.
class BorrowedStorage : public Storage {
 public:
  explicit BorrowedStorage(Storage* inner) : inner_(inner) {}
  Result<std::unique_ptr<ObjectWriter>> Create(std::string_view location, PutMode mode) override {
    return inner_->Create(location, mode);
  }
  Result<std::unique_ptr<ObjectReader>> Open(std::string_view location) override {
    return inner_->Open(location);
  }
  Result<ObjectInfo> Head(std::string_view location) override { return inner_->Head(location); }
  Result<> Delete(std::string_view location) override { return inner_->Delete(location); }
  Result<> List(std::string_view prefix,
                const std::function<Result<>(const ObjectInfo&)>& visit) override {
    return inner_->List(prefix, visit);
  }

 private:
  Storage* inner_;
};

}  // namespace tarn::storage
