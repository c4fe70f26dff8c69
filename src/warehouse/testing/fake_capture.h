// SPDX-License-Identifier: Apache-2.0
// For tests: captures that do what they are told, and write to their destination as real ones do.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/column_builder.h"
#include "capture/capture.h"
#include "table/journal.h"
#include "table/row_delta.h"
#include "table/row_writer.h"
#include "warehouse/connector/source_runner.h"

namespace tarn::warehouse {

/// What captures were asked for. Thread-safe; outlives them.
class StartedCaptures {
 public:
  struct Entry {
    capture::CaptureOptions options;
    capture::Destination* destination = nullptr;
    std::vector<capture::TableRequest> tables;
    bool alive = true;
    capture::CaptureStatus status = {};  ///< that it tells
  };

  /// For ConnectorOptions::start.
  StartCapture Start();

  /// Of the newest capture that is alive, when `holds` is true of it; nothing, and a failed test,
  /// after some seconds.
  Entry WaitFor(const std::function<bool(const Entry&)>& holds) {
    std::unique_lock lock(mutex_);
    Entry found;
    const bool there = changed_.wait_for(lock, std::chrono::seconds(20), [&] {
      const auto entry =
          std::ranges::find_if(entries_.rbegin(), entries_.rend(),
                               [&](const Entry& each) { return each.alive && holds(each); });
      if (entry != entries_.rend()) found = *entry;
      return entry != entries_.rend();
    });
    EXPECT_TRUE(there) << "no capture came to that";
    return found;
  }
  Entry WaitForTables(size_t count) {
    return WaitFor([count](const Entry& entry) { return entry.tables.size() == count; });
  }
  bool WaitForEnd() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20),
                             [&] { return std::ranges::none_of(entries_, &Entry::alive); });
  }
  size_t started() {
    const std::lock_guard lock(mutex_);
    return entries_.size();
  }

  /// Who holds it keeps captures from removing tables.
  std::mutex& removals() { return removals_; }

  /// What the newest capture tells from now on.
  void Tell(capture::CaptureStatus status) {
    const std::lock_guard lock(mutex_);
    entries_.back().status = std::move(status);
  }
  capture::CaptureStatus StatusOf(size_t index) {
    const std::lock_guard lock(mutex_);
    return entries_[index].status;
  }
  size_t Add(Entry entry) {
    const std::lock_guard lock(mutex_);
    entries_.push_back(std::move(entry));
    changed_.notify_all();
    return entries_.size() - 1;
  }
  void Change(size_t index, const std::function<void(Entry&)>& change) {
    const std::lock_guard lock(mutex_);
    change(entries_[index]);
    changed_.notify_all();
  }

 private:
  std::mutex removals_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Entry> entries_;
};

class FakeCapture final : public capture::Capture {
 public:
  FakeCapture(StartedCaptures& board, StartedCaptures::Entry entry)
      : board_(board), index_(board.Add(std::move(entry))) {}
  ~FakeCapture() override {
    board_.Change(index_, [](StartedCaptures::Entry& entry) { entry.alive = false; });
  }
  void AddTables(std::vector<capture::TableRequest> tables) override {
    board_.Change(index_, [&](StartedCaptures::Entry& entry) {
      std::ranges::move(tables, std::back_inserter(entry.tables));
    });
  }
  void RemoveTables(std::vector<capture::SourceName> tables) override {
    const std::lock_guard lock(board_.removals());
    board_.Change(index_, [&](StartedCaptures::Entry& entry) {
      std::erase_if(entry.tables, [&](const capture::TableRequest& table) {
        return std::ranges::find(tables, table.name) != tables.end();
      });
    });
  }
  capture::CaptureStatus status() const override { return board_.StatusOf(index_); }
  Result<> CatchUp(std::chrono::milliseconds) override { return {}; }

 private:
  StartedCaptures& board_;
  const size_t index_;
};

inline StartCapture StartedCaptures::Start() {
  return [this](capture::CaptureOptions options, capture::Destination& destination,
                std::vector<capture::TableRequest> tables) {
    return std::make_unique<FakeCapture>(*this, Entry{.options = std::move(options),
                                                      .destination = &destination,
                                                      .tables = std::move(tables)});
  };
}

/// "customers": a number, a text and the connector's columns.
inline capture::TargetTable CustomersTarget(const capture::SourceName& name) {
  using capture::TargetKind;
  return {.name = name,
          .columns = {{.name = "CUSTOMER_ID",
                       .type = {.kind = TargetKind::kNumber, .precision = 38},
                       .required = true},
                      {.name = "FIRSTNAME", .type = {.kind = TargetKind::kText}},
                      {.name = "_SNOWFLAKE_INSERTED_AT", .type = {.kind = TargetKind::kTimestamp}},
                      {.name = "_SNOWFLAKE_UPDATED_AT", .type = {.kind = TargetKind::kTimestamp}},
                      {.name = "_SNOWFLAKE_DELETED", .type = {.kind = TargetKind::kBoolean}}},
          .primary_key = {"CUSTOMER_ID"}};
}

using Customers = std::vector<std::pair<int64_t, std::string>>;

/// Appends rows to a table made of CustomersTarget, as a flush does.
inline Result<> WriteCustomers(capture::Destination& destination, const capture::SourceName& name,
                               const Customers& rows, bool snapshot) {
  TARN_ASSIGN(const auto found, destination.Find(name));
  if (!found) return Fail(ErrorKind::kNotFound, "no table");
  const table::TableContext& tables = destination.tables();
  const iceberg::TableMetadata& metadata = *found->table.metadata;
  const table::Writer writer = destination.BeginWriter();
  TARN_TRY(tables.journal->AddLocation(writer, metadata.location, false));
  const std::vector<::tarn::Field>& fields = metadata.current_schema().fields;
  std::vector<Type> types;
  for (const ::tarn::Field& field : fields) types.push_back(field.type);
  BatchBuilder batch(types);
  for (const auto& [id, first_name] : rows) {
    batch.column(0).AppendValue(static_cast<__int128>(id));
    TARN_TRY(batch.column(1).AppendBytes(first_name));
    batch.column(2).AppendValue(int64_t{1'000'000});
    batch.column(3).AppendValue(int64_t{2'000'000});
    batch.column(4).AppendBoolean(false);
    for (size_t i = 5; i < types.size(); ++i) batch.column(i).AppendNull();
  }
  TARN_ASSIGN(auto files, table::OpenRowWriter(
                              tables, writer, metadata,
                              {.fields = fields, .partition_spec_id = metadata.default_spec_id}));
  TARN_TRY(files->Append(batch.View()));
  TARN_ASSIGN(std::vector<iceberg::DataFile> written, files->Finish());
  table::TableChange change{.table = found->name,
                            .table_uuid = metadata.table_uuid,
                            .created = nullptr,
                            .requirements = {},
                            .changes = {},
                            .snapshot_id = iceberg::NewSnapshotId(&metadata)};
  TARN_TRY(table::AddDataFiles(tables, writer, found->table, change.snapshot_id,
                               {.files = std::move(written),
                                .partition_spec_id = metadata.default_spec_id,
                                .data_sequence_number = std::nullopt},
                               0, change.changes));
  change.changes.set_properties["tarn.capture.position"] = "0/1";
  const capture::AppliedChanges applied{.name = name,
                                        .inserted = static_cast<int64_t>(rows.size()),
                                        .snapshot = snapshot,
                                        .first_read_ms = 1'000,
                                        .read_ms = 20,
                                        .applied_ms = 30};
  const auto committed = destination.Commit(writer, {&change, 1}, {&applied, 1});
  destination.EndWriter(writer);
  if (!committed) return std::unexpected(committed.error());
  return {};
}

}  // namespace tarn::warehouse
