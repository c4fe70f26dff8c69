// SPDX-License-Identifier: Apache-2.0
#include "warehouse/session/result_streams.h"

#include <cstring>

#include "base/batch.h"
#include "warehouse/session/failures.h"

namespace tarn::warehouse {
namespace {

constexpr size_t kRowsOffset = 8;  // base/batch.h: magic, node count, rows

class QueryResult final : public ResultStream {
 public:
  QueryResult(std::string command, std::vector<ResultColumn> columns,
              std::unique_ptr<engine::QueryStream> stream, std::shared_ptr<StatementRun> run)
      : columns_(std::move(columns)), stream_(std::move(stream)), run_(std::move(run)) {
    summary_.query_id = Uuid::Random();
    summary_.command = std::move(command);
    run_->Attach(stream_.get());
  }
  ~QueryResult() override { run_->Detach(); }

  const std::vector<ResultColumn>& columns() const override { return columns_; }

  StatementResult<> Next(std::vector<uint8_t>& batch) override {
    batch.clear();
    if (stream_ == nullptr) return {};
    const StatementRun::Busy busy(*run_);
    if (run_->is_cancelled()) return End(run_->Failure());
    if (auto next = stream_->Next(batch); !next) {
      if (run_->is_cancelled()) return End(run_->Failure());
      return End(std::unexpected(FromQuery(std::move(next).error())));
    }
    if (batch.empty()) return End({});
    int64_t rows = 0;
    std::memcpy(&rows, batch.data() + kRowsOffset, sizeof(rows));
    summary_.rows += rows;
    return {};
  }
  void Interrupt() override { run_->Cancel(); }
  /// A query holds nothing that others wait for, yet.
  void Pause() override {}
  const StatementSummary& summary() const override { return summary_; }

 private:
  StatementResult<> End(StatementResult<> result) {
    run_->Detach();
    stream_.reset();
    return result;
  }

  std::vector<ResultColumn> columns_;
  std::unique_ptr<engine::QueryStream> stream_;
  std::shared_ptr<StatementRun> run_;
  StatementSummary summary_;
};

/// The buffers of one column of few rows.
struct ColumnBuffers {
  std::vector<uint64_t> validity, values;  // of 8 bytes, to begin where views must
  std::vector<int32_t> offsets;
};

ColumnView EncodeColumn(const RowSet& set, size_t column, ColumnBuffers& buffers) {
  const size_t rows = set.rows.size();
  const bool text = set.columns[column].type == ShownType::kText;
  buffers.validity.assign(rows / 64 + 1, 0);
  std::string bytes;
  if (text) buffers.offsets.push_back(0);
  for (size_t row = 0; row < rows; ++row) {
    const Value& value = set.rows[row][column];
    if (!std::holds_alternative<std::monostate>(value)) {
      buffers.validity[row / 64] |= uint64_t{1} << (row % 64);
    }
    if (text) {
      if (const auto* string = std::get_if<std::string>(&value)) bytes += *string;
      buffers.offsets.push_back(static_cast<int32_t>(bytes.size()));
    } else {
      const auto* number = std::get_if<int64_t>(&value);
      buffers.values.push_back(number == nullptr ? 0 : static_cast<uint64_t>(*number));
    }
  }
  if (text) {
    buffers.values.resize(bytes.size() / sizeof(uint64_t) + 1);
    std::memcpy(buffers.values.data(), bytes.data(), bytes.size());
  }
  return {.rows = static_cast<int64_t>(rows),
          .validity = reinterpret_cast<const uint8_t*>(buffers.validity.data()),
          .values = reinterpret_cast<const uint8_t*>(buffers.values.data()),
          .values_bytes = text ? bytes.size() : rows * sizeof(int64_t),
          .offsets = text ? buffers.offsets.data() : nullptr,
          .children = {}};
}

std::vector<uint8_t> EncodeRowSet(const RowSet& set) {
  std::vector<ColumnBuffers> buffers(set.columns.size());
  BatchView view{.rows = static_cast<int64_t>(set.rows.size()), .columns = {}};
  for (size_t i = 0; i < set.columns.size(); ++i) {
    view.columns.push_back(EncodeColumn(set, i, buffers[i]));
  }
  std::vector<uint8_t> bytes;
  EncodeBatch(view, bytes);
  return bytes;
}

class OutcomeResult final : public ResultStream {
 public:
  OutcomeResult(std::string command, StatementOutcome outcome) {
    summary_ = {.query_id = Uuid::Random(),
                .command = std::move(command),
                .counts = std::move(outcome.counts),
                .status = std::move(outcome.status),
                .rows = 0,
                .transfer = std::move(outcome.transfer)};
    if (!outcome.rows) return;
    columns_ = ResultColumnsOf(*outcome.rows);
    summary_.rows = static_cast<int64_t>(outcome.rows->rows.size());
    if (!outcome.rows->rows.empty()) batch_ = EncodeRowSet(*outcome.rows);
  }

  const std::vector<ResultColumn>& columns() const override { return columns_; }
  StatementResult<> Next(std::vector<uint8_t>& batch) override {
    batch = std::exchange(batch_, {});
    return {};
  }
  void Interrupt() override {}
  void Pause() override {}
  const StatementSummary& summary() const override { return summary_; }

 private:
  std::vector<ResultColumn> columns_;
  std::vector<uint8_t> batch_;
  StatementSummary summary_;
};

}  // namespace

std::vector<ResultColumn> ResultColumnsOf(const RowSet& rows) {
  std::vector<ResultColumn> columns;
  for (const ShownColumn& shown : rows.columns) {
    columns.push_back({.name = std::string(shown.name),
                       .type = DataTypeOf(shown.type),
                       .carrier = CarrierOf(shown.type)});
  }
  return columns;
}

std::unique_ptr<ResultStream> MakeQueryResult(std::string command,
                                              std::vector<ResultColumn> columns,
                                              std::unique_ptr<engine::QueryStream> stream,
                                              std::shared_ptr<StatementRun> run) {
  return std::make_unique<QueryResult>(std::move(command), std::move(columns), std::move(stream),
                                       std::move(run));
}

namespace {

/// Under the command's name.
class ForwardedResult final : public ResultStream {
 public:
  ForwardedResult(std::string command, std::shared_ptr<ResultStream> stream)
      : command_(std::move(command)), stream_(std::move(stream)) {}

  const std::vector<ResultColumn>& columns() const override { return stream_->columns(); }
  StatementResult<> Next(std::vector<uint8_t>& batch) override { return stream_->Next(batch); }
  void Interrupt() override { stream_->Interrupt(); }
  void Pause() override { stream_->Pause(); }
  const StatementSummary& summary() const override {
    summary_ = stream_->summary();
    summary_.command = command_;
    return summary_;
  }

 private:
  std::string command_;
  std::shared_ptr<ResultStream> stream_;
  mutable StatementSummary summary_;
};

}  // namespace

std::unique_ptr<ResultStream> MakeOutcomeResult(std::string command, StatementOutcome outcome) {
  if (outcome.stream != nullptr) {
    return std::make_unique<ForwardedResult>(std::move(command), std::move(outcome.stream));
  }
  return std::make_unique<OutcomeResult>(std::move(command), std::move(outcome));
}

}  // namespace tarn::warehouse
