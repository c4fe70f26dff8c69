// SPDX-License-Identifier: Apache-2.0
#include "capture/apply/initial_copy.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "capture/apply/announcement.h"
#include "capture/apply/table_flush.h"
#include "capture/apply/target_rows.h"
#include "capture/source/snapshot_copy.h"
#include "table/row_delta.h"

namespace tarn::capture {
namespace {

constexpr int64_t kBatchRows = 16'384;
/// Of names of files, per worker.
constexpr int32_t kWorkerOrdinals = 100'000;
constexpr int64_t kMicros = 1000;

class Copying {
 public:
  Copying(Destination& destination, const InitialCopyRequest& request)
      : destination_(destination), request_(request), layout_(*request.layout) {}

  Result<InitialCopy> Run() {
    const table::Writer writer = destination_.BeginWriter();
    auto copied = Copy(writer);
    if (copied || copied.error().kind != ErrorKind::kCommitStateUnknown) {
      destination_.EndWriter(writer);
    }
    return copied;
  }

 private:
  Result<InitialCopy> Copy(const table::Writer& writer) {
    began_ms_ = NowMs();
    TARN_TRY(Announce(destination_.tables(), writer, request_.base.table));
    TARN_ASSIGN(const auto planner, SnapshotReader::Open(request_.source, request_.snapshot));
    TARN_ASSIGN(ranges_, PlanCopy(planner->connection(), layout_.source, request_.workers));
    const auto workers = static_cast<size_t>(
        std::clamp<int64_t>(request_.workers, 1, std::max<int64_t>(std::ssize(ranges_), 1)));
    written_.resize(workers);
    std::vector<std::thread> threads;
    for (size_t i = 0; i < workers; ++i) {
      threads.emplace_back([this, i, &writer] {
        if (auto done = Work(i, writer); !done) GiveUp(std::move(done).error());
      });
    }
    for (std::thread& thread : threads) thread.join();
    if (error_) return std::unexpected(*std::move(error_));
    if (request_.before_commit) TARN_TRY(request_.before_commit());
    return Commit(writer);
  }

  Result<> Work(size_t worker, const table::Writer& writer) {
    TARN_ASSIGN(const auto reader, SnapshotReader::Open(request_.source, request_.snapshot));
    TargetRows rows(layout_, began_ms_ * kMicros);
    TARN_TRY(rows.Open(destination_.tables(), writer, request_.base.table, RowIds::kNew,
                       static_cast<int32_t>(worker + 1) * kWorkerOrdinals));
    KeyHasher hasher(request_.key, layout_.types, layout_.key);
    std::vector<const ValueDecoder*> decoders;
    std::vector<Type> types;
    for (size_t i = 0; i < layout_.field_of.size(); ++i) {
      decoders.push_back(layout_.decoders[i].get());
      types.push_back(layout_.types[layout_.field_of[i]]);
    }
    const auto take = [&](const BatchView& batch) -> Result<> {
      if (given_up_ || (request_.stopping != nullptr && *request_.stopping)) {
        return Fail(ErrorKind::kCancelled, "the copy was given up");
      }
      if (request_.rows_read != nullptr) *request_.rows_read += batch.rows;
      return rows.Append(batch, hasher);
    };
    for (size_t next = next_range_++; next < ranges_.size(); next = next_range_++) {
      TARN_TRY(reader->Copy(layout_.source, ranges_[next], decoders, types, kBatchRows, take));
    }
    TARN_ASSIGN(written_[worker], rows.Finish());
    return {};
  }

  void GiveUp(Error error) {
    given_up_ = true;
    const std::scoped_lock lock(mutex_);
    // What others fail with then is no reason.
    if (!error_) error_ = std::move(error);
  }

  Result<InitialCopy> Commit(const table::Writer& writer) {
    const int64_t read_ms = NowMs();
    const iceberg::LoadedTable& base = request_.base.table;
    table::TableChange change{.table = request_.base.name,
                              .table_uuid = base.metadata->table_uuid,
                              .snapshot_id = iceberg::NewSnapshotId(base.metadata.get())};
    change.changes.replace_all = base.metadata->current_snapshot_id.has_value();
    change.changes.set_properties = ToProperties(request_.progress);
    InitialCopy copy;
    std::vector<iceberg::DataFile> files;
    for (const WrittenKeys& written : written_) {
      copy.rows += std::ssize(written.keys);
      files.insert(files.end(), written.files.begin(), written.files.end());
    }
    if (!files.empty()) {
      TARN_TRY(table::AddDataFiles(
          destination_.tables(), writer, base, change.snapshot_id,
          {.files = std::move(files), .partition_spec_id = base.metadata->default_spec_id}, 0,
          change.changes));
    }
    const AppliedChanges applied{.name = layout_.source.name,
                                 .inserted = copy.rows,
                                 .snapshot = true,
                                 .first_read_ms = began_ms_,
                                 .read_ms = read_ms - began_ms_,
                                 .applied_ms = NowMs() - read_ms};
    TARN_ASSIGN(auto committed, destination_.Commit(writer, {&change, 1}, {&applied, 1}));
    copy.table = std::move(committed.at(0));
    for (const WrittenKeys& written : written_) AddToIndex(written, copy.index);
    if (static_cast<int64_t>(copy.index.size()) != copy.rows) {
      return Fail(ErrorKind::kCorruption, "table \"{}.{}\" has {} rows of {} keys",
                  layout_.source.name.schema, layout_.source.name.table, copy.rows,
                  copy.index.size());
    }
    return copy;
  }

  Destination& destination_;
  const InitialCopyRequest& request_;
  const TableLayout& layout_;
  int64_t began_ms_ = 0;
  std::vector<CopyRange> ranges_;
  std::atomic<size_t> next_range_ = 0;
  std::vector<WrittenKeys> written_;  ///< by worker
  std::atomic<bool> given_up_ = false;
  std::mutex mutex_;
  std::optional<Error> error_;
};

}  // namespace

Result<InitialCopy> CopyTable(Destination& destination, const InitialCopyRequest& request) {
  return Copying(destination, request).Run();
}

}  // namespace tarn::capture
