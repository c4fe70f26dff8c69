// SPDX-License-Identifier: Apache-2.0
// The lines of the journal: one JSON object each, behind the CRC-32 of its text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"
#include "table/writer.h"

namespace tarn::table {

/// A location in which a writer may have made files.
struct JournalledLocation {
  std::string location;
  bool create = false;  ///< the writer tries to claim it
  bool operator==(const JournalledLocation&) const = default;
};

/// A table that goes when its writer commits.
struct DroppedLocation {
  std::string location;
  std::string metadata_location;
  Uuid table_uuid;
  std::string holder;  ///< whose it was (Owner::holder): another's files stay
  bool operator==(const DroppedLocation&) const = default;
};

/// Files that a commit's metadata no longer reaches.
struct ExpiredFiles {
  std::string location;
  std::string metadata_location;  ///< of the commit
  std::vector<std::string> manifest_lists;
  std::vector<std::string> metadata_files;
  std::string holder;  ///< as of DroppedLocation
  bool operator==(const ExpiredFiles&) const = default;
};

/// What committed writers of one table left to delete, together: one commit a second must not be
/// one record each for an hour.
struct GarbageBatch {
  Uuid id;
  std::string issuer;  ///< of the writers
  /// ReadersMark of a moment after their commits: when that is beyond readers, so are they.
  std::string mark;
  int64_t committed_ms = 0;  ///< of the last of them
  std::vector<ExpiredFiles> expired;
  std::vector<DroppedLocation> dropped;
  bool operator==(const GarbageBatch&) const = default;
};

/// One line. Exactly what `kind` names is meaningful.
struct JournalRecord {
  enum class Kind : uint8_t { kLocation, kDropped, kExpired, kCommitted, kForgotten, kGarbage };
  Kind kind = Kind::kLocation;
  Writer writer;  ///< kCommitted, kForgotten: only the id, which may be a batch's; kGarbage: none
  JournalledLocation location;
  DroppedLocation dropped;
  ExpiredFiles expired;
  int64_t committed_ms = 0;
  GarbageBatch garbage;  ///< replaces one of the same id
};

/// With the line feed.
std::string EncodeJournalRecord(const JournalRecord& record);
/// Without the line feed. Corruption for anything that EncodeJournalRecord did not write.
Result<JournalRecord> DecodeJournalRecord(std::string_view line);

}  // namespace tarn::table
