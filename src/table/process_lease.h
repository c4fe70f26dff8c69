// SPDX-License-Identifier: Apache-2.0
// Writers of processes that have no transaction log to ask: a process that lives holds a lock, and
// what one that died had published stands in the history of its tables.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/uuid.h"
#include "iceberg/commit/commit.h"
#include "table/writer.h"

namespace tarn::table {

/// A locked file `<directory>/<id>.lease`. The kernel takes the lock back when the process ends,
/// however it ends. The directory is on a local file system and shared by the processes whose
/// writers may have to be told apart. Thread-safe.
class ProcessLease {
 public:
  /// Makes the directory where it is missing. Durable enough at return: a lease that a crash of the
  /// machine loses is one whose process died.
  static Result<std::unique_ptr<ProcessLease>> Take(const std::string& directory, int64_t now_ms);
  /// Gives it up.
  ~ProcessLease();
  ProcessLease(const ProcessLease&) = delete;
  ProcessLease& operator=(const ProcessLease&) = delete;

  /// Issuer "process", token `<lease>/<when it was taken, in ms>`.
  Writer NewWriter() const;
  const Uuid& id() const { return id_; }

 private:
  ProcessLease(std::string path, Uuid id, int64_t taken_ms, int file)
      : path_(std::move(path)), id_(id), taken_ms_(taken_ms), file_(file) {}

  const std::string path_;
  const Uuid id_;
  const int64_t taken_ms_;
  const int file_;
};

/// Whether a commit of the writer is in the table's history as `newest` tells it: kCommitted or
/// kAborted; kUnknown where the history does not reach back to when the writer's lease was taken,
/// so that it proves nothing. InvalidArgument for a writer of another issuer. REQUIRES: the writer
/// has ended, and `newest` was read afterwards.
Result<WriterFate> FateInHistory(const iceberg::LoadedTable& newest, const Writer& writer);

/// Fates of the writers of all leases in a directory. Thread-safe.
class ProcessFates final : public WriterFates {
 public:
  /// Looks for a writer whose process died, in every table that its journal names
  /// (FateInHistory): committed if one of them says so, aborted if all say so, else unknown.
  using Look = std::function<Result<WriterFate>(const Writer&)>;

  ProcessFates(std::string directory, Look look);

  /// The end of a writer of this process, from whoever saw it.
  void Tell(const Uuid& writer, WriterFate fate);

  std::string_view issuer() const override;
  Result<std::vector<WriterFate>> FatesOf(std::span<const Writer> writers) override;
  /// Readers of this issuer say what they read by pins.
  Result<std::string> ReadersMark() override;
  Result<bool> IsBeyondReaders(const std::string& mark) override;

 private:
  Result<WriterFate> FateOf(const Writer& writer);

  const std::string directory_;
  const Look look_;
  std::mutex mutex_;
  std::map<Uuid, WriterFate> told_;
};

}  // namespace tarn::table
