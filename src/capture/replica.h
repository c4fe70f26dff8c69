// SPDX-License-Identifier: Apache-2.0
// One table that is replicated.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "capture/apply/change_buffer.h"
#include "capture/apply/key_hash.h"
#include "capture/apply/key_index.h"
#include "capture/apply/progress.h"
#include "capture/apply/table_layout.h"
#include "capture/capture.h"
#include "capture/destination.h"
#include "capture/row_rate.h"
#include "capture/source/source_connection.h"

namespace tarn::capture {

enum class ReplicaStage : uint8_t {
  kNew,        ///< nothing is known of it yet
  kCopying,    ///< its rows are copied; changes are gathered
  kStreaming,  ///< changes are applied
  kFailed,     ///< until it is removed and added again
  kAbsent,     ///< the source does not have or send it any more: copied again when it does
};

/// A column as the stream describes it.
struct RelationColumn {
  std::string name;
  TypeOid type;
  int32_t modifier = -1;
  bool in_key = false;
  bool operator==(const RelationColumn&) const = default;
};

/// Of one relation; shared by what came under it.
using Description = std::shared_ptr<const std::vector<RelationColumn>>;

/// A change of a table that is being copied, as it came.
struct GatheredChange {
  Lsn commit_lsn;
  Description described;
  std::vector<char> payload;
};

/// Belongs to the thread of the capture. A copy that is under way has what it needs by value.
struct Replica {
  explicit Replica(TableRequest asked, CaptureMode looks = CaptureMode::kConnector)
      : request(std::move(asked)), mode(looks) {}

  TableRequest request;
  CaptureMode mode;
  ReplicaStage stage = ReplicaStage::kNew;
  TableState state;  ///< as last reported
  int32_t schema_version = 0;
  SipKey key = SipKey::Random();

  // From introspection on.
  std::shared_ptr<const TableLayout> layout;
  std::optional<Destination::Found> base;
  TableProgress progress;
  std::optional<ChangeBuffer> buffer;
  /// As the stream described it last; the layout is not older.
  Description described;
  /// Columns that the stream described and the catalogs did not have: their values were left out.
  std::set<std::string> unknown;
  /// kStreaming alone.
  KeyIndex index;
  bool index_stale = false;  ///< the table was changed by others
  /// The state at which no files were worth merging.
  std::optional<iceberg::SnapshotId> compaction_planned_at;

  /// kCopying: changes that came meanwhile, in their order. Which of them the copy has is known
  /// when it is there: so nothing is folded before.
  std::deque<GatheredChange> gathered;
  /// Of the copy that is under way: which of several it is, and its end.
  std::shared_ptr<std::atomic<bool>> stop_copy;
  int32_t copies_failed = 0;
  int64_t retry_at_ms = 0;  ///< kNew: not before

  // What is told of it.
  /// By the copy that is under way or was last.
  std::shared_ptr<std::atomic<int64_t>> rows_copied = std::make_shared<std::atomic<int64_t>>(0);
  int64_t rows_copied_told = 0;
  int64_t rows_inserted = 0, rows_updated = 0, rows_deleted = 0;
  int64_t last_commit_ms = 0;
  RowRate rate;
  /// kStreaming: of the transaction of the first change that waits.
  struct Oldest {
    int64_t committed_ms = 0;
    Lsn commit_lsn;
  };
  std::optional<Oldest> oldest;

  const SourceName& name() const { return request.name; }
  /// kStreaming: whether a transaction with this commit record is in the table already.
  bool Has(Lsn commit_lsn) const { return commit_lsn < progress.position; }
};

/// Where positions come from.
struct StreamIdentity {
  std::string slot;
  SystemIdentity system;
  Lsn begins;  ///< the slot has everything behind it
  /// Where timelines ended of which `system`'s is a descendant.
  std::map<int64_t, Lsn> ended = {};
};

/// Asks the source what the table is, and the destination what it has of it; makes it there if it
/// is missing. Afterwards the stage is kStreaming, with an index, where the destination's table
/// goes on from its position on this stream; else kCopying.
Result<> Introspect(SourceConnection& source, const std::string& publication,
                    const StreamIdentity& stream, Destination& destination, Replica& replica);

/// The source's table has other columns now: what was added is added, what was dropped or renamed
/// keeps its values under another name, or in a mirror is dropped or renamed. False: only a new
/// copy tells what its rows have. InvalidArgument where the connector cannot follow: another type
/// or key.
Result<bool> FollowSchema(SourceConnection& source, const std::string& publication,
                          Destination& destination, Replica& replica);

/// What the destination has of the table is not to be gone on from, also after a crash.
Result<> ForgetPosition(Destination& destination, const SourceName& name);

/// Attribute numbers of the columns that the table has and that are replicated.
std::set<int16_t> ReplicatedAttributes(const SourceTable& table);

/// Whether trying again may help, without anybody doing anything about it.
bool IsPassing(const Error& error);

}  // namespace tarn::capture
