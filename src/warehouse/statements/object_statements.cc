// SPDX-License-Identifier: Apache-2.0
#include "warehouse/statements/object_statements.h"

#include <algorithm>
#include <array>

#include "warehouse/catalogue/names.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/statements/option_reader.h"

namespace tarn::warehouse {
namespace {

namespace syntax = sql::syntax;
using Written = syntax::ObjectKind;

struct KindPair {
  Written written;
  ObjectKind kind;
};

constexpr auto kKindPairs = std::to_array<KindPair>({
    {Written::kAccount, ObjectKind::kAccount},
    {Written::kDatabase, ObjectKind::kDatabase},
    {Written::kSchema, ObjectKind::kSchema},
    {Written::kWarehouse, ObjectKind::kWarehouse},
    {Written::kRole, ObjectKind::kRole},
    {Written::kUser, ObjectKind::kUser},
    {Written::kTable, ObjectKind::kTable},
    {Written::kIcebergTable, ObjectKind::kTable},
    {Written::kView, ObjectKind::kView},
    {Written::kDynamicTable, ObjectKind::kDynamicTable},
    {Written::kDynamicIcebergTable, ObjectKind::kDynamicTable},
    {Written::kSequence, ObjectKind::kSequence},
    {Written::kFileFormat, ObjectKind::kFileFormat},
    {Written::kFunction, ObjectKind::kFunction},
    {Written::kProcedure, ObjectKind::kProcedure},
    {Written::kStage, ObjectKind::kStage},
    {Written::kStream, ObjectKind::kStream},
    {Written::kTask, ObjectKind::kTask},
    {Written::kPostgresInstance, ObjectKind::kPostgresInstance},
    {Written::kNetworkRule, ObjectKind::kNetworkRule},
    {Written::kNetworkPolicy, ObjectKind::kNetworkPolicy},
    {Written::kIntegration, ObjectKind::kStorageIntegration},
    {Written::kStorageIntegration, ObjectKind::kStorageIntegration},
    {Written::kCatalogIntegration, ObjectKind::kCatalogIntegration},
    {Written::kExternalVolume, ObjectKind::kExternalVolume},
    {Written::kTag, ObjectKind::kTag},
    {Written::kApplication, ObjectKind::kApplication},
});

constexpr auto kTemporaryWords = std::to_array<std::string_view>({"TEMPORARY", "VOLATILE"});

bool IsTemporary(const syntax::CreateHead& head) {
  return std::ranges::any_of(kTemporaryWords,
                             [&](std::string_view word) { return HasModifier(head, word); });
}

/// Kinds of which a session may have its own.
bool CanBeTemporary(Written kind) {
  return kind == Written::kTable || kind == Written::kView || kind == Written::kStage ||
         kind == Written::kFileFormat;
}

/// LOCAL and GLOBAL say nothing, but only beside TEMPORARY.
bool SaysTemporary(const syntax::CreateHead& head, std::string_view modifier) {
  if (!IsTemporary(head) || !CanBeTemporary(head.kind)) return false;
  return modifier == "LOCAL" || modifier == "GLOBAL" ||
         std::ranges::find(kTemporaryWords, modifier) != kTemporaryWords.end();
}

}  // namespace

bool HasModifier(const syntax::CreateHead& head, std::string_view modifier) {
  return std::ranges::find(head.modifiers, modifier) != head.modifiers.end();
}

StatementResult<> AllowModifiers(const syntax::CreateHead& head,
                                 std::initializer_list<std::string_view> allowed) {
  for (const std::string& modifier : head.modifiers) {
    if (std::ranges::find(allowed, modifier) != allowed.end()) continue;
    if (SaysTemporary(head, modifier)) continue;
    return UnsupportedFeature(fmt::format("CREATE {} {}", modifier, syntax::ToString(head.kind)));
  }
  if (!IsTemporary(head) || !HasModifier(head, "TRANSIENT")) return {};
  return CompilationError("001003", "42000", "TEMPORARY and TRANSIENT exclude each other");
}

std::optional<ObjectKind> StoredKindOf(Written kind) {
  const auto* const found = std::ranges::find(kKindPairs, kind, &KindPair::written);
  if (found == kKindPairs.end()) return std::nullopt;
  return found->kind;
}

StatementResult<ObjectKind> RequireKind(Written kind, std::string_view verb) {
  const auto stored = StoredKindOf(kind);
  if (stored) return *stored;
  return UnsupportedFeature(fmt::format("{} {}", verb, syntax::ToString(kind)));
}

StatementResult<ObjectKind> RequireKind(const StatementContext& context, Written kind,
                                        std::string_view verb, const ObjectName& name) {
  STATEMENT_ASSIGN(const ObjectKind stored, RequireKind(kind, verb));
  if (kind != Written::kIntegration) return stored;
  STATEMENT_ASSIGN(const auto snapshot, context.account->metastore().Read());
  STATEMENT_ASSIGN(const auto head, snapshot->FindNamed(kAccountId, FamilyOf(stored), name.name));
  return head ? head->kind : stored;
}

StatementResult<ObjectName> NameOf(const StatementContext& context,
                                   const syntax::ObjectName& name) {
  if (name.dynamic) {
    STATEMENT_ASSIGN(const std::string text, ConstantText(context, *name.dynamic));
    auto parsed = ParseObjectName(text);
    if (parsed) return *std::move(parsed);
    return CompilationError("001003", "42000", fmt::format("invalid identifier '{}'", text));
  }
  const bool folds = context.session->Parameter("QUOTED_IDENTIFIERS_IGNORE_CASE") == "true";
  std::vector<std::string> parts;
  for (const syntax::Identifier& part : name.parts) {
    parts.push_back(folds ? syntax::UpperCase(part.text) : part.Canonical());
  }
  if (parts.empty() || parts.size() > 3) {
    return CompilationError("001003", "42000", "a name has one to three parts");
  }
  return ObjectNameOf(parts);
}

StatementResult<ObjectName> NameOf(const StatementContext& context, const syntax::ObjectName& name,
                                   ObjectKind kind) {
  STATEMENT_ASSIGN(ObjectName meant, NameOf(context, name));
  if (kind != ObjectKind::kSchema || !meant.schema) return meant;
  if (meant.database) {
    return CompilationError("001003", "42000", "a schema's name has one or two parts");
  }
  return ObjectName{.database = meant.schema, .schema = std::nullopt, .name = meant.name};
}

StatementResult<CreateRequest> HeadOf(const StatementContext& context,
                                      const syntax::CreateHead& head) {
  CreateRequest request;
  const ObjectKind kind = StoredKindOf(head.kind).value_or(ObjectKind::kTable);
  STATEMENT_ASSIGN(request.name, NameOf(context, head.name, kind));
  if (head.or_replace && head.if_not_exists) {
    return CompilationError("001003", "42000",
                            "options OR REPLACE and IF NOT EXISTS are incompatible");
  }
  if (head.or_replace) request.on_existing = OnExisting::kReplace;
  if (head.or_alter) request.on_existing = OnExisting::kAlter;
  if (head.if_not_exists) request.on_existing = OnExisting::kKeep;
  request.temporary = IsTemporary(head);
  if (request.temporary && !CanBeTemporary(head.kind)) {
    return UnsupportedFeature(fmt::format("CREATE TEMPORARY {}", syntax::ToString(head.kind)));
  }
  return request;
}

StatementResult<> CommitObjects(const StatementContext& context, const ObjectChange& change) {
  return context.account->metastore().Commit([&](Transaction& transaction) -> StatementResult<> {
    STATEMENT_ASSIGN(const Caller caller, CallerOf(transaction, *context.session));
    transaction.ShowTemporaryOf(caller.session);
    return change(transaction, caller);
  });
}

StatementResult<ReadMoment> ReadObjects(const StatementContext& context) {
  ReadMoment moment;
  STATEMENT_ASSIGN(moment.snapshot, context.account->metastore().Read());
  STATEMENT_ASSIGN(moment.caller, CallerOf(*moment.snapshot, *context.session));
  moment.snapshot->ShowTemporaryOf(moment.caller.session);
  return moment;
}

Outcome CreateAndTell(const StatementContext& context, const CreateRequest& request,
                      const AfterCreate& then) {
  StatementOutcome told;
  STATEMENT_TRY(CommitObjects(
      context, [&](Transaction& transaction, const Caller& caller) -> StatementResult<> {
        STATEMENT_ASSIGN(const CreateOutcome outcome, CreateObject(transaction, caller, request));
        told.status = outcome.status;
        if (then && outcome.result != CreateResult::kKept) return then(transaction, outcome);
        return {};
      }));
  return told;
}

AlterRequest AlterRequestOf(ObjectKind kind, const ObjectName& name, bool if_exists) {
  AlterRequest request;
  request.kind = kind;
  request.name = name;
  request.if_exists = if_exists;
  return request;
}

StatementResult<AlterRequest> AlterRequestOf(const StatementContext& context,
                                             const syntax::AlterObject& alter,
                                             const std::string& current) {
  STATEMENT_ASSIGN(const ObjectKind kind, RequireKind(alter.kind, "ALTER"));
  ObjectName name{.name = current};
  if (alter.name) {
    STATEMENT_ASSIGN(name, NameOf(context, *alter.name, kind));
  }
  return AlterRequestOf(kind, name, alter.if_exists);
}

Outcome AlterByActions(const StatementContext& context, const syntax::AlterObject& alter,
                       const AlterRequest& request, const AlterStep& step) {
  std::optional<std::string> comment;
  Options parameters;
  STATEMENT_TRY(CommitObjects(
      context, [&](Transaction& transaction, const Caller& caller) -> StatementResult<> {
        STATEMENT_TRY(AlterObject(
            transaction, caller, request,
            [&](const ObjectHead& head, Definition& definition) -> StatementResult<> {
              Alteration alteration{.transaction = transaction, .caller = caller, .head = head};
              for (const syntax::AlterAction& action : alter.actions) {
                STATEMENT_TRY(step(alteration, definition, action));
              }
              comment = std::move(alteration.comment);
              parameters = std::move(alteration.parameters);
              return {};
            }));
        if (comment) STATEMENT_TRY(SetComment(transaction, caller, request, *comment));
        for (const auto& [key, value] : parameters) {
          STATEMENT_TRY(SetParameterOf(transaction, caller, request, key, value));
        }
        return {};
      }));
  return Executed();
}

StatementFailure UnsupportedClause(const syntax::AlterObject& alter) {
  return UnsupportedFeature(fmt::format("ALTER {} with this clause", syntax::ToString(alter.kind)));
}

}  // namespace tarn::warehouse
