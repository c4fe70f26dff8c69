// SPDX-License-Identifier: Apache-2.0
// The metastore as the catalog that table/commit.h publishes to, and as the judge of its writers.
#pragma once

#include <functional>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/publisher.h"
#include "table/writer.h"
#include "warehouse/metastore/metastore.h"

namespace tarn::warehouse {

/// A table as it is published: a session's own has the session behind its schema.
catalog::TableName PublishedName(const std::string& database, const std::string& schema,
                                 const ObjectHead& table);

/// Publishes for one writer. Tables are named by PublishedName. Thread-safe, but meant for
/// one commit: the writer is recorded in the transaction that moves the pointers, so that its fate
/// is known however the process ends.
class TablePublisher final : public catalog::Publisher {
 public:
  /// What becomes visible together with the pointers: the objects of tables that are created (with
  /// pointers that are still empty, SetPointer), offsets of streams that were consumed, the end of
  /// a run. Runs in the transaction, before pointers move, once per attempt.
  using Effect = Metastore::Change;

  TablePublisher(Metastore* metastore, Uuid writer, Effect effect = nullptr)
      : metastore_(metastore), writer_(writer), effect_(std::move(effect)) {}

  /// The effect makes this table: what has the name before is not it.
  void Create(catalog::TableName table) { created_.push_back(std::move(table)); }

  Result<std::vector<std::string>> Newest(std::span<const catalog::TableName> tables) override;
  /// NotFound for a table that neither exists nor is made by the effect; Unsupported for one whose
  /// pointer is another catalog's. A failure of the effect is returned as it is; its code of
  /// Snowflake's is kept in effect_error().
  Result<> Publish(const Uuid& commit, std::span<const catalog::PointerSwap> swaps) override;

  /// Of the last Publish, where the effect failed.
  const std::optional<StatementError>& effect_error() const { return effect_error_; }

 private:
  Metastore* metastore_;
  Uuid writer_;
  Effect effect_;
  std::vector<catalog::TableName> created_;
  std::optional<StatementError> effect_error_;
};

/// Commits of bookkeeping alone under a writer, without tables: so that its fate is the same.
StatementResult<> CommitAsWriter(Metastore& metastore, const Uuid& writer,
                                 const Metastore::Change& change);

/// Writers of the warehouse's statements. One per metastore. Thread-safe.
class WarehouseWriters final : public table::WriterFates {
 public:
  explicit WarehouseWriters(Metastore* metastore) : metastore_(metastore) {}

  /// A new one, running until End.
  table::Writer Begin();
  /// Nothing will be published for it any more. Not to be called while its last commit's outcome is
  /// unknown: such a writer stays open until the metastore is opened again and tells.
  void End(const Uuid& writer);

  std::string_view issuer() const override;
  Result<std::vector<table::WriterFate>> FatesOf(std::span<const table::Writer> writers) override;
  Result<std::string> ReadersMark() override;
  Result<bool> IsBeyondReaders(const std::string& mark) override;

 private:
  Metastore* metastore_;
  std::mutex mutex_;
  std::set<Uuid> running_;
};

}  // namespace tarn::warehouse
