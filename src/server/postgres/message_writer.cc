// SPDX-License-Identifier: Apache-2.0
#include "server/postgres/message_writer.h"

#include <algorithm>

namespace tarn::server::postgres {
namespace {

constexpr size_t kInitialBytes = 4096;
constexpr size_t kKeptBytes = 256 * 1024;

}  // namespace

void MessageWriter::Grow(size_t bytes) {
  const size_t capacity = std::max({kInitialBytes, capacity_ * 2, size_ + bytes});
  auto data = std::make_unique_for_overwrite<uint8_t[]>(capacity);
  if (size_ > 0) std::memcpy(data.get(), data_.get(), size_);
  data_ = std::move(data);
  capacity_ = capacity;
}

void MessageWriter::RemoveFront(size_t bytes) {
  size_ -= bytes;
  if (size_ > 0) std::memmove(data_.get(), data_.get() + bytes, size_);
  if (size_ == 0 && capacity_ > kKeptBytes) {
    data_.reset();
    capacity_ = 0;
  }
}

}  // namespace tarn::server::postgres
