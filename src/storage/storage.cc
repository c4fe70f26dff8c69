// SPDX-License-Identifier: Apache-2.0
#include "storage/storage.h"

namespace tarn::storage {

Result<> Storage::RemoveUnfinished(std::string_view /*prefix*/) { return {}; }

Result<> ObjectWriter::Close() {
  TARN_TRY(Stage());
  TARN_TRY(Appear());
  return Settle();
}

Result<> Storage::DeleteAll(std::span<const std::string> locations) {
  Result<> first;
  for (const std::string& location : locations) {
    const Result<> deleted = Delete(location);
    if (!deleted && first) first = deleted;
  }
  return first;
}

Result<> Storage::Put(std::string_view location, std::span<const uint8_t> bytes, PutMode mode) {
  TARN_ASSIGN(const auto writer, Create(location, mode));
  TARN_TRY(writer->Append(bytes));
  return writer->Close();
}

Result<> Storage::Put(std::string_view location, std::string_view text, PutMode mode) {
  return Put(location, {reinterpret_cast<const uint8_t*>(text.data()), text.size()}, mode);
}

Result<std::string> Storage::Read(std::string_view location) {
  TARN_ASSIGN(const auto reader, Open(location));
  std::string text(static_cast<size_t>(reader->size_bytes()), '\0');
  TARN_TRY(reader->ReadAt(0, {reinterpret_cast<uint8_t*>(text.data()), text.size()}));
  return text;
}

}  // namespace tarn::storage
