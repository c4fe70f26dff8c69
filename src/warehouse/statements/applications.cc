// SPDX-License-Identifier: Apache-2.0
// APPLICATION (Snowflake, "CREATE APPLICATION", "ALTER APPLICATION", "DROP APPLICATION").
#include <algorithm>

#include "warehouse/catalogue/authority.h"
#include "warehouse/catalogue/names.h"
#include "warehouse/connector/installation.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/statements/object_statements.h"
#include "warehouse/statements/option_reader.h"

namespace tarn::warehouse {
namespace {

namespace syntax = sql::syntax;

constexpr const char* kShareEvents = "SHARE_EVENTS_WITH_PROVIDER";

/// The one application that there is to install.
StatementResult<> CheckInstallable(const ObjectName& name) {
  if (name.name == kConnectorName) return {};
  return UnsupportedFeature(fmt::format("CREATE APPLICATION of anything but {}", kConnectorName));
}

}  // namespace

Outcome CreateApplication(StatementContext& context, const syntax::CreateObject& create) {
  if (create.copy_of) return UnsupportedFeature("CREATE APPLICATION CLONE");
  STATEMENT_ASSIGN(const CreateRequest request, HeadOf(context, create.head));
  if (request.on_existing == OnExisting::kReplace || request.on_existing == OnExisting::kAlter) {
    return UnsupportedFeature("CREATE OR REPLACE APPLICATION");
  }
  STATEMENT_TRY(CheckInstallable(request.name));
  OptionReader options(context, "APPLICATION", create.options);
  const auto listing = options.Text("FROM LISTING");
  const std::string comment = options.Text("COMMENT").value_or("");
  STATEMENT_TRY(options.Finish());
  StatementOutcome told{
      .status = fmt::format("Application '{}' created successfully.", request.name.name)};
  STATEMENT_TRY(CommitObjects(
      context, [&](Transaction& transaction, const Caller& caller) -> StatementResult<> {
        STATEMENT_ASSIGN(const auto existing,
                         transaction.FindNamed(kAccountId, FamilyOf(ObjectKind::kApplication),
                                               request.name.name));
        if (existing && request.on_existing == OnExisting::kKeep) {
          told.status = fmt::format("{} already exists, statement succeeded.", request.name.name);
          return {};
        }
        STATEMENT_ASSIGN(const Authority primary, Authority::OfPrimaryRole(transaction, caller));
        STATEMENT_TRY(primary.RequireOnAccount("CREATE APPLICATION"));
        STATEMENT_ASSIGN(const ObjectId id,
                         InstallConnector(transaction, request.name.name, caller.role));
        if (listing) {
          STATEMENT_ASSIGN(auto application, transaction.Find<Application>(id));
          application->source = *listing;
          STATEMENT_TRY(transaction.Update(id, *application));
        }
        if (comment.empty()) return {};
        STATEMENT_ASSIGN(auto head, transaction.FindHead(id));
        head->comment = comment;
        STATEMENT_TRY(transaction.UpdateHead(*head));
        return {};
      }));
  return told;
}

Outcome AlterApplication(StatementContext& context, const syntax::AlterObject& alter) {
  return AlterByActions<Application>(
      context, alter,
      [&](Alteration& alteration, Application& application,
          const syntax::AlterAction& action) -> StatementResult<> {
        if (const auto* unset = std::get_if<syntax::UnsetOptions>(&action)) {
          if (unset->keys != std::vector<std::string>{kShareEvents}) {
            return UnsupportedClause(alter);
          }
          application.share_events = false;
          return {};
        }
        const auto* set = std::get_if<syntax::SetOptions>(&action);
        if (set == nullptr) return UnsupportedClause(alter);
        OptionReader options(context, "APPLICATION", set->options);
        alteration.comment = options.Text("COMMENT");
        application.share_events = options.Bool(kShareEvents).value_or(application.share_events);
        return options.Finish();
      });
}

Outcome DropApplication(StatementContext& context, const syntax::DropObject& drop) {
  STATEMENT_ASSIGN(const ObjectName name, NameOf(context, drop.name, ObjectKind::kApplication));
  StatementOutcome told{.status = fmt::format("{} successfully dropped.", name.name)};
  STATEMENT_TRY(CommitObjects(
      context, [&](Transaction& transaction, const Caller& caller) -> StatementResult<> {
        STATEMENT_ASSIGN(const Authority authority, Authority::Of(transaction, caller));
        const auto head = Resolve(transaction, caller, authority, ObjectKind::kApplication, name,
                                  "DROP APPLICATION", NameUse::kTell);
        if (!head && drop.if_exists && head.error().error.kind == ErrorKind::kNotFound) {
          told.status =
              fmt::format("Drop statement executed successfully ({} already dropped).", name.name);
          return {};
        }
        STATEMENT_TRY(head);
        // Its owner may, and who manages grants ("DROP APPLICATION", usage notes).
        STATEMENT_ASSIGN(const bool manages, authority.ManagesGrants());
        if (!manages) STATEMENT_TRY(authority.Require(*head, kOwnership));
        return RemoveApplication(transaction, caller, *head, drop.behaviour == "CASCADE");
      }));
  return told;
}

}  // namespace tarn::warehouse
