// SPDX-License-Identifier: Apache-2.0
#include "warehouse/stages/directory_rows.h"

#include "base/time_units.h"
#include "warehouse/catalogue/alter.h"
#include "warehouse/objects/object_errors.h"

namespace tarn::warehouse {
namespace {

StatementFailure NoDirectory(const ObjectHead& head) {
  return CompilationError("093523", "22023",
                          fmt::format("Stage '{}' has no directory table enabled.", head.name));
}

Value TextOrNull(const std::string& text) { return text.empty() ? Value() : Value(text); }

}  // namespace

std::vector<DirectoryEntry> EntriesOf(const std::vector<StageFile>& files) {
  std::vector<DirectoryEntry> entries;
  for (const StageFile& file : files) {
    entries.push_back({.relative_path = file.path,
                       .size = file.size,
                       .last_modified_ms = file.modified_ms,
                       .md5 = {},
                       .etag = EntityTag(file)});
  }
  return entries;
}

StatementResult<std::vector<DirectoryRefresh>> RefreshStage(Account& account, const Caller& caller,
                                                            const ObjectName& name,
                                                            const std::string& subpath) {
  const std::string folder = subpath.empty() || subpath.ends_with('/') ? subpath : subpath + "/";
  while (true) {
    std::optional<OpenedStage> stage;
    {
      STATEMENT_ASSIGN(const auto snapshot, account.metastore().Read());
      STATEMENT_ASSIGN(stage, OpenStage(*snapshot, caller, name, "", StageUse::kWrite,
                                        account.stages_location()));
    }
    if (!stage->definition.directory_enabled) return NoDirectory(stage->head);
    STATEMENT_ASSIGN(const auto files, ListFiles(*account.tables().storage, stage->area, folder));
    const std::vector<DirectoryEntry> entries = EntriesOf(files);
    std::vector<DirectoryRefresh> done;
    bool stale = false;
    STATEMENT_TRY(account.metastore().Commit([&](Transaction& transaction) -> StatementResult<> {
      STATEMENT_ASSIGN(const bool alive, transaction.IsAlive(stage->head.id));
      STATEMENT_ASSIGN(const auto now, transaction.Find<Stage>(stage->head.id));
      if (!alive || !now) return DoesNotExist(ObjectKind::kStage, stage->head.name);
      // Somebody else listed meanwhile, perhaps later than we did.
      stale = *now != stage->definition;
      if (stale) return {};
      STATEMENT_ASSIGN(done, RefreshDirectory(transaction, stage->head.id, entries, folder));
      STATEMENT_TRY(PruneDirectory(transaction, stage->head.id));
      return {};
    }));
    if (!stale) return done;
  }
}

const std::vector<MadeColumn>& DirectoryColumns() {
  using sql::DataTypeKind;
  const auto text = [](const char* name) {
    return MadeColumn{name, {.kind = DataTypeKind::kVarchar, .length = sql::kVarcharLengthDefault}};
  };
  static const std::vector<MadeColumn> kColumns = {
      text("RELATIVE_PATH"),
      {"SIZE", {.kind = DataTypeKind::kNumber, .precision = 38}},
      {"LAST_MODIFIED", {.kind = DataTypeKind::kTimestampTz, .precision = 3}},
      text("MD5"),
      text("ETAG"),
      text("FILE_URL")};
  return kColumns;
}

std::vector<Value> DirectoryRow(const OpenedStage& stage, const DirectoryEntry& entry) {
  return {entry.relative_path,
          entry.size,
          entry.last_modified_ms * kMicrosecondsPerMs,
          TextOrNull(entry.md5),
          TextOrNull(entry.etag),
          stage.area.base + entry.relative_path};
}

StatementResult<MadeRows> DirectoryOfStage(const Snapshot& snapshot, const OpenedStage& stage) {
  if (!stage.definition.directory_enabled) return NoDirectory(stage.head);
  STATEMENT_ASSIGN(const auto entries, DirectoryOf(snapshot, stage.head.id));
  std::vector<std::vector<Value>> rows;
  for (const DirectoryEntry& entry : entries) {
    if (entry.relative_path.starts_with(stage.path)) rows.push_back(DirectoryRow(stage, entry));
  }
  return MakeRows(DirectoryColumns(), rows);
}

}  // namespace tarn::warehouse
