// SPDX-License-Identifier: Apache-2.0
// The frames of COPY … (FORMAT binary) (PostgreSQL, "COPY", "Binary Format").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tarn::capture {

struct CopyField {
  bool is_null = false;
  std::string_view bytes;
};

/// Finds tuples in a stream that comes in pieces cut at any byte. Used by one thread.
class CopyFrames {
 public:
  explicit CopyFrames(size_t columns) : fields_(columns) {}

  /// REQUIRES: Next has said that it needs more. `piece` lives until it says so again.
  void Append(std::string_view piece);
  /// The fields of the next tuple, until the next call; absent: more is needed, or the stream is
  /// finished. Corruption.
  Result<const std::vector<CopyField>*> Next();
  /// The trailer was seen.
  bool finished() const { return finished_; }
  /// Bytes of the last tuple.
  size_t tuple_bytes() const { return tuple_bytes_; }

 private:
  enum class Found : uint8_t { kWhole, kPart, kMalformed };
  Found FindHeader();
  Found FindTuple();

  std::vector<CopyField> fields_;
  std::string_view rest_;  ///< of the piece, or of `kept_`
  std::string kept_;       ///< what of earlier pieces is part of a tuple
  size_t tuple_bytes_ = 0;
  bool header_seen_ = false, finished_ = false;
};

}  // namespace tarn::capture
