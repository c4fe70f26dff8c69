// SPDX-License-Identifier: Apache-2.0
// DATABASE and SCHEMA.
#include <algorithm>

#include "warehouse/objects/object_errors.h"
#include "warehouse/session/session_state.h"
#include "warehouse/statements/object_statements.h"
#include "warehouse/statements/option_reader.h"
#include "warehouse/statements/table_parameters.h"

namespace tarn::warehouse {
namespace {

namespace syntax = sql::syntax;

/// What is set on a container for the tables within.
const std::vector<std::string_view> kContainerParameters = {
    "DATA_RETENTION_TIME_IN_DAYS", "MAX_DATA_EXTENSION_TIME_IN_DAYS", "EXTERNAL_VOLUME", "CATALOG",
    "REPLACE_INVALID_CHARACTERS",  "DEFAULT_DDL_COLLATION",           "LOG_LEVEL"};

bool IsContainerParameter(std::string_view key) {
  return key == kDataCompactionParameter ||
         std::ranges::find(kContainerParameters, key) != kContainerParameters.end();
}

Options ContainerParameters(OptionReader& options) {
  Options parameters = options.Parameters(kContainerParameters);
  parameters.merge(TableParameters(options));
  return parameters;
}

bool IsTransient(const syntax::CreateHead& head) {
  return std::ranges::find(head.modifiers, "TRANSIENT") != head.modifiers.end();
}

/// SET and UNSET of parameters, one after the other in one transaction.
Outcome AlterContainer(StatementContext& context, ObjectKind kind,
                       const syntax::AlterObject& alter) {
  STATEMENT_ASSIGN(const ObjectName name, NameOf(context, *alter.name, kind));
  AlterRequest request = AlterRequestOf(kind, name, alter.if_exists);
  request.privileges = {kOwnership, "MODIFY"};
  std::vector<std::pair<std::string, std::optional<std::string>>> changes;
  std::optional<std::string> comment;
  std::optional<bool> managed;
  for (const syntax::AlterAction& action : alter.actions) {
    if (const auto* set = std::get_if<syntax::SetOptions>(&action)) {
      OptionReader options(context, syntax::ToString(alter.kind), set->options);
      comment = options.Text("COMMENT");
      for (auto& [key, value] : ContainerParameters(options)) {
        changes.emplace_back(key, value);
      }
      STATEMENT_TRY(options.Finish());
    } else if (const auto* unset = std::get_if<syntax::UnsetOptions>(&action)) {
      for (const std::string& key : unset->keys) {
        if (!IsContainerParameter(key)) return InvalidParameterName(key);
        changes.emplace_back(key, std::nullopt);
      }
    } else if (const auto* perform = std::get_if<syntax::Perform>(&action);
               perform != nullptr && kind == ObjectKind::kSchema &&
               perform->verb.ends_with("MANAGED ACCESS")) {
      managed = perform->verb == "ENABLE MANAGED ACCESS";
    } else {
      return UnsupportedFeature(
          fmt::format("ALTER {} with this clause", syntax::ToString(alter.kind)));
    }
  }
  STATEMENT_TRY(CommitObjects(
      context, [&](Transaction& transaction, const Caller& caller) -> StatementResult<> {
        for (const auto& [key, value] : changes) {
          STATEMENT_TRY(SetParameterOf(transaction, caller, request, key, value));
        }
        if (comment) STATEMENT_TRY(SetComment(transaction, caller, request, *comment));
        if (!managed) return {};
        // Who grants what in the schema is its owner's to say.
        AlterRequest owners = request;
        owners.privileges = {kOwnership};
        STATEMENT_TRY(
            Alter<Schema>(transaction, caller, owners, [&](Schema& schema) -> StatementResult<> {
              schema.managed_access = *managed;
              return {};
            }));
        return {};
      }));
  return Executed();
}

}  // namespace

Outcome CreateDatabase(StatementContext& context, const syntax::CreateObject& create) {
  if (create.copy_of) return UnsupportedFeature("CREATE DATABASE CLONE");
  STATEMENT_ASSIGN(CreateRequest request, HeadOf(context, create.head));
  OptionReader options(context, "DATABASE", create.options);
  if (options.Has("LINKED_CATALOG")) return UnsupportedFeature("LINKED_CATALOG");
  request.definition = Database{.transient = IsTransient(create.head), .linked_catalog = {}};
  request.comment = options.Text("COMMENT").value_or("");
  request.parameters = ContainerParameters(options);
  STATEMENT_TRY(options.Finish());
  STATEMENT_ASSIGN(StatementOutcome outcome, CreateAndTell(context, request));
  // As in Snowflake, a database or schema that was made is the session's from then on.
  STATEMENT_ASSIGN(const ReadMoment moment, ReadObjects(context));
  STATEMENT_TRY(UseDatabase(*moment.snapshot, *context.session, request.name.name));
  return outcome;
}

Outcome CreateSchema(StatementContext& context, const syntax::CreateObject& create) {
  if (create.copy_of) return UnsupportedFeature("CREATE SCHEMA CLONE");
  STATEMENT_ASSIGN(CreateRequest request, HeadOf(context, create.head));
  OptionReader options(context, "SCHEMA", create.options);
  request.definition = Schema{.transient = IsTransient(create.head),
                              .managed_access = options.Flag("WITH MANAGED ACCESS")};
  request.comment = options.Text("COMMENT").value_or("");
  request.parameters = ContainerParameters(options);
  STATEMENT_TRY(options.Finish());
  STATEMENT_ASSIGN(StatementOutcome outcome, CreateAndTell(context, request));
  STATEMENT_ASSIGN(const ReadMoment moment, ReadObjects(context));
  STATEMENT_TRY(UseSchema(*moment.snapshot, *context.session, request.name));
  return outcome;
}

Outcome AlterDatabase(StatementContext& context, const syntax::AlterObject& alter) {
  return AlterContainer(context, ObjectKind::kDatabase, alter);
}

Outcome AlterSchema(StatementContext& context, const syntax::AlterObject& alter) {
  return AlterContainer(context, ObjectKind::kSchema, alter);
}

}  // namespace tarn::warehouse
