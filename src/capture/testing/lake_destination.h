// SPDX-License-Identifier: Apache-2.0
// For tests: a destination in a scratch lake with a directory as its catalog.
#pragma once

#include <algorithm>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "capture/destination.h"
#include "iceberg/commit/change_set.h"
#include "table/testing/row_lake.h"

namespace tarn::capture {

/// As a test last saw a table's state.
struct LakeDestination final : public Destination {
  table::RowLake lake;
  std::mutex mutex;
  std::vector<AppliedChanges> applied;
  std::map<SourceName, std::vector<TableState>> states;
  std::vector<SchemaVersion> versions;
  std::optional<SlotRecord> slot;

  static std::string NameOf(const SourceName& name) { return name.schema + "_" + name.table; }

  static Type StoredAs(const TargetType& type) {
    if (auto stored = MirrorStorage(type)) return *std::move(stored);
    ADD_FAILURE() << "a type that these tests do not store";
    return Type::Primitive(TypeKind::kString);
  }

  const table::TableContext& tables() const override {
    return const_cast<LakeDestination*>(this)->lake.context();
  }

  Result<std::optional<Found>> Find(const SourceName& name) override {
    auto loaded = lake.catalog().LoadTable({{}, NameOf(name)});
    if (loaded) return Found{{{}, NameOf(name)}, *std::move(loaded)};
    if (loaded.error().kind == ErrorKind::kNotFound) return std::nullopt;
    return std::unexpected(std::move(loaded).error());
  }

  Result<Found> Create(const TargetTable& table) override {
    std::vector<Field> fields;
    for (const TargetColumn& column : table.columns) {
      fields.push_back(table::Column(static_cast<int32_t>(fields.size()) + 1, column.name,
                                     StoredAs(column.type)));
    }
    auto made = lake.Create(NameOf(table.name), std::move(fields), {}, 3);
    return Found{{{}, NameOf(table.name)}, std::move(made)};
  }

  Result<Found> Alter(const SourceName& name, const Alteration& alteration) override {
    TARN_ASSIGN(auto found, Find(name));
    const iceberg::Schema& schema = found->table.metadata->current_schema();
    std::vector<Field> fields = schema.fields;
    std::erase_if(fields, [&](const Field& field) {
      return std::ranges::find(alteration.dropped, field.name) != alteration.dropped.end();
    });
    for (Field& field : fields) {
      const auto retyped = alteration.retyped.find(field.name);
      if (retyped != alteration.retyped.end()) field.type = StoredAs(retyped->second);
      const auto renamed = alteration.renamed.find(field.name);
      if (renamed != alteration.renamed.end()) field.name = renamed->second;
    }
    int32_t next = found->table.metadata->last_column_id.value() + 1;
    for (const TargetColumn& column : alteration.added) {
      fields.push_back(table::Column(next++, column.name, StoredAs(column.type)));
      if (!column.missing) continue;
      fields.back().initial_default =
          InitialDefault(*column.missing, column.type, fields.back().type);
    }
    iceberg::ChangeSet changes;
    changes.schema = {.read = schema, .fields = std::move(fields)};
    TARN_TRY(lake.TryCommit(NameOf(name), std::move(changes),
                            iceberg::NewSnapshotId(found->table.metadata.get())));
    TARN_ASSIGN(found, Find(name));
    return *std::move(found);
  }

  table::Writer BeginWriter() override { return table::RowLake::NewWriter(); }
  void EndWriter(const table::Writer&) override {}

  Result<std::vector<iceberg::LoadedTable>> Commit(
      const table::Writer& writer, std::span<const table::TableChange> changes,
      std::span<const AppliedChanges> counts) override {
    auto committed = table::CommitTables(lake.context(), lake.catalog(), writer, changes);
    if (committed) {
      const std::scoped_lock lock(mutex);
      applied.insert(applied.end(), counts.begin(), counts.end());
    }
    return committed;
  }

  Result<std::optional<SlotRecord>> FindSlot() override {
    const std::scoped_lock lock(mutex);
    return slot;
  }
  Result<> SaveSlot(const SlotRecord& record) override {
    const std::scoped_lock lock(mutex);
    slot = record;
    return {};
  }
  void Report(const TableState& state) override {
    const std::scoped_lock lock(mutex);
    states[state.name].push_back(state);
  }
  void Report(const SchemaVersion& version) override {
    const std::scoped_lock lock(mutex);
    versions.push_back(version);
  }
};

}  // namespace tarn::capture
