// SPDX-License-Identifier: Apache-2.0
// Frontend messages out of bytes: whole messages first, then the fields of one.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tarn::server::postgres {

/// One message, or an event of the server's own that stands in line with them.
struct Message {
  enum Event : char {
    kStartup = 0,        ///< the startup packet; the payload is what follows its length
    kProtocolError = 1,  ///< the payload is the message for the client; nothing can follow
    kGone = 2,           ///< the client has closed its side
    kTerminated = 3,     ///< the server is shut down
    kIdleTimeout = 4,    ///< the payload is the SQLSTATE
    kOutOfMemory = 5,
  };
  char type = 0;
  std::string payload;
};

/// Cuts a stream of bytes into messages. Lengths are checked before anything is allocated, and the
/// buffer grows only by bytes that have come. Used by one thread.
class MessageFrames {
 public:
  /// Until the client is authenticated only password messages are taken, and short ones.
  void SetAuthenticated() { authenticated_ = true; }
  void Append(std::span<const uint8_t> bytes);
  /// Absent: more bytes are needed. InvalidArgument: the stream cannot be followed any more.
  Result<std::optional<Message>> Next();
  size_t buffered() const { return buffer_.size() - consumed_; }

 private:
  Result<int32_t> LengthLimit(char type) const;

  std::string buffer_;
  size_t consumed_ = 0;
  bool authenticated_ = false;
};

/// Reads the fields of one message, never past its end. The first failure sticks: values after it
/// are zero or empty, and Finish tells. Used by one thread.
class MessageReader {
 public:
  explicit MessageReader(std::string_view payload) : rest_(payload) {}

  uint8_t Byte();
  int16_t Int16();
  uint16_t UInt16() { return static_cast<uint16_t>(Int16()); }
  int32_t Int32();
  /// REQUIRES: bytes ≥ 0. A view of the payload.
  std::string_view Bytes(int64_t bytes);
  std::string_view CString();
  /// A value with its length in front; absent for −1.
  std::optional<std::string_view> Value();
  std::string_view Rest();

  size_t left() const { return rest_.size(); }
  bool failed() const { return failed_; }
  /// InvalidArgument unless every byte was read and none was missing.
  Result<> Finish() const;

 private:
  std::string_view rest_;
  bool failed_ = false;
};

/// Whether the bytes are UTF-8 without zero bytes, overlong forms and surrogates.
bool IsUtf8(std::string_view text);

}  // namespace tarn::server::postgres
