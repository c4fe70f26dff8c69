// SPDX-License-Identifier: Apache-2.0
#include "warehouse/metastore/table_publisher.h"

#include <algorithm>
#include <charconv>

#include "warehouse/metastore/table_pointers.h"

namespace tarn::warehouse {
namespace {

using catalog::PointerSwap;
using catalog::TableName;
using table::WriterFate;

constexpr const char* kIssuer = "warehouse";

constexpr size_t kSessionPart = 2;

std::string FullName(const TableName& table) {
  std::string name;
  for (size_t i = 0; i < table.name_space.size() && i < kSessionPart; ++i) {
    name += table.name_space[i] + ".";
  }
  return name + table.name;
}

Result<std::optional<ObjectHead>> FindTable(const Snapshot& snapshot, const TableName& name) {
  const size_t parts = name.name_space.size();
  if (parts != kSessionPart && parts != kSessionPart + 1) return std::optional<ObjectHead>();
  const std::string session = parts > kSessionPart ? name.name_space[kSessionPart] : std::string();
  TARN_ASSIGN(const auto database, snapshot.FindNamed(kAccountId, "database", name.name_space[0]));
  if (!database) return std::optional<ObjectHead>();
  TARN_ASSIGN(const auto schema, snapshot.FindNamed(database->id, "schema", name.name_space[1]));
  if (!schema) return std::optional<ObjectHead>();
  TARN_ASSIGN(auto head,
              snapshot.FindNamed(schema->id, FamilyOf(ObjectKind::kTable), name.name, "", session));
  const bool other = head && (head->kind == ObjectKind::kView || head->session != session);
  if (other) head.reset();
  return head;
}

Result<std::string> LocationOf(const Snapshot& snapshot, const TableName& name) {
  TARN_ASSIGN(const auto head, FindTable(snapshot, name));
  if (!head) return std::string();
  TARN_ASSIGN(auto pointer, FindPointer(snapshot, head->id));
  return pointer ? std::move(pointer->metadata_location) : std::string();
}

Result<> Swap(Transaction& transaction, const PointerSwap& swap) {
  TARN_ASSIGN(auto head, FindTable(transaction, swap.table));
  if (!head && !swap.expected_location.empty()) {
    return Fail(ErrorKind::kConflict, "table \"{}\" was dropped concurrently",
                FullName(swap.table));
  }
  if (!head) {
    return Fail(ErrorKind::kNotFound, "table \"{}\" does not exist", FullName(swap.table));
  }
  TARN_ASSIGN(const auto table, transaction.Find<Table>(head->id));
  if (table && table->kind != TableKind::kManaged) {
    return Fail(ErrorKind::kUnsupported, "table \"{}\" is read-only: its pointer is not ours",
                FullName(swap.table));
  }
  TARN_ASSIGN(auto pointer, FindPointer(transaction, head->id));
  if (!pointer) pointer = TablePointer{.id = head->id};
  if (pointer->metadata_location != swap.expected_location) {
    return Fail(ErrorKind::kConflict, "table \"{}\" was changed concurrently",
                FullName(swap.table));
  }
  if (swap.new_location.empty()) {
    head->dropped_ms = transaction.now_ms();
    return transaction.UpdateHead(*head);
  }
  pointer->metadata_location = swap.new_location;
  return SetPointer(transaction, *pointer);
}

}  // namespace

TableName PublishedName(const std::string& database, const std::string& schema,
                        const ObjectHead& table) {
  TableName name{{database, schema}, table.name};
  if (table.is_temporary()) name.name_space.push_back(table.session);
  return name;
}

Result<std::vector<std::string>> TablePublisher::Newest(std::span<const TableName> tables) {
  TARN_ASSIGN(const auto snapshot, metastore_->Read());
  std::vector<std::string> locations;
  for (const TableName& table : tables) {
    std::string& location = locations.emplace_back();
    if (std::ranges::find(created_, table) != created_.end()) continue;
    TARN_ASSIGN(location, LocationOf(*snapshot, table));
  }
  return locations;
}

Result<> TablePublisher::Publish(const Uuid& /*commit*/, std::span<const PointerSwap> swaps) {
  effect_error_.reset();
  StatementResult<> published =
      metastore_->Commit([&](Transaction& transaction) -> StatementResult<> {
        if (effect_) {
          StatementResult<> done = effect_(transaction);
          if (!done) {
            effect_error_ = done.error();
            return done;
          }
        }
        for (const PointerSwap& swap : swaps) STATEMENT_TRY(Swap(transaction, swap));
        STATEMENT_TRY(RecordWriter(transaction, writer_));
        return {};
      });
  return WithoutCode(std::move(published));
}

StatementResult<> CommitAsWriter(Metastore& metastore, const Uuid& writer,
                                 const Metastore::Change& change) {
  return metastore.Commit([&](Transaction& transaction) -> StatementResult<> {
    STATEMENT_TRY(change(transaction));
    STATEMENT_TRY(RecordWriter(transaction, writer));
    return {};
  });
}

table::Writer WarehouseWriters::Begin() {
  const std::lock_guard lock(mutex_);
  const Uuid id = Uuid::Random();
  running_.insert(id);
  return {.id = id, .issuer = kIssuer, .token = metastore_->incarnation().ToString()};
}

void WarehouseWriters::End(const Uuid& writer) {
  const std::lock_guard lock(mutex_);
  running_.erase(writer);
}

std::string_view WarehouseWriters::issuer() const { return kIssuer; }

Result<std::vector<WriterFate>> WarehouseWriters::FatesOf(std::span<const table::Writer> writers) {
  std::vector<WriterFate> fates(writers.size(), WriterFate::kUnknown);
  {
    // Before the file is read: whoever ends meanwhile has recorded its commit by then.
    const std::lock_guard lock(mutex_);
    for (size_t i = 0; i < writers.size(); ++i) {
      if (running_.contains(writers[i].id)) fates[i] = WriterFate::kRunning;
    }
  }
  TARN_ASSIGN(const auto snapshot, metastore_->Read());
  for (size_t i = 0; i < writers.size(); ++i) {
    if (fates[i] == WriterFate::kRunning || writers[i].issuer != kIssuer) continue;
    TARN_ASSIGN(const bool committed, HasCommitted(*snapshot, writers[i].id));
    // One process has the metastore: writers of others are dead, of this one they have ended.
    fates[i] = committed ? WriterFate::kCommitted : WriterFate::kAborted;
  }
  return fates;
}

Result<std::string> WarehouseWriters::ReadersMark() {
  // From the file: what has committed may not have been announced yet.
  TARN_ASSIGN(const auto snapshot, metastore_->Read());
  return fmt::format("{}/{}", metastore_->incarnation().ToString(), snapshot->version());
}

Result<bool> WarehouseWriters::IsBeyondReaders(const std::string& mark) {
  const size_t slash = mark.find('/');
  int64_t version = 0;
  const char* const end = mark.data() + mark.size();
  if (slash == std::string::npos ||
      std::from_chars(mark.data() + slash + 1, end, version).ptr != end) {
    return Fail(ErrorKind::kCorruption, "\"{}\" is no mark of the warehouse's readers", mark);
  }
  // Readers of an earlier process died with it.
  const bool ours = mark.compare(0, slash, metastore_->incarnation().ToString()) == 0;
  return !ours || metastore_->OldestRead() >= version;
}

}  // namespace tarn::warehouse
