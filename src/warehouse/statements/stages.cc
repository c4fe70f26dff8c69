// SPDX-License-Identifier: Apache-2.0
// STAGE (Snowflake, "CREATE STAGE", "ALTER STAGE"), LIST and REMOVE.
#include "warehouse/statements/stages.h"

#include <spdlog/spdlog.h>

#include "sql/syntax/name.h"
#include "warehouse/catalogue/names.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/stages/directory_rows.h"
#include "warehouse/stages/stage_removal.h"
#include "warehouse/statements/file_format_options.h"
#include "warehouse/statements/object_statements.h"
#include "warehouse/statements/option_reader.h"

namespace tarn::warehouse {
namespace {

namespace syntax = sql::syntax;

constexpr std::array kRefreshColumns = {ShownColumn{"file"}, ShownColumn{"status"},
                                        ShownColumn{"description"}};
constexpr std::array kListColumns = {ShownColumn{"name"}, ShownColumn{"size", ShownType::kNumber},
                                     ShownColumn{"md5"}, ShownColumn{"last_modified"}};
constexpr std::array kRemoveColumns = {ShownColumn{"name"}, ShownColumn{"result"}};

template <size_t Size>
RowSet Empty(const std::array<ShownColumn, Size>& columns) {
  return {.columns = {columns.begin(), columns.end()}, .rows = {}};
}

StatementResult<ObjectId> FindIntegration(const StatementContext& context, const ObjectName& name) {
  STATEMENT_ASSIGN(const ReadMoment moment, ReadObjects(context));
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(*moment.snapshot, moment.caller));
  STATEMENT_ASSIGN(const ObjectHead head,
                   Resolve(*moment.snapshot, moment.caller, authority,
                           ObjectKind::kStorageIntegration, name, "CREATE STAGE"));
  return head.id;
}

/// What CREATE and ALTER … SET say of a stage.
struct StageChange {
  bool refresh_on_create = true;

  StatementResult<> Read(const StatementContext& context, OptionReader& options, Stage& stage) {
    const auto url = options.Text("URL");
    const auto integration = options.Name("STORAGE_INTEGRATION");
    const auto* directory = options.Group("DIRECTORY");
    const auto* format = options.Group("FILE_FORMAT");
    if (auto credentials = options.Flat("CREDENTIALS")) stage.credentials = *std::move(credentials);
    if (auto encryption = options.Flat("ENCRYPTION")) stage.encryption = *std::move(encryption);
    if (auto copy = options.Flat("COPY_OPTIONS")) stage.copy_options = *std::move(copy);
    if (auto endpoint = options.Text("ENDPOINT")) stage.endpoint = *std::move(endpoint);
    (void)options.Bool("USE_PRIVATELINK_ENDPOINT");
    STATEMENT_TRY(options.Finish());
    if (url) {
      STATEMENT_TRY(CheckedBaseUrl("URL", *url));
      stage.url = *url;
    }
    if (integration) {
      STATEMENT_ASSIGN(stage.storage_integration, FindIntegration(context, *integration));
    }
    if (format != nullptr) {
      STATEMENT_ASSIGN(stage.file_format, ReadFormatOptions(context, *format));
    }
    if (directory != nullptr) STATEMENT_TRY(ReadDirectory(context, *directory, stage));
    if (!stage.url.empty() && !stage.storage_integration) {
      return MissingOption("STORAGE_INTEGRATION");
    }
    if (stage.url.empty() && stage.storage_integration) return MissingOption("URL");
    return {};
  }

 private:
  StatementResult<> ReadDirectory(const StatementContext& context,
                                  const std::vector<syntax::Option>& group, Stage& stage) {
    OptionReader options(context, "DIRECTORY", group);
    if (const auto enable = options.Bool("ENABLE")) stage.directory_enabled = *enable;
    if (const auto refresh = options.Bool("AUTO_REFRESH")) {
      stage.directory_auto_refresh = *refresh;
    }
    refresh_on_create = options.Bool("REFRESH_ON_CREATE").value_or(true);
    (void)options.Text("NOTIFICATION_INTEGRATION");
    return options.Finish();
  }
};

/// What the new directory will say; nothing of internal stages, which are empty.
StatementResult<std::vector<DirectoryEntry>> FirstEntries(const StatementContext& context,
                                                          const Stage& stage) {
  if (stage.url.empty()) return std::vector<DirectoryEntry>();
  std::optional<StorageArea> area;
  {
    STATEMENT_ASSIGN(const ReadMoment moment, ReadObjects(context));
    STATEMENT_ASSIGN(
        area, AreaOf(*moment.snapshot, ObjectId(), stage, context.account->stages_location()));
  }
  STATEMENT_ASSIGN(const auto files, ListFiles(*context.account->tables().storage, *area, ""));
  return EntriesOf(files);
}

Outcome Refresh(StatementContext& context, const syntax::AlterObject& alter,
                const syntax::Perform& perform) {
  OptionReader options(context, "REFRESH", perform.options);
  const std::string subpath = options.Text("SUBPATH").value_or("");
  STATEMENT_TRY(options.Finish());
  STATEMENT_ASSIGN(const ObjectName name, NameOf(context, *alter.name));
  STATEMENT_ASSIGN(const ReadMoment moment, ReadObjects(context));
  STATEMENT_ASSIGN(const auto done, RefreshStage(*context.account, moment.caller, name, subpath));
  RowSet rows = Empty(kRefreshColumns);
  for (const DirectoryRefresh& refresh : done) {
    rows.rows.push_back({refresh.file, refresh.status, refresh.description});
  }
  return StatementOutcome{.status = {}, .counts = {}, .rows = std::move(rows)};
}

bool IsRefresh(const syntax::AlterObject& alter) {
  if (alter.kind != syntax::ObjectKind::kStage || alter.actions.size() != 1) return false;
  const auto* perform = std::get_if<syntax::Perform>(&alter.actions[0]);
  return perform != nullptr && perform->verb == "REFRESH";
}

/// The files that LIST and REMOVE mean.
StatementResult<std::vector<StageFile>> FilesOf(StatementContext& context,
                                                const syntax::StageCommand& command,
                                                const OpenedStage& stage) {
  OptionReader options(context, "LIST", command.options);
  const auto pattern = options.Text("PATTERN");
  STATEMENT_TRY(options.Finish());
  const table::TableContext& tables = context.account->tables();
  STATEMENT_ASSIGN(auto files, ListFiles(*tables.storage, stage.area, stage.path));
  if (!pattern) return files;
  return Matching(*tables.engine, std::move(files), *pattern);
}

}  // namespace

Outcome CreateStage(StatementContext& context, const syntax::CreateObject& create) {
  STATEMENT_ASSIGN(CreateRequest request, HeadOf(context, create.head));
  STATEMENT_TRY(AllowModifiers(create.head, {}));
  if (create.copy_of) return UnsupportedFeature("CREATE STAGE … CLONE");
  OptionReader options(context, "STAGE", create.options);
  request.comment = options.Text("COMMENT").value_or("");
  Stage stage;
  StageChange change;
  STATEMENT_TRY(change.Read(context, options, stage));
  std::vector<DirectoryEntry> entries;
  const bool refreshes = stage.directory_enabled && change.refresh_on_create;
  if (refreshes) {
    STATEMENT_ASSIGN(entries, FirstEntries(context, stage));
  }
  request.definition = std::move(stage);
  std::optional<ObjectHead> replaced;
  Outcome told = CreateAndTell(
      context, request,
      [&](Transaction& transaction, const CreateOutcome& outcome) -> StatementResult<> {
        replaced = outcome.replaced;
        if (!refreshes) return {};
        STATEMENT_TRY(RefreshDirectory(transaction, outcome.id, entries));
        return {};
      });
  if (told && replaced) ForgetFilesOfStage(context, replaced->id);
  return told;
}

void ForgetFilesOfStage(const StatementContext& context, ObjectId stage) {
  const auto removed = RemoveFilesOfStage(*context.account, stage);
  if (!removed) spdlog::warn("could not remove files of a stage: {}", removed.error().message);
}

Outcome AlterStage(StatementContext& context, const syntax::AlterObject& alter) {
  if (IsRefresh(alter)) {
    return Refresh(context, alter, std::get<syntax::Perform>(alter.actions[0]));
  }
  return AlterByActions<Stage>(
      context, alter,
      [&](Alteration& alteration, Stage& stage,
          const syntax::AlterAction& action) -> StatementResult<> {
        const auto* set = std::get_if<syntax::SetOptions>(&action);
        if (set == nullptr) return UnsupportedClause(alter);
        OptionReader options(context, "STAGE", set->options);
        alteration.comment = options.Text("COMMENT");
        const bool internal = stage.url.empty();
        STATEMENT_TRY(StageChange().Read(context, options, stage));
        if (internal == stage.url.empty()) return {};
        return UnsupportedFeature("ALTER STAGE … SET URL of internal stages");
      });
}

Outcome Act(StatementContext& context, const syntax::StageCommand& command) {
  const bool removes = command.action == syntax::StageAction::kRemove;
  STATEMENT_ASSIGN(const ReadMoment moment, ReadObjects(context));
  STATEMENT_ASSIGN(
      const OpenedStage stage,
      OpenStage(*moment.snapshot, moment.caller, command.stage.location,
                removes ? StageUse::kWrite : StageUse::kRead, context.account->stages_location()));
  STATEMENT_ASSIGN(const auto files, FilesOf(context, command, stage));
  if (!removes) {
    RowSet rows = Empty(kListColumns);
    for (const StageFile& file : files) {
      rows.rows.push_back(
          {stage.ShownName(file.path), file.size, EntityTag(file), HttpDate(file.modified_ms)});
    }
    return StatementOutcome{.status = {}, .counts = {}, .rows = std::move(rows)};
  }
  std::vector<std::string> locations;
  RowSet rows = Empty(kRemoveColumns);
  for (const StageFile& file : files) {
    locations.push_back(stage.area.base + file.path);
    rows.rows.push_back({stage.ShownName(file.path), std::string("removed")});
  }
  STATEMENT_TRY(context.account->tables().storage->DeleteAll(locations));
  return StatementOutcome{.status = {}, .counts = {}, .rows = std::move(rows)};
}

std::optional<RowSet> StageColumnsOf(const syntax::Statement& statement) {
  if (const auto* alter = std::get_if<syntax::AlterObject>(&statement.value)) {
    if (IsRefresh(*alter)) return Empty(kRefreshColumns);
  }
  if (const auto* command = std::get_if<syntax::StageCommand>(&statement.value)) {
    return command->action == syntax::StageAction::kList ? Empty(kListColumns)
                                                         : Empty(kRemoveColumns);
  }
  return std::nullopt;
}

}  // namespace tarn::warehouse
