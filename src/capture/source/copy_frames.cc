// SPDX-License-Identifier: Apache-2.0
#include "capture/source/copy_frames.h"

#include "capture/source/wire_reader.h"

namespace tarn::capture {
namespace {

using namespace std::string_view_literals;  // NOLINT: the signature has a zero byte

constexpr std::string_view kSignature = "PGCOPY\n\377\r\n\0"sv;
constexpr size_t kHeaderBytes = kSignature.size() + 2 * sizeof(uint32_t);
/// Flags that change how the rest is to be read; the others may be passed over.
constexpr uint32_t kCriticalFlags = 0xFFFF0000;
constexpr int16_t kTrailer = -1;
constexpr int32_t kNull = -1;

}  // namespace

void CopyFrames::Append(std::string_view piece) {
  if (kept_.empty()) {
    rest_ = piece;
    return;
  }
  kept_.append(piece);
  rest_ = kept_;
}

CopyFrames::Found CopyFrames::FindHeader() {
  if (rest_.size() < kHeaderBytes) {
    return kSignature.starts_with(rest_.substr(0, kSignature.size())) ? Found::kPart
                                                                      : Found::kMalformed;
  }
  if (!rest_.starts_with(kSignature)) return Found::kMalformed;
  const char* const at = rest_.data() + kSignature.size();
  const auto flags = LoadBigEndian<uint32_t>(at);
  const auto extension = LoadBigEndian<int32_t>(at + sizeof(flags));
  if ((flags & kCriticalFlags) != 0 || extension < 0) return Found::kMalformed;
  const size_t bytes = kHeaderBytes + static_cast<size_t>(extension);
  if (rest_.size() < bytes) return Found::kPart;
  rest_.remove_prefix(bytes);
  header_seen_ = true;
  return Found::kWhole;
}

CopyFrames::Found CopyFrames::FindTuple() {
  const char* at = rest_.data();
  const char* const end = at + rest_.size();
  if (rest_.size() < sizeof(int16_t)) return Found::kPart;
  const auto count = LoadBigEndian<int16_t>(at);
  at += sizeof(count);
  if (count == kTrailer) {
    if (at != end) return Found::kMalformed;
    finished_ = true;
    rest_ = {};
    return Found::kPart;
  }
  if (count < 0 || static_cast<size_t>(count) != fields_.size()) return Found::kMalformed;
  for (CopyField& field : fields_) {
    if (end - at < static_cast<ptrdiff_t>(sizeof(int32_t))) return Found::kPart;
    const auto length = LoadBigEndian<int32_t>(at);
    at += sizeof(length);
    field.is_null = length == kNull;
    if (field.is_null) continue;
    if (length < 0) return Found::kMalformed;
    if (end - at < length) return Found::kPart;
    field.bytes = {at, static_cast<size_t>(length)};
    at += length;
  }
  tuple_bytes_ = static_cast<size_t>(at - rest_.data());
  rest_.remove_prefix(tuple_bytes_);
  return Found::kWhole;
}

Result<const std::vector<CopyField>*> CopyFrames::Next() {
  if (finished_) {
    if (rest_.empty()) return nullptr;
    return Fail(ErrorKind::kCorruption, "a copy goes on behind its end");
  }
  Found found = header_seen_ ? Found::kWhole : FindHeader();
  if (found == Found::kWhole) found = FindTuple();
  switch (found) {
    case Found::kWhole:
      return &fields_;
    case Found::kMalformed:
      return Fail(ErrorKind::kCorruption, "malformed data in a copy");
    case Found::kPart:
      break;
  }
  // Pieces go away, and a part of a tuple stays.
  if (rest_.empty()) {
    kept_.clear();
  } else if (kept_.empty()) {
    kept_.assign(rest_);
  } else {
    kept_.erase(0, static_cast<size_t>(rest_.data() - kept_.data()));
  }
  rest_ = {};
  return nullptr;
}

}  // namespace tarn::capture
