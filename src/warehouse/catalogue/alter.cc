// SPDX-License-Identifier: Apache-2.0
#include "warehouse/catalogue/alter.h"

#include <algorithm>

#include "warehouse/catalogue/definition_checks.h"
#include "warehouse/catalogue/names.h"
#include "warehouse/metastore/new_account.h"
#include "warehouse/metastore/parameters.h"
#include "warehouse/objects/object_errors.h"

namespace tarn::warehouse {
namespace {

constexpr size_t kTagValueMax = 256;

StatementResult<> RequireOneOf(const Authority& authority, const ObjectHead& head,
                               const std::vector<std::string_view>& privileges) {
  for (const std::string_view privilege : privileges) {
    STATEMENT_ASSIGN(const bool has, authority.Has(head, privilege));
    if (has) return {};
  }
  return authority.Require(head, kOwnership);
}

bool IsSystem(const ObjectHead& head) {
  return (head.kind == ObjectKind::kRole && head.owner == ObjectId()) ||
         (head.kind == ObjectKind::kSchema && head.name == kInformationSchema);
}

StatementResult<> Renamed(Result<> updated, const std::string& name) {
  if (!updated && updated.error().kind == ErrorKind::kAlreadyExists) return AlreadyExists(name);
  STATEMENT_TRY(updated);
  return {};
}

}  // namespace

StatementResult<std::optional<ObjectHead>> FindToAlter(Transaction& transaction,
                                                       const Caller& caller,
                                                       const AlterRequest& request) {
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(transaction, caller));
  const std::string action = fmt::format("ALTER {}", FactsOf(request.kind).sql);
  auto head = Resolve(transaction, caller, authority, request.kind, request.name, action);
  if (!head) {
    if (request.if_exists && head.error().error.kind == ErrorKind::kNotFound) return std::nullopt;
    return std::unexpected(std::move(head).error());
  }
  STATEMENT_TRY(RequireOneOf(authority, *head, request.privileges));
  return std::optional(*std::move(head));
}

StatementResult<bool> AlterObject(
    Transaction& transaction, const Caller& caller, const AlterRequest& request,
    const std::function<StatementResult<>(const ObjectHead&, Definition&)>& change) {
  STATEMENT_ASSIGN(const auto head, FindToAlter(transaction, caller, request));
  if (!head) return false;
  STATEMENT_ASSIGN(Definition definition, transaction.DefinitionOf(*head));
  STATEMENT_TRY(change(*head, definition));
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(transaction, caller));
  STATEMENT_TRY(CheckDefinition(transaction, authority, definition));
  STATEMENT_TRY(transaction.Update(head->id, definition));
  return true;
}

StatementResult<bool> OperateObject(
    Transaction& transaction, const Caller& caller, const AlterRequest& request,
    const std::function<StatementResult<>(const ObjectHead&, Definition&)>& change) {
  STATEMENT_ASSIGN(const auto head, FindToAlter(transaction, caller, request));
  if (!head) return false;
  STATEMENT_ASSIGN(Definition definition, transaction.DefinitionOf(*head));
  STATEMENT_TRY(change(*head, definition));
  STATEMENT_TRY(transaction.Update(head->id, definition));
  return true;
}

StatementResult<bool> SetComment(Transaction& transaction, const Caller& caller,
                                 const AlterRequest& request, std::string comment) {
  STATEMENT_ASSIGN(auto head, FindToAlter(transaction, caller, request));
  if (!head) return false;
  head->comment = std::move(comment);
  STATEMENT_TRY(transaction.UpdateHead(*head));
  return true;
}

StatementResult<bool> RenameObject(Transaction& transaction, const Caller& caller,
                                   const AlterRequest& request, const ObjectName& new_name) {
  STATEMENT_ASSIGN(auto head, FindToAlter(transaction, caller, request));
  if (!head) return false;
  if (IsSystem(*head)) return InsufficientPrivileges(head->kind, head->name);
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(transaction, caller));
  // What is not written of the new name is as in the old one.
  ObjectName target = new_name;
  if (!target.schema) target.schema = request.name.schema;
  if (!target.database) target.database = request.name.database;
  const std::string action = fmt::format("ALTER {}", FactsOf(request.kind).sql);
  STATEMENT_ASSIGN(const ObjectId container,
                   ResolveContainer(transaction, caller, authority, request.kind, target, action));
  if (container != head->container) {
    STATEMENT_ASSIGN(const auto place, transaction.FindHead(container));
    STATEMENT_TRY(authority.Require(*place, CreatePrivilege(request.kind)));
  }
  if (head->kind == ObjectKind::kUser) {
    // Users log in by their names.
    STATEMENT_ASSIGN(auto user, transaction.Find<User>(head->id));
    user->login_name = target.name;
    STATEMENT_TRY(transaction.Update(head->id, *user));
  }
  head->container = container;
  head->name = target.name;
  STATEMENT_TRY(Renamed(transaction.UpdateHead(*head), target.Written()));
  return true;
}

StatementResult<> SwapObjects(Transaction& transaction, const Caller& caller, ObjectKind kind,
                              const ObjectName& first, const ObjectName& second) {
  STATEMENT_ASSIGN(auto one, FindToAlter(transaction, caller, {.kind = kind, .name = first}));
  STATEMENT_ASSIGN(auto other, FindToAlter(transaction, caller, {.kind = kind, .name = second}));
  if (IsSystem(*one) || IsSystem(*other)) return InsufficientPrivileges(kind, one->name);
  if (one->id == other->id) return {};
  if (one->is_temporary() != other->is_temporary()) {
    return UnsupportedFeature("SWAP WITH of a temporary table and one that is not");
  }
  std::swap(one->name, other->name);
  std::swap(one->container, other->container);
  // Out of the way for a moment, since names are unique at every step.
  ObjectHead aside = *one;
  aside.dropped_ms = transaction.now_ms();
  STATEMENT_TRY(transaction.UpdateHead(aside));
  STATEMENT_TRY(transaction.UpdateHead(*other));
  STATEMENT_TRY(transaction.UpdateHead(*one));
  return {};
}

StatementResult<bool> SetParameterOf(Transaction& transaction, const Caller& caller,
                                     const AlterRequest& request, std::string_view parameter,
                                     const std::optional<std::string>& value) {
  STATEMENT_ASSIGN(auto head, FindToAlter(transaction, caller, request));
  if (!head) return false;
  STATEMENT_TRY(value ? SetParameter(transaction, head->id, parameter, *value)
                      : UnsetParameter(transaction, head->id, parameter));
  STATEMENT_TRY(transaction.UpdateHead(*head));
  return true;
}

StatementResult<> SetAccountParameter(Transaction& transaction, const Caller& caller,
                                      std::string_view parameter,
                                      const std::optional<std::string>& value) {
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(transaction, caller));
  STATEMENT_ASSIGN(const auto admin, transaction.FindNamed(kAccountId, "role", kAccountAdmin));
  if (!admin || !authority.HasRole(admin->id)) {
    return InsufficientPrivileges(ObjectKind::kAccount, "");
  }
  STATEMENT_TRY(value ? SetParameter(transaction, kAccountId, parameter, *value)
                      : UnsetParameter(transaction, kAccountId, parameter));
  return {};
}

StatementResult<> SetTag(Transaction& transaction, const Caller& caller,
                         const AlterRequest& request, std::string_view column,
                         const ObjectName& tag, const std::optional<std::string>& value) {
  STATEMENT_ASSIGN(const auto head, FindToAlter(transaction, caller, request));
  if (!head) return {};
  STATEMENT_ASSIGN(const Authority authority, Authority::Of(transaction, caller));
  STATEMENT_ASSIGN(const ObjectHead tag_head,
                   Resolve(transaction, caller, authority, ObjectKind::kTag, tag, "ALTER"));
  STATEMENT_TRY(authority.Require(tag_head, kApply));
  if (!value) {
    STATEMENT_TRY(Execute(transaction.connection(),
                          "DELETE FROM tag_assignment WHERE object_id = ? AND column_name = ? AND "
                          "tag_id = ?",
                          head->id, column, tag_head.id));
    return {};
  }
  STATEMENT_ASSIGN(const auto definition, transaction.Find<Tag>(tag_head.id));
  const std::vector<std::string>& allowed = definition->allowed_values;
  const bool fits = allowed.empty() || std::ranges::find(allowed, *value) != allowed.end();
  if (!fits || value->size() > kTagValueMax) {
    return CompilationError(
        "391814", "22023",
        fmt::format("Tag value {} is not allowed for tag '{}'.", *value, tag_head.name));
  }
  STATEMENT_TRY(Execute(transaction.connection(),
                        "INSERT OR REPLACE INTO tag_assignment (object_id, column_name, tag_id, "
                        "value) VALUES (?, ?, ?, ?)",
                        head->id, column, tag_head.id, *value));
  return {};
}

StatementResult<int64_t> TakeSequenceValues(Transaction& transaction, ObjectId sequence,
                                            int64_t count) {
  STATEMENT_ASSIGN(auto definition, transaction.Find<Sequence>(sequence));
  if (!definition) return DoesNotExist(ObjectKind::kSequence, std::to_string(sequence.value()));
  const int64_t first = definition->next_value;
  int64_t span = 0;
  if (__builtin_mul_overflow(count, definition->increment, &span) ||
      __builtin_add_overflow(first, span, &definition->next_value)) {
    return CompilationError("100097", "22003", "Sequence value is out of range.");
  }
  STATEMENT_TRY(Execute(transaction.connection(), "UPDATE sequence SET next_value = ? WHERE id = ?",
                        definition->next_value, sequence));
  return first;
}

}  // namespace tarn::warehouse
