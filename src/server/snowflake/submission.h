// SPDX-License-Identifier: Apache-2.0
// One request to run SQL, from its arrival until its answer is forgotten.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/uuid.h"
#include "server/snowflake/bindings.h"
#include "server/snowflake/spooled_result.h"
#include "server/snowflake/transfer_reply.h"
#include "warehouse/session.h"

namespace tarn::server::snowflake {

/// What a client asks for; a plain value.
struct StatementRequest {
  std::string request_id;  ///< stays the same when the client repeats the request; "": none
  std::string text;
  bool asynchronous = false;
  bool only_describe = false;
  BoundRows bindings;
  /// Statements that the text has, 0: any number; absent: as the session says.
  std::optional<int64_t> statement_count;
  /// Session parameters that hold for this request only, upper case.
  std::vector<std::pair<std::string, std::string>> parameters;
};

/// What the session is when a statement has ended.
struct SessionFacts {
  std::string database, schema, warehouse, role;
  std::string parameters;  ///< a JSON array of {"name", "value"}
};

class Submission;

/// How a statement ended. Exactly one of `error`, `rows` and neither; a plain value.
struct Outcome {
  std::optional<warehouse::StatementError> error;
  std::string command;
  /// Null for a statement without rows: then it has counts or a status.
  std::shared_ptr<SpooledResult> rows;
  std::vector<warehouse::RowCount> counts;
  std::string status;
  std::shared_ptr<const warehouse::FileTransfer> transfer;  ///< of PUT and GET
  TransferStyle transfer_style = TransferStyle::kUrls;
  int32_t bindings = 0;  ///< placeholders
  bool sends_arrow = false;
  /// Of a text of several statements, in order.
  std::vector<std::shared_ptr<Submission>> children;
  SessionFacts session;
};

/// Thread-safe.
class Submission {
 public:
  Submission(StatementRequest request, int64_t now_ms)
      : request_(std::move(request)), started_ms_(now_ms) {}

  const Uuid& id() const { return id_; }
  const StatementRequest& request() const { return request_; }
  int64_t started_ms() const { return started_ms_; }
  int64_t ended_ms() const { return ended_ms_; }

  /// The client wants no answer any more. Whoever runs it looks here.
  void Abort() { aborted_ = true; }
  bool is_aborted() const { return aborted_; }

  void Begin() { running_ = true; }
  bool is_running() const { return running_ && !outcome(); }
  /// Once.
  void End(Outcome outcome, int64_t now_ms);
  /// Null until it has ended.
  std::shared_ptr<const Outcome> outcome() const;
  /// The same, waiting for it so long.
  std::shared_ptr<const Outcome> Wait(std::chrono::milliseconds patience) const;

 private:
  const Uuid id_ = Uuid::Random();
  const StatementRequest request_;
  const int64_t started_ms_;
  std::atomic<int64_t> ended_ms_ = 0;
  std::atomic<bool> aborted_ = false, running_ = false;
  mutable std::mutex mutex_;
  mutable std::condition_variable ended_;
  std::shared_ptr<const Outcome> outcome_;  ///< under mutex_
};

}  // namespace tarn::server::snowflake
