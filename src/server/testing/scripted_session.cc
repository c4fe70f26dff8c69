// SPDX-License-Identifier: Apache-2.0
#include "server/testing/scripted_session.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "server/postgres/scram.h"
#include "server/postgres/tokens.h"
#include "server/testing/scripted_statement.h"
#include "warehouse/catalogue/caller.h"

namespace tarn::server {
namespace {

using postgres::FailState;
using warehouse::StatementResult;
using warehouse::TransactionState;
using Action = ScriptedStatement::Action;

constexpr int64_t kBatchRows = 2048;

/// The table t: all that sessions change.
struct Counter {
  std::mutex mutex;
  int64_t rows = 0;
};

/// What Cancel ends.
struct Cancellation {
  std::mutex mutex;
  std::condition_variable wake;
  int running = 0;
  bool cancelled = false;
};

class ScriptedStream : public warehouse::ResultStream {
 public:
  ScriptedStream(const ScriptedStatement& statement, std::vector<warehouse::BoundValue> values,
                 int64_t counter, Cancellation& cancellation)
      : statement_(statement),
        values_(std::move(values)),
        counter_(counter),
        cancellation_(cancellation) {
    summary_.query_id = Uuid::Random();
    summary_.command = statement.verb;
    const std::lock_guard lock(cancellation_.mutex);
    ++cancellation_.running;
    for (const auto& column : statement_.columns()) carriers_.push_back(column.carrier);
  }
  ~ScriptedStream() override {
    const std::lock_guard lock(cancellation_.mutex);
    --cancellation_.running;
  }

  const std::vector<warehouse::ResultColumn>& columns() const override {
    return statement_.columns();
  }

  StatementResult<> Next(std::vector<uint8_t>& batch) override {
    batch.clear();
    if (statement_.action == Action::kSleep && next_ == 0) TARN_STATEMENT_TRY(Sleep());
    if (IsCancelled()) return Cancelled();
    switch (statement_.action) {
      case Action::kStall:
        return Stall(batch);
      case Action::kTypes:
        if (next_++ == 0) batch = BuildBatch(carriers_, EveryTypeRows());
        return {};
      case Action::kRows:
      case Action::kSleep:
      case Action::kError:
        if (next_ < statement_.rows && !statement_.items.empty()) return Rows(batch);
        if (statement_.action == Action::kError) return Error();
        return {};
      default:
        return {};
    }
  }

  void Interrupt() override {
    const std::lock_guard lock(cancellation_.mutex);
    cancellation_.cancelled = true;
    cancellation_.wake.notify_all();
  }
  void Pause() override {}
  const warehouse::StatementSummary& summary() const override { return summary_; }
  warehouse::StatementSummary& mutable_summary() { return summary_; }

 private:
  bool IsCancelled() {
    const std::lock_guard lock(cancellation_.mutex);
    return cancellation_.cancelled;
  }
  static std::unexpected<warehouse::StatementError> Cancelled() {
    return std::unexpected(
        warehouse::StatementError{.error = {ErrorKind::kCancelled, "the statement was cancelled"}});
  }

  StatementResult<> Sleep() {
    std::unique_lock lock(cancellation_.mutex);
    cancellation_.wake.wait_for(lock, std::chrono::milliseconds(std::stoll(statement_.text)),
                                [this] { return cancellation_.cancelled; });
    if (cancellation_.cancelled) return Cancelled();
    return {};
  }

  /// Its rows one by one, 10 ms apart, and then nothing for a minute.
  StatementResult<> Stall(std::vector<uint8_t>& batch) {
    const bool last = next_ == statement_.rows;
    std::unique_lock lock(cancellation_.mutex);
    cancellation_.wake.wait_for(lock, std::chrono::milliseconds(last ? 60'000 : 10),
                                [this] { return cancellation_.cancelled; });
    if (cancellation_.cancelled) return Cancelled();
    lock.unlock();
    if (last) return {};
    ++next_;
    batch = BuildBatch(carriers_, {{Cell{false, next_, {}}}});
    return {};
  }

  StatementResult<> Error() const {
    const size_t space = std::min(statement_.text.find(' '), statement_.text.size());
    const std::string state = statement_.text.substr(0, space);
    std::string message = statement_.text.substr(std::min(space + 1, statement_.text.size()));
    if (message.empty()) message = "scripted error";
    return FailState(state, "{}", message);
  }

  StatementResult<Cell> Value(const ScriptedItem& item) const {
    switch (item.kind) {
      case ScriptedItem::Kind::kParameter:
        return CellOf(values_[item.parameter], item.column);
      case ScriptedItem::Kind::kRowNumber: {
        if (item.column.carrier.kind != TypeKind::kString) return Cell{false, next_ + 1, {}};
        return Cell{false, std::to_string(next_ + 1), {}};
      }
      case ScriptedItem::Kind::kZeroDivision:
        return FailState("22012", "division by zero");
      case ScriptedItem::Kind::kCounter:
        return Cell{false, counter_, {}};
      case ScriptedItem::Kind::kLiteral:
        break;
    }
    return item.literal;
  }

  StatementResult<> Rows(std::vector<uint8_t>& batch) {
    // Rows that are all alike but for their numbers are made once: the server is to be measured.
    const int64_t count = std::min(kBatchRows, statement_.rows - next_);
    const bool repeats = std::ranges::none_of(statement_.items, [](const ScriptedItem& item) {
      return item.kind == ScriptedItem::Kind::kRowNumber;
    });
    if (repeats && count == kBatchRows && !repeated_.empty()) {
      next_ += count;
      batch = repeated_;
      return {};
    }
    std::vector<std::vector<Cell>> rows;
    for (int64_t i = 0; i < count; ++i, ++next_) {
      std::vector<Cell>& row = rows.emplace_back();
      for (const ScriptedItem& item : statement_.items) {
        TARN_STATEMENT_ASSIGN(Cell cell, Value(item));
        row.push_back(std::move(cell));
      }
    }
    batch = BuildBatch(carriers_, rows);
    if (repeats) repeated_ = batch;
    return {};
  }

  const ScriptedStatement& statement_;
  std::vector<warehouse::BoundValue> values_;
  int64_t counter_;
  Cancellation& cancellation_;
  std::vector<Type> carriers_;
  std::vector<uint8_t> repeated_;
  warehouse::StatementSummary summary_;
  int64_t next_ = 0;
};

class ScriptedSession : public warehouse::Session {
 public:
  ScriptedSession(const warehouse::SessionRequest& request, Counter& counter)
      : request_(request), counter_(counter) {}

  StatementResult<std::vector<warehouse::StatementText>> Split(std::string_view text,
                                                               const warehouse::Dialect&) override {
    std::vector<warehouse::StatementText> parts;
    const std::vector<postgres::Token> tokens = postgres::Tokenize(text, 10'000'000);
    const auto add = [&](size_t begin, size_t end) {
      parts.push_back({std::string(text.substr(begin, end - begin)), static_cast<int64_t>(begin)});
    };
    size_t begin = 0;
    bool any = false;
    for (const postgres::Token& token : tokens) {
      const bool ends = token.kind == postgres::Token::Kind::kSymbol && token.text == ";";
      if (ends && any) add(begin, token.begin);
      if (!ends && !any) begin = token.begin;
      any = !ends;
    }
    if (any) add(begin, text.size());
    return parts;
  }

  StatementResult<std::unique_ptr<warehouse::PreparedStatement>> Prepare(
      std::string text, const warehouse::Dialect&,
      std::span<const sql::DataType> declared) override {
    return ParseScripted(text, declared);
  }

  StatementResult<std::unique_ptr<warehouse::ResultStream>> Execute(
      const warehouse::PreparedStatement& prepared,
      std::span<const warehouse::BoundValue> values) override {
    const auto& statement = static_cast<const ScriptedStatement&>(prepared);
    {
      const std::lock_guard lock(cancellation_.mutex);
      if (cancellation_.running == 0) cancellation_.cancelled = false;
    }
    if (statement.action == Action::kNotice && sink_) {
      sink_("NOTICE", Error{.kind = ErrorKind::kInvalidArgument, .message = statement.text});
    }
    auto stream = std::make_unique<ScriptedStream>(
        statement, std::vector<warehouse::BoundValue>(values.begin(), values.end()), Rows(),
        cancellation_);
    Act(statement, stream->mutable_summary());
    return stream;
  }

  StatementResult<> BeginGroup() override {
    in_group_ = true;
    return {};
  }
  StatementResult<> EndGroup(bool commit) override {
    in_group_ = false;
    if (state_ == TransactionState::kNone) End(commit);
    return {};
  }

  void Cancel() override {
    const std::lock_guard lock(cancellation_.mutex);
    if (cancellation_.running == 0) return;
    cancellation_.cancelled = true;
    cancellation_.wake.notify_all();
  }

  TransactionState transaction_state() const override { return state_; }
  void Reset() override {
    state_ = TransactionState::kNone;
    End(false);
    time_zone_ = "UTC";
  }

  StatementResult<std::string> Parameter(std::string_view name) const override {
    if (name == "TIMEZONE") return time_zone_;
    return std::unexpected(
        warehouse::StatementError{.error = {ErrorKind::kNotFound, "no such parameter"}});
  }
  StatementResult<> SetParameter(std::string_view name, std::string_view value) override {
    if (name == "TIMEZONE") time_zone_ = value;
    return {};
  }
  std::string current_database() const override { return request_.database; }
  std::string current_schema() const override { return "PUBLIC"; }
  std::string current_role() const override { return request_.role; }
  std::string current_warehouse() const override { return request_.warehouse; }
  StatementResult<warehouse::Caller> CallerAt(const warehouse::Snapshot&) const override {
    return std::unexpected(warehouse::StatementError{
        .error = {ErrorKind::kUnsupported, "scripted sessions have no metastore", {}, {}}});
  }
  void OnNotice(std::function<void(std::string_view, const Error&)> sink) override {
    sink_ = std::move(sink);
  }

 private:
  int64_t Rows() {
    const std::lock_guard lock(counter_.mutex);
    return counter_.rows + pending_;
  }

  void End(bool commit) {
    const int64_t pending = std::exchange(pending_, 0);
    if (!commit) return;
    const std::lock_guard lock(counter_.mutex);
    counter_.rows += pending;
  }

  void Act(const ScriptedStatement& statement, warehouse::StatementSummary& summary) {
    switch (statement.action) {
      case Action::kChange: {
        const int64_t rows = statement.verb == "DELETE" ? Rows() : statement.rows;
        if (statement.verb == "INSERT") pending_ += rows;
        if (statement.verb == "DELETE") pending_ -= rows;
        summary.counts = {{"number of rows changed", rows}};
        if (state_ == TransactionState::kNone && !in_group_) End(true);
        break;
      }
      case Action::kSetTimeZone:
        time_zone_ = statement.text;
        break;
      case Action::kBegin:
        state_ = TransactionState::kOpen;
        break;
      case Action::kCommit:
      case Action::kRollback:
        state_ = TransactionState::kNone;
        End(statement.action == Action::kCommit);
        break;
      case Action::kCommand:
        summary.status = "Statement executed successfully.";
        break;
      default:
        break;
    }
  }

  warehouse::SessionRequest request_;
  Counter& counter_;
  Cancellation cancellation_;
  std::function<void(std::string_view, const Error&)> sink_;
  TransactionState state_ = TransactionState::kNone;
  bool in_group_ = false;
  int64_t pending_ = 0;
  std::string time_zone_ = "UTC";
};

class ScriptedSessions : public warehouse::SessionFactory {
 public:
  explicit ScriptedSessions(warehouse::PasswordVerifier verifier)
      : verifier_(std::move(verifier)) {}

  Result<std::optional<warehouse::PasswordVerifier>> Verifier(std::string_view user) override {
    if (user == "nobody") return std::nullopt;
    return verifier_;
  }
  StatementResult<std::unique_ptr<warehouse::Session>> Open(
      const warehouse::SessionRequest& request) override {
    if (request.database == "missing") {
      return std::unexpected(warehouse::StatementError{
          .error = {ErrorKind::kNotFound, "database \"missing\" does not exist"}});
    }
    return std::make_unique<ScriptedSession>(request, counter_);
  }

 private:
  warehouse::PasswordVerifier verifier_;
  Counter counter_;
};

}  // namespace

std::unique_ptr<warehouse::SessionFactory> MakeScriptedSessions(const std::string& verifier) {
  auto parsed = postgres::ParseVerifier(verifier);
  if (!parsed) return nullptr;
  return std::make_unique<ScriptedSessions>(std::move(*parsed));
}

}  // namespace tarn::server
