// SPDX-License-Identifier: Apache-2.0
#include "engine/delete_store.h"

#include <span>

#include "iceberg/deletes/deletion_vector.h"

namespace tarn::engine {

namespace {

// What an entry takes beside its positions.
constexpr size_t kEntryBytes = 256;

size_t BytesOf(const std::string& key, const PositionsPtr& positions) {
  return kEntryBytes + 2 * key.size() + positions->memory_bytes();
}

Result<iceberg::PositionBitmap> ReadVector(storage::Storage& storage,
                                           const iceberg::DataFile& vector) {
  TARN_ASSIGN(const auto object, storage.Open(vector.file_path));
  const int64_t offset = *vector.content_offset;
  const int64_t size = *vector.content_size_bytes;
  if (offset < 0 || size < 0 || offset > object->size_bytes() ||
      size > object->size_bytes() - offset) {
    return Fail(ErrorKind::kCorruption, "the file ends before it");
  }
  std::string blob(static_cast<size_t>(size), '\0');
  TARN_TRY(object->ReadAt(offset, {reinterpret_cast<uint8_t*>(blob.data()), blob.size()}));
  return iceberg::DecodeDeletionVector(blob, vector.record_count);
}

}  // namespace

Result<PositionsPtr> DeleteStore::LoadVector(const iceberg::DataFile& vector, int64_t data_rows) {
  const std::string key = iceberg::DeleteIdentity(vector);
  if (auto known = Find(key)) return known;
  auto positions = ReadVector(*storage_, vector);
  if (!positions && positions.error().kind != ErrorKind::kCorruption) {
    return std::unexpected(positions.error());
  }
  if (positions && positions->highest().value_or(-1) >= data_rows) {
    positions =
        Fail(ErrorKind::kCorruption, "it deletes row {} of {}", *positions->highest(), data_rows);
  }
  if (!positions) {
    return Fail(ErrorKind::kCorruption, "deletion vector at {} of file \"{}\" for \"{}\": {}",
                *vector.content_offset, vector.file_path, vector.referenced_data_file.value_or(""),
                positions.error().message);
  }
  auto result = std::make_shared<const iceberg::PositionBitmap>(*std::move(positions));
  Put(key, result);
  return result;
}

PositionsPtr DeleteStore::Find(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->second;
}

void DeleteStore::Put(const std::string& key, PositionsPtr positions) {
  const size_t bytes = BytesOf(key, positions);
  const std::lock_guard lock(mutex_);
  if (bytes > memory_limit_bytes_ || by_key_.contains(key)) return;
  entries_.emplace_front(key, std::move(positions));
  by_key_.emplace(entries_.front().first, entries_.begin());
  memory_bytes_ += bytes;
  while (memory_bytes_ > memory_limit_bytes_) {
    const Entry& oldest = entries_.back();
    memory_bytes_ -= BytesOf(oldest.first, oldest.second);
    by_key_.erase(oldest.first);
    entries_.pop_back();
  }
}

}  // namespace tarn::engine
