// SPDX-License-Identifier: Apache-2.0
// ICEBERG TABLE from a metadata file (Snowflake, "CREATE ICEBERG TABLE (Iceberg files in object
// storage)", "ALTER ICEBERG TABLE … REFRESH").
#include "warehouse/statements/iceberg_tables.h"

#include <algorithm>

#include "warehouse/lake_tables/external_table.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/statements/object_statements.h"
#include "warehouse/statements/option_reader.h"

namespace tarn::warehouse {
namespace {

namespace syntax = sql::syntax;

constexpr const char* kMetadataPath = "METADATA_FILE_PATH";
constexpr const char* kCatalogTable = "CATALOG_TABLE_NAME";

StatementResult<> RefuseColumns(const syntax::CreateTable& create) {
  const bool plain = create.columns.empty() && create.constraints.empty() && !create.copy_of &&
                     create.cluster_by.empty() && create.partition_by.empty() && !create.query;
  if (plain) return {};
  return CompilationError("001003", "42000",
                          "columns and clauses of a table whose METADATA_FILE_PATH is named come "
                          "from its metadata");
}

Outcome Refresh(StatementContext& context, const syntax::AlterObject& alter,
                const syntax::Perform& perform) {
  RefreshRequest request;
  STATEMENT_ASSIGN(request.name, NameOf(context, *alter.name));
  request.if_exists = alter.if_exists;
  OptionReader options(context, "REFRESH", perform.options);
  request.may_go_back = options.Bool("FORCE").value_or(false);
  STATEMENT_TRY(options.Finish());
  if (perform.arguments.size() > 1) {
    return CompilationError("001003", "42000", "REFRESH takes one path");
  }
  if (!perform.arguments.empty()) {
    STATEMENT_ASSIGN(request.metadata_path, ConstantText(context, perform.arguments[0]));
  }
  STATEMENT_ASSIGN(const ReadMoment moment, ReadObjects(context));
  STATEMENT_TRY(RefreshExternalTable(*context.account, moment.caller, request));
  return Executed();
}

Outcome SetAutoRefresh(StatementContext& context, const syntax::AlterObject& alter,
                       const syntax::SetOptions& set) {
  STATEMENT_ASSIGN(const ObjectName name, NameOf(context, *alter.name));
  const AlterRequest request = AlterRequestOf(ObjectKind::kTable, name, alter.if_exists);
  OptionReader options(context, "ICEBERG TABLE", set.options);
  const auto auto_refresh = options.Bool("AUTO_REFRESH");
  const auto replaces = options.Bool("REPLACE_INVALID_CHARACTERS");
  const auto comment = options.Text("COMMENT");
  STATEMENT_TRY(options.Finish());
  STATEMENT_TRY(CommitObjects(
      context, [&](Transaction& transaction, const Caller& caller) -> StatementResult<> {
        STATEMENT_TRY(
            Alter<Table>(transaction, caller, request, [&](Table& table) -> StatementResult<> {
              if (table.kind != TableKind::kExternalMetadata) {
                return UnsupportedFeature("AUTO_REFRESH of tables that the warehouse writes");
              }
              if (auto_refresh) table.auto_refresh = *auto_refresh;
              if (replaces) table.replace_invalid_characters = *replaces;
              return {};
            }));
        if (comment) STATEMENT_TRY(SetComment(transaction, caller, request, *comment));
        return {};
      }));
  return Executed();
}

bool Sets(const syntax::SetOptions& set, std::string_view key) {
  return std::ranges::find(set.options, key, &syntax::Option::key) != set.options.end();
}

}  // namespace

bool IsExternalIcebergTable(const syntax::CreateTable& create) {
  return create.head.kind == syntax::ObjectKind::kIcebergTable &&
         std::ranges::any_of(create.options, [](const syntax::Option& option) {
           return option.key == kMetadataPath || option.key == kCatalogTable;
         });
}

Outcome CreateExternalIcebergTable(StatementContext& context, const syntax::CreateTable& create) {
  STATEMENT_ASSIGN(const CreateRequest head, HeadOf(context, create.head));
  if (head.on_existing == OnExisting::kAlter) {
    return UnsupportedFeature("CREATE OR ALTER of tables whose METADATA_FILE_PATH is named");
  }
  if (!create.head.modifiers.empty()) {
    return UnsupportedFeature(create.head.modifiers[0] + " ICEBERG TABLE");
  }
  OptionReader options(context, "ICEBERG TABLE", create.options);
  if (options.Has(kCatalogTable)) return UnsupportedFeature("CATALOG_TABLE_NAME");
  ExternalTableRequest request{.name = head.name, .on_existing = head.on_existing};
  request.comment = options.Text("COMMENT").value_or("");
  request.copy_grants = options.Flag("COPY GRANTS");
  request.external_volume = options.Text("EXTERNAL_VOLUME");
  request.catalog = options.Text("CATALOG");
  request.metadata_path = options.RequiredText(kMetadataPath);
  request.auto_refresh = options.Bool("AUTO_REFRESH").value_or(false);
  request.replace_invalid_characters = options.Bool("REPLACE_INVALID_CHARACTERS").value_or(false);
  STATEMENT_TRY(options.Finish());
  STATEMENT_TRY(RefuseColumns(create));
  STATEMENT_ASSIGN(const ReadMoment moment, ReadObjects(context));
  StatementOutcome outcome;
  STATEMENT_ASSIGN(outcome.status, CreateExternalTable(*context.account, moment.caller, request));
  return outcome;
}

std::optional<Outcome> TryAlterExternalIcebergTable(StatementContext& context,
                                                    const syntax::AlterObject& alter) {
  if (alter.kind != syntax::ObjectKind::kIcebergTable || !alter.name || alter.actions.size() != 1) {
    return std::nullopt;
  }
  if (const auto* perform = std::get_if<syntax::Perform>(&alter.actions[0])) {
    if (perform->verb == "REFRESH") return Refresh(context, alter, *perform);
  }
  if (const auto* set = std::get_if<syntax::SetOptions>(&alter.actions[0])) {
    if (Sets(*set, "AUTO_REFRESH") || Sets(*set, "REPLACE_INVALID_CHARACTERS")) {
      return SetAutoRefresh(context, alter, *set);
    }
  }
  return std::nullopt;
}

}  // namespace tarn::warehouse
