// SPDX-License-Identifier: Apache-2.0
// DROP, UNDROP and COMMENT of any kind.
#include "sql/bind/data_type_name.h"
#include "warehouse/catalogue/drop.h"
#include "warehouse/objects/object_errors.h"
#include "warehouse/session/failures.h"
#include "warehouse/statements/object_statements.h"
#include "warehouse/statements/postgres_instances.h"
#include "warehouse/statements/stages.h"

namespace tarn::warehouse {

namespace syntax = sql::syntax;

StatementResult<std::string> SignatureOf(const std::vector<syntax::DataType>& types) {
  std::vector<Argument> arguments;
  for (const syntax::DataType& type : types) {
    auto resolved = sql::ResolveDataType(type);
    if (!resolved) return std::unexpected(FromSql(std::move(resolved).error()));
    arguments.push_back({.name = {}, .type = *std::move(resolved), .default_sql = {}});
  }
  return SignatureOf(arguments);
}

Outcome Act(StatementContext& context, const syntax::DropObject& drop) {
  if (drop.kind == syntax::ObjectKind::kApplication) return DropApplication(context, drop);
  DropRequest request{.if_exists = drop.if_exists};
  STATEMENT_ASSIGN(const ObjectKind named, RequireKind(drop.kind, "DROP"));
  STATEMENT_ASSIGN(request.name, NameOf(context, drop.name, named));
  STATEMENT_ASSIGN(request.kind, RequireKind(context, drop.kind, "DROP", request.name));
  if (drop.has_signature) {
    STATEMENT_ASSIGN(request.name.signature, SignatureOf(drop.signature));
  }
  std::string instance;
  if (request.kind == ObjectKind::kPostgresInstance) {
    STATEMENT_ASSIGN(instance, PrepareToDropInstance(context, request.name));
    request.if_exists = request.if_exists || !instance.empty();
  }
  if (drop.behaviour == "RESTRICT") request.behaviour = DropBehaviour::kRestrict;
  StatementOutcome told;
  std::optional<ObjectHead> dropped;
  STATEMENT_TRY(CommitObjects(
      context, [&](Transaction& transaction, const Caller& caller) -> StatementResult<> {
        STATEMENT_ASSIGN(DropOutcome outcome, DropObject(transaction, caller, request));
        told.status = instance.empty() ? outcome.status : instance + " successfully dropped.";
        dropped = std::move(outcome.dropped);
        return {};
      }));
  if (dropped && dropped->kind == ObjectKind::kStage) ForgetFilesOfStage(context, dropped->id);
  return told;
}

Outcome Act(StatementContext& context, const syntax::UndropObject& undrop) {
  STATEMENT_ASSIGN(const ObjectKind kind, RequireKind(undrop.kind, "UNDROP"));
  if (kind == ObjectKind::kApplication) return UnsupportedFeature("UNDROP APPLICATION");
  STATEMENT_ASSIGN(const ObjectName name, NameOf(context, undrop.name, kind));
  StatementOutcome told;
  STATEMENT_TRY(CommitObjects(
      context, [&](Transaction& transaction, const Caller& caller) -> StatementResult<> {
        STATEMENT_ASSIGN(told.status, UndropObject(transaction, caller, kind, name));
        return {};
      }));
  return told;
}

Outcome Act(StatementContext& context, const syntax::Comment& comment) {
  STATEMENT_ASSIGN(const ObjectKind named, RequireKind(comment.kind, "COMMENT ON"));
  STATEMENT_ASSIGN(ObjectName name, NameOf(context, comment.name, named));
  STATEMENT_ASSIGN(const ObjectKind kind, RequireKind(context, comment.kind, "COMMENT ON", name));
  if (comment.has_signature) {
    STATEMENT_ASSIGN(name.signature, SignatureOf(comment.signature));
  }
  STATEMENT_TRY(CommitObjects(
      context, [&](Transaction& transaction, const Caller& caller) -> StatementResult<> {
        STATEMENT_TRY(SetComment(transaction, caller, AlterRequestOf(kind, name, comment.if_exists),
                                 comment.text));
        return {};
      }));
  return Executed();
}

}  // namespace tarn::warehouse
