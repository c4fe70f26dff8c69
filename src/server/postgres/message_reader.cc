// SPDX-License-Identifier: Apache-2.0
#include "server/postgres/message_reader.h"

#include <cstring>
#include <limits>

namespace tarn::server::postgres {
namespace {

constexpr size_t kHeaderBytes = 5;
constexpr int32_t kSmallLimit = 10'000;  // as PostgreSQL's PQ_SMALL_MESSAGE_LIMIT
constexpr int32_t kLargeLimit = 0x3fffffff;
constexpr int32_t kPasswordLimit = 65'535;
constexpr size_t kKeptBytes = 256 * 1024;

int32_t LoadInt32(const char* bytes) {
  uint32_t value;
  std::memcpy(&value, bytes, 4);
  return static_cast<int32_t>(__builtin_bswap32(value));
}

}  // namespace

void MessageFrames::Append(std::span<const uint8_t> bytes) {
  if (consumed_ == buffer_.size()) {
    if (buffer_.capacity() > kKeptBytes) {
      buffer_ = std::string();
    } else {
      buffer_.clear();
    }
    consumed_ = 0;
  } else if (consumed_ > buffer_.size() / 2) {
    buffer_.erase(0, consumed_);
    consumed_ = 0;
  }
  buffer_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

Result<int32_t> MessageFrames::LengthLimit(char type) const {
  if (!authenticated_) {
    if (type == 'p') return kPasswordLimit;
    return Fail(ErrorKind::kInvalidArgument, "expected password response, got message type {}",
                static_cast<int>(static_cast<uint8_t>(type)));
  }
  switch (type) {
    case 'Q':
    case 'P':
    case 'B':
    case 'F':
    case 'd':
      return kLargeLimit;
    case 'C':
    case 'D':
    case 'E':
    case 'H':
    case 'S':
    case 'X':
    case 'c':
    case 'f':
    case 'p':
      return kSmallLimit;
    default:
      return Fail(ErrorKind::kInvalidArgument, "invalid frontend message type {}",
                  static_cast<int>(static_cast<uint8_t>(type)));
  }
}

Result<std::optional<Message>> MessageFrames::Next() {
  if (buffered() < 1) return std::nullopt;
  const char* frame = buffer_.data() + consumed_;
  TARN_ASSIGN(const int32_t limit, LengthLimit(frame[0]));
  if (buffered() < kHeaderBytes) return std::nullopt;
  const int32_t length = LoadInt32(frame + 1);
  if (length < 4 || length > limit) {
    return Fail(ErrorKind::kInvalidArgument, "invalid message length");
  }
  const auto total = static_cast<size_t>(length) + 1;
  if (buffered() < total) return std::nullopt;
  Message message{frame[0], std::string(frame + kHeaderBytes, total - kHeaderBytes)};
  consumed_ += total;
  return message;
}

uint8_t MessageReader::Byte() {
  const std::string_view bytes = Bytes(1);
  return bytes.empty() ? 0 : static_cast<uint8_t>(bytes[0]);
}

int16_t MessageReader::Int16() {
  const std::string_view bytes = Bytes(2);
  if (bytes.empty()) return 0;
  return static_cast<int16_t>(static_cast<uint8_t>(bytes[0]) << 8 | static_cast<uint8_t>(bytes[1]));
}

int32_t MessageReader::Int32() {
  const std::string_view bytes = Bytes(4);
  return bytes.empty() ? 0 : LoadInt32(bytes.data());
}

std::string_view MessageReader::Bytes(int64_t bytes) {
  if (failed_ || bytes < 0 || static_cast<uint64_t>(bytes) > rest_.size()) {
    failed_ = true;
    rest_ = {};
    return {};
  }
  const std::string_view taken = rest_.substr(0, static_cast<size_t>(bytes));
  rest_.remove_prefix(taken.size());
  return taken;
}

std::string_view MessageReader::CString() {
  const size_t end = rest_.find('\0');
  if (end == std::string_view::npos) failed_ = true;
  const std::string_view text = Bytes(failed_ ? -1 : static_cast<int64_t>(end));
  if (!failed_) rest_.remove_prefix(1);
  return text;
}

std::optional<std::string_view> MessageReader::Value() {
  const int32_t length = Int32();
  if (length == -1) return std::nullopt;
  return Bytes(length);
}

std::string_view MessageReader::Rest() { return Bytes(static_cast<int64_t>(rest_.size())); }

Result<> MessageReader::Finish() const {
  if (failed_) return Fail(ErrorKind::kInvalidArgument, "insufficient data left in message");
  if (!rest_.empty()) return Fail(ErrorKind::kInvalidArgument, "invalid message format");
  return {};
}

bool IsUtf8(std::string_view text) {
  const auto* at = reinterpret_cast<const uint8_t*>(text.data());
  const uint8_t* const end = at + text.size();
  const auto continues = [&end](const uint8_t* p) { return p < end && (*p & 0xc0) == 0x80; };
  while (at < end) {
    const uint8_t first = *at;
    if (first == 0) return false;
    if (first < 0x80) {
      ++at;
    } else if (first >= 0xc2 && first <= 0xdf) {
      if (!continues(at + 1)) return false;
      at += 2;
    } else if (first >= 0xe0 && first <= 0xef) {
      if (!continues(at + 1) || !continues(at + 2)) return false;
      if ((first == 0xe0 && at[1] < 0xa0) || (first == 0xed && at[1] > 0x9f)) return false;
      at += 3;
    } else if (first >= 0xf0 && first <= 0xf4) {
      if (!continues(at + 1) || !continues(at + 2) || !continues(at + 3)) return false;
      if ((first == 0xf0 && at[1] < 0x90) || (first == 0xf4 && at[1] > 0x8f)) return false;
      at += 4;
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace tarn::server::postgres
