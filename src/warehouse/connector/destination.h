// SPDX-License-Identifier: Apache-2.0
// Where the connector's tables live: managed tables of the destination database, owned by the
// application (docs/internals/connector.md).
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "capture/destination.h"
#include "table/pins.h"
#include "warehouse/metastore/capture_records.h"
#include "warehouse/session/account.h"

namespace tarn::warehouse {

/// Of one data source. Does everything with the application's rights, which are asked in the
/// transaction that changes something: PermissionDenied once the application, the data source or
/// the ownership of a table is gone. Thread-safe.
class ConnectorDestination final : public capture::Destination {
 public:
  /// The account outlives it.
  ConnectorDestination(Account& account, const DataSource& source);

  const table::TableContext& tables() const override { return tables_; }
  Result<std::optional<Found>> Find(const capture::SourceName& name) override;
  Result<Found> Create(const capture::TargetTable& table) override;
  Result<Found> Alter(const capture::SourceName& name, const Alteration& alteration) override;
  table::Writer BeginWriter() override { return account_.writers().Begin(); }
  void EndWriter(const table::Writer& writer) override;
  Result<std::vector<iceberg::LoadedTable>> Commit(
      const table::Writer& writer, std::span<const table::TableChange> changes,
      std::span<const capture::AppliedChanges> applied) override;
  Result<std::optional<capture::SlotRecord>> FindSlot() override;
  Result<> SaveSlot(const capture::SlotRecord& record) override;
  void Report(const capture::TableState& state) override;
  void Report(const capture::SchemaVersion& version) override;

 private:
  struct Place;
  struct Known;

  Caller caller() const;
  catalog::TableName NameOf(const capture::SourceName& name) const;
  /// PermissionDenied where the data source is gone.
  Result<> CheckSource(const Snapshot& snapshot) const;
  Result<std::optional<Known>> Look(const Snapshot& snapshot,
                                    const capture::SourceName& name) const;
  /// Its schema, made where it is missing.
  StatementResult<> EnsureSchema(Transaction& transaction, const std::string& schema) const;
  StatementResult<> MakeTable(Transaction& transaction, const capture::TargetTable& table,
                              const Table& definition,
                              const iceberg::TableMetadata& metadata) const;
  /// All of it and `effect` at once, or nothing.
  Result<std::vector<iceberg::LoadedTable>> Publish(const table::Writer& writer,
                                                    std::span<const table::TableChange> changes,
                                                    const Metastore::Change& effect);
  /// The same under a writer that begins and ends with it.
  Result<iceberg::LoadedTable> PublishOne(table::TableChange change,
                                          const Metastore::Change& effect);

  Account& account_;
  const DataSourceId source_;
  const ObjectId application_;
  const std::string source_name_;
  const std::string database_;
  table::PinnedSnapshots pins_;  ///< what streams need: looked up when something is to expire
  table::TableContext tables_;
};

}  // namespace tarn::warehouse
